/* The children whom the rows at hand have made.
 *
 * Rows are linked many at once, against the index as it was before the first of them.  What was found for a
 * row still holds unless one of these stands under a blocking key that the row asks for: only then can they
 * be candidates, or make a block too large.  So they stand in an index of their own, where each row is looked
 * up: it is as small as the handful is. */
#ifndef REGISTRY_INTAKE_NEWCOMERS_H
#define REGISTRY_INTAKE_NEWCOMERS_H

#include "match/match.h"

struct newcomers;

MUST_USE enum fault newcomers_open(struct newcomers **ret_newcomers);
void newcomers_close(struct newcomers *newcomers);

/* At most NEWCOMERS_MAX: a block of them is never too large to be looked at. */
enum { NEWCOMERS_MAX = 256 };
MUST_USE enum fault newcomers_add(struct newcomers *newcomers, struct child_id child,
                                  const struct person *person);
size_t newcomers_count(const struct newcomers *newcomers);

/* Whether linking this person would come across one of them.  FAULT_MEMORY. */
MUST_USE enum fault newcomers_meet(struct newcomers *newcomers, const struct person *person, bool *ret_meet);

/* Empties it. */
MUST_USE enum fault newcomers_forget(struct newcomers *newcomers);

#endif
