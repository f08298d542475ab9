/* Security keys that one adds to those that one has, and takes away when they are lost (R3.2, security.md
 * §3). */
#include "access/enrolment_inside.h"
#include "browser.h"

/* What a demonstration takes for a key is none here. */
static void in_earnest(struct house *house)
{
    house->service->demonstration = false;
}

/* A teacher who is signed in with their first key. */
static struct browser with_first(struct house *house, struct soft_key *first)
{
    struct browser browser = browser_with_key(house, "teacher", first);
    assert_int_equal(browser_sign_in_with(&browser, first, "teacher")->fault, FAULT_NONE);
    in_earnest(house);
    return browser;
}

static const char *ask_for_code(struct browser *browser)
{
    assert_int_equal(browser_ask(browser, OP_key_ask, NULL)->fault, FAULT_NONE);
    const struct answer *waits = browser_ask(browser, OP_key_page, NULL);
    assert_int_equal(waits->enrolment->stage, ENROLMENT_WAITS);
    assert_int_equal(waits->enrolment->totp_secret.len, 0);
    return browser_text(browser->house, waits->enrolment->code);
}

static struct answer *approve(struct house *house, const char *manager, const char *code)
{
    house->service->demonstration = true; /* the manager has no key */
    const struct seat seat = house_sign_in(house, manager, ROLE_user_manager);
    struct answer *answer =
        house_ask(&seat, &(struct request){.operation = OP_enrolment_approve,
                                           .path_ids = {house_staff(house, "teacher")->account.id},
                                           .path_id_count = 1,
                                           .fields = FIELDS("code", code)});
    in_earnest(house);
    return answer;
}

static struct answer *add(struct browser *browser, struct soft_key *key)
{
    struct house *house = browser->house;
    const struct answer *offered = browser_ask(browser, OP_key_begin, NULL);
    assert_int_equal(offered->fault, FAULT_NONE);
    const struct soft_question question = browser_question(house, offered->key);
    key->handle = browser_decode(house, offered->key->handle);
    const struct webauthn_registration made = soft_key_make(key, NULL, &question);
    return browser_ask(browser, OP_key_add,
                       FIELDS("client_data", browser_encode(house, made.client_data), "attestation",
                              browser_encode(house, made.attestation)));
}

static enum fault sign_in(struct house *house, struct soft_key *key)
{
    struct browser browser = browser_of(house);
    return browser_sign_in_with(&browser, key, "teacher")->fault;
}

static const struct security_view *security_of(struct browser *browser)
{
    const struct answer *answer = browser_ask(browser, OP_security_view, NULL);
    assert_int_equal(answer->fault, FAULT_NONE);
    return answer->security;
}

/* Somebody with two keys, who is signed in with the first. */
static struct browser with_two(struct house *house, struct soft_key *first, struct soft_key *second)
{
    struct browser browser = with_first(house, first);
    soft_key_open(second, 90, house->arena);
    assert_int_equal(approve(house, "manager", ask_for_code(&browser))->fault, FAULT_NONE);
    assert_int_equal(add(&browser, second)->fault, FAULT_NONE);
    return browser;
}

static void both_keys_sign_in(void **state)
{
    struct house *house = *state;
    struct soft_key first, second;
    struct browser browser = with_two(house, &first, &second);
    assert_int_equal(browser_ask(&browser, OP_key_page, NULL)->enrolment->stage, ENROLMENT_ONE_ADDED);
    assert_int_equal(browser_ask(&browser, OP_key_begin, NULL)->fault, FAULT_ABSENT); /* one is one */
    const struct security_view *view = security_of(&browser);
    assert_int_equal(view->key_count, 2);
    assert_int_equal(view->notice_count, 2);
    assert_true(view->notices[0].key_alone);
    assert_false(view->notices[1].key_alone);
    assert_str(view->notices[0].by, "Ines Pattern");
    assert_int_equal(sign_in(house, &second), FAULT_NONE);
    assert_int_equal(sign_in(house, &first), FAULT_NONE);
    soft_key_close(&first);
    soft_key_close(&second);
    house_check_log(house);
}

/* Nothing before somebody else has agreed, and what they agree to is one key and nothing else. */
static void a_second_person_approves_one_key(void **state)
{
    struct house *house = *state;
    struct soft_key first;
    struct browser browser = with_first(house, &first);
    const char *code = ask_for_code(&browser);
    assert_int_equal(browser_ask(&browser, OP_key_begin, NULL)->fault, FAULT_ABSENT);
    assert_int_equal(approve(house, "manager", "7K4M-2X9Q")->fault, FAULT_INVALID);
    assert_int_equal(approve(house, "manager", code)->fault, FAULT_NONE);
    assert_int_equal(approve(house, "manager", code)->fault, FAULT_INVALID); /* once */
    assert_int_equal(browser_ask(&browser, OP_key_page, NULL)->enrolment->stage, ENROLMENT_MAY_ADD_ONE);
    assert_int_equal(browser_ask(&browser, OP_enrol_status, NULL)->fault, FAULT_SIGN_IN);
    assert_int_equal(browser_ask(&browser, OP_enrol_key_begin, NULL)->fault, FAULT_SIGN_IN);
    assert_int_equal(browser_ask(&browser, OP_enrol_choose,
                                 FIELDS("password", browser_password, "again", browser_password, "pin",
                                        "860214", "code", "000000"))
                         ->fault,
                     FAULT_SIGN_IN);
    /* Case 10: a key that is known is no other key, and the request stays. */
    assert_int_equal(add(&browser, &first)->fault, FAULT_DUPLICATE);
    assert_int_equal(security_of(&browser)->key_count, 1);
    house_wait(house, ENROLMENT_CHOOSE_SECONDS / 2);
    assert_int_equal(sign_in(house, &first), FAULT_NONE);
    soft_key_close(&first);
    house_check_log(house);
}

/* A code of an app does not add a key, and one's ticket is nothing in another's browser. */
static void only_whoever_has_proved_a_key(void **state)
{
    static const enum operation all[] = {OP_key_page, OP_key_ask, OP_key_begin};
    struct house *house = *state;
    struct soft_key first;
    struct browser browser = with_first(house, &first);
    assert_int_equal(approve(house, "manager", ask_for_code(&browser))->fault, FAULT_NONE);
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    struct browser weak = {house, visitor.cookie, browser.ticket, browser.source};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        assert_int_equal(browser_ask(&weak, all[i], NULL)->refusal, REFUSAL_STRENGTH);
    house->service->demonstration = true;
    assert_null(browser_ask(&weak, OP_key_page, NULL)->enrolment);
    assert_int_equal(browser_ask(&weak, OP_key_begin, NULL)->fault, FAULT_ABSENT);
    soft_key_close(&first);
    house_check_log(house);
}

static const char *key_of(struct house *house, const struct security_view *view, size_t place)
{
    struct buffer text = buffer_open(64);
    id_put(&text, view->keys[place].key);
    const char *copy = browser_text(house, buffer_str(&text));
    buffer_close(&text);
    return copy;
}

/* The key that was registered first, as a form calls it. */
static const char *oldest(struct house *house, const struct security_view *view)
{
    size_t place = 0;
    for (size_t i = 1; i < view->key_count; i++)
        place = view->keys[i].made.us < view->keys[place].made.us ? i : place;
    return key_of(house, view, place);
}

static void losing_one_ends_that_one(void **state)
{
    struct house *house = *state;
    struct soft_key first, second;
    struct browser browser = with_two(house, &first, &second);
    const char *lost = oldest(house, security_of(&browser));
    struct answer *answer = browser_ask(&browser, OP_key_remove, NULL);
    assert_int_equal(answer->fault, FAULT_INVALID);
    assert_true(house_has_error(answer, "key"));
    assert_int_equal(answer->security->key_count, 2);
    answer = browser_ask(&browser, OP_key_remove, FIELDS("key", "00000000000000000000000000"));
    assert_true(house_has_error(answer, "key"));
    const struct seat visitor = house_sign_in(house, "visitor", ROLE_practitioner);
    struct browser other = {house, visitor.cookie, {"", 0}, browser.source};
    assert_true(house_has_error(browser_ask(&other, OP_key_remove, FIELDS("key", lost)), "key"));
    const int64_t told = house_count(house, "SELECT count(*) FROM message");
    assert_int_equal(browser_ask(&browser, OP_key_remove, FIELDS("key", lost))->fault, FAULT_NONE);
    assert_int_equal(house_count(house, "SELECT count(*) FROM message"), told + 1);
    assert_int_equal(browser_ask(&browser, OP_account_view, NULL)->fault, FAULT_SIGN_IN);
    assert_int_equal(sign_in(house, &first), FAULT_SIGN_IN);
    struct browser again = browser_of(house);
    assert_int_equal(browser_sign_in_with(&again, &second, "teacher")->fault, FAULT_NONE);
    assert_int_equal(security_of(&again)->key_count, 1);
    soft_key_close(&first);
    soft_key_close(&second);
    house_check_log(house);
}

/* Whoever sets up everything anew has no old request left, approved or not. */
static void setting_up_anew_withdraws_it(void **state)
{
    struct house *house = *state;
    struct soft_key first;
    struct browser browser = with_first(house, &first);
    assert_int_equal(approve(house, "manager", ask_for_code(&browser))->fault, FAULT_NONE);
    house->service->demonstration = true;
    struct browser holder = browser_of(house);
    browser_ask_and_approve(&holder, "teacher", "manager", ROLE_user_manager);
    browser_choose(&holder);
    assert_int_equal(house_count(house, "SELECT count(*) FROM enrolment WHERE state = 5"), 0);
    assert_int_equal(browser_ask(&browser, OP_key_page, NULL)->fault, FAULT_SIGN_IN);
    soft_key_close(&first);
}

static void no_more_than_there_is_room_for(void **state)
{
    struct house *house = *state;
    struct soft_key first, more[KEYS_MAX];
    struct browser holder = browser_of(house);
    soft_key_open(&first, 60, house->arena);
    browser_ask_and_approve(&holder, "teacher", "manager", ROLE_user_manager);
    browser_choose(&holder);
    for (uint8_t i = 0; i < KEYS_MAX; i++) {
        soft_key_open(&more[i], (uint8_t)(61 + i), house->arena);
        assert_int_equal(browser_register_key(&holder, &more[i])->fault, FAULT_NONE);
    }
    struct browser browser = browser_of(house);
    assert_int_equal(browser_sign_in_with(&browser, &more[0], "teacher")->fault, FAULT_NONE);
    const struct answer *answer = browser_ask(&browser, OP_key_ask, NULL);
    assert_int_equal(answer->fault, FAULT_INVALID);
    assert_true(house_has_error(answer, "keys"));
    for (size_t i = 0; i < KEYS_MAX; i++)
        soft_key_close(&more[i]);
    soft_key_close(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(both_keys_sign_in),
        WITH_HOUSE(a_second_person_approves_one_key),
        WITH_HOUSE(only_whoever_has_proved_a_key),
        WITH_HOUSE(losing_one_ends_that_one),
        WITH_HOUSE(setting_up_anew_withdraws_it),
        WITH_HOUSE(no_more_than_there_is_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
