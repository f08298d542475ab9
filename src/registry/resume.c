#include "registry/resume.h"

#include "registry/follow_struct.h"
#include "store/lease.h"

enum { LANES_MAX = 4096 };

struct putting {
    struct follow *follow;
    const struct lease *clock;
    struct vector vector;
};

/* Only one's own index has what one's own lanes have changed without following them. */
static enum fault add_own_lanes(struct db_tx *tx, struct putting *putting)
{
    const struct id own = db_server_id(putting->follow->db);
    struct value out[GIVES_lane_all];
    struct db_rows *rows = NULL;
    enum fault fault;
    TRY(db_query(tx, SQL_lane_all, NULL, &rows));
    while (db_next(rows, out)) {
        struct change_mark mark = {.number = (uint64_t)out[GIVE_lane_all_changes].number};
        struct id server;
        if (!id_of_bytes(out[GIVE_lane_all_lane_id].bytes, &mark.lane) ||
            !id_of_bytes(out[GIVE_lane_all_server_id].bytes, &server)) {
            fault = FAULT_CORRUPT;
            goto done;
        }
        if (id_equal(server, own))
            TRY(vector_set(&putting->vector, &mark));
    }
done:
    fault = db_rows_end(rows, fault);
    return fault;
}

static enum fault read_position(struct db_tx *tx, void *context)
{
    struct putting *putting = context;
    struct follow *follow = putting->follow;
    enum fault fault;
    TRY(lease_hold(tx, putting->clock));
    (void)pthread_mutex_lock(&follow->lock);
    fault = vector_copy(&putting->vector, &follow->vector);
    if (fault == FAULT_NONE && (follow->later_count > 0 || follow->counts.broken > 0))
        fault = FAULT_CORRUPT;
    (void)pthread_mutex_unlock(&follow->lock);
    TRY(fault);
    TRY(add_own_lanes(tx, putting));
done:
    return fault;
}

enum fault resume_put(struct follow *follow, struct buffer *position)
{
    struct lease *clock = NULL;
    struct putting putting = {.follow = follow};
    enum fault fault;
    TRY(lease_take(follow->db, LEASE_CLOCK, follow->house.lease_us, &clock));
    putting.clock = clock;
    TRY(db_write(follow->db, DB_FOREGROUND, read_position, &putting));
    const struct lease_mark mark = lease_mark_of(clock);
    buffer_put_bytes(position, id_bytes(&mark.holder));
    buffer_put_u64(position, (uint64_t)mark.fence);
    vector_put(position, &putting.vector);
    fault = buffer_fault(position);
done:
    lease_leave(clock);
    vector_close(&putting.vector);
    return fault;
}

struct resuming {
    struct lease_mark mark;
    struct vector vector;
    bool reachable;
};

static enum fault take_position(struct bytes position, struct resuming *resuming)
{
    struct reader reader = reader_of(position);
    enum fault fault = FAULT_CORRUPT;
    bool right =
        id_of_bytes(reader_take_bytes(&reader, sizeof resuming->mark.holder.byte), &resuming->mark.holder);
    resuming->mark.fence = (int64_t)reader_take_u64(&reader);
    if (!right || !reader.ok || reader.rest.len > (size_t)LANES_MAX * CHANGE_MARK_BYTES)
        goto done;
    while (reader.rest.len > 0) {
        struct change_mark mark;
        if (!change_mark_of_bytes(reader_take_bytes(&reader, CHANGE_MARK_BYTES), &mark)) {
            fault = FAULT_CORRUPT;
            goto done;
        }
        TRY(vector_set(&resuming->vector, &mark));
    }
    fault = FAULT_NONE;
done:
    return fault;
}

/* A lane that has changed less than the index has seen of it is of a database that was put back. */
static enum fault look_at_lanes(struct db_tx *tx, struct resuming *resuming)
{
    struct value out[GIVES_lane_all];
    struct db_rows *rows = NULL;
    enum fault fault;
    TRY(db_query(tx, SQL_lane_all, NULL, &rows));
    while (db_next(rows, out)) {
        struct id lane;
        if (!id_of_bytes(out[GIVE_lane_all_lane_id].bytes, &lane) ||
            vector_get(&resuming->vector, lane) > (uint64_t)out[GIVE_lane_all_changes].number)
            resuming->reachable = false;
    }
done:
    fault = db_rows_end(rows, fault);
    return fault;
}

/* This server stands among the servers already, as one that is starting: who takes the role after this looks
 * at them afterwards, and forgets nothing that it may need. */
static enum fault check_position(struct db_tx *tx, void *context)
{
    struct resuming *resuming = context;
    enum fault fault;
    TRY(lease_was_last(tx, LEASE_CLOCK, &resuming->mark, &resuming->reachable));
    TRY(look_at_lanes(tx, resuming));
done:
    return fault;
}

enum fault resume_from(struct follow *follow, struct bytes position)
{
    struct resuming resuming = {0};
    enum fault fault;
    TRY(take_position(position, &resuming));
    TRY(db_write(follow->db, DB_FOREGROUND, check_position, &resuming));
    if (!resuming.reachable) {
        fault = FAULT_ABSENT;
        goto done;
    }
    (void)pthread_mutex_lock(&follow->lock);
    fault = vector_copy(&follow->vector, &resuming.vector);
    (void)pthread_mutex_unlock(&follow->lock);
done:
    vector_close(&resuming.vector);
    return fault;
}
