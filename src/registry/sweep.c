#include "registry/sweep.h"

#include <stdlib.h>

#include "registry/vector.h"

enum { SERVERS_MAX = 256, LANES_MAX = SERVERS_MAX * 16, SEEN_BYTES_MAX = 32 << 20 };

struct live_server {
    struct id server;
    int64_t left_us;
    bool starting; /* what it needs is not known yet */
    size_t seen_from;
    size_t seen_len;
};

struct known_lane {
    struct id lane;
    struct id server;
    uint64_t changes;
};

/* Who is there, on one snapshot. */
struct roll {
    struct live_server servers[SERVERS_MAX];
    size_t server_count;
    struct known_lane lanes[LANES_MAX];
    size_t lane_count;
    struct buffer seen;
};

static enum fault take_server(struct roll *roll, const struct value *out)
{
    const struct value *seen = &out[GIVE_server_all_seen];
    struct live_server server = {.left_us = out[GIVE_server_all_left_us].number,
                                 .starting = seen->kind == VALUE_NULL,
                                 .seen_from = roll->seen.len};
    if (!id_of_bytes(out[GIVE_server_all_server_id].bytes, &server.server))
        return FAULT_CORRUPT;
    if (!server.starting) {
        server.seen_len = seen->bytes.len;
        buffer_put_bytes(&roll->seen, seen->bytes);
    }
    roll->servers[roll->server_count++] = server;
    return buffer_fault(&roll->seen);
}

static enum fault read_servers(struct db_tx *tx, struct roll *roll)
{
    struct value out[GIVES_server_all];
    struct db_rows *rows = NULL;
    enum fault fault;
    TRY(db_query(tx, SQL_server_all, NULL, &rows));
    while (roll->server_count < SERVERS_MAX && db_next(rows, out))
        TRY(take_server(roll, out));
done:
    fault = db_rows_end(rows, fault);
    return fault;
}

static enum fault read_lanes(struct db_tx *tx, struct roll *roll)
{
    struct value out[GIVES_lane_all];
    struct db_rows *rows = NULL;
    enum fault fault;
    TRY(db_query(tx, SQL_lane_all, NULL, &rows));
    while (roll->lane_count < LANES_MAX && db_next(rows, out)) {
        struct known_lane *lane = &roll->lanes[roll->lane_count++];
        lane->changes = (uint64_t)out[GIVE_lane_all_changes].number;
        if (!id_of_bytes(out[GIVE_lane_all_lane_id].bytes, &lane->lane) ||
            !id_of_bytes(out[GIVE_lane_all_server_id].bytes, &lane->server)) {
            fault = FAULT_CORRUPT;
            goto done;
        }
    }
done:
    fault = db_rows_end(rows, fault);
    return fault;
}

static enum fault call_roll(struct db_tx *tx, void *context)
{
    struct roll *roll = context;
    enum fault fault;
    roll->server_count = roll->lane_count = 0;
    buffer_clear(&roll->seen);
    TRY(read_servers(tx, roll));
    TRY(read_lanes(tx, roll));
done:
    return fault;
}

/* How far a lane's changes are known to all who follow it; 0 where somebody is only starting. */
static uint64_t known_to_all(const struct roll *roll, const struct known_lane *lane)
{
    uint64_t known = lane->changes;
    for (size_t i = 0; i < roll->server_count; i++) {
        const struct live_server *server = &roll->servers[i];
        if (id_equal(server->server, lane->server))
            continue;
        if (server->starting)
            return 0;
        const struct bytes seen = {buffer_bytes(&roll->seen).at + server->seen_from, server->seen_len};
        uint64_t number = vector_seen(seen, lane->lane);
        known = number < known ? number : known;
    }
    return known;
}

static bool is_live(const struct roll *roll, struct id server)
{
    for (size_t i = 0; i < roll->server_count; i++)
        if (id_equal(roll->servers[i].server, server))
            return true;
    return false;
}

struct sweeping {
    const struct lease *clock;
    const struct roll *roll;
    int64_t forgotten;
};

static enum fault forget_changes(struct db_tx *tx, struct sweeping *sweeping, const struct known_lane *lane)
{
    int64_t changed = 0;
    uint64_t known = known_to_all(sweeping->roll, lane);
    const struct value in[] = {[BIND_change_forget_lane_id] = value_id(lane->lane),
                               [BIND_change_forget_number] = value_int((int64_t)known)};
    if (known == 0)
        return FAULT_NONE;
    enum fault fault = db_run(tx, SQL_change_forget, in, &changed);
    sweeping->forgotten += changed;
    return fault;
}

/* A server that ended goes once nothing of its lanes is needed. */
static enum fault forget_server(struct db_tx *tx, struct id server)
{
    const struct value lanes[] = {[BIND_lane_forget_server_id] = value_id(server)};
    const struct value own[] = {[BIND_server_forget_server_id] = value_id(server)};
    enum fault fault;
    TRY(db_run(tx, SQL_lane_forget, lanes, NULL));
    TRY(db_run(tx, SQL_server_forget, own, NULL));
done:
    return fault;
}

static enum fault forget(struct db_tx *tx, void *context)
{
    struct sweeping *sweeping = context;
    const struct roll *roll = sweeping->roll;
    struct id last = {{0}};
    enum fault fault;
    sweeping->forgotten = 0;
    TRY(lease_hold(tx, sweeping->clock));
    for (size_t i = 0; i < roll->lane_count; i++)
        TRY(forget_changes(tx, sweeping, &roll->lanes[i]));
    for (size_t i = 0; i < roll->lane_count; i++) {
        struct id server = roll->lanes[i].server;
        if (!is_live(roll, server) && !id_equal(server, last))
            TRY(forget_server(tx, server));
        last = server;
    }
done:
    return fault;
}

/* Nobody waits for those that are gone, but what they have not seen is kept for them. */
static enum fault end_gone(struct follow *follow, struct db *db, const struct roll *roll, int64_t lease_us,
                           int64_t *ret_ended)
{
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < roll->server_count && follow_is_steady(follow); i++) {
        bool ended = false;
        if (roll->servers[i].left_us > -lease_us)
            continue;
        TRY(follow_end_late(db, roll->servers[i].server, &ended));
        *ret_ended += ended;
    }
done:
    return fault;
}

enum fault sweep_run(struct follow *follow, struct db *db, const struct lease *clock, int64_t lease_us,
                     struct sweep_counts *ret_counts)
{
    struct roll *roll = calloc(1, sizeof *roll);
    struct sweep_counts counts = {0};
    enum fault fault;
    if (roll == NULL)
        return FAULT_MEMORY;
    roll->seen = buffer_open(SEEN_BYTES_MAX);
    struct sweeping sweeping = {clock, roll, 0};
    TRY(db_read(db, call_roll, roll));
    TRY(end_gone(follow, db, roll, lease_us, &counts.ended));
    if (roll->server_count < SERVERS_MAX && roll->lane_count < LANES_MAX)
        TRY(db_write(db, DB_BACKGROUND, forget, &sweeping));
    counts.forgotten = sweeping.forgotten;
    *ret_counts = counts;
done:
    buffer_close(&roll->seen);
    free(roll);
    return fault;
}
