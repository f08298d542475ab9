/* The keeper as a process: what it answers, what it forgets, what is left when it is gone (security.md §6).
 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "vault/asking.h"
#include "vault/confine.h"
#include "vault/landlock.h"
#include "vault/rotation.h"
#include "vault/vault_struct.h"

enum { MANY = 1000, THREADS = 8, ROUNDS = 200 };

struct house {
    char folder[64];
    char path[96];
    struct vault *vault;
    struct vault_purpose purpose; /* that opens children's */
};

static int set_up(void **state)
{
    struct house *house = calloc(1, sizeof *house);
    (void)snprintf(house->folder, sizeof house->folder, "/tmp/contactpoint-keeper-XXXXXX");
    assert_non_null(mkdtemp(house->folder));
    (void)snprintf(house->path, sizeof house->path, "%s/key", house->folder);
    assert_int_equal(vault_create(house->path, entropy_system()), FAULT_NONE);
    assert_int_equal(vault_open(house->path, &house->vault), FAULT_NONE);
    house->purpose = vault_for_linkage(house->vault).purpose;
    *state = house;
    return 0;
}

static int tear_down(void **state)
{
    struct house *house = *state;
    char path[128];
    vault_close(house->vault);
    (void)snprintf(path, sizeof path, "%s.state", house->path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(unlink(house->path), 0);
    assert_int_equal(rmdir(house->folder), 0);
    free(house);
    return 0;
}

static const struct seal_place home = {"child", "linkage", {(const uint8_t *)"0123456789abcdef", 16}, 3};

static void kill_keeper(struct vault *vault)
{
    siginfo_t info;
    assert_int_equal(kill(vault->process.pid, SIGKILL), 0);
    assert_int_equal(waitid(P_PID, (id_t)vault->process.pid, &info, WEXITED | WNOWAIT), 0);
}

/* Case 75, below the pages: what is remembered is forgotten, and nothing is answered any more. */
static void case_75_a_keeper_that_is_gone(void **state)
{
    struct house *house = *state;
    struct wrapped_key key, other;
    struct vault_masters masters;
    struct vault_bundle *bundle = NULL;
    struct buffer sealed = buffer_open(1 << 16), clear = buffer_open(1 << 16);
    assert_int_equal(vault_key_new(house->vault, &key), FAULT_NONE);
    assert_int_equal(vault_seal(house->vault, &key, &home, bytes_of(STR("Owain")), &sealed), FAULT_NONE);
    assert_int_equal(vault_bundle_open(vault_for_linkage(house->vault), &bundle), FAULT_NONE);
    const struct tag tag = vault_tag(house->vault, "number:nhs", bytes_of(STR("9434765919")));
    assert_true(vault_is_alive(house->vault));
    kill_keeper(house->vault);
    assert_false(vault_is_alive(house->vault));
    fault_clear_note();
    assert_int_equal(vault_unseal(house->purpose, &key, &home, buffer_bytes(&sealed), &clear), FAULT_CLOSED);
    assert_non_null(strstr(fault_last_note(), "restart"));
    assert_int_equal(clear.len, 0);
    assert_int_equal(vault_seal(house->vault, &key, &home, bytes_of(STR("Owain")), &sealed), FAULT_CLOSED);
    assert_int_equal(vault_key_new(house->vault, &other), FAULT_CLOSED);
    assert_int_equal(vault_bundle_fill(bundle, &key, 1), FAULT_CLOSED);
    assert_int_equal(vault_unwrap_ahead(vault_for_linkage(house->vault), &key, 1), FAULT_CLOSED);
    assert_int_equal(vault_masters(house->vault, &masters), FAULT_CLOSED);
    const struct tag none = vault_tag(house->vault, "number:nhs", bytes_of(STR("9434765919")));
    assert_memory_not_equal(none.byte, tag.byte, TAG_BYTES);
    vault_bundle_close(bundle);
    buffer_close(&sealed);
    buffer_close(&clear);
}

/* Not noticed before the question itself. */
static void test_a_keeper_that_goes_meanwhile(void **state)
{
    struct house *house = *state;
    uint8_t long_value[100] = {0};
    kill_keeper(house->vault);
    const struct tag one = vault_tag(house->vault, "row", (struct bytes){long_value, sizeof long_value});
    const struct tag other = vault_tag(house->vault, "row", (struct bytes){long_value, sizeof long_value});
    assert_memory_not_equal(one.byte, other.byte, TAG_BYTES);
    assert_false(vault_is_alive(house->vault));
}

static void test_many_at_once(void **state)
{
    struct house *house = *state;
    static struct wrapped_key keys[VAULT_BUNDLE_MAX];
    static struct buffer sealed[VAULT_BUNDLE_MAX];
    struct buffer clear = buffer_open(1 << 16);
    struct vault_bundle *bundle = NULL;
    assert_int_equal(vault_bundle_open(vault_for_linkage(house->vault), &bundle), FAULT_NONE);
    for (size_t i = 0; i < VAULT_BUNDLE_MAX; i++) {
        sealed[i] = buffer_open(1 << 16);
        assert_int_equal(vault_key_new(house->vault, &keys[i]), FAULT_NONE);
        assert_int_equal(vault_seal(house->vault, &keys[i], &home,
                                    (struct bytes){(const uint8_t *)&i, sizeof i}, &sealed[i]),
                         FAULT_NONE);
    }
    keys[7].byte[40] ^= 1;
    keys[9].byte[7] ^= 1; /* the number of a master that is not there */
    assert_int_equal(vault_bundle_fill(bundle, keys, VAULT_BUNDLE_MAX), FAULT_NONE);
    assert_int_equal(vault_unwrap_ahead(vault_for_linkage(house->vault), keys, VAULT_BUNDLE_MAX), FAULT_NONE);
    for (size_t i = 0; i < VAULT_BUNDLE_MAX; i++) {
        const enum fault expected = i == 7 || i == 9 ? FAULT_KEY : FAULT_NONE;
        for (int by = 0; by < 2; by++) {
            assert_int_equal(
                by == 0 ? vault_bundle_unseal(bundle, i, &home, buffer_bytes(&sealed[i]), &clear)
                        : vault_unseal(house->purpose, &keys[i], &home, buffer_bytes(&sealed[i]), &clear),
                expected);
            if (expected == FAULT_NONE)
                assert_memory_equal(clear.at, &i, sizeof i);
        }
        buffer_close(&sealed[i]);
    }
    vault_bundle_close(bundle);
    buffer_close(&clear);
}

static void test_many_are_counted_for_linkage(void **state)
{
    struct house *house = *state;
    struct wrapped_key keys[3];
    struct vault_counts counts;
    struct vault_bundle *bundle = NULL;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(vault_key_new(house->vault, &keys[i]), FAULT_NONE);
    assert_int_equal(vault_bundle_open(vault_for_linkage(house->vault), &bundle), FAULT_NONE);
    assert_int_equal(vault_bundle_fill(bundle, keys, 3), FAULT_NONE);
    vault_bundle_close(bundle);
    assert_int_equal(vault_unwrap_ahead(vault_for_linkage(house->vault), keys, 3), FAULT_NONE);
    assert_int_equal(vault_unwrap_ahead(vault_for_linkage(house->vault), keys, 3), FAULT_NONE);
    assert_int_equal(vault_counts(house->vault, &counts), FAULT_NONE);
    for (int purpose = 1; purpose < PURPOSES_END; purpose++)
        assert_int_equal(counts.of[purpose], purpose == PURPOSE_LINKAGE ? 6 : 0);
}

static void test_tags_of_many_are_those_of_each(void **state)
{
    struct house *house = *state;
    static struct vault_tagging taggings[MANY];
    static uint8_t values[MANY][700]; /* more than one question holds */
    for (size_t i = 0; i < MANY; i++) {
        memset(values[i], (int)(i % 251), sizeof values[i]);
        memcpy(values[i], &i, sizeof i);
        taggings[i] = (struct vault_tagging){.scheme = i % 2 == 0 ? "row" : "number:upn",
                                             .value = {values[i], i % sizeof values[i]}};
    }
    vault_tag_many(house->vault, taggings, MANY);
    vault_tag_many(house->vault, taggings, 0);
    for (size_t i = 0; i < MANY; i++) {
        const struct tag tag = vault_tag(house->vault, taggings[i].scheme, taggings[i].value);
        assert_memory_equal(tag.byte, taggings[i].tag.byte, TAG_BYTES);
    }
}

static void *ask_often(void *argument)
{
    struct house *house = argument;
    struct buffer sealed = buffer_open(1 << 16), clear = buffer_open(1 << 16);
    for (uint64_t i = 0; i < ROUNDS; i++) {
        struct wrapped_key key;
        assert_int_equal(vault_key_new(house->vault, &key), FAULT_NONE);
        assert_int_equal(
            vault_seal(house->vault, &key, &home, (struct bytes){(const uint8_t *)&i, sizeof i}, &sealed),
            FAULT_NONE);
        (void)vault_tag(house->vault, "row", (struct bytes){(const uint8_t *)&i, sizeof i});
        assert_int_equal(vault_unseal(house->purpose, &key, &home, buffer_bytes(&sealed), &clear),
                         FAULT_NONE);
        assert_memory_equal(clear.at, &i, sizeof i);
    }
    buffer_close(&sealed);
    buffer_close(&clear);
    return NULL;
}

static void test_more_threads_than_channels(void **state)
{
    pthread_t threads[2 * THREADS];
    for (size_t i = 0; i < 2 * THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_often, *state), 0);
    for (size_t i = 0; i < 2 * THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

/* Whatever is asked: an answer, and never a key that was not asked for rightly. */
static void test_questions_that_are_none(void **state)
{
    struct house *house = *state;
    static const uint8_t bytes[4096];
    struct asking asking;
    for (uint32_t ask = 0; ask <= ASKS_END + 1; ask++)
        for (uint32_t count = 0; count < 4; count++)
            for (size_t len = 1; len < sizeof bytes; len = len * 3 + 1) {
                if (ask == ASK_ADD)
                    continue; /* takes nothing, and does it */
                assert_int_equal(asking_open(house->vault, (enum keeper_ask)ask, count * 1000, 1000, &asking),
                                 FAULT_NONE);
                assert_true(asking_put(&asking, bytes, len));
                enum fault fault = asking_send(&asking);
                assert_int_not_equal(fault, FAULT_CLOSED);
                if (ask < ASK_HELLO || ask >= ASKS_END)
                    assert_int_equal(fault, FAULT_MALFORMED);
                asking_close(&asking);
            }
    assert_true(vault_is_alive(house->vault));
}

static void test_masters_come_and_go(void **state)
{
    struct house *house = *state;
    struct wrapped_key old, fresh, keys[2];
    enum vault_fate fates[2];
    struct vault_masters masters;
    uint32_t number = 0;
    assert_int_equal(vault_key_new(house->vault, &old), FAULT_NONE);
    assert_int_equal(vault_master_of(&old), 1);
    assert_int_equal(vault_wrap_under(house->vault, 2), FAULT_KEY);
    assert_int_equal(vault_master_add(house->vault, &number), FAULT_NONE);
    assert_int_equal(number, 2);
    assert_int_equal(vault_key_new(house->vault, &fresh), FAULT_NONE);
    assert_int_equal(vault_master_of(&fresh), 1); /* not yet */
    assert_int_equal(vault_wrap_under(house->vault, 2), FAULT_NONE);
    assert_int_equal(vault_key_new(house->vault, &fresh), FAULT_NONE);
    assert_int_equal(vault_master_of(&fresh), 2); /* none made in advance is left */
    keys[0] = old;
    keys[1] = fresh;
    assert_int_equal(vault_rewrap(house->vault, keys, fates, 2), FAULT_NONE);
    assert_int_equal(fates[0], FATE_REWRAPPED);
    assert_int_equal(fates[1], FATE_CURRENT);
    assert_int_equal(vault_master_of(&keys[0]), 2);
    keys[0].byte[30] ^= 1;
    assert_int_equal(vault_rewrap(house->vault, keys, fates, 1), FAULT_NONE);
    assert_int_equal(fates[0], FATE_BROKEN);
    assert_int_equal(vault_masters_drop(house->vault, 2), FAULT_NONE);
    assert_int_equal(vault_masters(house->vault, &masters), FAULT_NONE);
    assert_int_equal(masters.count, 2); /* until this keeper ends */
    vault_close(house->vault);
    assert_int_equal(vault_open(house->path, &house->vault), FAULT_NONE);
    house->purpose = vault_for_linkage(house->vault).purpose;
    assert_int_equal(vault_masters(house->vault, &masters), FAULT_NONE);
    assert_int_equal(masters.count, 1);
    assert_int_equal(masters.number[0], 2);
    assert_int_equal(masters.wrapping, 2);
    struct buffer sealed = buffer_open(1 << 16);
    assert_int_equal(vault_seal(house->vault, &old, &home, bytes_of(STR("x")), &sealed), FAULT_KEY);
    assert_int_equal(vault_seal(house->vault, &fresh, &home, bytes_of(STR("x")), &sealed), FAULT_NONE);
    buffer_close(&sealed);
}

/* Does one thing under the keeper's confinement: how its process ended. */
static int end_of(const char *key_path, void (*deed)(const char *folder), const char *folder)
{
    struct confinement confinement;
    int status = 0;
    assert_int_equal(confine_prepare(&confinement), FAULT_NONE);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (confine_files(key_path) != FAULT_NONE || confine_calls(&confinement) != FAULT_NONE)
            _exit(99);
        deed(folder);
        _exit(0);
    }
    confine_forget(&confinement);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void open_socket(const char *folder)
{
    (void)folder;
    (void)socket(AF_INET, SOCK_STREAM, 0);
}

static void run_program(const char *folder)
{
    (void)execl("/bin/true", folder, (char *)NULL);
}

static void make_process(const char *folder)
{
    (void)folder;
    if (fork() == 0)
        _exit(0);
}

static void read_elsewhere(const char *folder)
{
    (void)folder;
    _exit(open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 ? 3 : 4);
}

static void read_key(const char *folder)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/key", folder);
    _exit(open(path, O_RDONLY | O_CLOEXEC) < 0 ? 3 : 4);
}

static void test_a_keeper_does_nothing_else(void **state)
{
    struct house *house = *state;
    assert_int_equal(end_of(house->path, open_socket, house->folder), -SIGSYS);
    assert_int_equal(end_of(house->path, run_program, house->folder), -SIGSYS);
    assert_int_equal(end_of(house->path, make_process, house->folder), -SIGSYS);
    assert_int_equal(end_of(house->path, read_key, house->folder), 4);
    if (landlock_is_there())
        assert_int_equal(end_of(house->path, read_elsewhere, house->folder), 3);
    else
        print_message("skipped: this kernel has no Landlock\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(case_75_a_keeper_that_is_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_keeper_that_goes_meanwhile, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many_are_counted_for_linkage, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tags_of_many_are_those_of_each, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_more_threads_than_channels, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_questions_that_are_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_masters_come_and_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_keeper_does_nothing_else, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
