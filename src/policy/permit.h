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

/* What misuse detection may ask of what staff have declared (R3.8): no operation's, for it is asked about one. */
enum misuse_question { MISUSE_OWN_CHILD = 1 };
struct permit_staff_facts {
    enum misuse_question question;
};
struct permit_staff_facts permit_issue_staff_facts(enum misuse_question question);

#endif
