/* A permit for each operation, of a type of its own, so that viewing code cannot be handed a recording
 * permit.
 *
 * Only src/service/ makes permits (tools/check-source enforces it); everybody below takes them by pointer. */
#ifndef POLICY_PERMIT_H
#define POLICY_PERMIT_H

#include "policy/policy.h"

struct permit {
    enum operation operation;
    enum role role;
    struct account_id account; /* zero for an operator's command and for public pages */
    field_mask sight[RECORD_STATES + 1];
};

#define OPERATION(name, door, method, path, subject, reason, effect, strength, event, help)                  \
    struct permit_##name {                                                                                   \
        struct permit permit;                                                                                \
    };                                                                                                       \
    struct permit_##name permit_issue_##name(const struct decision *decision, enum role role,                \
                                             struct account_id account);
#include "policy/operations.def"
#undef OPERATION

#endif
