/* Organisations as a national administrator keeps them (R3.5, R3.7, page 30). */
#include <stdlib.h>

#include "registry/authority.h"
#include "service/users.h"

struct organisations_job {
    struct conduct *conduct;
    struct str name;
    struct str show;
    struct organisations_view *view;
    enum fault fault;
};

static struct day today_of(const struct conduct *conduct)
{
    return day_of_instant(conduct->now);
}

static struct organisation_row row_of(const struct conduct *conduct, const struct organisation *organisation,
                                      int64_t accounts)
{
    struct organisation_row row = {.organisation = *organisation, .accounts = accounts};
    row.notice = lapse_notice(organisation->accredited_until, today_of(conduct), &row.days_left);
    row.area = str_of(authority_name(organisation->authority));
    return row;
}

/* The authorities to choose from. */
static enum fault offer_authorities(struct conduct *conduct)
{
    size_t count;
    const struct authority *all = authority_all(&count);
    struct authority_view *offered = arena_take_array(conduct->arena, count, sizeof *offered);
    if (offered == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < count; i++)
        offered[i] = (struct authority_view){str_of(all[i].code), str_of(all[i].name)};
    conduct->answer->authorities = offered;
    conduct->answer->authority_count = count;
    return FAULT_NONE;
}

/* Suspended or lapsed, near its end, or with no room for another account. */
static bool wants_attention(const struct organisation_row *row)
{
    return !row->organisation.active || row->notice >= NOTICE_60 ||
           row->accounts >= row->organisation.users_max;
}

static bool fits(const struct organisations_job *job, const struct organisation_row *row)
{
    if (!users_holds(row->organisation.name, job->name))
        return false;
    if (str_equal(job->show, STR("attention")))
        return wants_attention(row);
    if (str_equal(job->show, STR("suspended")))
        return !row->organisation.active;
    return true;
}

/* Attention first, the one that ends first before others, then by name. */
static int pressing(const void *one, const void *other)
{
    const struct organisation_row *a = one, *b = other;
    int wants = (int)wants_attention(b) - (int)wants_attention(a);
    if (wants != 0)
        return wants;
    if (wants_attention(a) && a->days_left != b->days_left)
        return a->days_left < b->days_left ? -1 : 1;
    return str_compare(a->organisation.name, b->organisation.name);
}

/* Keeps the most pressing: where there is no room left, the last of them gives way. */
static enum fault keep(void *context, const struct organisation *organisation, int64_t accounts)
{
    struct organisations_job *job = context;
    struct organisations_view *view = job->view;
    struct organisation_row row = row_of(job->conduct, organisation, accounts);
    struct arena *arena = job->conduct->arena;
    enum fault fault = FAULT_NONE;
    view->total++;
    if (!fits(job, &row))
        return FAULT_NONE;
    if (view->count == ORGANISATIONS_SHOWN_MAX) {
        view->left_out++;
        if (pressing(&row, &view->rows[view->count - 1]) >= 0)
            return FAULT_NONE;
        view->count--;
    }
    TRY(arena_copy(arena, organisation->name, &row.organisation.name));
    TRY(arena_copy(arena, organisation->phone, &row.organisation.phone));
    TRY(arena_copy(arena, organisation->authority, &row.organisation.authority));
    view->rows[view->count++] = row;
    if (view->count == ORGANISATIONS_SHOWN_MAX)
        qsort(view->rows, view->count, sizeof *view->rows, pressing);
done:
    return fault;
}

static enum fault read_all(struct db_tx *tx, void *context)
{
    struct organisations_job *job = context;
    struct organisations_view *view = job->view;
    struct organisation_row *rows = view->rows;
    *view = (struct organisations_view){.rows = rows, .filtered = job->name.len + job->show.len > 0};
    return access_organisation_walk(job->conduct->service->access, tx, keep, job);
}

static enum fault show_list(struct conduct *conduct, struct str name, struct str show)
{
    struct organisations_view *view = arena_take(conduct->arena, sizeof *view);
    struct organisations_job job = {.conduct = conduct, .name = name, .show = show, .view = view};
    enum fault fault;
    if (view == NULL)
        return FAULT_MEMORY;
    view->rows = arena_take_array(conduct->arena, ORGANISATIONS_SHOWN_MAX, sizeof *view->rows);
    if (view->rows == NULL)
        return FAULT_MEMORY;
    TRY(db_read(conduct->service->db, read_all, &job));
    qsort(view->rows, view->count, sizeof *view->rows, pressing);
    TRY(users_say(conduct, (const struct str[]){show, name}, 2));
    TRY(conduct_enter(conduct, EVENT_ORGANISATIONS_LISTED, NULL, NULL));
    conduct->answer->organisations = view;
done:
    return fault;
}

enum fault do_organisation_list(struct conduct *conduct)
{
    const struct permit_organisation_list permit = permit_issue_organisation_list(
        &conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_organisation_list);
    return show_list(conduct, (struct str){"", 0}, (struct str){"", 0});
}

enum fault do_organisation_filter(struct conduct *conduct)
{
    const struct permit_organisation_filter permit = permit_issue_organisation_filter(
        &conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_organisation_filter);
    return show_list(conduct, conduct_field(conduct, "name"), conduct_field(conduct, "show"));
}

struct organisation_job {
    struct conduct *conduct;
    struct organisation organisation; /* as it is to be */
    uint64_t version;                 /* that the form was made from; 0: a new one */
    struct organisation_view *view;
};

static enum fault read_one(struct db_tx *tx, void *context)
{
    struct organisation_job *job = context;
    struct conduct *conduct = job->conduct;
    struct organisation organisation;
    struct organisation_view *view = job->view;
    enum fault fault;
    *view = (struct organisation_view){0};
    TRY(access_organisation_get(conduct->service->access, tx, job->organisation.organisation, conduct->arena,
                                &organisation));
    TRY(users_list(tx, conduct, organisation.organisation, &(struct users_filter){0}, &view->users));
    view->row = row_of(conduct, &organisation, view->users.accounts);
    view->users.users_max = organisation.users_max;
    view->users.organisation_name = organisation.name;
    view->offered_count = users_offer(&conduct->caller, &organisation, view->offered);
done:
    return fault;
}

static enum fault show_one(struct organisation_job *job)
{
    struct conduct *conduct = job->conduct;
    job->view = arena_take(conduct->arena, sizeof *job->view);
    if (job->view == NULL)
        return FAULT_MEMORY;
    enum fault fault = offer_authorities(conduct);
    if (fault == FAULT_NONE && !id_is_zero(job->organisation.organisation.id))
        fault = db_read(conduct->service->db, read_one, job);
    if (fault == FAULT_NONE)
        conduct->answer->organisation = job->view;
    return fault;
}

enum fault do_organisation_view(struct conduct *conduct)
{
    const struct permit_organisation_view permit = permit_issue_organisation_view(
        &conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_organisation_view);
    struct organisation_job job = {.conduct = conduct,
                                   .organisation.organisation = {conduct->ask->path_ids[0]}};
    enum fault fault;
    TRY(show_one(&job));
    conduct->answer->organisation = NULL; /* held until the entry is durable */
    TRY(users_say(conduct, &job.view->row.organisation.name, 1));
    TRY(conduct_enter(conduct, EVENT_ORGANISATION_VIEWED, NULL, NULL));
    conduct->answer->organisation = job.view;
done:
    return fault;
}

enum fault do_organisation_create_page(struct conduct *conduct)
{
    const struct permit_organisation_create_page permit = permit_issue_organisation_create_page(
        &conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_organisation_create_page);
    struct organisation_job job = {.conduct = conduct};
    enum fault fault;
    TRY(conduct_enter(conduct, EVENT_FORM_SHOWN, NULL, NULL));
    TRY(show_one(&job));
done:
    return fault;
}

/* The capabilities that a form has ticked: fields capability_NAME. */
static uint32_t form_capabilities(const struct conduct *conduct)
{
    static const struct str prefix = {"capability_", 11};
    uint32_t held = 0;
    for (size_t i = 0; i < conduct->ask->field_count; i++) {
        const struct ask_field *field = &conduct->ask->fields[i];
        if (!str_starts(field->name, prefix) || !str_equal(str_trim(field->value), STR("yes")))
            continue;
        enum capability capability =
            policy_capability_of((struct str){field->name.at + prefix.len, field->name.len - prefix.len});
        if (capability != CAPABILITY_NONE)
            held |= 1u << capability;
    }
    return held;
}

static void read_kind(struct conduct *conduct, struct organisation *organisation)
{
    struct str service = conduct_field(conduct, "service_kind");
    organisation->body = policy_body_of(conduct_field(conduct, "body"));
    organisation->service = policy_service_of(service);
    if (organisation->body == 0 || organisation->body == BODY_OURS)
        conduct_error(conduct, "body", "Choose the body to which the organisation belongs");
    if (service.len > 0 && organisation->service == SERVICE_NONE)
        conduct_error(conduct, "service_kind", "Choose the kind of service, or leave it out");
    if (organisation->service != SERVICE_NONE && policy_service_sensitive(organisation->service) &&
        (organisation->capabilities >> CAPABILITY_sensitive_service & 1) == 0)
        conduct_error(conduct, "capabilities",
                      "A sensitive service must be accredited to record sensitive services");
}

static void read_form(struct conduct *conduct, struct organisation *organisation)
{
    enum { YEARS_AHEAD_MAX = 5 };
    struct day today = today_of(conduct);
    organisation->name = conduct_field(conduct, "name");
    organisation->phone = conduct_field(conduct, "phone");
    organisation->authority = conduct_field(conduct, "authority");
    organisation->capabilities = form_capabilities(conduct);
    organisation->accredited_until = form_day(conduct, "until", false);
    organisation->suspended = str_equal(conduct_field(conduct, "suspended"), STR("yes"));
    users_form_number(conduct, "users_max", ORGANISATION_USERS_MAX, &organisation->users_max);
    users_form_number(conduct, "staff", ORGANISATION_STAFF_MAX, &organisation->staff);
    read_kind(conduct, organisation);
    if (authority_name(organisation->authority) == NULL)
        conduct_error(conduct, "authority", "Choose the local authority in whose area it works");
    if (organisation->accredited_until.precision != DAY_EXACT)
        conduct_error(conduct, "until", "Enter the day until which it is accredited");
    else if (day_number(organisation->accredited_until) >
             day_number(day_after_months(today, YEARS_AHEAD_MAX * 12)))
        conduct_error(conduct, "until", "Enter a day at most 5 years ahead: accreditation is renewed");
}

static enum fault write(struct db_tx *tx, void *context)
{
    struct organisation_job *job = context;
    struct conduct *conduct = job->conduct;
    struct access *access = conduct->service->access;
    struct organisation now;
    enum fault fault;
    if (job->version == 0)
        return access_organisation_insert(access, tx, &job->organisation);
    TRY(access_organisation_get(access, tx, job->organisation.organisation, conduct->arena, &now));
    if (now.version != job->version)
        TRY(fault_note(FAULT_CONFLICT,
                       "this organisation was changed since you opened this page: look at it again"));
    job->organisation.version = now.version;
    TRY(access_organisation_change(access, tx, &job->organisation));
done:
    return fault;
}

static enum fault refuse_form(struct organisation_job *job, enum fault why)
{
    enum fault fault;
    if (job->version == 0)
        job->organisation.organisation = (struct organisation_id){{{0}}};
    fault = show_one(job);
    return fault == FAULT_NONE ? conduct_refuse(job->conduct, REFUSAL_NONE, why) : fault;
}

static enum fault carry_out(struct organisation_job *job, enum event event)
{
    struct conduct *conduct = job->conduct;
    struct entries entries = {0};
    enum fault fault;
    TRY(users_say(conduct, &job->organisation.name, 1));
    if (conduct->answer->error_count > 0)
        return refuse_form(job, FAULT_INVALID);
    TRY(entries_add(conduct, &entries, event, (struct child_id){{{0}}}, NULL, 0));
    fault = conduct_commit(conduct, &entries, write, job);
    if (fault == FAULT_INVALID || fault == FAULT_CONFLICT) {
        conduct_error(conduct, "name", users_sentence(conduct, fault_last_note()));
        return refuse_form(job, fault);
    }
    TRY(fault);
    conduct->answer->recorded = true;
    conduct->answer->made = job->organisation.organisation.id;
done:
    return fault;
}

enum fault do_organisation_create(struct conduct *conduct)
{
    const struct permit_organisation_create permit = permit_issue_organisation_create(
        &conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_organisation_create);
    struct organisation_job job = {.conduct = conduct,
                                   .organisation.organisation = {id_new(conduct->service->entropy)}};
    read_form(conduct, &job.organisation);
    return carry_out(&job, EVENT_ORGANISATION_CREATED);
}

enum fault do_organisation_change(struct conduct *conduct)
{
    const struct permit_organisation_change permit = permit_issue_organisation_change(
        &conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_organisation_change);
    struct organisation_job job = {.conduct = conduct,
                                   .organisation.organisation = {conduct->ask->path_ids[0]},
                                   .version = users_form_version(conduct)};
    if (job.version == 0)
        job.version = UINT64_MAX; /* a form without one changes nothing */
    read_form(conduct, &job.organisation);
    return carry_out(&job, EVENT_ORGANISATION_CHANGED);
}

static struct str in_words(struct conduct *conduct, int64_t number, const char *unit)
{
    struct buffer text = buffer_open(128);
    struct str words = {"", 0};
    buffer_put_int(&text, number);
    buffer_put(&text, str_of(unit));
    if (buffer_fault(&text) == FAULT_NONE &&
        arena_copy(conduct->arena, buffer_str(&text), &words) != FAULT_NONE)
        words = (struct str){"", 0};
    buffer_close(&text);
    return words;
}

/* 0 switches a setting off. */
static struct str or_none(struct conduct *conduct, int64_t number, const char *unit)
{
    return number == 0 ? STR("No limit") : in_words(conduct, number, unit);
}

static enum fault show_settings(struct conduct *conduct)
{
    struct answer *answer = conduct->answer;
    const struct service *service = conduct->service;
    const int64_t unused_days = access_get_limits(service->access).unused_days_max;
    const struct look_limits *looks = &service->looks;
    const struct setting_view all[] = {
        {"Accounts that nobody uses are disabled after",
         unused_days == 0 ? STR("Never") : in_words(conduct, unused_days, " days")},
        {"Accounts of a new organisation, unless it is set", in_words(conduct, ORGANISATION_USERS_USUAL, "")},
        {"Children that one person may open in an hour", or_none(conduct, looks->children_per_hour, "")},
        {"Children that one person may open in a day", or_none(conduct, looks->children_per_day, "")},
        {"Searches in an hour", or_none(conduct, looks->searches_per_hour, "")},
        {"Addresses guessed in a day before the account stops", or_none(conduct, looks->guesses_per_day, "")},
        {"A child of one's own family",
         service->refuses_own_child ? STR("Refused") : STR("Shown, with an alarm")},
        {"Demonstration",
         service->demonstration ? STR("Yes: a code is taken where a key is asked for") : STR("No")},
    };
    answer->setting_count = sizeof all / sizeof all[0];
    answer->settings = arena_take_array(conduct->arena, answer->setting_count, sizeof all[0]);
    if (answer->settings == NULL)
        return FAULT_MEMORY;
    memcpy(answer->settings, all, sizeof all);
    return FAULT_NONE;
}

/* Pages that show what is in the program: which reasons there are, what each role reaches. */
static enum fault show_tables(struct conduct *conduct, enum event event)
{
    enum fault fault;
    TRY(show_settings(conduct));
    TRY(conduct_enter(conduct, event, NULL, NULL));
done:
    return fault;
}

enum fault do_reasons_view(struct conduct *conduct)
{
    const struct permit_reasons_view permit =
        permit_issue_reasons_view(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_reasons_view);
    return show_tables(conduct, EVENT_POLICY_VIEWED);
}

enum fault do_policy_view(struct conduct *conduct)
{
    const struct permit_policy_view permit =
        permit_issue_policy_view(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_policy_view);
    return show_tables(conduct, EVENT_POLICY_VIEWED);
}
