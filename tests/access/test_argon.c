#include "fixture.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>

static const uint8_t salt[ARGON_SALT_BYTES] = "sixteen bytes ..";

static int cheap(void **state)
{
    struct argon *argon = NULL;
    argon_cost_for_tests((struct argon_cost){.passes = 1, .memory_kib = 8});
    assert_int_equal(argon_open(&argon), FAULT_NONE);
    *state = argon;
    return 0;
}

static int finish(void **state)
{
    argon_close(*state);
    return 0;
}

static void hash_is_right_for_its_secret_only(void **state)
{
    struct argon *argon = *state;
    struct argon_hash hash;
    bool right = false;
    assert_int_equal(argon_make(argon, bytes_of(STR("secret")), salt, &hash), FAULT_NONE);
    assert_int_equal(argon_verify(argon, bytes_of(STR("secret")), &hash, &right), FAULT_NONE);
    assert_true(right);
    assert_int_equal(argon_verify(argon, bytes_of(STR("Secret")), &hash, &right), FAULT_NONE);
    assert_false(right);
    assert_int_equal(argon_verify(argon, bytes_of(STR("")), &hash, &right), FAULT_NONE);
    assert_false(right);
    assert_int_equal(argon_runs(argon), 4);
}

/* As libsodium's own program of Argon2id wants to read it. */
static void encode(const struct argon_hash *hash, char *ret_encoded, size_t room)
{
    char base64_salt[64];
    char base64_digest[64];
    (void)sodium_bin2base64(base64_salt, sizeof base64_salt, hash->salt, sizeof hash->salt,
                            sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    (void)sodium_bin2base64(base64_digest, sizeof base64_digest, hash->digest, sizeof hash->digest,
                            sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    (void)snprintf(ret_encoded, room, "$argon2id$v=19$m=%u,t=%u,p=1$%s$%s", hash->cost.memory_kib,
                   hash->cost.passes, base64_salt, base64_digest);
}

/* Somebody else's program agrees: libsodium verifies what we have made. */
static void hash_is_argon2id(void **state)
{
    struct argon *argon = *state;
    struct argon_hash hash;
    char encoded[256];
    assert_int_equal(argon_make(argon, bytes_of(STR("secret")), salt, &hash), FAULT_NONE);
    encode(&hash, encoded, sizeof encoded);
    assert_int_equal(crypto_pwhash_str_verify(encoded, "secret", 6), 0);
}

/* The memory that a thread fills is the next hash's too, or another where that costs more or less. */
static void memory_of_one_hash_changes_no_other(void **state)
{
    static const uint32_t costs_kib[] = {256, 256, 8, 1024, 256, 8};
    struct argon *argon = *state;
    for (size_t i = 0; i < sizeof costs_kib / sizeof costs_kib[0]; i++) {
        struct argon_hash hash;
        char encoded[256];
        char secret[16];
        (void)snprintf(secret, sizeof secret, "secret %zu", i);
        argon_cost_for_tests((struct argon_cost){.passes = 2, .memory_kib = costs_kib[i]});
        assert_int_equal(argon_make(argon, bytes_of(str_of(secret)), salt, &hash), FAULT_NONE);
        encode(&hash, encoded, sizeof encoded);
        assert_int_equal(crypto_pwhash_str_verify(encoded, secret, strlen(secret)), 0);
    }
}

static void hash_carries_its_cost(void **state)
{
    struct argon *argon = *state;
    struct argon_hash hash;
    struct argon_hash read;
    struct buffer buffer = buffer_open(256);
    bool right = false;
    argon_cost_for_tests((struct argon_cost){.passes = 2, .memory_kib = 16});
    assert_int_equal(argon_make(argon, bytes_of(STR("secret")), salt, &hash), FAULT_NONE);
    argon_cost_for_tests((struct argon_cost){.passes = 1, .memory_kib = 8});
    argon_put(&buffer, &hash);
    struct reader reader = reader_of(buffer_bytes(&buffer));
    assert_true(argon_take(&reader, &read));
    assert_int_equal(read.cost.passes, 2);
    assert_int_equal(read.cost.memory_kib, 16);
    assert_int_equal(argon_verify(argon, bytes_of(STR("secret")), &read, &right), FAULT_NONE);
    assert_true(right);
    buffer_close(&buffer);
}

static void expect_refused(uint32_t passes, uint32_t memory_kib, uint8_t format, size_t cut_bytes)
{
    struct argon_hash hash = {.cost = {.passes = passes, .memory_kib = memory_kib}};
    struct argon_hash read;
    struct buffer buffer = buffer_open(256);
    argon_put(&buffer, &hash);
    buffer.at[0] = (char)format;
    struct reader reader = reader_of((struct bytes){(const uint8_t *)buffer.at, buffer.len - cut_bytes});
    assert_false(argon_take(&reader, &read));
    buffer_close(&buffer);
}

static void hash_of_absurd_cost_is_refused(void **state)
{
    (void)state;
    expect_refused(0, 8, 1, 0);
    expect_refused(17, 8, 1, 0);
    expect_refused(1, 7, 1, 0);
    expect_refused(1, 1024 * 1024 + 1, 1, 0);
    expect_refused(1, 8, 2, 0);
    expect_refused(1, 8, 1, 1);
}

static void production_costs_64_mib_and_two_passes(void **state)
{
    struct argon *argon = *state;
    struct argon_hash hash;
    argon_cost_for_tests((struct argon_cost){0});
    assert_int_equal(argon_make(argon, bytes_of(STR("secret")), salt, &hash), FAULT_NONE);
    argon_cost_for_tests((struct argon_cost){.passes = 1, .memory_kib = 8});
    assert_int_equal(hash.cost.passes, 2);
    assert_int_equal(hash.cost.memory_kib, 65536);
}

enum { CROWD = 2 * ARGON_WAITING_MAX + 80 };

struct visitor {
    pthread_t thread;
    pthread_barrier_t *start;
    struct argon *argon;
    enum fault fault;
};

static void *visit(void *context)
{
    struct visitor *visitor = context;
    struct argon_hash hash;
    (void)pthread_barrier_wait(visitor->start);
    visitor->fault = argon_make(visitor->argon, bytes_of(STR("secret")), salt, &hash);
    return NULL;
}

/* Case 20 at this floor: beyond the queue the answer is "busy", at once. */
static void case_20_crowd_beyond_the_queue_is_refused(void **state)
{
    struct argon *argon = *state;
    static struct visitor visitors[CROWD];
    pthread_barrier_t start;
    uint64_t done = 0;
    uint64_t busy = 0;
    argon_cost_for_tests((struct argon_cost){.passes = 4, .memory_kib = 16 * 1024});
    assert_int_equal(pthread_barrier_init(&start, NULL, CROWD), 0);
    for (size_t i = 0; i < CROWD; i++) {
        visitors[i] = (struct visitor){.start = &start, .argon = argon};
        assert_int_equal(pthread_create(&visitors[i].thread, NULL, visit, &visitors[i]), 0);
    }
    for (size_t i = 0; i < CROWD; i++) {
        assert_int_equal(pthread_join(visitors[i].thread, NULL), 0);
        done += visitors[i].fault == FAULT_NONE ? 1 : 0;
        busy += visitors[i].fault == FAULT_BUSY ? 1 : 0;
    }
    (void)pthread_barrier_destroy(&start);
    argon_cost_for_tests((struct argon_cost){.passes = 1, .memory_kib = 8});
    assert_int_equal(done + busy, CROWD);
    assert_int_equal(argon_runs(argon), done);
    assert_true(done >= ARGON_WAITING_MAX);
    assert_true(busy > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(hash_is_right_for_its_secret_only, cheap, finish),
        cmocka_unit_test_setup_teardown(hash_is_argon2id, cheap, finish),
        cmocka_unit_test_setup_teardown(memory_of_one_hash_changes_no_other, cheap, finish),
        cmocka_unit_test_setup_teardown(hash_carries_its_cost, cheap, finish),
        cmocka_unit_test(hash_of_absurd_cost_is_refused),
        cmocka_unit_test_setup_teardown(production_costs_64_mib_and_two_passes, cheap, finish),
        cmocka_unit_test_setup_teardown(case_20_crowd_beyond_the_queue_is_refused, cheap, finish),
    };
    argon_close(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
