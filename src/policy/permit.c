#include "policy/permit.h"

#include <string.h>

static struct permit issue(const struct decision *decision, enum role role, struct account_id account)
{
    struct permit permit = {.operation = decision->operation, .role = role, .account = account};
    memcpy(permit.sight, decision->sight, sizeof permit.sight);
    return permit;
}

#define OPERATION(name, door, method, path, subject, reason, effect, strength, event, help)                  \
    struct permit_##name permit_issue_##name(const struct decision *decision, enum role role,                \
                                             struct account_id account)                                      \
    {                                                                                                        \
        must(decision->permitted && decision->operation == OP_##name);                                       \
        return (struct permit_##name){issue(decision, role, account)};                                       \
    }
#include "policy/operations.def"
#undef OPERATION

struct permit_staff_facts permit_issue_staff_facts(enum misuse_question question)
{
    must(question == MISUSE_OWN_CHILD);
    return (struct permit_staff_facts){question};
}
