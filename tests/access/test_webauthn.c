/* Every check of a security key's two ceremonies, broken singly and in pairs (case 6; security.md §3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "soft_key.h"

struct desk {
    struct arena *arena;
    struct soft_maker maker;
    struct soft_key key;
    struct webauthn_roots *roots;
    char folder[64];
    struct webauthn_site site;
    uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES];
    uint8_t handle[WEBAUTHN_HANDLE_BYTES];
};

static int open_desk(void **state)
{
    char path[128];
    struct desk *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    assert_int_equal(arena_open(64 * 1024 * 1024, &desk->arena), FAULT_NONE);
    desk->site.now = (struct instant){INT64_C(1795200000) * 1000000};
    desk->site.origin = STR("https://contactpoint.example");
    soft_maker_open(&desk->maker, desk->site.now);
    soft_key_open(&desk->key, 1, desk->arena);
    memset(desk->challenge, 0x5c, sizeof desk->challenge);
    memset(desk->handle, 0x3e, sizeof desk->handle);
    desk->key.handle = (struct bytes){desk->handle, sizeof desk->handle};
    (void)snprintf(desk->folder, sizeof desk->folder, "/tmp/key-makers-XXXXXX");
    assert_non_null(mkdtemp(desk->folder));
    (void)snprintf(path, sizeof path, "%s/maker.pem", desk->folder);
    soft_maker_save(&desk->maker, path);
    assert_int_equal(webauthn_roots_open(desk->folder, &desk->roots), FAULT_NONE);
    desk->site.roots = desk->roots;
    *state = desk;
    return 0;
}

static int close_desk(void **state)
{
    char path[128];
    struct desk *desk = *state;
    webauthn_roots_close(desk->roots);
    (void)snprintf(path, sizeof path, "%s/maker.pem", desk->folder);
    (void)unlink(path);
    assert_int_equal(rmdir(desk->folder), 0);
    soft_key_close(&desk->key);
    soft_maker_close(&desk->maker);
    arena_close(desk->arena);
    free(desk);
    return 0;
}

static struct soft_question question_of(struct desk *desk, unsigned wrong)
{
    return (struct soft_question){
        desk->site.origin, {desk->challenge, sizeof desk->challenge}, wrong, desk->arena};
}

static struct webauthn_key key_of(const struct soft_key *soft)
{
    struct webauthn_key key = {.algorithm = WEBAUTHN_ES256};
    memcpy(key.at, soft->point, sizeof soft->point);
    return key;
}

static enum webauthn_flaw assert_with(struct desk *desk, unsigned wrong, struct webauthn_proof *ret_proof)
{
    const struct soft_question question = question_of(desk, wrong);
    const struct webauthn_assertion assertion = soft_key_assert(&desk->key, &question);
    const struct webauthn_key key = key_of(&desk->key);
    return webauthn_assertion_check(&desk->site, &assertion, &key, desk->handle, ret_proof);
}

static enum webauthn_flaw make_with(struct desk *desk, const struct soft_maker *maker, unsigned wrong,
                                    struct webauthn_made *ret_made)
{
    const struct soft_question question = question_of(desk, wrong);
    const struct webauthn_registration registration = soft_key_make(&desk->key, maker, &question);
    return webauthn_registration_check(&desk->site, &registration, ret_made);
}

static void a_right_assertion_proves_challenge_and_counter(void **state)
{
    struct desk *desk = *state;
    struct webauthn_proof proof = {0};
    desk->key.counter = 41;
    assert_int_equal(assert_with(desk, 0, &proof), FLAW_NONE);
    assert_int_equal(proof.counter, 42);
    assert_memory_equal(proof.challenge, desk->challenge, sizeof desk->challenge);
    desk->key.handle.len = 0; /* a key that is asked by its credential need not say whose it is */
    assert_int_equal(assert_with(desk, 0, &proof), FLAW_NONE);
}

/* What each wrong thing is called by itself. */
static const struct {
    unsigned wrong;
    enum webauthn_flaw flaw;
} assertions[] = {
    {WRONG_TYPE, FLAW_TYPE},
    {WRONG_CHALLENGE, FLAW_CHALLENGE},
    {WRONG_ORIGIN, FLAW_ORIGIN},
    {WRONG_CROSS_ORIGIN, FLAW_CROSS_ORIGIN},
    {WRONG_TOP_ORIGIN, FLAW_CROSS_ORIGIN},
    {WRONG_TWICE, FLAW_CLIENT_DATA},
    {WRONG_RP_ID, FLAW_RP_ID},
    {WRONG_PRESENT, FLAW_USER_PRESENT},
    {WRONG_VERIFIED, FLAW_USER_VERIFIED},
    {WRONG_ELIGIBLE, FLAW_BACKUP},
    {WRONG_BACKED_UP, FLAW_BACKUP},
    {WRONG_TRAILING, FLAW_AUTHENTICATOR_DATA},
    {WRONG_ATTESTED, FLAW_AUTHENTICATOR_DATA},
    {WRONG_SIGNATURE, FLAW_SIGNATURE},
    {WRONG_HANDLE, FLAW_USER_HANDLE},
};
enum { ASSERTIONS = sizeof assertions / sizeof assertions[0] };

static void case_06_assertion_with_one_thing_wrong(void **state)
{
    struct webauthn_proof proof;
    for (size_t i = 0; i < ASSERTIONS; i++)
        assert_int_equal(assert_with(*state, assertions[i].wrong, &proof), assertions[i].flaw);
}

static void case_06_assertion_with_two_things_wrong(void **state)
{
    struct webauthn_proof proof;
    for (size_t i = 0; i < ASSERTIONS; i++)
        for (size_t j = i + 1; j < ASSERTIONS; j++)
            assert_int_not_equal(assert_with(*state, assertions[i].wrong | assertions[j].wrong, &proof),
                                 FLAW_NONE);
}

static void a_right_registration_gives_the_key(void **state)
{
    struct desk *desk = *state;
    struct webauthn_made made = {0};
    assert_int_equal(make_with(desk, &desk->maker, 0, &made), FLAW_NONE);
    assert_memory_equal(made.key.at, desk->key.point, sizeof desk->key.point);
    assert_int_equal(made.key.algorithm, WEBAUTHN_ES256);
    assert_int_equal(made.credential.len, desk->key.id.len);
    assert_memory_equal(made.credential.at, desk->key.id.at, desk->key.id.len);
    assert_memory_equal(made.model, desk->key.model, sizeof made.model);
    assert_memory_equal(made.proof.challenge, desk->challenge, sizeof desk->challenge);
}

static const struct {
    unsigned wrong;
    enum webauthn_flaw flaw;
} registrations[] = {
    {WRONG_TYPE, FLAW_TYPE},
    {WRONG_CHALLENGE, FLAW_CHALLENGE},
    {WRONG_ORIGIN, FLAW_ORIGIN},
    {WRONG_CROSS_ORIGIN, FLAW_CROSS_ORIGIN},
    {WRONG_TOP_ORIGIN, FLAW_CROSS_ORIGIN},
    {WRONG_TWICE, FLAW_CLIENT_DATA},
    {WRONG_RP_ID, FLAW_RP_ID},
    {WRONG_PRESENT, FLAW_USER_PRESENT},
    {WRONG_VERIFIED, FLAW_USER_VERIFIED},
    {WRONG_ELIGIBLE, FLAW_BACKUP},
    {WRONG_BACKED_UP, FLAW_BACKUP},
    {WRONG_TRAILING, FLAW_AUTHENTICATOR_DATA},
    {WRONG_ATTESTED, FLAW_AUTHENTICATOR_DATA},
    {WRONG_SIGNATURE, FLAW_ATTESTATION},
    {WRONG_ALGORITHM, FLAW_ALGORITHM},
    {WRONG_ID_BYTES, FLAW_CREDENTIAL_ID},
    {WRONG_FORMAT, FLAW_FORMAT},
    {WRONG_STATEMENT, FLAW_ATTESTATION},
    {WRONG_UNIT, FLAW_ATTESTATION},
    {WRONG_MODEL, FLAW_ATTESTATION},
    {WRONG_ISSUER, FLAW_CHAIN},
    {WRONG_AGE, FLAW_CHAIN},
};
enum { REGISTRATIONS = sizeof registrations / sizeof registrations[0] };

static void case_06_registration_with_one_thing_wrong(void **state)
{
    struct desk *desk = *state;
    struct webauthn_made made;
    for (size_t i = 0; i < REGISTRATIONS; i++)
        assert_int_equal(make_with(desk, &desk->maker, registrations[i].wrong, &made), registrations[i].flaw);
}

static void case_06_registration_with_two_things_wrong(void **state)
{
    struct desk *desk = *state;
    struct webauthn_made made;
    for (size_t i = 0; i < REGISTRATIONS; i++)
        for (size_t j = i + 1; j < REGISTRATIONS; j++)
            assert_int_not_equal(
                make_with(desk, &desk->maker, registrations[i].wrong | registrations[j].wrong, &made),
                FLAW_NONE);
}

/* "none" is taken on a demonstration alone; nothing is, where no maker is accepted. */
static void an_attestation_is_needed_but_on_a_demonstration(void **state)
{
    struct desk *desk = *state;
    struct webauthn_made made;
    assert_int_equal(make_with(desk, NULL, 0, &made), FLAW_FORMAT);
    desk->site.unattested = true;
    assert_int_equal(make_with(desk, NULL, 0, &made), FLAW_NONE);
    assert_int_equal(make_with(desk, NULL, WRONG_STATEMENT, &made), FLAW_ATTESTATION);
    assert_int_equal(make_with(desk, &desk->maker, WRONG_ISSUER, &made), FLAW_CHAIN);
    desk->site.roots = NULL;
    assert_int_equal(make_with(desk, &desk->maker, 0, &made), FLAW_CHAIN);
}

/* Every beginning of a right answer, and every one with a byte changed, is refused and reads nothing beyond.
 */
static void cut_or_changed_answers_are_refused(void **state)
{
    struct desk *desk = *state;
    const struct soft_question question = question_of(desk, 0);
    const struct webauthn_registration right = soft_key_make(&desk->key, &desk->maker, &question);
    struct webauthn_made made;
    for (size_t len = 0; len < right.attestation.len; len++) {
        uint8_t *cut = malloc(len + 1); /* at its end the sanitizer watches */
        assert_non_null(cut);
        memcpy(cut, right.attestation.at, len);
        const struct webauthn_registration less = {right.client_data, {cut, len}};
        assert_int_not_equal(webauthn_registration_check(&desk->site, &less, &made), FLAW_NONE);
        free(cut);
    }
    uint8_t *changed = malloc(right.attestation.len);
    assert_non_null(changed);
    for (size_t at = 0; at < right.attestation.len; at += 3) {
        memcpy(changed, right.attestation.at, right.attestation.len);
        changed[at] ^= 0x21;
        const struct webauthn_registration other = {right.client_data, {changed, right.attestation.len}};
        assert_int_not_equal(webauthn_registration_check(&desk->site, &other, &made), FLAW_NONE);
    }
    free(changed);
}

static void hostile_cbor_is_refused_before_anything_is_taken_for_it(void **state)
{
    struct desk *desk = *state;
    static const struct {
        const char *at;
        size_t len;
    } hostile[] = {
        {"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 9}, /* a list of 2^64 - 1 */
        {"\xbb\x00\x00\x00\x00\xff\xff\xff\xff", 9}, /* a map of 2^32 - 1 */
        {"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff", 9}, /* bytes without end */
        {"\x9f\xff", 2},                             /* of indefinite length */
        {"\x81\x81\x81\x81\x81\x81\x00", 7},         /* too deep */
        {"\xc0\x00", 2},                             /* a tag */
        {"\x1c", 1},                                 /* a reserved length */
        {"\xa0\xa0", 2},                             /* two where one is meant */
        {"", 0},
    };
    const struct soft_question question = question_of(desk, 0);
    struct webauthn_registration registration = soft_key_make(&desk->key, &desk->maker, &question);
    struct webauthn_made made;
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        registration.attestation = (struct bytes){(const uint8_t *)hostile[i].at, hostile[i].len};
        assert_int_not_equal(webauthn_registration_check(&desk->site, &registration, &made), FLAW_NONE);
    }
}

static void extensions_are_passed_over(void **state)
{
    struct desk *desk = *state;
    struct authenticator_data data;
    const struct soft_question question = question_of(desk, 0);
    const struct webauthn_assertion plain = soft_key_assert(&desk->key, &question);
    uint8_t more[64];
    size_t len = plain.authenticator_data.len;
    memcpy(more, plain.authenticator_data.at, len);
    memcpy(more + len, "\xa1\x61x\xf5", 4); /* {"x": true} */
    assert_int_equal(webauthn_data_read((struct bytes){more, len + 4}, false, &data),
                     FLAW_AUTHENTICATOR_DATA);
    more[SHA256_BYTES] |= FLAG_EXTENSIONS;
    assert_int_equal(webauthn_data_read((struct bytes){more, len + 4}, false, &data), FLAW_NONE);
    assert_int_equal(webauthn_data_read((struct bytes){more, len + 3}, false, &data),
                     FLAW_AUTHENTICATOR_DATA);
    assert_int_equal(webauthn_data_read((struct bytes){more, len}, false, &data), FLAW_AUTHENTICATOR_DATA);
}

static void the_relying_party_is_the_host(void **state)
{
    static const char *const pairs[][2] = {{"https://contactpoint.example", "contactpoint.example"},
                                           {"http://localhost:8080", "localhost"},
                                           {"http://[::1]:8080", "[::1]"},
                                           {"", ""}};
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        assert_true(str_equal(webauthn_rp_id(str_of(pairs[i][0])), str_of(pairs[i][1])));
}

static void makers_come_from_a_folder(void **state)
{
    struct webauthn_roots *roots = NULL;
    char path[128];
    struct desk *desk = *state;
    assert_int_equal(webauthn_roots_open("/nonexistent/makers", &roots), FAULT_NONE);
    webauthn_roots_close(roots);
    (void)snprintf(path, sizeof path, "%s/broken.pem", desk->folder);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs("no certificate\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(webauthn_roots_open(desk->folder, &roots), FAULT_INVALID);
    assert_int_equal(unlink(path), 0);
}

#define AT_A_DESK(test) cmocka_unit_test_setup_teardown(test, open_desk, close_desk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AT_A_DESK(a_right_assertion_proves_challenge_and_counter),
        AT_A_DESK(case_06_assertion_with_one_thing_wrong),
        AT_A_DESK(case_06_assertion_with_two_things_wrong),
        AT_A_DESK(a_right_registration_gives_the_key),
        AT_A_DESK(case_06_registration_with_one_thing_wrong),
        AT_A_DESK(case_06_registration_with_two_things_wrong),
        AT_A_DESK(an_attestation_is_needed_but_on_a_demonstration),
        AT_A_DESK(cut_or_changed_answers_are_refused),
        AT_A_DESK(hostile_cbor_is_refused_before_anything_is_taken_for_it),
        AT_A_DESK(extensions_are_passed_over),
        AT_A_DESK(the_relying_party_is_the_host),
        AT_A_DESK(makers_come_from_a_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
