#include "registry/freshness.h"

#include "registry/intake.h"

enum fault freshness_read(struct db_tx *tx, struct arena *arena, struct freshness *ret_freshness)
{
    struct freshness freshness = {0};
    enum fault fault = FAULT_NONE;
    for (int source = 1; source < SOURCES_END; source++) {
        const struct value in[] = {[BIND_batch_newest_source] = value_int(source),
                                   [BIND_batch_newest_state] = value_int(BATCH_APPLIED)};
        struct value out[GIVES_batch_newest];
        fault = db_one(tx, SQL_batch_newest, in, arena, out);
        if (fault == FAULT_ABSENT)
            continue;
        if (fault != FAULT_NONE)
            return fault;
        if (!day_parse(str_of_bytes(out[GIVE_batch_newest_as_of].bytes), &freshness.as_of[source]))
            return FAULT_CORRUPT;
    }
    *ret_freshness = freshness;
    return FAULT_NONE;
}

bool freshness_is_late(const struct freshness *freshness, enum source source, struct day today)
{
    struct day as_of = freshness->as_of[source];
    return as_of.precision == DAY_EXACT && day_number(today) - day_number(as_of) > FRESHNESS_DAYS_MAX;
}
