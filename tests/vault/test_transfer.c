/* Keys on their way to a second server. */
#include "vault/transfer.h"

#include <fcntl.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATH_BYTES = 128 };

static const struct instant noon = {INT64_C(1795262400) * 1000000};

/* Two machines: one has keys, one has asked for them. */
struct machines {
    char folder[64];
    char old_keys[PATH_BYTES];
    char new_keys[PATH_BYTES];
    char asking[PATH_BYTES];
    struct vault *vault;
    struct buffer request;
    struct buffer sealed;
};

static void name(const struct machines *machines, const char *file, char ret_path[PATH_BYTES])
{
    (void)snprintf(ret_path, PATH_BYTES, "%s/%s", machines->folder, file);
}

static int set_up(void **state)
{
    static struct machines machines;
    machines = (struct machines){.request = buffer_open(TRANSFER_BYTES_MAX),
                                 .sealed = buffer_open(TRANSFER_BYTES_MAX)};
    (void)snprintf(machines.folder, sizeof machines.folder, "/tmp/contactpoint-transfer-XXXXXX");
    assert_non_null(mkdtemp(machines.folder));
    name(&machines, "old.key", machines.old_keys);
    name(&machines, "new.key", machines.new_keys);
    name(&machines, "asking", machines.asking);
    assert_int_equal(vault_create(machines.old_keys, entropy_system()), FAULT_NONE);
    assert_int_equal(vault_open(machines.old_keys, &machines.vault), FAULT_NONE);
    assert_int_equal(transfer_ask(machines.asking, noon, entropy_system(), &machines.request), FAULT_NONE);
    fault_clear_note();
    *state = &machines;
    return 0;
}

static int tear_down(void **state)
{
    struct machines *machines = *state;
    char path[PATH_BYTES];
    vault_close(machines->vault);
    buffer_close(&machines->request);
    buffer_close(&machines->sealed);
    static const char *const files[] = {"old.key", "new.key", "asking", "old.key.state", "new.key.state"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        name(machines, files[i], path);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(machines->folder), 0); /* nothing else was left behind */
    return 0;
}

static struct str fingerprint(struct str text)
{
    static char digits[TRANSFER_FINGERPRINT_BYTES];
    transfer_fingerprint(text, digits);
    return str_of(digits);
}

static struct str request(const struct machines *machines)
{
    return buffer_str(&machines->request);
}

static struct str sealed(const struct machines *machines)
{
    return buffer_str(&machines->sealed);
}

static struct instant hours_later(int hours)
{
    return instant_after(noon, seconds(hours * INT64_C(3600)));
}

static void give(struct machines *machines)
{
    buffer_clear(&machines->sealed);
    assert_int_equal(transfer_give(machines->vault, request(machines), fingerprint(request(machines)), noon,
                                   &machines->sealed),
                     FAULT_NONE);
}

static enum fault take(const struct machines *machines, struct str text)
{
    fault_clear_note();
    return transfer_take(machines->asking, machines->new_keys, text, fingerprint(text), noon);
}

static size_t read_file(const char *path, char *at, size_t room)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    ssize_t len = read(fd, at, room);
    assert_true(len >= 0);
    (void)close(fd);
    return (size_t)len;
}

static void write_file(const char *path, const char *at, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, at, len), (ssize_t)len);
    (void)close(fd);
}

static bool holds(struct str text, struct str part)
{
    return part.at != NULL && memmem(text.at, text.len, part.at, part.len) != NULL;
}

/* Where the first `part` ends. */
static size_t behind(struct str text, const char *part)
{
    const char *at = memmem(text.at, text.len, part, strlen(part));
    assert_non_null(at);
    return (size_t)(at - text.at) + strlen(part);
}

/* BLAKE2b-256, as every `check` line is. */
static void hash_hex(struct str text, char ret_hex[65])
{
    uint8_t digest[32];
    assert_int_equal(crypto_generichash(digest, sizeof digest, (const uint8_t *)text.at, text.len, NULL, 0),
                     0);
    (void)sodium_bin2hex(ret_hex, 65, digest, sizeof digest);
}

static bool exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

static void assert_private(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(status.st_nlink, 1);
}

/* Refused with words, and as if it had never been tried. */
static void assert_not_taken(const struct machines *machines, struct str text, enum fault expected)
{
    enum fault fault = take(machines, text);
    if (fault != expected)
        fail_msg("%s instead of %s: %s", fault_name(fault), fault_name(expected), fault_last_note());
    assert_true(strlen(fault_last_note()) > 20);
    assert_false(exists(machines->new_keys));
}

static void assert_not_given(struct machines *machines, struct str text, struct str typed, struct instant now)
{
    buffer_clear(&machines->sealed);
    fault_clear_note();
    assert_int_equal(transfer_give(machines->vault, text, typed, now, &machines->sealed), FAULT_INVALID);
    assert_true(strlen(fault_last_note()) > 20);
    assert_int_equal(machines->sealed.len, 0);
}

static void test_the_second_vault_is_like_the_first(void **state)
{
    struct machines *machines = *state;
    struct vault *second = NULL;
    struct wrapped_key key;
    struct buffer box = buffer_open(1024), clear = buffer_open(1024);
    const struct seal_place place = {"child", "linkage", bytes_of(STR("r1")), 1};
    struct tag one, other;
    assert_private(machines->asking);
    give(machines);
    assert_int_equal(transfer_check(machines->asking, machines->new_keys, sealed(machines), noon),
                     FAULT_NONE);
    assert_false(exists(machines->new_keys));
    assert_int_equal(take(machines, sealed(machines)), FAULT_NONE);
    assert_private(machines->new_keys);
    assert_false(exists(machines->asking));
    assert_int_equal(vault_open(machines->new_keys, &second), FAULT_NONE);
    assert_int_equal(vault_key_new(machines->vault, &key), FAULT_NONE);
    assert_int_equal(vault_seal(machines->vault, &key, &place, bytes_of(STR("Siân")), &box), FAULT_NONE);
    assert_int_equal(
        vault_unseal(vault_for_linkage(second).purpose, &key, &place, buffer_bytes(&box), &clear),
        FAULT_NONE);
    assert_true(str_equal(buffer_str(&clear), STR("Siân")));
    one = vault_tag(machines->vault, "number:nhs", bytes_of(STR("9434765919")));
    other = vault_tag(second, "number:nhs", bytes_of(STR("9434765919")));
    assert_memory_equal(one.byte, other.byte, TAG_BYTES);
    vault_fingerprint(machines->vault, &one);
    vault_fingerprint(second, &other);
    assert_memory_equal(one.byte, other.byte, TAG_BYTES);
    buffer_close(&box);
    buffer_close(&clear);
    vault_close(second);
}

/* Every numbered master key, byte for byte; what the program itself never makes yet is made here. */
static void test_all_master_keys_go(void **state)
{
    struct machines *machines = *state;
    char text[4096], arrived[4096];
    size_t len = read_file(machines->old_keys, text, sizeof text);
    struct tag before, after;
    vault_fingerprint(machines->vault, &before);
    vault_close(machines->vault);
    machines->vault = NULL;
    len = behind((struct str){text, len}, "check ") - 6;
    for (unsigned i = 2; i <= 16; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "master %u %064x\n", 4294967200U + i, i);
    char hex[65];
    hash_hex((struct str){text, len}, hex);
    len += (size_t)snprintf(text + len, sizeof text - len, "check %s\n", hex);
    write_file(machines->old_keys, text, len);
    assert_int_equal(vault_open(machines->old_keys, &machines->vault), FAULT_NONE);
    vault_fingerprint(machines->vault, &after);
    assert_memory_equal(before.byte, after.byte, TAG_BYTES); /* of the house, not of one key */
    give(machines);
    assert_int_equal(take(machines, sealed(machines)), FAULT_NONE);
    assert_int_equal(read_file(machines->new_keys, arrived, sizeof arrived), len);
    assert_memory_equal(arrived, text, len);
}

static void test_fingerprints_tell_vaults_apart(void **state)
{
    struct machines *machines = *state;
    struct vault *other = NULL;
    struct tag one, two;
    assert_int_equal(vault_create(machines->new_keys, entropy_system()), FAULT_NONE);
    assert_int_equal(vault_open(machines->new_keys, &other), FAULT_NONE);
    vault_fingerprint(machines->vault, &one);
    vault_fingerprint(other, &two);
    assert_memory_not_equal(one.byte, two.byte, TAG_BYTES);
    vault_close(other);
}

static void test_no_key_is_in_the_clear(void **state)
{
    struct machines *machines = *state;
    char text[4096];
    size_t len = read_file(machines->old_keys, text, sizeof text);
    give(machines);
    for (size_t at = 0; at + 16 <= len; at++)
        if (text[at] != ' ' && memchr(text + at, '\n', 16) == NULL && memchr(text + at, ' ', 16) == NULL)
            assert_false(holds(sealed(machines), (struct str){text + at, 16}));
    len = read_file(machines->asking, text, sizeof text);
    const struct str secret = {text + behind((struct str){text, len}, "secret "), 64};
    assert_false(holds(request(machines), secret));
    assert_false(holds(sealed(machines), secret));
}

static void test_taken_once(void **state)
{
    struct machines *machines = *state;
    char before[4096], after[4096];
    give(machines);
    assert_int_equal(take(machines, sealed(machines)), FAULT_NONE);
    size_t len = read_file(machines->new_keys, before, sizeof before);
    assert_int_equal(take(machines, sealed(machines)), FAULT_DUPLICATE);
    assert_int_equal(read_file(machines->new_keys, after, sizeof after), len);
    assert_memory_equal(before, after, len);
    assert_int_equal(unlink(machines->new_keys), 0);
    assert_not_taken(machines, sealed(machines), FAULT_ABSENT); /* nothing can open it any more */
}

/* As if the machine had died between the two: keys in their place, the secret half still there. */
static void test_an_interrupted_take_is_cleaned(void **state)
{
    struct machines *machines = *state;
    give(machines);
    assert_int_equal(vault_create(machines->new_keys, entropy_system()), FAULT_NONE);
    assert_int_equal(take(machines, sealed(machines)), FAULT_DUPLICATE);
    assert_false(exists(machines->asking));
}

static void test_every_changed_byte_of_a_request(void **state)
{
    struct machines *machines = *state;
    struct str text = request(machines);
    char *at = machines->request.at;
    for (size_t i = 0; i < text.len; i++)
        for (int bit = 0; bit < 8; bit++) {
            at[i] = (char)(at[i] ^ 1 << bit);
            assert_int_equal(transfer_request_check(text, noon), FAULT_INVALID);
            assert_not_given(machines, text, fingerprint(text), noon);
            at[i] = (char)(at[i] ^ 1 << bit);
        }
    assert_int_equal(transfer_request_check(text, noon), FAULT_NONE);
}

static void test_every_length_of_a_request(void **state)
{
    struct machines *machines = *state;
    struct str text = request(machines);
    for (size_t len = 0; len < text.len; len++)
        assert_not_given(machines, (struct str){text.at, len}, fingerprint((struct str){text.at, len}), noon);
    buffer_put(&machines->request, STR("\n"));
    assert_not_given(machines, request(machines), fingerprint(request(machines)), noon);
}

static void test_every_changed_byte_of_sealed_keys(void **state)
{
    struct machines *machines = *state;
    give(machines);
    struct str text = sealed(machines);
    char *at = machines->sealed.at;
    for (size_t i = 0; i < text.len; i++)
        for (int bit = 0; bit < 8; bit++) {
            at[i] = (char)(at[i] ^ 1 << bit);
            assert_not_taken(machines, text, FAULT_INVALID);
            at[i] = (char)(at[i] ^ 1 << bit);
        }
    assert_true(exists(machines->asking));
    assert_int_equal(take(machines, text), FAULT_NONE);
}

static void test_every_length_of_sealed_keys(void **state)
{
    struct machines *machines = *state;
    give(machines);
    struct str text = sealed(machines);
    for (size_t len = 0; len < text.len; len++)
        assert_not_taken(machines, (struct str){text.at, len}, FAULT_INVALID);
    size_t whole = text.len;
    buffer_put(&machines->sealed, STR("\n"));
    assert_not_taken(machines, sealed(machines), FAULT_INVALID);
    assert_int_equal(take(machines, (struct str){machines->sealed.at, whole}), FAULT_NONE);
}

/* Somebody who changes a byte can mend the check too: the box itself refuses. */
static void test_a_changed_box_with_a_right_check(void **state)
{
    struct machines *machines = *state;
    give(machines);
    struct str text = sealed(machines);
    size_t check = behind(text, "\ncheck "), body = check - 6;
    size_t first = behind(text, "\nrequest ") + 65;
    for (size_t i = first; i + 1 < body; i += 7) {
        char hex[65];
        char kept = machines->sealed.at[i];
        if (kept == '\n' || kept == '=')
            continue;
        machines->sealed.at[i] = kept == 'A' ? 'Q' : 'A';
        hash_hex((struct str){text.at, body}, hex);
        memcpy(machines->sealed.at + check, hex, 64);
        assert_not_taken(machines, text, FAULT_INVALID);
        machines->sealed.at[i] = kept;
    }
}

static void test_only_the_fingerprint_itself(void **state)
{
    struct machines *machines = *state;
    char digits[TRANSFER_FINGERPRINT_BYTES], typed[TRANSFER_FINGERPRINT_BYTES + 8];
    transfer_fingerprint(request(machines), digits);
    assert_int_equal(strlen(digits), 35);
    assert_int_equal(strspn(digits, "0123456789 "), 35);
    for (size_t i = 0; i < 35; i++) {
        memcpy(typed, digits, sizeof digits);
        typed[i] = digits[i] == '7' ? '8' : '7';
        assert_not_given(machines, request(machines), str_of(typed), noon);
        assert_not_given(machines, request(machines), (struct str){digits, i}, noon);
    }
    (void)snprintf(typed, sizeof typed, "%s1", digits);
    assert_not_given(machines, request(machines), str_of(typed), noon);
    assert_not_given(machines, request(machines), STR(""), noon);
    assert_not_given(machines, request(machines), STR("y"), noon);
    for (size_t i = 0; i < 35; i++) /* dashes and no blanks at all are as good */
        digits[i] = digits[i] == ' ' ? '-' : digits[i];
    buffer_clear(&machines->sealed);
    assert_int_equal(
        transfer_give(machines->vault, request(machines), str_of(digits), noon, &machines->sealed),
        FAULT_NONE);
    fault_clear_note();
    assert_int_equal(transfer_take(machines->asking, machines->new_keys, sealed(machines),
                                   fingerprint(request(machines)), noon),
                     FAULT_INVALID);
    assert_non_null(strstr(fault_last_note(), "not the fingerprint"));
    assert_false(exists(machines->new_keys));
}

static void test_a_request_holds_for_a_day(void **state)
{
    struct machines *machines = *state;
    assert_int_equal(transfer_request_check(request(machines), hours_later(24)), FAULT_NONE);
    assert_not_given(machines, request(machines), fingerprint(request(machines)), hours_later(25));
    assert_non_null(strstr(fault_last_note(), "older than 24 hours"));
    assert_not_given(machines, request(machines), fingerprint(request(machines)), hours_later(-1));
    assert_non_null(strstr(fault_last_note(), "clocks"));
    give(machines);
    fault_clear_note();
    assert_int_equal(transfer_take(machines->asking, machines->new_keys, sealed(machines),
                                   fingerprint(sealed(machines)), hours_later(25)),
                     FAULT_INVALID);
    assert_non_null(strstr(fault_last_note(), "older than 24 hours"));
    assert_false(exists(machines->new_keys));
    assert_true(exists(machines->asking));
}

static void test_an_earlier_request_is_void(void **state)
{
    struct machines *machines = *state;
    give(machines);
    buffer_clear(&machines->request);
    assert_int_equal(transfer_ask(machines->asking, noon, entropy_system(), &machines->request), FAULT_NONE);
    assert_private(machines->asking);
    assert_not_taken(machines, sealed(machines), FAULT_INVALID);
    assert_non_null(strstr(fault_last_note(), "another request"));
    give(machines);
    assert_int_equal(take(machines, sealed(machines)), FAULT_NONE);
}

static void test_files_that_are_something_else(void **state)
{
    struct machines *machines = *state;
    give(machines);
    assert_not_taken(machines, request(machines), FAULT_INVALID);
    assert_non_null(strstr(fault_last_note(), "no sealed keys"));
    struct buffer kept = machines->sealed;
    machines->sealed = buffer_open(TRANSFER_BYTES_MAX);
    assert_not_given(machines, buffer_str(&kept), fingerprint(buffer_str(&kept)), noon);
    assert_non_null(strstr(fault_last_note(), "no request"));
    buffer_close(&kept);
}

/* What stands at `asking` is as private as the keys. */
static void test_a_secret_half_that_is_broken(void **state)
{
    struct machines *machines = *state;
    char text[4096];
    size_t len = read_file(machines->asking, text, sizeof text);
    give(machines);
    assert_int_equal(chmod(machines->asking, 0644), 0);
    assert_not_taken(machines, sealed(machines), FAULT_KEY);
    assert_int_equal(chmod(machines->asking, 0600), 0);
    for (size_t i = 0; i < len; i++) {
        char kept = text[i];
        text[i] = kept == '0' ? '1' : '0';
        write_file(machines->asking, text, len);
        assert_not_taken(machines, sealed(machines), FAULT_KEY);
        text[i] = kept;
        write_file(machines->asking, text, i);
        assert_not_taken(machines, sealed(machines), FAULT_KEY);
    }
    write_file(machines->asking, text, len);
    assert_int_equal(take(machines, sealed(machines)), FAULT_NONE);
}

static void test_keys_that_were_exchanged_under_the_vault(void **state)
{
    struct machines *machines = *state;
    assert_int_equal(unlink(machines->old_keys), 0);
    assert_int_equal(vault_create(machines->old_keys, entropy_system()), FAULT_NONE);
    assert_int_equal(transfer_give(machines->vault, request(machines), fingerprint(request(machines)), noon,
                                   &machines->sealed),
                     FAULT_KEY);
    assert_int_equal(machines->sealed.len, 0);
    assert_non_null(strstr(fault_last_note(), "restart the server"));
}

static void test_a_folder_that_is_not_there(void **state)
{
    struct machines *machines = *state;
    buffer_clear(&machines->request);
    assert_int_equal(transfer_ask("/nonexistent/folder/asking", noon, entropy_system(), &machines->request),
                     FAULT_STORAGE);
    assert_int_equal(machines->request.len, 0);
    assert_int_equal(transfer_forget("/nonexistent/folder/asking"), FAULT_NONE);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_the_second_vault_is_like_the_first),
        CASE(test_all_master_keys_go),
        CASE(test_fingerprints_tell_vaults_apart),
        CASE(test_no_key_is_in_the_clear),
        CASE(test_taken_once),
        CASE(test_an_interrupted_take_is_cleaned),
        CASE(test_every_changed_byte_of_a_request),
        CASE(test_every_length_of_a_request),
        CASE(test_every_changed_byte_of_sealed_keys),
        CASE(test_every_length_of_sealed_keys),
        CASE(test_a_changed_box_with_a_right_check),
        CASE(test_only_the_fingerprint_itself),
        CASE(test_a_request_holds_for_a_day),
        CASE(test_an_earlier_request_is_void),
        CASE(test_files_that_are_something_else),
        CASE(test_a_secret_half_that_is_broken),
        CASE(test_keys_that_were_exchanged_under_the_vault),
        CASE(test_a_folder_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
