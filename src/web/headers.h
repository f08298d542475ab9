/* The header fields that every answer carries (security.md §3). */
#ifndef WEB_HEADERS_H
#define WEB_HEADERS_H

#include "web/http.h"

/* An HTML page, or a redirection: never stored. */
void headers_page(struct http_response *response);

/* A packed asset: its name carries a hash of its content, so it may be kept for a year. */
void headers_asset(struct http_response *response, const char *content_type);

/* Beside headers_page, after signing out: the browser forgets what it keeps of us. */
void headers_signed_out(struct http_response *response);

#endif
