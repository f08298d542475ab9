/* What the pages of accounts and organisations share (R2, R3).  Nobody outside service/ includes it. */
#ifndef SERVICE_USERS_H
#define SERVICE_USERS_H

#include "access/account_life.h"
#include "access/staff_view.h"
#include "service/operations.h"

/* R2: a user manager manages practitioners of their own organisation; a national administrator all who hold
 * another role.  Nobody manages themselves. */
bool users_governs(const struct caller *caller, const struct account *account);

/* The two roles of practitioners, which user managers give. */
bool users_is_practice(enum role role);

/* The same of a role that is given: to somebody of this organisation, or of none. */
bool users_may_give(const struct caller *caller, const struct organisation *organisation, enum role role);

/* The roles that the caller may give there. */
uint8_t users_offer(const struct caller *caller, const struct organisation *organisation,
                    enum role offered[ACCOUNT_ROLES_MAX]);

/* The roles that a form has ticked: fields role_NAME. */
uint8_t users_form_roles(const struct conduct *conduct, enum role roles[ACCOUNT_ROLES_MAX]);

/* Inside a job: FAULT_ABSENT where there is no such account, or the caller does not manage it. */
MUST_USE enum fault users_read(struct db_tx *tx, struct conduct *conduct, struct account_id id,
                               struct account *ret_account);

/* Reads what a page shows of an account into conduct->answer->user. */
MUST_USE enum fault users_show(struct conduct *conduct, struct account_id id);

/* How one check of an account stands today. */
struct check_view users_check(const struct account *account, enum account_check check, struct day today);

/* One line of a list. */
MUST_USE enum fault users_row(const struct conduct *conduct, const struct account *account,
                              struct user_row *ret_row);

/* Those whom the caller manages among the accounts of an organisation (zero id: without one), most pressing
 * first. */
struct users_filter {
    struct str name; /* a piece of it; empty: any */
    struct str show; /* "", "attention", "requested", "active", "suspended", "closed" */
};
MUST_USE enum fault users_list(struct db_tx *tx, struct conduct *conduct, struct organisation_id organisation,
                               const struct users_filter *filter, struct users_view *ret_view);

/* The version that a form was made from; 0 where it does not say. */
uint64_t users_form_version(const struct conduct *conduct);

/* What an entry says was asked for: pieces with spaces between. */
MUST_USE enum fault users_say(struct conduct *conduct, const struct str *pieces, size_t count);

/* A note of the access floor as a sentence beside a field; in the arena. */
const char *users_sentence(const struct conduct *conduct, const char *note);

/* Whether a piece stands in a text, case aside. */
bool users_holds(struct str text, struct str piece);

/* A whole number of a form, at most `most`; an error is noted.  `ret` untouched then, and where it is empty.
 */
void users_form_number(struct conduct *conduct, const char *field, int64_t most, uint32_t *ret);

#endif
