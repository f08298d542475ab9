/* Words that are pasted again and again: counted, bounded, forgotten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "service/repeats.h"

static const int64_t hour_us = INT64_C(3600) * 1000000;

static struct tag words_of(uint32_t number)
{
    struct tag words = {{0}};
    memcpy(words.byte, &number, sizeof number);
    return words;
}

static void alarms_at_the_twentieth(void **state)
{
    struct repeats *repeats = *state;
    const struct tag words = words_of(1), others = words_of(2);
    for (int round = 0; round < 3; round++)
        for (int i = 1; i <= REPEATS_ALARMING; i++) {
            assert_int_equal(repeats_count(repeats, &words, (struct instant){i}), i == REPEATS_ALARMING);
            if (i % 2 == 0)
                (void)repeats_count(repeats, &others, (struct instant){i});
            if (round == 1 && i == REPEATS_ALARMING)
                return;
        }
}

/* Twenty within a day, wherever the day begins. */
static void the_day_slides(void **state)
{
    struct repeats *repeats = *state;
    const struct tag words = words_of(1);
    int64_t now_us = 0;
    for (int i = 0; i < 100; i++, now_us += 2 * hour_us) /* twelve a day */
        assert_false(repeats_count(repeats, &words, (struct instant){now_us}));
    int more = 0;
    while (!repeats_count(repeats, &words, (struct instant){now_us += hour_us / 4}))
        more++;
    assert_in_range(more, 8, 12);
}

static void remembers_a_bounded_number(void **state)
{
    struct repeats *repeats = *state;
    const struct tag first = words_of(7);
    for (int i = 0; i < REPEATS_ALARMING - 1; i++)
        assert_false(repeats_count(repeats, &first, (struct instant){i}));
    for (uint32_t i = 0; i < 100000; i++) {
        const struct tag other = words_of(100000 + i);
        assert_false(repeats_count(repeats, &other, (struct instant){1000 + i}));
    }
    assert_false(repeats_count(repeats, &first, (struct instant){200000})); /* forgotten meanwhile */
}

static int set_up(void **state)
{
    return repeats_open((struct repeats **)state) == FAULT_NONE ? 0 : -1;
}

static int tear_down(void **state)
{
    repeats_close(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(alarms_at_the_twentieth, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_day_slides, set_up, tear_down),
        cmocka_unit_test_setup_teardown(remembers_a_bounded_number, set_up, tear_down),
    };
    repeats_close(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
