/* Why two children's records would be linked, or not (operation match_explain): an operator's command.  Tells
 * levels and weights, never what they are made of, and nothing of shielded or sealed records. */
#ifndef SERVICE_EXPLAIN_H
#define SERVICE_EXPLAIN_H

#include "match/explain.h"
#include "service/service.h"

/* Both by ContactPoint number.  FAULT_ABSENT with a note; FAULT_REFUSED, FAULT_SIGN_IN: this login is no
 * operator's. Every outcome leaves an entry, which names both children. */
MUST_USE enum fault service_explain(struct service *service, const struct ask *ask,
                                    const struct str numbers[2], struct arena *arena,
                                    struct match_explained *ret_explained);

#endif
