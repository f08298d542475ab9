#include "web/pages/parts.h"

/* One message for every failure, never which part was wrong (security.md §3). */
static const struct template_error_summary *failed_summary(struct page *page)
{
    static const struct template_error_summary_items item = {
        .text = {"What you entered does not sign you in. Check your user name, password, PIN and code, and "
                 "start again",
                 sizeof "What you entered does not sign you in. Check your user name, password, PIN and "
                        "code, and start again" -
                     1},
        .of = {"user_name", sizeof "user_name" - 1},
    };
    struct template_error_summary *summary = page_take(page, 1, sizeof *summary);
    if (summary != NULL)
        *summary = (struct template_error_summary){
            .title = STR("There is a problem"), .items = &item, .items_count = 1};
    return summary;
}

void page_sign_in(struct page *page)
{
    const struct template_error_summary *summary = page_summary(page);
    if (summary == NULL && page->answer->fault != FAULT_NONE)
        summary = failed_summary(page);
    page_begin(page, &(struct frame){.title = "Sign in"});
    template_sign_in(page->html, &(struct template_sign_in){
                                     .form_token = page->answer->form_token,
                                     .summary = summary,
                                     .user_name = page_typed(page, "user_name"),
                                     .user_name_error = page_error(page, "user_name"),
                                     .password_error = page_error(page, "password"),
                                 });
    page_end(page);
}

void page_sign_in_code(struct page *page)
{
    const struct answer *answer = page->answer;
    struct template_sign_in_code form = {
        .form_token = answer->form_token,
        .summary = page_summary(page),
        .pin_error = page_error(page, "pin"),
        .code_error = page_error(page, "code"),
        .role_error = page_error(page, "role"),
    };
    static const char *const ids[] = {"role",   "role-2", "role-3", "role-4", "role-5",
                                      "role-6", "role-7", "role-8", "role-9", "role-10"};
    _Static_assert(sizeof ids / sizeof ids[0] == sizeof answer->roles / sizeof answer->roles[0],
                   "an id for each");
    struct template_radios_items *roles = page_take(page, answer->role_count, sizeof *roles);
    struct str typed = page_typed(page, "role");
    for (uint8_t i = 0; roles != NULL && i < answer->role_count; i++)
        roles[i] = (struct template_radios_items){
            .id = str_of(ids[i]),
            .value = str_of(policy_role_name(answer->roles[i])),
            .text = str_of(policy_role_label(answer->roles[i])),
            .checked = str_equal(typed, str_of(policy_role_name(answer->roles[i]))),
        };
    form.roles = roles;
    form.roles_count = roles == NULL ? 0 : answer->role_count;
    if (answer->role_count == 1)
        form.role = str_of(policy_role_name(answer->roles[0]));
    page_begin(page, &(struct frame){.title = "Enter your PIN and code"});
    template_sign_in_code(page->html, &form);
    page_end(page);
}
