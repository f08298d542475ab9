/* HTTP/1.1, one thread per connection: the only file behind this header knows libmicrohttpd (architecture.md
 * §10).
 *
 * The server listens on a loopback address or a Unix socket and on nothing else (security.md §7).  For every
 * request it calls the door: first admit() with the head alone, then, once the body has arrived whole,
 * handle().  The request, its arena and the response belong to the connection; they are wiped when the answer
 * has been sent. */
#ifndef WEB_HTTP_H
#define WEB_HTTP_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/fault.h"
#include "base/str.h"

enum {
    HTTP_HEADERS_MAX = 100,
    HTTP_FIELDS_MAX = 24,
    HTTP_ARENA_BYTES_MAX = 4 * 1024 * 1024,
    HTTP_RESPONSE_BYTES_MAX = 4 * 1024 * 1024,
};

struct http_header {
    struct str name;
    struct str value;
};

struct http_request {
    struct str method;
    struct str target;  /* as it stood in the request line, nothing decoded */
    struct str version; /* "HTTP/1.1" */
    struct http_header headers[HTTP_HEADERS_MAX];
    size_t header_count; /* as received: may exceed HTTP_HEADERS_MAX, what is beyond is not kept */
    struct str body;
    struct str peer; /* "127.0.0.1", "::1", or "local" for a Unix socket */
    struct arena *arena;
};

struct http_field {
    const char *name;  /* a literal */
    const char *value; /* a literal, or in the request's arena */
};

struct http_response {
    int status;
    struct http_field fields[HTTP_FIELDS_MAX];
    size_t field_count;
    struct buffer body;
    struct str still; /* sent instead of the body where at != NULL; outlives the server */
    bool close;       /* end the connection after this answer */
};

/* What the server asks.  Called from many threads at once. */
struct http_door {
    void *context;
    /* 0 to go on and read at most *ret_body_bytes_max of body, else the HTTP status that refuses. */
    int (*admit)(void *context, const struct http_request *request, size_t *ret_body_bytes_max);
    /* Fills the answer; a fault is answered by refuse() with its status. */
    enum fault (*handle)(void *context, const struct http_request *request, struct http_response *response);
    /* Fills the answer of a request that is refused with this status; the connection closes after it. */
    void (*refuse)(void *context, const struct http_request *request, int status,
                   struct http_response *response);
};

struct http_settings {
    const char
        *listen; /* "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "unix:/path"; port 0 picks a free one */
    struct http_door door;
    void (*bound)(void *context,
                  uint16_t port); /* the door's context; before the first request; may be NULL */
    int incomplete_seconds_max;   /* 0: 30; a request not read whole by then ends */
    int inactive_seconds_max;     /* 0: 15 */
};

struct http_server;

/* Listens and answers from now on.  FAULT_INVALID: an address that is neither loopback nor a Unix socket;
 * FAULT_CONFLICT: taken by another program; FAULT_SYSTEM.  The note says what to change. */
MUST_USE enum fault http_start(const struct http_settings *settings, struct http_server **ret_server);

/* The TCP port, 0 for a Unix socket. */
uint16_t http_port(const struct http_server *server);

/* Accepts nothing more, lets requests that are being read or answered finish for at most drain_seconds_max,
 * then closes.  http_stop(NULL, …) does nothing. */
void http_stop(struct http_server *server, int drain_seconds_max);

/* The value of the one header of that name (any case); at == NULL where there is none or more than one. */
struct str http_header_one(const struct http_request *request, const char *name);

/* How many headers have that name, and that name compared as HTTP does. */
size_t http_header_count(const struct http_request *request, const char *name);
bool http_name_equal(struct str name, const char *other);

/* Adds a field; name and value are literals or live in the request's arena.  must(room). */
void http_put(struct http_response *response, const char *name, const char *value);

#endif
