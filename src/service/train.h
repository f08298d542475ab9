/* Training linkage on an instance's own records (operation model_train): an operator's command.  The new
 * model is kept in the state folder and waits for the next start. */
#ifndef SERVICE_TRAIN_H
#define SERVICE_TRAIN_H

#include "match/train.h"
#include "service/service.h"

/* FAULT_INVALID with a note: too little to learn from.
 * FAULT_REFUSED, FAULT_SIGN_IN: this login is no operator's.  Every outcome leaves an entry. */
MUST_USE enum fault service_train(struct service *service, const struct ask *ask, uint64_t seed,
                                  struct arena *arena, struct train_report *ret_report);

#endif
