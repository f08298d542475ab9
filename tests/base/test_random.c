#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"

/* The seeds are SplitMix64's published first outputs for seed 0; the numbers follow from xoshiro256**'s
 * definition. */
static void the_stream_is_the_published_one(void **state)
{
    (void)state;
    struct stream stream = stream_of(0);
    assert_true(stream.state[0] == UINT64_C(0xE220A8397B1DCDAF));
    assert_true(stream.state[1] == UINT64_C(0x6E789E6AA1B965F4));
    assert_true(stream.state[2] == UINT64_C(0x06C45D188009454F));
    assert_true(stream.state[3] == UINT64_C(0xF88BB8A8724C81EC));
    struct stream small = {{1, 2, 3, 4}};
    assert_true(stream_next(&small) == 11520);
    assert_true(stream_next(&small) == 0);
    assert_true(stream_next(&small) == 1509978240);
    assert_true(stream_next(&small) == UINT64_C(1215971899390074240));
}

static void draws_stay_in_their_range_and_reach_all_of_it(void **state)
{
    (void)state;
    struct stream stream = stream_of(7);
    int seen[10] = {0};
    for (int i = 0; i < 10000; i++) {
        uint64_t drawn = stream_below(&stream, 10);
        assert_true(drawn < 10);
        seen[drawn]++;
        double unit = stream_unit(&stream);
        assert_true(unit >= 0.0 && unit < 1.0);
    }
    for (int i = 0; i < 10; i++)
        assert_in_range(seen[i], 800, 1200);
    assert_true(stream_below(&stream, 1) == 0);
}

static void the_same_seed_gives_the_same_bytes(void **state)
{
    (void)state;
    struct stream one = stream_of(42), other = stream_of(42);
    struct entropy first = entropy_of_stream(&one), second = entropy_of_stream(&other);
    unsigned char a[37], b[37];
    first.fill(first.context, a, sizeof a);
    second.fill(second.context, b, sizeof b);
    assert_memory_equal(a, b, sizeof a);
}

static void the_system_gives_fresh_bytes(void **state)
{
    (void)state;
    struct entropy entropy = entropy_system();
    unsigned char a[32] = {0}, b[32] = {0};
    entropy.fill(entropy.context, a, sizeof a);
    entropy.fill(entropy.context, b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stream_is_the_published_one),
        cmocka_unit_test(draws_stay_in_their_range_and_reach_all_of_it),
        cmocka_unit_test(the_same_seed_gives_the_same_bytes),
        cmocka_unit_test(the_system_gives_fresh_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
