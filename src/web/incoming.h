/* From an HTTP request to what the conductor is asked. */
#ifndef WEB_INCOMING_H
#define WEB_INCOMING_H

#include "service/service.h"
#include "web/form.h"
#include "web/http.h"
#include "web/route.h"

/* 0 and *ret_ask, or the HTTP status that refuses the form (form.h).  `form` keeps the fields that the ask
 * points to. `https`: our origin is https://HOST, else http://HOST; HOST is the request's, which the guard
 * has let in. */
int incoming_ask(const struct http_request *request, const struct route *route, bool https, struct form *form,
                 struct ask *ret_ask);

/* True where a browser says that the request comes from a page of ours; for GET also where somebody typed the
 * address.  A POST that says nothing of where it comes from does not (security.md §3, CSRF). */
bool incoming_is_ours(const struct http_request *request, bool https);

#endif
