/* Organisations over time: accreditation, capabilities, how many accounts they may have (R3.5, R3.7). */
#ifndef ACCESS_ORGANISATIONS_H
#define ACCESS_ORGANISATIONS_H

#include "access/access.h"

enum { ORGANISATION_USERS_USUAL = 50 };

/* Every organisation, one after the other, with how many accounts it has that are not closed; `each` may keep
 * nothing of it but copies, and ends the walk with a fault. */
typedef enum fault (*organisation_each)(void *context, const struct organisation *organisation,
                                        int64_t accounts);
MUST_USE enum fault access_organisation_walk(struct access *access, struct db_tx *tx, organisation_each each,
                                             void *context);

/* Writes an organisation as it now is over what was read of it: its version is that of reading.
 * FAULT_CONFLICT where somebody else was faster; FAULT_INVALID as for a new one. */
MUST_USE enum fault access_organisation_change(struct access *access, struct db_tx *tx,
                                               const struct organisation *organisation);

/* R3.5: FAULT_INVALID with a note where it is not accredited for what one of these roles does.  A zero id, of
 * those who have none, allows all. */
MUST_USE enum fault access_organisation_allows(struct access *access, struct db_tx *tx,
                                               struct organisation_id organisation, const enum role *roles,
                                               size_t role_count);

/* The capability that a role cannot be held without; CAPABILITY_NONE where there is none. */
enum capability organisation_role_needs(enum role role);

/* R3.7: FAULT_INVALID with a note where it has as many accounts as it may. */
MUST_USE enum fault access_organisation_room(struct access *access, struct db_tx *tx,
                                             struct organisation_id organisation);

/* How many accounts of it are not closed. */
MUST_USE enum fault access_organisation_accounts(struct access *access, struct db_tx *tx,
                                                 struct organisation_id organisation, int64_t *ret_count);

#endif
