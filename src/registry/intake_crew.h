/* Linking many rows at once: memory is fetched ahead, and as many threads work as the machine has processors
 * for (linkage.md §4). */
#ifndef REGISTRY_INTAKE_CREW_H
#define REGISTRY_INTAKE_CREW_H

#include "registry/intake_newcomers.h"

/* More would take the machine from those who wait for an answer. */
enum { CREW_THREADS_MAX = 2 };

struct crew;

/* `threads` work, the caller's among them; 0: as many as there are processors, at most CREW_THREADS_MAX.  The
 * index outlives it.  FAULT_MEMORY, FAULT_SYSTEM. */
MUST_USE enum fault crew_open(struct match_index *index, unsigned threads, struct crew **ret_crew);

/* Ends its threads; crew_close(NULL) does nothing. */
void crew_close(struct crew *crew);

/* Links each person as match_link would.  One call at a time, of this and crew_keys.  FAULT_MEMORY. */
MUST_USE enum fault crew_link(struct crew *crew, const struct person *persons, size_t count,
                              struct match_outcome *ret_outcomes);

/* newcomers_keys of each person. */
void crew_keys(struct crew *crew, const struct newcomers *newcomers, const struct person *persons,
               size_t count, struct newcomer_keys *ret_keys);

#endif
