#include "vault/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/str.h"

static const char magic_line[] = "ContactPoint keys\n";
static const char version_line[] = "version 1\n";

enum fault keys_memory(size_t size_bytes, void **ret_memory)
{
    if (sodium_init() < 0)
        return fault_note(FAULT_SYSTEM, "libsodium did not start");
    void *memory = sodium_malloc(size_bytes);
    if (memory == NULL)
        return FAULT_MEMORY;
    /* sodium_malloc goes on where locking failed, and then a key could reach the swap */
    if (sodium_mlock(memory, size_bytes) != 0) {
        sodium_free(memory);
        return fault_note(FAULT_MEMORY,
                          "keys cannot be locked in memory: raise the limit on locked memory (LimitMEMLOCK)");
    }
    memset(memory, 0, size_bytes);
    *ret_memory = memory;
    return FAULT_NONE;
}

/* Takes `expected` from the front of *text. */
static bool take(struct str *text, struct str expected)
{
    if (!str_starts(*text, expected))
        return false;
    text->at += expected.len;
    text->len -= expected.len;
    return true;
}

/* 64 hexadecimal digits and a newline. */
static bool take_key(struct str *text, uint8_t ret_key[KEY_BYTES])
{
    size_t len = 0;
    if (text->len < (size_t)2 * KEY_BYTES ||
        sodium_hex2bin(ret_key, KEY_BYTES, text->at, (size_t)2 * KEY_BYTES, NULL, &len, NULL) != 0 ||
        len != KEY_BYTES)
        return false;
    text->at += 2 * KEY_BYTES;
    text->len -= 2 * KEY_BYTES;
    return take(text, STR("\n"));
}

static bool take_number(struct str *text, uint32_t *ret_number)
{
    const char *space = memchr(text->at, ' ', text->len);
    int64_t number = 0;
    if (space == NULL ||
        !str_to_int((struct str){text->at, (size_t)(space - text->at)}, 1, UINT32_MAX, &number))
        return false;
    text->len -= (size_t)(space - text->at) + 1;
    text->at = space + 1;
    *ret_number = (uint32_t)number;
    return true;
}

enum fault keys_parse(struct str text, struct key_file *keys)
{
    const char *start = text.at;
    uint8_t check[KEY_BYTES];
    uint8_t expected[KEY_BYTES];
    if (!take(&text, STR(magic_line)))
        return fault_note(FAULT_KEY,
                          "this is not a key file: give the right path, or restore it from its backup");
    if (!take(&text, STR(version_line)))
        return fault_note(FAULT_KEY, "the key file is of another version: run the program that made it");
    if (!take(&text, STR("hash ")) || !take_key(&text, keys->hash))
        goto broken;
    while (keys->count < MASTERS_MAX && take(&text, STR("master "))) {
        if (!take_number(&text, &keys->number[keys->count]) || !take_key(&text, keys->master[keys->count]))
            goto broken;
        if (keys->count > 0 && keys->number[keys->count] <= keys->number[keys->count - 1])
            goto broken;
        keys->count++;
    }
    crypto_generichash(expected, sizeof expected, (const uint8_t *)start, (size_t)(text.at - start), NULL, 0);
    if (keys->count == 0 || !take(&text, STR("check ")) || !take_key(&text, check) || text.len != 0 ||
        sodium_memcmp(check, expected, sizeof check) != 0)
        goto broken;
    return FAULT_NONE;
broken:
    sodium_memzero(keys, sizeof *keys);
    return fault_note(FAULT_KEY, "the key file is cut short or was changed: restore it from its backup");
}

/* Reads at most room bytes; one byte more than a key file may have tells that it is too long. */
static enum fault read_all(int fd, char *at, size_t room, size_t *ret_len)
{
    size_t len = 0;
    while (len < room) {
        ssize_t got = read(fd, at + len, room - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fault_note(FAULT_KEY,
                              "the key file cannot be read: check the disk, or restore it from its backup");
        if (got == 0)
            break;
        len += (size_t)got;
    }
    *ret_len = len;
    return FAULT_NONE;
}

static enum fault check_mode(int fd)
{
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return fault_note(FAULT_KEY, "the key file is not a plain file");
    if (status.st_uid != geteuid() && status.st_uid != 0)
        return fault_note(FAULT_KEY,
                          "the key file belongs to somebody else: give it to the user that runs the service");
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return fault_note(FAULT_KEY,
                          "the key file can be read by others: chmod 600, and consider its keys known");
    return FAULT_NONE;
}

enum fault keys_read_text(const char *path, char *at, size_t *ret_len)
{
    enum fault fault = FAULT_NONE;
    size_t len = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return fault_note(FAULT_ABSENT,
                          "there is no key file: restore it, or run contactpoint init for a new house");
    if (fd < 0)
        return fault_note(FAULT_KEY, "the key file cannot be opened: check who owns it and its folder");
    TRY(check_mode(fd));
    TRY(read_all(fd, at, KEY_TEXT_BYTES, &len));
    if (len > KEY_FILE_BYTES_MAX)
        TRY(fault_note(FAULT_KEY, "the key file is too long: restore it from its backup"));
    *ret_len = len;
done:
    close(fd);
    return fault;
}

enum fault keys_read(const char *path, struct key_file *keys)
{
    enum fault fault = FAULT_NONE;
    void *memory = NULL;
    size_t len = 0;
    TRY(keys_memory(KEY_TEXT_BYTES, &memory));
    TRY(keys_read_text(path, memory, &len));
    TRY(keys_parse((struct str){memory, len}, keys));
done:
    sodium_free(memory);
    return fault;
}

/* Appends a line of a name and a key; how long the text is then. */
static size_t put_key(char *at, size_t len, const char *name, const uint8_t key[KEY_BYTES])
{
    char hex[2 * KEY_BYTES + 1];
    sodium_bin2hex(hex, sizeof hex, key, KEY_BYTES);
    int more = snprintf(at + len, KEY_FILE_BYTES_MAX - len, "%s %s\n", name, hex);
    must(more > 0 && (size_t)more < KEY_FILE_BYTES_MAX - len);
    sodium_memzero(hex, sizeof hex);
    return len + (size_t)more;
}

size_t keys_write_text(const struct key_file *keys, char *at)
{
    char name[32];
    uint8_t check[KEY_BYTES];
    int head = snprintf(at, KEY_FILE_BYTES_MAX, "%s%s", magic_line, version_line);
    must(head > 0);
    size_t len = put_key(at, (size_t)head, "hash", keys->hash);
    for (uint32_t i = 0; i < keys->count; i++) {
        must(snprintf(name, sizeof name, "master %" PRIu32, keys->number[i]) > 0);
        len = put_key(at, len, name, keys->master[i]);
    }
    crypto_generichash(check, sizeof check, (const uint8_t *)at, len, NULL, 0);
    return put_key(at, len, "check", check);
}

static bool write_all(int fd, const char *at, size_t len)
{
    while (len > 0) {
        ssize_t wrote = write(fd, at, len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        at += wrote;
        len -= (size_t)wrote;
    }
    return true;
}

bool keys_sync_folder(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int len = slash == NULL   ? snprintf(folder, sizeof folder, ".")
              : slash == path ? snprintf(folder, sizeof folder, "/")
                              : snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
    if (len < 0 || (size_t)len >= sizeof folder)
        return false;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool synced = fsync(fd) == 0;
    close(fd);
    return synced;
}

enum fault keys_put_text(const char *path, struct str text)
{
    enum fault fault = FAULT_NONE;
    char temporary[PATH_MAX];
    int len = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    if (len < 0 || (size_t)len >= sizeof temporary)
        return fault_note(FAULT_STORAGE, "the path of the key file is too long");
    int fd = mkostemp(temporary, O_CLOEXEC); /* made 0600 */
    if (fd < 0)
        return fault_note(FAULT_STORAGE,
                          "the key file cannot be made: check that its folder exists and is writable");
    if (!write_all(fd, text.at, text.len) || fsync(fd) != 0)
        TRY(fault_note(FAULT_STORAGE, "the key file cannot be written: check the room on its disk"));
    /* link, unlike rename, refuses a name that is taken */
    if (link(temporary, path) != 0)
        TRY(errno == EEXIST
                ? fault_note(FAULT_DUPLICATE, "there is a key file already: it is not overwritten")
                : fault_note(FAULT_STORAGE, "the key file cannot be put in its place"));
    if (!keys_sync_folder(path))
        TRY(fault_note(FAULT_STORAGE, "the folder of the key file cannot be synced"));
done:
    unlink(temporary);
    close(fd);
    return fault;
}

static bool path_of_next(const char *path, char at[PATH_MAX])
{
    int len = snprintf(at, PATH_MAX, "%s.next", path);
    return len > 0 && len < PATH_MAX;
}

void keys_sweep(const char *path)
{
    char next[PATH_MAX];
    if (path_of_next(path, next))
        (void)unlink(next);
}

enum fault keys_replace_text(const char *path, struct str text)
{
    enum fault fault = FAULT_NONE;
    char next[PATH_MAX];
    if (!path_of_next(path, next))
        return fault_note(FAULT_STORAGE, "the path of the key file is too long");
    (void)unlink(next);
    int fd = open(next, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fault_note(
            FAULT_STORAGE,
            "the key file cannot be changed: check that its folder is writable for the service");
    if (!write_all(fd, text.at, text.len) || fsync(fd) != 0)
        TRY(fault_note(FAULT_STORAGE, "the key file cannot be written: check the room on its disk"));
    if (rename(next, path) != 0 || !keys_sync_folder(path))
        TRY(fault_note(FAULT_STORAGE, "the key file cannot be put in its place"));
done:
    if (fault != FAULT_NONE)
        (void)unlink(next);
    (void)close(fd);
    return fault;
}

enum fault keys_create(const char *path, struct entropy entropy)
{
    enum fault fault = FAULT_NONE;
    void *text = NULL, *memory = NULL;
    TRY(keys_memory(KEY_TEXT_BYTES, &text));
    TRY(keys_memory(sizeof(struct key_file), &memory));
    struct key_file *keys = memory;
    keys->count = 1;
    keys->number[0] = 1;
    uint8_t drawn[2][KEY_BYTES];
    entropy.fill(entropy.context, drawn, sizeof drawn);
    memcpy(keys->hash, drawn[0], KEY_BYTES);
    memcpy(keys->master[0], drawn[1], KEY_BYTES);
    sodium_memzero(drawn, sizeof drawn);
    TRY(keys_put_text(path, (struct str){text, keys_write_text(keys, text)}));
done:
    sodium_free(memory);
    sodium_free(text);
    return fault;
}
