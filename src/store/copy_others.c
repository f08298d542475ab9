/* Who else is at one of the two databases. */
#include <sodium.h>
#include <time.h>

#include "store/copy_rows.h"

enum {
    LEASE_ARENA_BYTES = 16 * 1024,
    POLL_NS = 100 * 1000 * 1000,
    POLL_MORE_US = 1000 * 1000, /* beyond a lease's length, before others are said to be at work */
};

/* Of the servers that the database knows to be alive, our own opening aside, the one that will be so for
 * longest. */
struct neighbour {
    struct db *db;
    struct id id;
    int64_t left_us; /* 0: there is none */
};

static enum fault find_neighbour(struct db_tx *tx, void *context)
{
    struct neighbour *neighbour = context;
    struct value row[GIVES_server_all];
    struct db_rows *rows = NULL;
    enum fault fault;
    neighbour->left_us = 0;
    TRY(db_query(tx, SQL_server_all, NULL, &rows));
    while (db_next(rows, row)) {
        const int64_t left_us = row[GIVE_server_all_left_us].number;
        struct id id;
        if (!id_of_bytes(row[GIVE_server_all_server_id].bytes, &id) ||
            id_equal(id, db_server_id(neighbour->db)) || left_us <= neighbour->left_us)
            continue;
        neighbour->id = id;
        neighbour->left_us = left_us;
    }
done:;
    enum fault ended = db_rows_close(rows);
    return fault == FAULT_NONE ? ended : fault;
}

static void wait_a_moment(const struct copying *copying)
{
    copying->listener->progress(copying->listener->context, COPY_WAITING, "", 0);
    (void)nanosleep(&(struct timespec){.tv_nsec = POLL_NS}, NULL);
}

/* A process that was killed counts as alive until its lease has run out, which is waited for; one that lives
 * renews it. */
enum fault copy_await_silence(const struct copying *copying)
{
    struct neighbour now = {.db = copying->from}, before = {.left_us = INT64_MAX};
    int64_t until_us = clock_monotonic_us() + copying->lease_us + POLL_MORE_US;
    enum fault fault = FAULT_NONE;
    if (!db_is_shared(copying->from))
        return FAULT_NONE; /* its lock file is ours */
    for (;;) {
        TRY(db_read(copying->from, find_neighbour, &now));
        if (now.left_us == 0)
            break;
        bool renewed = id_equal(now.id, before.id) && now.left_us > before.left_us;
        if (renewed || clock_monotonic_us() > until_us)
            TRY(fault_note(
                FAULT_BUSY,
                "a server has this database open: stop every contactpoint serve on it, then copy"));
        before = now;
        wait_a_moment(copying);
    }
done:
    return fault;
}

static bool is_own_lane(const struct db *db, struct bytes lane)
{
    struct id id;
    for (int i = 0; id_of_bytes(lane, &id) && i < db_lanes(db); i++) {
        if (id_equal(id, db_lane_id(db, i)))
            return true;
    }
    return false;
}

struct digesting {
    struct db *db;
    struct copy_digest digest;
};

/* Every transaction that writes counts in its lane's row. */
static enum fault digest_lanes(struct db_tx *tx, void *context)
{
    struct digesting *digesting = context;
    struct value row[GIVES_copy_lanes];
    struct db_rows *rows = NULL;
    crypto_hash_sha256_state hash;
    enum fault fault;
    (void)crypto_hash_sha256_init(&hash);
    TRY(db_query(tx, SQL_copy_lanes, NULL, &rows));
    while (db_next(rows, row)) {
        const struct bytes lane = row[GIVE_copy_lanes_lane_id].bytes;
        const int64_t commits = row[GIVE_copy_lanes_commits].number;
        if (is_own_lane(digesting->db, lane))
            continue;
        (void)crypto_hash_sha256_update(&hash, lane.at, lane.len);
        (void)crypto_hash_sha256_update(&hash, (const uint8_t *)&commits, sizeof commits);
    }
done:;
    enum fault ended = db_rows_close(rows);
    (void)crypto_hash_sha256_final(&hash, digesting->digest.byte);
    return fault == FAULT_NONE ? ended : fault;
}

enum fault copy_digest_lanes(struct db *db, struct copy_digest *ret_digest)
{
    struct digesting digesting = {.db = db};
    enum fault fault = db_read(db, digest_lanes, &digesting);
    if (fault == FAULT_NONE)
        *ret_digest = digesting.digest;
    return fault;
}

static enum fault take_lease(struct db_tx *tx, void *context)
{
    struct copying *copying = context;
    const struct id holder = db_server_id(copying->to);
    struct value out[GIVES_lease_take];
    struct arena *arena = NULL;
    const struct value in[BINDS_lease_take] = {
        [BIND_lease_take_name] = value_text(STR("copy")),
        [BIND_lease_take_holder] = value_id(holder),
        [BIND_lease_take_for_us] = value_int(copying->lease_us),
    };
    enum fault fault;
    TRY(arena_open(LEASE_ARENA_BYTES, &arena));
    TRY(db_one(tx, SQL_lease_take, in, arena, out));
    copying->fence = out[GIVE_lease_take_fence].number;
done:
    arena_close(arena);
    return fault;
}

enum fault copy_take_lease(struct copying *copying)
{
    int64_t until_us = clock_monotonic_us() + copying->lease_us + POLL_MORE_US;
    enum fault fault = FAULT_NONE;
    if (!db_is_shared(copying->to))
        return FAULT_NONE; /* its lock file is the lease */
    while ((fault = db_write(copying->to, DB_FOREGROUND, take_lease, copying)) == FAULT_ABSENT) {
        if (clock_monotonic_us() > until_us)
            return fault_note(FAULT_BUSY,
                              "another contactpoint store copy writes to this database: let it end");
        wait_a_moment(copying);
    }
    return fault;
}

static enum fault leave_lease(struct db_tx *tx, void *context)
{
    const struct copying *copying = context;
    const struct id holder = db_server_id(copying->to);
    const struct value in[BINDS_lease_leave] = {
        [BIND_lease_leave_name] = value_text(STR("copy")),
        [BIND_lease_leave_holder] = value_id(holder),
        [BIND_lease_leave_fence] = value_int(copying->fence),
    };
    return db_run(tx, SQL_lease_leave, in, NULL);
}

enum fault copy_leave_lease(struct copying *copying)
{
    return db_is_shared(copying->to) ? db_write(copying->to, DB_FOREGROUND, leave_lease, copying)
                                     : FAULT_NONE;
}

enum fault copy_hold(struct db_tx *tx, const struct copying *copying)
{
    if (!db_is_shared(copying->to))
        return FAULT_NONE; /* its lock file is the lease */
    const struct id holder = db_server_id(copying->to);
    const struct value in[BINDS_lease_hold] = {
        [BIND_lease_hold_name] = value_text(STR("copy")),
        [BIND_lease_hold_holder] = value_id(holder),
        [BIND_lease_hold_fence] = value_int(copying->fence),
        [BIND_lease_hold_for_us] = value_int(copying->lease_us),
    };
    int64_t held = 0;
    enum fault fault = db_run(tx, SQL_lease_hold, in, &held);
    if (fault == FAULT_NONE && held != 1)
        return fault_note(FAULT_FENCED, "another contactpoint store copy has taken over: let that one end");
    return fault;
}
