#include "access/security_key.h"
#include "fixture.h"

static enum fault touch(struct db_tx *tx, void *context)
{
    struct step *step = context;
    return access_session_touch(step->fixture->access, tx, &step->caller);
}

static enum fault end(struct db_tx *tx, void *context)
{
    struct step *step = context;
    return access_session_end(step->fixture->access, tx, &step->caller);
}

static enum fault suspend(struct db_tx *tx, void *context)
{
    struct step *step = context;
    return access_account_suspend(step->fixture->access, tx, &step->account);
}

static enum fault insert_suspended(struct db_tx *tx, void *context)
{
    struct step *step = context;
    const struct organisation organisation = {.organisation = step->caller.organisation.organisation,
                                              .suspended = true,
                                              .name = STR("Closed Surgery"),
                                              .accredited_until = {2030, 1, 1, DAY_EXACT},
                                              .body = BODY_HEALTH};
    return access_organisation_insert(step->fixture->access, tx, &organisation);
}

static void case_16_session_fixed_before_sign_in_is_replaced(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    struct str planted = STR("0123456789abcdefghjkmnpqrs");
    assert_false(fixture_caller(fixture, planted).signed_in);
    struct str first = fixture_sign_in(fixture, "s.example", &secrets);
    fixture_wait(fixture, TOTP_PERIOD_SECONDS);
    struct str second = fixture_sign_in(fixture, "s.example", &secrets);
    assert_false(str_equal(first, planted));
    assert_false(str_equal(first, second));
    assert_false(fixture_caller(fixture, planted).signed_in);
}

static void cookie_that_is_none_gives_nobody(void **state)
{
    struct fixture *fixture = *state;
    static const char zeros[4096];
    struct caller caller = fixture_caller(fixture, STR(""));
    assert_false(caller.signed_in);
    assert_int_equal(caller.strength, STRENGTH_PUBLIC);
    assert_false(fixture_caller(fixture, STR("'; DROP TABLE session; --")).signed_in);
    assert_false(fixture_caller(fixture, (struct str){zeros, sizeof zeros}).signed_in);
    assert_false(fixture_caller(fixture, STR("00000000000000000000000000")).signed_in);
}

static void case_17_cookie_after_sign_out(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    struct str cookie = fixture_sign_in(fixture, "s.example", &secrets);
    struct step step = {.caller = fixture_caller(fixture, cookie)};
    fixture_write(fixture, end, &step);
    assert_int_equal(step.fault, FAULT_NONE);
    assert_false(fixture_caller(fixture, cookie).signed_in);
}

static void case_17_cookie_after_15_idle_minutes(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    struct str cookie = fixture_sign_in(fixture, "s.example", &secrets);
    fixture_wait(fixture, SESSION_IDLE_SECONDS - 1);
    assert_true(fixture_caller(fixture, cookie).signed_in);
    fixture_wait(fixture, 1);
    assert_false(fixture_caller(fixture, cookie).signed_in);
}

static void touch_session(struct fixture *fixture, struct str cookie)
{
    struct step step = {.caller = fixture_caller(fixture, cookie)};
    assert_true(step.caller.signed_in);
    fixture_write(fixture, touch, &step);
    assert_int_equal(step.fault, FAULT_NONE);
}

static void case_17_cookie_after_12_hours(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    struct str cookie = fixture_sign_in(fixture, "s.example", &secrets);
    for (int minutes = 0; minutes < 12 * 60 - 10; minutes += 10) {
        fixture_wait(fixture, 600);
        touch_session(fixture, cookie);
    }
    fixture_wait(fixture, 599);
    touch_session(fixture, cookie);
    fixture_wait(fixture, 1);
    assert_false(fixture_caller(fixture, cookie).signed_in);
}

static void case_17_cookie_after_suspension(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    struct account_secrets others = fixture_account(fixture, "t.example");
    struct str cookie = fixture_sign_in(fixture, "s.example", &secrets);
    struct str other = fixture_sign_in(fixture, "t.example", &others);
    struct step step = {.account = fixture_find(fixture, "s.example")};
    fixture_write(fixture, suspend, &step);
    assert_int_equal(step.fault, FAULT_NONE);
    assert_false(fixture_caller(fixture, cookie).signed_in);
    assert_true(fixture_caller(fixture, other).signed_in);
    struct account account = fixture_find(fixture, "s.example");
    assert_int_equal(account.state, ACCOUNT_SUSPENDED);
    assert_int_equal(account.version, 2);
    assert_true(str_equal(account.full_name, STR("Sioned Example")));
    /* who read it before somebody else changed it changes nothing */
    fixture_write(fixture, suspend, &step);
    assert_int_equal(step.fault, FAULT_CONFLICT);
    /* suspending once more is no mistake */
    step = (struct step){.account = account};
    fixture_write(fixture, suspend, &step);
    assert_int_equal(step.fault, FAULT_NONE);
    /* and no new session begins */
    fixture_wait(fixture, TOTP_PERIOD_SECONDS);
    struct str ticket = fixture_ticket(fixture, STR("s.example"), secrets.password);
    assert_int_equal(fixture_start(fixture, ticket, secrets.pin, fixture_code(fixture, &secrets, 0), &cookie),
                     FAULT_SIGN_IN);
}

static void session_is_touched_twice_a_minute_at_most(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    struct str cookie = fixture_sign_in(fixture, "s.example", &secrets);
    uint64_t before = fixture->access->statements;
    fixture_wait(fixture, SESSION_TOUCH_SECONDS - 1);
    struct step step = {.caller = fixture_caller(fixture, cookie)};
    assert_false(step.caller.touch_due);
    assert_int_equal(fixture->access->statements - before,
                     1); /* the session, with account and organisation */
    fixture_write(fixture, touch, &step);
    assert_int_equal(fixture->access->statements - before, 1);
    fixture_wait(fixture, 1);
    step = (struct step){.caller = fixture_caller(fixture, cookie)};
    assert_true(step.caller.touch_due);
    fixture_write(fixture, touch, &step);
    assert_int_equal(fixture_caller(fixture, cookie).seen.us, fixture->now.us);
    assert_false(fixture_caller(fixture, cookie).touch_due);
}

/* Case 64 at this floor. */
static void case_64_clock_that_jumps_lengthens_no_session(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    struct str cookie = fixture_sign_in(fixture, "s.example", &secrets);
    fixture_wait(fixture, -24 * 3600);
    assert_false(fixture_caller(fixture, cookie).signed_in);
    fixture_wait(fixture, 24 * 3600 - 1);
    assert_true(fixture_caller(fixture, cookie).signed_in); /* a second back is a clock's everyday life */
    fixture_wait(fixture, 1 + 24 * 3600);
    assert_false(fixture_caller(fixture, cookie).signed_in);
}

static void case_64_clock_set_back_after_a_touch_ends_the_session(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    struct str cookie = fixture_sign_in(fixture, "s.example", &secrets);
    fixture_wait(fixture, 600);
    touch_session(fixture, cookie);
    fixture_wait(fixture, -CLOCK_STEP_SECONDS);
    assert_true(fixture_caller(fixture, cookie).signed_in);
    fixture_wait(fixture, -1);
    assert_false(fixture_caller(fixture, cookie).signed_in);
}

static void role_that_is_not_held_begins_no_session(void **state)
{
    struct fixture *fixture = *state;
    struct account_order order = fixture_order(fixture, "m.example");
    order.roles[0] = ROLE_user_manager;
    struct account_secrets secrets = fixture_account_with(fixture, &order);
    struct str cookie;
    struct str ticket = fixture_ticket(fixture, STR("m.example"), secrets.password);
    /* the fixture asks for ROLE_practitioner */
    assert_int_equal(fixture_start(fixture, ticket, secrets.pin, fixture_code(fixture, &secrets, 0), &cookie),
                     FAULT_SIGN_IN);
}

static void organisation_suspended_is_a_fact_of_its_callers(void **state)
{
    struct fixture *fixture = *state;
    struct step step = {.caller.organisation.organisation.id = {{7}}};
    fixture_write(fixture, insert_suspended, &step);
    assert_int_equal(step.fault, FAULT_NONE);
    struct account_order order = fixture_order(fixture, "s.example");
    order.organisation = step.caller.organisation.organisation;
    struct account_secrets secrets = fixture_account_with(fixture, &order);
    struct caller caller = fixture_caller(fixture, fixture_sign_in(fixture, "s.example", &secrets));
    assert_true(caller.signed_in);
    assert_false(caller.organisation_active);
}

static void dead_tickets_and_sessions_are_removed(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    struct str cookie = fixture_sign_in(fixture, "s.example", &secrets);
    fixture_wait(fixture, 2 * SESSION_SECONDS + 1);
    (void)fixture_ticket(fixture, STR("nobody.here"), fixture_password);
    fixture_wait(fixture, -2 * SESSION_SECONDS);
    /* with the clock back where the session would be live, its row is gone */
    assert_false(fixture_caller(fixture, cookie).signed_in);
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, fixture_open, fixture_close)

static enum fault step_up(struct db_tx *tx, void *context)
{
    struct step *step = context;
    const struct key_verdict verdict = {.right = true};
    struct key_use use;
    step->fault =
        access_step_up(step->fixture->access, tx, &verdict, &step->caller, step->fixture->arena, &use);
    return FAULT_NONE;
}

/* R4.1: while somebody looks for a colleague, who has shown no key, no key makes the session stronger. */
static void two_people_do_not_step_up(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    struct str cookie = fixture_sign_in(fixture, "s.example", &secrets);
    struct step step = {.caller = fixture_caller(fixture, cookie)};
    fixture_write(fixture, step_up, &step);
    assert_int_equal(step.fault, FAULT_SIGN_IN); /* no challenge was given */
    step.caller.mediated = true;
    fixture_write(fixture, step_up, &step);
    assert_int_equal(step.fault, FAULT_REFUSED);
    assert_true(fixture_caller(fixture, cookie).signed_in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HOUSE(case_16_session_fixed_before_sign_in_is_replaced),
        IN_A_HOUSE(cookie_that_is_none_gives_nobody),
        IN_A_HOUSE(case_17_cookie_after_sign_out),
        IN_A_HOUSE(case_17_cookie_after_15_idle_minutes),
        IN_A_HOUSE(case_17_cookie_after_12_hours),
        IN_A_HOUSE(case_17_cookie_after_suspension),
        IN_A_HOUSE(session_is_touched_twice_a_minute_at_most),
        IN_A_HOUSE(case_64_clock_that_jumps_lengthens_no_session),
        IN_A_HOUSE(case_64_clock_set_back_after_a_touch_ends_the_session),
        IN_A_HOUSE(role_that_is_not_held_begins_no_session),
        IN_A_HOUSE(organisation_suspended_is_a_fact_of_its_callers),
        IN_A_HOUSE(dead_tickets_and_sessions_are_removed),
        IN_A_HOUSE(two_people_do_not_step_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
