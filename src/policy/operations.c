#include "policy/policy.h"

static const struct operation_row operations[OPERATIONS_END] = {
#define OPERATION(name, door, method, path, subject, reason, effect, strength, event, help)                  \
    [OP_##name] = {#name,                                                                                    \
                   DOOR_##door,                                                                              \
                   METHOD_##method,                                                                          \
                   path,                                                                                     \
                   SUBJECT_##subject,                                                                        \
                   REASON_NEED_##reason,                                                                     \
                   EFFECT_##effect,                                                                          \
                   STRENGTH_##strength,                                                                      \
                   EVENT_##event,                                                                            \
                   help},
#include "policy/operations.def"
#undef OPERATION
};

static const struct input_row inputs[] = {
#define INPUT(operation, field, type, bytes_max, required)                                                   \
    {OP_##operation, #field, INPUT_##type, bytes_max, required},
#include "policy/forms.def"
#undef INPUT
};
enum { INPUTS = sizeof inputs / sizeof *inputs };

static const bool may[ROLES_END][OPERATIONS_END] = {
#define ROLE(name, label)
#define MAY(role, operation) [ROLE_##role][OP_##operation] = true,
#include "policy/roles.def"
#undef ROLE
#undef MAY
};

const struct operation_row *policy_operation(enum operation operation)
{
    must(operation > OP_NONE && operation < OPERATIONS_END);
    return &operations[operation];
}

/* The rows of one operation stand together in forms.def; a table test holds them to it. */
const struct input_row *policy_inputs(enum operation operation, size_t *ret_count)
{
    must(operation > OP_NONE && operation < OPERATIONS_END);
    size_t first = 0;
    while (first < INPUTS && inputs[first].operation != operation)
        first++;
    size_t end = first;
    while (end < INPUTS && inputs[end].operation == operation)
        end++;
    *ret_count = end - first;
    return end > first ? &inputs[first] : NULL;
}

bool policy_may(enum role role, enum operation operation)
{
    must(role < ROLES_END);
    must(operation > OP_NONE && operation < OPERATIONS_END);
    return may[role][operation];
}

const char *policy_event_name(enum event event)
{
    must(event < EVENTS_END);
    switch (event) {
    case EVENT_UNRECORDED:
        return "unrecorded";
    case EVENT_PASSWORD_OFFERED:
        return "password_offered";
    case EVENT_SIGNED_IN:
        return "signed_in";
    case EVENT_SIGNED_OUT:
        return "signed_out";
    case EVENT_FORM_SHOWN:
        return "form_shown";
    case EVENT_CHILD_SOUGHT:
        return "child_sought";
    case EVENT_CHILD_LISTED:
        return "child_listed";
    case EVENT_REASON_STATED:
        return "reason_stated";
    case EVENT_CHILD_VIEWED:
        return "child_viewed";
    case EVENT_CHILD_DETAILS_VIEWED:
        return "child_details_viewed";
    case EVENT_INVOLVEMENT_RECORDED:
        return "involvement_recorded";
    case EVENT_INVOLVEMENT_ENDED:
        return "involvement_ended";
    case EVENT_OWN_ACCOUNT_VIEWED:
        return "own_account_viewed";
    case EVENT_ACCOUNT_CREATED:
        return "account_created";
    case EVENT_ACCOUNT_SUSPENDED:
        return "account_suspended";
    case EVENT_FEED_LOADED:
        return "feed_loaded";
    case EVENT_VAULT_GIVEN:
        return "vault_given";
    case EVENT_CASES_LISTED:
        return "cases_listed";
    case EVENT_CASE_VIEWED:
        return "case_viewed";
    case EVENT_CASE_DECIDED:
        return "case_decided";
    case EVENT_CHILDREN_MERGED:
        return "children_merged";
    case EVENT_CHILD_SPLIT:
        return "child_split";
    case EVENT_MATCH_EXPLAINED:
        return "match_explained";
    case EVENT_MODEL_TRAINED:
        return "model_trained";
    case EVENT_DUPLICATES_SOUGHT:
        return "duplicates_sought";
    case EVENT_REFUSED:
        return "refused";
    case EVENTS_END:
        break;
    }
    return NULL;
}
