/* Carrying out steps of a plan inside a transaction: whatever they need is read at once, whatever they write
 * is sent at once, and each child is written once however many steps it has. */
#ifndef REGISTRY_CARRY_H
#define REGISTRY_CARRY_H

#include "registry/plan.h"

/* What became of one child; an index change, where the person changed, follows after the commit. */
struct carried {
    struct child_id child;
    enum record_state state;
    uint32_t version;
    bool reindex;
    bool of_family;       /* while it is carried out: its record has taken others in, or was taken in */
    struct person person; /* borrowed from the arena and from the steps */
};

struct carry {
    const struct intake_house *house;
    const struct wrapped_key *feed_key;
    struct arena *arena;           /* of what is carried out; reset by each run */
    const struct plan_step *steps; /* in the order of their children */
    size_t step_count;
    struct carried *carried; /* room for as many as there are steps */
    size_t carried_count;
};

/* Fills `carried`: one for each child.  FAULT_ABSENT where a child is gone; FAULT_CORRUPT, FAULT_KEY. */
MUST_USE enum fault carry_out(struct db_tx *tx, struct carry *carry);

#endif
