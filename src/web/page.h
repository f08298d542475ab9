/* The page of an answer: HTML from the view alone (architecture.md §3, step 7). */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include "base/buffer.h"
#include "service/service.h"

struct page_request {
    enum operation operation; /* OP_NONE where the request named none: an error page */
    const struct ask *ask;    /* what was typed, shown again beside an error; NULL where nothing came */
    int status;               /* 200, or an error page's */
};

/* Appends the whole page of an answer.  A form that has errors is shown again with what was typed.  Names are
 * escaped text; no name stands in a link.  FAULT_MEMORY; FAULT_TOO_LARGE where the buffer's cap is reached.
 */
MUST_USE enum fault page_render(const struct page_request *request, const struct answer *answer,
                                struct buffer *html);

#endif
