#include "vault/ring.h"

#include <sodium.h>
#include <string.h>

/* The purposes of sub-keys: crypto_kdf's numbers and contexts, which never change. */
enum { PURPOSE_WRAP = 1, PURPOSE_TAG = 2, PURPOSE_DERIVE = 3 };
static const char context_master[] = "CPmaster";
static const char context_hash[] = "CPhashes";
static const char context_check[] = "ContactPoint master check";

enum {
    FORMAT = 1,
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    MAC_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    HEAD_BYTES = 8, /* format, three zeros, number of the master key */
};

_Static_assert(sizeof context_master == crypto_kdf_CONTEXTBYTES + 1, "eight characters");
_Static_assert(sizeof context_hash == crypto_kdf_CONTEXTBYTES + 1, "eight characters");
_Static_assert((int)KEY_BYTES == (int)crypto_kdf_KEYBYTES, "one size of key");
_Static_assert((int)KEY_BYTES == (int)crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "one size of key");
_Static_assert(HEAD_BYTES + NONCE_BYTES + KEY_BYTES + MAC_BYTES == WRAPPED_KEY_BYTES, "wrapped key");
_Static_assert((int)TAG_BYTES >= (int)crypto_generichash_BYTES_MIN, "as short as BLAKE2b may be");

void ring_derive(const struct key_file *keys, struct ring *ret_ring)
{
    ret_ring->count = keys->count;
    ret_ring->wrapping = keys->count - 1;
    for (uint32_t i = 0; i < keys->count; i++) {
        ret_ring->number[i] = keys->number[i];
        crypto_kdf_derive_from_key(ret_ring->wrap[i], KEY_BYTES, PURPOSE_WRAP, context_master,
                                   keys->master[i]);
    }
    crypto_kdf_derive_from_key(ret_ring->tag, KEY_BYTES, PURPOSE_TAG, context_hash, keys->hash);
    crypto_kdf_derive_from_key(ret_ring->derive, KEY_BYTES, PURPOSE_DERIVE, context_hash, keys->hash);
}

static bool is_same(const uint8_t wrap[KEY_BYTES], const uint8_t master[KEY_BYTES])
{
    uint8_t key[KEY_BYTES];
    crypto_kdf_derive_from_key(key, KEY_BYTES, PURPOSE_WRAP, context_master, master);
    bool same = sodium_memcmp(key, wrap, KEY_BYTES) == 0;
    sodium_memzero(key, sizeof key);
    return same;
}

bool ring_is_of(const struct ring *ring, const struct key_file *keys)
{
    uint8_t key[KEY_BYTES];
    const uint32_t newest = ring->number[ring->count - 1];
    bool has_newest = false;
    crypto_kdf_derive_from_key(key, KEY_BYTES, PURPOSE_TAG, context_hash, keys->hash);
    bool same = sodium_memcmp(key, ring->tag, KEY_BYTES) == 0;
    sodium_memzero(key, sizeof key);
    for (uint32_t i = 0; same && i < keys->count; i++) {
        uint32_t at = ring_find(ring, keys->number[i]);
        same = at < ring->count ? is_same(ring->wrap[at], keys->master[i]) : keys->number[i] > newest;
        has_newest = has_newest || keys->number[i] == newest;
    }
    return same && has_newest;
}

uint32_t ring_find(const struct ring *ring, uint32_t number)
{
    uint32_t i = 0;
    while (i < ring->count && ring->number[i] != number)
        i++;
    return i;
}

void ring_check(const struct ring *ring, uint32_t at, uint8_t ret_check[VAULT_CHECK_BYTES])
{
    crypto_generichash(ret_check, VAULT_CHECK_BYTES, (const uint8_t *)context_check, sizeof context_check - 1,
                       ring->wrap[at], KEY_BYTES);
}

static void store_u32(uint8_t at[4], uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

uint32_t ring_number_of(const struct wrapped_key *key)
{
    const uint8_t *at = key->byte + 4;
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

void ring_wrap(const struct ring *ring, const uint8_t key[KEY_BYTES], struct wrapped_key *ret_key)
{
    uint8_t *at = ret_key->byte;
    memset(at, 0, HEAD_BYTES);
    at[0] = FORMAT;
    store_u32(at + 4, ring->number[ring->wrapping]);
    randombytes_buf(at + HEAD_BYTES, NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(at + HEAD_BYTES + NONCE_BYTES, NULL, key, KEY_BYTES, at,
                                               HEAD_BYTES, NULL, at + HEAD_BYTES, ring->wrap[ring->wrapping]);
}

enum fault ring_unwrap(const struct ring *ring, const struct wrapped_key *key, uint8_t ret_key[KEY_BYTES])
{
    const uint8_t *at = key->byte;
    uint32_t i = ring_find(ring, ring_number_of(key));
    if (i == ring->count)
        return fault_note(FAULT_KEY, "a key is wrapped under a master key that this key file does not hold: "
                                     "bring it with contactpoint vault ask, give and take");
    if (at[0] != FORMAT || crypto_aead_xchacha20poly1305_ietf_decrypt(
                               ret_key, NULL, NULL, at + HEAD_BYTES + NONCE_BYTES, KEY_BYTES + MAC_BYTES, at,
                               HEAD_BYTES, at + HEAD_BYTES, ring->wrap[i]) != 0)
        return fault_note(FAULT_KEY, "a wrapped key does not open under its master key");
    return FAULT_NONE;
}

void ring_hash(const struct ring *ring, enum ring_hash kind, struct str scheme, struct bytes value,
               uint8_t *at, size_t size_bytes)
{
    crypto_generichash_state state;
    must(scheme.len <= UINT32_MAX);
    uint8_t prefix[4];
    store_u32(prefix, (uint32_t)scheme.len);
    crypto_generichash_init(&state, kind == RING_TAG ? ring->tag : ring->derive, KEY_BYTES, size_bytes);
    crypto_generichash_update(&state, prefix, sizeof prefix);
    crypto_generichash_update(&state, (const uint8_t *)scheme.at, scheme.len);
    if (value.len > 0)
        crypto_generichash_update(&state, value.at, value.len);
    crypto_generichash_final(&state, at, size_bytes);
    sodium_memzero(&state, sizeof state);
}
