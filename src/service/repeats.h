/* Reasons that are pasted again and again (R5.1): how often the same account gave the same words within a
 * day.
 *
 * In this process's memory alone, as keyed hashes; bounded, the words used longest ago are forgotten first.
 * Safe from any thread. */
#ifndef SERVICE_REPEATS_H
#define SERVICE_REPEATS_H

#include "base/time.h"
#include "vault/vault.h"

enum { REPEATS_ALARMING = 20, REPEATS_WITHIN_S = 24 * 3600 };

struct repeats;

/* FAULT_MEMORY. */
MUST_USE enum fault repeats_open(struct repeats **ret_repeats);
void repeats_close(struct repeats *repeats);

/* Counts one more use.  True where it is the twentieth within a day; counting then begins anew. */
bool repeats_count(struct repeats *repeats, const struct tag *words, struct instant now);

#endif
