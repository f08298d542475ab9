/* The secret halves of a transfer: drawing and keeping them, sealing and opening. */
#include "vault/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault/asking.h"
#include "vault/keys.h"
#include "vault/transfer_text.h"

static const char asking_head[] = "ContactPoint keys are asked for\n";
static const char inner_head[] = TRANSFER_INNER_HEAD;
static const char version_line[] = TRANSFER_VERSION_LINE;

enum { CLEAR_BYTES_MAX = BOX_CLEAR_BYTES_MAX };

_Static_assert((int)CLEAR_BYTES_MAX == (int)INNER_BYTES + (int)KEY_FILE_BYTES_MAX, "a key file fits");
_Static_assert((int)HASH_BYTES == (int)crypto_box_PUBLICKEYBYTES, "one form for hashes and keys");
_Static_assert((int)HASH_BYTES == (int)crypto_box_SECRETKEYBYTES, "one form for hashes and keys");

/* What stands in the file that keeps the secret half; in locked memory. */
struct asked {
    struct transfer_request request;
    uint8_t secret[HASH_BYTES];
};

enum fault transfer_request_check(struct str request, struct instant now)
{
    struct transfer_request read;
    enum fault fault;
    TRY(transfer_request_read(request, &read));
    TRY(transfer_request_age(&read, now));
done:
    return fault;
}

/* Writes head, the two values and check at `at`, which has KEY_TEXT_BYTES of locked memory. */
static size_t write_asking(char *at, const struct asked *asking)
{
    uint8_t check[HASH_BYTES];
    char hex[HEX_BYTES + 1];
    (void)sodium_bin2hex(hex, sizeof hex, asking->secret, HASH_BYTES);
    int body = snprintf(at, KEY_TEXT_BYTES, "%s%smade %" PRId64 "\nsecret %s\n", asking_head, version_line,
                        asking->request.made_s, hex);
    must(body > 0 && body < KEY_TEXT_BYTES / 2);
    size_t len = (size_t)body;
    transfer_text_hash((struct str){at, len}, check);
    (void)sodium_bin2hex(hex, sizeof hex, check, sizeof check);
    int tail = snprintf(at + len, KEY_TEXT_BYTES - len, "check %s\n", hex);
    must(tail > 0);
    sodium_memzero(hex, sizeof hex);
    return len + (size_t)tail;
}

static bool parse_asking(struct str text, struct asked *asking)
{
    uint8_t check[HASH_BYTES], expected[HASH_BYTES];
    struct str rest = text;
    if (!transfer_text_take(&rest, STR(asking_head)) || !transfer_text_take(&rest, STR(version_line)) ||
        !transfer_text_take_seconds(&rest, STR("made "), &asking->request.made_s) ||
        !transfer_text_take_hash(&rest, STR("secret "), asking->secret))
        return false;
    transfer_text_hash((struct str){text.at, text.len - rest.len}, expected);
    return transfer_text_take_hash(&rest, STR("check "), check) && rest.len == 0 &&
           sodium_memcmp(check, expected, sizeof check) == 0 &&
           crypto_scalarmult_base(asking->request.public, asking->secret) == 0;
}

static enum fault read_asking(const char *path, struct asked *asking)
{
    enum fault fault = FAULT_NONE;
    void *memory = NULL;
    size_t len = 0;
    TRY(keys_memory(KEY_TEXT_BYTES, &memory));
    fault = keys_read_text(path, memory, &len);
    if (fault == FAULT_ABSENT)
        TRY(fault_note(FAULT_ABSENT,
                       "this state folder waits for no keys: contactpoint vault ask makes it ask "
                       "for them"));
    if (fault != FAULT_NONE || !parse_asking((struct str){memory, len}, asking))
        TRY(fault_note(FAULT_KEY,
                       "what this state folder kept of its request was changed, or others can read "
                       "it: begin again with contactpoint vault ask"));
done:
    sodium_free(memory);
    return fault;
}

/* Zeros over its bytes first: not every disk writes in place, so the name goes whatever becomes of that. */
enum fault transfer_forget(const char *asking)
{
    static const uint8_t zeros[KEY_FILE_BYTES_MAX];
    struct stat status;
    int fd = open(asking, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd >= 0) {
        if (fstat(fd, &status) == 0 && status.st_size > 0 && status.st_size <= KEY_FILE_BYTES_MAX)
            (void)!pwrite(fd, zeros, (size_t)status.st_size, 0);
        (void)fsync(fd);
        (void)close(fd);
    }
    if (unlink(asking) != 0)
        return errno == ENOENT
                   ? FAULT_NONE
                   : fault_note(FAULT_STORAGE, "the secret half of the request cannot be removed: "
                                               "remove vault.asking from the state folder");
    return keys_sync_folder(asking)
               ? FAULT_NONE
               : fault_note(FAULT_STORAGE, "the state folder cannot be synced: check its disk");
}

enum fault transfer_ask(const char *asking, struct instant now, struct entropy entropy,
                        struct buffer *request)
{
    enum fault fault = FAULT_NONE;
    void *memory = NULL;
    void *text = NULL;
    uint8_t seed[crypto_box_SEEDBYTES];
    TRY(keys_memory(sizeof(struct asked), &memory));
    TRY(keys_memory(KEY_TEXT_BYTES, &text));
    struct asked *drawn = memory;
    entropy.fill(entropy.context, seed, sizeof seed);
    drawn->request.made_s = now.us / 1000000;
    (void)crypto_box_seed_keypair(drawn->request.public, drawn->secret, seed);
    sodium_memzero(seed, sizeof seed);
    TRY(transfer_forget(asking));
    TRY(keys_put_text(asking, (struct str){text, write_asking(text, drawn)}));
    transfer_request_put(request, &drawn->request);
    TRY(buffer_fault(request));
done:
    sodium_free(text);
    sodium_free(memory);
    return fault;
}

/* The keeper seals: no key file is read here. */
static enum fault seal(struct vault *vault, const struct transfer_request *request, struct buffer *sealed)
{
    enum fault fault;
    uint8_t box[crypto_box_SEALBYTES + CLEAR_BYTES_MAX], name[HASH_BYTES];
    size_t len = 0;
    TRY(transfer_request_name(request, name));
    TRY(vault_give(vault, request->public, name, box, sizeof box, &len));
    transfer_sealed_put(sealed, name, (struct bytes){box, len});
    TRY(buffer_fault(sealed));
done:
    return fault;
}

enum fault transfer_give(struct vault *vault, struct str request, struct str typed, struct instant now,
                         struct buffer *sealed)
{
    struct transfer_request read;
    enum fault fault;
    TRY(transfer_request_read(request, &read));
    TRY(transfer_request_age(&read, now));
    TRY(transfer_typed_check(request, typed));
    TRY(seal(vault, &read, sealed));
done:
    return fault;
}

/* Opens the box into `clear`, which has CLEAR_BYTES_MAX of locked memory; *ret_keys lies in it. */
static enum fault open_box(const struct asked *asking, struct str sealed, char *clear, struct str *ret_keys)
{
    uint8_t box[BOX_BYTES_MAX], name[HASH_BYTES], answered[HASH_BYTES], inner[HASH_BYTES];
    size_t len = 0;
    enum fault fault;
    TRY(transfer_sealed_read(sealed, answered, box, &len));
    TRY(transfer_request_name(&asking->request, name));
    if (memcmp(name, answered, sizeof name) != 0)
        TRY(fault_note(FAULT_INVALID,
                       "these keys are sealed for another request: give the answer to the last "
                       "request of this state folder"));
    if (len < crypto_box_SEALBYTES + INNER_BYTES || len > crypto_box_SEALBYTES + CLEAR_BYTES_MAX ||
        crypto_box_seal_open((uint8_t *)clear, box, len, asking->request.public, asking->secret) != 0)
        TRY(transfer_sealed_broken());
    struct str rest = {clear, len - crypto_box_SEALBYTES};
    if (!transfer_text_take(&rest, STR(inner_head)) || !transfer_text_take(&rest, STR(version_line)) ||
        !transfer_text_take_hash(&rest, STR("request "), inner) || memcmp(name, inner, sizeof name) != 0)
        TRY(transfer_sealed_broken());
    *ret_keys = rest;
done:
    return fault;
}

/* Everything but what anybody types.  `clear` has CLEAR_BYTES_MAX of locked memory. */
static enum fault unseal(const char *path, struct str sealed, struct instant now, char *clear,
                         struct str *ret_keys)
{
    enum fault fault = FAULT_NONE;
    void *asking = NULL;
    void *keys = NULL;
    TRY(keys_memory(sizeof(struct asked), &asking));
    TRY(keys_memory(sizeof(struct key_file), &keys));
    TRY(read_asking(path, asking));
    TRY(open_box(asking, sealed, clear, ret_keys));
    TRY(transfer_request_age(&((const struct asked *)asking)->request, now));
    if (keys_parse(*ret_keys, keys) != FAULT_NONE)
        TRY(fault_note(FAULT_INVALID, "what was sealed is no key file that this program knows: use the same "
                                      "program on both machines"));
done:
    sodium_free(keys);
    sodium_free(asking);
    return fault;
}

/* Where the keys are in place, an interrupted take may have left the secret half. */
static enum fault check_place(const char *asking, const char *key_path)
{
    enum fault fault;
    if (access(key_path, F_OK) != 0)
        return FAULT_NONE;
    TRY(transfer_forget(asking));
    fault = fault_note(FAULT_DUPLICATE, "this state folder has its keys already: it stays as it is");
done:
    return fault;
}

enum fault transfer_check(const char *asking, const char *key_path, struct str sealed, struct instant now)
{
    enum fault fault;
    void *clear = NULL;
    struct str keys;
    TRY(check_place(asking, key_path));
    TRY(keys_memory(CLEAR_BYTES_MAX, &clear));
    TRY(unseal(asking, sealed, now, clear, &keys));
done:
    sodium_free(clear);
    return fault;
}

enum fault transfer_take(const char *asking, const char *key_path, struct str sealed, struct str typed,
                         struct instant now)
{
    enum fault fault;
    void *clear = NULL;
    struct str keys;
    TRY(check_place(asking, key_path));
    TRY(keys_memory(CLEAR_BYTES_MAX, &clear));
    TRY(unseal(asking, sealed, now, clear, &keys));
    TRY(transfer_typed_check(sealed, typed));
    TRY(keys_put_text(key_path, keys));
    TRY(transfer_forget(asking));
done:
    sodium_free(clear);
    return fault;
}
