/* Case 63 in the checks of a security key: allocation fails at the Nth call, for every N, in libfido2,
 * libcbor, jansson and libcrypto too.  What is right is then accepted or refused, what is wrong is always
 * refused, and nothing of the failure stays behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "alloc.h"
#include "soft_key.h"

enum { MOST = 20000 };

struct desk {
    struct arena *arena;
    struct soft_maker maker;
    struct soft_key key;
    struct webauthn_key public;
    struct webauthn_roots *roots;
    struct webauthn_site site;
    uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES];
    uint8_t handle[WEBAUTHN_HANDLE_BYTES];
};

static struct desk desk;

static int open_desk(void **state)
{
    char folder[64] = "/tmp/key-makers-XXXXXX", path[128];
    (void)state;
    assert_int_equal(arena_open(16 * 1024 * 1024, &desk.arena), FAULT_NONE);
    desk.site = (struct webauthn_site){.origin = STR("https://contactpoint.example"),
                                       .now = {INT64_C(1795200000) * 1000000}};
    soft_maker_open(&desk.maker, desk.site.now);
    soft_key_open(&desk.key, 1, desk.arena);
    desk.public.algorithm = WEBAUTHN_ES256;
    memcpy(desk.public.at, desk.key.point, sizeof desk.key.point);
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/maker.pem", folder);
    soft_maker_save(&desk.maker, path);
    assert_int_equal(webauthn_roots_open(folder, &desk.roots), FAULT_NONE);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
    desk.site.roots = desk.roots;
    return 0;
}

static int close_desk(void **state)
{
    (void)state;
    webauthn_roots_close(desk.roots);
    soft_key_close(&desk.key);
    soft_maker_close(&desk.maker);
    arena_close(desk.arena);
    return 0;
}

static enum webauthn_flaw check_assertion(const void *said)
{
    struct webauthn_proof proof;
    return webauthn_assertion_check(&desk.site, said, &desk.public, desk.handle, &proof);
}

static enum webauthn_flaw check_registration(const void *said)
{
    struct webauthn_made made;
    return webauthn_registration_check(&desk.site, said, &made);
}

/* With the Nth call failing, and with all from the Nth on, until no call is left to fail. */
static void fail_each(enum webauthn_flaw (*check)(const void *said), const void *said, bool right)
{
    for (int lasting = 0; lasting < 2; lasting++) {
        uint64_t nth = 1;
        for (uint64_t failed = 1; failed > 0 && nth < MOST; nth++) {
            alloc_arm(nth, lasting == 1);
            enum webauthn_flaw flaw = check(said);
            failed = alloc_disarm();
            if (!right || failed == 0)
                assert_int_equal(flaw == FLAW_NONE, right);
        }
        assert_in_range(nth, 10, MOST - 1);
    }
    assert_int_equal(check(said) == FLAW_NONE, right);
}

static struct soft_question question_of(unsigned wrong)
{
    return (struct soft_question){
        desk.site.origin, {desk.challenge, sizeof desk.challenge}, wrong, desk.arena};
}

static void case_63_assertions(void **state)
{
    static const unsigned wrongs[] = {0, WRONG_SIGNATURE, WRONG_HANDLE, WRONG_VERIFIED};
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
        const struct soft_question question = question_of(wrongs[i]);
        const struct webauthn_assertion said = soft_key_assert(&desk.key, &question);
        fail_each(check_assertion, &said, wrongs[i] == 0);
    }
}

static void case_63_registrations(void **state)
{
    static const unsigned wrongs[] = {0, WRONG_SIGNATURE, WRONG_ISSUER, WRONG_MODEL, WRONG_ALGORITHM};
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
        const struct soft_question question = question_of(wrongs[i]);
        const struct webauthn_registration said = soft_key_make(&desk.key, &desk.maker, &question);
        fail_each(check_registration, &said, wrongs[i] == 0);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(case_63_assertions),
                                       cmocka_unit_test(case_63_registrations)};
    (void)argc;
    alloc_live_under(argv);
    alloc_open();
    int failed = cmocka_run_group_tests(tests, open_desk, close_desk);
    alloc_close();
    return failed;
}
