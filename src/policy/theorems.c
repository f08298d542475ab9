/* What the tables may never say, held at compile time: a row that breaks a theorem does not build. */
#include "policy/policy.h"

/* Each column as a constant of its own, for the theorems about MAY. */
enum {
#define OPERATION(name, door, method, path, subject, reason, effect, strength, event, help)                  \
    SUBJECT_OF_##name = SUBJECT_##subject, STRENGTH_OF_##name = STRENGTH_##strength,                         \
    DOOR_OF_##name = DOOR_##door, METHOD_OF_##name = METHOD_##method,
#include "policy/operations.def"
#undef OPERATION
};

#define OPERATION(name, door, method, path, subject, reason, effect, strength, event, help)                  \
    _Static_assert(SUBJECT_##subject != SUBJECT_CHILD || REASON_NEED_##reason != REASON_NEED_NONE,           \
                   #name ": an operation on a child needs a reason (R5.1)");                                 \
    _Static_assert(SUBJECT_##subject != SUBJECT_CHILD || STRENGTH_##strength != STRENGTH_PUBLIC,             \
                   #name ": an operation on a child is never public (R3.2)");                                \
    _Static_assert(METHOD_##method != METHOD_GET || EFFECT_##effect != EFFECT_WRITES,                        \
                   #name ": GET never writes");                                                              \
    _Static_assert(EVENT_##event != EVENT_UNRECORDED ||                                                      \
                       (STRENGTH_##strength == STRENGTH_PUBLIC && METHOD_##method == METHOD_GET),            \
                   #name ": only a public page is unrecorded (R17.1)");                                      \
    _Static_assert(EVENT_##event != EVENT_REFUSED, #name ": a refusal is no operation's own event");         \
    _Static_assert((DOOR_##door == DOOR_WEB) == (METHOD_##method != METHOD_NONE),                            \
                   #name ": the web has GET or POST, nothing else has");                                     \
    _Static_assert(SUBJECT_##subject != SUBJECT_CASE || STRENGTH_##strength == STRENGTH_KEY ||               \
                       STRENGTH_##strength == STRENGTH_LOCAL,                                                \
                   #name ": who is whom is decided with a security key (R2)");                               \
    _Static_assert(SUBJECT_##subject != SUBJECT_MATTER || STRENGTH_##strength == STRENGTH_KEY,               \
                   #name ": matters are worked with a security key (R2)");                                   \
    _Static_assert(STRENGTH_##strength != STRENGTH_LOCAL || DOOR_##door == DOOR_CLI,                         \
                   #name ": only the command line is local");                                                \
    _Static_assert(DOOR_##door != DOOR_CLI || SUBJECT_##subject != SUBJECT_CHILD,                            \
                   #name ": no child is shown on a command line (R4.2)");                                    \
    _Static_assert(REASON_NEED_##reason != REASON_NEED_STATED || METHOD_##method == METHOD_POST,             \
                   #name ": a reason is stated in a form, never in an address");                             \
    _Static_assert(sizeof(path) > 1 && sizeof(help) > 1, #name ": every operation has a path and help");
#include "policy/operations.def"
#undef OPERATION

/* R2: the management team works on cases of its own alone. */
#define IS_MANAGEMENT(role)                                                                                  \
    (ROLE_##role == ROLE_user_manager || ROLE_##role == ROLE_shielding_officer ||                            \
     ROLE_##role == ROLE_data_officer || ROLE_##role == ROLE_rights_officer ||                               \
     ROLE_##role == ROLE_audit_reviewer || ROLE_##role == ROLE_national_administrator)

/* An authority's management team, and user managers: they alone work on matters. */
#define IS_TEAM(role) (IS_MANAGEMENT(role) && ROLE_##role != ROLE_national_administrator)

#define ROLE(name, label)
#define MAY(role, operation)                                                                                 \
    _Static_assert(!IS_MANAGEMENT(role) || SUBJECT_OF_##operation != (int)SUBJECT_CHILD,                     \
                   #role " may " #operation ": no management role acts on a child here (R2)");               \
    _Static_assert((ROLE_##role != ROLE_operator && ROLE_##role != ROLE_calling_system) ||                   \
                       SUBJECT_OF_##operation != (int)SUBJECT_CHILD,                                         \
                   #role " may " #operation ": neither operator nor system sees a child (R2)");              \
    _Static_assert(SUBJECT_OF_##operation != (int)SUBJECT_CASE || ROLE_##role == ROLE_shielding_officer ||   \
                       ROLE_##role == ROLE_data_officer || ROLE_##role == ROLE_operator,                     \
                   #role " may " #operation ": who is whom is for two kinds of officers (R2)");              \
    _Static_assert(SUBJECT_OF_##operation != (int)SUBJECT_MATTER || IS_TEAM(role),                           \
                   #role " may " #operation ": matters are for the teams of authorities (R2)");              \
    _Static_assert((STRENGTH_OF_##operation == (int)STRENGTH_LOCAL) == (ROLE_##role == ROLE_operator),       \
                   #role " may " #operation ": operators act at the machine, and only they");                \
    _Static_assert(STRENGTH_OF_##operation != (int)STRENGTH_PUBLIC,                                          \
                   #role " may " #operation ": a public page needs no role");                                \
    _Static_assert((DOOR_OF_##operation == (int)DOOR_WEB && METHOD_OF_##operation != (int)METHOD_NONE) ||    \
                       ROLE_##role != ROLE_practitioner,                                                     \
                   #role " may " #operation ": practitioners use the web (R4.1)");
#include "policy/roles.def"
#undef ROLE
#undef MAY

/* What no viewer sees.  Nobody sees an archived or sealed record (R13.3, R9.8). */
#define VIEWER(name, label)
#define SEE(viewer, state, group)                                                                            \
    _Static_assert(RECORD_##state != RECORD_ARCHIVED && RECORD_##state != RECORD_SEALED,                     \
                   #viewer " sees " #group ": an archived or sealed record shows nothing");                  \
    _Static_assert(VIEWER_##viewer != VIEWER_practitioner || RECORD_##state != RECORD_SHIELDED ||            \
                       GROUP_##group == GROUP_IDENTITY || GROUP_##group == GROUP_OWN_SERVICES,               \
                   #group ": a shield hides all but identity and one's own involvement (R9.3, R7.6)");       \
    _Static_assert(VIEWER_##viewer != VIEWER_overrider || RECORD_##state == RECORD_SHIELDED,                 \
                   #group ": an override opens a shield and nothing else (R10)");                            \
    _Static_assert(GROUP_##group != GROUP_SENSITIVE || VIEWER_##viewer == VIEWER_officer,                    \
                   #viewer " sees SENSITIVE: sensitive services show as one line only (R8.3)");              \
    _Static_assert(GROUP_##group != GROUP_OWN_SENSITIVE || VIEWER_##viewer == VIEWER_practitioner,           \
                   #viewer " sees OWN_SENSITIVE: a service's own people alone, and no override (R8.3, R10)"); \
    _Static_assert((GROUP_##group != GROUP_NUMBERS && GROUP_##group != GROUP_CUSTODY) ||                     \
                       VIEWER_##viewer == VIEWER_officer,                                                    \
                   #viewer " sees " #group ": for the officer of a case alone");
#include "policy/disclosure.def"
#undef VIEWER
#undef SEE

_Static_assert(GROUPS_END <= 32, "field groups fit a field_mask");
_Static_assert(CAPABILITIES_END <= 32, "capabilities fit a mask");

/* A second confirms what is written (R9.7), and only the web knows whom it was that asked. */
#define SECOND(operation)                                                                                    \
    _Static_assert(STRENGTH_OF_##operation == (int)STRENGTH_KEY,                                             \
                   #operation ": a second person confirms with a security key");                             \
    _Static_assert(METHOD_OF_##operation == (int)METHOD_POST,                                                \
                   #operation ": a second person confirms by a form");
#include "policy/seconds.def"
#undef SECOND

/* Nothing that people could type stands in an address: a path is fixed words and at most three ids of ours.
 * Behind the path stand three good parameters and a query, so that the searches below always find one. */
#define IS_OURS(at)                                                                                          \
    (!__builtin_strncmp(at, ":search", 7) || !__builtin_strncmp(at, ":child", 6) ||                          \
     !__builtin_strncmp(at, ":involvement", 12) || !__builtin_strncmp(at, ":user", 5) ||                     \
     !__builtin_strncmp(at, ":organisation", 13) || !__builtin_strncmp(at, ":case", 5) ||                    \
     !__builtin_strncmp(at, ":message", 8) || !__builtin_strncmp(at, ":key", 4))
#define FIRST(path)  __builtin_strchr(path ":search:search:search", ':')
#define SECOND(path) __builtin_strchr(FIRST(path) + 1, ':')
#define THIRD(path)  __builtin_strchr(SECOND(path) + 1, ':')

#define OPERATION(name, door, method, path, subject, reason, effect, strength, event, help)                  \
    _Static_assert(DOOR_##door != DOOR_WEB || !__builtin_strcmp(__builtin_strchr(path "?", '?'), "?"),       \
                   #name ": no query in an address");                                                        \
    _Static_assert(DOOR_##door != DOOR_WEB ||                                                                \
                       (IS_OURS(FIRST(path)) && IS_OURS(SECOND(path)) && IS_OURS(THIRD(path))),              \
                   #name ": an address holds ids of ours only");
#include "policy/operations.def"
#undef OPERATION
