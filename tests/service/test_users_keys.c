/* What somebody signs in with, on the page of whoever manages them, and one of it revoked (R3.2). */
#include "access/enrolment_inside.h"
#include "browser.h"
#include "engine.h"
#include "second.h"

/* A teacher who has set up everything anew, with a key, and is signed in with that. */
struct scene {
    struct house *house;
    struct soft_key key;
    uint8_t secret[TOTP_SECRET_BYTES];
    struct browser browser;
    struct seat manager;
    struct id teacher;
};

static void begin(struct scene *scene, struct house *house)
{
    struct browser holder = browser_of(house);
    scene->house = house;
    scene->teacher = house_staff(house, "teacher")->account.id;
    soft_key_open(&scene->key, 30, house->arena);
    browser_ask_and_approve(&holder, "teacher", "manager", ROLE_user_manager);
    browser_choose(&holder);
    browser_secret(&holder, scene->secret);
    assert_int_equal(browser_register_key(&holder, &scene->key)->fault, FAULT_NONE);
    scene->browser = browser_of(house);
    assert_int_equal(browser_sign_in_with(&scene->browser, &scene->key, "teacher")->fault, FAULT_NONE);
    scene->manager = house_sign_in(house, "manager", ROLE_user_manager);
}

static void end(struct scene *scene)
{
    soft_key_close(&scene->key);
    house_check_log(scene->house);
}

static const struct user_view *look(const struct seat *seat, struct id user)
{
    struct answer *answer =
        house_ask(seat, &(struct request){.operation = OP_user_view, .path_ids = {user}, .path_id_count = 1});
    assert_int_equal(answer->fault, FAULT_NONE);
    return answer->user;
}

static struct answer *ask(const struct seat *seat, enum operation operation, struct id user, struct id key)
{
    return house_ask(seat,
                     &(struct request){.operation = operation, .path_ids = {user, key}, .path_id_count = 2});
}

/* The code that the app shows next, with the PIN. */
static enum fault sign_in_by_code(struct scene *scene)
{
    struct browser browser = browser_of(scene->house);
    house_wait(scene->house, TOTP_PERIOD_SECONDS);
    assert_int_equal(browser_offer_password(&browser, "teacher", browser_password)->fault, FAULT_NONE);
    return browser_ask(&browser, OP_sign_in_code,
                       FIELDS("pin", "860214", "code", browser_code(scene->house, scene->secret), "role",
                              "practitioner"))
        ->fault;
}

static enum fault sign_in_by_key(struct scene *scene)
{
    struct browser browser = browser_of(scene->house);
    return browser_sign_in_with(&browser, &scene->key, "teacher")->fault;
}

static const struct audit_event *last_event(struct house *house)
{
    size_t count;
    return house_events(house, house_entries(house) - 1, &count);
}

static void the_page_lists_what_there_is(void **state)
{
    struct scene scene;
    begin(&scene, *state);
    const struct held_view *held = &look(&scene.manager, scene.teacher)->held;
    assert_int_equal(held->count, 2);
    assert_int_equal(held->usable, 2);
    assert_int_equal(held->at[0].kind, HELD_KEY);
    assert_int_equal(held->at[0].number, 1);
    assert_int_equal(held->at[1].kind, HELD_APP);
    for (size_t i = 0; i < 2; i++) {
        assert_true(held->at[i].in_use);
        assert_str(held->at[i].standing, "In use");
        assert_int_equal(day_number(day_of_instant(held->at[i].made)), day_number(house_today(scene.house)));
        assert_int_equal(day_number(held->at[i].used), day_number(house_today(scene.house)));
    }
    /* One that came with the account, and was never used. */
    held = &look(&scene.manager, house_staff(scene.house, "second.teacher")->account.id)->held;
    assert_int_equal(held->count, 1);
    assert_int_equal(held->at[0].made.us, 0);
    assert_int_equal(held->at[0].used.precision, DAY_UNKNOWN);
    end(&scene);
}

static void last_use_is_noted(void **state)
{
    struct scene scene;
    begin(&scene, *state);
    house_wait(scene.house, INT64_C(3) * 86400);
    assert_int_equal(sign_in_by_key(&scene), FAULT_NONE);
    scene.manager = house_sign_in(scene.house, "manager", ROLE_user_manager);
    const struct held_view *held = &look(&scene.manager, scene.teacher)->held;
    assert_int_equal(day_number(held->at[0].used), day_number(house_today(scene.house)));
    assert_int_equal(day_number(held->at[1].used), day_number(house_today(scene.house)) - 3);
    end(&scene);
}

static struct str last_words(struct scene *scene)
{
    struct browser browser = browser_of(scene->house);
    assert_int_equal(browser_sign_in_with(&browser, &scene->key, "teacher")->fault, FAULT_NONE);
    const struct seat seat = {scene->house, browser.cookie};
    const struct answer *list = house_ask(&seat, &(struct request){.operation = OP_message_list});
    assert_int_equal(list->fault, FAULT_NONE);
    const struct answer *one =
        house_ask(&seat, &(struct request){.operation = OP_message_view,
                                           .path_ids = {list->messages->lines[0].message},
                                           .path_id_count = 1});
    assert_str(one->message->title, "Your account was changed");
    return one->message->text;
}

/* The one that is revoked opens nothing; the other goes on. */
static void the_app_is_revoked(void **state)
{
    struct scene scene;
    begin(&scene, *state);
    const struct id app = look(&scene.manager, scene.teacher)->held.at[1].key;
    const struct answer *page = ask(&scene.manager, OP_user_key_page, scene.teacher, app);
    assert_int_equal(page->fault, FAULT_NONE);
    assert_int_equal(page->user->revoking->kind, HELD_APP);
    assert_int_equal(last_event(scene.house)->event, EVENT_FORM_SHOWN);
    assert_str(last_event(scene.house)->asked, "teacher authenticator app, registered on 20 November 2026");
    assert_int_equal(look(&scene.manager, scene.teacher)->held.count, 2); /* asked, not done */
    const struct answer *revoked = ask(&scene.manager, OP_user_key_revoke, scene.teacher, app);
    assert_int_equal(revoked->fault, FAULT_NONE);
    assert_true(id_equal(revoked->made, scene.teacher));
    const struct audit_event *event = last_event(scene.house);
    assert_int_equal(event->event, EVENT_KEY_REVOKED);
    assert_str(event->asked, "revoke teacher authenticator app, registered on 20 November 2026");
    assert_int_equal(browser_ask(&scene.browser, OP_account_view, NULL)->fault, FAULT_SIGN_IN);
    assert_int_equal(sign_in_by_code(&scene), FAULT_SIGN_IN);
    assert_str(last_words(&scene),
               "Your authenticator app, registered on 20 November 2026, was revoked: nobody can sign in with "
               "it any more. This was done by Ines Pattern.");
    assert_int_equal(look(&scene.manager, scene.teacher)->held.count, 1);
    assert_int_equal(ask(&scene.manager, OP_user_key_revoke, scene.teacher, app)->fault, FAULT_ABSENT);
    assert_int_equal(ask(&scene.manager, OP_user_key_page, scene.teacher, app)->fault, FAULT_ABSENT);
    end(&scene);
}

/* The last one too: the account stays what it was, and its holder sets up anew, as after a reset. */
static void the_last_one_is_revoked(void **state)
{
    struct scene scene;
    begin(&scene, *state);
    struct held_view held = look(&scene.manager, scene.teacher)->held;
    assert_int_equal(ask(&scene.manager, OP_user_key_revoke, scene.teacher, held.at[0].key)->fault,
                     FAULT_NONE);
    assert_int_equal(browser_ask(&scene.browser, OP_account_view, NULL)->fault, FAULT_SIGN_IN);
    assert_int_equal(sign_in_by_key(&scene), FAULT_SIGN_IN);
    assert_int_equal(sign_in_by_code(&scene), FAULT_NONE);
    const struct answer *page = ask(&scene.manager, OP_user_key_page, scene.teacher, held.at[1].key);
    assert_int_equal(page->user->held.usable, 1);
    assert_true(page->user->revoking->in_use);
    assert_int_equal(ask(&scene.manager, OP_user_key_revoke, scene.teacher, held.at[1].key)->fault,
                     FAULT_NONE);
    assert_int_equal(sign_in_by_code(&scene), FAULT_SIGN_IN);
    const struct user_view *view = look(&scene.manager, scene.teacher);
    assert_int_equal(view->held.count, 0);
    assert_int_equal(view->account.state, ACCOUNT_ACTIVE);
    assert_int_equal(view->standing.hindrance, HINDRANCE_NONE);
    assert_true(view->has_token);
    soft_key_close(&scene.key);
    struct browser again = browser_with_key(scene.house, "teacher", &scene.key);
    assert_int_equal(browser_sign_in_with(&again, &scene.key, "teacher")->fault, FAULT_NONE);
    scene.manager = house_sign_in(scene.house, "manager", ROLE_user_manager);
    assert_int_equal(look(&scene.manager, scene.teacher)->held.usable, 2);
    end(&scene);
}

/* Somebody else's people, one's own keys, those of somebody other than the address says, and none at all. */
static void nobody_elses(void **state)
{
    static const char *const others[] = {"visitor", "shielder", "administrator", "manager"};
    static const enum operation both[] = {OP_user_key_page, OP_user_key_revoke};
    struct scene scene;
    begin(&scene, *state);
    const struct seat administrator =
        house_sign_in(scene.house, "administrator", ROLE_national_administrator);
    const struct id key = look(&scene.manager, scene.teacher)->held.at[0].key;
    const struct id own =
        look(&administrator, house_staff(scene.house, "manager")->account.id)->held.at[0].key;
    const struct id second = house_staff(scene.house, "second.teacher")->account.id;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(ask(&scene.manager, both[i], second, key)->fault, FAULT_ABSENT);
        assert_int_equal(ask(&scene.manager, both[i], scene.teacher, second)->fault, FAULT_ABSENT);
        assert_int_equal(ask(&administrator, both[i], scene.teacher, key)->fault, FAULT_ABSENT);
        for (size_t k = 0; k < sizeof others / sizeof others[0]; k++) {
            const struct id user = house_staff(scene.house, others[k])->account.id;
            const struct answer *answer = ask(&scene.manager, both[i], user, k == 3 ? own : key);
            assert_int_equal(answer->fault, FAULT_ABSENT);
            assert_null(answer->user);
            assert_true(id_is_zero(answer->made));
        }
    }
    assert_int_equal(sign_in_by_key(&scene), FAULT_NONE);
    /* A manager's own is the administrator's to revoke. */
    assert_int_equal(
        ask(&administrator, OP_user_key_revoke, house_staff(scene.house, "manager")->account.id, own)->fault,
        FAULT_NONE);
    assert_int_equal(house_ask(&scene.manager, &(struct request){.operation = OP_user_list})->fault,
                     FAULT_SIGN_IN);
    end(&scene);
}

static void a_closed_account_has_nothing_to_revoke(void **state)
{
    struct scene scene;
    begin(&scene, *state);
    const struct user_view *view = look(&scene.manager, scene.teacher);
    const struct id key = view->held.at[0].key;
    assert_int_equal(house_ask_of(&scene.manager, OP_user_close, scene.teacher,
                                  FIELDS("version", "1", "close_why", "left"))
                         ->fault,
                     FAULT_NONE);
    assert_int_equal(ask(&scene.manager, OP_user_key_page, scene.teacher, key)->fault, FAULT_ABSENT);
    assert_int_equal(ask(&scene.manager, OP_user_key_revoke, scene.teacher, key)->fault, FAULT_ABSENT);
    end(&scene);
}

/* Whoever is signed in on another server is not, from the next request on. */
static void it_holds_on_every_server(void **state)
{
    struct scene scene;
    if (!engine_is_postgres())
        skip();
    begin(&scene, *state);
    struct house *second = second_make(scene.house);
    house_start(second);
    struct browser there = scene.browser;
    there.house = second;
    assert_int_equal(browser_ask(&there, OP_account_view, NULL)->fault, FAULT_NONE);
    const struct id key = look(&scene.manager, scene.teacher)->held.at[0].key;
    assert_int_equal(ask(&scene.manager, OP_user_key_revoke, scene.teacher, key)->fault, FAULT_NONE);
    assert_int_equal(browser_ask(&there, OP_account_view, NULL)->fault, FAULT_SIGN_IN);
    struct browser anew = browser_of(second);
    assert_int_equal(browser_sign_in_with(&anew, &scene.key, "teacher")->fault, FAULT_SIGN_IN);
    second_forget(second);
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(the_page_lists_what_there_is),
        WITH_HOUSE(last_use_is_noted),
        WITH_HOUSE(the_app_is_revoked),
        WITH_HOUSE(the_last_one_is_revoked),
        WITH_HOUSE(nobody_elses),
        WITH_HOUSE(a_closed_account_has_nothing_to_revoke),
        WITH_HOUSE(it_holds_on_every_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
