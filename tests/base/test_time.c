#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"

static struct day exact(int year, int month, int day)
{
    return (struct day){(uint16_t)year, (uint8_t)month, (uint8_t)day, DAY_EXACT};
}

/* 1900-01-01 is day -25567; every day until 2199-12-31 follows the one before, valid and numbered densely. */
static void day_numbers_run_through_three_centuries(void **state)
{
    (void)state;
    assert_int_equal(day_number(exact(1970, 1, 1)), 0);
    assert_int_equal(day_number(exact(1900, 1, 1)), -25567);
    assert_int_equal(day_number(exact(2000, 3, 1)), 11017);
    assert_int_equal(day_number(exact(2199, 12, 31)), 84005);
    struct day before = day_of_number(-25568);
    assert_false(day_is_valid(before)); /* 1899 */
    for (int32_t number = -25567; number <= 84005; number++) {
        struct day day = day_of_number(number);
        if (!day_is_valid(day) || day_number(day) != number)
            fail_msg("day %d", number);
        bool next = day.year == before.year && day.month == before.month && day.day == before.day + 1;
        bool month = day.year == before.year && day.month == before.month + 1 && day.day == 1;
        bool year = day.year == before.year + 1 && day.month == 1 && day.day == 1 && before.month == 12;
        if (!next && !month && !year)
            fail_msg("day %d does not follow the one before", number);
        before = day;
    }
    assert_false(day_is_valid(day_of_number(84006)));
}

static void impossible_dates_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "2007-02-29",
        "1900-02-29",
        "2100-02-29",
        "2007-04-31",
        "2007-13-01",
        "2007-00-10",
        "2007-01-00",
        "2007-01-32",
        "1899-12-31",
        "2200-01-01",
        "0000-01-01",
        "2007-1-1",
        "2007-01-1",
        "07-01-01",
        "2007/01/01",
        "2007-01-01 ",
        " 2007-01-01",
        "2007-01-01T00:00:00Z",
        "20070101",
        "2007-",
        "2007-01-",
        "2007-13",
        "200",
        "20077",
        "about",
        "about ",
        "about 2007-03",
        "~2007-03-01",
        "-2007",
        "2007-0x-01",
        "1 May 2007",
        "\xEF\xBC\x92"
        "007",
    };
    struct day day = exact(1999, 9, 9);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (day_parse(str_of(bad[i]), &day))
            fail_msg("%s was read", bad[i]);
    assert_true(day_equal(day, exact(1999, 9, 9)));
    assert_true(day_parse(STR("2000-02-29"), &day));
    assert_true(day_parse(STR("2004-02-29"), &day));
    assert_true(day_parse(STR("2096-02-29"), &day));
}

static void assert_day(const char *text, struct day expected, const char *iso, const char *words)
{
    struct day day;
    assert_true(day_parse(str_of(text), &day));
    assert_true(day_equal(day, expected));
    assert_true(day_is_valid(day));
    struct buffer buffer = buffer_open(100);
    day_put(&buffer, day);
    buffer_put_char(&buffer, '\0');
    assert_string_equal(buffer.at, iso);
    buffer_clear(&buffer);
    day_put_words(&buffer, day);
    buffer_put_char(&buffer, '\0');
    assert_string_equal(buffer.at, words);
    buffer_close(&buffer);
}

static void days_of_every_precision(void **state)
{
    (void)state;
    assert_day("2007-03-27", exact(2007, 3, 27), "2007-03-27", "27 March 2007");
    assert_day("2007-03", (struct day){2007, 3, 0, DAY_MONTH}, "2007-03", "March 2007");
    assert_day("2007", (struct day){2007, 0, 0, DAY_YEAR}, "2007", "2007");
    assert_day("about 2007", (struct day){2007, 0, 0, DAY_ABOUT}, "about 2007", "about 2007");
    assert_day("~2007", (struct day){2007, 0, 0, DAY_ABOUT}, "about 2007", "about 2007");
    assert_day("", (struct day){0, 0, 0, DAY_UNKNOWN}, "", "not known");
    assert_false(day_is_valid((struct day){2007, 0, 0, DAY_EXACT}));
    assert_false(day_is_valid((struct day){2007, 3, 0, DAY_YEAR}));
    assert_false(day_is_valid((struct day){2007, 3, 1, DAY_MONTH}));
    assert_false(day_is_valid((struct day){2007, 0, 0, DAY_UNKNOWN}));
}

static void ages(void **state)
{
    (void)state;
    struct day birth = exact(2008, 2, 29);
    assert_int_equal(day_age_years(birth, exact(2026, 2, 28)), 17);
    assert_int_equal(day_age_years(birth, exact(2026, 3, 1)), 18);
    assert_int_equal(day_age_years(birth, exact(2008, 2, 29)), 0);
    assert_int_equal(day_age_years(birth, exact(2008, 2, 28)), -1);
    assert_int_equal(day_age_years(exact(2027, 1, 1), exact(2026, 11, 21)), -1);
    assert_int_equal(day_age_years((struct day){2010, 0, 0, DAY_YEAR}, exact(2026, 1, 1)), 16);
    assert_int_equal(day_age_years((struct day){2010, 11, 0, DAY_MONTH}, exact(2026, 11, 1)), 16);
    assert_int_equal(day_age_years((struct day){2010, 11, 0, DAY_MONTH}, exact(2026, 10, 31)), 15);
    assert_int_equal(day_age_years((struct day){0, 0, 0, DAY_UNKNOWN}, exact(2026, 1, 1)), -1);
}

static void months_by_number_and_name(void **state)
{
    (void)state;
    assert_int_equal(day_month_of(STR("1")), 1);
    assert_int_equal(day_month_of(STR("09")), 9);
    assert_int_equal(day_month_of(STR("12")), 12);
    assert_int_equal(day_month_of(STR("MARCH")), 3);
    assert_int_equal(day_month_of(STR("sep")), 9);
    assert_int_equal(day_month_of(STR("May")), 5);
    static const char *const bad[] = {"",
                                      "0",
                                      "13",
                                      "-1",
                                      "Sept",
                                      "Ma",
                                      "Marchy",
                                      "\x0D"
                                      "ay",
                                      "1.",
                                      "xyz"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(day_month_of(str_of(bad[i])), 0);
}

static void assert_instant(int64_t us, const char *iso, const char *words)
{
    struct buffer buffer = buffer_open(100);
    instant_put(&buffer, (struct instant){us});
    buffer_put_char(&buffer, '\0');
    assert_string_equal(buffer.at, iso);
    buffer_clear(&buffer);
    instant_put_words(&buffer, (struct instant){us});
    buffer_put_char(&buffer, '\0');
    assert_string_equal(buffer.at, words);
    buffer_close(&buffer);
}

static void instants(void **state)
{
    (void)state;
    assert_instant(0, "1970-01-01T00:00:00Z", "1 January 1970, 00:00");
    assert_instant(INT64_C(1795243311999999), "2026-11-21T06:41:51Z", "21 November 2026, 06:41");
    assert_instant(-1000000, "1969-12-31T23:59:59Z", "31 December 1969, 23:59");
    assert_true(day_equal(day_of_instant((struct instant){-1}), exact(1969, 12, 31)));
    assert_true(instant_of_day(exact(1970, 1, 2)).us == INT64_C(86400000000));
    struct instant later = instant_after((struct instant){5}, seconds(2));
    assert_true(later.us == 2000005);
    assert_true(duration_between((struct instant){5}, later).us == 2000000);
    assert_true(clock_now(clock_system()).us > INT64_C(1700000000000000));
    int64_t before_us = clock_monotonic_us();
    assert_true(clock_monotonic_us() >= before_us);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(day_numbers_run_through_three_centuries),
        cmocka_unit_test(impossible_dates_are_refused),
        cmocka_unit_test(days_of_every_precision),
        cmocka_unit_test(ages),
        cmocka_unit_test(months_by_number_and_name),
        cmocka_unit_test(instants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
