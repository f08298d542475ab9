/* Our two cookies: the session, and the ticket between the two pages of signing in (security.md §3). */
#ifndef WEB_COOKIE_H
#define WEB_COOKIE_H

#include "web/http.h"

enum { COOKIE_VALUE_BYTES_MAX = 128 };

#define COOKIE_SESSION "__Host-contactpoint"
#define COOKIE_TICKET  "__Host-contactpoint-sign-in"

/* The value of the cookie of that name: letters, digits, "-" and "_" only.  Empty where it is absent, given
 * twice, malformed, or where there are two Cookie headers. */
struct str cookie_read(const struct http_request *request, const char *name);

/* Adds Set-Cookie: until the browser ends, Secure, HttpOnly, SameSite=Strict, for this host alone. */
MUST_USE enum fault cookie_set(struct http_response *response, const char *name, struct str value,
                               struct arena *arena);

/* Adds the Set-Cookie that makes the browser forget it. */
void cookie_clear_session(struct http_response *response);
void cookie_clear_ticket(struct http_response *response);

#endif
