#include "generate/digits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "match/number.h"

enum { SAMPLE = 20000 };

/* Spread over all the children that there may be, the edges of each round included. */
static uint32_t sample_child(uint32_t i)
{
    static const uint32_t edges[] = {1, 9999998, 9999999, 10000000, 19999997, 19999998, 20000000};
    enum { EDGES = sizeof edges / sizeof edges[0] };
    return i < EDGES ? edges[i] : 2 + i * 997;
}

static int compare(const void *a, const void *b)
{
    const struct text *x = a;
    const struct text *y = b;
    return str_compare(text_str(x), text_str(y));
}

typedef void (*put_digits)(uint32_t child, struct text *ret_number);

static void put_nhs(uint32_t child, struct text *ret_number)
{
    digits_nhs(child, 5, ret_number);
}

static void put_uln(uint32_t child, struct text *ret_number)
{
    digits_uln(child, 5, ret_number);
}

static void put_upn(uint32_t child, struct text *ret_number)
{
    digits_upn(child, 5, child % 400, 2015, ret_number);
}

static void put_child_benefit(uint32_t child, struct text *ret_number)
{
    digits_child_benefit(child, 5, ret_number);
}

static void expect_good_and_unlike(put_digits put, enum number_scheme scheme, size_t len_wanted)
{
    struct text *numbers = calloc(SAMPLE, sizeof *numbers);
    assert_non_null(numbers);
    for (uint32_t i = 0; i < SAMPLE; i++) {
        char at[NUMBER_BYTES_MAX];
        size_t len;
        put(sample_child(i), &numbers[i]);
        assert_int_equal(numbers[i].len, len_wanted);
        assert_int_equal(number_recognise(text_str(&numbers[i]), at, &len), scheme);
    }
    qsort(numbers, SAMPLE, sizeof *numbers, compare);
    for (uint32_t i = 1; i < SAMPLE; i++)
        assert_false(str_equal(text_str(&numbers[i - 1]), text_str(&numbers[i])));
    free(numbers);
}

static void every_number_passes_its_check_and_is_one_child_s(void **state)
{
    (void)state;
    expect_good_and_unlike(put_nhs, NUMBER_nhs, 10);
    expect_good_and_unlike(put_uln, NUMBER_uln, 10);
    expect_good_and_unlike(put_upn, NUMBER_upn, 13);
    expect_good_and_unlike(put_child_benefit, NUMBER_child_benefit, 13);
}

static void records_are_named_apart(void **state)
{
    (void)state;
    struct text first = {0};
    struct text again = {0};
    struct text second = {0};
    digits_record(1, 5, "H", &first);
    digits_record(1, 5, "H", &again);
    digits_record(1 | UINT32_C(1) << 30, 5, "H", &second);
    assert_int_equal(first.len, 10);
    assert_true(str_starts(text_str(&first), STR("H-")));
    assert_true(str_equal(text_str(&first), text_str(&again)));
    assert_false(str_equal(text_str(&first), text_str(&second)));
    digits_plain(1, 5, "SC", &first);
    assert_int_equal(first.len, 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_passes_its_check_and_is_one_child_s),
        cmocka_unit_test(records_are_named_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
