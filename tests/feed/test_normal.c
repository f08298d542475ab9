#include "feed/normal.h"

#include "file.h"

static void check(const char *text, const char *normal)
{
    struct arena *arena = NULL;
    struct str got;
    assert_int_equal(arena_open(64 * 1024, &arena), FAULT_NONE);
    assert_int_equal(feed_normal(str_of(text), arena, &got), FAULT_NONE);
    assert_int_equal(got.len, strlen(normal));
    assert_memory_equal(got.at, normal, got.len);
    arena_close(arena);
}

/* UAX #15: base letter and combining mark become one letter where there is one. */
static void test_composes(void **state)
{
    (void)state;
    check("Sio\xCC\x82n", "Si\xC3\xB4n");                          /* Siôn */
    check("Wis\xCC\x81niewski", "Wi\xC5\x9Bniewski");              /* Wiśniewski */
    check("\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", "\xED\x95\x9C"); /* 한 from its jamo */
}

static void test_leaves_what_is_composed(void **state)
{
    (void)state;
    check("", "");
    check("O'Brien-Smith", "O'Brien-Smith");
    check("Llŷr Gwynfôr", "Llŷr Gwynfôr");
    check("محمد عبد الله", "محمد عبد الله");
    check("李小龍", "李小龍");
}

static void test_leaves_what_no_column_takes(void **state)
{
    (void)state;
    static char text[5001];
    memset(text, 'x', sizeof text - 1);
    memcpy(text, "o\xCC\x82", 3);
    struct arena *arena = NULL;
    struct str got;
    assert_int_equal(arena_open(64 * 1024, &arena), FAULT_NONE);
    assert_int_equal(feed_normal(str_of(text), arena, &got), FAULT_NONE);
    assert_ptr_equal(got.at, text);
    assert_int_equal(got.len, sizeof text - 1);
    arena_close(arena);
}

static void test_says_when_memory_ends(void **state)
{
    (void)state;
    struct arena *arena = NULL;
    struct str got = STR("untouched");
    char text[601];
    for (size_t i = 0; i < 200; i++)
        memcpy(text + 3 * i, "o\xCC\x82", 3);
    text[600] = '\0';
    assert_int_equal(arena_open(64, &arena), FAULT_NONE);
    assert_int_equal(feed_normal(str_of(text), arena, &got), FAULT_MEMORY);
    assert_int_equal(got.len, 9);
    arena_close(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_composes),
        cmocka_unit_test(test_leaves_what_is_composed),
        cmocka_unit_test(test_leaves_what_no_column_takes),
        cmocka_unit_test(test_says_when_memory_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
