/* The facts of a request, gathered before it is decided on: who asks, why, about which record. */
#ifndef SERVICE_GATHER_H
#define SERVICE_GATHER_H

#include "service/inside.h"

/* Who asks, the reason that was stated, the state of the one record concerned: on one snapshot.  A db_job
 * whose context is the conduct. */
MUST_USE enum fault gather_read(struct db_tx *tx, void *context);

/* All that the decision depends on; takes the reason into the conduct too. */
struct facts gather_facts(struct conduct *conduct);

/* R3.5: the caller's organisation is accredited for what that operation needs. */
bool gather_capability_held(enum operation operation, const struct caller *caller);

/* What the form token of a request is bound to: the session, or on the sign-in pages the ticket, or nothing
 * yet. */
struct str gather_token_key(const struct conduct *conduct);

/* Whoever hides a child waits for such requests (architecture.md §6). */
bool gather_looks_at_children(const struct conduct *conduct);

#endif
