/* The two files of a transfer as text, and their fingerprints.  No secrets here. */
#include "vault/transfer_text.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

#include "vault/transfer.h"

static const char request_head[] = "-----BEGIN CONTACTPOINT KEY REQUEST-----\n";
static const char request_tail[] = "-----END CONTACTPOINT KEY REQUEST-----\n";
static const char sealed_head[] = "-----BEGIN CONTACTPOINT SEALED KEYS-----\n";
static const char sealed_tail[] = "-----END CONTACTPOINT SEALED KEYS-----\n";
static const char version_line[] = TRANSFER_VERSION_LINE;

size_t transfer_inner_put(const uint8_t request[HASH_BYTES], char *at)
{
    char hex[HEX_BYTES + 1];
    (void)sodium_bin2hex(hex, sizeof hex, request, HASH_BYTES);
    must(snprintf(at, INNER_BYTES + 1, "%s%srequest %s\n", TRANSFER_INNER_HEAD, version_line, hex) ==
         INNER_BYTES);
    return INNER_BYTES;
}

enum {
    LINE_BYTES = 64, /* of base64 */
    LINE_CLEAR_BYTES = LINE_BYTES / 4 * 3,
    CHECK_LINE_BYTES = sizeof "check " - 1 + HEX_BYTES + 1,
    GROUPS = 6,
    GROUP_BYTES = 5, /* 40 bits for five digits */
    GROUP_DIGITS = 5,
    AHEAD_S_MAX = 600, /* by how much two machines' clocks may differ */
};

_Static_assert((int)TRANSFER_FINGERPRINT_BYTES == GROUPS * (GROUP_DIGITS + 1), "blanks between, NUL behind");

void transfer_text_hash(struct str text, uint8_t ret_hash[HASH_BYTES])
{
    (void)crypto_generichash(ret_hash, HASH_BYTES, (const uint8_t *)text.at, text.len, NULL, 0);
}

bool transfer_text_take(struct str *text, struct str expected)
{
    if (!str_starts(*text, expected))
        return false;
    *text = (struct str){text->at + expected.len, text->len - expected.len};
    return true;
}

/* `name`, a blank, 64 hexadecimal digits, a newline. */
bool transfer_text_take_hash(struct str *text, struct str name, uint8_t ret_hash[HASH_BYTES])
{
    size_t len = 0;
    if (!transfer_text_take(text, name) || text->len < HEX_BYTES ||
        sodium_hex2bin(ret_hash, HASH_BYTES, text->at, HEX_BYTES, NULL, &len, NULL) != 0 || len != HASH_BYTES)
        return false;
    *text = (struct str){text->at + HEX_BYTES, text->len - HEX_BYTES};
    return transfer_text_take(text, STR("\n"));
}

bool transfer_text_take_seconds(struct str *text, struct str name, int64_t *ret_seconds)
{
    const char *end;
    if (!transfer_text_take(text, name) || (end = memchr(text->at, '\n', text->len)) == NULL)
        return false;
    const struct str digits = {text->at, (size_t)(end - text->at)};
    *text = (struct str){end + 1, text->len - digits.len - 1};
    return str_to_int(digits, 0, INT64_MAX / 1000000, ret_seconds);
}

static void put_hash(struct buffer *buffer, struct str name, const uint8_t hash[HASH_BYTES])
{
    buffer_put(buffer, name);
    buffer_put_hex(buffer, (struct bytes){hash, HASH_BYTES});
    buffer_put(buffer, STR("\n"));
}

/* The check over all that the buffer holds from `start` on. */
static void put_check(struct buffer *buffer, size_t start)
{
    uint8_t check[HASH_BYTES];
    if (buffer_fault(buffer) != FAULT_NONE)
        return;
    transfer_text_hash((struct str){buffer->at + start, buffer->len - start}, check);
    put_hash(buffer, STR("check "), check);
}

void transfer_request_put(struct buffer *buffer, const struct transfer_request *request)
{
    size_t start = buffer->len;
    buffer_put(buffer, STR(request_head));
    buffer_put(buffer, STR(version_line));
    buffer_put(buffer, STR("made "));
    buffer_put_int(buffer, request->made_s);
    buffer_put(buffer, STR("\n"));
    put_hash(buffer, STR("public "), request->public);
    put_check(buffer, start);
    buffer_put(buffer, STR(request_tail));
}

/* The hash of its text names a request. */
enum fault transfer_request_name(const struct transfer_request *request, uint8_t ret_hash[HASH_BYTES])
{
    struct buffer text = buffer_open(TRANSFER_BYTES_MAX);
    enum fault fault;
    transfer_request_put(&text, request);
    TRY(buffer_fault(&text));
    transfer_text_hash(buffer_str(&text), ret_hash);
done:
    buffer_close(&text);
    return fault;
}

enum fault transfer_request_broken(void)
{
    return fault_note(FAULT_INVALID, "the request is cut short or was changed: have it sent again");
}

/* There is one way to write a request: what is read is written again and compared. */
enum fault transfer_request_read(struct str text, struct transfer_request *ret_request)
{
    struct buffer again = buffer_open(TRANSFER_BYTES_MAX);
    struct transfer_request request;
    struct str rest = text;
    enum fault fault;
    if (!transfer_text_take(&rest, STR(request_head)))
        TRY(fault_note(FAULT_INVALID,
                       "this is no request for keys: give the file that contactpoint vault ask "
                       "made on the other machine"));
    if (!transfer_text_take(&rest, STR(version_line)))
        TRY(fault_note(FAULT_INVALID, "the request is of another version, or was changed: use the same "
                                      "program on both machines"));
    if (!transfer_text_take_seconds(&rest, STR("made "), &request.made_s) ||
        !transfer_text_take_hash(&rest, STR("public "), request.public))
        TRY(transfer_request_broken());
    transfer_request_put(&again, &request);
    TRY(buffer_fault(&again));
    if (!str_equal(buffer_str(&again), text))
        TRY(transfer_request_broken());
    *ret_request = request;
done:
    buffer_close(&again);
    return fault;
}

enum fault transfer_request_age(const struct transfer_request *request, struct instant now)
{
    int64_t age_s = now.us / 1000000 - request->made_s;
    if (age_s < -AHEAD_S_MAX)
        return fault_note(FAULT_INVALID,
                          "the request was made in the future: set the clocks of both machines");
    if (age_s > TRANSFER_HOURS_MAX * INT64_C(3600))
        return fault_note(FAULT_INVALID, "the request is older than 24 hours: begin again with contactpoint "
                                         "vault ask on the new machine");
    return FAULT_NONE;
}

void transfer_fingerprint(struct str text, char ret_digits[TRANSFER_FINGERPRINT_BYTES])
{
    uint8_t digest[GROUPS * GROUP_BYTES];
    (void)crypto_generichash(digest, sizeof digest, (const uint8_t *)text.at, text.len, NULL, 0);
    for (size_t group = 0; group < GROUPS; group++) {
        uint64_t number = 0;
        for (size_t i = 0; i < GROUP_BYTES; i++)
            number = number << 8 | digest[group * GROUP_BYTES + i];
        (void)snprintf(ret_digits + group * (GROUP_DIGITS + 1), GROUP_DIGITS + 1, "%05" PRIu64,
                       number % 100000);
        ret_digits[group * (GROUP_DIGITS + 1) + GROUP_DIGITS] = group + 1 < GROUPS ? ' ' : '\0';
    }
}

/* Without the blanks and dashes on both sides. */
enum fault transfer_typed_check(struct str text, struct str typed)
{
    char expected[TRANSFER_FINGERPRINT_BYTES];
    size_t at = 0;
    bool same = true;
    transfer_fingerprint(text, expected);
    for (size_t i = 0; i < typed.len; i++) {
        if (typed.at[i] == ' ' || typed.at[i] == '-')
            continue;
        at += expected[at] == ' ';
        same = same && expected[at] == typed.at[i]; /* the NUL at its end equals nothing that is typed */
        at += expected[at] != '\0';
    }
    if (same && expected[at] == '\0')
        return FAULT_NONE;
    return fault_note(FAULT_INVALID,
                      "this is not the fingerprint of the file: ask for it again; where it still "
                      "differs, the file is not the one that was sent");
}

static void put_base64(struct buffer *buffer, struct bytes bytes)
{
    char line[LINE_BYTES + 1];
    while (bytes.len > 0) {
        size_t len = bytes.len < LINE_CLEAR_BYTES ? bytes.len : LINE_CLEAR_BYTES;
        (void)sodium_bin2base64(line, sizeof line, bytes.at, len, sodium_base64_VARIANT_ORIGINAL);
        buffer_put(buffer, str_of(line));
        buffer_put(buffer, STR("\n"));
        bytes = (struct bytes){bytes.at + len, bytes.len - len};
    }
}

void transfer_sealed_put(struct buffer *buffer, const uint8_t request[HASH_BYTES], struct bytes box)
{
    size_t start = buffer->len;
    buffer_put(buffer, STR(sealed_head));
    buffer_put(buffer, STR(version_line));
    put_hash(buffer, STR("request "), request);
    put_base64(buffer, box);
    put_check(buffer, start);
    buffer_put(buffer, STR(sealed_tail));
}

enum fault transfer_sealed_broken(void)
{
    return fault_note(FAULT_INVALID, "the sealed keys are cut short or were changed: have them sent again");
}

/* The box between head and check; there is one way to write it, as with requests. */
enum fault transfer_sealed_read(struct str text, uint8_t ret_request[HASH_BYTES],
                                uint8_t ret_box[BOX_BYTES_MAX], size_t *ret_len)
{
    static const size_t tail = CHECK_LINE_BYTES + sizeof sealed_tail - 1;
    struct buffer again = buffer_open(TRANSFER_BYTES_MAX);
    struct str rest = text;
    enum fault fault;
    if (!transfer_text_take(&rest, STR(sealed_head)))
        TRY(fault_note(FAULT_INVALID,
                       "these are no sealed keys: give the file that contactpoint vault give made "
                       "on the other machine"));
    if (!transfer_text_take(&rest, STR(version_line)))
        TRY(fault_note(FAULT_INVALID, "the sealed keys are of another version, or were changed: use the same "
                                      "program on both machines"));
    if (!transfer_text_take_hash(&rest, STR("request "), ret_request) || rest.len < tail ||
        sodium_base642bin(ret_box, BOX_BYTES_MAX, rest.at, rest.len - tail, "\n", ret_len, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        TRY(transfer_sealed_broken());
    transfer_sealed_put(&again, ret_request, (struct bytes){ret_box, *ret_len});
    if (buffer_fault(&again) == FAULT_MEMORY)
        TRY(FAULT_MEMORY);
    if (buffer_fault(&again) != FAULT_NONE || !str_equal(buffer_str(&again), text))
        TRY(transfer_sealed_broken());
done:
    buffer_close(&again);
    return fault;
}
