/* Whose the numbers of a batch are: gathered while its plan is carried out, written at its end in the order
 * of their keyed hashes, so that one transaction touches few pages of the store.  Doing it again changes
 * nothing. */
#ifndef REGISTRY_OWNERS_H
#define REGISTRY_OWNERS_H

#include "registry/plan.h"

struct owners;

MUST_USE enum fault owners_open(struct owners **ret_owners);
void owners_close(struct owners *owners);

/* The numbers that steps bring. */
MUST_USE enum fault owners_add(struct owners *owners, struct vault *vault, const struct plan_step *steps,
                               size_t count);

/* Those of a whole plan instead, read again: after a crash. */
MUST_USE enum fault owners_read(struct owners *owners, const struct intake_house *house,
                                const struct wrapped_key *feed_key, enum source source, int64_t sequence);

MUST_USE enum fault owners_write(struct owners *owners, const struct intake_house *house);

#endif
