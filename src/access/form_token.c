#include "access/inside.h"

#include <sodium.h>

/* mask ‖ (mask XOR key of this session's forms): masked anew each time, so that a compressed page leaks
 * nothing (BREACH).
 *
 * Before sign-in there is no session.  The token then is of this vault and hour, valid in the next hour too:
 * it stops a form made elsewhere and forgotten, while Origin and Sec-Fetch-Site stop one that was fetched
 * from here. */
enum { HALF_BYTES = 16, TOKEN_BYTES = 2 * HALF_BYTES, COOKIE_BYTES_MAX = 64 };

static const int64_t hour_us = INT64_C(3600) * 1000000;

static void key_of_hour(struct access *access, int64_t hour, uint8_t key[HALF_BYTES])
{
    uint8_t value[8];
    for (int i = 0; i < 8; i++)
        value[i] = (uint8_t)((uint64_t)hour >> (56 - 8 * i));
    vault_derive(access->vault, "form before sign-in", (struct bytes){value, sizeof value}, key, HALF_BYTES);
}

/* A cookie that cannot be ours counts as none. */
static bool is_cookie(struct str cookie)
{
    return cookie.len > 0 && cookie.len <= COOKIE_BYTES_MAX;
}

static void key_of(struct access *access, struct str cookie, int64_t hours_ago, uint8_t key[HALF_BYTES])
{
    if (is_cookie(cookie))
        vault_derive(access->vault, "form", bytes_of(cookie), key, HALF_BYTES);
    else
        key_of_hour(access, access_now(access).us / hour_us - hours_ago, key);
}

enum fault access_form_token(struct access *access, struct str cookie, struct arena *arena,
                             struct str *ret_token)
{
    uint8_t token[TOKEN_BYTES];
    char *text = arena_take(arena, 2 * TOKEN_BYTES + 1);
    if (text == NULL)
        return FAULT_MEMORY;
    access->entropy.fill(access->entropy.context, token, HALF_BYTES);
    key_of(access, cookie, 0, token + HALF_BYTES);
    for (size_t i = 0; i < HALF_BYTES; i++)
        token[HALF_BYTES + i] ^= token[i];
    (void)sodium_bin2hex(text, 2 * TOKEN_BYTES + 1, token, sizeof token);
    *ret_token = (struct str){text, 2 * TOKEN_BYTES};
    return FAULT_NONE;
}

static bool is_of_key(const uint8_t token[TOKEN_BYTES], const uint8_t key[HALF_BYTES])
{
    uint8_t unmasked[HALF_BYTES];
    for (size_t i = 0; i < HALF_BYTES; i++)
        unmasked[i] = token[i] ^ token[HALF_BYTES + i];
    return sodium_memcmp(unmasked, key, HALF_BYTES) == 0;
}

bool access_form_token_valid(struct access *access, struct str cookie, struct str token)
{
    uint8_t decoded[TOKEN_BYTES];
    uint8_t key[HALF_BYTES];
    size_t decoded_len = 0;
    if (token.len != 2 * TOKEN_BYTES)
        return false;
    if (sodium_hex2bin(decoded, sizeof decoded, token.at, token.len, NULL, &decoded_len, NULL) != 0 ||
        decoded_len != sizeof decoded)
        return false;
    key_of(access, cookie, 0, key);
    if (is_of_key(decoded, key))
        return true;
    key_of(access, cookie, 1, key);
    return is_of_key(decoded, key);
}
