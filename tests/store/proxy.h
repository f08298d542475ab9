/* What stands between the driver and a PostgreSQL and can be made to fail at a chosen moment.  It listens on
 * a socket in a folder of its own and passes on what both sides say. */
#ifndef TESTS_STORE_PROXY_H
#define TESTS_STORE_PROXY_H

#include <stdbool.h>

enum proxy_mood {
    PROXY_PASS = 0,
    PROXY_CUT_BEFORE_COMMIT,  /* the next COMMIT does not arrive; then PASS */
    PROXY_CUT_AFTER_COMMIT,   /* the next COMMIT is carried out and its answer lost; then PASS */
    PROXY_SHUT_BEFORE_COMMIT, /* the same as those two, but then SHUT */
    PROXY_SHUT_AFTER_COMMIT,
    PROXY_SHUT, /* nobody gets through: what stands is cut, what comes too */
    PROXY_HUSH, /* nothing is passed on any more, and nothing is cut */
    PROXY_OLD,  /* the server says that it is of version 14 */
    PROXY_SLOW, /* what the server says first reaches who comes PROXY_SLOW_US later */
};

enum { PROXY_SLOW_US = 300000 };

struct proxy;

/* Between a socket of its own and the one of the cluster; `connection` as postgres_fresh_local gives it. */
struct proxy *proxy_open(const char *connection);
void proxy_close(struct proxy *proxy);

/* The connection that leads through it; borrowed. */
const char *proxy_connection(const struct proxy *proxy);
void proxy_set(struct proxy *proxy, enum proxy_mood mood);
enum proxy_mood proxy_get(struct proxy *proxy);

#endif
