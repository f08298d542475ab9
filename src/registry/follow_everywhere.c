/* Waiting until every server has a change, and ending those that cannot be waited for. */
#include <poll.h>

#include "base/log.h"
#include "base/time.h"
#include "registry/follow_struct.h"

/* A server that stands still in the middle of a transaction is ended when the database ends that. */
enum { ASK_EVERY_MS = 20, PATIENCE_S = 60, LATE_MAX = 64 };

bool follow_is_steady(struct follow *follow)
{
    (void)pthread_mutex_lock(&follow->lock);
    int64_t now_us = clock_monotonic_us();
    bool steady = now_us - follow->renewed_us <= follow->house.lease_us &&
                  now_us - follow->steady_us > follow->house.lease_us;
    (void)pthread_mutex_unlock(&follow->lock);
    return steady;
}

struct end_job {
    struct id server;
    bool ended;
};

/* Once its lanes are ended nothing is under way in them any more, and nothing can begin: every answer needs a
 * commit in one of them. */
static enum fault end_late(struct db_tx *tx, void *context)
{
    struct end_job *job = context;
    const struct value late[] = {[BIND_server_end_late_server_id] = value_id(job->server)};
    const struct value lanes[] = {[BIND_lane_end_of_server_server_id] = value_id(job->server)};
    int64_t changed = 0;
    enum fault fault;
    TRY(db_run(tx, SQL_server_end_late, late, &changed));
    job->ended = changed == 1;
    if (job->ended)
        TRY(db_run(tx, SQL_lane_end_of_server, lanes, NULL));
done:
    return fault;
}

enum fault follow_end_late(struct db *db, struct id server, bool *ret_ended)
{
    struct end_job job = {server, false};
    enum fault fault = db_write(db, DB_FOREGROUND, end_late, &job);
    if (fault != FAULT_NONE)
        return fault;
    *ret_ended = job.ended;
    if (job.ended)
        log_event("server.ended", LOG_ID("server", server));
    return FAULT_NONE;
}

/* Who does not have a change yet. */
struct census {
    struct id own;
    struct change_mark mark;
    size_t waiting; /* servers that do not have it */
    struct id late[LATE_MAX];
    size_t late_count; /* of them, those whose lease has run out */
};

static void count_server(struct census *census, const struct value *out)
{
    struct id server;
    const struct value *seen = &out[GIVE_server_all_seen];
    if (!id_of_bytes(out[GIVE_server_all_server_id].bytes, &server) || id_equal(server, census->own) ||
        seen->kind == VALUE_NULL || vector_seen(seen->bytes, census->mark.lane) >= census->mark.number)
        return;
    census->waiting++;
    if (out[GIVE_server_all_left_us].number <= 0 && census->late_count < LATE_MAX)
        census->late[census->late_count++] = server;
}

static enum fault take_census(struct db_tx *tx, void *context)
{
    struct census *census = context;
    struct value out[GIVES_server_all];
    struct db_rows *rows = NULL;
    enum fault fault;
    census->waiting = census->late_count = 0;
    TRY(db_query(tx, SQL_server_all, NULL, &rows));
    while (db_next(rows, out))
        count_server(census, out);
    fault = db_rows_close(rows);
done:
    return fault;
}

/* One look at all servers: true in *ret_all where every one has it. */
static enum fault look_around(struct follow *follow, struct census *census, bool *ret_all)
{
    enum fault fault;
    TRY(db_read(follow->db, take_census, census));
    *ret_all = census->waiting == 0;
    for (size_t i = 0; i < census->late_count && follow_is_steady(follow); i++) {
        bool ended = false;
        TRY(follow_end_late(follow->db, census->late[i], &ended));
    }
done:
    return fault;
}

enum fault follow_everywhere(struct follow *follow, const struct change_mark *mark)
{
    struct census census = {.own = db_server_id(follow->db), .mark = *mark};
    uint64_t epoch = epoch_next(&follow->epoch);
    int64_t until_us = clock_monotonic_us() + seconds(PATIENCE_S).us;
    bool all = mark->number == 0;
    for (;;) {
        if (!all) {
            enum fault fault = look_around(follow, &census, &all);
            if (fault != FAULT_NONE && fault != FAULT_BUSY)
                return fault;
        }
        if (all && epoch_passed(&follow->epoch, epoch))
            return FAULT_NONE;
        if (clock_monotonic_us() > until_us)
            return fault_note(FAULT_BUSY, "not every server has this yet: ask again until it is confirmed");
        (void)poll(NULL, 0, ASK_EVERY_MS);
    }
}
