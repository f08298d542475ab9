#include "fixture.h"

static struct str token_for(struct fixture *fixture, struct str cookie)
{
    struct str token;
    assert_int_equal(access_form_token(fixture->access, cookie, fixture->arena, &token), FAULT_NONE);
    assert_int_equal(token.len, 64);
    return token;
}

static void token_is_of_its_session_only(void **state)
{
    struct fixture *fixture = *state;
    struct str mine = STR("0123456789abcdefghjkmnpqrs");
    struct str other = STR("0123456789abcdefghjkmnpqrt");
    struct str token = token_for(fixture, mine);
    assert_true(access_form_token_valid(fixture->access, mine, token));
    assert_false(access_form_token_valid(fixture->access, other, token));
    assert_false(access_form_token_valid(fixture->access, STR(""), token));
    fixture_wait(fixture, SESSION_SECONDS);
    assert_true(access_form_token_valid(fixture->access, mine, token));
}

static void token_is_masked_anew_each_time(void **state)
{
    struct fixture *fixture = *state;
    struct str cookie = STR("0123456789abcdefghjkmnpqrs");
    struct str first = token_for(fixture, cookie);
    struct str second = token_for(fixture, cookie);
    assert_false(str_equal(first, second));
    assert_memory_not_equal(first.at + 32, second.at + 32, 32);
    assert_true(access_form_token_valid(fixture->access, cookie, first));
    assert_true(access_form_token_valid(fixture->access, cookie, second));
}

static void token_with_any_character_changed_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct str cookie = STR("0123456789abcdefghjkmnpqrs");
    struct str token = token_for(fixture, cookie);
    char changed[64];
    for (size_t i = 0; i < sizeof changed; i++) {
        memcpy(changed, token.at, sizeof changed);
        changed[i] = changed[i] == '0' ? '1' : '0';
        assert_false(access_form_token_valid(fixture->access, cookie, (struct str){changed, sizeof changed}));
    }
    changed[5] = 'x';
    assert_false(access_form_token_valid(fixture->access, cookie, (struct str){changed, sizeof changed}));
    assert_false(access_form_token_valid(fixture->access, cookie, (struct str){token.at, 62}));
    assert_false(access_form_token_valid(fixture->access, cookie, STR("")));
}

static void token_before_sign_in_lasts_an_hour_or_two(void **state)
{
    struct fixture *fixture = *state;
    struct str token = token_for(fixture, STR(""));
    assert_true(access_form_token_valid(fixture->access, STR(""), token));
    fixture_wait(fixture, 3600);
    assert_true(access_form_token_valid(fixture->access, STR(""), token));
    fixture_wait(fixture, 3600);
    assert_false(access_form_token_valid(fixture->access, STR(""), token));
}

static void cookie_too_long_to_be_ours_counts_as_none(void **state)
{
    struct fixture *fixture = *state;
    static const char absurd[65];
    struct str token = token_for(fixture, (struct str){absurd, sizeof absurd});
    assert_true(access_form_token_valid(fixture->access, STR(""), token));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(token_is_of_its_session_only, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(token_is_masked_anew_each_time, fixture_open, fixture_close),
        cmocka_unit_test_setup_teardown(token_with_any_character_changed_is_refused, fixture_open,
                                        fixture_close),
        cmocka_unit_test_setup_teardown(token_before_sign_in_lasts_an_hour_or_two, fixture_open,
                                        fixture_close),
        cmocka_unit_test_setup_teardown(cookie_too_long_to_be_ours_counts_as_none, fixture_open,
                                        fixture_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
