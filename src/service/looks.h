/* How much a caller looks (R5.7), on the way through the conductor: asked before a decision, counted in the
 * transaction of the look. */
#ifndef SERVICE_LOOKS_H
#define SERVICE_LOOKS_H

#include "service/inside.h"

/* Whether this request would be one record or search too many; on the request's snapshot. */
MUST_USE enum fault looks_read(struct db_tx *tx, struct conduct *conduct);

/* Counts a record that is opened, inside the transaction of its entry.  FAULT_TOO_MANY where requests at the
 * same instant have used up what was left. */
MUST_USE enum fault looks_count(struct db_tx *tx, struct conduct *conduct, struct child_id child);

/* The same of a search, which its stated reason counts: nothing is written here. */
MUST_USE enum fault looks_check_search(struct db_tx *tx, struct conduct *conduct);

/* Whether what is refused was an id that leads nowhere. */
bool looks_guessed(const struct conduct *conduct, enum refusal refusal);

/* Counts a guess; the one too many locks the account and raises an alarm (case 39).  A db_job; the context is
 * the conduct. */
MUST_USE enum fault looks_count_guess(struct db_tx *tx, void *conduct);

#endif
