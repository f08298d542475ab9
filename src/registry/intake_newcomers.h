/* The children whom the rows at hand have made.
 *
 * Rows are linked many at once, against the index as it was before the first of them.  What was found for a
 * row still holds unless one of these stands under a blocking key that the row asks for: only then can they
 * be candidates, or make a block too large.  So the keys of each are remembered, and each row's are looked up
 * there. */
#ifndef REGISTRY_INTAKE_NEWCOMERS_H
#define REGISTRY_INTAKE_NEWCOMERS_H

#include "match/match.h"

struct newcomers;

/* At most so many at a time. */
enum { NEWCOMERS_MAX = 256 };

MUST_USE enum fault newcomers_open(struct newcomers **ret_newcomers);
void newcomers_close(struct newcomers *newcomers);

/* The keys that a person asks for, and those under which the same person stands as a newcomer. */
enum { NEWCOMER_ASKED_MAX = 256, NEWCOMER_OWN_MAX = 128 };
struct newcomer_keys {
    uint16_t asked_count;
    uint16_t own_count;
    bool whole; /* false: there are more than fit */
    uint64_t asked[NEWCOMER_ASKED_MAX];
    uint64_t own[NEWCOMER_OWN_MAX];
};

/* Reads nothing that changes: any thread may ask. */
void newcomers_keys(const struct newcomers *newcomers, const struct person *person,
                    struct newcomer_keys *ret_keys);

/* NULL: its keys are not known, so that anybody might meet it. */
void newcomers_add(struct newcomers *newcomers, const struct newcomer_keys *keys);
size_t newcomers_count(const struct newcomers *newcomers);

/* Whether linking that person would come across one of them, or might. */
bool newcomers_meet(const struct newcomers *newcomers, const struct newcomer_keys *keys);

/* Forgets them all. */
void newcomers_forget(struct newcomers *newcomers);

#endif
