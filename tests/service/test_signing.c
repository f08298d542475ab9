/* Signing in with a security key, stepping up, binding secrets by two people, leaving: through the service.
 */
#include "access/enrolment_inside.h"
#include "access/throttle.h"
#include "browser.h"
#include "registry/alarm.h"
#include "service/staff.h"

static int64_t alarms(struct house *house)
{
    _Static_assert(ALARM_KEY_FROZEN == 5, "the number in the statement");
    return house_count(house, "SELECT count(*) FROM alarm WHERE kind = 5");
}

static void a_key_signs_in_as_strongly_as_a_key(void **state)
{
    struct house *house = *state;
    struct soft_key key;
    struct browser browser = browser_with_key(house, "teacher", &key);
    const struct answer *answer = browser_sign_in_with(&browser, &key, "teacher");
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_int_equal(browser.cookie.len, ID_TEXT_LEN);
    answer = browser_ask(&browser, OP_security_view, NULL);
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_str(answer->security->strength, "Password and security key");
    assert_int_equal(answer->security->key_count, 1);
    assert_str(answer->security->keys[0].standing, "In use");
    soft_key_close(&key);
    house_check_log(house);
}

static void case_07_assertion_replayed_or_late(void **state)
{
    struct house *house = *state;
    struct soft_key key;
    struct browser browser = browser_with_key(house, "teacher", &key);
    const struct key_view *view = browser_offer_key(&browser, "teacher", browser_password);
    struct soft_question question = browser_question(house, view);
    struct webauthn_assertion said = soft_key_assert(&key, &question);
    struct browser again = browser;
    assert_int_equal(browser_answer_key(&browser, &key, &said, OP_sign_in_key)->fault, FAULT_NONE);
    assert_int_equal(browser_answer_key(&again, &key, &said, OP_sign_in_key)->fault, FAULT_SIGN_IN);

    struct browser late = browser_of(house);
    question = browser_question(house, browser_offer_key(&late, "teacher", browser_password));
    said = soft_key_assert(&key, &question);
    house_wait(house, CHALLENGE_SECONDS);
    assert_int_equal(browser_answer_key(&late, &key, &said, OP_sign_in_key)->fault, FAULT_SIGN_IN);

    /* A challenge is burnt by a wrong answer too. */
    struct browser wrong = browser_of(house);
    question = browser_question(house, browser_offer_key(&wrong, "teacher", browser_password));
    question.wrong = WRONG_SIGNATURE;
    said = soft_key_assert(&key, &question);
    assert_int_equal(browser_answer_key(&wrong, &key, &said, OP_sign_in_key)->fault, FAULT_SIGN_IN);
    question.wrong = 0;
    said = soft_key_assert(&key, &question);
    assert_int_equal(browser_answer_key(&wrong, &key, &said, OP_sign_in_key)->fault, FAULT_SIGN_IN);

    /* One that was given for somebody else's sign-in is not one's own. */
    struct browser mine = browser_of(house), theirs = browser_of(house);
    (void)browser_offer_key(&mine, "teacher", browser_password);
    question = browser_question(house, browser_offer_key(&theirs, "teacher", browser_password));
    said = soft_key_assert(&key, &question);
    assert_int_equal(browser_answer_key(&mine, &key, &said, OP_sign_in_key)->fault, FAULT_SIGN_IN);
    soft_key_close(&key);
    house_check_log(house);
}

static void case_08_counter_that_falls_freezes_the_key(void **state)
{
    struct house *house = *state;
    struct soft_key key;
    struct browser browser = browser_with_key(house, "teacher", &key);
    key.counter = 10;
    assert_int_equal(browser_sign_in_with(&browser, &key, "teacher")->fault, FAULT_NONE);
    int64_t before = alarms(house);
    struct browser copy = browser_of(house);
    key.counter = 4;
    assert_int_equal(browser_sign_in_with(&copy, &key, "teacher")->fault, FAULT_SIGN_IN);
    assert_int_equal(alarms(house), before + 1);
    key.counter = 40;
    assert_int_equal(browser_sign_in_with(&copy, &key, "teacher")->fault, FAULT_SIGN_IN); /* frozen */
    assert_int_equal(alarms(house), before + 1);
    const struct answer *answer = browser_ask(&browser, OP_security_view, NULL);
    assert_str(answer->security->keys[0].standing, "Frozen: there may be a copy of it");
    soft_key_close(&key);
    house_check_log(house);
}

/* Keys that never count say 0 each time (§6.1.1). */
static void a_key_that_never_counts_is_accepted(void **state)
{
    struct house *house = *state;
    struct soft_key key;
    struct browser browser = browser_with_key(house, "teacher", &key);
    for (int i = 0; i < 2; i++) {
        key.counter = UINT32_MAX; /* the next is 0 */
        assert_int_equal(browser_sign_in_with(&browser, &key, "teacher")->fault, FAULT_NONE);
    }
    soft_key_close(&key);
}

static void case_09_another_users_credential(void **state)
{
    struct house *house = *state;
    struct soft_key key;
    struct browser browser = browser_with_key(house, "teacher", &key);
    const struct key_view *view = browser_offer_key(&browser, "second.teacher", house_password.at);
    struct soft_question question = browser_question(house, view);
    key.handle.len = 0;
    const struct webauthn_assertion said = soft_key_assert(&key, &question);
    assert_int_equal(browser_answer_key(&browser, &key, &said, OP_sign_in_key)->fault, FAULT_SIGN_IN);
    soft_key_close(&key);
    house_check_log(house);
}

static void case_10_known_credential_registered(void **state)
{
    struct house *house = *state;
    struct soft_key key;
    (void)browser_with_key(house, "teacher", &key);
    struct browser holder = browser_of(house);
    browser_ask_and_approve(&holder, "second.teacher", "manager", ROLE_user_manager);
    browser_choose(&holder);
    assert_int_equal(browser_register_key(&holder, &key)->fault, FAULT_DUPLICATE);
    assert_int_equal(browser_ask(&holder, OP_enrol_status, NULL)->enrolment->key_count, 0);
    soft_key_close(&key);
    house_check_log(house);
}

static void case_11_ten_failures_disable_and_two_people_rebind(void **state)
{
    struct house *house = *state;
    struct soft_key key, fresh;
    struct browser browser = browser_with_key(house, "teacher", &key);
    for (int i = 0; i < KEY_FAILURES_MAX; i++) {
        struct soft_question question =
            browser_question(house, browser_offer_key(&browser, "teacher", browser_password));
        question.wrong = WRONG_SIGNATURE;
        const struct webauthn_assertion said = soft_key_assert(&key, &question);
        assert_int_equal(browser_answer_key(&browser, &key, &said, OP_sign_in_key)->fault, FAULT_SIGN_IN);
    }
    assert_int_equal(browser_sign_in_with(&browser, &key, "teacher")->fault, FAULT_SIGN_IN);
    struct browser again = browser_with_key(house, "teacher", &fresh);
    assert_int_equal(browser_sign_in_with(&again, &key, "teacher")->fault,
                     FAULT_SIGN_IN); /* retired for good */
    assert_int_equal(browser_sign_in_with(&again, &fresh, "teacher")->fault, FAULT_NONE);
    soft_key_close(&fresh);
    soft_key_close(&key);
    house_check_log(house);
}

static void case_12_many_names_from_one_source(void **state)
{
    struct house *house = *state;
    struct browser guesser = browser_of(house);
    char name[32];
    int waited = 0;
    guesser.source = STR("198.51.100.9");
    for (int i = 0; i < THROTTLE_SOURCE_MAX + 50; i++) {
        (void)snprintf(name, sizeof name, "guess-%d", i);
        const struct answer *answer =
            browser_offer_password(&guesser, i % 3 == 0 ? "teacher" : name, "not the password");
        waited += answer->fault == FAULT_TOO_MANY;
    }
    assert_in_range(waited, 45, 50); /* a minute forgives ten */
    /* Nobody else waits, and nobody is locked out but for the wait of the one account that was tried. */
    (void)house_sign_in(house, "visitor", ROLE_practitioner);
    house_wait(house, PASSWORD_WAIT_SECONDS_MAX);
    (void)house_sign_in(house, "teacher", ROLE_practitioner);
    house_check_log(house);
}

/* Both the challenge and the credentials of somebody who is not there look like anybody's, every time. */
static void case_13_absent_user_has_stable_decoys(void **state)
{
    struct house *house = *state;
    struct access *access = house->service->access;
    struct browser first = browser_of(house), second = browser_of(house), keyless = browser_of(house);
    const struct key_view *one = browser_offer_key(&first, "nobody.at.all", "not the password");
    const struct key_view *two = browser_offer_key(&second, "nobody.at.all", "another password");
    assert_true(str_equal(one->credentials, two->credentials));
    assert_true(one->credentials.len >= 64);
    assert_false(str_equal(one->challenge, two->challenge));
    assert_true(browser_offer_key(&keyless, "second.teacher", "wrong")->credentials.len >= 64);

    struct soft_key key;
    soft_key_open(&key, 9, house->arena);
    uint64_t cost[2][2];
    const char *const names[] = {"nobody.at.all", "second.teacher"};
    for (int i = 0; i < 2; i++) {
        struct browser browser = browser_of(house);
        const struct soft_question question =
            browser_question(house, browser_offer_key(&browser, names[i], "wrong"));
        const struct webauthn_assertion said = soft_key_assert(&key, &question);
        uint64_t statements = atomic_load(&access->statements), openings = atomic_load(&access->openings);
        assert_int_equal(browser_answer_key(&browser, &key, &said, OP_sign_in_key)->fault, FAULT_SIGN_IN);
        cost[i][0] = atomic_load(&access->statements) - statements;
        cost[i][1] = atomic_load(&access->openings) - openings;
    }
    assert_int_equal(cost[0][0], cost[1][0]);
    assert_int_equal(cost[0][1], cost[1][1]);
    soft_key_close(&key);
}

static void case_19_reset_by_a_manager(void **state)
{
    struct house *house = *state;
    const struct seat before = house_sign_in(house, "teacher", ROLE_practitioner);
    struct browser holder = browser_of(house);
    browser_ask_and_approve(&holder, "teacher", "manager", ROLE_user_manager);
    assert_int_equal(house_ask(&before, &(struct request){.operation = OP_account_view})->fault, FAULT_NONE);
    uint8_t secret[TOTP_SECRET_BYTES];
    browser_secret(&holder, secret);
    struct answer *answer = browser_ask(&holder, OP_enrol_choose,
                                        FIELDS("password", "password1234", "again", "password1234", "pin",
                                               "860214", "code", browser_code(house, secret)));
    assert_int_equal(answer->fault, FAULT_INVALID); /* case 15, with its reason */
    assert_true(house_has_error(answer, "password"));
    answer = browser_ask(&holder, OP_enrol_choose,
                         FIELDS("password", browser_password, "again", "something else here", "pin", "860214",
                                "code", browser_code(house, secret)));
    assert_true(house_has_error(answer, "again"));
    answer = browser_ask(&holder, OP_enrol_choose,
                         FIELDS("password", browser_password, "again", browser_password, "pin", "123456",
                                "code", browser_code(house, secret)));
    assert_true(house_has_error(answer, "pin"));
    answer = browser_ask(
        &holder, OP_enrol_choose,
        FIELDS("password", browser_password, "again", browser_password, "pin", "860214", "code", "000000"));
    assert_true(house_has_error(answer, "code"));
    browser_choose(&holder);
    /* Old secrets and sessions are worth nothing; new ones are, and say so on the account's page. */
    assert_int_equal(house_ask(&before, &(struct request){.operation = OP_account_view})->fault,
                     FAULT_SIGN_IN);
    house_wait(house, TOTP_PERIOD_SECONDS);
    struct browser browser = browser_of(house);
    assert_int_equal(browser_offer_password(&browser, "teacher", house_password.at)->fault, FAULT_NONE);
    answer = browser_ask(&browser, OP_sign_in_code,
                         FIELDS("pin", house_pin.at, "code",
                                browser_text(house, house_code(house, house_staff(house, "teacher"))), "role",
                                "practitioner"));
    assert_int_equal(answer->fault, FAULT_SIGN_IN);
    assert_int_equal(browser_offer_password(&browser, "teacher", browser_password)->fault, FAULT_NONE);
    answer =
        browser_ask(&browser, OP_sign_in_code,
                    FIELDS("pin", "860214", "code", browser_code(house, secret), "role", "practitioner"));
    assert_int_equal(answer->fault, FAULT_NONE);
    answer = browser_ask(&browser, OP_security_view, NULL);
    assert_int_equal(answer->security->notice_count, 1);
    assert_str(answer->security->notices[0].by, "Ines Pattern");
    assert_int_equal(house_count(house, "SELECT count(*) FROM message"),
                     2); /* and messages say so: approved, chosen */
    house_check_log(house);
}

static struct answer *approve(struct house *house, const char *manager, enum role role, const char *user_name,
                              const char *code)
{
    const struct seat seat = house_sign_in(house, manager, role);
    return house_ask(&seat, &(struct request){.operation = OP_enrolment_approve,
                                              .path_ids = {house_staff(house, user_name)->account.id},
                                              .path_id_count = 1,
                                              .fields = FIELDS("code", code)});
}

static void only_the_right_second_person_approves_the_right_code(void **state)
{
    struct house *house = *state;
    struct browser holder = browser_of(house), nobody = browser_of(house), own = browser_of(house);
    assert_int_equal(browser_ask(&holder, OP_enrol_ask, FIELDS("user_name", "visitor"))->fault, FAULT_NONE);
    const char *code = browser_text(house, browser_ask(&holder, OP_enrol_status, NULL)->enrolment->code);
    /* Another organisation's, and nobody's own. */
    assert_int_equal(approve(house, "manager", ROLE_user_manager, "visitor", code)->fault, FAULT_ABSENT);
    assert_int_equal(approve(house, "administrator", ROLE_national_administrator, "visitor", code)->fault,
                     FAULT_ABSENT);
    assert_int_equal(browser_ask(&own, OP_enrol_ask, FIELDS("user_name", "administrator"))->fault,
                     FAULT_NONE);
    const char *own_code = browser_text(house, browser_ask(&own, OP_enrol_status, NULL)->enrolment->code);
    assert_int_equal(
        approve(house, "administrator", ROLE_national_administrator, "administrator", own_code)->fault,
        FAULT_ABSENT);
    /* The code of one is no code of another's; a name that nobody has gets one as well, which fits nobody. */
    struct answer *answer = approve(house, "manager", ROLE_user_manager, "teacher", code);
    assert_int_equal(answer->fault, FAULT_INVALID);
    assert_true(house_has_error(answer, "code"));
    assert_int_equal(browser_ask(&nobody, OP_enrol_ask, FIELDS("user_name", "nobody.at.all"))->fault,
                     FAULT_NONE);
    assert_int_equal(browser_ask(&nobody, OP_enrol_status, NULL)->enrolment->code.len, 9);
    assert_int_equal(approve(house, "manager", ROLE_user_manager, "teacher", "not a code")->fault,
                     FAULT_INVALID);
    /* Nothing may be chosen before, and nothing an hour later. */
    assert_int_equal(browser_ask(&holder, OP_enrol_choose,
                                 FIELDS("password", browser_password, "again", browser_password, "pin",
                                        "860214", "code", "1"))
                         ->fault,
                     FAULT_SIGN_IN);
    assert_int_equal(browser_ask(&holder, OP_enrol_key_begin, NULL)->fault, FAULT_SIGN_IN);
    house_wait(house, ENROLMENT_WAIT_SECONDS);
    assert_int_equal(browser_ask(&holder, OP_enrol_status, NULL)->fault, FAULT_SIGN_IN);
    house_check_log(house);
}

/* Case 3, and case 16: the id in the browser is another one afterwards. */
static void case_03_a_token_session_steps_up(void **state)
{
    struct house *house = *state;
    struct soft_key key;
    soft_key_open(&key, 5, house->arena);
    struct browser holder = browser_of(house);
    browser_ask_and_approve(&holder, "manager", "administrator", ROLE_national_administrator);
    browser_choose(&holder);
    assert_int_equal(browser_register_key(&holder, &key)->fault, FAULT_NONE);
    uint8_t secret[TOTP_SECRET_BYTES];
    browser_secret(&holder, secret);
    house->service->demonstration = false; /* where a token is taken for a key */
    house_wait(house, TOTP_PERIOD_SECONDS);
    struct browser browser = browser_of(house);
    (void)browser_offer_password(&browser, "manager", browser_password);
    assert_int_equal(
        browser_ask(&browser, OP_sign_in_code,
                    FIELDS("pin", "860214", "code", browser_code(house, secret), "role", "user_manager"))
            ->fault,
        FAULT_NONE);
    struct answer *answer = browser_ask(&browser, OP_enrolment_approve, FIELDS("code", "7k4m2x9q"));
    assert_int_equal(answer->refusal, REFUSAL_STRENGTH);
    struct str weak = browser.cookie;
    const struct key_view *view = browser_ask(&browser, OP_step_up_begin, FIELDS("back", "/account"))->key;
    assert_non_null(view);
    assert_false(view->none);
    assert_str(view->back, "/account");
    const struct soft_question question = browser_question(house, view);
    const struct webauthn_assertion said = soft_key_assert(&key, &question);
    assert_int_equal(browser_answer_key(&browser, &key, &said, OP_step_up)->fault, FAULT_NONE);
    assert_false(str_equal(browser.cookie, weak));
    answer = browser_ask(&browser, OP_enrolment_approve, FIELDS("code", "7k4m2x9q"));
    assert_int_equal(answer->refusal, REFUSAL_NONE);
    const struct seat old = {house, weak};
    assert_int_equal(house_ask(&old, &(struct request){.operation = OP_account_view})->fault, FAULT_SIGN_IN);
    soft_key_close(&key);
    house_check_log(house);
}

/* What belongs to a session stays with it through a step-up: the reason that was stated, and the record. */
static void a_step_up_keeps_the_record_open(void **state)
{
    struct house *house = *state;
    struct soft_key key;
    const struct row row = house_child("r1", "Ap Huw", "Rhys", "2014-03-27");
    (void)house_load(house, SOURCE_health, &row, 1);
    struct browser holder = browser_of(house);
    soft_key_open(&key, 40, house->arena);
    browser_ask_and_approve(&holder, "teacher", "manager", ROLE_user_manager);
    browser_choose(&holder);
    assert_int_equal(browser_register_key(&holder, &key)->fault, FAULT_NONE);
    uint8_t secret[TOTP_SECRET_BYTES];
    browser_secret(&holder, secret);
    house_wait(house, TOTP_PERIOD_SECONDS);
    struct browser browser = browser_of(house);
    (void)browser_offer_password(&browser, "teacher", browser_password);
    (void)browser_ask(&browser, OP_sign_in_code,
                      FIELDS("pin", "860214", "code", browser_code(house, secret), "role", "practitioner"));
    const struct seat weak = {house, browser.cookie};
    const struct results_view *found =
        house_list(&weak, FIELDS("reason", "working", "family", "Ap Huw", "birth_day", "27", "birth_month",
                                 "3", "birth_year", "2014"));
    assert_int_equal(found->count, 1);
    struct child_id child = found->rows[0].child;
    assert_int_equal(house_view(&weak, child)->fault, FAULT_NONE);
    const struct soft_question question =
        browser_question(house, browser_ask(&browser, OP_step_up_begin, NULL)->key);
    const struct webauthn_assertion said = soft_key_assert(&key, &question);
    assert_int_equal(browser_answer_key(&browser, &key, &said, OP_step_up)->fault, FAULT_NONE);
    const struct seat strong = {house, browser.cookie};
    assert_int_equal(house_view(&strong, child)->fault, FAULT_NONE);
    assert_int_equal(house_view(&weak, child)->fault, FAULT_SIGN_IN);
    /* An answer that is not right changes nothing of the session. */
    const struct webauthn_assertion again = soft_key_assert(&key, &question);
    assert_int_equal(browser_answer_key(&browser, &key, &again, OP_step_up)->fault, FAULT_REFUSED);
    assert_int_equal(house_view(&strong, child)->fault, FAULT_NONE);
    soft_key_close(&key);
    house_check_log(house);
}

static void case_16_another_role_is_another_session(void **state)
{
    struct house *house = *state;
    const struct seat worker = house_sign_in(house, "worker", ROLE_practitioner);
    struct browser browser = browser_of(house);
    browser.cookie = worker.cookie;
    struct answer *answer = browser_ask(&browser, OP_role_change, FIELDS("role", "data_officer"));
    assert_int_equal(answer->fault, FAULT_INVALID);
    answer = browser_ask(&browser, OP_role_change, FIELDS("role", "override_practitioner"));
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_false(str_equal(browser.cookie, worker.cookie));
    assert_int_equal(house_ask(&worker, &(struct request){.operation = OP_account_view})->fault,
                     FAULT_SIGN_IN);
    answer = browser_ask(&browser, OP_account_view, NULL);
    assert_int_equal(answer->fault, FAULT_NONE);
    assert_int_equal(answer->role, ROLE_override_practitioner);
    house_check_log(house);
}

static void case_17_leaving_everywhere(void **state)
{
    struct house *house = *state;
    const struct seat here = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct seat there = house_sign_in(house, "teacher", ROLE_practitioner);
    const struct seat other = house_sign_in(house, "visitor", ROLE_practitioner);
    assert_int_equal(house_ask(&here, &(struct request){.operation = OP_sign_out_everywhere})->fault,
                     FAULT_NONE);
    assert_int_equal(house_ask(&here, &(struct request){.operation = OP_account_view})->fault, FAULT_SIGN_IN);
    assert_int_equal(house_ask(&there, &(struct request){.operation = OP_account_view})->fault,
                     FAULT_SIGN_IN);
    assert_int_equal(house_ask(&other, &(struct request){.operation = OP_account_view})->fault, FAULT_NONE);
    house_check_log(house);
}

static bool terms_are_due(struct house *house)
{
    struct browser browser = browser_of(house);
    house_wait(house, TOTP_PERIOD_SECONDS);
    (void)browser_offer_password(&browser, "teacher", house_password.at);
    const struct answer *answer =
        browser_ask(&browser, OP_sign_in_code,
                    FIELDS("pin", house_pin.at, "code",
                           browser_text(house, house_code(house, house_staff(house, "teacher"))), "role",
                           "practitioner"));
    assert_int_equal(answer->fault, FAULT_NONE);
    if (!answer->terms_due)
        return false;
    assert_int_equal(browser_ask(&browser, OP_terms_accept, FIELDS("agree", "perhaps"))->fault,
                     FAULT_INVALID);
    assert_int_equal(browser_ask(&browser, OP_terms_accept, FIELDS("agree", "yes"))->fault, FAULT_NONE);
    return true;
}

static void the_terms_come_back_every_year(void **state)
{
    struct house *house = *state;
    assert_true(terms_are_due(house));
    assert_false(terms_are_due(house));
    house_wait(house, INT64_C(86400) * 60);
    assert_false(terms_are_due(house));
    house_wait(house, INT64_C(86400) * (TERMS_DAYS - 60 - 85)); /* in use meanwhile */
    assert_false(terms_are_due(house));
    house_wait(house, INT64_C(86400) * 85);
    assert_true(terms_are_due(house));
    house_check_log(house);
}

static enum fault approve_at_the_machine(struct house *house, const char *login, const char *user_name,
                                         struct str code)
{
    const struct ask ask = {
        .operation = OP_administrator_approve, .unix_user = str_of(login), .source = STR("local")};
    return service_administrator_approve(house->service, &ask, str_of(user_name), code, house->arena);
}

/* Somebody must have the first key of all: the operator is the second person, until there is one. */
static void an_operator_approves_the_first_key(void **state)
{
    struct house *house = *state;
    struct browser holder = browser_of(house), other = browser_of(house);
    struct soft_key key;
    soft_key_open(&key, 7, house->arena);
    assert_int_equal(browser_ask(&holder, OP_enrol_ask, FIELDS("user_name", "administrator"))->fault,
                     FAULT_NONE);
    const struct str code = browser_ask(&holder, OP_enrol_status, NULL)->enrolment->code;
    assert_int_equal(approve_at_the_machine(house, "stranger", "administrator", code), FAULT_SIGN_IN);
    assert_int_equal(approve_at_the_machine(house, "operator", "manager", code), FAULT_ABSENT);
    assert_int_equal(approve_at_the_machine(house, "operator", "nobody", code), FAULT_ABSENT);
    assert_int_equal(approve_at_the_machine(house, "operator", "administrator", STR("00000000")),
                     FAULT_INVALID);
    assert_int_equal(approve_at_the_machine(house, "operator", "administrator", code), FAULT_NONE);
    browser_choose(&holder);
    assert_int_equal(browser_register_key(&holder, &key)->fault, FAULT_NONE);
    /* From now on they are the second person. */
    assert_int_equal(browser_ask(&other, OP_enrol_ask, FIELDS("user_name", "administrator"))->fault,
                     FAULT_NONE);
    const struct str later = browser_ask(&other, OP_enrol_status, NULL)->enrolment->code;
    assert_int_equal(approve_at_the_machine(house, "operator", "administrator", later), FAULT_REFUSED);
    assert_non_null(strstr(fault_last_note(), "has a security key"));
    soft_key_close(&key);
    house_check_log(house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(a_key_signs_in_as_strongly_as_a_key),
        WITH_HOUSE(case_03_a_token_session_steps_up),
        WITH_HOUSE(case_07_assertion_replayed_or_late),
        WITH_HOUSE(case_08_counter_that_falls_freezes_the_key),
        WITH_HOUSE(a_key_that_never_counts_is_accepted),
        WITH_HOUSE(case_09_another_users_credential),
        WITH_HOUSE(case_10_known_credential_registered),
        WITH_HOUSE(case_11_ten_failures_disable_and_two_people_rebind),
        WITH_HOUSE(case_12_many_names_from_one_source),
        WITH_HOUSE(case_13_absent_user_has_stable_decoys),
        WITH_HOUSE(a_step_up_keeps_the_record_open),
        WITH_HOUSE(case_16_another_role_is_another_session),
        WITH_HOUSE(case_17_leaving_everywhere),
        WITH_HOUSE(case_19_reset_by_a_manager),
        WITH_HOUSE(only_the_right_second_person_approves_the_right_code),
        WITH_HOUSE(the_terms_come_back_every_year),
        WITH_HOUSE(an_operator_approves_the_first_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
