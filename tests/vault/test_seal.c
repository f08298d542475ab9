/* Sealing, opening, wrapped keys and keyed hashes. */
#include "vault/vault.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct house {
    char folder[64];
    char path[96];
    struct vault *vault;
    struct vault_purpose purpose; /* that opens children's */
};

static void open_house(struct house *house)
{
    snprintf(house->folder, sizeof house->folder, "/tmp/contactpoint-vault-XXXXXX");
    assert_non_null(mkdtemp(house->folder));
    snprintf(house->path, sizeof house->path, "%s/key", house->folder);
    assert_int_equal(vault_create(house->path, entropy_system()), FAULT_NONE);
    assert_int_equal(vault_open(house->path, &house->vault), FAULT_NONE);
    house->purpose = vault_for_linkage(house->vault).purpose;
}

static void close_house(struct house *house)
{
    char state[128];
    vault_close(house->vault);
    snprintf(state, sizeof state, "%s.state", house->path);
    unlink(state);
    unlink(house->path);
    rmdir(house->folder);
}

static int set_up(void **state)
{
    struct house *house = calloc(1, sizeof *house);
    open_house(house);
    *state = house;
    return 0;
}

static int tear_down(void **state)
{
    close_house(*state);
    free(*state);
    return 0;
}

static const struct seal_place home = {"child", "linkage", {(const uint8_t *)"0123456789abcdef", 16}, 3};

static void test_round_trip(void **state)
{
    struct house *house = *state;
    struct wrapped_key key;
    struct buffer sealed = buffer_open(1 << 20);
    struct buffer clear = buffer_open(1 << 20);
    char *text = malloc(65536);
    memset(text, 'x', 65536);
    assert_int_equal(vault_key_new(house->vault, &key), FAULT_NONE);
    static const size_t lengths[] = {0, 1, 62, 63, 64, 65, 127, 128, 4095, 4096, 4097, 65535, 65536};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct bytes in = {(const uint8_t *)text, lengths[i]};
        assert_int_equal(vault_seal(house->vault, &key, &home, in, &sealed), FAULT_NONE);
        assert_int_equal(vault_unseal(house->purpose, &key, &home, buffer_bytes(&sealed), &clear),
                         FAULT_NONE);
        assert_int_equal(clear.len, lengths[i]);
        assert_memory_equal(buffer_str(&clear).at, text, lengths[i]);
    }
    struct bytes empty = {NULL, 0};
    assert_int_equal(vault_seal(house->vault, &key, &home, empty, &sealed), FAULT_NONE);
    assert_int_equal(vault_unseal(house->purpose, &key, &home, buffer_bytes(&sealed), &clear), FAULT_NONE);
    assert_int_equal(clear.len, 0);
    free(text);
    buffer_close(&sealed);
    buffer_close(&clear);
}

static void test_text_that_looks_like_padding(void **state)
{
    struct house *house = *state;
    struct wrapped_key key;
    struct buffer sealed = buffer_open(4096);
    struct buffer clear = buffer_open(4096);
    uint8_t text[70] = {0x80, 0x80};
    assert_int_equal(vault_key_new(house->vault, &key), FAULT_NONE);
    for (size_t len = 0; len <= sizeof text; len++) {
        assert_int_equal(vault_seal(house->vault, &key, &home, (struct bytes){text, len}, &sealed),
                         FAULT_NONE);
        assert_int_equal(vault_unseal(house->purpose, &key, &home, buffer_bytes(&sealed), &clear),
                         FAULT_NONE);
        assert_int_equal(clear.len, len);
        assert_memory_equal(buffer_str(&clear).at, text, len);
    }
    buffer_close(&sealed);
    buffer_close(&clear);
}

static size_t sealed_length(struct house *house, const struct wrapped_key *key, size_t len)
{
    struct buffer sealed = buffer_open(1 << 20);
    uint8_t *text = calloc(1, len + 1);
    assert_int_equal(vault_seal(house->vault, key, &home, (struct bytes){text, len}, &sealed), FAULT_NONE);
    size_t size = sealed.len - SEAL_OVERHEAD_BYTES;
    free(text);
    buffer_close(&sealed);
    return size;
}

static void test_length_tells_only_the_class(void **state)
{
    struct house *house = *state;
    struct wrapped_key key;
    assert_int_equal(vault_key_new(house->vault, &key), FAULT_NONE);
    static const size_t classes[] = {64, 128, 256, 512, 1024, 2048, 4096, 8192, 12288, 65536};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        assert_int_equal(sealed_length(house, &key, classes[i] - 1), classes[i]);
        if (i > 0 && classes[i] <= 12288)
            assert_int_equal(sealed_length(house, &key, classes[i - 1]), classes[i]);
    }
    assert_int_equal(sealed_length(house, &key, 65536), 69632);
}

static void test_too_large(void **state)
{
    struct house *house = *state;
    struct wrapped_key key;
    struct buffer sealed = buffer_open(1 << 20);
    struct buffer small = buffer_open(300);
    uint8_t *text = calloc(1, 65537);
    assert_int_equal(vault_key_new(house->vault, &key), FAULT_NONE);
    assert_int_equal(vault_seal(house->vault, &key, &home, (struct bytes){text, 65537}, &sealed),
                     FAULT_TOO_LARGE);
    assert_int_equal(sealed.len, 0);
    assert_int_equal(vault_seal(house->vault, &key, &home, (struct bytes){text, 500}, &small),
                     FAULT_TOO_LARGE);
    assert_int_equal(small.len, 0);
    free(text);
    buffer_close(&sealed);
    buffer_close(&small);
}

static void case_74_moved_ciphertext_does_not_open(void **state)
{
    struct house *house = *state;
    struct wrapped_key key;
    struct buffer sealed = buffer_open(4096);
    struct buffer clear = buffer_open(4096);
    assert_int_equal(vault_key_new(house->vault, &key), FAULT_NONE);
    struct seal_place places[6] = {home, home, home, home, home, home};
    places[0].table = "claim";
    places[1].column = "sealed";
    places[2].row.at = (const uint8_t *)"0123456789abcdeF";
    places[3].version = 4;
    places[4].row.len = 15;
    places[5].table = "childl"; /* "child"+"linkage" and "childl"+"inkage" are different places */
    places[5].column = "inkage";
    for (int i = 0; i < 6; i++) {
        assert_int_equal(vault_seal(house->vault, &key, &places[i], bytes_of(STR("Cerys Vaughan")), &sealed),
                         FAULT_NONE);
        assert_int_equal(vault_unseal(house->purpose, &key, &home, buffer_bytes(&sealed), &clear),
                         FAULT_CORRUPT);
        assert_int_equal(clear.len, 0);
    }
    assert_int_equal(vault_seal(house->vault, &key, &home, bytes_of(STR("Cerys Vaughan")), &sealed),
                     FAULT_NONE);
    assert_int_equal(vault_unseal(house->purpose, &key, &home, buffer_bytes(&sealed), &clear), FAULT_NONE);
    buffer_close(&sealed);
    buffer_close(&clear);
}

static void test_every_flipped_bit_is_refused(void **state)
{
    struct house *house = *state;
    struct wrapped_key key;
    struct buffer sealed = buffer_open(4096);
    struct buffer clear = buffer_open(4096);
    assert_int_equal(vault_key_new(house->vault, &key), FAULT_NONE);
    assert_int_equal(vault_seal(house->vault, &key, &home, bytes_of(STR("Cerys Vaughan")), &sealed),
                     FAULT_NONE);
    for (size_t bit = 0; bit < 8 * sealed.len; bit++) {
        sealed.at[bit / 8] = (char)(sealed.at[bit / 8] ^ 1 << bit % 8);
        enum fault fault = vault_unseal(house->purpose, &key, &home, buffer_bytes(&sealed), &clear);
        assert_int_equal(fault, FAULT_CORRUPT);
        sealed.at[bit / 8] = (char)(sealed.at[bit / 8] ^ 1 << bit % 8);
    }
    for (size_t len = 0; len < sealed.len; len++)
        assert_int_equal(
            vault_unseal(house->purpose, &key, &home, (struct bytes){buffer_bytes(&sealed).at, len}, &clear),
            FAULT_CORRUPT);
    for (size_t bit = 0; bit < 8 * sizeof key.byte; bit++) {
        key.byte[bit / 8] = (uint8_t)(key.byte[bit / 8] ^ 1 << bit % 8);
        assert_int_equal(vault_unseal(house->purpose, &key, &home, buffer_bytes(&sealed), &clear), FAULT_KEY);
        key.byte[bit / 8] = (uint8_t)(key.byte[bit / 8] ^ 1 << bit % 8);
    }
    assert_int_equal(vault_unseal(house->purpose, &key, &home, buffer_bytes(&sealed), &clear), FAULT_NONE);
    buffer_close(&sealed);
    buffer_close(&clear);
}

static void test_wrong_keys(void **state)
{
    struct house *house = *state;
    struct house other;
    struct wrapped_key key;
    struct wrapped_key second;
    struct buffer sealed = buffer_open(4096);
    struct buffer clear = buffer_open(4096);
    open_house(&other);
    assert_int_equal(vault_key_new(house->vault, &key), FAULT_NONE);
    assert_int_equal(vault_key_new(house->vault, &second), FAULT_NONE);
    assert_memory_not_equal(&key, &second, sizeof key);
    assert_int_equal(vault_seal(house->vault, &key, &home, bytes_of(STR("Cerys Vaughan")), &sealed),
                     FAULT_NONE);
    assert_int_equal(vault_unseal(house->purpose, &second, &home, buffer_bytes(&sealed), &clear),
                     FAULT_CORRUPT);
    assert_int_equal(vault_unseal(other.purpose, &key, &home, buffer_bytes(&sealed), &clear), FAULT_KEY);
    assert_int_equal(vault_seal(other.vault, &key, &home, bytes_of(STR("x")), &sealed), FAULT_KEY);
    assert_int_equal(sealed.len, 0);
    struct wrapped_key none = {{0}};
    assert_int_equal(vault_seal(house->vault, &none, &home, bytes_of(STR("x")), &sealed), FAULT_KEY);
    close_house(&other);
    buffer_close(&sealed);
    buffer_close(&clear);
}

static void test_same_text_seals_differently(void **state)
{
    struct house *house = *state;
    struct wrapped_key key;
    struct buffer first = buffer_open(4096);
    struct buffer second = buffer_open(4096);
    assert_int_equal(vault_key_new(house->vault, &key), FAULT_NONE);
    assert_int_equal(vault_seal(house->vault, &key, &home, bytes_of(STR("Cerys")), &first), FAULT_NONE);
    assert_int_equal(vault_seal(house->vault, &key, &home, bytes_of(STR("Cerys")), &second), FAULT_NONE);
    assert_int_equal(first.len, second.len);
    assert_memory_not_equal(first.at + 1, second.at + 1, 24);
    assert_memory_not_equal(first.at + 25, second.at + 25, first.len - 25);
    buffer_close(&first);
    buffer_close(&second);
}

static bool same(struct tag a, struct tag b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static void test_tags(void **state)
{
    struct house *house = *state;
    struct house other;
    struct bytes number = bytes_of(STR("9990000001"));
    struct tag nhs = vault_tag(house->vault, "number:nhs", number);
    assert_true(same(nhs, vault_tag(house->vault, "number:nhs", number)));
    assert_false(same(nhs, vault_tag(house->vault, "number:upn", number)));
    assert_false(same(nhs, vault_tag(house->vault, "number:nhs", bytes_of(STR("9990000002")))));
    assert_false(same(nhs, vault_tag(house->vault, "number:nh", bytes_of(STR("s9990000001")))));
    assert_false(same(nhs, vault_tag(house->vault, "number:nhs", (struct bytes){NULL, 0})));
    open_house(&other);
    assert_false(same(nhs, vault_tag(other.vault, "number:nhs", number)));
    close_house(&other);
    /* the same house finds them again */
    vault_close(house->vault);
    assert_int_equal(vault_open(house->path, &house->vault), FAULT_NONE);
    house->purpose = vault_for_linkage(house->vault).purpose;
    assert_true(same(nhs, vault_tag(house->vault, "number:nhs", number)));
}

static void test_derived_bytes(void **state)
{
    struct house *house = *state;
    uint8_t first[64] = {0};
    uint8_t second[64] = {0};
    struct tag tag = vault_tag(house->vault, "form", bytes_of(STR("session")));
    vault_derive(house->vault, "form", bytes_of(STR("session")), first, sizeof first);
    vault_derive(house->vault, "form", bytes_of(STR("session")), second, sizeof second);
    assert_memory_equal(first, second, sizeof first);
    assert_memory_not_equal(first, tag.byte, sizeof tag.byte);
    vault_derive(house->vault, "decoy", bytes_of(STR("session")), second, sizeof second);
    assert_memory_not_equal(first, second, sizeof first);
    uint8_t few[5] = {0, 0, 0, 0, 7};
    vault_derive(house->vault, "form", bytes_of(STR("session")), few, 4);
    assert_int_equal(few[4], 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_round_trip, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_text_that_looks_like_padding, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_length_tells_only_the_class, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_too_large, set_up, tear_down),
        cmocka_unit_test_setup_teardown(case_74_moved_ciphertext_does_not_open, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_every_flipped_bit_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wrong_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_same_text_seals_differently, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tags, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_derived_bytes, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
