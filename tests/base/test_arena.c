#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

static void memory_is_zeroed_and_aligned(void **state)
{
    (void)state;
    struct arena *arena = NULL;
    assert_int_equal(arena_open(1 << 20, &arena), FAULT_NONE);
    for (size_t size = 1; size < 300; size += 7) {
        unsigned char *memory = arena_take(arena, size);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(memory[i], 0);
        memset(memory, 0xA5, size);
    }
    arena_close(arena);
}

static void the_cap_holds_and_the_arena_goes_on(void **state)
{
    (void)state;
    struct arena *arena = NULL;
    assert_int_equal(arena_open(100000, &arena), FAULT_NONE);
    assert_null(arena_take(arena, 100001));
    assert_non_null(arena_take(arena, 60000));
    assert_null(arena_take(arena, 60000));
    assert_non_null(arena_take(arena, 30000));
    assert_true(arena_used_bytes(arena) <= 100000);
    assert_null(arena_take(arena, SIZE_MAX));
    assert_null(arena_take_array(arena, SIZE_MAX / 2, 3));
    arena_close(arena);
}

static void a_reset_arena_is_wiped_and_begins_anew(void **state)
{
    (void)state;
    struct arena *arena = NULL;
    assert_int_equal(arena_open(1 << 20, &arena), FAULT_NONE);
    unsigned char *first = arena_take(arena, 64);
    assert_non_null(first);
    memset(first, 'x', 64);
    assert_non_null(arena_take(arena, 500000));
    arena_reset(arena);
    assert_int_equal(arena_used_bytes(arena), 0);
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(first[i], 0);
    assert_ptr_equal(arena_take(arena, 64), first);
    assert_non_null(arena_take(arena, 900000));
    arena_close(arena);
}

static void a_copy_is_ended_by_nul(void **state)
{
    (void)state;
    struct arena *arena = NULL;
    struct str copy = STR("untouched");
    assert_int_equal(arena_open(64, &arena), FAULT_NONE);
    assert_int_equal(arena_copy(arena, STR("Zo\xC3\xAB"), &copy), FAULT_NONE);
    assert_int_equal(copy.len, 4);
    assert_memory_equal(copy.at, "Zo\xC3\xAB", 5);
    assert_int_equal(arena_copy(arena, (struct str){NULL, 0}, &copy), FAULT_NONE);
    assert_int_equal(copy.len, 0);
    assert_string_equal(copy.at, "");
    struct str before = copy;
    assert_int_equal(arena_copy(arena, STR("more than thirty-two bytes are left here"), &copy), FAULT_MEMORY);
    assert_ptr_equal(copy.at, before.at);
    arena_close(arena);
    arena_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned),
        cmocka_unit_test(the_cap_holds_and_the_arena_goes_on),
        cmocka_unit_test(a_reset_arena_is_wiped_and_begins_anew),
        cmocka_unit_test(a_copy_is_ended_by_nul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
