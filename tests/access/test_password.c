#include "fixture.h"

#include <stdlib.h>

static struct blocklist *blocklist;
static struct arena *arena;

static int begin(void **state)
{
    (void)state;
    assert_int_equal(blocklist_open("/usr/share/dict/cracklib-small", &blocklist), FAULT_NONE);
    assert_int_equal(arena_open(4 * 1024 * 1024, &arena), FAULT_NONE);
    return 0;
}

static int end(void **state)
{
    (void)state;
    blocklist_close(blocklist);
    arena_close(arena);
    return 0;
}

static enum fault allowed(const char *password)
{
    struct str normal;
    arena_reset(arena);
    fault_clear_note();
    assert_int_equal(password_normal(str_of(password), arena, &normal), FAULT_NONE);
    return password_allowed(blocklist, normal, STR("s.example"), arena);
}

static void expect_note(const char *password, const char *piece)
{
    assert_int_equal(allowed(password), FAULT_INVALID);
    if (strstr(fault_last_note(), piece) == NULL)
        fail_msg("note: %s", fault_last_note());
}

static void case_14_password_of_64_characters_and_unicode(void **state)
{
    (void)state;
    struct str composed;
    struct str decomposed;
    assert_int_equal(allowed("correct-0123456789-a long one of sixty-four characters, as asked."),
                     FAULT_NONE);
    assert_int_equal(allowed("llŷn łódź هلا ñandú"), FAULT_NONE);
    /* the same to a person, and the same bytes for the hash: é, and e with a combining accent */
    assert_int_equal(password_normal(STR("caf\xc3\xa9 au lait noir"), arena, &composed), FAULT_NONE);
    assert_int_equal(password_normal(STR("cafe\xcc\x81 au lait noir"), arena, &decomposed), FAULT_NONE);
    assert_true(str_equal(composed, decomposed));
    assert_int_equal(composed.len, sizeof "caf\xc3\xa9 au lait noir" - 1);
}

static void case_14_password_of_ten_megabytes(void **state)
{
    (void)state;
    struct str normal;
    enum { TEN_MB = 10 * 1000 * 1000 };
    char *huge = calloc(1, TEN_MB);
    assert_non_null(huge);
    memset(huge, 'a', TEN_MB);
    assert_int_equal(password_normal((struct str){huge, TEN_MB}, arena, &normal), FAULT_TOO_LARGE);
    assert_int_equal(password_normal(STR("\xff\xfe"), arena, &normal), FAULT_INVALID);
    free(huge);
}

static void password_length_is_counted_in_characters(void **state)
{
    (void)state;
    char text[257 * 2 + 1];
    expect_note("", "too short");
    expect_note("ŵyr hir iaw", "too short"); /* 11 characters in 12 bytes */
    assert_int_equal(allowed("ŵyr hir iawn"), FAULT_NONE);
    for (size_t i = 0; i < 257; i++)
        memcpy(text + 2 * i, i % 7 == 3 ? "\xc5\xb5" : i % 3 == 1 ? "\xc4\x99" : "\xc5\x82", 2);
    text[257 * 2] = 0;
    expect_note(text, "too long");
    text[256 * 2] = 0;
    assert_int_equal(allowed(text), FAULT_NONE);
}

static void case_15_password_that_is_guessed_first(void **state)
{
    (void)state;
    expect_note("passwordpassword", "guessed first");
    expect_note("Password2026!!", "guessed first");
    expect_note("PASSWORDPASSWORD", "guessed first");
    expect_note("1q2w3e4r5t6y", "guessed first");
    expect_note("qwertyuiopasdf", "guessed first");
    expect_note("letmeinletmein", "guessed first");
    expect_note("!!!safeguarding123", "guessed first");
    expect_note("123456789012", "guessed first");
    expect_note("abcdefghijklm", "guessed first");
    expect_note("aaaaaaaaaaaaaaaa", "guessed first");
    expect_note("abcabcabcabcabc", "guessed first");
    expect_note("xyz12xyz12xyz12", "guessed first");
    assert_int_equal(allowed("four plain words here"), FAULT_NONE);
}

static void case_15_password_of_debians_words(void **state)
{
    (void)state;
    if (!blocklist_has(blocklist, STR("extraordinarily"))) {
        print_message("skipped: /usr/share/dict/cracklib-small is not installed\n");
        skip();
    }
    expect_note("extraordinarily", "guessed first");
    expect_note("Extraordinarily1", "guessed first");
}

static void password_holds_neither_user_nor_service(void **state)
{
    (void)state;
    expect_note("me: S.Example, yes", "user name");
    expect_note("my contactpoint key", "service's name");
    expect_note("ContactPoint-2026", "service's name");
}

static void blocklist_without_file_still_has_our_words(void **state)
{
    (void)state;
    struct blocklist *own = NULL;
    assert_int_equal(blocklist_open("/nowhere/words", &own), FAULT_NONE);
    assert_true(blocklist_has(own, STR("password")));
    assert_false(blocklist_has(own, STR("")));
    assert_false(blocklist_has(own, STR("extraordinarily")));
    blocklist_close(own);
    assert_int_equal(blocklist_open("/usr/share", &own), FAULT_STORAGE);
    blocklist_close(NULL);
}

static void pin_is_six_to_twelve_digits_out_of_order(void **state)
{
    (void)state;
    assert_int_equal(pin_allowed(STR("402957")), FAULT_NONE);
    assert_int_equal(pin_allowed(STR("402957402957")), FAULT_NONE);
    assert_int_equal(pin_allowed(STR("40295")), FAULT_INVALID);
    assert_int_equal(pin_allowed(STR("4029574029571")), FAULT_INVALID);
    assert_int_equal(pin_allowed(STR("40295a")), FAULT_INVALID);
    assert_int_equal(pin_allowed(STR("")), FAULT_INVALID);
    assert_int_equal(pin_allowed(STR("123456")), FAULT_INVALID);
    assert_int_equal(pin_allowed(STR("987654")), FAULT_INVALID);
    assert_int_equal(pin_allowed(STR("000000")), FAULT_INVALID);
}

static void user_name_is_plain(void **state)
{
    (void)state;
    assert_int_equal(user_name_allowed(STR("s.example-2")), FAULT_NONE);
    assert_int_equal(user_name_allowed(STR("ab")), FAULT_INVALID);
    assert_int_equal(user_name_allowed(STR("S.Example")), FAULT_INVALID);
    assert_int_equal(user_name_allowed(STR("s example")), FAULT_INVALID);
    assert_int_equal(user_name_allowed(STR("s:example")), FAULT_INVALID);
    assert_int_equal(
        user_name_allowed(STR("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff12345")),
        FAULT_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_14_password_of_64_characters_and_unicode),
        cmocka_unit_test(case_14_password_of_ten_megabytes),
        cmocka_unit_test(password_length_is_counted_in_characters),
        cmocka_unit_test(case_15_password_that_is_guessed_first),
        cmocka_unit_test(case_15_password_of_debians_words),
        cmocka_unit_test(password_holds_neither_user_nor_service),
        cmocka_unit_test(blocklist_without_file_still_has_our_words),
        cmocka_unit_test(pin_is_six_to_twelve_digits_out_of_order),
        cmocka_unit_test(user_name_is_plain),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
