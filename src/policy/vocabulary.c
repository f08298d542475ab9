/* The words of the tables: names that files and forms carry, labels that people read. */
#include "policy/policy.h"

struct word {
    const char *name;
    const char *label;
    int body;  /* numbers and sources: enum body */
    bool flag; /* reasons: needs a text; services: sensitive */
};

static const struct word roles[ROLES_END] = {
#define ROLE(name, label) [ROLE_##name] = {#name, label, 0, false},
#define MAY(role, operation)
#include "policy/roles.def"
#undef ROLE
#undef MAY
};

static const struct word reasons[REASONS_END] = {
#define REASON(name, label, text) [REASON_##name] = {#name, label, 0, text},
#include "policy/reasons.def"
#undef REASON
};

static const struct word groups[GROUPS_END] = {
#define GROUP(name, help) [GROUP_##name] = {#name, help, 0, false},
#include "policy/fields.def"
#undef GROUP
};

static const struct word numbers[NUMBERS_END] = {
#define NUMBER(name, label, body) [NUMBER_##name] = {#name, label, BODY_##body, false},
#include "policy/numbers.def"
#undef NUMBER
};

static const struct word sources[SOURCES_END] = {
#define SOURCE(name, label, body) [SOURCE_##name] = {#name, label, BODY_##body, false},
#include "policy/sources.def"
#undef SOURCE
};

static const struct word services[SERVICES_END] = {
#define SERVICE(name, label, sensitive) [SERVICE_##name] = {#name, label, 0, sensitive},
#include "policy/services.def"
#undef SERVICE
};

static const struct word capabilities[CAPABILITIES_END] = {
#define CAPABILITY(name, label) [CAPABILITY_##name] = {#name, label, 0, false},
#define NEEDS(operation, capability)
#include "policy/capabilities.def"
#undef CAPABILITY
#undef NEEDS
};

static const struct word viewers[VIEWERS_END] = {
#define VIEWER(name, label) [VIEWER_##name] = {#name, label, 0, false},
#define SEE(viewer, state, group)
#include "policy/disclosure.def"
#undef VIEWER
#undef SEE
};

static const struct word bodies[] = {
    [BODY_OTHER] = {"other", "Other", 0, false},
    [BODY_HEALTH] = {"health", "Health", 0, false},
    [BODY_EDUCATION] = {"education", "Education", 0, false},
    [BODY_BENEFITS] = {"benefits", "Benefits", 0, false},
    [BODY_JUSTICE] = {"justice", "Justice", 0, false},
    [BODY_SOCIAL_CARE] = {"social_care", "Social care", 0, false},
    [BODY_OURS] = {"ours", "ContactPoint", 0, false},
};
enum { BODIES_END = sizeof bodies / sizeof *bodies };

static const struct word *word_of(const struct word *words, int end, int value)
{
    must(value > 0 && value < end);
    return &words[value];
}

/* The value whose name is `name`, or 0. */
static int value_of(const struct word *words, int end, struct str name)
{
    for (int value = 1; value < end; value++)
        if (str_equal(str_of(words[value].name), name))
            return value;
    return 0;
}

const char *policy_role_name(enum role role)
{
    return word_of(roles, ROLES_END, (int)role)->name;
}

const char *policy_role_label(enum role role)
{
    return word_of(roles, ROLES_END, (int)role)->label;
}

enum role policy_role_of(struct str name)
{
    return (enum role)value_of(roles, ROLES_END, name);
}

const char *policy_reason_name(enum reason reason)
{
    return word_of(reasons, REASONS_END, (int)reason)->name;
}

const char *policy_reason_label(enum reason reason)
{
    return word_of(reasons, REASONS_END, (int)reason)->label;
}

bool policy_reason_needs_text(enum reason reason)
{
    return word_of(reasons, REASONS_END, (int)reason)->flag;
}

enum reason policy_reason_of(struct str name)
{
    return (enum reason)value_of(reasons, REASONS_END, name);
}

const char *policy_group_name(enum field_group group)
{
    return word_of(groups, GROUPS_END, (int)group)->name;
}

const char *policy_group_help(enum field_group group)
{
    return word_of(groups, GROUPS_END, (int)group)->label;
}

const char *policy_number_name(enum number_scheme scheme)
{
    return word_of(numbers, NUMBERS_END, (int)scheme)->name;
}

const char *policy_number_label(enum number_scheme scheme)
{
    return word_of(numbers, NUMBERS_END, (int)scheme)->label;
}

enum body policy_number_body(enum number_scheme scheme)
{
    return (enum body)word_of(numbers, NUMBERS_END, (int)scheme)->body;
}

enum number_scheme policy_number_of(struct str name)
{
    return (enum number_scheme)value_of(numbers, NUMBERS_END, name);
}

const char *policy_source_name(enum source source)
{
    return word_of(sources, SOURCES_END, (int)source)->name;
}

const char *policy_source_label(enum source source)
{
    return word_of(sources, SOURCES_END, (int)source)->label;
}

enum body policy_source_body(enum source source)
{
    return (enum body)word_of(sources, SOURCES_END, (int)source)->body;
}

enum source policy_source_of(struct str name)
{
    return (enum source)value_of(sources, SOURCES_END, name);
}

const char *policy_service_name(enum service_kind kind)
{
    return word_of(services, SERVICES_END, (int)kind)->name;
}

const char *policy_service_label(enum service_kind kind)
{
    return word_of(services, SERVICES_END, (int)kind)->label;
}

bool policy_service_sensitive(enum service_kind kind)
{
    return word_of(services, SERVICES_END, (int)kind)->flag;
}

enum service_kind policy_service_of(struct str name)
{
    return (enum service_kind)value_of(services, SERVICES_END, name);
}

const char *policy_body_name(enum body body)
{
    return word_of(bodies, BODIES_END, (int)body)->name;
}

const char *policy_body_label(enum body body)
{
    return word_of(bodies, BODIES_END, (int)body)->label;
}

enum body policy_body_of(struct str name)
{
    return (enum body)value_of(bodies, BODIES_END, name);
}

const char *policy_capability_name(enum capability capability)
{
    return word_of(capabilities, CAPABILITIES_END, (int)capability)->name;
}

const char *policy_capability_label(enum capability capability)
{
    return word_of(capabilities, CAPABILITIES_END, (int)capability)->label;
}

enum capability policy_capability_of(struct str name)
{
    return (enum capability)value_of(capabilities, CAPABILITIES_END, name);
}

const char *policy_viewer_label(enum viewer viewer)
{
    return word_of(viewers, VIEWERS_END, (int)viewer)->label;
}
