/* What is refused on the head of a request, before any body (security.md §7).  Pure: facts in, status out. */
#ifndef WEB_GUARD_H
#define WEB_GUARD_H

#include "web/http.h"

enum {
    GUARD_HEADER_BYTES_MAX = 8 * 1024, /* name, colon, space and value of one header */
    GUARD_TARGET_BYTES_MAX = 2 * 1024,
};

/* 0, or the status that refuses.  `hosts` are the values of Host that are ours, NULL at the end. */
int guard_head(const struct http_request *request, const char *const *hosts);

/* 0, or 413 where Content-Length announces more than body_bytes_max.  After guard_head. */
int guard_body(const struct http_request *request, size_t body_bytes_max);

#endif
