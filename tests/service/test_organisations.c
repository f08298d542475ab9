/* Organisations on the administrator's pages (R3.5, R3.7, page 30). */
#include "house.h"

#include <stdio.h>

static struct seat administrator_of(struct house *house)
{
    return house_sign_in(house, "administrator", ROLE_national_administrator);
}

static struct answer *organisation_do(const struct seat *seat, enum operation operation,
                                      struct organisation_id id, const char *const *fields)
{
    const struct request request = {
        .operation = operation, .path_ids = {id.id}, .path_id_count = 1, .fields = fields};
    return house_ask(seat, &request);
}

static struct organisation_view *look(const struct seat *seat, struct organisation_id id)
{
    struct answer *answer = organisation_do(seat, OP_organisation_view, id, NULL);
    assert_int_equal(answer->fault, FAULT_NONE);
    return answer->organisation;
}

static const char *version_of(const struct seat *seat, struct organisation_id id)
{
    static char text[32];
    (void)snprintf(text, sizeof text, "%d", (int)look(seat, id)->row.organisation.version);
    return text;
}

/* The school of the house as its form has it, with what a test changes. */
struct school_form {
    const char *version;
    const char *override;
    const char *year;
    const char *users_max;
    const char *suspended;
};

static struct answer *change_school(const struct seat *seat, struct organisation_id id,
                                    const struct school_form *form)
{
    return organisation_do(seat, OP_organisation_change, id,
                           FIELDS("version", form->version == NULL ? version_of(seat, id) : form->version,
                                  "name", "Northgate Primary School", "phone", "01632 960101", "authority",
                                  "E06000001", "body", "education", "service_kind", "school",
                                  "capability_query", "yes", "capability_override",
                                  form->override == NULL ? "yes" : form->override, "until_day", "1",
                                  "until_month", "1", "until_year", form->year == NULL ? "2030" : form->year,
                                  "users_max", form->users_max == NULL ? "50" : form->users_max, "staff",
                                  "40", "suspended", form->suspended == NULL ? "" : form->suspended));
}

static const struct audit_event *last_event(struct house *house)
{
    size_t count;
    return house_events(house, house_entries(house) - 1, &count);
}

static void an_organisation_is_added_and_its_manager_asked_for(void **state)
{
    struct house *house = *state;
    const struct seat administrator = administrator_of(house);
    const char *const *fields =
        FIELDS("name", "Ysgol y Bont", "phone", "01632 960180", "authority", "E06000002", "body", "education",
               "service_kind", "school", "capability_query", "yes", "until_day", "1", "until_month", "9",
               "until_year", "2029", "users_max", "3", "staff", "31");
    const struct request create = {.operation = OP_organisation_create, .fields = fields};
    struct answer *made = house_ask(&administrator, &create);
    assert_int_equal(made->fault, FAULT_NONE);
    assert_int_equal(last_event(house)->event, EVENT_ORGANISATION_CREATED);
    assert_str(last_event(house)->asked, "Ysgol y Bont");
    struct organisation_id id = {made->made};
    struct organisation_view *view = look(&administrator, id);
    assert_str(view->row.organisation.name, "Ysgol y Bont");
    assert_int_equal(view->row.organisation.capabilities, 1u << CAPABILITY_query);
    assert_int_equal(view->row.organisation.users_max, 3);
    assert_int_equal(view->users.count, 0);
    char text[64];
    struct buffer buffer = buffer_open(64);
    id_put(&buffer, id.id);
    (void)snprintf(text, sizeof text, "%.*s", (int)buffer.len, buffer.at);
    buffer_close(&buffer);
    const struct request manager = {.operation = OP_user_request,
                                    .fields =
                                        FIELDS("organisation", text, "full_name", "Ines Other", "user_name",
                                               "i.other", "job", "Bursar", "role_user_manager", "yes")};
    assert_int_equal(house_ask(&administrator, &manager)->fault, FAULT_NONE);
    view = look(&administrator, id);
    assert_int_equal(view->users.count, 1);
    assert_str(view->users.rows[0].user_name, "i.other");
    /* practitioners are asked for by that manager */
    const struct request teacher = {.operation = OP_user_request,
                                    .fields =
                                        FIELDS("organisation", text, "full_name", "Huw Other", "user_name",
                                               "h.other", "job", "Teacher", "role_practitioner", "yes")};
    assert_true(house_has_error(house_ask(&administrator, &teacher), "roles"));
    house_check_log(house);
}

static void forms_are_read_with_care(void **state)
{
    struct house *house = *state;
    const struct seat administrator = administrator_of(house);
    static const struct {
        const char *field;
        const char *value;
        const char *error;
    } wrong[] = {{"name", "", "name"},
                 {"authority", "E99999999", "authority"},
                 {"body", "ours", "body"},
                 {"body", "nobody", "body"},
                 {"service_kind", "spying", "service_kind"},
                 {"service_kind", "mental_health", "capabilities"},
                 {"until_day", "31", "until"},
                 {"until_year", "2040", "until"},
                 {"users_max", "2001", "users_max"},
                 {"users_max", "-1", "users_max"},
                 {"staff", "many", "staff"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const char *fields[] = {"name",
                                "Ysgol y Bont",
                                "authority",
                                "E06000002",
                                "body",
                                "education",
                                "service_kind",
                                "school",
                                "capability_query",
                                "yes",
                                "until_day",
                                "1",
                                "until_month",
                                "9",
                                "until_year",
                                "2029",
                                "users_max",
                                "3",
                                "staff",
                                "31",
                                NULL};
        for (size_t k = 0; fields[k] != NULL; k += 2)
            if (strcmp(fields[k], wrong[i].field) == 0)
                fields[k + 1] = wrong[i].value;
        const struct request create = {.operation = OP_organisation_create, .fields = fields};
        struct answer *answer = house_ask(&administrator, &create);
        if (answer->fault != FAULT_INVALID || !house_has_error(answer, wrong[i].error))
            fail_msg("%s: %s", wrong[i].field, fault_name(answer->fault));
        assert_non_null(answer->organisation); /* the form again */
        assert_false(answer->recorded);
    }
    assert_int_equal(house_count(house, "SELECT count(*) FROM organisation"), HOUSE_ORGANISATIONS);
}

/* Its people are refused from the day on, and at once where it is suspended; renewed, they go on. */
static void case_43_its_people_are_refused(void **state)
{
    struct house *house = *state;
    struct organisation_id school = house->organisations[0].organisation;
    const struct request find = {.operation = OP_find_page};
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    const struct seat administrator = administrator_of(house);
    struct answer *changed = change_school(&administrator, school, &(struct school_form){.suspended = "yes"});
    assert_int_equal(changed->fault, FAULT_NONE);
    assert_int_equal(house_ask(&teacher, &find)->fault, FAULT_SIGN_IN);
    assert_int_equal(house_ask(&visitor, &find)->fault, FAULT_NONE);
    changed = change_school(&administrator, school, &(struct school_form){0});
    assert_int_equal(changed->fault, FAULT_NONE);
    assert_int_equal(house_ask(&teacher, &find)->fault, FAULT_NONE);
    changed = change_school(&administrator, school, &(struct school_form){.year = "2026"});
    assert_int_equal(changed->fault, FAULT_NONE);
    assert_false(look(&administrator, school)->row.organisation.active);
    assert_int_equal(house_ask(&teacher, &find)->fault, FAULT_SIGN_IN);
    assert_int_equal(house_ask(&teacher, &find)->refusal, REFUSAL_ACCOUNT);
}

/* R3.5: no user holds what the organisation lacks, whatever they were given before. */
static void capabilities_bound_its_people(void **state)
{
    struct house *house = *state;
    struct organisation_id school = house->organisations[0].organisation;
    const struct seat administrator = administrator_of(house);
    const struct seat manager = house_sign_in(house, "manager", ROLE_user_manager);
    const struct request page = {.operation = OP_user_request_page};
    assert_int_equal(house_ask(&manager, &page)->user->offered_count, 2);
    assert_int_equal(change_school(&administrator, school, &(struct school_form){.override = ""})->fault,
                     FAULT_NONE);
    assert_int_equal(house_ask(&manager, &page)->user->offered_count, 1);
    const struct request order = {.operation = OP_user_request,
                                  .fields = FIELDS("full_name", "Huw Other", "user_name", "h.other", "job",
                                                   "Teacher", "role_override_practitioner", "yes")};
    assert_true(house_has_error(house_ask(&manager, &order), "roles"));
}

/* R3.7 */
static void a_cap_bounds_its_accounts(void **state)
{
    struct house *house = *state;
    struct organisation_id school = house->organisations[0].organisation;
    const struct seat administrator = administrator_of(house);
    const struct seat manager = house_sign_in(house, "manager", ROLE_user_manager);
    int64_t accounts = look(&administrator, school)->row.accounts;
    char text[32];
    (void)snprintf(text, sizeof text, "%d", (int)accounts);
    assert_int_equal(change_school(&administrator, school, &(struct school_form){.users_max = text})->fault,
                     FAULT_NONE);
    const struct request order = {.operation = OP_user_request,
                                  .fields = FIELDS("full_name", "Huw Other", "user_name", "h.other", "job",
                                                   "Teacher", "role_practitioner", "yes")};
    struct answer *full = house_ask(&manager, &order);
    assert_int_equal(full->fault, FAULT_INVALID);
    assert_true(house_has_error(full, "order"));
    (void)snprintf(text, sizeof text, "%d", (int)accounts + 1);
    assert_int_equal(change_school(&administrator, school, &(struct school_form){.users_max = text})->fault,
                     FAULT_NONE);
    assert_int_equal(house_ask(&manager, &order)->fault, FAULT_NONE);
    assert_int_equal(look(&administrator, school)->row.accounts, accounts + 1);
}

static void two_administrators_at_once(void **state)
{
    struct house *house = *state;
    struct organisation_id school = house->organisations[0].organisation;
    const struct seat administrator = administrator_of(house);
    struct answer *first = change_school(&administrator, school, &(struct school_form){.version = "1"});
    assert_int_equal(first->fault, FAULT_NONE);
    struct answer *second =
        change_school(&administrator, school, &(struct school_form){.version = "1", .users_max = "7"});
    assert_int_equal(second->fault, FAULT_CONFLICT);
    assert_true(second->error_count > 0);
    struct answer *without = change_school(&administrator, school, &(struct school_form){.version = ""});
    assert_int_equal(without->fault, FAULT_CONFLICT);
    assert_int_equal(look(&administrator, school)->row.organisation.users_max, 50);
    assert_int_equal(
        organisation_do(&administrator, OP_organisation_view, (struct organisation_id){{{9}}}, NULL)->fault,
        FAULT_ABSENT);
}

static void the_list_shows_users_against_staff(void **state)
{
    struct house *house = *state;
    const struct seat administrator = administrator_of(house);
    const struct request all = {.operation = OP_organisation_list};
    struct organisations_view *view = house_ask(&administrator, &all)->organisations;
    assert_int_equal(view->total, HOUSE_ORGANISATIONS);
    assert_int_equal(view->count, HOUSE_ORGANISATIONS);
    const struct request some = {.operation = OP_organisation_filter,
                                 .fields = FIELDS("name", "harbour", "show", "")};
    view = house_ask(&administrator, &some)->organisations;
    assert_int_equal(view->count, 1);
    assert_str(view->rows[0].organisation.name, "Harbour Health Visiting");
    assert_int_equal(view->rows[0].accounts, 1);
    const struct request pressing = {.operation = OP_organisation_filter,
                                     .fields = FIELDS("name", "", "show", "attention")};
    assert_int_equal(house_ask(&administrator, &pressing)->organisations->count, 0);
    (void)change_school(&administrator, house->organisations[0].organisation,
                        &(struct school_form){.suspended = "yes"});
    view = house_ask(&administrator, &pressing)->organisations;
    assert_int_equal(view->count, 1);
    assert_true(view->rows[0].organisation.suspended);
    const struct request policy = {.operation = OP_policy_view};
    assert_true(house_ask(&administrator, &policy)->setting_count > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(an_organisation_is_added_and_its_manager_asked_for),
        WITH_HOUSE(forms_are_read_with_care),
        WITH_HOUSE(case_43_its_people_are_refused),
        WITH_HOUSE(capabilities_bound_its_people),
        WITH_HOUSE(a_cap_bounds_its_accounts),
        WITH_HOUSE(two_administrators_at_once),
        WITH_HOUSE(the_list_shows_users_against_staff),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
