#include "web/pages/staff_parts.h"

static const struct str green = {"govuk-tag--green", 16};
static const struct str yellow = {"govuk-tag--yellow", 17};
static const struct str red = {"govuk-tag--red", 14};
static const struct str grey = {"govuk-tag--grey", 15};

struct state_words staff_standing(const struct user_row *row)
{
    switch (row->standing.hindrance) {
    case HINDRANCE_NONE:
        if (row->nearest.check != CHECK_NONE)
            return (struct state_words){STR("Expiring"), yellow, STR("A check ends soon: have it renewed.")};
        return (struct state_words){STR("In use"), green, STR("")};
    case HINDRANCE_REQUESTED:
        return (struct state_words){STR("Asked for"), yellow,
                                    STR("It is admitted once all that it needs is recorded.")};
    case HINDRANCE_SUSPENDED:
        return (struct state_words){STR("Suspended"), red, STR("Nobody can sign in with it.")};
    case HINDRANCE_CLOSED:
        return (struct state_words){STR("Closed"), grey, STR("For good.")};
    case HINDRANCE_MISSING:
        return (struct state_words){STR("Stopped"), red,
                                    STR("A check was never recorded: it works again once that is.")};
    case HINDRANCE_LAPSED:
        return (struct state_words){STR("Stopped"), red,
                                    STR("A check has run out: it works again once a new one is recorded.")};
    case HINDRANCE_UNUSED:
        return (struct state_words){STR("Disabled"), red, STR("Nobody has signed in with it for too long.")};
    }
    return (struct state_words){STR(""), grey, STR("")};
}

static struct str days_left(struct page *page, int days)
{
    if (days == 1)
        return STR("Last day today");
    buffer_put_int(&page->words, days);
    buffer_put(&page->words, STR(" days left"));
    return page_words(page);
}

struct state_words staff_check(struct page *page, const struct check_view *check)
{
    switch (check->notice) {
    case NOTICE_NONE:
        return (struct state_words){STR("Done"), green, STR("")};
    case NOTICE_60:
    case NOTICE_30:
        return (struct state_words){days_left(page, check->days_left), yellow, STR("")};
    case NOTICE_7:
        return (struct state_words){days_left(page, check->days_left), red, STR("")};
    case NOTICE_LAPSED:
        return (struct state_words){STR("Run out"), red, STR("")};
    case NOTICE_MISSING:
        return (struct state_words){STR("Not done"), grey, STR("")};
    }
    return (struct state_words){STR(""), grey, STR("")};
}

struct state_words staff_organisation(struct page *page, const struct organisation_row *row)
{
    if (row->organisation.suspended)
        return (struct state_words){STR("Suspended"), red, STR("Its people are refused.")};
    if (!row->organisation.active)
        return (struct state_words){
            STR("Run out"), red,
            STR("Its accreditation has run out: its people are refused until it is renewed.")};
    if (row->notice == NOTICE_NONE)
        return (struct state_words){STR("Accredited"), green, STR("")};
    return (struct state_words){days_left(page, row->days_left), row->notice == NOTICE_7 ? red : yellow,
                                STR("Its accreditation ends soon: its people are refused from that day on.")};
}

struct str staff_tick_name(struct page *page, const struct tick *tick)
{
    buffer_put(&page->words, str_of(tick->prefix));
    buffer_put(&page->words, tick->name);
    return page_words(page);
}

bool staff_is_ticked(const struct page *page, const struct tick *tick, bool known)
{
    const struct ask *ask = page->request->ask;
    size_t prefix = strlen(tick->prefix);
    if (page->answer->error_count == 0 || ask == NULL)
        return known;
    for (uint8_t i = 0; i < ask->field_count; i++) {
        struct str name = ask->fields[i].name;
        if (name.len == prefix + tick->name.len && str_starts(name, str_of(tick->prefix)) &&
            memcmp(name.at + prefix, tick->name.at, tick->name.len) == 0)
            return str_equal(ask->fields[i].value, STR("yes"));
    }
    return false;
}

struct template_checkboxes_items *staff_tick_items(struct page *page, const struct tick *tick)
{
    struct template_checkboxes_items *items = page_take(page, 1, sizeof *items);
    if (items != NULL)
        items[0] = (struct template_checkboxes_items){.id = staff_tick_name(page, tick),
                                                      .value = STR("yes"),
                                                      .text = tick->label,
                                                      .checked = tick->checked};
    return items;
}

/* A path whose making failed leads home; page_render gives the fault. */
static struct template_path keep_path(struct page *page)
{
    struct str text = page_words(page);
    return text.len > 0 ? (struct template_path){text} : TEMPLATE_PATH("/");
}

struct template_path staff_user_path(struct page *page, struct account_id account, const char *rest)
{
    buffer_put(&page->words, STR("/manage/users/"));
    id_put(&page->words, account.id);
    buffer_put(&page->words, str_of(rest));
    return keep_path(page);
}

struct template_path staff_organisation_path(struct page *page, struct organisation_id organisation)
{
    buffer_put(&page->words, STR("/admin/organisations/"));
    id_put(&page->words, organisation.id);
    return keep_path(page);
}

struct str staff_number(struct page *page, uint64_t number)
{
    buffer_put_padded(&page->words, number, 1);
    return page_words(page);
}

struct str staff_room(struct page *page, int64_t accounts, uint32_t users_max)
{
    if (users_max == 0)
        return (struct str){NULL, 0};
    buffer_put_int(&page->words, accounts);
    buffer_put(&page->words, STR(" of "));
    buffer_put_int(&page->words, users_max);
    buffer_put(&page->words, STR(" accounts are taken."));
    return page_words(page);
}

struct str staff_left_out(struct page *page, size_t left_out)
{
    if (left_out == 0)
        return (struct str){NULL, 0};
    buffer_put_padded(&page->words, left_out, 1);
    buffer_put(&page->words, STR(" more are like this: give a piece of the name to find them."));
    return page_words(page);
}
