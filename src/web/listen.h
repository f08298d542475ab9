/* A listening socket on a loopback address or a Unix socket, and on nothing else (security.md §7). */
#ifndef WEB_LISTEN_H
#define WEB_LISTEN_H

#include <stdint.h>

#include "base/fault.h"

/* "localhost:8080", "127.0.0.1:8080", "[::1]:8080" or "unix:/path"; port 0 picks a free one.  *ret_port is 0
 * for a Unix socket, whose file is readable and writable by owner and group; a file left by a server that is
 * gone is replaced. FAULT_INVALID: another address; FAULT_CONFLICT: taken by a running program; FAULT_SYSTEM.
 * The note says what to change. */
MUST_USE enum fault listen_open(const char *address, int *ret_fd, uint16_t *ret_port);

/* Removes the file of a Unix socket; does nothing for other addresses. */
void listen_forget(const char *address);

#endif
