/* From what the conductor answered to an HTTP response: a page, or 303 to the next one. */
#ifndef WEB_REPLY_H
#define WEB_REPLY_H

#include "service/service.h"
#include "web/http.h"

/* Fills the response. */
MUST_USE enum fault reply_answer(const struct ask *ask, const struct answer *answer, struct arena *arena,
                                 struct http_response *response);

/* Fills the response with the general error page of that status: a sentence and the reference, nothing else.
 */
void reply_error(int status, struct id reference, struct http_response *response);

#endif
