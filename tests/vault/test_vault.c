/* The key file, and the keeper's memory beside it. */
#include "vault/vault.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];
static char path[96];
static char state_path[128];

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/contactpoint-keys-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/key", folder);
    snprintf(state_path, sizeof state_path, "%s.state", path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    unlink(state_path);
    assert_int_equal(rmdir(folder), 0); /* nothing else was left behind */
    return 0;
}

static size_t read_file(char *at, size_t room)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    ssize_t len = read(fd, at, room);
    assert_true(len >= 0);
    close(fd);
    return (size_t)len;
}

static void write_file(const char *where, const char *at, size_t len)
{
    int fd = open(where, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, at, len), (ssize_t)len);
    close(fd);
}

static void expect_key_fault(void)
{
    struct vault *vault = NULL;
    fault_clear_note();
    assert_int_equal(vault_open(path, &vault), FAULT_KEY);
    assert_null(vault);
    assert_true(strlen(fault_last_note()) > 20);
}

static void test_created_once_and_private(void **state)
{
    (void)state;
    struct stat status;
    struct vault *vault = NULL;
    assert_int_equal(vault_open(path, &vault), FAULT_ABSENT);
    assert_int_equal(vault_create(path, entropy_system()), FAULT_NONE);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(vault_create(path, entropy_system()), FAULT_DUPLICATE);
    assert_int_equal(vault_open(path, &vault), FAULT_NONE);
    vault_close(vault);
    vault_close(NULL);
    assert_int_equal(stat(state_path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(status.st_size, 16 + 24 * KEEPER_LANES_MAX);
}

static void test_folder_that_is_not_there(void **state)
{
    (void)state;
    struct vault *vault = NULL;
    assert_int_equal(vault_create("/nonexistent/folder/key", entropy_system()), FAULT_STORAGE);
    assert_int_equal(vault_open("/nonexistent/folder/key", &vault), FAULT_ABSENT);
}

static void test_readable_by_others(void **state)
{
    (void)state;
    static const mode_t modes[] = {0644, 0640, 0604, 0660, 0601};
    struct vault *vault = NULL;
    assert_int_equal(vault_create(path, entropy_system()), FAULT_NONE);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        assert_int_equal(chmod(path, modes[i]), 0);
        expect_key_fault();
        assert_non_null(strstr(fault_last_note(), "chmod 600"));
    }
    assert_int_equal(chmod(path, 0400), 0);
    assert_int_equal(vault_open(path, &vault), FAULT_NONE);
    vault_close(vault);
}

static void test_cut_short_at_every_byte(void **state)
{
    (void)state;
    char text[4096];
    assert_int_equal(vault_create(path, entropy_system()), FAULT_NONE);
    size_t len = read_file(text, sizeof text);
    for (size_t shorter = 0; shorter < len; shorter++) {
        write_file(path, text, shorter);
        expect_key_fault();
    }
}

static void test_every_changed_byte(void **state)
{
    (void)state;
    char text[4096];
    assert_int_equal(vault_create(path, entropy_system()), FAULT_NONE);
    size_t len = read_file(text, sizeof text);
    for (size_t i = 0; i < len; i++) {
        char kept = text[i];
        text[i] = kept == '0' ? '1' : '0';
        write_file(path, text, len);
        expect_key_fault();
        text[i] = kept;
    }
}

static void test_longer_or_of_another_version(void **state)
{
    (void)state;
    static char text[8192];
    assert_int_equal(vault_create(path, entropy_system()), FAULT_NONE);
    size_t len = read_file(text, 4096);
    text[len] = '\n';
    write_file(path, text, len + 1);
    expect_key_fault();
    memset(text + len, '\n', sizeof text - len);
    write_file(path, text, sizeof text);
    expect_key_fault();
    char *version = strstr(text, "version 1");
    assert_non_null(version);
    version[8] = '2';
    write_file(path, text, len);
    expect_key_fault();
    assert_non_null(strstr(fault_last_note(), "another version"));
}

static void test_not_a_file(void **state)
{
    (void)state;
    assert_int_equal(mkdir(path, 0700), 0);
    expect_key_fault();
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    expect_key_fault();
}

static const struct id first = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
static const struct id second = {{16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}};

static void test_keeper_remembers(void **state)
{
    (void)state;
    struct vault *vault = NULL;
    struct id incarnations[KEEPER_LANES_MAX];
    uint64_t numbers[KEEPER_LANES_MAX] = {0};
    assert_int_equal(vault_create(path, entropy_system()), FAULT_NONE);
    assert_int_equal(vault_open(path, &vault), FAULT_NONE);
    assert_int_equal(vault_keeper_last(vault, incarnations, numbers), 0);
    vault_keeper_begin(vault, (const struct id[]){first, second}, 2);
    vault_keeper_tell(vault, 0, 7);
    vault_keeper_tell(vault, 0, 5);
    vault_keeper_tell(vault, 1, 3);
    vault_close(vault);
    assert_int_equal(vault_open(path, &vault), FAULT_NONE);
    assert_int_equal(vault_keeper_last(vault, incarnations, numbers), 2);
    assert_true(id_equal(incarnations[0], first));
    assert_int_equal(numbers[0], 7);
    assert_true(id_equal(incarnations[1], second));
    assert_int_equal(numbers[1], 3);
    vault_keeper_begin(vault, &second, 1);
    vault_close(vault);
    assert_int_equal(vault_open(path, &vault), FAULT_NONE);
    assert_int_equal(vault_keeper_last(vault, incarnations, numbers), 1);
    assert_true(id_equal(incarnations[0], second));
    assert_int_equal(numbers[0], 0);
    vault_close(vault);
}

static void test_keeper_outlives_a_killed_process(void **state)
{
    (void)state;
    struct vault *vault = NULL;
    struct id incarnations[KEEPER_LANES_MAX];
    uint64_t numbers[KEEPER_LANES_MAX] = {0};
    int status = 0;
    assert_int_equal(vault_create(path, entropy_system()), FAULT_NONE);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (vault_open(path, &vault) != FAULT_NONE)
            _exit(1);
        vault_keeper_begin(vault, &first, 1);
        vault_keeper_tell(vault, 0, UINT64_C(0x1234567890));
        raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_int_equal(vault_open(path, &vault), FAULT_NONE);
    assert_int_equal(vault_keeper_last(vault, incarnations, numbers), 1);
    assert_true(id_equal(incarnations[0], first));
    assert_int_equal(numbers[0], UINT64_C(0x1234567890));
    vault_close(vault);
}

/* Two processes would take each other's lanes for lost entries. */
static void test_one_process_at_a_time(void **state)
{
    (void)state;
    struct vault *vault = NULL, *other = NULL;
    assert_int_equal(vault_create(path, entropy_system()), FAULT_NONE);
    assert_int_equal(vault_open(path, &vault), FAULT_NONE);
    assert_int_equal(vault_open(path, &other), FAULT_BUSY);
    assert_non_null(strstr(fault_last_note(), "another contactpoint process"));
    assert_null(other);
    vault_close(vault);
    assert_int_equal(vault_open(path, &other), FAULT_NONE);
    vault_close(other);
}

/* The first version's file: one lane in 32 bytes. */
static void test_keeper_reads_the_first_version(void **state)
{
    (void)state;
    struct vault *vault = NULL;
    struct id incarnations[KEEPER_LANES_MAX];
    uint64_t numbers[KEEPER_LANES_MAX] = {0};
    const uint64_t told = 41;
    uint8_t one[32] = "CPkeeps1";
    memcpy(one + 8, &first, 16);
    memcpy(one + 24, &told, 8);
    assert_int_equal(vault_create(path, entropy_system()), FAULT_NONE);
    int fd = open(state_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, one, sizeof one), (ssize_t)sizeof one);
    close(fd);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(vault_open(path, &vault), FAULT_NONE);
        assert_int_equal(vault_keeper_last(vault, incarnations, numbers), 1);
        assert_true(id_equal(incarnations[0], first));
        assert_int_equal(numbers[0], told);
        vault_close(vault);
    }
}

static void test_keeper_file_broken(void **state)
{
    (void)state;
    struct vault *vault = NULL;
    assert_int_equal(vault_create(path, entropy_system()), FAULT_NONE);
    write_file(state_path, "short", 5);
    expect_key_fault();
    write_file(state_path, "some other file of just 32 bytes", 32);
    expect_key_fault();
    write_file(state_path, "", 0);
    assert_int_equal(vault_open(path, &vault), FAULT_NONE);
    vault_close(vault);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_created_once_and_private, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_folder_that_is_not_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_readable_by_others, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cut_short_at_every_byte, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_every_changed_byte, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_longer_or_of_another_version, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_not_a_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_keeper_remembers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_process_at_a_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_keeper_outlives_a_killed_process, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_keeper_reads_the_first_version, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_keeper_file_broken, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
