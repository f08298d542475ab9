/* decide() written a second time, from docs/rules.md alone, sharing no table with src/policy/. */
#ifndef TESTS_POLICY_REFERENCE_H
#define TESTS_POLICY_REFERENCE_H

#include "policy/policy.h"

struct decision reference_decide(const struct facts *facts);

#endif
