/* Opening and closing a PostgreSQL database: its connections, its tables, and this process among its servers.
 */
#include "store/postgres.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/random.h"

enum { MACHINE_BYTES_MAX = 300, LEAVING_US_MAX = 2000000 };

static enum fault enter(struct db_tx *tx, void *context)
{
    const struct postgres_db *db = context;
    char host[HOST_NAME_MAX + 1] = "";
    char machine[MACHINE_BYTES_MAX];
    enum fault fault;
    gethostname(host, sizeof host - 1);
    snprintf(machine, sizeof machine, "%s:%ld", host, (long)getpid());
    const struct value in[BINDS_server_insert] = {
        [BIND_server_insert_server_id] = value_id(db->base.server),
        [BIND_server_insert_machine] = value_text(str_of(machine)),
        [BIND_server_insert_for_us] = value_int(db->lease_us),
    };
    TRY(db_run(tx, SQL_server_insert, in, NULL));
    for (int i = 0; i < db->base.lane_count; i++) {
        const struct value lane[BINDS_lane_insert] = {
            [BIND_lane_insert_lane_id] = value_id(db->base.lanes[i]),
            [BIND_lane_insert_server_id] = value_id(db->base.server),
        };
        TRY(db_run(tx, SQL_lane_insert, lane, NULL));
    }
done:
    return fault;
}

static enum fault leave(struct db_tx *tx, void *context)
{
    const struct postgres_db *db = context;
    const struct value server[BINDS_server_end] = {[BIND_server_end_server_id] = value_id(db->base.server)};
    const struct value lanes[BINDS_lane_end_of_server] = {[BIND_lane_end_of_server_server_id] =
                                                              value_id(db->base.server)};
    enum fault fault;
    TRY(db_run(tx, SQL_server_end, server, NULL));
    TRY(db_run(tx, SQL_lane_end_of_server, lanes, NULL));
done:
    return fault;
}

static enum fault open_parts(struct postgres_db *db, bool create)
{
    struct wire *first = &db->wires[0];
    const int64_t until_us = clock_monotonic_us() + db->patience_us;
    enum fault fault;
    TRY(wire_open(first, until_us));
    TRY(postgres_migrate(first, create, until_us));
    TRY(postgres_check(first));
    for (int i = 1; i < db->base.lane_count; i++)
        TRY(wire_open(&db->wires[i], until_us));
    TRY(run_plain(first, enter, db));
    db->entered = true;
    for (int i = 0; i < db->base.lane_count; i++)
        db->wires[i].settled = true; /* its lane is new */
done:
    return fault;
}

static void postgres_close(struct db *base)
{
    struct postgres_db *db = (struct postgres_db *)base;
    pool_close(db);
    /* Best effort: whoever notices that the lease has run out ends this server too. */
    const int64_t until_us = clock_monotonic_us() + LEAVING_US_MAX;
    db->patience_us = db->patience_us < LEAVING_US_MAX ? db->patience_us : LEAVING_US_MAX;
    bool left = !db->entered;
    for (int i = 0; i < db->base.lane_count; i++) {
        if (!left && db->wires[i].pq != NULL && clock_monotonic_us() < until_us)
            left = run_plain(&db->wires[i], leave, db) == FAULT_NONE;
        wire_close(&db->wires[i]);
    }
    target_forget(&db->target);
    free(db->wires);
    free(db);
}

static struct db_counts postgres_counts(struct db *base)
{
    struct pool *pool = &((struct postgres_db *)base)->pool;
    pthread_mutex_lock(&pool->lock);
    struct db_counts counts = pool->counts;
    pthread_mutex_unlock(&pool->lock);
    return counts;
}

const struct db_driver postgres_driver = {
    .close = postgres_close,
    .read = postgres_read,
    .write = postgres_write,
    .run = tx_run,
    .run_many = tx_run_many,
    .one = tx_one,
    .query = rows_open,
    .next = rows_next,
    .rows_close = rows_close,
    .counts = postgres_counts,
};

enum fault postgres_open(const char *uri, const struct db_settings *settings, struct db **ret_db)
{
    const int count = settings->connections == 0 ? DB_CONNECTIONS : settings->connections;
    struct postgres_db *db = calloc(1, sizeof *db);
    struct wire *wires = calloc((size_t)count, sizeof *wires);
    must(count >= 1 && count <= DB_LANES_MAX);
    if (db == NULL || wires == NULL) {
        free(db);
        free(wires);
        return FAULT_MEMORY;
    }
    db->base = (struct db){.driver = &postgres_driver, .shared = true, .lane_count = count};
    db->base.server = id_new(entropy_system());
    db->patience_us = settings->patience_us == 0 ? DB_PATIENCE_S * 1000000LL : settings->patience_us;
    db->lease_us = settings->lease_us == 0 ? DB_LEASE_S * 1000000LL : settings->lease_us;
    db->wires = wires;
    for (int i = 0; i < count; i++) {
        db->base.lanes[i] = id_new(entropy_system());
        wires[i].db = db;
        wires[i].lane = i;
    }
    pool_open(db);
    enum fault fault = target_parse(uri, db->patience_us, &db->target);
    if (fault == FAULT_NONE)
        fault = open_parts(db, settings->create);
    if (fault != FAULT_NONE) {
        const char *note = fault_last_note();
        postgres_close(&db->base);
        return fault_note(fault, note);
    }
    *ret_db = &db->base;
    return FAULT_NONE;
}
