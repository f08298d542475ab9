/* match/postings.c: slots under keys, against a plain list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "match/postings.h"

enum { KEYS = 4000, SLOTS_MAX = 24 };

struct listed {
    uint64_t key;
    uint32_t slots[SLOTS_MAX];
    size_t count;
};

static struct listed lists[KEYS];

static size_t find_listed(const struct listed *list, uint32_t slot)
{
    size_t at = 0;
    while (at < list->count && list->slots[at] != slot)
        at++;
    return at;
}

static void assert_as_listed(const struct postings *postings)
{
    for (size_t i = 0; i < KEYS; i++) {
        struct posted posted = {NULL, 0};
        postings_fetch(postings, lists[i].key);
        postings_fetch_piece(postings, lists[i].key);
        assert_int_equal(postings_find(postings, lists[i].key, &posted), lists[i].count);
        for (size_t j = 0; j < lists[i].count; j++)
            assert_true(find_listed(&lists[i], posted.slots[j]) < lists[i].count);
    }
}

static void add_or_remove(struct postings *postings, struct listed *list, uint32_t slot)
{
    size_t at = find_listed(list, slot);
    if (at < list->count) {
        postings_remove(postings, list->key, slot);
        list->slots[at] = list->slots[--list->count];
    } else if (list->count < SLOTS_MAX) {
        assert_int_equal(postings_add(postings, list->key, slot), FAULT_NONE);
        list->slots[list->count++] = slot;
    }
}

/* All keys fall into a few parts, so that these grow many times; with `crowded`, on few homes of them too, so
 * that the slack behind a part is used up. */
static void add_and_remove(bool crowded)
{
    struct pool pool = {0};
    struct postings *postings;
    struct stream stream = stream_of(crowded ? 5 : 6);
    memset(lists, 0, sizeof lists);
    assert_int_equal(postings_open(&pool, &postings), FAULT_NONE);
    for (size_t i = 0; i < KEYS; i++) {
        uint64_t tag = crowded ? UINT32_MAX - (stream_next(&stream) >> 37) : stream_next(&stream) >> 32;
        lists[i].key = (uint64_t)(i % 4) << 52 | tag;
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(lists[j].key, lists[i].key);
    }
    for (size_t round = 0; round < 6; round++) {
        for (size_t i = 0; i < (size_t)KEYS * 2; i++) {
            uint64_t which = stream_below(&stream, KEYS);
            add_or_remove(postings, &lists[stream_below(&stream, which + 1)],
                          1 + (uint32_t)stream_below(&stream, SLOTS_MAX));
        }
        postings_remove(postings, (uint64_t)5 << 52, 1); /* a part where nothing is */
        assert_as_listed(postings);
    }
    for (size_t i = 0; i < KEYS; i++) {
        while (lists[i].count > 0)
            add_or_remove(postings, &lists[i], lists[i].slots[0]);
    }
    assert_as_listed(postings);
    retire_drop(&pool.retired);
    postings_close(postings);
    match_pool_close(&pool);
}

static void spread_keys(void **state)
{
    (void)state;
    add_and_remove(false);
}

static void crowded_keys(void **state)
{
    (void)state;
    add_and_remove(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(spread_keys), cmocka_unit_test(crowded_keys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
