#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "access/throttle.h"

static const struct organisation_id nobodys = {{{0}}};
static const struct organisation_id surgery = {{{1}}};
static const struct organisation_id school = {{{2}}};

static struct instant at(int64_t at_s)
{
    return (struct instant){(INT64_C(1795200000) + at_s) * 1000000};
}

static int open_one(void **state)
{
    static struct stream stream;
    struct throttle *throttle = NULL;
    stream = stream_of(7);
    assert_int_equal(throttle_open(entropy_of_stream(&stream), &throttle), FAULT_NONE);
    *state = throttle;
    return 0;
}

static int close_one(void **state)
{
    throttle_close(*state);
    return 0;
}

static void let_fail(struct throttle *throttle, const char *source, struct organisation_id organisation,
                     int times)
{
    for (int i = 0; i < times; i++)
        throttle_failed(throttle, str_of(source), organisation, at(0));
}

/* One guess for each of 10,000 names, from one place. */
static void case_12_one_source_waits_and_nobody_else(void **state)
{
    int let = 0;
    for (int i = 0; i < 10000; i++) {
        if (throttle_waits(*state, STR("198.51.100.9"), nobodys, at(0)))
            continue;
        let++;
        throttle_failed(*state, STR("198.51.100.9"), nobodys, at(0));
    }
    assert_int_equal(let, THROTTLE_SOURCE_MAX);
    assert_false(throttle_waits(*state, STR("198.51.100.10"), nobodys, at(0)));
}

static void failures_are_forgiven_as_time_passes(void **state)
{
    let_fail(*state, "198.51.100.9", nobodys, THROTTLE_SOURCE_MAX + THROTTLE_SOURCE_MINUTE);
    assert_true(throttle_waits(*state, STR("198.51.100.9"), nobodys, at(59)));
    assert_false(throttle_waits(*state, STR("198.51.100.9"), nobodys, at(67)));
    throttle_failed(*state, STR("198.51.100.9"), nobodys, at(60));
    assert_true(throttle_waits(*state, STR("198.51.100.9"), nobodys, at(-3600))); /* a clock set back */
}

static void an_attacked_organisation_admits_those_who_have_not_failed(void **state)
{
    char source[32];
    for (int i = 0; i < THROTTLE_ORGANISATION_MAX; i++) {
        (void)snprintf(source, sizeof source, "203.0.%d.%d", i / 200, i % 200);
        let_fail(*state, source, surgery, 1);
    }
    assert_true(throttle_waits(*state, STR("203.0.0.7"), surgery, at(0)));
    assert_false(throttle_waits(*state, STR("203.0.0.7"), school, at(0)));
    assert_false(throttle_waits(*state, STR("192.0.2.1"), surgery, at(0)));
}

static void a_network_of_ipv6_counts_as_one(void **state)
{
    char source[64];
    for (int i = 0; i < THROTTLE_SOURCE_MAX; i++) {
        (void)snprintf(source, sizeof source, "2001:db8:1:2::%x", i);
        let_fail(*state, source, nobodys, 1);
    }
    assert_true(throttle_waits(*state, STR("2001:db8:1:2:ffff::1"), nobodys, at(0)));
    assert_false(throttle_waits(*state, STR("2001:db8:1:3::1"), nobodys, at(0)));
    assert_false(throttle_waits(*state, STR(""), nobodys, at(0)));
}

/* However many come, those who failed most stay remembered. */
static void case_20_memory_is_bounded(void **state)
{
    char source[32];
    assert_true(throttle_bytes() < (size_t)1024 * 1024);
    let_fail(*state, "198.51.100.9", nobodys, THROTTLE_SOURCE_MAX);
    for (int i = 0; i < 4 * THROTTLE_SLOTS; i++) {
        (void)snprintf(source, sizeof source, "10.%d.%d.%d", i >> 16 & 255, i >> 8 & 255, i & 255);
        let_fail(*state, source, nobodys, 1);
    }
    assert_true(throttle_waits(*state, STR("198.51.100.9"), nobodys, at(0)));
}

#define WITH_ONE(test) cmocka_unit_test_setup_teardown(test, open_one, close_one)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ONE(case_12_one_source_waits_and_nobody_else),
        WITH_ONE(failures_are_forgiven_as_time_passes),
        WITH_ONE(an_attacked_organisation_admits_those_who_have_not_failed),
        WITH_ONE(a_network_of_ipv6_counts_as_one),
        WITH_ONE(case_20_memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
