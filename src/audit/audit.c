/* The life of an incarnation. */
#include "audit/audit.h"

#include <stdlib.h>

#include "audit/inside.h"

struct count_job {
    struct id incarnation;
    uint64_t highest;
    uint64_t count;
};

static enum fault count_entries(struct db_tx *tx, void *context)
{
    enum fault fault = FAULT_NONE;
    struct count_job *job = context;
    struct db_rows *rows = NULL;
    struct value out[GIVES_audit_incarnation_count];
    const struct value in[] = {
        [BIND_audit_incarnation_count_incarnation_id] = value_id(job->incarnation),
        [BIND_audit_incarnation_count_highest] = value_int((int64_t)job->highest),
    };
    TRY(db_query(tx, SQL_audit_incarnation_count, in, &rows));
    if (db_next(rows, out))
        job->count = (uint64_t)out[GIVE_audit_incarnation_count_count].number;
    TRY(db_rows_close(rows));
done:
    return fault;
}

_Static_assert((int)KEEPER_LANES_MAX == (int)DB_LANES_MAX, "the keeper remembers every lane");

/* How many of the last life's entries are gone (security.md §2). */
static enum fault count_missing(struct audit *audit, uint64_t *ret_missing)
{
    enum fault fault = FAULT_NONE;
    struct id incarnations[KEEPER_LANES_MAX];
    uint64_t numbers[KEEPER_LANES_MAX], missing = 0;
    size_t count = vault_keeper_last(audit->vault, incarnations, numbers);
    for (size_t i = 0; i < count; i++) {
        struct count_job job = {.incarnation = incarnations[i], .highest = numbers[i]};
        if (job.highest > INT64_MAX)
            return fault_note(
                FAULT_KEY, "the keeper's state file is broken: verify the audit log, then remove the file");
        if (job.highest > 0)
            TRY(db_read(audit->db, count_entries, &job));
        missing += job.highest - job.count;
    }
    *ret_missing = missing;
done:
    return fault;
}

static enum fault add_incarnations(struct db_tx *tx, void *context)
{
    struct audit *audit = context;
    enum fault fault = FAULT_NONE;
    for (int lane = 0; lane < db_lanes(audit->db); lane++) {
        const struct id incarnation = db_lane_id(audit->db, lane);
        const struct value in[] = {
            [BIND_audit_incarnation_insert_incarnation_id] = value_id(incarnation),
            [BIND_audit_incarnation_insert_started_us] = value_int(clock_now(audit->clock).us),
        };
        TRY(db_run(tx, SQL_audit_incarnation_insert, in, NULL));
    }
done:
    return fault;
}

enum fault audit_open(struct db *db, struct vault *vault, struct clock clock, struct entropy entropy,
                      struct audit **ret_audit, uint64_t *ret_missing)
{
    enum fault fault = FAULT_NONE;
    uint64_t missing = 0;
    struct id incarnations[DB_LANES_MAX];
    struct wrapped_key key;
    struct audit *audit = calloc(1, sizeof *audit);
    if (audit == NULL)
        return FAULT_MEMORY;
    pthread_mutex_init(&audit->lock, NULL);
    audit->db = db;
    audit->vault = vault;
    audit->clock = clock;
    audit->entropy = entropy;
    for (int lane = 0; lane < db_lanes(db); lane++)
        incarnations[lane] = db_lane_id(db, lane);
    TRY(count_missing(audit, &missing));
    TRY(audit_month_key(audit, audit_month_of(clock_now(clock)), &key));
    TRY(db_write(db, DB_FOREGROUND, add_incarnations, audit));
    /* last: a start that fails leaves the keeper's memory for the next one */
    vault_keeper_begin(vault, incarnations, (size_t)db_lanes(db));
    *ret_missing = missing;
    *ret_audit = audit;
    audit = NULL;
done:
    audit_close(audit);
    return fault;
}

void audit_close(struct audit *audit)
{
    if (audit == NULL)
        return;
    pthread_mutex_destroy(&audit->lock);
    free(audit);
}

void audit_released(struct audit *audit, struct audit_place place)
{
    if (place.number == 0)
        return;
    _Atomic uint64_t *released = &audit->released[place.lane];
    uint64_t highest = atomic_load(released);
    vault_keeper_tell(audit->vault, (size_t)place.lane, place.number);
    while (highest < place.number && !atomic_compare_exchange_weak(released, &highest, place.number))
        continue;
}
