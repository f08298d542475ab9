/* Keys for a second server (operation vault_give): an operator's command. */
#ifndef SERVICE_KEYS_H
#define SERVICE_KEYS_H

#include "service/service.h"

/* Seals this instance's keys for a request, once its fingerprint has been typed; the sealed text lives in the
 * arena and leaves after its entry is durable.  FAULT_REFUSED, FAULT_SIGN_IN: this login is no operator's;
 * faults of transfer_give.  Each with a note, and every outcome leaves an entry. */
MUST_USE enum fault service_vault_give(struct service *service, const struct ask *ask, struct str request,
                                       struct str typed, struct arena *arena, struct str *ret_sealed);

#endif
