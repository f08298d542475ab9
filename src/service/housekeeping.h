/* What a server does by itself where several share a database: finishes or undoes the batch of one that is
 * gone, and in one server at a time forgets what nobody needs any more. */
#ifndef SERVICE_HOUSEKEEPING_H
#define SERVICE_HOUSEKEEPING_H

#include "base/fault.h"

struct housekeeping;
struct service;

MUST_USE enum fault housekeeping_open(struct service *service, struct housekeeping **ret_housekeeping);
void housekeeping_close(struct housekeeping *housekeeping);

#endif
