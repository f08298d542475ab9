/* linkage/order.c: what is sorted stands as qsort would have it; what has one key stays in order.  And the
 * hash of values.c, of which rows' order and what is drawn from them are made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "linkage/order.h"
#include "linkage/values.h"

enum { COUNT = 50 * 1000 };

static int by_word(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

/* The lower bits are the place where a word stood, so that order among equals is seen. */
static void expect_sorted(uint64_t (*key_of)(uint64_t i))
{
    uint64_t *at = calloc(COUNT, sizeof *at), *spare = calloc(COUNT, sizeof *spare);
    uint64_t *wanted = calloc(COUNT, sizeof *wanted);
    assert_true(at != NULL && spare != NULL && wanted != NULL);
    for (uint64_t i = 0; i < COUNT; i++)
        at[i] = wanted[i] = key_of(i) << ORDER_LOW_BITS | i;
    qsort(wanted, COUNT, sizeof *wanted, by_word);
    order_words(&at, &spare, COUNT);
    assert_memory_equal(at, wanted, COUNT * sizeof *at);
    order_words(&at, &spare, 0);
    free(at);
    free(spare);
    free(wanted);
}

static uint64_t any_key(uint64_t i)
{
    return values_mix(i);
}

static uint64_t few_keys(uint64_t i)
{
    return values_mix(i % 77);
}

/* Those that three digits of ten bits do not part. */
static uint64_t near_keys(uint64_t i)
{
    return values_mix(i) % 1024;
}

static uint64_t falling_keys(uint64_t i)
{
    return COUNT - i;
}

static void words(void **state)
{
    (void)state;
    expect_sorted(any_key);
    expect_sorted(few_keys);
    expect_sorted(near_keys);
    expect_sorted(falling_keys);
}

static void words_nearly(void **state)
{
    (void)state;
    uint64_t *at = calloc(COUNT, sizeof *at), *spare = calloc(COUNT, sizeof *spare);
    assert_true(at != NULL && spare != NULL);
    for (uint64_t i = 0; i < COUNT; i++)
        at[i] = values_mix(i);
    order_words_nearly(&at, &spare, COUNT);
    for (size_t i = 1; i < COUNT; i++)
        assert_true(at[i - 1] >> 44 <= at[i] >> 44);
    free(at);
    free(spare);
}

static void pairs(void **state)
{
    (void)state;
    static const size_t counts[] = {0, 1, 2, 31, 1000, COUNT};
    struct ordered *at = calloc(COUNT, sizeof *at);
    assert_non_null(at);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        for (uint64_t j = 0; j < counts[i]; j++)
            at[j] = (struct ordered){values_mix(j % 999), j};
        assert_int_equal(order_sort(at, counts[i]), FAULT_NONE);
        for (size_t j = 1; j < counts[i]; j++)
            assert_true(at[j - 1].key < at[j].key ||
                        (at[j - 1].key == at[j].key && at[j - 1].value < at[j].value));
    }
    free(at);
}

/* Eight bytes at a time, the first lowest, then what is left with its length above. */
static uint64_t plain_hash(const char *at, size_t len, uint64_t seed)
{
    uint64_t hash = seed ^ 0x9E3779B97F4A7C15u, piece = 0;
    size_t i = 0;
    for (; i < len; i++) {
        piece |= (uint64_t)(uint8_t)at[i] << (8 * (i % 8));
        if (i % 8 == 7) {
            hash = values_mix(hash ^ piece) + 0x9E3779B97F4A7C15u;
            piece = 0;
        }
    }
    return values_mix(hash ^ (piece | (uint64_t)(len % 8) << 56));
}

static void hashes(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 100; len++) {
        char *text = malloc(len == 0 ? 1 : len); /* its own, so that a look behind it is seen */
        assert_non_null(text);
        for (size_t i = 0; i < len; i++)
            text[i] = (char)values_mix(i * 7 + len);
        assert_true(values_hash((struct str){text, len}, len) == plain_hash(text, len, len));
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words), cmocka_unit_test(words_nearly),
                                       cmocka_unit_test(pairs), cmocka_unit_test(hashes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
