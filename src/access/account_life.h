/* The life of an account (R3): requested, active, suspended, closed.
 *
 * Each change takes the account as it was read in the same transaction, and is refused with FAULT_CONFLICT
 * where somebody else has changed it since. The notes of FAULT_INVALID say what is missing. */
#ifndef ACCESS_ACCOUNT_LIFE_H
#define ACCESS_ACCOUNT_LIFE_H

#include "access/access.h"

enum { ACCOUNTS_LISTED_MAX = 2000 };

struct account_list {
    struct account *accounts;
    size_t count;
    bool more; /* than ACCOUNTS_LISTED_MAX */
};

/* Those of an organisation, or those without one (a zero id): operators and national administrators. */
MUST_USE enum fault access_account_list(struct access *access, struct db_tx *tx,
                                        struct organisation_id organisation, bool closed_too,
                                        struct arena *arena, struct account_list *ret_list);

/* The first day on which it is disabled for being unused (R3.6); DAY_UNKNOWN where that never comes. */
struct day access_account_unused_from(const struct access *access, const struct account *account);

/* Whether its holder has enrolled what they sign in with. */
MUST_USE enum fault access_account_has_token(struct access *access, struct db_tx *tx, struct account_id id,
                                             bool *ret_has);

/* A row without any authenticator: its holder enrols them with a second person.  FAULT_DUPLICATE where the
 * user name was ever used; FAULT_INVALID where the organisation has no room for one more (R3.7). */
MUST_USE enum fault access_account_request(struct access *access, struct db_tx *tx,
                                           const struct account_order *order, struct arena *arena,
                                           struct account_id *ret_account);

/* The same for the first national administrator, for whom two people vouch and whom nobody is there to admit:
 * active at once, with every check done today. */
MUST_USE enum fault access_account_first(struct access *access, struct db_tx *tx,
                                         const struct account_order *order, struct arena *arena,
                                         struct account_id *ret_account);

/* Records that a check was done on a day.  FAULT_INVALID where that lies ahead, or its time is over already.
 */
MUST_USE enum fault access_account_check(struct access *access, struct db_tx *tx,
                                         const struct account *account, enum account_check check,
                                         struct day done);

/* From requested to active, where every check is done and counts. */
MUST_USE enum fault access_account_admit(struct access *access, struct db_tx *tx,
                                         const struct account *account);

/* From suspended, or unused for too long, to active; the same checks. */
MUST_USE enum fault access_account_reinstate(struct access *access, struct db_tx *tx,
                                             const struct account *account);

/* For good: neither the account's id nor its user name is ever given again (R3.4).  account->why says why. */
MUST_USE enum fault access_account_close(struct access *access, struct db_tx *tx,
                                         const struct account *account);

/* Other roles.  Whoever acts in one that is taken away is refused at the next request. */
MUST_USE enum fault access_account_roles(struct access *access, struct db_tx *tx,
                                         const struct account *account, const enum role *roles,
                                         uint8_t role_count);

#endif
