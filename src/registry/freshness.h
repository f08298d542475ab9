/* When each source last answered (R1.3, R14.6). */
#ifndef REGISTRY_FRESHNESS_H
#define REGISTRY_FRESHNESS_H

#include "base/arena.h"
#include "base/time.h"
#include "policy/policy.h"
#include "store/db.h"

/* A source that has not answered for longer than this is late.  [cfg] */
enum { FRESHNESS_DAYS_MAX = 40 };

struct freshness {
    struct day as_of[SOURCES_END]; /* unknown: never answered */
};

MUST_USE enum fault freshness_read(struct db_tx *tx, struct arena *arena, struct freshness *ret_freshness);

/* True where the source answered once, but not for FRESHNESS_DAYS_MAX days before `today`. */
bool freshness_is_late(const struct freshness *freshness, enum source source, struct day today);

#endif
