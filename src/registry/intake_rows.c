/* Planning rows: a handful is linked at once, then each is planned in its turn, as if it had been linked just
 * then. */
#include <stdlib.h>

#include "registry/intake_struct.h"
#include "registry/plan.h"

enum { PENDING_FIRST = 1024, HANDFUL_BYTES = 1024 * 1024, HANDFUL_ARENA_BYTES = 16 * 1024 * 1024 };

static const char *const record_schemes[SOURCES_END][2] = {
#define SOURCE(name, label, body) [SOURCE_##name] = {"record:" #name, "involvement:" #name},
#include "policy/sources.def"
#undef SOURCE
};

enum fault handful_open(struct intake *intake)
{
    struct handful *handful = calloc(1, sizeof *handful);
    enum fault fault;
    if (handful == NULL)
        return FAULT_MEMORY;
    intake->handful = handful;
    size_t asked = intake->house.pace.rows_at_once;
    handful->rows_max = asked == 0 || asked > HANDFUL_ROWS_MAX ? HANDFUL_ROWS_MAX : asked;
    TRY(arena_open(HANDFUL_ARENA_BYTES, &handful->arena));
    TRY(crew_open(intake->house.index, intake->house.pace.threads, &handful->crew));
    TRY(newcomers_open(&handful->newcomers));
done:
    return fault;
}

void handful_close(struct intake *intake)
{
    struct handful *handful = intake->handful;
    if (handful == NULL)
        return;
    crew_close(handful->crew);
    newcomers_close(handful->newcomers);
    arena_close(handful->arena);
    free(handful);
}

/* A sealed step or waiting row goes to the chunk being filled; full chunks are written behind our back. */
enum fault intake_flush(struct intake *intake)
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
    return intake_flush(intake);
}

enum fault intake_step(struct intake *intake, struct plan_step *step)
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

static void add_tagging(struct handful *handful, const char *scheme, struct bytes value)
{
    handful->taggings[handful->tagging_count++] = (struct vault_tagging){.scheme = scheme, .value = value};
}

/* What `intake->clear` holds, kept as long as the handful, under a scheme. */
static enum fault tag_packed(struct intake *intake, const char *scheme)
{
    struct str copy;
    enum fault fault;
    TRY(buffer_fault(&intake->clear));
    TRY(arena_copy(intake->handful->arena, buffer_str(&intake->clear), &copy));
    add_tagging(intake->handful, scheme, bytes_of(copy));
done:
    return fault;
}

/* A row is known by its digest, its record by a tag, and so is the record of the child whom it is about. */
static enum fault ask_tags(struct intake *intake, struct handful_row *held)
{
    const char *const *schemes = record_schemes[intake->header.source];
    const struct bytes record = bytes_of(held->row.at[COLUMN_record]);
    enum fault fault;
    held->tagging = intake->handful->tagging_count;
    buffer_clear(&intake->clear);
    row_pack(&intake->clear, &held->row);
    TRY(tag_packed(intake, "row"));
    add_tagging(intake->handful, schemes[0], record);
    if (held->kind == ROW_CHILD)
        return FAULT_NONE;
    buffer_clear(&intake->clear);
    buffer_put_field(&intake->clear, record);
    buffer_put_field(&intake->clear, bytes_of(held->row.at[COLUMN_involvement]));
    TRY(tag_packed(intake, schemes[1]));
done:
    return fault;
}

static void tag_handful(struct intake *intake)
{
    struct handful *handful = intake->handful;
    vault_tag_many(intake->house.vault, handful->taggings, handful->tagging_count);
    for (size_t i = 0; i < handful->count; i++) {
        struct handful_row *held = &handful->rows[i];
        const struct vault_tagging *of_row = &handful->taggings[held->tagging];
        if (held->problem != ROW_FINE)
            continue;
        held->digest = of_row[0].tag;
        held->child_tag = of_row[1].tag;
        held->tag = of_row[held->kind == ROW_CHILD ? 1 : 2].tag;
    }
    handful->tagging_count = 0;
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
    number_contactpoint_new(intake->house.entropy, step.number);
    TRY(intake_step(intake, &step));
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
    TRY(intake_step(intake, &step));
done:
    return fault;
}

/* A row at hand: where it stands in the file, its record among those of the source, and what is told of it.
 */
struct taking {
    int64_t row_number;
    const struct row *row;
    const struct handful_row *held; /* in the handful */
    struct record *record;
    bool fresh;      /* this source has never named the record */
    int64_t follows; /* the number of the child's record, of an involvement that waits with it */
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
    TRY(intake_step(intake, &step));
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

/* What was found for the handful, where it still holds; otherwise the row is linked anew. */
static enum fault find_outcome(struct intake *intake, const struct taking *taking,
                               const struct match_outcome **ret_outcome)
{
    struct handful *handful = intake->handful;
    const struct person *person = &handful->persons[taking->held->person];
    struct match_outcome *outcome = &handful->outcomes[taking->held->person];
    const struct child_id *apart = NULL;
    size_t apart_count = decisions_apart(intake->decisions, &taking->record->tag, &apart);
    bool stale = !handful->linked || apart_count > 0;
    enum fault fault = FAULT_NONE;
    if (!stale && newcomers_count(handful->newcomers) > 0)
        stale = !handful->some_pending ||
                newcomers_meet(handful->newcomers, &handful->keys[taking->held->person]);
    if (stale)
        TRY(match_link_apart(intake->house.index, person, apart, apart_count, outcome));
    *ret_outcome = outcome;
done:
    return fault;
}

static void note_newcomer(struct handful *handful, size_t person)
{
    if (handful->linked)
        newcomers_add(handful->newcomers, handful->keyed ? &handful->keys[person] : NULL);
}

/* A child's record that stands for nobody yet: who is it? */
static enum fault link_row(struct intake *intake, struct taking *taking)
{
    enum fault fault;
    const struct match_outcome *outcome = NULL;
    TRY(find_outcome(intake, taking, &outcome));
    switch (outcome->kind) {
    case MATCH_SURE:
        TRY(claim_for(intake, taking, outcome->best[0].child));
        intake->counts.updated++;
        break;
    case MATCH_NONE:
        TRY(plan_create(intake, taking->row, &intake->handful->persons[taking->held->person],
                        taking->record));
        note_newcomer(intake->handful, taking->held->person);
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

/* R9.8: whom a closed record was is said of nobody any more. */
static bool stands_for_closed(const struct intake *intake, const struct record *record)
{
    return record->fate == RECORD_KNOWN &&
           match_state(intake->house.index, decisions_survivor(intake->decisions, record->child)) ==
               RECORD_SEALED;
}

/* An involvement stands where its child's record stands. */
static enum fault follow_child(struct intake *intake, struct taking *taking)
{
    enum fault fault = FAULT_NONE;
    const struct record *child = records_find(intake->records, &taking->held->child_tag);
    if (child == NULL) {
        taking->problem = ROW_CHILD_UNKNOWN;
        return quarantine_row(intake, taking->row_number, taking->row, ROW_CHILD_UNKNOWN);
    }
    switch (stands_for_closed(intake, child) ? RECORD_HELD : (enum record_fate)child->fate) {
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
    if (memcmp(known->digest.byte, taking->held->digest.byte, TAG_BYTES) == 0) {
        intake->counts.unchanged++;
        return FAULT_NONE;
    }
    struct claim_id old = known->claim;
    known->digest = taking->held->digest;
    if (known->fate == RECORD_HELD || stands_for_closed(intake, known)) {
        const struct record *child =
            known->kind == ROW_INVOLVEMENT ? records_find(intake->records, &taking->held->child_tag) : NULL;
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
    record->digest = taking->held->digest;
    return record->kind == ROW_CHILD ? link_row(intake, taking) : follow_child(intake, taking);
}

/* One row in its turn. */
static enum fault plan_row(struct intake *intake, const struct handful_row *held,
                           enum row_problem *ret_problem)
{
    enum fault fault;
    *ret_problem = held->problem;
    if (held->problem != ROW_FINE)
        return quarantine_row(intake, held->row_number, &held->row, held->problem);
    struct record fresh = {.kind = (uint8_t)held->kind, .tag = held->tag};
    struct taking taking = {.row_number = held->row_number, .row = &held->row, .held = held};
    taking.record = records_find(intake->records, &fresh.tag);
    if (taking.record != NULL && taking.record->seen) {
        *ret_problem = ROW_DUPLICATE_ROW;
        return quarantine_row(intake, held->row_number, &held->row, ROW_DUPLICATE_ROW);
    }
    taking.fresh = taking.record == NULL;
    if (taking.fresh)
        taking.record = &fresh;
    TRY(take_row(intake, &taking));
    *ret_problem = taking.problem;
done:
    return fault;
}

/* A child's row whose record stands for nobody yet, nor will when its turn comes. */
static bool is_to_be_linked(const struct intake *intake, const struct handful_row *held)
{
    if (held->problem != ROW_FINE || held->kind != ROW_CHILD)
        return false;
    const struct record *known = records_find(intake->records, &held->tag);
    return known == NULL || known->fate == RECORD_WAITS;
}

/* Whether one of them is to be a new child, as far as is known. */
static bool some_are_new(const struct handful *handful, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (handful->outcomes[i].kind == MATCH_NONE)
            return true;
    return false;
}

static enum fault link_handful(struct intake *intake)
{
    struct handful *handful = intake->handful;
    size_t count = 0;
    enum fault fault = FAULT_NONE;
    handful->linked = handful->keyed = false;
    for (size_t i = 0; i < handful->count; i++) {
        struct handful_row *held = &handful->rows[i];
        if (!is_to_be_linked(intake, held))
            continue;
        held->person = count;
        handful->persons[count] = (struct person){0};
        TRY(row_to_person(&held->row, handful->arena, &handful->persons[count]));
        count++;
    }
    handful->some_pending = intake->pending_count > 0;
    if (handful->rows_max == 1)
        return FAULT_NONE;
    TRY(crew_link(handful->crew, handful->persons, count, handful->outcomes));
    handful->linked = true;
    handful->keyed = handful->some_pending && some_are_new(handful, count);
    if (handful->keyed)
        crew_keys(handful->crew, handful->newcomers, handful->persons, count, handful->keys);
done:
    return fault;
}

enum fault intake_rows_end(struct intake *intake)
{
    struct handful *handful = intake->handful;
    enum fault fault;
    tag_handful(intake);
    TRY(link_handful(intake));
    for (size_t i = 0; i < handful->count; i++) {
        enum row_problem problem = ROW_FINE;
        TRY(plan_row(intake, &handful->rows[i], &problem));
        if (problem != ROW_FINE && intake->listener.problem != NULL)
            intake->listener.problem(intake->listener.context, handful->rows[i].row_number, problem);
    }
    newcomers_forget(handful->newcomers);
    handful->count = 0;
    arena_reset(handful->arena);
done:
    return fault;
}

static enum fault copy_row(struct arena *arena, const struct row *row, struct row *copy)
{
    enum fault fault = FAULT_NONE;
    *copy = (struct row){0};
    for (size_t i = 0; i < COLUMNS_END; i++)
        if (row->at[i].len > 0)
            TRY(arena_copy(arena, row->at[i], &copy->at[i]));
done:
    return fault;
}

enum fault intake_row(struct intake *intake, int64_t row_number, const struct row *row,
                      enum row_problem problem)
{
    struct handful *handful = intake->handful;
    struct handful_row *held = &handful->rows[handful->count];
    enum fault fault;
    *held = (struct handful_row){.row_number = row_number,
                                 .problem = problem == ROW_FINE ? row_check(row, intake->today) : problem};
    TRY(copy_row(handful->arena, row, &held->row));
    if (held->problem == ROW_FINE) {
        held->kind = row_kind(row);
        TRY(ask_tags(intake, held));
    }
    handful->count++;
    if (handful->count == handful->rows_max || arena_used_bytes(handful->arena) > HANDFUL_BYTES)
        TRY(intake_rows_end(intake));
done:
    return fault;
}
