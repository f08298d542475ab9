/* What somebody signs in with beside their password, on the page of whoever manages them: a line each, and
 * the page that asks before one of them is revoked. */
#include "web/pages/staff_parts.h"

static struct str name_of(struct page *page, const struct held_key_view *held, bool begins)
{
    if (held->kind == HELD_APP)
        return begins ? STR("Authenticator app, with a PIN") : STR("the authenticator app");
    buffer_put(&page->words, begins ? STR("Security key ") : STR("security key "));
    buffer_put_int(&page->words, held->number);
    return page_words(page);
}

static struct str made_of(struct page *page, const struct held_key_view *held)
{
    return held->made.us > 0 ? page_day(page, day_of_instant(held->made)) : STR("With the account");
}

/* A key may have been used before that was noted. */
static struct str used_of(struct page *page, const struct held_key_view *held)
{
    if (held->used.precision == DAY_EXACT)
        return page_day(page, held->used);
    return held->kind == HELD_APP ? STR("Never") : STR("Not known");
}

static struct template_path path_of(struct page *page, const struct user_view *view,
                                    const struct held_key_view *held)
{
    enum { KEYS_PATH_BYTES = 64 };
    char rest[KEYS_PATH_BYTES];
    struct buffer text = {.at = rest, .room = sizeof rest, .cap_bytes = sizeof rest};
    buffer_put(&text, STR("/keys/"));
    id_put(&text, held->key);
    must(buffer_fault(&text) == FAULT_NONE && text.len < sizeof rest);
    rest[text.len] = '\0';
    return staff_user_path(page, view->account.account, rest);
}

const struct template_user_held *staff_held(struct page *page, const struct user_view *view)
{
    struct template_user_held *form = page_take(page, 1, sizeof *form);
    struct template_user_held_rows *rows = page_take(page, view->held.count, sizeof *rows);
    if (form == NULL || rows == NULL || view->held.count == 0)
        return NULL;
    for (size_t i = 0; i < view->held.count; i++) {
        const struct held_key_view *held = &view->held.at[i];
        rows[i] = (struct template_user_held_rows){.name = name_of(page, held, true),
                                                   .made = made_of(page, held),
                                                   .used = used_of(page, held),
                                                   .standing = held->standing,
                                                   .href = path_of(page, view, held)};
    }
    *form = (struct template_user_held){.rows = rows, .rows_count = view->held.count};
    return form;
}

const struct template_user_enrol *staff_enrolling(struct page *page, const struct user_view *view)
{
    struct template_user_enrol *form = page_take(page, 1, sizeof *form);
    if (form != NULL)
        *form = (struct template_user_enrol){
            .form_token = page->answer->form_token,
            .action = staff_user_path(page, view->account.account, "/enrolment"),
            .open = page->request->operation == OP_enrolment_approve,
            .code_error = page_error(page, "code"),
        };
    return form;
}

static struct str title_of(struct page *page, const struct held_key_view *held)
{
    const struct str name = name_of(page, held, false);
    buffer_put(&page->words, STR("Revoke "));
    buffer_put(&page->words, name);
    buffer_put_char(&page->words, '?');
    return page_words(page);
}

void page_user_key(struct page *page)
{
    const struct user_view *view = page->answer->user;
    if (view == NULL || view->revoking == NULL) {
        page_error_page(page);
        return;
    }
    const struct held_key_view *held = view->revoking;
    const struct template_path back = staff_user_path(page, view->account.account, "");
    const struct template_user_key form = {
        .form_token = page->answer->form_token,
        .organisation = view->organisation_name,
        .title = title_of(page, held),
        .holder = view->account.full_name,
        .user_name = view->account.user_name,
        .made = made_of(page, held),
        .used = used_of(page, held),
        .standing = held->standing,
        .last = view->held.usable == held->in_use,
        .action = path_of(page, view, held),
        .back = back,
        .button = held->kind == HELD_APP ? STR("Revoke this app") : STR("Revoke this key"),
    };
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = held->kind == HELD_APP ? "Revoke an authenticator app"
                                                                     : "Revoke a security key",
                                     .back = back,
                                     .back_text = "Back"});
    template_user_key(page->html, &form);
    page_end(page);
}
