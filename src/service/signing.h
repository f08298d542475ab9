/* What the files about signing in share: keys, sessions, enrolment, terms. */
#ifndef SERVICE_SIGNING_H
#define SERVICE_SIGNING_H

#include "access/enrolment.h"
#include "service/operations.h"

/* What a security key sent. */
struct key_answer signing_answer(const struct conduct *conduct);

/* Gives the page a challenge. */
MUST_USE enum fault signing_offer(struct conduct *conduct, const struct key_view *view);

/* Registering a key in a request, from its challenge to its answer, whatever that is: FAULT_REFUSED where a
 * check failed, FAULT_DUPLICATE, FAULT_INVALID. */
MUST_USE enum fault signing_offer_new(struct conduct *conduct, const struct enrolment_at *at);
MUST_USE enum fault signing_register(struct conduct *conduct, const struct enrolment_at *at);

/* Reads how the caller signs in, and the roles that they may act in, into the answer. */
MUST_USE enum fault signing_security(struct conduct *conduct);

/* The roles to choose from, as step two of signing in shows them.  FAULT_SIGN_IN where the ticket is over. */
MUST_USE enum fault signing_roles(struct conduct *conduct);

/* A source that has failed too often waits (case 12): FAULT_TOO_MANY, entered. */
MUST_USE enum fault signing_wait(struct conduct *conduct);

/* Whether the page that reminds of the terms comes first. */
MUST_USE enum fault signing_terms(struct conduct *conduct, struct account_id account);

/* Tells somebody what was changed about how they sign in, in the transaction that changes it. */
MUST_USE enum fault signing_tell(struct conduct *conduct, struct db_tx *tx, struct account_id account,
                                 struct str text);

/* The same, that the caller has approved a request of theirs. */
MUST_USE enum fault signing_tell_approved(struct conduct *conduct, struct db_tx *tx,
                                          struct account_id account);

/* A page that shows a form: its entry, and nothing else. */
MUST_USE enum fault signing_show(struct conduct *conduct, enum event event);

#endif
