/* The nouns that policy speaks of: identifiers that cannot pass for one another, and the field's standard
 * codes. */
#ifndef POLICY_IDS_H
#define POLICY_IDS_H

#include "base/id.h"

struct child_id {
    struct id id;
};
struct account_id {
    struct id id;
};
struct organisation_id {
    struct id id;
};
struct session_id {
    struct id id;
};
struct search_id {
    struct id id;
};
struct claim_id {
    struct id id;
};

/* "Not specified" is a value that somebody chose; 0 is "nobody said". */
enum sex {
    SEX_FEMALE = 1,
    SEX_MALE = 2,
    SEX_NOT_SPECIFIED = 3,
};

/* What state a record is in, as far as seeing it goes (rules.md, "Who sees what"). */
enum record_state {
    RECORD_LIVE = 1,
    RECORD_SHIELDED = 2, /* live, with a shield, provisional ones included */
    RECORD_ARCHIVED = 3,
    RECORD_DEAD = 4,   /* dead for at most a year */
    RECORD_SEALED = 5, /* closed after a new identity, R9.8 */
};
enum { RECORD_STATES = 5 };

#endif
