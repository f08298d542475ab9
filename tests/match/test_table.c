/* match/table.c: numbers under hashes, against a plain list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "match/table.h"

enum { NUMBERS = 1500 }; /* with few homes the work grows with the cube */

struct held {
    struct table table;
    uint64_t hash[NUMBERS]; /* by number */
    bool in[NUMBERS];
    size_t count;
};

static size_t place_of(const struct held *held, uint32_t number, uint32_t *ret_found)
{
    size_t at = table_home(&held->table, held->hash[number]);
    uint32_t found;
    while ((found = table_next(&held->table, held->hash[number], &at)) != 0 && found != number)
        at++;
    *ret_found = found;
    return at;
}

static void make_room(struct held *held)
{
    if ((NUMBERS + held->table.left) * 5 < table_room(&held->table) * 4)
        return;
    struct table grown;
    assert_int_equal(table_renew(&held->table, held->count, &grown), FAULT_NONE);
    for (uint32_t number = 1; number < NUMBERS; number++) {
        if (held->in[number])
            table_put(&grown, held->hash[number], number);
    }
    table_close(&held->table);
    held->table = grown;
}

static void take(struct held *held, uint32_t number)
{
    uint32_t moved;
    size_t at = place_of(held, number, &moved);
    assert_int_equal(moved, number);
    table_take(&held->table, at);
    held->in[number] = false;
    held->count--;
}

static void assert_as_listed(const struct held *held)
{
    for (uint32_t number = 1; number < NUMBERS; number++) {
        uint32_t found;
        (void)place_of(held, number, &found);
        assert_int_equal(found, held->in[number] ? number : 0);
    }
}

/* `mask` makes hashes alike: homes, tags or both. */
static void put_and_take(uint64_t mask)
{
    struct held *held = test_calloc(1, sizeof *held);
    struct stream stream = stream_of(mask);
    for (uint32_t number = 1; number < NUMBERS; number++)
        held->hash[number] = stream_next(&stream) & mask;
    for (uint32_t round = 0; round < 3; round++) {
        /* numbers come in ascending order, so that each fits the table when it is put */
        for (uint32_t number = 1; number < NUMBERS; number++) {
            if (held->in[number] || (round > 0 && stream_below(&stream, 3) == 0))
                continue;
            make_room(held);
            table_fetch(&held->table, held->hash[number]);
            table_put(&held->table, held->hash[number], number);
            held->in[number] = true;
            held->count++;
        }
        assert_as_listed(held);
        for (uint32_t number = 1; number < NUMBERS; number++) {
            if (held->in[number] && stream_below(&stream, 2) == 0)
                take(held, number);
        }
        assert_as_listed(held);
    }
    table_close(&held->table);
    assert_int_equal(table_room(&held->table), 0);
    test_free(held);
}

static void against_a_list(void **state)
{
    (void)state;
    put_and_take(UINT64_MAX);
    put_and_take(0xFFFFFFFF);         /* no tag tells them apart */
    put_and_take(0xFFFFFFFF000000FF); /* few homes */
    put_and_take(0xF0000000FF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(against_a_list)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
