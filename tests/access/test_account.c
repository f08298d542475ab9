#include "fixture.h"

#include <stdlib.h>

#include "engine.h"

static enum fault insert_account(struct db_tx *tx, void *context)
{
    struct step *step = context;
    return access_account_insert(step->fixture->access, tx, step->prepared);
}

static enum fault read_operator(struct db_tx *tx, void *context)
{
    struct step *step = context;
    return access_operator(step->fixture->access, tx, step->user_name, step->fixture->arena, &step->caller);
}

static enum fault find(struct db_tx *tx, void *context)
{
    struct step *step = context;
    return access_account_find(step->fixture->access, tx, step->user_name, step->fixture->arena,
                               &step->account);
}

static enum fault prepare(struct fixture *fixture, const struct account_order *order)
{
    struct account_secrets secrets;
    struct account_prepared *prepared;
    fault_clear_note();
    return access_account_prepare(fixture->access, order, fixture->arena, &prepared, &secrets);
}

static void expect_invalid(struct fixture *fixture, const struct account_order *order, const char *piece)
{
    assert_int_equal(prepare(fixture, order), FAULT_INVALID);
    if (strstr(fault_last_note(), piece) == NULL)
        fail_msg("note: %s", fault_last_note());
}

static struct account_order operator_order(struct fixture *fixture, const char *user_name,
                                           const char *unix_user)
{
    struct account_order order = fixture_order(fixture, user_name);
    order.organisation = (struct organisation_id){0};
    order.roles[0] = ROLE_operator;
    order.unix_user = str_of(unix_user);
    return order;
}

static void account_is_read_as_it_was_ordered(void **state)
{
    struct fixture *fixture = *state;
    struct account_order order = fixture_order(fixture, "s.example");
    order.roles[1] = ROLE_user_manager;
    order.role_count = 2;
    struct account_secrets secrets = fixture_account_with(fixture, &order);
    struct account account = fixture_find(fixture, "S.EXAMPLE");
    assert_true(id_equal(account.account.id, secrets.account.id));
    assert_true(id_equal(account.organisation.id, fixture->organisation.id));
    assert_int_equal(account.state, ACCOUNT_ACTIVE);
    assert_int_equal(account.version, 1);
    assert_true(str_equal(account.user_name, order.user_name));
    assert_true(str_equal(account.full_name, order.full_name));
    assert_true(str_equal(account.job, order.job));
    assert_true(str_equal(account.phone, order.phone));
    assert_true(str_equal(account.email, order.email));
    assert_int_equal(account.unix_user.len, 0);
    assert_int_equal(account.role_count, 2);
    assert_int_equal(account.roles[0], ROLE_practitioner);
    assert_int_equal(account.roles[1], ROLE_user_manager);
    struct step step = {.user_name = STR("nobody.here")};
    fixture_read(fixture, find, &step);
    assert_int_equal(step.fault, FAULT_ABSENT);
}

static void secrets_are_drawn_where_none_are_given(void **state)
{
    struct fixture *fixture = *state;
    struct account_order order = fixture_order(fixture, "s.example");
    order.password = (struct str){0};
    order.pin = (struct str){0};
    struct account_secrets first = fixture_account_with(fixture, &order);
    order.user_name = STR("t.example");
    struct account_secrets second = fixture_account_with(fixture, &order);
    assert_int_equal(first.password.len, 23);
    assert_int_equal(first.pin.len, 6);
    assert_false(str_equal(first.password, second.password));
    assert_memory_not_equal(first.totp_secret, second.totp_secret, TOTP_SECRET_BYTES);
    assert_true(fixture_caller(fixture, fixture_sign_in(fixture, "s.example", &first)).signed_in);
    assert_true(fixture_caller(fixture, fixture_sign_in(fixture, "t.example", &second)).signed_in);
}

static void user_name_is_never_used_twice(void **state)
{
    struct fixture *fixture = *state;
    struct account_order order = fixture_order(fixture, "s.example");
    struct account_secrets secrets;
    struct account_prepared *prepared = NULL;
    (void)fixture_account_with(fixture, &order);
    assert_int_equal(access_account_prepare(fixture->access, &order, fixture->arena, &prepared, &secrets),
                     FAULT_NONE);
    struct step step = {.prepared = prepared};
    fixture_write(fixture, insert_account, &step);
    assert_int_equal(step.fault, FAULT_DUPLICATE);
}

static void organisation_must_exist(void **state)
{
    struct fixture *fixture = *state;
    struct account_order order = fixture_order(fixture, "s.example");
    struct account_secrets secrets;
    struct account_prepared *prepared = NULL;
    order.organisation.id.byte[0] ^= 1;
    assert_int_equal(access_account_prepare(fixture->access, &order, fixture->arena, &prepared, &secrets),
                     FAULT_NONE);
    struct step step = {.prepared = prepared};
    fixture_write(fixture, insert_account, &step);
    assert_int_equal(step.fault, FAULT_INVALID);
}

static void order_with_wrong_text_is_refused(void **state)
{
    struct fixture *fixture = *state;
    const struct account_order good = fixture_order(fixture, "s.example");
    static const char zeros[300];
    struct account_order order = good;
    order.user_name = STR("S Example");
    expect_invalid(fixture, &order, "user name");
    order = good;
    order.full_name = STR("  ");
    expect_invalid(fixture, &order, "full name");
    order = good;
    order.job = STR("Health\nvisitor");
    expect_invalid(fixture, &order, "job");
    order = good;
    order.phone = (struct str){zeros, sizeof zeros};
    expect_invalid(fixture, &order, "telephone");
    order = good;
    order.email = STR("nowhere");
    expect_invalid(fixture, &order, "email");
    order = good;
    order.password = STR("short");
    expect_invalid(fixture, &order, "too short");
    order = good;
    order.pin = STR("12345");
    expect_invalid(fixture, &order, "PIN");
    order = good;
    order.unix_user = STR("root");
    expect_invalid(fixture, &order, "only an operator");
}

static void order_with_wrong_roles_is_refused(void **state)
{
    struct fixture *fixture = *state;
    const struct account_order good = fixture_order(fixture, "s.example");
    struct account_order order = good;
    order.role_count = 0;
    expect_invalid(fixture, &order, "at least one role");
    order = good;
    order.roles[0] = ROLE_calling_system;
    expect_invalid(fixture, &order, "calling system");
    order = good;
    order.roles[0] = ROLES_END;
    expect_invalid(fixture, &order, "at least one role");
    order = good;
    order.roles[1] = ROLE_practitioner;
    order.role_count = 2;
    expect_invalid(fixture, &order, "each once");
    order.roles[0] = ROLE_audit_reviewer;
    order.roles[1] = ROLE_data_officer;
    expect_invalid(fixture, &order, "audit reviewer");
    order = good;
    order.organisation = (struct organisation_id){0};
    expect_invalid(fixture, &order, "organisation");
    order.roles[0] = ROLE_national_administrator;
    order.roles[1] = ROLE_practitioner;
    order.role_count = 2;
    expect_invalid(fixture, &order, "no other role");
    order = operator_order(fixture, "o.example", "");
    expect_invalid(fixture, &order, "login of this machine");
    order.unix_user = STR("9lives");
    expect_invalid(fixture, &order, "login of this machine");
    order = operator_order(fixture, "o.example", "ops");
    order.roles[1] = ROLE_practitioner;
    order.role_count = 2;
    expect_invalid(fixture, &order, "no other role");
    order.role_count = 1;
    order.organisation = fixture->organisation;
    expect_invalid(fixture, &order, "no organisation");
}

static void operator_is_known_by_the_login_of_the_machine(void **state)
{
    struct fixture *fixture = *state;
    struct account_order order = operator_order(fixture, "o.example", "ops");
    (void)fixture_account_with(fixture, &order);
    struct step step = {.user_name = STR("ops")};
    fixture_read(fixture, read_operator, &step);
    assert_int_equal(step.fault, FAULT_NONE);
    assert_true(step.caller.signed_in && step.caller.role_held && step.caller.account_active);
    assert_int_equal(step.caller.strength, STRENGTH_LOCAL);
    assert_int_equal(step.caller.role, ROLE_operator);
    assert_true(str_equal(step.caller.account.user_name, STR("o.example")));
    static const struct str others[] = {STR("root"), STR("op"), STR(""), STR("o.example")};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        step = (struct step){.user_name = others[i]};
        fixture_read(fixture, read_operator, &step);
        assert_int_equal(step.fault, FAULT_NONE);
        assert_false(step.caller.signed_in);
        assert_int_equal(step.caller.strength, STRENGTH_PUBLIC);
    }
}

static void login_of_the_machine_belongs_to_one_operator(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets;
    struct account_prepared *prepared = NULL;
    struct account_order order = operator_order(fixture, "o.example", "ops");
    (void)fixture_account_with(fixture, &order);
    order.user_name = STR("p.example");
    assert_int_equal(access_account_prepare(fixture->access, &order, fixture->arena, &prepared, &secrets),
                     FAULT_NONE);
    struct step step = {.prepared = prepared};
    fixture_write(fixture, insert_account, &step);
    assert_int_equal(step.fault, FAULT_DUPLICATE);
    order.unix_user = STR("ops2");
    (void)fixture_account_with(fixture, &order);
}

static void sealed_account_is_read_with_care(void **state)
{
    (void)state;
    const struct account good = {
        .user_name = STR("s.example"),
        .roles = {ROLE_practitioner},
        .role_count = 1,
        .checks = {[CHECK_identity] = {2026, 3, 1, DAY_EXACT}, [CHECK_clearance] = {2026, 3, 2, DAY_EXACT}},
        .admitted = {2026, 3, 3, DAY_EXACT},
        .why = STR("lost token")};
    struct account read = {0};
    struct buffer buffer = buffer_open(4096);
    assert_int_equal(account_put(&buffer, &good), FAULT_NONE);
    struct bytes clear = buffer_bytes(&buffer);
    assert_int_equal(account_take(clear, &read), FAULT_NONE);
    assert_true(day_equal(read.checks[CHECK_clearance], good.checks[CHECK_clearance]));
    assert_true(day_equal(read.admitted, good.admitted));
    assert_true(str_equal(read.why, good.why));
    for (size_t len = 0; len < clear.len; len++)
        assert_int_equal(account_take((struct bytes){clear.at, len}, &read), FAULT_CORRUPT);
    buffer.at[0] = 9;
    assert_int_equal(account_take(clear, &read), FAULT_CORRUPT);
    /* a role of another version gives no power, a check of another version is left out */
    buffer.at[0] = 2;
    char *role = memmem(buffer.at, buffer.len, "practitioner", 12);
    char *check = memmem(buffer.at, buffer.len, "clearance", 9);
    assert_non_null(role);
    assert_non_null(check);
    role[0] = check[0] = 'x';
    read = (struct account){0};
    assert_int_equal(account_take(clear, &read), FAULT_NONE);
    assert_int_equal(read.role_count, 0);
    assert_true(day_equal(read.checks[CHECK_identity], good.checks[CHECK_identity]));
    assert_int_equal(read.checks[CHECK_clearance].precision, DAY_UNKNOWN);
    /* one of the first version has none */
    role[0] = 'p';
    buffer.at[0] = 1;
    read = (struct account){0};
    assert_int_equal(account_take(clear, &read), FAULT_NONE);
    assert_int_equal(read.role_count, 1);
    assert_int_equal(read.checks[CHECK_identity].precision, DAY_UNKNOWN);
    buffer_close(&buffer);
}

static void nothing_about_staff_rests_in_clear(void **state)
{
    struct fixture *fixture = *state;
    struct account_secrets secrets = fixture_account(fixture, "s.example");
    (void)fixture_sign_in(fixture, "s.example", &secrets);
    static const char *const texts[] = {"s.example",    "Sioned",    "Health visitor", "01632 960456",
                                        "practitioner", "Northgate", "E06000001",      "four plain words"};
    size_t size_bytes;
    char *resting = engine_resting(fixture->db_path, &size_bytes);
    assert_non_null(memmem(resting, size_bytes, secrets.account.id.byte, sizeof secrets.account.id.byte));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_null(memmem(resting, size_bytes, texts[i], strlen(texts[i])));
    free(resting);
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, fixture_open, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HOUSE(account_is_read_as_it_was_ordered),
        IN_A_HOUSE(secrets_are_drawn_where_none_are_given),
        IN_A_HOUSE(user_name_is_never_used_twice),
        IN_A_HOUSE(organisation_must_exist),
        IN_A_HOUSE(order_with_wrong_text_is_refused),
        IN_A_HOUSE(order_with_wrong_roles_is_refused),
        IN_A_HOUSE(operator_is_known_by_the_login_of_the_machine),
        IN_A_HOUSE(login_of_the_machine_belongs_to_one_operator),
        cmocka_unit_test(sealed_account_is_read_with_care),
        IN_A_HOUSE(nothing_about_staff_rests_in_clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
