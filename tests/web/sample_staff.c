/* Views of accounts and organisations, made by hand. */
#include "sample_views.h"

static struct id id_of(uint8_t first)
{
    return (struct id){{first, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
}

static struct day day_of(uint16_t year, uint8_t month, uint8_t number)
{
    return (struct day){year, month, number, DAY_EXACT};
}

static void make_checks(struct check_view checks[CHECKS_END])
{
    static const enum notice notices[CHECKS_END] = {0,        NOTICE_NONE,   NOTICE_NONE,   NOTICE_60,
                                                    NOTICE_7, NOTICE_LAPSED, NOTICE_MISSING};
    for (int check = 1; check < CHECKS_END; check++)
        checks[check] =
            (struct check_view){.check = (enum account_check)check,
                                .done = day_of(2023, 12, 1),
                                .until = check < CHECK_clearance ? (struct day){0} : day_of(2026, 12, 1),
                                .notice = notices[check],
                                .days_left = check == CHECK_clearance ? 40 : 1};
    checks[CHECK_agreement].done = checks[CHECK_agreement].until = (struct day){0};
}

static void make_users(struct staff_samples *s, const struct sample_texts *texts)
{
    static const enum hindrance hindrances[] = {HINDRANCE_NONE,    HINDRANCE_NONE,      HINDRANCE_REQUESTED,
                                                HINDRANCE_LAPSED,  HINDRANCE_SUSPENDED, HINDRANCE_CLOSED,
                                                HINDRANCE_MISSING, HINDRANCE_UNUSED};
    enum { ROWS = sizeof hindrances / sizeof hindrances[0] };
    for (uint8_t i = 0; i < ROWS; i++)
        s->rows[i] =
            (struct user_row){.account = {id_of((uint8_t)(i + 1))},
                              .full_name = texts->person,
                              .user_name = texts->typed,
                              .job = texts->typed,
                              .roles = STR("Practitioner"),
                              .standing = {hindrances[i], i == 3 ? CHECK_clearance : CHECK_NONE},
                              .nearest = {.check = i == 1 ? CHECK_agreement : CHECK_NONE, .days_left = 1},
                              .checks_done = i % CHECKS_END};
    s->users = (struct users_view){.organisation_name = texts->organisation,
                                   .rows = s->rows,
                                   .count = ROWS,
                                   .left_out = 17,
                                   .accounts = 9,
                                   .users_max = 50,
                                   .may_request = true};
    s->no_users = (struct users_view){.filtered = true};
    s->user = (struct user_view){.account = {.account = {id_of(1)},
                                             .organisation = {id_of(2)},
                                             .state = ACCOUNT_ACTIVE,
                                             .version = 3,
                                             .user_name = texts->typed,
                                             .full_name = texts->person,
                                             .job = texts->typed,
                                             .phone = texts->typed,
                                             .email = texts->typed,
                                             .roles = {ROLE_practitioner},
                                             .role_count = 1,
                                             .used = {2026, 11, 3, DAY_EXACT}},
                                 .organisation_name = texts->organisation,
                                 .standing = {HINDRANCE_NONE, CHECK_NONE},
                                 .open_involvements = 2,
                                 .has_token = true,
                                 .offered = {ROLE_practitioner, ROLE_override_practitioner},
                                 .offered_count = 2};
    make_checks(s->user.checks);
    s->user.held = (struct held_view){
        .at = {{.key = id_of(3),
                .kind = HELD_KEY,
                .number = 1,
                .made = {INT64_C(1793700000000000)},
                .used = day_of(2026, 11, 3),
                .standing = STR("In use"),
                .in_use = true},
               {.key = id_of(4), .kind = HELD_APP, .standing = STR("Disabled after too many failures")}},
        .count = 2,
        .usable = 1};
    s->revoking[0] = s->revoking[1] = s->user;
    for (size_t i = 0; i < 2; i++)
        s->revoking[i].revoking = &s->user.held.at[i];
    s->suspended = s->user;
    s->suspended.account.state = ACCOUNT_SUSPENDED;
    s->suspended.account.why = texts->typed;
    s->suspended.standing.hindrance = HINDRANCE_SUSPENDED;
    s->closed = s->suspended;
    s->closed.account.state = ACCOUNT_CLOSED;
    s->closed.standing.hindrance = HINDRANCE_CLOSED;
}

static void make_organisations(struct staff_samples *s, const struct sample_texts *texts)
{
    for (uint8_t i = 0; i < 3; i++)
        s->lines[i] = (struct organisation_row){.organisation = {.organisation = {id_of((uint8_t)(i + 1))},
                                                                 .active = i != 2,
                                                                 .suspended = i == 2,
                                                                 .version = 4,
                                                                 .name = texts->organisation,
                                                                 .phone = texts->typed,
                                                                 .authority = STR("E06000901"),
                                                                 .body = BODY_HEALTH,
                                                                 .service = SERVICE_health_visiting,
                                                                 .capabilities = 1u << CAPABILITY_query,
                                                                 .accredited_until = day_of(2027, 3, 27),
                                                                 .users_max = 50,
                                                                 .staff = i == 1 ? 0 : 40},
                                                .area = STR("Eastmere"),
                                                .notice = i == 1 ? NOTICE_30 : NOTICE_NONE,
                                                .days_left = 20,
                                                .accounts = i == 0 ? 50 : 3};
    s->organisations = (struct organisations_view){.rows = s->lines, .count = 3, .left_out = 2, .total = 5};
    s->no_organisations = (struct organisations_view){.filtered = true};
    s->organisation = (struct organisation_view){.row = s->lines[1],
                                                 .users = s->users,
                                                 .offered = {ROLE_user_manager, ROLE_data_officer},
                                                 .offered_count = 2};
    s->settings[0] = (struct setting_view){"Accounts that nobody uses are disabled after", STR("90 days")};
}

static struct sample *sample_staff(struct samples *samples, const char *name, enum operation operation,
                                   struct str caller)
{
    must(samples->count < sizeof samples->at / sizeof samples->at[0]);
    struct sample *sample = &samples->at[samples->count++];
    *sample = (struct sample){.name = name, .operation = operation, .status = 200};
    sample->answer.form_token = STR("0123456789abcdef0123456789abcdef");
    sample->answer.reference = id_of(200);
    sample->answer.signed_in = true;
    sample->answer.role = ROLE_national_administrator;
    sample->answer.caller_name = caller;
    sample->answer.authorities = samples->authorities;
    sample->answer.authority_count = 3;
    sample->ask = (struct ask){.operation = operation, .path_ids = {id_of(1)}, .path_id_count = 1};
    return sample;
}

/* A form that comes back with these fields wrong. */
static struct sample *wrong(struct samples *samples, struct sample *sample, const char *const *fields)
{
    sample->status = 422;
    sample->answer.fault = FAULT_INVALID;
    for (size_t i = 0; fields[i] != NULL; i++)
        sample->answer.errors[sample->answer.error_count++] = (struct field_error){fields[i], "Change this"};
    sample->ask.fields = samples->fields;
    sample->ask.field_count = samples->field_count;
    return sample;
}

#define FIELDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void add_users(struct samples *samples, struct staff_samples *s, struct str caller)
{
    static const struct {
        const char *name;
        enum operation operation;
        const char *field;
    } forms[] = {{"user-check-errors", OP_user_check, "done"},
                 {"user-admit-errors", OP_user_admit, "admit"},
                 {"user-suspend-errors", OP_user_suspend, "suspend_why"},
                 {"user-roles-errors", OP_user_roles, "roles"},
                 {"user-close-errors", OP_user_close, "involvements"},
                 {"user-enrol-errors", OP_enrolment_approve, "code"}};
    sample_staff(samples, "users", OP_user_list, caller)->answer.users = &s->users;
    sample_staff(samples, "users-none", OP_user_filter, caller)->answer.users = &s->no_users;
    sample_staff(samples, "user", OP_user_view, caller)->answer.user = &s->user;
    sample_staff(samples, "user-suspended", OP_user_view, caller)->answer.user = &s->suspended;
    sample_staff(samples, "user-closed", OP_user_view, caller)->answer.user = &s->closed;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        wrong(samples, sample_staff(samples, forms[i].name, forms[i].operation, caller),
              FIELDS(forms[i].field))
            ->answer.user = &s->user;
    sample_staff(samples, "user-key", OP_user_key_page, caller)->answer.user = &s->revoking[0];
    sample_staff(samples, "user-app", OP_user_key_page, caller)->answer.user = &s->revoking[1];
    sample_staff(samples, "user-new", OP_user_request_page, caller)->answer.user = &s->user;
    wrong(samples, sample_staff(samples, "user-new-errors", OP_user_request, caller),
          FIELDS("full_name", "user_name", "job", "phone", "email", "roles", "order"))
        ->answer.user = &s->user;
    wrong(samples, sample_staff(samples, "user-gone", OP_user_check, caller), FIELDS("check"));
}

static void add_organisations(struct samples *samples, struct staff_samples *s, struct str caller)
{
    static const struct organisation_view fresh;
    sample_staff(samples, "organisations", OP_organisation_list, caller)->answer.organisations =
        &s->organisations;
    sample_staff(samples, "organisations-none", OP_organisation_filter, caller)->answer.organisations =
        &s->no_organisations;
    sample_staff(samples, "organisation", OP_organisation_view, caller)->answer.organisation =
        &s->organisation;
    s->fresh = fresh;
    sample_staff(samples, "organisation-new", OP_organisation_create_page, caller)->answer.organisation =
        &s->fresh;
    wrong(samples, sample_staff(samples, "organisation-errors", OP_organisation_change, caller),
          FIELDS("name", "phone", "authority", "body", "service_kind", "capabilities", "until", "users_max",
                 "staff"))
        ->answer.organisation = &s->organisation;
    sample_staff(samples, "reasons", OP_reasons_view, caller);
    struct sample *stopped = sample_staff(samples, "error-stopped", OP_organisation_list, caller);
    stopped->status = 401;
    stopped->answer.fault = FAULT_SIGN_IN;
    stopped->answer.refusal = REFUSAL_ACCOUNT;
    struct sample *policy = sample_staff(samples, "policy", OP_policy_view, caller);
    policy->answer.settings = s->settings;
    policy->answer.setting_count = 1;
}

void samples_add_staff(struct samples *samples, struct staff_samples *s, const struct sample_texts *texts)
{
    make_users(s, texts);
    make_organisations(s, texts);
    for (size_t i = 0; i < samples->count; i++)
        if (samples->at[i].answer.account != NULL)
            samples->at[i].answer.user = &s->user;
    add_users(samples, s, texts->person);
    add_organisations(samples, s, texts->person);
    struct sample *family =
        wrong(samples, sample_staff(samples, "account-errors", OP_staff_facts_give, texts->person),
              FIELDS("home_postcode", "surnames", "relative_1", "relative_2"));
    family->answer.account = &samples->account;
    family->answer.user = &s->user;
}
