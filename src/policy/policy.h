/* What may be done, by whom, why, and what they then see: the tables as enums, and one pure decision (R2,
 * R5.1).
 *
 * decide() knows no clock, database or globals: facts in, decision out.  Lists, searches and single records
 * all use it, so that deciding one and filtering many give the same answer. */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/str.h"
#include "policy/ids.h"

enum operation {
    OP_NONE = 0,
#define OPERATION(name, door, method, path, subject, reason, effect, strength, event, help) OP_##name,
#include "policy/operations.def"
#undef OPERATION
    OPERATIONS_END
};

enum role {
    ROLE_NONE = 0,
#define ROLE(name, label) ROLE_##name,
#define MAY(role, operation)
#include "policy/roles.def"
#undef ROLE
#undef MAY
    ROLES_END
};

/* What an organisation is accredited for (R3.5); a set of them is bits (1 << CAPABILITY_x). */
enum capability {
    CAPABILITY_NONE = 0,
#define CAPABILITY(name, label) CAPABILITY_##name,
#define NEEDS(operation, capability)
#include "policy/capabilities.def"
#undef CAPABILITY
#undef NEEDS
    CAPABILITIES_END
};

enum reason {
    REASON_NONE = 0,
#define REASON(name, label, text) REASON_##name,
#include "policy/reasons.def"
#undef REASON
    REASONS_END
};

enum field_group {
    GROUP_NONE = 0,
#define GROUP(name, help) GROUP_##name,
#include "policy/fields.def"
#undef GROUP
    GROUPS_END
};

/* Who sees, as the columns of the matrix in rules.md have it. */
enum viewer {
    VIEWER_NOBODY = 0,
#define VIEWER(name, label) VIEWER_##name,
#define SEE(viewer, state, group)
#include "policy/disclosure.def"
#undef VIEWER
#undef SEE
    VIEWERS_END
};

/* A set of field groups: bit (1 << GROUP_x). */
typedef uint32_t field_mask;
#define MASK(name) ((field_mask)1 << GROUP_##name)

enum number_scheme {
    NUMBER_NONE = 0,
#define NUMBER(name, label, body) NUMBER_##name,
#include "policy/numbers.def"
#undef NUMBER
    NUMBERS_END
};

enum source {
    SOURCE_NONE = 0, /* not a feed: a practitioner */
#define SOURCE(name, label, body) SOURCE_##name,
#include "policy/sources.def"
#undef SOURCE
    SOURCES_END
};

enum service_kind {
    SERVICE_NONE = 0,
#define SERVICE(name, label, sensitive) SERVICE_##name,
#include "policy/services.def"
#undef SERVICE
    SERVICES_END
};

/* Bodies that give numbers; an organisation belongs to one or to BODY_OTHER. */
enum body {
    BODY_OTHER = 1,
    BODY_HEALTH,
    BODY_EDUCATION,
    BODY_BENEFITS,
    BODY_JUSTICE,
    BODY_SOCIAL_CARE,
    BODY_OURS,
};

enum door { DOOR_WEB = 1, DOOR_CLI, DOOR_INSIDE };
enum method { METHOD_NONE = 1, METHOD_GET, METHOD_POST };
enum subject {
    SUBJECT_NOBODY = 1,
    SUBJECT_CHILD,
    SUBJECT_ACCOUNT,
    SUBJECT_STAFF,
    SUBJECT_FEED,
    SUBJECT_CASE,
    SUBJECT_MATTER,
};
enum reason_need { REASON_NEED_NONE = 1, REASON_NEED_STATED, REASON_NEED_LIVE };
enum effect { EFFECT_READS = 1, EFFECT_WRITES };

/* How strongly the caller is signed in, weakest first (security.md §3).  LOCAL is an operator at the machine.
 */
enum strength { STRENGTH_PUBLIC = 1, STRENGTH_TOKEN, STRENGTH_KEY, STRENGTH_LOCAL };

enum event {
    EVENT_UNRECORDED = 0,
#define EVENT(name, text) EVENT_##name,
#include "policy/events.def"
#undef EVENT
    EVENTS_END
};

enum input_type {
    INPUT_TEXT = 1,
    INPUT_PARAGRAPH,
    INPUT_SECRET,
    INPUT_NAME,
    INPUT_NUMBER,
    INPUT_DIGITS,
    INPUT_CODE,
    INPUT_DATE_PART,
    INPUT_ID,
    INPUT_BLOB,
};

struct operation_row {
    const char *name;
    enum door door;
    enum method method;
    const char *path;
    enum subject subject;
    enum reason_need reason;
    enum effect effect;
    enum strength strength;
    enum event event;
    const char *help;
};

struct input_row {
    enum operation operation;
    const char *field;
    enum input_type type;
    uint32_t bytes_max;
    bool required;
};

/* Rows by enum; must() on a value outside the table. */
const struct operation_row *policy_operation(enum operation operation);
const char *policy_role_name(enum role role);  /* "practitioner" */
const char *policy_role_label(enum role role); /* "Practitioner" */
enum role policy_role_of(struct str name);     /* ROLE_NONE where unknown */
const char *policy_reason_name(enum reason reason);
const char *policy_reason_label(enum reason reason);
bool policy_reason_needs_text(enum reason reason);
enum reason policy_reason_of(struct str name); /* REASON_NONE where unknown */
const char *policy_group_name(enum field_group group);
const char *policy_group_help(enum field_group group);
const char *policy_number_name(enum number_scheme scheme);
const char *policy_number_label(enum number_scheme scheme);
enum body policy_number_body(enum number_scheme scheme);
enum number_scheme policy_number_of(struct str name); /* NUMBER_NONE where unknown */
const char *policy_source_name(enum source source);
const char *policy_source_label(enum source source);
enum body policy_source_body(enum source source);
enum source policy_source_of(struct str name); /* SOURCE_NONE where unknown */
const char *policy_service_name(enum service_kind kind);
const char *policy_service_label(enum service_kind kind);
bool policy_service_sensitive(enum service_kind kind);
enum service_kind policy_service_of(struct str name); /* SERVICE_NONE where unknown */
const char *policy_body_name(enum body body);
const char *policy_body_label(enum body body);
enum body policy_body_of(struct str name); /* 0 where unknown */
const char *policy_event_name(enum event event);
bool policy_may(enum role role, enum operation operation);
const char *policy_capability_name(enum capability capability);  /* "sensitive_service" */
const char *policy_capability_label(enum capability capability); /* "Sensitive service" */
enum capability policy_capability_of(struct str name);           /* CAPABILITY_NONE where unknown */

/* What the caller's organisation must be accredited for to do this; CAPABILITY_NONE where nothing (R3.5). */
enum capability policy_needs(enum operation operation);

/* Whether this is what a second person does, after a first has asked for it (R9.7). */
bool policy_takes_second(enum operation operation);

/* The inputs that an operation declares; *ret_count of them, never NULL where the count is above 0. */
const struct input_row *policy_inputs(enum operation operation, size_t *ret_count);

/* What is seen of a record in `state`: a cell of the matrix in rules.md for each group. */
field_mask policy_sight_of(enum viewer viewer, enum record_state state);
const char *policy_viewer_label(enum viewer viewer);

/* What a caller in `role` sees of any record, hence may search by: without an override and without a case. */
field_mask policy_sight(enum role role, enum record_state state);

enum refusal {
    REFUSAL_NONE = 0,
    REFUSAL_NOT_SIGNED_IN,
    REFUSAL_STRENGTH,       /* a stronger sign-in is needed: step up */
    REFUSAL_ACCOUNT,        /* the account or its organisation may not act now */
    REFUSAL_ROLE,           /* the role may not do this, or is not held */
    REFUSAL_FORM_TOKEN,     /* CSRF token, Origin or Sec-Fetch-Site */
    REFUSAL_REASON,         /* no reason, an unknown one, or its text too thin */
    REFUSAL_NO_LIVE_REASON, /* this record is not covered by a stated reason: ask */
    REFUSAL_RECORD,         /* the record's state hides it altogether */
    REFUSAL_CAPABILITY,     /* the organisation is not accredited for this */
    REFUSAL_LIMIT,          /* more than one may open or look for without a second person's approval */
    REFUSAL_SECOND,         /* the second person is the first */
    REFUSAL_OWN,            /* the child is the caller's own */
    REFUSALS_END
};

/* All that a decision may depend on.  A fact that nobody has filled hides and refuses. */
struct facts {
    enum operation operation;
    bool signed_in;
    enum strength strength;   /* of this session; STRENGTH_PUBLIC where not signed in */
    enum role role;           /* the role chosen at sign-in */
    bool role_held;           /* the account still holds it */
    bool account_active;      /* where mediated, the other's too */
    bool organisation_active; /* likewise */
    bool form_token_valid;    /* true for methods that need none */
    enum reason reason;       /* stated now, or by the live reason */
    bool reason_text_given;   /* at least 10 characters, not one repeated */
    bool reason_live;         /* a stated reason covers this search or record */
    enum record_state state;  /* of the one record concerned; 0 where none is concerned */
    bool demonstration;       /* the instance is one: TOKEN is taken where KEY is asked for */
    bool capability_held;     /* the organisation is accredited for what policy_needs() names */
    bool sensitive_held;  /* the organisation is accredited for sensitive services: its own are seen (R8.3) */
    bool case_held;       /* a matter of this officer's concerns the record, and it is their authority's */
    bool overriding;      /* this session has overridden the record's shield, and that still lasts (R10) */
    bool limit_reached;   /* this would be one record or search too many, and nobody has approved it (R5.7) */
    bool second_given;    /* somebody else asked for what this caller now confirms */
    bool own_child;       /* a child of the caller's own, where such looks are refused */
    bool mediated;        /* the caller looks for another user, who signed in beside them (R4.1) */
    enum role other_role; /* that user's, where mediated */
};

struct decision {
    enum operation operation;
    bool permitted;
    enum refusal refusal;
    enum fault fault;                    /* what the door answers; FAULT_NONE where permitted */
    field_mask sight[RECORD_STATES + 1]; /* by record_state: what may be seen and searched by */
};

struct decision decide(const struct facts *facts);

#endif
