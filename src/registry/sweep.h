/* Forgetting what no server needs any more: changes that all have, servers that are gone. */
#ifndef REGISTRY_SWEEP_H
#define REGISTRY_SWEEP_H

#include "registry/follow.h"
#include "store/lease.h"

struct sweep_counts {
    int64_t forgotten; /* changes */
    int64_t ended;     /* servers whose lease had run out for as long as it lasts */
};

/* One round, under LEASE_CLOCK.  FAULT_FENCED where that has passed to another. */
MUST_USE enum fault sweep_run(struct follow *follow, struct db *db, const struct lease *clock,
                              int64_t lease_us, struct sweep_counts *ret_counts);

#endif
