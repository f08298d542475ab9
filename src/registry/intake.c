#include "registry/intake.h"

#include <stdlib.h>

#include "registry/background.h"
#include "registry/child.h"
#include "registry/intake_struct.h"
#include "registry/plan.h"
#include "registry/records.h"
#include "store/house_key.h"

enum { PACKED_BYTES_MAX = 64 * 1024, HEADER_ARENA_BYTES = 256 * 1024 };

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
    TRY(arena_open(HEADER_ARENA_BYTES, &intake->arena));
    TRY(handful_open(intake));
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
    handful_close(intake);
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

void intake_listen(struct intake *intake, const struct intake_listener *listener)
{
    intake->listener = *listener;
}

struct batch_counts intake_counts(const struct intake *intake)
{
    return intake->counts;
}

int64_t intake_planned(const struct intake *intake)
{
    return intake->steps;
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
        TRY(intake_step(intake, &step));
        intake->counts.ended++;
    }
done:
    return fault;
}

enum fault intake_plan(struct intake *intake)
{
    enum fault fault;
    TRY(intake_rows_end(intake));
    if (intake->header.mode == BATCH_FULL)
        TRY(plan_absent(intake));
    TRY(intake_flush(intake));
    TRY(background_wait(intake->background));
done:
    return fault;
}
