/* What runs out, and when (R3.1, R3.5, R3.6). */
#include "access/account_life.h"
#include "access/organisations.h"
#include "fixture.h"

static struct day day(int year, int month, int number)
{
    return (struct day){(uint16_t)year, (uint8_t)month, (uint8_t)number, DAY_EXACT};
}

static void assert_day(struct day found, struct day expected)
{
    if (!day_equal(found, expected))
        fail_msg("%d-%d-%d", found.year, found.month, found.day);
}

static void months_are_counted_to_the_same_day_or_the_last(void **state)
{
    (void)state;
    assert_day(day_after_months(day(2026, 11, 21), 36), day(2029, 11, 21));
    assert_day(day_after_months(day(2026, 11, 21), 0), day(2026, 11, 21));
    assert_day(day_after_months(day(2024, 2, 29), 12), day(2025, 2, 28));
    assert_day(day_after_months(day(2024, 2, 29), 48), day(2028, 2, 29));
    assert_day(day_after_months(day(2026, 1, 31), 1), day(2026, 2, 28));
    assert_day(day_after_months(day(2026, 12, 31), 2), day(2027, 2, 28));
    assert_day(day_after_months(day(2026, 11, 30), 1), day(2026, 12, 30));
}

static void warnings_come_60_30_and_7_days_before(void **state)
{
    (void)state;
    static const struct {
        int before;
        enum notice notice;
        int left;
    } cases[] = {{61, NOTICE_NONE, 61},  {60, NOTICE_60, 60},     {31, NOTICE_60, 31}, {30, NOTICE_30, 30},
                 {8, NOTICE_30, 8},      {7, NOTICE_7, 7},        {1, NOTICE_7, 1},    {0, NOTICE_LAPSED, 0},
                 {-1, NOTICE_LAPSED, 0}, {-400, NOTICE_LAPSED, 0}};
    const struct day done = day(2024, 3, 15), until = day(2027, 3, 15);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int left = -1;
        struct day today = day_of_number(day_number(until) - cases[i].before);
        assert_int_equal(check_notice(CHECK_clearance, done, today, &left), cases[i].notice);
        assert_int_equal(left, cases[i].left);
    }
    int left = -1;
    assert_int_equal(check_notice(CHECK_identity, done, day(2090, 1, 1), &left), NOTICE_NONE); /* for good */
    assert_int_equal(check_notice(CHECK_clearance, (struct day){0}, until, &left), NOTICE_MISSING);
    assert_int_equal(left, 0);
}

static void checks_are_known_by_name(void **state)
{
    (void)state;
    for (int check = 1; check < CHECKS_END; check++) {
        assert_int_equal(check_of(str_of(check_name((enum account_check)check))), check);
        assert_true(strlen(check_label((enum account_check)check)) > 0);
        assert_true(strlen(check_hint((enum account_check)check)) > 0);
    }
    assert_int_equal(check_of(STR("")), CHECK_NONE);
    assert_int_equal(check_of(STR("shoe size")), CHECK_NONE);
}

static struct account_standing standing_of(struct fixture *fixture, const char *user_name)
{
    struct account account = fixture_find(fixture, user_name);
    return access_account_standing(fixture->access, &account);
}

/* To the last second of the day before, and not one longer. */
static void case_43_a_check_lapses_at_midnight(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    struct day today = day_of_instant(fixture->now);
    struct day until = check_until(CHECK_clearance, today);
    access_set_limits(fixture->access, &(struct access_limits){0}); /* this is not about use */
    fixture->now = (struct instant){instant_of_day(until).us - seconds(120).us};
    struct str cookie = fixture_sign_in(fixture, "s.example", &secrets);
    assert_true(fixture_caller(fixture, cookie).account_active);
    fixture->now = (struct instant){instant_of_day(until).us - 1};
    assert_true(fixture_caller(fixture, cookie).account_active);
    fixture->now = instant_of_day(until);
    struct caller caller = fixture_caller(fixture, cookie);
    assert_true(caller.signed_in);
    assert_false(caller.account_active);
    assert_int_equal(standing_of(fixture, "s.example").hindrance, HINDRANCE_LAPSED);
    assert_int_equal(standing_of(fixture, "s.example").check, CHECK_clearance);
    fixture_wait(fixture, TOTP_PERIOD_SECONDS);
    struct str ticket = fixture_ticket(fixture, STR("s.example"), fixture_password);
    assert_int_equal(fixture_start(fixture, ticket, fixture_pin, fixture_code(fixture, &secrets, 0), &cookie),
                     FAULT_SIGN_IN);
}

struct renewal {
    struct fixture *fixture;
    struct organisation organisation;
};

static enum fault read_organisation(struct db_tx *tx, void *context)
{
    struct renewal *renewal = context;
    return access_organisation_get(renewal->fixture->access, tx, renewal->fixture->organisation,
                                   renewal->fixture->arena, &renewal->organisation);
}

static enum fault change_organisation(struct db_tx *tx, void *context)
{
    struct renewal *renewal = context;
    return access_organisation_change(renewal->fixture->access, tx, &renewal->organisation);
}

static void accredit(struct fixture *fixture, struct day until)
{
    struct renewal renewal = {.fixture = fixture};
    assert_int_equal(db_read(fixture->db, read_organisation, &renewal), FAULT_NONE);
    renewal.organisation.accredited_until = until;
    assert_int_equal(db_write(fixture->db, DB_FOREGROUND, change_organisation, &renewal), FAULT_NONE);
    assert_int_equal(db_write(fixture->db, DB_FOREGROUND, change_organisation, &renewal), FAULT_CONFLICT);
}

static void case_43_accreditation_lapses_at_midnight(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    struct day until = day_of_number(day_number(day_of_instant(fixture->now)) + 1);
    accredit(fixture, until);
    fixture->now = (struct instant){instant_of_day(until).us - seconds(60).us};
    struct str cookie = fixture_sign_in(fixture, "s.example", &secrets);
    assert_true(fixture_caller(fixture, cookie).organisation_active);
    fixture->now = (struct instant){instant_of_day(until).us - 1};
    assert_true(fixture_caller(fixture, cookie).organisation_active);
    fixture->now = instant_of_day(until);
    assert_false(fixture_caller(fixture, cookie).organisation_active);
    accredit(fixture, day_of_number(day_number(until) + 365));
    assert_true(fixture_caller(fixture, cookie).organisation_active); /* renewed */
}

static void case_44_unused_for_90_days(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    fixture_wait(fixture, 89 * 86400);
    struct str cookie = fixture_sign_in(fixture, "s.example", &secrets);
    assert_true(fixture_caller(fixture, cookie).account_active);
    assert_true(day_equal(fixture_find(fixture, "s.example").used, day_of_instant(fixture->now)));
    fixture_wait(fixture, 89 * 86400);
    assert_int_equal(standing_of(fixture, "s.example").hindrance, HINDRANCE_NONE);
    fixture_wait(fixture, 86400);
    assert_int_equal(standing_of(fixture, "s.example").hindrance, HINDRANCE_UNUSED);
    struct str ticket = fixture_ticket(fixture, STR("s.example"), fixture_password);
    assert_int_equal(fixture_start(fixture, ticket, fixture_pin, fixture_code(fixture, &secrets, 0), &cookie),
                     FAULT_SIGN_IN);
    access_set_limits(fixture->access, &(struct access_limits){.unused_days_max = 91});
    assert_int_equal(standing_of(fixture, "s.example").hindrance, HINDRANCE_NONE);
    access_set_limits(fixture->access, &(struct access_limits){.unused_days_max = 0});
    assert_int_equal(standing_of(fixture, "s.example").hindrance, HINDRANCE_NONE);
}

/* An operator is no sign-in, and a service account none either: neither role can be chosen by a person. */
static void case_44_service_accounts_cannot_sign_in(void **state)
{
    struct fixture *fixture = *state;
    struct account_order order = fixture_order(fixture, "o.example");
    struct account_secrets secrets;
    struct account_prepared *prepared = NULL;
    order.roles[0] = ROLE_calling_system;
    assert_int_equal(access_account_prepare(fixture->access, &order, fixture->arena, &prepared, &secrets),
                     FAULT_INVALID);
    order.roles[0] = ROLE_operator;
    order.unix_user = STR("ops");
    order.organisation = (struct organisation_id){0};
    secrets = fixture_account_with(fixture, &order);
    fixture_wait(fixture, INT64_C(5) * 366 * 86400);
    struct account account = fixture_find(fixture, "o.example");
    assert_int_equal(access_account_standing(fixture->access, &account).hindrance, HINDRANCE_NONE);
}

static void an_account_without_checks_is_asked_for_only(void **state)
{
    struct fixture *fixture = *state;
    struct account_order order = fixture_order(fixture, "s.example");
    order.checks[CHECK_agreement] = (struct day){0};
    struct account_secrets secrets = fixture_account_with(fixture, &order);
    assert_int_equal(fixture_find(fixture, "s.example").state, ACCOUNT_REQUESTED);
    struct str ticket = fixture_ticket(fixture, STR("s.example"), fixture_password), cookie;
    assert_int_equal(fixture_start(fixture, ticket, fixture_pin, fixture_code(fixture, &secrets, 0), &cookie),
                     FAULT_SIGN_IN);
}

/* Nobody stands above them: what was never recorded stops no national administrator, what lapses does. */
static void national_administrators_are_stopped_by_what_lapses(void **state)
{
    struct fixture *fixture = *state;
    struct account_order order = fixture_order(fixture, "n.example");
    struct day today = day_of_instant(fixture->now);
    order.roles[0] = ROLE_national_administrator;
    order.organisation = (struct organisation_id){0};
    memset(order.checks, 0, sizeof order.checks);
    (void)fixture_account_with(fixture, &order);
    assert_int_equal(standing_of(fixture, "n.example").hindrance, HINDRANCE_NONE);
    order.user_name = STR("o.example");
    order.checks[CHECK_clearance] = day_of_number(day_number(today) - 3 * 366);
    (void)fixture_account_with(fixture, &order);
    struct account lapsed = fixture_find(fixture, "o.example");
    lapsed.state = ACCOUNT_ACTIVE;
    assert_int_equal(access_account_standing(fixture->access, &lapsed).hindrance, HINDRANCE_LAPSED);
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, fixture_open, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(months_are_counted_to_the_same_day_or_the_last),
        cmocka_unit_test(warnings_come_60_30_and_7_days_before),
        cmocka_unit_test(checks_are_known_by_name),
        IN_A_HOUSE(case_43_a_check_lapses_at_midnight),
        IN_A_HOUSE(case_43_accreditation_lapses_at_midnight),
        IN_A_HOUSE(case_44_unused_for_90_days),
        IN_A_HOUSE(case_44_service_accounts_cannot_sign_in),
        IN_A_HOUSE(an_account_without_checks_is_asked_for_only),
        IN_A_HOUSE(national_administrators_are_stopped_by_what_lapses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
