#include "registry/intake.h"

#include <stdlib.h>

#include "registry/background.h"
#include "registry/child.h"
#include "registry/intake_struct.h"
#include "registry/plan.h"
#include "registry/records.h"
#include "store/house_key.h"

enum { PACKED_BYTES_MAX = 64 * 1024, ROW_ARENA_BYTES = 256 * 1024, PENDING_FIRST = 1024 };

static const char *const record_schemes[SOURCES_END][2] = {
#define SOURCE(name, label, body) [SOURCE_##name] = {"record:" #name, "involvement:" #name},
#include "policy/sources.def"
#undef SOURCE
};

struct header_check {
    struct intake *intake;
    enum fault verdict;
};

/* Has this source sent this, or something newer?  Runs on a snapshot. */
static enum fault check_sequence(struct db_tx *tx, void *context)
{
    struct header_check *check = context;
    const struct batch_header *header = &check->intake->header;
    struct arena *arena = check->intake->arena;
    enum fault fault;
    const struct value in[] = {[BIND_batch_get_source] = value_int(header->source),
                               [BIND_batch_get_sequence] = value_int(header->sequence)};
    struct value out[GIVES_batch_get];
    fault = db_one(tx, SQL_batch_get, in, arena, out);
    if (fault == FAULT_NONE) {
        struct bytes digest = out[GIVE_batch_get_digest].bytes;
        bool same = digest.len == sizeof header->digest && memcmp(digest.at, header->digest, digest.len) == 0;
        if (out[GIVE_batch_get_state].number != BATCH_APPLIED)
            check->verdict = fault_note(FAULT_BUSY, "this batch is being loaded already: wait for it to end");
        else if (same)
            check->verdict = FAULT_DUPLICATE;
        else
            check->verdict = fault_note(
                FAULT_CONFLICT, "another batch with this sequence was loaded before: give the next sequence");
        return FAULT_NONE;
    }
    if (fault != FAULT_ABSENT)
        return fault;
    const struct value newest_in[] = {[BIND_batch_newest_source] = value_int(header->source),
                                      [BIND_batch_newest_state] = value_int(BATCH_APPLIED)};
    struct value newest[GIVES_batch_newest];
    fault = db_one(tx, SQL_batch_newest, newest_in, arena, newest);
    int64_t last = fault == FAULT_NONE ? newest[GIVE_batch_newest_sequence].number : 0;
    if (header->sequence <= last)
        check->verdict =
            fault_note(FAULT_CONFLICT, "a newer batch of this source was loaded before: this one is out "
                                       "of order and changes nothing");
    else if (header->mode == BATCH_DELTA && header->sequence != last + 1)
        check->verdict =
            fault_note(FAULT_CONFLICT, "a delta needs the batch before it: load that one first, or send "
                                       "a full batch");
    return fault == FAULT_ABSENT ? FAULT_NONE : fault;
}

/* What the source said before, so that rows can be compared and absence seen. */
static enum fault read_records(struct db_tx *tx, void *context)
{
    struct intake *intake = context;
    struct db_rows *rows = NULL;
    struct value out[GIVES_source_record_all];
    enum fault fault;
    const struct value in[] = {[BIND_source_record_all_source] = value_int(intake->header.source)};
    TRY(db_query(tx, SQL_source_record_all, in, &rows));
    while (db_next(rows, out)) {
        struct record record = {.number = out[GIVE_source_record_all_number].number};
        TRY(record_unseal(intake->house.vault, &intake->feed_key, intake->header.source,
                          out[GIVE_source_record_all_sealed].bytes, &intake->clear, &record));
        TRY(records_add(intake->records, &record));
    }
done:
    fault = db_rows_end(rows, fault);
    return fault;
}

static enum fault insert_batch(struct db_tx *tx, void *context)
{
    struct intake *intake = context;
    const struct batch_header *header = &intake->header;
    struct buffer as_of = buffer_open(32);
    day_put(&as_of, header->as_of);
    const struct value in[] = {[BIND_batch_insert_source] = value_int(header->source),
                               [BIND_batch_insert_sequence] = value_int(header->sequence),
                               [BIND_batch_insert_digest] =
                                   value_bytes((struct bytes){header->digest, sizeof header->digest}),
                               [BIND_batch_insert_mode] = value_int(header->mode),
                               [BIND_batch_insert_state] = value_int(BATCH_PLANNING),
                               [BIND_batch_insert_as_of] = value_text(buffer_str(&as_of)),
                               [BIND_batch_insert_row_count] = value_int(header->rows),
                               [BIND_batch_insert_started_us] = value_int(clock_now(intake->house.clock).us)};
    enum fault fault = buffer_fault(&as_of);
    if (fault == FAULT_NONE)
        fault = db_run(tx, SQL_batch_insert, in, NULL);
    buffer_close(&as_of);
    return fault;
}

static enum fault intake_new(const struct intake_house *house, const struct batch_header *header,
                             struct intake **ret_intake)
{
    struct intake *intake = calloc(1, sizeof *intake);
    enum fault fault;
    if (intake == NULL)
        return FAULT_MEMORY;
    intake->house = *house;
    intake->header = *header;
    intake->clear = buffer_open(PACKED_BYTES_MAX);
    intake->sealed = buffer_open(2 * PACKED_BYTES_MAX);
    intake->today = day_of_instant(clock_now(house->clock));
    TRY(arena_open(ROW_ARENA_BYTES, &intake->arena));
    TRY(records_open(&intake->records));
    TRY(background_open(&intake->house, &intake->background));
    TRY(house_key_get(house->db, house->vault, STR("feed"), &intake->feed_key));
    *ret_intake = intake;
    return FAULT_NONE;
done:
    intake_close(intake);
    return fault;
}

enum fault intake_open(const struct intake_house *house, const struct permit_feed_load *permit,
                       const struct batch_header *header, struct intake **ret_intake)
{
    must(permit->permit.operation == OP_feed_load);
    struct intake *intake = NULL;
    enum fault fault;
    TRY(intake_new(house, header, &intake));
    struct header_check check = {intake, FAULT_NONE};
    TRY(db_read(house->db, check_sequence, &check));
    TRY(check.verdict);
    TRY(db_read(house->db, read_records, intake));
    TRY(decisions_read(house->db, house->vault, &intake->decisions));
    intake->records_before = (int64_t)records_count(intake->records);
    TRY(intake_write(house, DB_FOREGROUND, insert_batch, intake));
    intake->inserted = true;
    *ret_intake = intake;
    return FAULT_NONE;
done:
    intake_close(intake);
    return fault;
}

/* What cannot be undone now is undone, or found to be decided, by whoever has the feed next; whom it made
 * then is read from the store. */
static void undo(struct intake *intake)
{
    struct follow *follow = intake->house.follow;
    for (size_t i = 0; i < intake->pending_count; i++)
        match_remove(intake->house.index, intake->pending[i]);
    if (intake_undo(&intake->house, intake->header.source, intake->header.sequence) == FAULT_NONE)
        return;
    log_event("feed.undo_later", LOG_INT("source", intake->header.source));
    if (follow != NULL && intake->pending_count > 0)
        (void)!follow_refresh(follow, intake->pending, intake->pending_count);
}

void intake_close(struct intake *intake)
{
    if (intake == NULL)
        return;
    background_close(intake->background);
    if (intake->inserted && !intake->decided)
        undo(intake);
    for (size_t i = 0; i < 2; i++)
        plan_chunk_close(&intake->chunks[i]);
    plan_order_close(&intake->order);
    records_close(intake->records);
    decisions_close(intake->decisions);
    buffer_close(&intake->clear);
    buffer_close(&intake->sealed);
    arena_close(intake->arena);
    free(intake->pending);
    free(intake);
}

struct batch_counts intake_counts(const struct intake *intake)
{
    return intake->counts;
}

int64_t intake_planned(const struct intake *intake)
{
    return intake->steps;
}

/* A sealed step or waiting row goes to the chunk being filled; full chunks are written behind our back. */
static enum fault flush(struct intake *intake)
{
    struct plan_chunk *chunk = &intake->chunks[intake->filling];
    if (chunk->count == 0)
        return FAULT_NONE;
    enum fault fault = background_submit(intake->background, plan_chunk_write, chunk);
    if (fault != FAULT_NONE)
        return fault;
    intake->filling ^= 1;
    plan_chunk_clear(&intake->chunks[intake->filling]);
    intake->chunks[intake->filling].source = intake->header.source;
    intake->chunks[intake->filling].sequence = intake->header.sequence;
    return FAULT_NONE;
}

static enum fault keep(struct intake *intake, int64_t row_number, const struct waiting_mark *mark)
{
    struct plan_chunk *chunk = &intake->chunks[intake->filling];
    chunk->source = intake->header.source;
    chunk->sequence = intake->header.sequence;
    enum fault fault = plan_chunk_add(chunk, row_number, mark, buffer_bytes(&intake->sealed));
    if (fault != FAULT_NONE ||
        chunk->count < (db_is_shared(intake->house.db) ? PLAN_CHUNK_ROWS : PLAN_CHUNK_ROWS_ALONE))
        return fault;
    return flush(intake);
}

static enum fault plan_step(struct intake *intake, struct plan_step *step)
{
    const struct waiting_mark none = {0};
    enum fault fault;
    step->source = intake->header.source;
    step->sequence = intake->header.sequence;
    intake->steps++;
    TRY(plan_order_add(&intake->order, step->record.child, intake->steps));
    TRY(plan_seal(intake->house.vault, &intake->feed_key, step, intake->steps, &intake->clear,
                  &intake->sealed));
    TRY(keep(intake, intake->steps, &none));
done:
    return fault;
}

/* R14.2: a row that fails waits, sealed, with a reason that the supplier can act on. */
static enum fault wait_row(struct intake *intake, int64_t row_number, const struct row *row,
                           const struct waiting_mark *mark)
{
    enum fault fault;
    uint8_t at[WAITING_PLACE_BYTES];
    const struct seal_place place =
        waiting_place(intake->header.source, intake->header.sequence, row_number, at);
    buffer_clear(&intake->clear);
    row_pack(&intake->clear, row);
    TRY(buffer_fault(&intake->clear));
    TRY(vault_seal(intake->house.vault, &intake->feed_key, &place, buffer_bytes(&intake->clear),
                   &intake->sealed));
    TRY(keep(intake, row_number, mark));
    switch ((enum waiting_queue)mark->queue) {
    case QUEUE_QUARANTINE:
        intake->counts.quarantined++;
        break;
    case QUEUE_DATA_OFFICER:
        intake->counts.waiting++;
        break;
    case QUEUE_SHIELDING_OFFICER: /* counted as if it were taken */
        break;
    }
done:
    return fault;
}

static enum fault quarantine_row(struct intake *intake, int64_t row_number, const struct row *row,
                                 enum row_problem problem)
{
    const struct waiting_mark mark = {.queue = QUEUE_QUARANTINE, .reason = (uint8_t)problem};
    return wait_row(intake, row_number, row, &mark);
}

static enum fault row_digest(struct intake *intake, const struct row *row, struct tag *ret_digest)
{
    buffer_clear(&intake->clear);
    row_pack(&intake->clear, row);
    enum fault fault = buffer_fault(&intake->clear);
    if (fault == FAULT_NONE)
        *ret_digest = vault_tag(intake->house.vault, "row", buffer_bytes(&intake->clear));
    return fault;
}

static struct tag child_record_tag(struct intake *intake, const struct row *row)
{
    return vault_tag(intake->house.vault, record_schemes[intake->header.source][0],
                     bytes_of(row->at[COLUMN_record]));
}

static enum fault record_tag(struct intake *intake, const struct row *row, enum row_kind kind,
                             struct tag *ret_tag)
{
    if (kind == ROW_CHILD) {
        *ret_tag = child_record_tag(intake, row);
        return FAULT_NONE;
    }
    buffer_clear(&intake->clear);
    buffer_put_field(&intake->clear, bytes_of(row->at[COLUMN_record]));
    buffer_put_field(&intake->clear, bytes_of(row->at[COLUMN_involvement]));
    enum fault fault = buffer_fault(&intake->clear);
    if (fault == FAULT_NONE)
        *ret_tag = vault_tag(intake->house.vault, record_schemes[intake->header.source][1],
                             buffer_bytes(&intake->clear));
    return fault;
}

static enum fault remember_pending(struct intake *intake, struct child_id child)
{
    if (intake->pending_count == intake->pending_room) {
        size_t room = intake->pending_room == 0 ? PENDING_FIRST : 2 * intake->pending_room;
        struct child_id *more = reallocarray(intake->pending, room, sizeof *more);
        if (more == NULL)
            return FAULT_MEMORY;
        intake->pending = more;
        intake->pending_room = room;
    }
    intake->pending[intake->pending_count++] = child;
    return FAULT_NONE;
}

/* R14.3 none: a new child, whom later rows of this batch can already mean, but nobody can find before it is
 * applied. */
static enum fault plan_create(struct intake *intake, const struct row *row, const struct person *person,
                              struct record *record)
{
    enum fault fault;
    struct plan_step step = {.action = PLAN_CREATE, .row = *row};
    record->child.id = id_new(intake->house.entropy);
    record->claim.id = id_new(intake->house.entropy);
    record->fate = RECORD_KNOWN;
    step.record = *record;
    TRY(vault_key_new(intake->house.vault, &step.key));
    number_contactpoint_new(intake->house.entropy, step.number);
    TRY(plan_step(intake, &step));
    TRY(remember_pending(intake, record->child));
    TRY(match_put(intake->house.index, record->child, RECORD_LIVE, 1, true, person));
done:
    return fault;
}

static enum fault plan_claim(struct intake *intake, const struct row *row, struct record *record,
                             struct claim_id old)
{
    enum fault fault;
    struct plan_step step = {.action = PLAN_CLAIM, .row = *row, .old = old};
    record->claim.id = id_new(intake->house.entropy);
    record->fate = RECORD_KNOWN;
    step.record = *record;
    TRY(plan_step(intake, &step));
done:
    return fault;
}

/* A row at hand: where it stands in the file, its record among those of the source, and what is told of it.
 */
struct taking {
    int64_t row_number;
    const struct row *row;
    struct record *record;
    bool fresh;        /* this source has never named the record */
    struct tag digest; /* of the row */
    int64_t follows;   /* the number of the child's record, of an involvement that waits with it */
    enum row_problem problem;
};

/* Before it is planned, for a record may be known to wait, and be linked anew. */
static enum fault remember(struct intake *intake, const struct taking *taking)
{
    return taking->fresh ? records_add(intake->records, taking->record) : FAULT_NONE;
}

/* It stands for no child yet, and is remembered, so that it is known next time. */
static enum fault plan_wait(struct intake *intake, struct taking *taking, enum record_fate fate,
                            enum row_problem problem)
{
    struct record *record = taking->record;
    enum fault fault;
    record->fate = (uint8_t)fate;
    record->child = (struct child_id){{{0}}};
    record->claim = (struct claim_id){{{0}}};
    if (record->number == 0)
        record->number =
            (intake->header.sequence << RECORD_NUMBER_BITS) + RECORD_NUMBERS_WAITING + intake->steps + 1;
    const struct waiting_mark mark = {.queue =
                                          fate == RECORD_HELD ? QUEUE_SHIELDING_OFFICER : QUEUE_DATA_OFFICER,
                                      .reason = (uint8_t)problem,
                                      .record = record->number,
                                      .follows = taking->follows};
    struct plan_step step = {.action = PLAN_HOLD, .record = *record};
    TRY(plan_step(intake, &step));
    TRY(wait_row(intake, taking->row_number, taking->row, &mark));
done:
    return fault;
}

/* R9.6: waits for the shielding officer; its receipts are those of any row. */
static enum fault hold_row(struct intake *intake, struct taking *taking)
{
    enum fault fault;
    TRY(plan_wait(intake, taking, RECORD_HELD, ROW_HELD));
    TRY(remember(intake, taking));
    intake->counts.created++;
done:
    return fault;
}

static enum fault wait_for_officer(struct intake *intake, struct taking *taking, enum row_problem problem)
{
    enum fault fault;
    taking->problem = problem;
    TRY(plan_wait(intake, taking, RECORD_WAITS, problem));
    TRY(remember(intake, taking));
done:
    return fault;
}

static enum fault claim_for(struct intake *intake, const struct taking *taking, struct child_id child)
{
    enum fault fault;
    taking->record->child = child;
    TRY(plan_claim(intake, taking->row, taking->record, (struct claim_id){{{0}}}));
    TRY(remember(intake, taking));
done:
    return fault;
}

/* A child's record that stands for nobody yet: who is it? */
static enum fault link_row(struct intake *intake, struct taking *taking)
{
    enum fault fault;
    struct person person = {0};
    struct match_outcome outcome;
    const struct child_id *apart = NULL;
    size_t apart_count = decisions_apart(intake->decisions, &taking->record->tag, &apart);
    arena_reset(intake->arena);
    TRY(row_to_person(taking->row, intake->arena, &person));
    TRY(match_link_apart(intake->house.index, &person, apart, apart_count, &outcome));
    switch (outcome.kind) {
    case MATCH_SURE:
        TRY(claim_for(intake, taking, outcome.best[0].child));
        intake->counts.updated++;
        break;
    case MATCH_NONE:
        TRY(plan_create(intake, taking->row, &person, taking->record));
        TRY(remember(intake, taking));
        intake->counts.created++;
        break;
    case MATCH_POSSIBLE:
        TRY(wait_for_officer(intake, taking, ROW_POSSIBLE));
        break;
    case MATCH_MANY:
        TRY(wait_for_officer(intake, taking, ROW_MANY));
        break;
    case MATCH_HELD:
        TRY(hold_row(intake, taking));
        break;
    }
done:
    return fault;
}

/* An involvement stands where its child's record stands. */
static enum fault follow_child(struct intake *intake, struct taking *taking)
{
    enum fault fault = FAULT_NONE;
    struct tag child_tag = child_record_tag(intake, taking->row);
    const struct record *child = records_find(intake->records, &child_tag);
    if (child == NULL) {
        taking->problem = ROW_CHILD_UNKNOWN;
        return quarantine_row(intake, taking->row_number, taking->row, ROW_CHILD_UNKNOWN);
    }
    switch ((enum record_fate)child->fate) {
    case RECORD_HELD: /* with its child, and with the same receipt */
        taking->follows = child->number;
        return hold_row(intake, taking);
    case RECORD_WAITS:
        taking->follows = child->number;
        return wait_for_officer(intake, taking, ROW_POSSIBLE);
    case RECORD_KNOWN:
        TRY(claim_for(intake, taking, child->child));
        intake->counts.created++;
        break;
    }
done:
    return fault;
}

/* A record that this source named before and that became a claim, or is held: unchanged, or said anew of the
 * same child (R6.3). */
static enum fault plan_known_record(struct intake *intake, struct taking *taking)
{
    enum fault fault = FAULT_NONE;
    struct record *known = taking->record;
    known->seen = true;
    if (memcmp(known->digest.byte, taking->digest.byte, TAG_BYTES) == 0) {
        intake->counts.unchanged++;
        return FAULT_NONE;
    }
    struct claim_id old = known->claim;
    known->digest = taking->digest;
    if (known->fate == RECORD_HELD) {
        const struct tag child_tag = child_record_tag(intake, taking->row);
        const struct record *child =
            known->kind == ROW_INVOLVEMENT ? records_find(intake->records, &child_tag) : NULL;
        taking->follows = child == NULL ? 0 : child->number;
        TRY(plan_wait(intake, taking, RECORD_HELD, ROW_HELD));
    } else {
        TRY(plan_claim(intake, taking->row, known, old));
    }
    intake->counts.updated++;
done:
    return fault;
}

static enum fault take_row(struct intake *intake, struct taking *taking)
{
    struct record *record = taking->record;
    if (!taking->fresh && record->fate != RECORD_WAITS)
        return plan_known_record(intake, taking);
    record->seen = true;
    record->digest = taking->digest;
    return record->kind == ROW_CHILD ? link_row(intake, taking) : follow_child(intake, taking);
}

enum fault intake_row(struct intake *intake, int64_t row_number, const struct row *row,
                      enum row_problem problem, enum row_problem *ret_problem)
{
    enum fault fault;
    if (problem == ROW_FINE)
        problem = row_check(row, intake->today);
    *ret_problem = problem;
    if (problem != ROW_FINE)
        return quarantine_row(intake, row_number, row, problem);
    enum row_kind kind = row_kind(row);
    struct record fresh = {.kind = (uint8_t)kind};
    struct taking taking = {.row_number = row_number, .row = row};
    TRY(row_digest(intake, row, &taking.digest));
    TRY(record_tag(intake, row, kind, &fresh.tag));
    taking.record = records_find(intake->records, &fresh.tag);
    if (taking.record != NULL && taking.record->seen) {
        *ret_problem = ROW_DUPLICATE_ROW;
        return quarantine_row(intake, row_number, row, ROW_DUPLICATE_ROW);
    }
    taking.fresh = taking.record == NULL;
    if (taking.fresh)
        taking.record = &fresh;
    TRY(take_row(intake, &taking));
    *ret_problem = taking.problem;
done:
    return fault;
}

/* R14.2: in a full batch absence ends what the source said.  R14.5: no more than was announced, or 1 %. */
static enum fault plan_absent(struct intake *intake)
{
    enum fault fault = FAULT_NONE;
    size_t cursor = 0;
    int64_t absent = 0;
    const struct record *record;
    while ((record = records_next(intake->records, &cursor)) != NULL)
        absent += record->number != 0 && !record->seen;
    int64_t allowed = intake->records_before / 100;
    if (allowed < intake->header.removals)
        allowed = intake->header.removals;
    if (absent > allowed)
        return fault_note(FAULT_REFUSED,
                          "the batch would end more records than it announces: check that it is whole, "
                          "or announce the removals in its header");
    cursor = 0;
    while ((record = records_next(intake->records, &cursor)) != NULL) {
        if (record->number == 0 || record->seen)
            continue;
        struct plan_step step = {.action = PLAN_END, .record = *record, .old = record->claim};
        TRY(plan_step(intake, &step));
        intake->counts.ended++;
    }
done:
    return fault;
}

enum fault intake_plan(struct intake *intake)
{
    enum fault fault = FAULT_NONE;
    if (intake->header.mode == BATCH_FULL)
        TRY(plan_absent(intake));
    TRY(flush(intake));
    TRY(background_wait(intake->background));
done:
    return fault;
}
