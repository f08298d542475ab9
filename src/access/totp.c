#include "access/totp.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

enum { SHA1_BYTES = 20 };

int64_t totp_step(struct instant at)
{
    if (at.us < 0)
        return 0;
    return at.us / (TOTP_PERIOD_SECONDS * INT64_C(1000000));
}

enum fault totp_value(struct bytes secret, int64_t step, uint32_t *ret_value)
{
    uint8_t moving[8];
    for (int i = 0; i < 8; i++)
        moving[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned digest_bytes = 0;
    /* Both the digest and its state are looked up in memory of their own. */
    if (HMAC(EVP_sha1(), secret.at, (int)secret.len, moving, sizeof moving, digest, &digest_bytes) == NULL)
        return FAULT_MEMORY;
    must(digest_bytes == SHA1_BYTES);
    /* RFC 4226 §5.3: the last nibble says where the 31 bits stand. */
    size_t offset = digest[SHA1_BYTES - 1] & 0x0f;
    uint32_t value = (uint32_t)(digest[offset] & 0x7f) << 24 | (uint32_t)digest[offset + 1] << 16 |
                     (uint32_t)digest[offset + 2] << 8 | (uint32_t)digest[offset + 3];
    OPENSSL_cleanse(digest, sizeof digest);
    *ret_value = value;
    return FAULT_NONE;
}

static enum fault code_of(struct bytes secret, int64_t step, char code[TOTP_DIGITS])
{
    uint32_t value = 0;
    enum fault fault = totp_value(secret, step, &value);
    for (int i = TOTP_DIGITS - 1; i >= 0; i--) {
        code[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return fault;
}

enum fault totp_put_code(struct buffer *buffer, struct bytes secret, int64_t step)
{
    char code[TOTP_DIGITS];
    enum fault fault = code_of(secret, step, code);
    if (fault == FAULT_NONE)
        buffer_put(buffer, (struct str){code, sizeof code});
    return fault;
}

enum fault totp_check_code(struct bytes secret, int64_t step, struct str code, bool *ret_right)
{
    char expected[TOTP_DIGITS];
    char given[TOTP_DIGITS] = {0};
    size_t count = 0;
    enum fault fault = code_of(secret, step, expected);
    if (fault != FAULT_NONE)
        return fault;
    for (size_t i = 0; i < code.len; i++) {
        if (code.at[i] == ' ')
            continue;
        if (count < TOTP_DIGITS)
            given[count] = code.at[i];
        count += 1;
    }
    bool same = bytes_equal_secret((struct bytes){(const uint8_t *)expected, TOTP_DIGITS},
                                   (struct bytes){(const uint8_t *)given, TOTP_DIGITS});
    *ret_right = same && count == TOTP_DIGITS;
    return FAULT_NONE;
}

void base32_put(struct buffer *buffer, struct bytes bytes)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint32_t held = 0;
    int held_bits = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        held = (held << 8 | bytes.at[i]) & 0xfff;
        held_bits += 8;
        while (held_bits >= 5) {
            held_bits -= 5;
            buffer_put_char(buffer, alphabet[held >> held_bits & 31]);
        }
    }
    if (held_bits > 0)
        buffer_put_char(buffer, alphabet[held << (5 - held_bits) & 31]);
}

void totp_put_uri(struct buffer *buffer, struct bytes secret, struct str user_name)
{
    buffer_put(buffer, STR("otpauth://totp/ContactPoint:"));
    buffer_put(buffer, user_name);
    buffer_put(buffer, STR("?secret="));
    base32_put(buffer, secret);
    buffer_put(buffer, STR("&issuer=ContactPoint&algorithm=SHA1&digits=6&period=30"));
}
