/* An officer's question and the services beside it (R8.5). */
#ifndef SERVICE_REQUESTS_H
#define SERVICE_REQUESTS_H

#include "registry/broker.h"
#include "service/manage.h"

/* Who acts on a question, in which words. */
struct broker_order requests_order(const struct conduct *conduct, struct str text);

/* The page of the question of the path, with the sensitive services that its record shows this officer. */
MUST_USE enum fault requests_show(struct conduct *conduct);

/* Why that service cannot be asked; empty where it can.  Looks at the account that has recorded it. */
MUST_USE enum fault requests_hindrance(struct db_tx *tx, const struct conduct *conduct,
                                       const struct claim *claim, struct str *ret_hindrance);

/* How far it is, for lists and pages. */
struct str requests_state_words(const struct matter *matter);

#endif
