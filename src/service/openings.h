/* What the keeper was asked to open, and for what purpose: entered in the audit log (security.md §6). */
#ifndef SERVICE_OPENINGS_H
#define SERVICE_OPENINGS_H

#include "service/service.h"

/* One entry of nobody's, about what was opened since the last one; none where nothing was. */
MUST_USE enum fault openings_enter(struct service *service);

#endif
