#include "web/pages/parts.h"

void page_account(struct page *page)
{
    const struct account_view *account = page->answer->account;
    must(account != NULL);
    struct template_account_looks *looks = page_take(page, account->look_count, sizeof *looks);
    for (size_t i = 0; looks != NULL && i < account->look_count; i++) {
        const struct look_view *look = &account->looks[i];
        looks[i] = (struct template_account_looks){
            .at = page_instant(page, look->at),
            .what = look->what,
            .reason = look->reason,
            .child = look->child,
        };
    }
    struct template_account form = {
        .full_name = account->full_name,
        .user_name = account->user_name,
        .job = account->job,
        .organisation = account->organisation,
        .role = account->role,
        .signed_in = page_instant(page, account->signed_in),
        .looks_given = account->look_count > 0,
        .looks = looks,
        .looks_count = looks == NULL ? 0 : account->look_count,
    };
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "My account"});
    template_account(page->html, &form);
    page_end(page);
}
