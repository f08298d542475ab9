/* decide() written a second time, from docs/rules.md alone, sharing no table with src/policy/. */
#ifndef TESTS_POLICY_REFERENCE_H
#define TESTS_POLICY_REFERENCE_H

#include <string.h>

#include "policy/policy.h"

struct decision reference_decide(const struct facts *facts);

static inline bool decisions_equal(const struct decision *a, const struct decision *b)
{
    return a->operation == b->operation && a->permitted == b->permitted && a->refusal == b->refusal &&
           a->fault == b->fault && memcmp(a->sight, b->sight, sizeof a->sight) == 0;
}

#endif
