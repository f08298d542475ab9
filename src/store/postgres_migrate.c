/* Brings a PostgreSQL schema up to this program's: forward only, each migration whole or not at all, by one
 * server at a time, which holds the lease `migration`. */
#include "store/migrate.h"
#include "store/postgres.h"

#include <string.h>
#include <time.h>

enum { MIGRATION_PAUSE_MS = 50 };

/* An index over a large table takes its time. */
static const int64_t migration_patience_us = 4 * 3600 * 1000000LL;

/* What stands in the schema in which tables are made. */
struct found {
    bool schema;
    bool tables;
    bool ours;
};

static const char look_text[] =
    "SELECT CASE WHEN current_schema() IS NULL THEN 0 ELSE 1 END, count(*),"
    " count(*) FILTER (WHERE pg_class.relname = 'migration')"
    " FROM pg_class JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace"
    " WHERE pg_namespace.nspname = current_schema() AND pg_class.relkind IN ('r', 'p', 'v', 'm', 'f')"
    " AND NOT EXISTS (SELECT FROM pg_depend WHERE pg_depend.classid = 'pg_class'::regclass"
    " AND pg_depend.objid = pg_class.oid AND pg_depend.deptype = 'e')"; /* of an extension */

static enum fault look(struct wire *wire, struct found *ret_found)
{
    PGresult *result = NULL;
    wire->failure = (struct failure){.setback = SETBACK_NONE};
    if (PQsendQueryParams(wire->pq, look_text, 0, NULL, NULL, NULL, NULL, 0) != 1) {
        postgres_lose(wire);
        return postgres_fault(wire);
    }
    postgres_await(wire, AWAIT_ANSWER, SQL_NONE);
    if (!postgres_take_answer(wire, &result))
        return postgres_fault(wire);
    *ret_found = (struct found){.schema = strcmp(PQgetvalue(result, 0, 0), "0") != 0,
                                .tables = strcmp(PQgetvalue(result, 0, 1), "0") != 0,
                                .ours = strcmp(PQgetvalue(result, 0, 2), "0") != 0};
    PQclear(result);
    return FAULT_NONE;
}

static struct value migration_lease(void)
{
    return value_text(STR("migration"));
}

/* One migration, and the lease that it leans on (0: before there are leases). */
struct step {
    const struct sql_migration *migration;
    struct id server;
    int64_t for_us;
    int64_t fence;
    bool passed; /* the lease is another's now */
};

static enum fault hold_lease(struct db_tx *tx, struct step *step)
{
    const struct value in[BINDS_lease_hold] = {
        [BIND_lease_hold_name] = migration_lease(),
        [BIND_lease_hold_holder] = value_id(step->server),
        [BIND_lease_hold_fence] = value_int(step->fence),
        [BIND_lease_hold_for_us] = value_int(step->for_us),
    };
    int64_t changes = 0;
    enum fault fault = db_run(tx, SQL_lease_hold, in, &changes);
    if (fault == FAULT_NONE && changes == 0) {
        step->passed = true;
        return FAULT_CONFLICT;
    }
    return fault;
}

static enum fault apply(struct db_tx *tx, void *context)
{
    struct step *step = context;
    struct wire *wire = ((struct postgres_tx *)tx)->wire;
    enum fault fault;
    if (step->fence > 0)
        TRY(hold_lease(tx, step));
    if (postgres_leave_pipeline(wire)) {
        postgres_run_text(wire, step->migration->postgres, NULL);
        if (!wire->lost)
            postgres_enter_pipeline(wire);
    }
    TRY(postgres_fault(wire));
    TRY(migration_enter(tx, step->migration));
done:
    return fault;
}

static enum fault take_lease(struct db_tx *tx, void *context)
{
    struct step *step = context;
    const struct value in[BINDS_lease_take] = {
        [BIND_lease_take_name] = migration_lease(),
        [BIND_lease_take_holder] = value_id(step->server),
        [BIND_lease_take_for_us] = value_int(step->for_us),
    };
    struct value out[GIVES_lease_take];
    enum fault fault = db_one(tx, SQL_lease_take, in, NULL, out);
    if (fault == FAULT_NONE)
        step->fence = out[GIVE_lease_take_fence].number;
    return fault;
}

static enum fault leave_lease(struct db_tx *tx, void *context)
{
    struct step *step = context;
    const struct value in[BINDS_lease_leave] = {
        [BIND_lease_leave_name] = migration_lease(),
        [BIND_lease_leave_holder] = value_id(step->server),
        [BIND_lease_leave_fence] = value_int(step->fence),
    };
    return db_run(tx, SQL_lease_leave, in, NULL);
}

static enum fault count_applied(struct db_tx *tx, void *context)
{
    return migrations_check(tx, context);
}

/* Applies what is missing while the lease lasts; FAULT_CONFLICT where it has passed to another. */
static enum fault apply_missing(struct wire *wire, struct step *step)
{
    size_t applied = 0;
    enum fault fault;
    TRY(run_plain(wire, count_applied, &applied)); /* again: somebody may have been at it until now */
    for (; applied < sql_migration_count; applied++) {
        step->migration = &sql_migrations[applied];
        TRY(run_plain(wire, apply, step));
    }
done:
    if (!step->passed && wire->pq != NULL) {
        const char *note = fault_last_note();
        if (run_plain(wire, leave_lease, step) != FAULT_NONE && fault == FAULT_NONE)
            return postgres_fault(wire);
        if (fault != FAULT_NONE)
            fault_note(fault, note);
    }
    return fault;
}

static enum fault make_first(struct wire *wire, const struct found *found, bool create)
{
    if (!found->schema)
        return fault_note(FAULT_SCHEMA,
                          "there is no schema in which this user may make tables: check search_path");
    if (found->tables)
        return fault_note(
            FAULT_SCHEMA,
            "another program's tables stand in this schema: check the database's name and search_path");
    if (!create)
        return fault_note(FAULT_ABSENT, "the database is empty: make the tables with init");
    struct step step = {.migration = &sql_migrations[0]};
    return run_plain(wire, apply, &step);
}

/* One attempt; FAULT_CONFLICT where another server is at it. */
static enum fault bring_up(struct wire *wire, bool create)
{
    struct found found = {.schema = false};
    struct step step = {.server = wire->db->base.server, .for_us = wire->db->lease_us};
    size_t applied = 0;
    enum fault fault;
    TRY(look(wire, &found));
    if (!found.ours)
        TRY(make_first(wire, &found, create));
    TRY(run_plain(wire, count_applied, &applied));
    if (applied == sql_migration_count)
        return FAULT_NONE;
    fault = run_plain(wire, take_lease, &step);
    /* Who migrates has the lease's row locked for as long as that takes. */
    const bool taken = fault == FAULT_ABSENT || (fault == FAULT_BUSY && wire->pq != NULL);
    TRY(taken ? FAULT_CONFLICT : fault);
    TRY(apply_missing(wire, &step));
done:
    return fault;
}

static bool was_race(const struct wire *wire, enum fault fault)
{
    return fault == FAULT_CONFLICT || (fault != FAULT_NONE && (wire->failure.setback == SETBACK_RACE ||
                                                               wire->failure.setback == SETBACK_DUPLICATE));
}

static enum fault bring_up_patiently(struct wire *wire, bool create)
{
    const int64_t patience_us = wire->db->patience_us;
    wire->db->patience_us = migration_patience_us; /* nobody else uses it before the database is open */
    enum fault fault = bring_up(wire, create);
    wire->db->patience_us = patience_us;
    return fault;
}

enum fault postgres_migrate(struct wire *wire, bool create, int64_t until_us)
{
    const struct timespec pause = {.tv_nsec = MIGRATION_PAUSE_MS * 1000000L};
    enum fault fault = bring_up_patiently(wire, create);
    while (was_race(wire, fault) && wire->pq != NULL && clock_monotonic_us() < until_us) {
        nanosleep(&pause, NULL);
        fault = bring_up_patiently(wire, create);
    }
    if (was_race(wire, fault))
        return fault_note(FAULT_BUSY, "another server is changing the tables: wait until it is done");
    if (fault == FAULT_STORAGE && wire->failure.setback == SETBACK_DENIED)
        return fault_note(FAULT_REFUSED,
                          "the database user lacks rights: let it own the schema, or grant it CREATE on "
                          "the schema and let it own the tables");
    return fault;
}
