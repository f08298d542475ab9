#include "generate/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect(const struct text *text, const char *wanted)
{
    assert_true(str_equal(text_str(text), str_of(wanted)));
}

static void numbers_and_days_are_put_plainly(void **state)
{
    (void)state;
    struct text text = {0};
    text_put_number(&text, 7, 3);
    text_put_literal(&text, " ");
    text_put_number(&text, 0, 1);
    text_put_literal(&text, " ");
    text_put_number(&text, UINT64_MAX, 1);
    expect(&text, "007 0 18446744073709551615");
    text.len = 0;
    text_put_day(&text, (struct day){2012, 3, 7, DAY_EXACT});
    text_put_day(&text, (struct day){2012, 3, 0, DAY_MONTH});
    text_put_day(&text, (struct day){2012, 0, 0, DAY_YEAR});
    expect(&text, "2012-03-072012-032012");
}

static void a_full_text_drops_whole_characters(void **state)
{
    (void)state;
    struct text text = {0};
    for (int i = 0; i < TEXT_BYTES_MAX - 1; i++)
        text_put_literal(&text, "x");
    text_put_literal(&text, "é");
    assert_int_equal(text.len, TEXT_BYTES_MAX - 1);
    text_put_literal(&text, "yz");
    assert_int_equal(text.len, TEXT_BYTES_MAX);
    assert_int_equal(text.at[TEXT_BYTES_MAX - 1], 'y');
    text_put_literal(&text, "z");
    assert_int_equal(text.len, TEXT_BYTES_MAX);
}

static void marks_are_folded_away(void **state)
{
    (void)state;
    struct text text = {0};
    text_set(&text, STR("Łukasz Brzęczyszczykiewicz"));
    text_fold(&text);
    expect(&text, "Lukasz Brzeczyszczykiewicz");
    text_set(&text, STR("Siân Ó Conaill Țăranu 王"));
    text_fold(&text);
    expect(&text, "Sian O Conaill Taranu ");
    text_upper(&text);
    expect(&text, "SIAN O CONAILL TARANU ");
}

static void names_are_written_with_their_capitals(void **state)
{
    (void)state;
    struct text text = {0};
    text_set(&text, STR("o'brien-smith"));
    text_capitalise(&text);
    expect(&text, "O'Brien-Smith");
    text_set(&text, STR("mcdonald"));
    text_capitalise(&text);
    expect(&text, "McDonald");
    text_set(&text, STR("st john"));
    text_capitalise(&text);
    expect(&text, "St John");
}

static void shuffling_keeps_every_index(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {1, 2, 3, 4, 5, 100, 4000, 65537};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        bool *seen = calloc(sizes[s], sizeof *seen);
        assert_non_null(seen);
        for (uint64_t i = 0; i < sizes[s]; i++) {
            uint64_t to = shuffle_index(i, sizes[s], 42);
            assert_in_range(to, 0, sizes[s] - 1);
            assert_false(seen[to]);
            seen[to] = true;
        }
        free(seen);
    }
    assert_int_not_equal(shuffle_index(17, 4000, 1), shuffle_index(17, 4000, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_days_are_put_plainly),
        cmocka_unit_test(a_full_text_drops_whole_characters),
        cmocka_unit_test(marks_are_folded_away),
        cmocka_unit_test(names_are_written_with_their_capitals),
        cmocka_unit_test(shuffling_keeps_every_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
