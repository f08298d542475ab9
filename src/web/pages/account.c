/* Page 16: one's own account, checks, looks, and what one declares of one's family. */
#include "web/pages/staff_parts.h"

enum { RELATIVES = 4 };

static const struct template_account_looks *looks(struct page *page, const struct account_view *account)
{
    struct template_account_looks *rows = page_take(page, account->look_count, sizeof *rows);
    for (size_t i = 0; rows != NULL && i < account->look_count; i++) {
        const struct look_view *look = &account->looks[i];
        rows[i] = (struct template_account_looks){
            .at = page_instant(page, look->at),
            .what = look->what,
            .reason = look->reason,
            .child = look->child,
        };
    }
    return rows;
}

static const struct template_account_checks *checks(struct page *page, const struct user_view *user)
{
    struct template_account_checks *rows = page_take(page, CHECKS_END - 1, sizeof *rows);
    for (int check = 1; rows != NULL && check < CHECKS_END; check++) {
        const struct check_view *one = &user->checks[check];
        struct state_words state = staff_check(page, one);
        rows[check - 1] = (struct template_account_checks){
            .label = str_of(check_label(one->check)),
            .done = one->done.precision == DAY_EXACT ? page_day(page, one->done) : STR("Not recorded"),
            .until = one->until.precision == DAY_EXACT  ? page_day(page, one->until)
                     : one->done.precision == DAY_EXACT ? STR("For good")
                                                        : STR("–"),
            .status = state.text,
            .status_classes = state.classes};
    }
    return rows;
}

/* R3.1: 60, 30 and 7 days before; the one that ends first. */
static struct str warning(struct page *page, const struct user_view *user)
{
    const struct check_view *nearest = NULL;
    for (int check = 1; check < CHECKS_END; check++) {
        const struct check_view *one = &user->checks[check];
        bool near = one->notice >= NOTICE_60 && one->notice <= NOTICE_7;
        if (near && (nearest == NULL || one->days_left < nearest->days_left))
            nearest = one;
    }
    if (nearest == NULL)
        return (struct str){NULL, 0};
    buffer_put(&page->words, str_of(check_label(nearest->check)));
    buffer_put(&page->words, STR(": your account stops in "));
    buffer_put_int(&page->words, nearest->days_left);
    buffer_put(&page->words, nearest->days_left == 1 ? STR(" day") : STR(" days"));
    buffer_put(&page->words, STR(" unless it is renewed. Ask the user manager of your organisation."));
    return page_words(page);
}

static struct str field_of(struct page *page, int place, const char *what)
{
    buffer_put(&page->words, STR("relative_"));
    buffer_put_int(&page->words, place);
    buffer_put(&page->words, str_of(what));
    return page_words(page);
}

static struct str typed(struct page *page, struct str field)
{
    return field.at == NULL ? field : page_typed(page, field.at);
}

/* Boxes for a few children: what was typed stands in them after an error, and never what rests. */
static const struct template_account_relatives *relatives(struct page *page)
{
    static const char *const headings[RELATIVES] = {"First child", "Second child", "Third child",
                                                    "Fourth child"};
    static const char *const names[RELATIVES] = {"relative_1", "relative_2", "relative_3", "relative_4"};
    struct template_account_relatives *rows = page_take(page, RELATIVES, sizeof *rows);
    for (int i = 0; rows != NULL && i < RELATIVES; i++) {
        struct str number = field_of(page, i + 1, "_number"), given = field_of(page, i + 1, "_given"),
                   family = field_of(page, i + 1, "_family");
        if (page->fault != FAULT_NONE)
            return rows;
        rows[i] = (struct template_account_relatives){.heading = str_of(headings[i]),
                                                      .number_id = number,
                                                      .number = typed(page, number),
                                                      .number_error = page_error(page, names[i]),
                                                      .given_id = given,
                                                      .given = typed(page, given),
                                                      .family_id = family,
                                                      .family = typed(page, family),
                                                      .birth_id = str_of(names[i]),
                                                      .birth = page_date(page, names[i]),
                                                      .birth_count = 3};
    }
    return rows;
}

static struct str roles_words(struct page *page, const struct account *account)
{
    for (size_t i = 0; i < account->role_count; i++) {
        if (i > 0)
            buffer_put(&page->words, STR(", "));
        buffer_put(&page->words, str_of(policy_role_label(account->roles[i])));
    }
    return page_words(page);
}

void page_account(struct page *page)
{
    const struct account_view *account = page->answer->account;
    const struct user_view *user = page->answer->user;
    if (account == NULL || user == NULL) {
        page_error_page(page);
        return;
    }
    struct template_account form = {
        .form_token = page->answer->form_token,
        .summary = page_summary(page),
        .full_name = account->full_name,
        .user_name = account->user_name,
        .job = account->job,
        .organisation = account->organisation,
        .role = account->role,
        .roles = roles_words(page, &user->account),
        .several = user->account.role_count > 1,
        .signed_in = page_instant(page, account->signed_in),
        .warning = warning(page, user),
        .checks = checks(page, user),
        .checks_count = CHECKS_END - 1,
        .looks_given = account->look_count > 0,
        .looks = looks(page, account),
        .looks_count = account->look_count,
        .facts_given = account->facts_given,
        .facts_open = page->request->operation == OP_staff_facts_give,
        .home_postcode = page_typed(page, "home_postcode"),
        .home_postcode_error = page_error(page, "home_postcode"),
        .surnames = page_typed(page, "surnames"),
        .surnames_error = page_error(page, "surnames"),
        .relatives = relatives(page),
        .relatives_count = RELATIVES,
    };
    if (page->fault != FAULT_NONE)
        return;
    page_begin(page, &(struct frame){.title = "My account"});
    template_account(page->html, &form);
    page_end(page);
}
