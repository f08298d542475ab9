/* linkage/room.c and shelf.c: memory that is given back is used again, and nobody's is touched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "linkage/room.h"
#include "linkage/shelf.h"

enum { MEGABYTE = 1 << 20, ROOMS = 64, ROUNDS = 2000 };

static void small_and_large(void **state)
{
    (void)state;
    char *small = room_take(10, 1), *large = room_take(5, MEGABYTE);
    assert_non_null(small);
    assert_non_null(large);
    memset(small, 1, 10);
    memset(large, 2, (size_t)5 * MEGABYTE);
    assert_int_equal(small[9], 1);
    assert_null(room_take(SIZE_MAX / 2, 4));
    room_give(small);
    room_give(large);
    room_give(NULL);
}

static void larger_keeps(void **state)
{
    (void)state;
    char *room = room_larger(NULL, 0, 100, 1);
    assert_non_null(room);
    memset(room, 7, 100);
    for (size_t bytes = 1000; bytes < (size_t)20 * MEGABYTE; bytes *= 3) {
        room = room_larger(room, 100, bytes, 1);
        assert_non_null(room);
        for (size_t i = 0; i < 100; i++)
            assert_int_equal(room[i], 7);
        room[bytes - 1] = 1;
    }
    room_give(room);
}

static uint64_t draw(uint64_t *state, uint64_t below)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (*state >> 33) % below;
}

struct held {
    uint32_t *at;
    size_t count;
    uint32_t mark;
};

static void check(const struct held *held)
{
    for (size_t i = 0; i < held->count; i += 1000)
        assert_int_equal(held->at[i], held->mark);
    assert_int_equal(held->at[held->count - 1], held->mark);
}

/* Of all sizes in any order, so that spans are cut, united and put together from pieces. */
static void rooms_do_not_touch(void **state)
{
    (void)state;
    struct held held[ROOMS] = {{NULL, 0, 0}};
    uint64_t seed = 5;
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        struct held *one = &held[draw(&seed, ROOMS)];
        if (one->at != NULL) {
            check(one);
            room_give(one->at);
            one->at = NULL;
            continue;
        }
        size_t count = 1 + (size_t)draw(&seed, draw(&seed, 8) == 0 ? 4 * MEGABYTE : MEGABYTE / 2);
        *one = (struct held){room_take(count, sizeof *one->at), count, round};
        assert_non_null(one->at);
        for (size_t i = 0; i < count; i += 1000)
            one->at[i] = round;
        one->at[count - 1] = round;
    }
    for (size_t i = 0; i < ROOMS; i++) {
        if (held[i].at != NULL)
            check(&held[i]);
        room_give(held[i].at);
    }
}

static void lasting_is_freed(void **state)
{
    (void)state;
    static const size_t counts[] = {1, 1000, 3 * MEGABYTE};
    for (size_t i = 0; i < 3; i++) {
        uint32_t *at = room_lasting(counts[i], sizeof *at);
        assert_non_null(at);
        at[counts[i] - 1] = 1;
        free(at);
    }
    assert_null(room_lasting(SIZE_MAX / 2, 4));
}

static void shelf_copies(void **state)
{
    (void)state;
    enum { ARRAYS = 3000, BYTES_MOST = 50 * 1000 };
    struct shelf *shelf = calloc(1, sizeof *shelf);
    char *array = calloc(1, BYTES_MOST);
    char **at = calloc(ARRAYS, sizeof *at);
    assert_true(shelf != NULL && array != NULL && at != NULL);
    for (size_t i = 0; i < ARRAYS; i++) {
        memset(array, (int)(i % 100), BYTES_MOST);
        at[i] = shelf_put(shelf, array, i * 7919 % BYTES_MOST);
        assert_non_null(at[i]);
        assert_int_equal((uintptr_t)at[i] % 8, 0);
    }
    for (size_t i = 0; i < ARRAYS; i++) {
        size_t bytes = i * 7919 % BYTES_MOST;
        memset(array, (int)(i % 100), BYTES_MOST);
        assert_memory_equal(at[i], array, bytes);
    }
    shelf_close(shelf, true);
    shelf_close(shelf, false);
    free(shelf);
    free(array);
    free(at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_and_large),    cmocka_unit_test(larger_keeps),
        cmocka_unit_test(rooms_do_not_touch), cmocka_unit_test(lasting_is_freed),
        cmocka_unit_test(shelf_copies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
