#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"

static void equality_and_order(void **state)
{
    (void)state;
    struct str nothing = {NULL, 0};
    assert_true(str_equal(nothing, STR("")));
    assert_true(str_equal(STR("ab"), STR("ab")));
    assert_false(str_equal(STR("ab"), STR("abc")));
    assert_true(str_compare(STR("ab"), STR("abc")) < 0);
    assert_true(str_compare(STR("b"), STR("abc")) > 0);
    assert_true(str_compare(STR("\xC3"), STR("z")) > 0);
    assert_int_equal(str_compare(nothing, STR("")), 0);
    assert_true(str_starts(STR("abc"), STR("ab")));
    assert_true(str_starts(STR("abc"), nothing));
    assert_false(str_starts(STR("a"), STR("ab")));
    assert_int_equal(str_of(NULL).len, 0);
}

static void trimming(void **state)
{
    (void)state;
    assert_true(str_equal(str_trim(STR(" \t\r\n a b \n")), STR("a b")));
    assert_int_equal(str_trim(STR(" \t ")).len, 0);
    assert_int_equal(str_trim((struct str){NULL, 0}).len, 0);
    assert_int_equal(str_trim(STR("\xC2\xA0")).len, 2); /* a no-break space is text */
}

static void splitting(void **state)
{
    (void)state;
    struct str text = STR("a,,b");
    struct str head;
    assert_true(str_split(&text, ',', &head) && str_equal(head, STR("a")));
    assert_true(str_split(&text, ',', &head) && str_equal(head, STR("")));
    assert_true(str_split(&text, ',', &head) && str_equal(head, STR("b")));
    assert_false(str_split(&text, ',', &head));
    text = STR("a,");
    assert_true(str_split(&text, ',', &head) && str_equal(head, STR("a")));
    assert_true(str_split(&text, ',', &head) && str_equal(head, STR("")));
    assert_false(str_split(&text, ',', &head));
    text = STR("");
    assert_true(str_split(&text, ',', &head) && head.len == 0);
    assert_false(str_split(&text, ',', &head));
}

/* Unicode 15, table 3-7: the first and last of each row, and what lies just outside. */
static void utf8_corner_cases(void **state)
{
    (void)state;
    static const char *const good[] = {
        "",
        "\x01",
        "\x7F",
        "\xC2\x80",
        "\xDF\xBF",
        "\xE0\xA0\x80",
        "\xE0\xBF\xBF",
        "\xE1\x80\x80",
        "\xEC\xBF\xBF",
        "\xED\x80\x80",
        "\xED\x9F\xBF",
        "\xEE\x80\x80",
        "\xEF\xBF\xBF",
        "\xF0\x90\x80\x80",
        "\xF0\xBF\xBF\xBF",
        "\xF1\x80\x80\x80",
        "\xF3\xBF\xBF\xBF",
        "\xF4\x80\x80\x80",
        "\xF4\x8F\xBF\xBF",
    };
    static const char *const bad[] = {
        "\x80",
        "\xBF",
        "\xC0\x80",
        "\xC1\xBF",
        "\xC2",
        "\xC2\x7F",
        "\xC2\xC0",
        "\xE0\x9F\xBF",
        "\xE0\x80\x80",
        "\xE1\x80",
        "\xE1\x80\x7F",
        "\xED\xA0\x80",
        "\xED\xBF\xBF",
        "\xF0\x8F\xBF\xBF",
        "\xF0\x90\x80",
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80",
        "\xF8\x88\x80\x80\x80",
        "\xFE",
        "\xFF",
        "a\x80",
        "\xF1\x80\x80\xC0",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(str_is_utf8(str_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(str_is_utf8(str_of(bad[i])));
    assert_false(str_is_utf8((struct str){"a\0b", 3}));
    assert_true(str_is_utf8((struct str){NULL, 0}));
}

/* Every code point is accepted in its shortest form, surrogates and NUL excepted. */
static void every_code_point(void **state)
{
    (void)state;
    for (uint32_t point = 0; point <= 0x10FFFF; point++) {
        char text[4];
        size_t len = 0;
        if (point < 0x80) {
            text[len++] = (char)point;
        } else if (point < 0x800) {
            text[len++] = (char)(0xC0 | point >> 6);
            text[len++] = (char)(0x80 | (point & 0x3F));
        } else if (point < 0x10000) {
            text[len++] = (char)(0xE0 | point >> 12);
            text[len++] = (char)(0x80 | (point >> 6 & 0x3F));
            text[len++] = (char)(0x80 | (point & 0x3F));
        } else {
            text[len++] = (char)(0xF0 | point >> 18);
            text[len++] = (char)(0x80 | (point >> 12 & 0x3F));
            text[len++] = (char)(0x80 | (point >> 6 & 0x3F));
            text[len++] = (char)(0x80 | (point & 0x3F));
        }
        bool expected = point != 0 && (point < 0xD800 || point > 0xDFFF);
        if (str_is_utf8((struct str){text, len}) != expected)
            fail_msg("U+%04X", point);
        if (str_code_points((struct str){text, len}) != 1)
            fail_msg("U+%04X counted", point);
    }
}

static void numbers(void **state)
{
    (void)state;
    int64_t value = 77;
    assert_true(str_to_int(STR("0"), 0, 10, &value) && value == 0);
    assert_true(str_to_int(STR("010"), 0, 10, &value) && value == 10);
    assert_true(str_to_int(STR("-9223372036854775808"), INT64_MIN, INT64_MAX, &value) && value == INT64_MIN);
    assert_true(str_to_int(STR("9223372036854775807"), INT64_MIN, INT64_MAX, &value) && value == INT64_MAX);
    value = 77;
    static const char *const bad[] = {
        "", "-", "+1", " 1", "1 ", "1.0", "0x1", "11", "-1", "9223372036854775808", "1a"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(str_to_int(str_of(bad[i]), 0, 10, &value));
    assert_false(str_to_int(STR("-9223372036854775809"), INT64_MIN, INT64_MAX, &value));
    assert_false(str_to_int((struct str){NULL, 0}, 0, 10, &value));
    assert_int_equal(value, 77);
}

static void secrets_compare_by_content(void **state)
{
    (void)state;
    assert_true(bytes_equal_secret(bytes_of(STR("secret")), bytes_of(STR("secret"))));
    assert_false(bytes_equal_secret(bytes_of(STR("secret")), bytes_of(STR("secres"))));
    assert_false(bytes_equal_secret(bytes_of(STR("secret")), bytes_of(STR("secre"))));
    assert_true(bytes_equal_secret((struct bytes){NULL, 0}, (struct bytes){NULL, 0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality_and_order),
        cmocka_unit_test(trimming),
        cmocka_unit_test(splitting),
        cmocka_unit_test(utf8_corner_cases),
        cmocka_unit_test(every_code_point),
        cmocka_unit_test(numbers),
        cmocka_unit_test(secrets_compare_by_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
