/* Who is told that too many failures have frozen what somebody signs in with (R3.2). */
#include "service/freezes.h"

#include "access/keys_inside.h"
#include "browser.h"

static const char own[] = "Somebody failed to sign in as you",
                  staff[] = "Somebody you manage may be locked out";

static void round_now(struct house *house)
{
    assert_int_equal(freezes_keep(house->service), FAULT_NONE);
}

static int64_t told(struct house *house)
{
    return house_count(house, "SELECT count(*) FROM message");
}

static struct messages_view *messages_of(const struct seat *seat)
{
    struct answer *answer = house_ask(seat, &(struct request){.operation = OP_message_list});
    assert_int_equal(answer->fault, FAULT_NONE);
    return answer->messages;
}

/* How many of somebody's messages say so; *ret_text: what the newest of them says. */
static size_t count_titles(const struct seat *seat, const char *title, struct str *ret_text)
{
    const struct messages_view *view = messages_of(seat);
    size_t count = 0;
    for (size_t i = view->count; i > 0; i--) {
        const struct message_line *line = &view->lines[i - 1];
        if (!str_equal(line->title, str_of(title)))
            continue;
        count++;
        struct answer *answer = house_ask(
            seat,
            &(struct request){.operation = OP_message_view, .path_ids = {line->message}, .path_id_count = 1});
        assert_int_equal(answer->fault, FAULT_NONE);
        *ret_text = answer->message->text;
    }
    return count;
}

/* A second step that is wrong, so often. */
static void fail_with_code(struct house *house, const char *user_name, struct str password, int times)
{
    struct browser browser = browser_of(house);
    assert_int_equal(browser_offer_password(&browser, user_name, browser_text(house, password))->fault,
                     FAULT_NONE);
    for (int i = 0; i < times; i++) {
        assert_int_equal(browser_ask(&browser, OP_sign_in_code,
                                     FIELDS("pin", "999999", "code", "000000", "role", "practitioner"))
                             ->fault,
                         FAULT_SIGN_IN);
        house_wait(house, 60); /* the source is forgiven */
        if (i % 5 == 4)
            assert_int_equal(
                browser_offer_password(&browser, user_name, browser_text(house, password))->fault,
                FAULT_NONE);
    }
}

static void fail_with_key(struct house *house, struct soft_key *key, const char *password, int times)
{
    for (int i = 0; i < times; i++) {
        struct browser browser = browser_of(house);
        struct soft_question question =
            browser_question(house, browser_offer_key(&browser, "teacher", password));
        question.wrong = WRONG_SIGNATURE;
        const struct webauthn_assertion said = soft_key_assert(key, &question);
        assert_int_equal(browser_answer_key(&browser, key, &said, OP_sign_in_key)->fault, FAULT_SIGN_IN);
        house_wait(house, 60);
    }
}

/* Nobody before the tenth, and each once, however long it goes on. */
static void a_frozen_app_is_told_of_once(void **state)
{
    struct house *house = *state;
    struct soft_key key;
    struct str text = {"", 0};
    (void)browser_with_key(house, "teacher", &key);
    const int64_t before = told(house);
    fail_with_code(house, "teacher", str_of(browser_password), 9);
    round_now(house);
    assert_int_equal(told(house), before);
    fail_with_code(house, "teacher", str_of(browser_password), 1);
    assert_int_equal(told(house), before); /* not by the attempt itself */
    round_now(house);
    assert_int_equal(told(house), before + 2);
    round_now(house);
    fail_with_code(house, "teacher", str_of(browser_password), 12);
    round_now(house);
    assert_int_equal(told(house), before + 2);
    struct browser browser = browser_of(house);
    assert_int_equal(browser_sign_in_with(&browser, &key, "teacher")->fault, FAULT_NONE);
    const struct seat teacher = {house, browser.cookie};
    assert_int_equal(count_titles(&teacher, own, &text), 1);
    assert_str(text, "Your PIN and authenticator app were frozen: nobody can sign in with them any more. To "
                     "have them back, set up how you sign in anew.");
    const struct seat manager = house_sign_in(house, "manager", ROLE_user_manager);
    assert_int_equal(count_titles(&manager, staff, &text), 1);
    assert_str(text, "Gwen Sample (teacher): PIN and authenticator app were frozen. The page of the "
                     "account says what they can still sign in with, and lets them set that up anew.");
    soft_key_close(&key);
    house_check_log(house);
}

static void frozen_keys_are_told_of_once(void **state)
{
    struct house *house = *state;
    struct soft_key key;
    struct str text = {"", 0};
    (void)browser_with_key(house, "teacher", &key);
    const int64_t before = told(house);
    fail_with_key(house, &key, browser_password, KEY_FAILURES_MAX - 1);
    round_now(house);
    assert_int_equal(told(house), before);
    fail_with_key(house, &key, browser_password, 1);
    round_now(house);
    fail_with_key(house, &key, browser_password, 3);
    round_now(house);
    assert_int_equal(told(house), before + 2);
    const struct seat manager = house_sign_in(house, "manager", ROLE_user_manager);
    assert_int_equal(count_titles(&manager, staff, &text), 1);
    /* Set up anew and frozen anew: once more. */
    struct soft_key fresh;
    (void)browser_with_key(house, "teacher", &fresh);
    fail_with_key(house, &fresh, browser_password, KEY_FAILURES_MAX);
    round_now(house);
    const struct seat again = house_sign_in(house, "manager", ROLE_user_manager);
    assert_int_equal(count_titles(&again, staff, &text), 2);
    soft_key_close(&fresh);
    soft_key_close(&key);
    house_check_log(house);
}

/* Without the password nothing is frozen that is anybody's, and nobody is told. */
static void a_stranger_makes_nobody_told(void **state)
{
    struct house *house = *state;
    struct soft_key key;
    (void)browser_with_key(house, "teacher", &key);
    const int64_t before = told(house);
    fail_with_key(house, &key, "not the password", 3 * KEY_FAILURES_MAX);
    fail_with_code(house, "nobody.at.all", STR("not the password"), 24);
    round_now(house);
    assert_int_equal(told(house), before);
    assert_int_equal(
        house_count(house, "SELECT count(*) FROM security_key WHERE state = 5 AND failures < 10"), 0);
    struct browser browser = browser_of(house);
    house_wait(house, PASSWORD_WAIT_SECONDS_MAX);
    assert_int_equal(browser_sign_in_with(&browser, &key, "teacher")->fault, FAULT_NONE);
    soft_key_close(&key);
    house_check_log(house);
}

/* What a wrong answer of a key writes: one row, of somebody's or of nobody's, whoever was meant and whether
 * the password was right; and as many statements and openings (security.md §3, "Enumeration"). */
static void a_wrong_answer_costs_the_same(void **state)
{
    struct house *house = *state;
    struct access *access = house->service->access;
    struct soft_key key;
    static const struct {
        const char *user_name, *password;
    } cases[] = {{"teacher", "wandering heron tin gate"},
                 {"teacher", "not the password"},
                 {"second.teacher", "not the password"},
                 {"nobody.at.all", "not the password"}};
    uint64_t cost[2] = {0};
    (void)browser_with_key(house, "teacher", &key);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct browser browser = browser_of(house);
        house_wait(house, PASSWORD_WAIT_SECONDS_MAX);
        struct soft_question question =
            browser_question(house, browser_offer_key(&browser, cases[i].user_name, cases[i].password));
        question.wrong = WRONG_SIGNATURE;
        const struct webauthn_assertion said = soft_key_assert(&key, &question);
        const uint64_t statements = atomic_load(&access->statements),
                       openings = atomic_load(&access->openings);
        const int64_t counted = house_count(house, "SELECT CAST(sum(failures) AS BIGINT) FROM security_key");
        assert_int_equal(browser_answer_key(&browser, &key, &said, OP_sign_in_key)->fault, FAULT_SIGN_IN);
        assert_int_equal(house_count(house, "SELECT CAST(sum(failures) AS BIGINT) FROM security_key"),
                         counted + 1);
        const uint64_t now[2] = {atomic_load(&access->statements) - statements,
                                 atomic_load(&access->openings) - openings};
        if (i > 0)
            assert_memory_equal(now, cost, sizeof now);
        memcpy(cost, now, sizeof now);
    }
    soft_key_close(&key);
}

/* Somebody who has no key, with the right password: nobody's row is written too. */
static void somebody_without_a_key_costs_the_same(void **state)
{
    struct house *house = *state;
    struct soft_key key;
    struct browser browser = browser_of(house);
    soft_key_open(&key, 9, house->arena);
    struct soft_question question =
        browser_question(house, browser_offer_key(&browser, "visitor", house_password.at));
    const struct webauthn_assertion said = soft_key_assert(&key, &question);
    assert_int_equal(house_count(house, "SELECT CAST(sum(failures) AS BIGINT) FROM security_key"), 0);
    assert_int_equal(browser_answer_key(&browser, &key, &said, OP_sign_in_key)->fault, FAULT_SIGN_IN);
    assert_int_equal(house_count(house, "SELECT CAST(sum(failures) AS BIGINT) FROM security_key"), 1);
    soft_key_close(&key);
}

/* An instance from before nobody had keys gets them when it is opened. */
static void nobodys_keys_are_made_later(void **state)
{
    struct house *house = *state;
    assert_int_equal(house_count(house, "SELECT count(*) FROM security_key"), NOBODIES);
    (void)house_past(house, "DELETE FROM security_key");
    house_stop(house);
    house_start(house);
    assert_int_equal(house_count(house, "SELECT count(*) FROM security_key"), NOBODIES);
    assert_int_equal(house_count(house, "SELECT count(*) FROM authenticator WHERE account_id NOT IN (SELECT "
                                        "account_id FROM account)"),
                     0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(a_frozen_app_is_told_of_once), WITH_HOUSE(frozen_keys_are_told_of_once),
        WITH_HOUSE(a_stranger_makes_nobody_told), WITH_HOUSE(a_wrong_answer_costs_the_same),
        WITH_HOUSE(nobodys_keys_are_made_later),  WITH_HOUSE(somebody_without_a_key_costs_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
