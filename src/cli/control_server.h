/* The control socket of a serving process: commands of the people who run the machine (R2).  Only the
 * service's own user and root can connect; who it is comes from the kernel.  Connections are few, bounded and
 * on threads of their own, so that none can hold up the pages. */
#ifndef CLI_CONTROL_SERVER_H
#define CLI_CONTROL_SERVER_H

#include "service/service.h"

struct control_server;

enum { CONTROL_CONNECTIONS_MAX = 8, CONTROL_STOP_SECONDS_MAX = 30 };

/* Listens at `path`, replacing what a dead server left there: the caller holds the database, so no other
 * lives. FAULT_SYSTEM, FAULT_STORAGE with a note. */
MUST_USE enum fault control_server_open(const char *path, struct service *service,
                                        struct control_server **ret_server);

/* Accepts nothing more, tells a feed that is being planned to end, waits for work under way.  False where
 * some is still going on after CONTROL_STOP_SECONDS_MAX: the process may then only exit, and the next start
 * recovers. control_server_close(NULL) gives true. */
bool control_server_close(struct control_server *server);

#endif
