/* Reading the log again: one's own looks, and the check of everything. */
#include <string.h>

#include "audit/inside.h"

enum { CLEAR_BYTES_CAP = 96 * 1024, ROWS_PER_LOOK_MAX = 20 };

_Static_assert((int)GIVES_audit_entry_all == (int)GIVES_audit_entry_of_actor &&
                   (int)GIVE_audit_entry_all_sealed == (int)GIVE_audit_entry_of_actor_sealed,
               "both statements give the same columns");

/* NULL gives no bytes. */
static struct bytes bytes_or_none(const struct value *value)
{
    return value->kind == VALUE_BYTES ? value->bytes : (struct bytes){NULL, 0};
}

static struct audit_row row_of(const struct value *out)
{
    return (struct audit_row){.incarnation_id = out[GIVE_audit_entry_all_incarnation_id].bytes,
                              .number = out[GIVE_audit_entry_all_number].number,
                              .entry_id = out[GIVE_audit_entry_all_entry_id].bytes,
                              .commitment = out[GIVE_audit_entry_all_commitment].bytes,
                              .child_id = bytes_or_none(&out[GIVE_audit_entry_all_child_id]),
                              .month = out[GIVE_audit_entry_all_month].number,
                              .actor_tag = bytes_or_none(&out[GIVE_audit_entry_all_actor_tag]),
                              .at_us = out[GIVE_audit_entry_all_at_us].number,
                              .sealed = out[GIVE_audit_entry_all_sealed].bytes};
}

/* True for what is wrong with one entry, as against with the database or the machine. */
static bool is_of_entry(enum fault fault)
{
    return fault == FAULT_ABSENT || fault == FAULT_CORRUPT || fault == FAULT_KEY;
}

/* The row's event, its texts copied into the arena.  FAULT_ABSENT for one that is no look at a child. */
static enum fault read_look(struct audit *audit, struct db_tx *tx, const struct audit_row *row,
                            struct arena *arena, struct audit_event *ret_event)
{
    enum fault fault = FAULT_NONE;
    struct buffer clear = buffer_open(CLEAR_BYTES_CAP);
    struct audit_event event;
    struct str copy;
    TRY(audit_row_open(audit, tx, row, &clear));
    TRY(audit_row_verify(audit, row, buffer_bytes(&clear)));
    struct bytes packed = {buffer_bytes(&clear).at + AUDIT_SALT_BYTES, clear.len - AUDIT_SALT_BYTES};
    TRY(audit_event_unpack(packed, &event));
    if (event.operation == OP_NONE || policy_operation(event.operation)->subject != SUBJECT_CHILD)
        TRY(FAULT_ABSENT);
    TRY(arena_copy(arena, str_of_bytes(packed), &copy));
    TRY(audit_event_unpack(bytes_of(copy), ret_event));
done:
    buffer_close(&clear);
    return fault;
}

enum fault audit_own_looks(struct audit *audit, struct db_tx *tx, struct account_id actor, size_t most,
                           struct arena *arena, struct audit_event **ret_events, size_t *ret_count)
{
    enum fault fault = FAULT_NONE;
    struct db_rows *rows = NULL;
    struct value out[GIVES_audit_entry_of_actor];
    struct tag tag = audit_actor_tag(audit, actor);
    size_t count = 0;
    must(most > 0 && most <= AUDIT_LOOKS_MAX);
    const struct value in[] = {
        [BIND_audit_entry_of_actor_actor_tag] = value_bytes((struct bytes){tag.byte, sizeof tag.byte}),
        [BIND_audit_entry_of_actor_most] = value_int((int64_t)most * ROWS_PER_LOOK_MAX),
    };
    struct audit_event *events = arena_take_array(arena, most, sizeof *events);
    if (events == NULL)
        return FAULT_MEMORY;
    TRY(db_query(tx, SQL_audit_entry_of_actor, in, &rows));
    while (count < most && fault == FAULT_NONE && db_next(rows, out)) {
        struct audit_row row = row_of(out);
        fault = read_look(audit, tx, &row, arena, &events[count]);
        if (fault == FAULT_NONE)
            count++;
        else if (is_of_entry(fault))
            fault = FAULT_NONE;
    }
    TRY(db_rows_end(rows, fault));
    *ret_events = events;
    *ret_count = count;
done:
    return fault;
}

struct check_job {
    struct audit *audit;
    uint64_t released[DB_LANES_MAX]; /* asked before the snapshot: what was released by then must be in it */
    struct audit_check check;
    struct id incarnation; /* of the row before */
    int64_t number;
    uint64_t own_highest[DB_LANES_MAX]; /* of the incarnations that run now */
};

/* Entries between the row before and this one that are not there; false where the row's own key is
 * impossible. */
static bool count_gaps(struct check_job *job, const struct audit_row *row)
{
    struct id incarnation;
    if (!id_of_bytes(row->incarnation_id, &incarnation) || row->number <= 0)
        return false;
    if (!id_equal(incarnation, job->incarnation))
        job->number = 0;
    job->check.gaps += (uint64_t)(row->number - job->number - 1);
    job->incarnation = incarnation;
    job->number = row->number;
    for (int lane = 0; lane < db_lanes(job->audit->db); lane++)
        if (id_equal(incarnation, db_lane_id(job->audit->db, lane)))
            job->own_highest[lane] = (uint64_t)row->number;
    return true;
}

/* Counts one row; only what is wrong with the database or the machine is a fault. */
static enum fault check_row(struct check_job *job, struct db_tx *tx, const struct audit_row *row,
                            struct buffer *clear)
{
    job->check.entries++;
    if (!count_gaps(job, row)) {
        job->check.broken++;
        return FAULT_NONE;
    }
    enum fault fault = audit_row_open(job->audit, tx, row, clear);
    if (fault == FAULT_NONE)
        fault = audit_row_verify(job->audit, row, buffer_bytes(clear));
    if (!is_of_entry(fault))
        return fault;
    if (fault == FAULT_ABSENT && row->child_id.len == sizeof(struct id))
        job->check.unreadable++;
    else
        job->check.broken++;
    return FAULT_NONE;
}

static enum fault check_entries(struct db_tx *tx, void *context)
{
    enum fault fault = FAULT_NONE;
    struct check_job *job = context;
    struct db_rows *rows = NULL;
    struct buffer clear = buffer_open(CLEAR_BYTES_CAP);
    struct value out[GIVES_audit_entry_all];
    TRY(db_query(tx, SQL_audit_entry_all, NULL, &rows));
    while (fault == FAULT_NONE && db_next(rows, out)) {
        struct audit_row row = row_of(out);
        fault = check_row(job, tx, &row, &clear);
    }
    TRY(db_rows_end(rows, fault));
    for (int lane = 0; lane < db_lanes(job->audit->db); lane++)
        if (job->own_highest[lane] < job->released[lane])
            job->check.gaps += job->released[lane] - job->own_highest[lane];
done:
    buffer_close(&clear);
    return fault;
}

enum fault audit_check_all(struct audit *audit, struct audit_check *ret_check)
{
    struct check_job job = {.audit = audit};
    for (int lane = 0; lane < db_lanes(audit->db); lane++)
        job.released[lane] = atomic_load(&audit->released[lane]);
    enum fault fault = db_read(audit->db, check_entries, &job);
    if (fault == FAULT_NONE)
        *ret_check = job.check;
    return fault;
}
