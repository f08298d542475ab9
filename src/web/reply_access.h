/* Where signing in, stepping up and enrolment lead. */
#ifndef WEB_REPLY_ACCESS_H
#define WEB_REPLY_ACCESS_H

#include "service/service.h"
#include "web/http.h"

/* False where the operation is none of those, or shows its own page; else fills the response, or *ret_fault.
 */
bool reply_access(const struct ask *ask, const struct answer *answer, struct arena *arena,
                  struct http_response *response, enum fault *ret_fault);

#endif
