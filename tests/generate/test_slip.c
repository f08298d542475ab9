#include "generate/slip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { TRIES = 5000 };

static const struct day today = {2026, 11, 1, DAY_EXACT};

static const char *const words[] = {"Smith",    "O'Brien", "Łukasz",  "Al-Sayed", "Bo",
                                    "McCarthy", "Ng",      "D'Souza", ""};

typedef bool (*slip_text)(struct text *text, struct stream *stream);

/* Whatever a slip does, the text stays UTF-8, and true means that it changed. */
static void expect_changes(slip_text slip, uint32_t least)
{
    struct stream stream = stream_of(9);
    uint32_t changed = 0;
    for (uint32_t i = 0; i < TRIES; i++) {
        struct str word = str_of(words[i % (sizeof words / sizeof words[0])]);
        struct text text = {0};
        text_set(&text, word);
        if (slip(&text, &stream)) {
            changed++;
            assert_false(str_equal(text_str(&text), word));
            assert_true(text.len > 0);
        } else {
            assert_true(str_equal(text_str(&text), word));
        }
        assert_true(str_is_utf8(text_str(&text)));
    }
    assert_true(changed >= least);
}

static void slips_change_names_and_keep_them_text(void **state)
{
    (void)state;
    expect_changes(slip_typing, TRIES / 2);
    expect_changes(slip_ocr, TRIES / 2);
    expect_changes(slip_phonetic, TRIES / 2);
}

static bool is_between(char c, char least, char most)
{
    return c >= least && c <= most;
}

static void postcodes_keep_their_shape(void **state)
{
    (void)state;
    struct stream stream = stream_of(9);
    uint32_t changed = 0;
    for (int i = 0; i < TRIES; i++) {
        struct text text = {0};
        text_set(&text, STR("LS6 4QT"));
        changed += slip_postcode(&text, &stream);
        assert_int_equal(text.len, 7);
        assert_memory_equal(text.at, "LS6 ", 4);
        assert_true(is_between(text.at[4], '0', '9') && is_between(text.at[5], 'A', 'Z') &&
                    is_between(text.at[6], 'A', 'Z'));
    }
    assert_true(changed > TRIES / 2);
    struct text none = {0};
    assert_false(slip_postcode(&none, &stream));
}

static void dates_slip_to_real_days_that_a_child_may_have(void **state)
{
    (void)state;
    struct stream stream = stream_of(9);
    uint32_t changed = 0;
    for (int i = 0; i < TRIES; i++) {
        struct day born = day_of_number(day_number(today) - i);
        struct day day = born;
        if (slip_date(&day, today, &stream)) {
            changed++;
            assert_false(day_equal(day, born));
        }
        assert_true(day_is_valid(day));
        assert_true(day_number(day) <= day_number(today));
        assert_in_range(day_age_years(day, today), 0, 24);
    }
    assert_true(changed > TRIES / 2);
    struct day partial = {2012, 0, 0, DAY_YEAR};
    assert_false(slip_date(&partial, today, &stream));
}

static void classes_have_names(void **state)
{
    (void)state;
    assert_string_equal(slip_name(SLIP_typing), "typing");
    assert_string_equal(slip_name(SLIP_second_record), "second_record");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slips_change_names_and_keep_them_text),
        cmocka_unit_test(postcodes_keep_their_shape),
        cmocka_unit_test(dates_slip_to_real_days_that_a_child_may_have),
        cmocka_unit_test(classes_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
