/* The life of accounts on the manager's pages (R3, page 19). */
#include "house.h"

#include <stdio.h>

static struct answer *user_do(const struct seat *seat, enum operation operation, struct account_id user,
                              const char *const *fields)
{
    const struct request request = {
        .operation = operation, .path_ids = {user.id}, .path_id_count = 1, .fields = fields};
    return house_ask(seat, &request);
}

static struct user_view *look(const struct seat *seat, struct account_id user)
{
    struct answer *answer = user_do(seat, OP_user_view, user, NULL);
    assert_int_equal(answer->fault, FAULT_NONE);
    return answer->user;
}

/* The version of an account as its page has it. */
static const char *version_of(const struct seat *seat, struct account_id user)
{
    static char text[32];
    (void)snprintf(text, sizeof text, "%d", (int)look(seat, user)->account.version);
    return text;
}

static struct seat manager_of(struct house *house)
{
    return house_sign_in(house, "manager", ROLE_user_manager);
}

static struct account_id request_account(const struct seat *manager, const char *user_name)
{
    const struct request request = {.operation = OP_user_request,
                                    .fields = FIELDS("full_name", "Marged Sample", "user_name", user_name,
                                                     "job", "Teaching assistant", "phone", "01632 960470",
                                                     "email", "", "role_practitioner", "yes")};
    struct answer *answer = house_ask(manager, &request);
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_true(answer->recorded);
    return (struct account_id){answer->made};
}

static struct answer *record_check(const struct seat *manager, struct account_id user, const char *check,
                                   const char *year)
{
    return user_do(manager, OP_user_check, user,
                   FIELDS("version", version_of(manager, user), "check", check, "done_day", "2", "done_month",
                          "11", "done_year", year));
}

static const struct audit_event *last_event(struct house *house)
{
    size_t count;
    return house_events(house, house_entries(house) - 1, &count);
}

static void an_account_is_asked_for_checked_and_admitted(void **state)
{
    struct house *house = *state;
    const struct seat manager = manager_of(house);
    static const char *const checks[] = {"identity", "clearance", "training_contactpoint", "training_sharing",
                                         "agreement"};
    struct account_id user = request_account(&manager, "m.sample");
    assert_int_equal(last_event(house)->event, EVENT_ACCOUNT_REQUESTED);
    assert_str(last_event(house)->asked, "account m.sample");
    struct user_view *view = look(&manager, user);
    assert_int_equal(view->account.state, ACCOUNT_REQUESTED);
    assert_int_equal(view->checks[CHECK_need].notice, NOTICE_NONE); /* asking confirms the need */
    assert_int_equal(view->checks[CHECK_clearance].notice, NOTICE_MISSING);
    assert_false(view->has_token);
    assert_true(id_equal(view->account.organisation.id, house->organisations[0].organisation.id));
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        struct answer *early =
            user_do(&manager, OP_user_admit, user, FIELDS("version", version_of(&manager, user)));
        assert_int_equal(early->fault, FAULT_INVALID);
        assert_true(house_has_error(early, "admit"));
        assert_non_null(early->user); /* the page again */
        assert_int_equal(record_check(&manager, user, checks[i], "2026")->fault, FAULT_NONE);
        assert_int_equal(last_event(house)->event, EVENT_USER_CHECKED);
    }
    struct answer *admitted =
        user_do(&manager, OP_user_admit, user, FIELDS("version", version_of(&manager, user)));
    assert_int_equal(admitted->fault, FAULT_NONE);
    assert_true(id_equal(admitted->made, user.id));
    view = look(&manager, user);
    assert_int_equal(view->account.state, ACCOUNT_ACTIVE);
    assert_int_equal(view->standing.hindrance, HINDRANCE_NONE);
    assert_int_equal(view->checks[CHECK_clearance].until.year, 2029);
    house_check_log(house);
}

static void a_check_has_a_day_that_counts(void **state)
{
    struct house *house = *state;
    const struct seat manager = manager_of(house);
    struct account_id user = request_account(&manager, "m.sample");
    assert_true(house_has_error(record_check(&manager, user, "clearance", "2027"), "done")); /* lies ahead */
    assert_true(
        house_has_error(record_check(&manager, user, "clearance", "2023"), "done")); /* too long ago */
    assert_true(house_has_error(record_check(&manager, user, "clearance", "20x6"), "done"));
    assert_true(house_has_error(record_check(&manager, user, "shoe_size", "2026"), "check"));
    assert_true(house_has_error(record_check(&manager, user, "identity", "1850"), "done"));
    assert_int_equal(record_check(&manager, user, "identity", "1995")->fault,
                     FAULT_NONE); /* counts for good */
    assert_int_equal(look(&manager, user)->checks[CHECK_clearance].notice, NOTICE_MISSING);
}

/* Two managers at once: the second is told, and nothing of theirs is kept. */
static void two_managers_at_once(void **state)
{
    struct house *house = *state;
    const struct seat manager = manager_of(house);
    struct account_id user = request_account(&manager, "m.sample");
    char stale[32];
    (void)snprintf(stale, sizeof stale, "%s", version_of(&manager, user));
    assert_int_equal(record_check(&manager, user, "identity", "2026")->fault, FAULT_NONE);
    const char *const *const forms[] = {FIELDS("version", stale, "check", "agreement", "done_day", "1",
                                               "done_month", "11", "done_year", "2026"),
                                        FIELDS("version", stale),
                                        FIELDS("version", stale, "role_override_practitioner", "yes"),
                                        FIELDS("version", stale, "close_why", "has left")};
    static const enum operation operations[] = {OP_user_check, OP_user_admit, OP_user_roles, OP_user_close};
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        struct answer *answer = user_do(&manager, operations[i], user, forms[i]);
        assert_true(answer->fault == FAULT_CONFLICT || answer->fault == FAULT_INVALID);
        assert_true(answer->error_count > 0);
        assert_non_null(answer->user);
    }
    struct user_view *view = look(&manager, user);
    assert_int_equal(view->checks[CHECK_agreement].notice, NOTICE_MISSING);
    assert_int_equal(view->account.state, ACCOUNT_REQUESTED);
    assert_int_equal(view->account.roles[0], ROLE_practitioner);
}

/* R3.3: on the very next request, whichever version was looked at; reinstated, they sign in anew. */
static void case_17_suspended_and_reinstated(void **state)
{
    struct house *house = *state;
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct seat manager = manager_of(house);
    const struct request find = {.operation = OP_find_page};
    struct account_id user = house_staff(house, "teacher")->account;
    assert_int_equal(house_ask(&teacher, &find)->fault, FAULT_NONE);
    struct answer *thin = user_do(&manager, OP_user_suspend, user, FIELDS("suspend_why", ""));
    assert_true(house_has_error(thin, "suspend_why"));
    assert_int_equal(house_ask(&teacher, &find)->fault, FAULT_NONE);
    struct answer *suspended = user_do(&manager, OP_user_suspend, user,
                                       FIELDS("version", "77", "suspend_why", "searched for a neighbour"));
    assert_int_equal(suspended->fault, FAULT_NONE);
    assert_str(last_event(house)->asked, "suspend teacher searched for a neighbour");
    assert_int_equal(house_ask(&teacher, &find)->fault, FAULT_SIGN_IN);
    assert_str(look(&manager, user)->account.why, "searched for a neighbour");
    assert_int_equal(user_do(&manager, OP_user_suspend, user, FIELDS("suspend_why", "again"))->fault,
                     FAULT_CONFLICT);
    /* A check recorded meanwhile neither forgets the reason nor lets the account be used. */
    assert_int_equal(record_check(&manager, user, "clearance", "2026")->fault, FAULT_NONE);
    assert_str(look(&manager, user)->account.why, "searched for a neighbour");
    assert_int_equal(
        user_do(&manager, OP_user_reinstate, user, FIELDS("version", version_of(&manager, user)))->fault,
        FAULT_NONE);
    assert_int_equal(house_ask(&teacher, &find)->fault, FAULT_SIGN_IN); /* the old session stays ended */
    assert_int_equal(look(&manager, user)->account.why.len, 0);
    const struct seat again = house_sign_in(house, "teacher", ROLE_practitioner);
    assert_int_equal(house_ask(&again, &find)->fault, FAULT_NONE);
    house_check_log(house);
}

/* The role that a session acts in is taken away: its next request is refused. */
static void case_40_role_removed_mid_session(void **state)
{
    struct house *house = *state;
    const struct seat administrator = house_sign_in(house, "administrator", ROLE_national_administrator);
    const struct seat shielder = house_sign_in(house, "shielder", ROLE_shielding_officer);
    const struct request own = {.operation = OP_account_view};
    struct account_id user = house_staff(house, "shielder")->account;
    assert_int_equal(house_ask(&shielder, &own)->fault, FAULT_NONE);
    struct answer *changed =
        user_do(&administrator, OP_user_roles, user,
                FIELDS("version", version_of(&administrator, user), "role_rights_officer", "yes"));
    assert_int_equal(changed->fault, FAULT_NONE);
    assert_int_equal(last_event(house)->event, EVENT_USER_ROLES_CHANGED);
    struct answer *refused = house_ask(&shielder, &own);
    assert_int_equal(refused->fault, FAULT_REFUSED);
    assert_int_equal(refused->refusal, REFUSAL_ROLE);
}

/* R2, R3.5: only what the manager may give, and what the organisation is accredited for. */
static void roles_are_given_within_bounds(void **state)
{
    struct house *house = *state;
    const struct seat manager = manager_of(house);
    const struct seat administrator = house_sign_in(house, "administrator", ROLE_national_administrator);
    struct account_id teacher = house_staff(house, "teacher")->account;
    static const char *const above[] = {"role_user_manager", "role_shielding_officer", "role_audit_reviewer",
                                        "role_national_administrator"};
    for (size_t i = 0; i < sizeof above / sizeof above[0]; i++) {
        struct answer *answer = user_do(&manager, OP_user_roles, teacher,
                                        FIELDS("version", version_of(&manager, teacher), above[i], "yes"));
        assert_int_equal(answer->fault, FAULT_INVALID);
        assert_true(house_has_error(answer, "roles"));
    }
    assert_true(house_has_error(
        user_do(&manager, OP_user_roles, teacher, FIELDS("version", version_of(&manager, teacher))),
        "roles"));
    assert_int_equal(look(&manager, teacher)->account.roles[0], ROLE_practitioner);
    /* An audit reviewer holds no other management role. */
    struct account_id reviewer = house_staff(house, "reviewer")->account;
    struct answer *both = user_do(&administrator, OP_user_roles, reviewer,
                                  FIELDS("version", version_of(&administrator, reviewer),
                                         "role_audit_reviewer", "yes", "role_data_officer", "yes"));
    assert_int_equal(both->fault, FAULT_INVALID);
    assert_true(house_has_error(both, "roles"));
}

/* Other people's, officers', one's own and nobody's accounts are answered alike. */
static void whom_a_manager_sees(void **state)
{
    struct house *house = *state;
    const struct seat manager = manager_of(house);
    static const char *const others[] = {"visitor",       "shielder", "reviewer",
                                         "administrator", "operator", "manager"};
    for (size_t i = 0; i <= sizeof others / sizeof others[0]; i++) {
        bool nobody = i == sizeof others / sizeof others[0];
        struct account_id user = nobody ? (struct account_id){{{9}}} : house_staff(house, others[i])->account;
        for (enum operation operation = OP_user_view; operation <= OP_user_close; operation++) {
            struct answer *answer =
                user_do(&manager, operation, user,
                        FIELDS("version", "1", "suspend_why", "suspicion", "close_why", "left"));
            if (answer->fault != FAULT_ABSENT)
                fail_msg("%s: %s", policy_operation(operation)->name, fault_name(answer->fault));
            assert_null(answer->user);
        }
    }
    const struct seat administrator = house_sign_in(house, "administrator", ROLE_national_administrator);
    static const char *const theirs[] = {"manager", "shielder", "reviewer", "operator"};
    for (size_t i = 0; i < sizeof theirs / sizeof theirs[0]; i++)
        assert_non_null(look(&administrator, house_staff(house, theirs[i])->account));
    assert_int_equal(
        user_do(&administrator, OP_user_view, house_staff(house, "teacher")->account, NULL)->fault,
        FAULT_ABSENT);
}

static struct users_view *list(const struct seat *seat, const char *const *fields)
{
    const struct request request = {.operation = fields == NULL ? OP_user_list : OP_user_filter,
                                    .fields = fields};
    struct answer *answer = house_ask(seat, &request);
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_non_null(answer->users);
    return answer->users;
}

static void the_list_shows_what_presses(void **state)
{
    struct house *house = *state;
    const struct seat manager = manager_of(house);
    struct users_view *all = list(&manager, NULL);
    assert_int_equal(all->count, 2); /* the two teachers: officers are not the manager's */
    assert_int_equal(all->rows[0].checks_done, CHECKS_END - 1);
    (void)request_account(&manager, "z.sample");
    all = list(&manager, NULL);
    assert_int_equal(all->count, 3);
    assert_str(all->rows[0].user_name, "z.sample"); /* first what waits */
    assert_int_equal(all->rows[0].checks_done, 1);
    assert_int_equal(list(&manager, FIELDS("name", "OWAIN", "show", ""))->count, 1);
    assert_int_equal(list(&manager, FIELDS("name", "", "show", "requested"))->count, 1);
    assert_int_equal(list(&manager, FIELDS("name", "", "show", "attention"))->count, 1);
    assert_int_equal(list(&manager, FIELDS("name", "", "show", "closed"))->count, 0);
    assert_int_equal(list(&manager, FIELDS("name", "nobody", "show", ""))->count, 0);
    const struct seat administrator = house_sign_in(house, "administrator", ROLE_national_administrator);
    assert_int_equal(list(&administrator, NULL)->count, 1); /* the operator */
}

static int64_t waiting_users(const struct seat *seat)
{
    const struct team_view *team = house_ask(seat, &(struct request){.operation = OP_manage_home})->team;
    assert_non_null(team);
    assert_str(team->team, "Northgate Primary School"); /* not the authority's team */
    for (size_t i = 0; i < team->count; i++)
        if (str_equal(team->cards[i].title, STR("Users")))
            return team->cards[i].open;
    fail_msg("no card leads to the users");
    return -1;
}

/* What presses in the list is counted on the manager's home. */
static void the_home_counts_what_presses(void **state)
{
    struct house *house = *state;
    const struct seat manager = manager_of(house);
    assert_int_equal(waiting_users(&manager), 0);
    (void)request_account(&manager, "n.sample");
    assert_int_equal(waiting_users(&manager), 1);
}

static void names_are_never_used_again(void **state)
{
    struct house *house = *state;
    const struct seat manager = manager_of(house);
    struct account_id user = request_account(&manager, "m.sample");
    struct answer *closed =
        user_do(&manager, OP_user_close, user,
                FIELDS("version", version_of(&manager, user), "close_why", "asked for by mistake"));
    assert_int_equal(closed->fault, FAULT_NONE);
    assert_int_equal(look(&manager, user)->account.state, ACCOUNT_CLOSED);
    const struct request again = {.operation = OP_user_request,
                                  .fields = FIELDS("full_name", "Other Sample", "user_name", "M.Sample",
                                                   "job", "Teacher", "role_practitioner", "yes")};
    struct answer *answer = house_ask(&manager, &again);
    assert_true(answer->fault == FAULT_DUPLICATE || answer->fault == FAULT_INVALID);
    assert_true(answer->error_count > 0);
    const struct request same = {.operation = OP_user_request,
                                 .fields = FIELDS("full_name", "Other Sample", "user_name", "m.sample", "job",
                                                  "Teacher", "role_practitioner", "yes")};
    answer = house_ask(&manager, &same);
    assert_int_equal(answer->fault, FAULT_DUPLICATE);
    assert_true(house_has_error(answer, "user_name"));
    assert_int_equal(list(&manager, FIELDS("name", "", "show", "closed"))->count, 1);
    struct answer *dead =
        user_do(&manager, OP_user_reinstate, user, FIELDS("version", version_of(&manager, user)));
    assert_int_equal(dead->fault, FAULT_CONFLICT);
    dead = record_check(&manager, user, "identity", "2026");
    assert_int_equal(dead->fault, FAULT_CONFLICT);
}

/* A child with whom the teacher works, and what a practitioner who searches sees of it. */
static struct child_id work_with(struct house *house, const struct seat *seat, const char *family,
                                 const char *given)
{
    struct row row = house_child(given, family, given, "2014-03-27");
    (void)house_load(house, SOURCE_health, &row, 1);
    struct child_id child = house_child_id(house, family, given);
    (void)house_list(seat, FIELDS("reason", "working", "family", family, "given", given, "birth_year", "2014",
                                  "birth_month", "3", "birth_day", "27"));
    assert_int_equal(house_view(seat, child)->fault, FAULT_NONE);
    const struct request record = {.operation = OP_involvement_record,
                                   .path_ids = {child.id},
                                   .path_id_count = 1,
                                   .fields =
                                       FIELDS("service", "Northgate Primary School", "kind", "school", "job",
                                              "Class teacher", "phone", "01632 960456", "email", "",
                                              "from_day", "1", "from_month", "9", "from_year", "2026")};
    struct answer *recorded = house_ask(seat, &record);
    if (recorded->fault != FAULT_NONE)
        fail_msg("%s: %s %s", given, fault_name(recorded->fault),
                 recorded->error_count > 0 ? recorded->errors[0].text : fault_last_note());
    return child;
}

static const struct child_view *see(const struct seat *seat, struct child_id child, const char *given)
{
    (void)house_list(seat, FIELDS("reason", "working", "family", "Ap Huw", "given", given, "birth_year",
                                  "2014", "birth_month", "3", "birth_day", "27"));
    struct answer *answer = house_view(seat, child);
    assert_int_equal(answer->fault, FAULT_NONE);
    return answer->child;
}

/* R3.4, R7.5 */
static void closing_hands_over_or_ends(void **state)
{
    struct house *house = *state;
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    struct child_id rhys = work_with(house, &teacher, "Ap Huw", "Rhys"),
                    mair = work_with(house, &teacher, "Ap Huw", "Mair");
    const struct seat manager = manager_of(house);
    struct account_id user = house_staff(house, "teacher")->account;
    assert_int_equal(look(&manager, user)->open_involvements, 2);
    struct answer *unsaid = user_do(&manager, OP_user_close, user,
                                    FIELDS("version", version_of(&manager, user), "close_why", "left"));
    assert_int_equal(unsaid->fault, FAULT_INVALID);
    assert_true(house_has_error(unsaid, "involvements"));
    static const char *const heirs[] = {"", "nobody", "visitor", "teacher", "manager"};
    for (size_t i = 0; i < sizeof heirs / sizeof heirs[0]; i++) {
        struct answer *wrong = user_do(&manager, OP_user_close, user,
                                       FIELDS("version", version_of(&manager, user), "close_why", "left",
                                              "involvements", "hand_over", "heir", heirs[i]));
        assert_int_equal(wrong->fault, FAULT_INVALID);
        assert_true(house_has_error(wrong, "heir"));
    }
    assert_int_equal(look(&manager, user)->open_involvements, 2); /* nothing half done */
    struct answer *closed = user_do(&manager, OP_user_close, user,
                                    FIELDS("version", version_of(&manager, user), "close_why", "left",
                                           "involvements", "hand_over", "heir", "second.teacher"));
    assert_int_equal(closed->fault, FAULT_NONE);
    assert_null(closed->child); /* the manager sees no child */
    assert_int_equal(look(&manager, user)->account.state, ACCOUNT_CLOSED);
    assert_int_equal(look(&manager, user)->open_involvements, 0);
    struct account_id heir = house_staff(house, "second.teacher")->account;
    assert_int_equal(look(&manager, heir)->open_involvements, 2);
    const struct seat second = house_sign_in(house, "second.teacher", ROLE_practitioner);
    const struct child_view *view = see(&second, rhys, "Rhys");
    assert_int_equal(view->service_count, 1);
    assert_true(view->services[0].own);
    assert_str(view->services[0].person, "Owain Sample");
    assert_int_equal(view->past_service_count, 1);
    /* and where nobody takes them over they end */
    closed =
        user_do(&manager, OP_user_close, heir,
                FIELDS("version", version_of(&manager, heir), "close_why", "left", "involvements", "end"));
    assert_int_equal(closed->fault, FAULT_NONE);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    view = see(&visitor, mair, "Mair");
    assert_int_equal(view->service_count, 0);
    assert_int_equal(view->past_service_count, 2);
    house_check_log(house);
}

/* More than one lot: a caseload. */
static void a_caseload_ends_as_a_whole(void **state)
{
    struct house *house = *state;
    static const char *const names[][2] = {{"Arwel", "Ann"},     {"Brooks", "Bet"},  {"Chaudhry", "Cai"},
                                           {"Dunmore", "Olive"}, {"Eliasz", "Ela"},  {"Fairfax", "Fay"},
                                           {"Granger", "Gwen"},  {"Hollis", "Hew"},  {"Ingram", "Ifan"},
                                           {"Jessop", "Jac"},    {"Kowalski", "Kit"}};
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        (void)work_with(house, &teacher, names[i][0], names[i][1]);
    const struct seat manager = manager_of(house);
    struct account_id user = house_staff(house, "teacher")->account;
    int64_t before = house_entries(house);
    assert_int_equal(look(&manager, user)->open_involvements, 11);
    struct answer *closed =
        user_do(&manager, OP_user_close, user,
                FIELDS("version", version_of(&manager, user), "close_why", "left", "involvements", "end"));
    assert_int_equal(closed->fault, FAULT_NONE);
    assert_int_equal(house_entries(house),
                     before + 2 + 11 + 1); /* two views of the page, each child, the account */
    assert_int_equal(house_count(house, "SELECT count(*) FROM open_involvement"), 0);
    house_check_log(house);
}

static struct answer *declare(const struct seat *seat, const char *const *fields)
{
    return house_ask(seat, &(struct request){.operation = OP_staff_facts_give, .fields = fields});
}

/* R3.8: given, and never shown again. */
static void staff_declare_their_family(void **state)
{
    struct house *house = *state;
    const struct seat teacher = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct request own = {.operation = OP_account_view};
    assert_false(house_ask(&teacher, &own)->account->facts_given);
    assert_true(house_has_error(declare(&teacher, FIELDS("home_postcode", "")), "home_postcode"));
    assert_true(house_has_error(declare(&teacher, FIELDS("relative_1_given", "Zoe")), "relative_1"));
    assert_true(house_has_error(declare(&teacher, FIELDS("relative_2_number", "CP-0")), "relative_2"));
    assert_true(house_has_error(declare(&teacher, FIELDS("surnames", "a,b,c,d,e,f,g")), "surnames"));
    struct answer *given =
        declare(&teacher, FIELDS("home_postcode", "LS6 1AA", "surnames", "Sample, Marsh", "relative_1_given",
                                 "Zoe", "relative_1_family", "Sample", "relative_1_day", "9",
                                 "relative_1_month", "4", "relative_1_year", "2015"));
    assert_int_equal(given->fault, FAULT_NONE);
    assert_int_equal(last_event(house)->event, EVENT_STAFF_FACTS_GIVEN);
    assert_int_equal(last_event(house)->asked.len, 0);
    assert_true(house_ask(&teacher, &own)->account->facts_given);
    house_check_log(house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(an_account_is_asked_for_checked_and_admitted),
        WITH_HOUSE(a_check_has_a_day_that_counts),
        WITH_HOUSE(two_managers_at_once),
        WITH_HOUSE(case_17_suspended_and_reinstated),
        WITH_HOUSE(case_40_role_removed_mid_session),
        WITH_HOUSE(roles_are_given_within_bounds),
        WITH_HOUSE(whom_a_manager_sees),
        WITH_HOUSE(the_list_shows_what_presses),
        WITH_HOUSE(the_home_counts_what_presses),
        WITH_HOUSE(names_are_never_used_again),
        WITH_HOUSE(closing_hands_over_or_ends),
        WITH_HOUSE(a_caseload_ends_as_a_whole),
        WITH_HOUSE(staff_declare_their_family),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
