/* The readable entry as bytes, and its commitment. */
#include "audit/audit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct audit_event event = {
    .event = EVENT_CHILD_VIEWED,
    .operation = OP_child_view,
    .role = ROLE_practitioner,
    .actor = {{{17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17, 17}}},
    .source = {"192.0.2.7", 9},
    .at = {INT64_C(1795243311000000)},
    .act = {{34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34, 34}},
    .reason = REASON_other,
    .reason_text = {"Line one\nline two: Si\xc3\xa2n", 24},
    .shown = {"IDENTITY", 8},
    .child = {{{51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51}}},
    .refusal = REFUSAL_ROLE,
    .fault = FAULT_REFUSED,
};

/* Written by hand from security.md §2; the HMACs are Python's (hmac, hashlib). */
static const char packed_hex[] = "0000000c6368696c645f766965776564"
                                 "0000000a6368696c645f76696577"
                                 "0000000c70726163746974696f6e6572"
                                 "0000001011111111111111111111111111111111"
                                 "00000000"
                                 "000000093139322e302e322e37"
                                 "00000008000660c3a7d669c0"
                                 "0000001022222222222222222222222222222222"
                                 "000000056f74686572"
                                 "000000184c696e65206f6e650a6c696e652074776f3a205369c3a26e"
                                 "00000000"
                                 "000000084944454e54495459"
                                 "0000001033333333333333333333333333333333"
                                 "00000004726f6c65"
                                 "0000000752454655534544";

static const char commitment_hex[] = "015e036bfd11ea4db1d7b218dd7d1df4d04404a8c548d42c3bf2fe98db0399f804";
static const char long_commitment_hex[] =
    "010d4bdb903bf85ba1c46f337bd5a74ebf4bd5b34aad5a1dd333ec2ec065ba4e57";

static void assert_hex(struct bytes bytes, const char *expected)
{
    struct buffer hex = buffer_open(1 << 20);
    buffer_put_hex(&hex, bytes);
    assert_int_equal(hex.len, strlen(expected));
    assert_memory_equal(hex.at, expected, hex.len);
    buffer_close(&hex);
}

static void salt_of_test(uint8_t salt[AUDIT_SALT_BYTES])
{
    for (uint8_t i = 0; i < AUDIT_SALT_BYTES; i++)
        salt[i] = i;
}

static void test_packed_bytes_and_commitment(void **state)
{
    (void)state;
    struct buffer packed = buffer_open(4096);
    uint8_t salt[AUDIT_SALT_BYTES];
    uint8_t commitment[AUDIT_COMMITMENT_BYTES];
    salt_of_test(salt);
    audit_event_pack(&packed, &event);
    assert_hex(buffer_bytes(&packed), packed_hex);
    audit_commitment(buffer_bytes(&packed), salt, commitment);
    assert_hex((struct bytes){commitment, sizeof commitment}, commitment_hex);
    salt[0] ^= 1;
    audit_commitment(buffer_bytes(&packed), salt, commitment);
    assert_int_equal(commitment[0], 1);
    assert_true(commitment[1] != 0x5e || commitment[2] != 0x03);
    buffer_close(&packed);
}

/* 60 KiB of Unicode with newlines. */
static void case_57_commitment_is_33_bytes(void **state)
{
    (void)state;
    static const char line[6] = "Si\xc3\xa2n\n";
    uint8_t salt[AUDIT_SALT_BYTES];
    uint8_t commitment[AUDIT_COMMITMENT_BYTES];
    uint8_t *text = malloc(61440);
    for (size_t i = 0; i < 61440; i++)
        text[i] = (uint8_t)line[i % 6];
    salt_of_test(salt);
    audit_commitment((struct bytes){text, 61440}, salt, commitment);
    assert_int_equal(sizeof commitment, 33);
    assert_hex((struct bytes){commitment, sizeof commitment}, long_commitment_hex);
    free(text);
}

static void assert_same(const struct audit_event *a, const struct audit_event *b)
{
    assert_int_equal(a->event, b->event);
    assert_int_equal(a->operation, b->operation);
    assert_int_equal(a->role, b->role);
    assert_true(id_equal(a->actor.id, b->actor.id));
    assert_true(id_equal(a->on_behalf_of.id, b->on_behalf_of.id));
    assert_true(str_equal(a->source, b->source));
    assert_int_equal(a->at.us, b->at.us);
    assert_true(id_equal(a->act, b->act));
    assert_int_equal(a->reason, b->reason);
    assert_true(str_equal(a->reason_text, b->reason_text));
    assert_true(str_equal(a->asked, b->asked));
    assert_true(str_equal(a->shown, b->shown));
    assert_true(id_equal(a->child.id, b->child.id));
    assert_int_equal(a->refusal, b->refusal);
    assert_int_equal(a->fault, b->fault);
}

static void test_every_code_comes_back(void **state)
{
    (void)state;
    struct buffer packed = buffer_open(4096);
    for (int i = 0; i < 64; i++) {
        struct audit_event in = event;
        struct audit_event out;
        in.event = (enum event)(i % EVENTS_END);
        in.operation = (enum operation)(i % OPERATIONS_END);
        in.role = (enum role)(i % ROLES_END);
        in.reason = (enum reason)(i % REASONS_END);
        in.refusal = (enum refusal)(i % REFUSALS_END);
        in.fault = (enum fault)(i % (FAULT_FENCED + 1));
        in.at.us = -i;
        buffer_clear(&packed);
        audit_event_pack(&packed, &in);
        assert_int_equal(audit_event_unpack(buffer_bytes(&packed), &out), FAULT_NONE);
        assert_same(&in, &out);
    }
    buffer_close(&packed);
}

static void test_nothing_packs_too(void **state)
{
    (void)state;
    struct buffer packed = buffer_open(4096);
    struct audit_event none = {0};
    struct audit_event out = event;
    audit_event_pack(&packed, &none);
    assert_int_equal(packed.len, 15 * 4 + 8);
    assert_int_equal(audit_event_unpack(buffer_bytes(&packed), &out), FAULT_NONE);
    assert_same(&none, &out);
    buffer_close(&packed);
}

static void test_broken_bytes_are_refused(void **state)
{
    (void)state;
    struct buffer packed = buffer_open(4096);
    struct audit_event out = {.at = {77}};
    audit_event_pack(&packed, &event);
    for (size_t len = 0; len < packed.len; len++) {
        struct bytes shorter = {buffer_bytes(&packed).at, len};
        assert_int_equal(audit_event_unpack(shorter, &out), FAULT_CORRUPT);
    }
    assert_int_equal(out.at.us, 77); /* untouched */
    packed.at[4] = 'C';              /* an event that no program knew */
    assert_int_equal(audit_event_unpack(buffer_bytes(&packed), &out), FAULT_CORRUPT);
    packed.at[4] = 'c';
    buffer_put_u8(&packed, 0);
    assert_int_equal(audit_event_unpack(buffer_bytes(&packed), &out), FAULT_CORRUPT);
    buffer_close(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packed_bytes_and_commitment), cmocka_unit_test(case_57_commitment_is_33_bytes),
        cmocka_unit_test(test_every_code_comes_back),       cmocka_unit_test(test_nothing_packs_too),
        cmocka_unit_test(test_broken_bytes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
