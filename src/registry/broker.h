/* Brokering (R8.5): somebody asks the team of a child's authority to put them in touch with whom a record
 * does not show; the team asks the service, the young person and the service decide, the team passes it back.
 *
 * A matter of MATTER_BROKERING; `wanted` says how far it is, `other` is the involvement that was asked, and
 * `about` the account that has recorded it. */
#ifndef REGISTRY_BROKER_H
#define REGISTRY_BROKER_H

#include "policy/permit.h"
#include "registry/child.h"
#include "registry/matter.h"
#include "registry/message.h"

/* How far a matter of MATTER_BROKERING is. */
enum broker_phase {
    BROKER_ASKED = 1, /* the team has it */
    BROKER_PASSED,    /* a service has been asked */
    BROKER_REACHED,   /* which may be reached, as its answer says */
    BROKER_DECLINED,  /* or not */
    BROKER_WITHDRAWN, /* the consent was taken back: closed, and the asker told that there is no contact */
};

/* What is passed back: the outcome of the step that closes it. */
enum broker_outcome {
    BROKER_NONE = 0,
    BROKER_CONTACT,    /* how the service may be reached */
    BROKER_WORDS,      /* the team's own words */
    BROKER_NO_CONTACT, /* nobody, whatever the reason: always in the same words */
};

enum { BROKER_ANSWER_DAYS = 5 }; /* [cfg] */

/* Who does what; texts are borrowed. */
struct broker_order {
    const struct matters *matters;
    const struct messages *messages;
    struct arena *arena;
    struct account_id account;
    enum role role;
    struct str name; /* of the person who acts, for the timeline */
    struct instant now;
    struct str text;
    struct str more; /* of the question: who asks, for the service, where the asker allows it; of the
                        service's answer: whether the young person was asked */
};

/* The asker's newest question about a child, open or closed.  FAULT_ABSENT where there is none. */
MUST_USE enum fault broker_of_asker(struct db_tx *tx, const struct broker_order *order, struct child_id child,
                                    struct matter *ret_matter);

/* Asks the team of the responsible authority.  Where a question of the same asker about the child is open,
 * nothing is done and that one is given.  Costs the same whatever the record holds (R8.4). */
MUST_USE enum fault broker_ask(struct db_tx *tx, const struct permit_ask_send *permit,
                               const struct broker_order *order, struct child_id child,
                               struct matter *ret_matter);

/* A sensitive service with consent in force, whoever it is; NULL where there is none of that id (any more).
 * One that has ended is given too: its consent may still cover what was passed back. */
const struct claim *broker_claim(const struct child *child, struct id claim);

/* Whether it may be asked: it goes on, and the consent reaches so far. */
bool broker_may_ask(const struct claim *claim);

/* Asks that service, by a message to whoever has recorded it.  FAULT_CONFLICT where it is closed. */
MUST_USE enum fault broker_pass(struct db_tx *tx, const struct permit_request_pass *permit,
                                const struct broker_order *order, const struct child *child,
                                const struct claim *claim, struct matter *matter);

/* The service's answer.  FAULT_CONFLICT where it is not asked any more, or somebody else is. */
MUST_USE enum fault broker_reply(struct db_tx *tx, const struct permit_message_answer *permit,
                                 const struct broker_order *order, struct id claim, bool may_be_reached,
                                 struct matter *matter);

/* Passes an answer back, by a message to the asker, and closes the matter.  FAULT_CONFLICT where it is
 * closed, or a contact is passed back that the service has not given, or whose consent is in force no more.
 */
MUST_USE enum fault broker_answer(struct db_tx *tx, const struct permit_request_answer *permit,
                                  const struct broker_order *order, const struct child *child,
                                  enum broker_outcome outcome, struct matter *matter);

/* R8.2: inside the transaction in which the consent to that claim is taken back: every open question that was
 * passed on under this consent is closed, and its asker told that there is no contact, as of any other child.
 * The child is as it was read before.  Nothing is done where no question leans on that consent. */
MUST_USE enum fault broker_withdraw(struct db_tx *tx, const struct permit_consent_withdraw *permit,
                                    const struct broker_order *order, const struct child *child,
                                    struct id claim);

#endif
