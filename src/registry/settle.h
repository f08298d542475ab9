/* Deciding who a row is that waits (R9.6, R14.3): the same child as one of those it is like, or a different
 * one.
 *
 * Both run inside the transaction of their audit entry, under the feed's lease.  Involvements that wait with
 * the record are settled with it. */
#ifndef REGISTRY_SETTLE_H
#define REGISTRY_SETTLE_H

#include "policy/permit.h"
#include "registry/decision.h"
#include "registry/queue.h"

struct settlement {
    const struct permit_case_decide *permit;
    const struct intake_house *house;
    const struct queue_keys *keys;
    const struct decider *decider;
    struct arena *arena;
    struct waiting_row row;
    bool hidden; /* shielded children may be decided on: the shielding officer's order */
};

/* It is this child: what its source says is said of the child from now on, whose shield stays as it is
 * (R9.5). *ret_child is the record that shows it.  FAULT_ABSENT: there is no such child, or it is hidden from
 * who asks. FAULT_REFUSED with a note: it is sealed (R9.8).  FAULT_CONFLICT with a note: the source has said
 * the record anew meanwhile. */
MUST_USE enum fault settle_same(struct db_tx *tx, struct noting *noting, const struct settlement *settlement,
                                struct child_id child, struct child_id *ret_child);

/* It is none of these: remembered, so that it is never held or proposed because of them again.  The row goes
 * on waiting. */
MUST_USE enum fault settle_apart(struct db_tx *tx, const struct settlement *settlement,
                                 const struct child_id *others, size_t count);

/* It is nobody whom the index has, and none of these, which is remembered: a new child. */
MUST_USE enum fault settle_different(struct db_tx *tx, struct noting *noting,
                                     const struct settlement *settlement, const struct child_id *others,
                                     size_t count, struct child_id *ret_child);

#endif
