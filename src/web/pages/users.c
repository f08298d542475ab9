/* Page 19: the accounts that somebody manages, and one of them. */
#include "web/pages/staff_parts.h"

struct choice {
    const char *value;
    const char *text;
};

static const struct template_select_items *choices(struct page *page, const struct choice *all, size_t count,
                                                   struct str chosen)
{
    struct template_select_items *items = page_take(page, count, sizeof *items);
    for (size_t i = 0; items != NULL && i < count; i++)
        items[i] = (struct template_select_items){.value = str_of(all[i].value),
                                                  .text = str_of(all[i].text),
                                                  .selected = str_equal(chosen, str_of(all[i].value))};
    return items;
}

static const struct choice shows[] = {{"", "All that are not closed"}, {"attention", "Wanting attention"},
                                      {"requested", "Asked for"},      {"active", "In use"},
                                      {"suspended", "Suspended"},      {"closed", "Closed"}};
enum { SHOWS = sizeof shows / sizeof shows[0] };

static struct str checks_done(struct page *page, int done)
{
    buffer_put_int(&page->words, done);
    buffer_put(&page->words, STR(" of "));
    buffer_put_int(&page->words, CHECKS_END - 1);
    return page_words(page);
}

/* Which check it is about, and how long it still counts. */
static struct str note_of(struct page *page, const struct user_row *row)
{
    enum account_check check = row->standing.check != CHECK_NONE ? row->standing.check : row->nearest.check;
    if (check == CHECK_NONE)
        return (struct str){NULL, 0};
    buffer_put(&page->words, str_of(check_label(check)));
    if (row->standing.check == CHECK_NONE) {
        buffer_put(&page->words, STR(": "));
        buffer_put_int(&page->words, row->nearest.days_left);
        buffer_put(&page->words, row->nearest.days_left == 1 ? STR(" day left") : STR(" days left"));
    }
    return page_words(page);
}

static void put_row(struct page *page, const struct user_row *row, struct template_users_rows *ret_row)
{
    struct state_words state = staff_standing(row);
    *ret_row = (struct template_users_rows){.href = staff_user_path(page, row->account, ""),
                                            .name = row->full_name,
                                            .user_name = row->user_name,
                                            .job = row->job,
                                            .roles = row->roles,
                                            .checks = checks_done(page, row->checks_done),
                                            .status = state.text,
                                            .status_classes = state.classes,
                                            .note = note_of(page, row)};
}

void page_users(struct page *page)
{
    const struct users_view *view = page->answer->users;
    if (view == NULL) {
        page_error_page(page);
        return;
    }
    struct template_users_rows *rows = page_take(page, view->count, sizeof *rows);
    for (size_t i = 0; rows != NULL && i < view->count; i++)
        put_row(page, &view->rows[i], &rows[i]);
    struct template_users form = {
        .form_token = page->answer->form_token,
        .caption = view->organisation_name,
        .room = staff_room(page, view->accounts, view->users_max),
        .new_given = view->may_request,
        .name = page_typed(page, "name"),
        .shows = choices(page, shows, SHOWS, page_typed(page, "show")),
        .shows_count = SHOWS,
        .filtered = view->filtered,
        .some = view->count > 0,
        .left_out = staff_left_out(page, view->left_out),
        .rows = rows,
        .rows_count = view->count,
    };
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "Users"});
    template_users(page->html, &form);
    page_end(page);
}

static bool holds(const struct user_view *view, enum role role)
{
    for (size_t i = 0; i < view->account.role_count; i++)
        if (view->account.roles[i] == role)
            return true;
    return false;
}

static struct tick role_tick(const struct page *page, const struct user_view *view, enum role role)
{
    struct tick tick = {
        .prefix = "role_", .name = str_of(policy_role_name(role)), .label = str_of(policy_role_label(role))};
    tick.checked = staff_is_ticked(page, &tick, holds(view, role));
    return tick;
}

static const struct template_user_role_choices *role_choices(struct page *page, const struct user_view *view)
{
    struct template_user_role_choices *rows = page_take(page, view->offered_count, sizeof *rows);
    for (size_t i = 0; rows != NULL && i < view->offered_count; i++) {
        struct tick tick = role_tick(page, view, view->offered[i]);
        rows[i] = (struct template_user_role_choices){.id = staff_tick_name(page, &tick),
                                                      .name = staff_tick_name(page, &tick),
                                                      .items = staff_tick_items(page, &tick),
                                                      .items_count = 1};
    }
    return rows;
}

static const struct template_user_checks *check_rows(struct page *page, const struct user_view *view)
{
    struct template_user_checks *rows = page_take(page, CHECKS_END, sizeof *rows);
    const bool set = view->has_token, may = set && view->held.usable > 0;
    for (int check = 1; rows != NULL && check < CHECKS_END; check++) {
        const struct check_view *one = &view->checks[check];
        struct state_words state = staff_check(page, one);
        rows[check - 1] = (struct template_user_checks){
            .label = str_of(check_label(one->check)),
            .done = one->done.precision == DAY_EXACT ? page_day(page, one->done) : STR("Not recorded"),
            .until = one->until.precision == DAY_EXACT  ? page_day(page, one->until)
                     : one->done.precision == DAY_EXACT ? STR("For good")
                                                        : STR("–"),
            .status = state.text,
            .status_classes = state.classes};
    }
    if (rows != NULL)
        rows[CHECKS_END - 1] = (struct template_user_checks){
            .label = STR("Password, PIN and token"),
            .done = may   ? STR("Set up")
                    : set ? STR("Nothing left to sign in with")
                          : STR("Not set up by their holder"),
            .until = STR("–"),
            .status = may ? STR("Done") : STR("Not done"),
            .status_classes = may ? STR("govuk-tag--green") : STR("govuk-tag--grey")};
    return rows;
}

static const struct template_select_items *check_kinds(struct page *page)
{
    struct template_select_items *items = page_take(page, CHECKS_END, sizeof *items);
    struct str typed = page_typed(page, "check");
    for (int check = 1; items != NULL && check < CHECKS_END; check++) {
        struct str name = str_of(check_name((enum account_check)check));
        items[check] = (struct template_select_items){.value = name,
                                                      .text = str_of(check_label((enum account_check)check)),
                                                      .selected = str_equal(typed, name)};
    }
    if (items != NULL)
        items[0] = (struct template_select_items){.value = STR(""), .text = STR("Choose")};
    return items;
}

static struct str open_words(struct page *page, int64_t open)
{
    buffer_put(&page->words, STR("This person is recorded as working with "));
    buffer_put_int(&page->words, open);
    buffer_put(&page->words, open == 1 ? STR(" child.") : STR(" children."));
    return page_words(page);
}

static const struct template_radios_items *closings(struct page *page)
{
    static const struct choice all[] = {{"hand_over", "A colleague takes them over"},
                                        {"end", "They end today"}};
    struct template_radios_items *items = page_take(page, 2, sizeof *items);
    struct str typed = page_typed(page, "involvements");
    for (size_t i = 0; items != NULL && i < 2; i++)
        items[i] = (struct template_radios_items){.id = i == 0 ? STR("involvements") : STR("involvements-2"),
                                                  .value = str_of(all[i].value),
                                                  .text = str_of(all[i].text),
                                                  .checked = str_equal(typed, str_of(all[i].value))};
    return items;
}

static const struct template_user_close *closing(struct page *page, const struct user_view *view)
{
    struct template_user_close *form = page_take(page, 1, sizeof *form);
    if (form == NULL)
        return NULL;
    *form = (struct template_user_close){
        .form_token = page->answer->form_token,
        .version = staff_number(page, view->account.version),
        .action = staff_user_path(page, view->account.account, "/close"),
        .open = page->request->operation == OP_user_close,
        .open_given = view->open_involvements > 0,
        .open_text = open_words(page, view->open_involvements),
        .choices = closings(page),
        .choices_count = 2,
        .choices_error = page_error(page, "involvements"),
        .heir = page_typed(page, "heir"),
        .heir_error = page_error(page, "heir"),
        .close_why = page_typed(page, "close_why"),
        .close_error = page_error(page, "close_why"),
    };
    return form;
}

static struct str roles_of(struct page *page, const struct account *account)
{
    for (size_t i = 0; i < account->role_count; i++) {
        if (i > 0)
            buffer_put(&page->words, STR(", "));
        buffer_put(&page->words, str_of(policy_role_label(account->roles[i])));
    }
    return page_words(page);
}

/* What the account is, without the forms. */
static struct template_user describe(struct page *page, const struct user_view *view)
{
    const struct account *account = &view->account;
    const struct user_row row = {.standing = view->standing};
    struct state_words state = staff_standing(&row);
    return (struct template_user){
        .form_token = page->answer->form_token,
        .summary = page_summary(page),
        .name = account->full_name,
        .user_name = account->user_name,
        .job = account->job,
        .phone = account->phone,
        .email = account->email,
        .organisation = view->organisation_name,
        .roles = roles_of(page, account),
        .state = state.text,
        .state_classes = state.classes,
        .explanation = state.explanation,
        .why = account->why,
        .used = account->used.precision == DAY_EXACT ? page_day(page, account->used) : STR("Never"),
        .version = staff_number(page, account->version),
        .checks = check_rows(page, view),
        .checks_count = CHECKS_END,
    };
}

static bool all_done(const struct user_view *view)
{
    for (int check = 1; check < CHECKS_END; check++)
        if (view->checks[check].notice == NOTICE_MISSING || view->checks[check].notice == NOTICE_LAPSED)
            return false;
    return true;
}

static void put_forms(struct page *page, const struct user_view *view, struct template_user *form)
{
    const struct account *account = &view->account;
    enum hindrance hindrance = view->standing.hindrance;
    enum operation operation = page->request->operation;
    form->may_change = account->state != ACCOUNT_CLOSED;
    form->held = form->may_change ? staff_held(page, view) : NULL;
    form->may_admit = account->state == ACCOUNT_REQUESTED && all_done(view);
    form->may_reinstate = hindrance == HINDRANCE_SUSPENDED || hindrance == HINDRANCE_UNUSED;
    form->may_suspend = account->state == ACCOUNT_ACTIVE || account->state == ACCOUNT_REQUESTED;
    form->check_action = staff_user_path(page, account->account, "/check");
    form->admit_action = staff_user_path(page, account->account, "/admit");
    form->reinstate_action = staff_user_path(page, account->account, "/reinstate");
    form->suspend_action = staff_user_path(page, account->account, "/suspend");
    form->enrolling = staff_enrolling(page, view);
    form->roles_action = staff_user_path(page, account->account, "/roles");
    form->kinds = check_kinds(page);
    form->kinds_count = CHECKS_END;
    form->check_error = page_error(page, "check");
    form->done = page_date(page, "done");
    form->done_count = 3;
    form->done_error = page_date_error(page, "done");
    form->suspend_why = page_typed(page, "suspend_why");
    form->suspend_error = page_error(page, "suspend_why");
    form->suspend_open = operation == OP_user_suspend;
    form->roles_error = page_error(page, "roles");
    form->roles_open = operation == OP_user_roles;
    form->role_choices = role_choices(page, view);
    form->role_choices_count = view->offered_count;
    form->closing = closing(page, view);
}

void page_user(struct page *page)
{
    const struct user_view *view = page->answer->user;
    if (view == NULL) {
        page_error_page(page);
        return;
    }
    struct template_user form = describe(page, view);
    put_forms(page, view, &form);
    if (page->fault != FAULT_NONE)
        return;
    bool own = page->answer->role == ROLE_user_manager || id_is_zero(view->account.organisation.id);
    page_begin(page, &(struct frame){.title = "User",
                                     .back = own ? TEMPLATE_PATH("/manage/users")
                                                 : staff_organisation_path(page, view->account.organisation),
                                     .back_text = "Back"});
    template_user(page->html, &form);
    page_end(page);
}

void page_user_new(struct page *page)
{
    const struct user_view *view = page->answer->user;
    if (view == NULL) {
        page_error_page(page);
        return;
    }
    struct template_user_new_role_choices *rows = page_take(page, view->offered_count, sizeof *rows);
    for (size_t i = 0; rows != NULL && i < view->offered_count; i++) {
        struct tick tick = role_tick(page, view, view->offered[i]);
        rows[i] = (struct template_user_new_role_choices){.id = staff_tick_name(page, &tick),
                                                          .name = staff_tick_name(page, &tick),
                                                          .items = staff_tick_items(page, &tick),
                                                          .items_count = 1};
    }
    struct template_user_new form = {
        .form_token = page->answer->form_token,
        .summary = page_summary(page),
        .organisation = view->organisation_name,
        .organisation_id = page_reference(page, view->account.organisation.id),
        .full_name = page_typed(page, "full_name"),
        .full_name_error = page_error(page, "full_name"),
        .user_name = page_typed(page, "user_name"),
        .user_name_error = page_error(page, "user_name"),
        .job = page_typed(page, "job"),
        .job_error = page_error(page, "job"),
        .phone = page_typed(page, "phone"),
        .phone_error = page_error(page, "phone"),
        .email = page_typed(page, "email"),
        .email_error = page_error(page, "email"),
        .roles_error = page_error(page, "roles"),
        .role_choices = rows,
        .role_choices_count = view->offered_count,
    };
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "Ask for a new account",
                                     .back = TEMPLATE_PATH("/manage/users"),
                                     .back_text = "Back"});
    template_user_new(page->html, &form);
    page_end(page);
}
