/* Looking for a colleague who signs in beside the caller (R4.1). */
#include "web/pages/parts.h"

void page_mediate(struct page *page)
{
    struct template_mediate form = {
        .form_token = page->answer->form_token,
        .summary = page_summary(page),
        .user_name = page_typed(page, "user_name"),
        .user_name_error = page_error(page, "user_name"),
        .password_error = page_error(page, "password"),
        .pin_error = page_error(page, "pin"),
        .code_error = page_error(page, "code"),
    };
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "Search for somebody else"});
    template_mediate(page->html, &form);
    page_end(page);
}
