#include "fixture.h"

static enum fault give(struct db_tx *tx, void *context)
{
    struct step *step = context;
    return access_first_codes(step->fixture->access, tx, step->fixture->arena, step->codes);
}

static enum fault use(struct db_tx *tx, void *context)
{
    struct step *step = context;
    return access_first_codes_use(step->fixture->access, tx, step->codes[0], step->codes[1]);
}

static struct step codes_of(struct fixture *fixture)
{
    struct step step = {0};
    fixture_write(fixture, give, &step);
    assert_int_equal(step.fault, FAULT_NONE);
    assert_int_equal(step.codes[0].len, 20);
    assert_int_equal(step.codes[1].len, 20);
    assert_false(str_equal(step.codes[0], step.codes[1]));
    return step;
}

static enum fault use_of(struct fixture *fixture, struct str one, struct str other)
{
    struct step step = {.codes = {one, other}};
    fixture_write(fixture, use, &step);
    return step.fault;
}

static void two_people_use_their_codes_once(void **state)
{
    struct fixture *fixture = *state;
    struct step given = codes_of(fixture);
    assert_int_equal(use_of(fixture, given.codes[1], given.codes[0]), FAULT_NONE);
    assert_int_equal(use_of(fixture, given.codes[0], given.codes[1]), FAULT_REFUSED);
}

static void one_person_with_one_code_is_not_enough(void **state)
{
    struct fixture *fixture = *state;
    struct step given = codes_of(fixture);
    assert_int_equal(use_of(fixture, given.codes[0], given.codes[0]), FAULT_REFUSED);
    assert_int_equal(use_of(fixture, given.codes[0], STR("")), FAULT_INVALID);
    assert_int_equal(use_of(fixture, given.codes[0], STR("0123456789abcdefghjkm")), FAULT_INVALID);
    assert_int_equal(use_of(fixture, given.codes[0], STR("00000000000000000000")), FAULT_REFUSED);
    /* a refusal leaves both codes as they were */
    assert_int_equal(use_of(fixture, given.codes[0], given.codes[1]), FAULT_NONE);
}

/* As people write them: groups, capitals, O for 0, l for 1. */
static void codes_are_read_as_people_copy_them(void **state)
{
    struct fixture *fixture = *state;
    struct step given = codes_of(fixture);
    char written[2][25];
    size_t len[2] = {0};
    for (size_t which = 0; which < 2; which++) {
        for (size_t i = 0; i < 20; i++) {
            char c = given.codes[which].at[i];
            if (i > 0 && i % 5 == 0)
                written[which][len[which]++] = i == 10 ? ' ' : '-';
            c = c == '0' ? 'O' : c == '1' ? 'l' : c >= 'a' ? (char)(c - 'a' + 'A') : c;
            written[which][len[which]++] = c;
        }
    }
    assert_int_equal(use_of(fixture, (struct str){written[0], len[0]}, (struct str){written[1], len[1]}),
                     FAULT_NONE);
}

static void codes_expire_after_seven_days(void **state)
{
    struct fixture *fixture = *state;
    struct step given = codes_of(fixture);
    fixture_wait(fixture, FIRST_CODE_SECONDS);
    assert_int_equal(use_of(fixture, given.codes[0], given.codes[1]), FAULT_REFUSED);
    given = codes_of(fixture);
    fixture_wait(fixture, FIRST_CODE_SECONDS - 1);
    assert_int_equal(use_of(fixture, given.codes[0], given.codes[1]), FAULT_NONE);
}

static void new_codes_withdraw_the_old(void **state)
{
    struct fixture *fixture = *state;
    struct step old = codes_of(fixture);
    struct step given = codes_of(fixture);
    assert_int_equal(use_of(fixture, old.codes[0], old.codes[1]), FAULT_REFUSED);
    assert_int_equal(use_of(fixture, old.codes[0], given.codes[1]), FAULT_REFUSED);
    assert_int_equal(use_of(fixture, given.codes[0], given.codes[1]), FAULT_NONE);
}

static void codes_are_worthless_once_there_is_an_administrator(void **state)
{
    struct fixture *fixture = *state;
    struct account_order order = fixture_order(fixture, "n.example");
    struct step given = codes_of(fixture);
    order.organisation = (struct organisation_id){0};
    order.roles[0] = ROLE_national_administrator;
    struct account_secrets secrets = fixture_account_with(fixture, &order);
    assert_int_equal(secrets.password.len, fixture_password.len);
    assert_int_equal(use_of(fixture, given.codes[0], given.codes[1]), FAULT_REFUSED);
    struct step step = {0};
    fixture_write(fixture, give, &step);
    assert_int_equal(step.fault, FAULT_REFUSED);
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, fixture_open, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HOUSE(two_people_use_their_codes_once),
        IN_A_HOUSE(one_person_with_one_code_is_not_enough),
        IN_A_HOUSE(codes_are_read_as_people_copy_them),
        IN_A_HOUSE(codes_expire_after_seven_days),
        IN_A_HOUSE(new_codes_withdraw_the_old),
        IN_A_HOUSE(codes_are_worthless_once_there_is_an_administrator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
