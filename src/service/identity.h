/* Deciding who is whom: what changes that is done by one server at a time, and never beside a feed that is
 * being loaded, whose plan may mean the same children (intake.h). */
#ifndef SERVICE_IDENTITY_H
#define SERVICE_IDENTITY_H

#include "registry/decision.h"
#include "registry/queue.h"
#include "service/inside.h"

/* Held for the time of one decision. */
struct identity {
    struct service *service;
    bool taken; /* not only looked at */
    struct lease *lease;
    struct intake_house house;
    struct decider decider;
    struct queue_keys keys;
    struct decisions *decisions;
};

/* Takes the feed's lease; the index then has all that is committed, and no batch is left half way. FAULT_BUSY
 * with a note where a feed is being loaded. */
MUST_USE enum fault identity_take(struct service *service, struct account_id account,
                                  struct identity *identity);
void identity_leave(struct identity *identity);

/* The same for who only looks: no lease. */
MUST_USE enum fault identity_look(struct service *service, struct account_id account,
                                  struct identity *identity);

/* The index learns of children whose rows have been committed. */
MUST_USE enum fault identity_index(struct identity *identity, const struct child_id *children, size_t count);

#endif
