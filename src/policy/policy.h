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
};
enum reason_need { REASON_NEED_NONE = 1, REASON_NEED_STATED, REASON_NEED_LIVE };
enum effect { EFFECT_READS = 1, EFFECT_WRITES };

/* How strongly the caller is signed in, weakest first (security.md §3).  LOCAL is an operator at the machine.
 */
enum strength { STRENGTH_PUBLIC = 1, STRENGTH_TOKEN, STRENGTH_KEY, STRENGTH_LOCAL };

enum event {
    EVENT_UNRECORDED = 0,
    EVENT_PASSWORD_OFFERED,
    EVENT_SIGNED_IN,
    EVENT_SIGNED_OUT,
    EVENT_FORM_SHOWN,
    EVENT_CHILD_SOUGHT,
    EVENT_CHILD_LISTED,
    EVENT_REASON_STATED,
    EVENT_CHILD_VIEWED,
    EVENT_CHILD_DETAILS_VIEWED,
    EVENT_INVOLVEMENT_RECORDED,
    EVENT_INVOLVEMENT_ENDED,
    EVENT_OWN_ACCOUNT_VIEWED,
    EVENT_ACCOUNT_CREATED,
    EVENT_ACCOUNT_SUSPENDED,
    EVENT_FEED_LOADED,
    EVENT_VAULT_GIVEN,
    EVENT_CASES_LISTED,
    EVENT_CASE_VIEWED,
    EVENT_CASE_DECIDED,
    EVENT_CHILDREN_MERGED,
    EVENT_CHILD_SPLIT,
    EVENT_DUPLICATES_SOUGHT,
    EVENT_MODEL_TRAINED,
    EVENT_MATCH_EXPLAINED,
    EVENT_REFUSED,
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
enum body policy_body_of(struct str name); /* 0 where unknown */
const char *policy_event_name(enum event event);
bool policy_may(enum role role, enum operation operation);

/* The inputs that an operation declares; *ret_count of them, never NULL where the count is above 0. */
const struct input_row *policy_inputs(enum operation operation, size_t *ret_count);

/* What a caller in `role` sees of a record in `state`: the matrix of rules.md. */
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
};

/* All that a decision may depend on. */
struct facts {
    enum operation operation;
    bool signed_in;
    enum strength strength; /* of this session; STRENGTH_PUBLIC where not signed in */
    enum role role;         /* the role chosen at sign-in */
    bool role_held;         /* the account still holds it */
    bool account_active;
    bool organisation_active;
    bool form_token_valid;   /* true for methods that need none */
    enum reason reason;      /* stated now, or by the live reason */
    bool reason_text_given;  /* at least 10 characters, not one repeated */
    bool reason_live;        /* a stated reason covers this search or record */
    enum record_state state; /* of the one record concerned; 0 where none is concerned */
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
