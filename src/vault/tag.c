/* Keyed hashes: BLAKE2b under sub-keys of their own, bound to a scheme. */
#include <sodium.h>
#include <string.h>

#include "vault/vault_struct.h"

_Static_assert((int)TAG_BYTES >= (int)crypto_generichash_BYTES_MIN, "as short as BLAKE2b may be");

/* Length and scheme, then the value. */
static void hash(const uint8_t key[KEY_BYTES], const char *scheme, struct bytes value, uint8_t *at,
                 size_t size_bytes)
{
    crypto_generichash_state state;
    size_t len = strlen(scheme);
    must(len <= UINT32_MAX);
    const uint8_t prefix[4] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len};
    crypto_generichash_init(&state, key, KEY_BYTES, size_bytes);
    crypto_generichash_update(&state, prefix, sizeof prefix);
    crypto_generichash_update(&state, (const uint8_t *)scheme, len);
    if (value.len > 0)
        crypto_generichash_update(&state, value.at, value.len);
    crypto_generichash_final(&state, at, size_bytes);
    sodium_memzero(&state, sizeof state);
}

struct tag vault_tag(struct vault *vault, const char *scheme, struct bytes value)
{
    struct tag tag;
    hash(vault->tag, scheme, value, tag.byte, sizeof tag.byte);
    return tag;
}

void vault_derive(struct vault *vault, const char *scheme, struct bytes value, uint8_t *at, size_t size_bytes)
{
    uint8_t all[crypto_generichash_BYTES_MAX];
    must(size_bytes <= sizeof all);
    hash(vault->derive, scheme, value, all, sizeof all);
    memcpy(at, all, size_bytes);
    sodium_memzero(all, sizeof all);
}

void vault_fingerprint(struct vault *vault, struct tag *ret_tag)
{
    vault_derive(vault, "vault fingerprint", (struct bytes){NULL, 0}, ret_tag->byte, sizeof ret_tag->byte);
}
