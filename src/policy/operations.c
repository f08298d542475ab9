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

static const enum capability needs[OPERATIONS_END] = {
    [OP_NONE] = CAPABILITY_NONE,
#define CAPABILITY(name, label)
#define NEEDS(operation, capability) [OP_##operation] = CAPABILITY_##capability,
#include "policy/capabilities.def"
#undef CAPABILITY
#undef NEEDS
};

static const bool seconds_another[OPERATIONS_END] = {
    [OP_NONE] = false,
#define SECOND(operation) [OP_##operation] = true,
#include "policy/seconds.def"
#undef SECOND
};

static const char *const events[EVENTS_END] = {
    [EVENT_UNRECORDED] = "unrecorded",
#define EVENT(name, text) [EVENT_##name] = text,
#include "policy/events.def"
#undef EVENT
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

enum capability policy_needs(enum operation operation)
{
    must(operation > OP_NONE && operation < OPERATIONS_END);
    return needs[operation];
}

bool policy_takes_second(enum operation operation)
{
    must(operation > OP_NONE && operation < OPERATIONS_END);
    return seconds_another[operation];
}

const char *policy_event_name(enum event event)
{
    must(event < EVENTS_END);
    return events[event];
}
