/* What misuse detection must know of a member of staff and nobody else sees (R3.8): home postcode, surnames,
 * children of their own family.
 *
 * Given by the holder of the account, sealed under a key of this purpose alone, and never shown again: not to
 * the holder, not to a manager.  The one way to read it answers a question, and takes a permit that only the
 * conductor makes. */
#ifndef ACCESS_STAFF_FACT_H
#define ACCESS_STAFF_FACT_H

#include "access/access.h"
#include "match/person.h"
#include "policy/permit.h"

enum { STAFF_SURNAMES_MAX = 6, STAFF_RELATIVES_MAX = 6, STAFF_FACT_TEXT_BYTES_MAX = 200 };

/* A child of one's family: a ContactPoint number, normalised, or a name with a date of birth. */
struct staff_relative {
    struct str number;
    struct str family;
    struct str given;
    struct day birth;
};

struct staff_facts {
    struct str postcode;
    struct str surnames[STAFF_SURNAMES_MAX];
    uint8_t surname_count;
    struct staff_relative relatives[STAFF_RELATIVES_MAX];
    uint8_t relative_count;
};

/* Takes the place of what was given before.  FAULT_INVALID where a relative has neither a number nor name and
 * exact date of birth; FAULT_CONFLICT where the same person gave others at the same moment. */
MUST_USE enum fault access_staff_facts_give(struct access *access, struct db_tx *tx,
                                            struct account_id account, const struct staff_facts *facts);

/* Whether anything was ever given. */
MUST_USE enum fault access_staff_facts_given(struct access *access, struct db_tx *tx,
                                             struct account_id account, bool *ret_given);

/* Has this account declared a child who is this person?  By number, or by name and date of birth as linkage
 * compares them: spelling in capitals, accents and spaces does not matter, a former name will do. */
MUST_USE enum fault access_staff_facts_own_child(struct access *access, struct db_tx *tx,
                                                 const struct permit_staff_facts *permit,
                                                 struct account_id account, const struct person *person,
                                                 bool *ret_own);

#endif
