/* Pages about security keys, enrolment, one's own sign-in and the terms. */
#include "web/pages/parts.h"

/* The roles to choose from, as radios. */
static struct template_radios_items *take_roles(struct page *page)
{
    static const char *const ids[] = {"role",   "role-2", "role-3", "role-4", "role-5",
                                      "role-6", "role-7", "role-8", "role-9", "role-10"};
    const struct answer *answer = page->answer;
    _Static_assert(sizeof ids / sizeof ids[0] == sizeof answer->roles / sizeof answer->roles[0],
                   "an id for each");
    struct template_radios_items *roles = page_take(page, answer->role_count, sizeof *roles);
    for (uint8_t i = 0; roles != NULL && i < answer->role_count; i++)
        roles[i] = (struct template_radios_items){
            .id = str_of(ids[i]),
            .value = str_of(policy_role_name(answer->roles[i])),
            .text = str_of(policy_role_label(answer->roles[i])),
            .checked = answer->signed_in && answer->roles[i] == answer->role,
        };
    return roles;
}

static struct template_sign_in_key form_of(const struct page *page)
{
    const struct key_view *key = page->answer->key;
    must(key != NULL);
    return (struct template_sign_in_key){.form_token = page->answer->form_token,
                                         .challenge = key->challenge,
                                         .rp_id = key->rp_id,
                                         .credentials = key->credentials,
                                         .handle = key->handle,
                                         .user_name = key->user_name,
                                         .attestation = key->attested ? STR("direct") : STR("none"),
                                         .back = key->back};
}

static void show_key(struct page *page, const struct template_sign_in_key *form)
{
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "Use your security key"});
    template_sign_in_key(page->html, form);
    page_end(page);
}

void page_sign_in_key(struct page *page)
{
    struct template_sign_in_key form = form_of(page);
    form.heading = STR("Use your security key");
    form.text = STR("Have the key ready. Your browser asks for the key's own PIN, which never reaches us.");
    form.action = TEMPLATE_PATH("/sign-in/key/answer");
    form.button_text = STR("Sign in with my security key");
    form.roles = take_roles(page);
    form.roles_count = form.roles == NULL ? 0 : page->answer->role_count;
    form.choose_role = form.roles_count > 1;
    if (page->answer->role_count == 1)
        form.role = str_of(policy_role_name(page->answer->roles[0]));
    form.other = TEMPLATE_PATH("/sign-in/code");
    form.other_text = STR("Use a PIN and a code instead");
    show_key(page, &form);
}

void page_step_up_key(struct page *page)
{
    struct template_sign_in_key form = form_of(page);
    form.heading = STR("Use your security key");
    form.text =
        page->answer->key->none
            ? STR("No security key is registered to you here. Ask the user manager of your organisation.")
            : STR("Have the key ready. Your browser asks for the key's own PIN, which never reaches us.");
    form.action = TEMPLATE_PATH("/step-up/answer");
    form.button_text = STR("Use my security key");
    show_key(page, &form);
}

void page_enrol_key(struct page *page)
{
    struct template_sign_in_key form = form_of(page);
    form.heading = STR("Register a security key");
    form.text =
        STR("Have the key ready. Your browser asks you to choose the key's own PIN, where it has none.");
    form.action = TEMPLATE_PATH("/enrol/key/answer");
    form.make = true;
    form.button_text = STR("Register this key");
    form.other = TEMPLATE_PATH("/enrol/status");
    form.other_text = STR("Go back without registering a key");
    show_key(page, &form);
}

void page_enrol(struct page *page)
{
    const struct template_error_summary *summary = page_summary(page);
    page_begin(page, &(struct frame){.title = "Set up how you sign in"});
    template_enrol(page->html, &(struct template_enrol){
                                   .form_token = page->answer->form_token,
                                   .summary = summary,
                                   .user_name = page_typed(page, "user_name"),
                                   .user_name_error = page_error(page, "user_name"),
                               });
    page_end(page);
}

static void show_waiting(struct page *page, const struct enrolment_view *view)
{
    const struct template_enrol_wait form = {.code = view->code, .until = page_instant(page, view->until)};
    page_begin(page, &(struct frame){.title = "Your code"});
    template_enrol_wait(page->html, &form);
    page_end(page);
}

static void show_choosing(struct page *page, const struct enrolment_view *view)
{
    const struct template_enrol_secrets form = {
        .form_token = page->answer->form_token,
        .summary = page_summary(page),
        .password_error = page_error(page, "password"),
        .again_error = page_error(page, "again"),
        .pin_error = page_error(page, "pin"),
        .code_error = page_error(page, "code"),
        .totp_secret = view->totp_secret,
        .qr_path = view->qr_path,
        .qr_width = view->qr_width,
        .until = page_instant(page, view->until),
    };
    page_begin(page, &(struct frame){.title = "Choose how you sign in"});
    template_enrol_secrets(page->html, &form);
    page_end(page);
}

static struct str key_words(struct page *page, int count)
{
    if (count == 0)
        return STR("You have no security key yet.");
    if (count == 1)
        return STR("One security key is registered.");
    buffer_put_int(&page->words, count);
    buffer_put(&page->words, STR(" security keys are registered."));
    return page_words(page);
}

static struct str failure_words(enum fault fault)
{
    if (fault == FAULT_DUPLICATE)
        return STR("This security key is registered already. Use another.");
    if (fault == FAULT_INVALID)
        return STR(
            "Your browser sent nothing that the key said. It needs JavaScript, and a key of its own for "
            "each registration.");
    return STR(
        "The security key was not accepted: its maker or its model is not one that may be used here, or "
        "you waited for more than five minutes.");
}

static void show_keys(struct page *page, const struct enrolment_view *view)
{
    enum fault fault = page->answer->fault;
    const struct template_enrol_keys form = {.form_token = page->answer->form_token,
                                             .failed = fault != FAULT_NONE,
                                             .failed_text = failure_words(fault),
                                             .keys = key_words(page, view->key_count)};
    page_begin(page, &(struct frame){.title = "You can sign in now"});
    template_enrol_keys(page->html, &form);
    page_end(page);
}

void page_enrol_status(struct page *page)
{
    const struct enrolment_view *view = page->answer->enrolment;
    if (view == NULL) { /* a form that was refused before anything was read */
        page_error_page(page);
        return;
    }
    switch (view->stage) {
    case ENROLMENT_WAITS:
        show_waiting(page, view);
        break;
    case ENROLMENT_MAY_CHOOSE:
        show_choosing(page, view);
        break;
    case ENROLMENT_MAY_ADD_KEYS:
        show_keys(page, view);
        break;
    case ENROLMENT_MAY_ADD_ONE: /* are shown to whoever is signed in, by page_own_key */
    case ENROLMENT_ONE_ADDED:
        page_error_page(page);
        break;
    }
}

/* Where a refused operation is asked for again: its own address where that is a page, else the page at the
 * same address. */
static struct str address_of(struct page *page)
{
    const struct ask *ask = page->request->ask;
    struct str path = str_of(policy_operation(page->request->operation)->path);
    struct str piece;
    uint8_t id = 0;
    if (ask == NULL)
        return STR("");
    if (page->request->operation == OP_step_up || page->request->operation == OP_step_up_begin)
        return page_typed(page, "back");
    if (page->request->operation == OP_step_up_page)
        return STR("");
    (void)str_split(&path, '/', &piece); /* what stands before the first stroke: nothing */
    while (str_split(&path, '/', &piece)) {
        buffer_put_char(&page->words, '/');
        if (piece.len > 0 && piece.at[0] == ':' && id < ask->path_id_count)
            id_put(&page->words, ask->path_ids[id++]);
        else
            buffer_put(&page->words, piece);
    }
    return page_words(page);
}

void page_step_up(struct page *page)
{
    const bool mediated = page->answer->mediated_for.len > 0;
    const struct template_step_up form = {.form_token = page->answer->form_token,
                                          .back = address_of(page),
                                          .failed = page->request->operation == OP_step_up && !mediated,
                                          .mediated = page->answer->mediated_for};
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "Use your security key"});
    template_step_up(page->html, &form);
    page_end(page);
}

/* One more key, for somebody who has one already. */
void page_own_key_new(struct page *page)
{
    struct template_sign_in_key form = form_of(page);
    form.heading = STR("Add a security key");
    form.text =
        STR("Have the new key ready, not the one that you use now. Your browser asks you to choose the key's "
            "own PIN, where it has none.");
    form.action = TEMPLATE_PATH("/account/keys/answer");
    form.make = true;
    form.button_text = STR("Add this key");
    form.other = TEMPLATE_PATH("/account/keys");
    form.other_text = STR("Go back without adding a key");
    show_key(page, &form);
}

void page_own_key(struct page *page)
{
    const struct enrolment_view *view = page->answer->enrolment;
    const bool failed = page->answer->fault != FAULT_NONE && page->answer->error_count == 0;
    const struct template_own_key form = {
        .form_token = page->answer->form_token,
        .summary = page_summary(page),
        .failed = failed,
        .failed_text = failure_words(page->answer->fault),
        .asks = view == NULL,
        .waits = view != NULL && view->stage == ENROLMENT_WAITS,
        .may_add = view != NULL && view->stage == ENROLMENT_MAY_ADD_ONE,
        .added = view != NULL && view->stage == ENROLMENT_ONE_ADDED,
        .code = view != NULL ? view->code : STR(""),
        .until = view != NULL ? page_instant(page, view->until) : STR(""),
    };
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "Add a security key",
                                     .back = TEMPLATE_PATH("/account/security"),
                                     .back_text = "How you sign in"});
    template_own_key(page->html, &form);
    page_end(page);
}

/* The keys that one may say is lost. */
static struct template_radios_items *lost_keys(struct page *page, const struct security_view *view)
{
    static const char *const ids[KEYS_MAX] = {"key",   "key-2", "key-3", "key-4",
                                              "key-5", "key-6", "key-7", "key-8"};
    struct template_radios_items *items = page_take(page, view->key_count, sizeof *items);
    for (size_t i = 0; items != NULL && i < view->key_count; i++) {
        id_put(&page->words, view->keys[i].key);
        const struct str value = page_words(page);
        buffer_put(&page->words, STR("Registered "));
        buffer_put(&page->words, page_instant(page, view->keys[i].made));
        items[i] = (struct template_radios_items){
            .id = str_of(ids[i]), .value = value, .text = page_words(page), .hint = view->keys[i].standing};
    }
    return items;
}

static struct str notice_words(struct page *page, const struct notice_view *notice)
{
    struct str at = page_instant(page, notice->at);
    buffer_put(&page->words, at);
    buffer_put(&page->words,
               notice->key_alone
                   ? STR(": a security key was added. Approved by ")
                   : STR(": password, PIN, token and security keys were set up anew. Approved by "));
    buffer_put(&page->words, notice->by);
    return page_words(page);
}

void page_security(struct page *page)
{
    const struct security_view *view = page->answer->security;
    if (view == NULL) { /* a change of role that was refused */
        page_error_page(page);
        return;
    }
    struct template_security_keys *keys = page_take(page, view->key_count, sizeof *keys);
    for (size_t i = 0; keys != NULL && i < view->key_count; i++)
        keys[i] = (struct template_security_keys){
            page_instant(page, view->keys[i].made),
            view->keys[i].used.precision == DAY_EXACT ? page_day(page, view->keys[i].used) : STR("Not known"),
            view->keys[i].standing};
    struct template_radios_items *lost = lost_keys(page, view);
    struct template_security_notices *notices = page_take(page, view->notice_count, sizeof *notices);
    for (size_t i = 0; notices != NULL && i < view->notice_count; i++)
        notices[i].text = notice_words(page, &view->notices[i]);
    struct template_radios_items *roles = take_roles(page);
    if (page->fault != FAULT_NONE)
        return;
    const struct template_security form = {
        .form_token = page->answer->form_token,
        .summary = page_summary(page),
        .strength = view->strength,
        .terms = view->terms.us == 0 ? STR("Not yet") : page_instant(page, view->terms),
        .keys_given = view->key_count > 0,
        .keys = keys,
        .keys_count = view->key_count,
        .lost = lost,
        .lost_count = lost == NULL ? 0 : view->key_count,
        .key_error = page_error(page, "key"),
        .remove_open = page_error(page, "key").len > 0,
        .notices_given = view->notice_count > 0,
        .notices = notices,
        .notices_count = view->notice_count,
        .choose_role = page->answer->role_count > 1,
        .roles = roles,
        .roles_count = page->answer->role_count,
    };
    page_begin(page, &(struct frame){.title = "How you sign in",
                                     .back = TEMPLATE_PATH("/account"),
                                     .back_text = "My account"});
    template_security(page->html, &form);
    page_end(page);
}

void page_terms(struct page *page)
{
    static const struct template_checkboxes_items item = {
        .id = {"agree", 5}, .value = {"yes", 3}, .text = {"I have read this, and act by it", 31}};
    const struct template_terms form = {.form_token = page->answer->form_token,
                                        .summary = page_summary(page),
                                        .agree_error = page_error(page, "agree"),
                                        .items = &item,
                                        .items_count = 1};
    page_begin(page, &(struct frame){.title = "Terms"});
    template_terms(page->html, &form);
    page_end(page);
}
