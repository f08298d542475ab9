/* Wrapping of data keys; sealing and opening under them. */
#include <sodium.h>
#include <string.h>

#include "vault/vault_struct.h"

enum {
    FORMAT = 1,
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    MAC_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    WRAP_HEAD_BYTES = 8, /* format, three zeros, number of the master key */
    CLEAR_BYTES_MAX = 64 * 1024,
    CLASS_BYTES_MIN = 64,
    CLASS_BYTES_STEP = 4096,
    NAME_BYTES_MAX = 64, /* of a table, of a column */
    ROW_BYTES_MAX = 128,
    PLACE_BYTES_MAX = 1 + 4 + NAME_BYTES_MAX + 4 + NAME_BYTES_MAX + 4 + ROW_BYTES_MAX + 8,
    PAD_MARK = 0x80,
};

_Static_assert(WRAP_HEAD_BYTES + NONCE_BYTES + KEY_BYTES + MAC_BYTES == WRAPPED_KEY_BYTES, "wrapped key");
_Static_assert(1 + NONCE_BYTES + MAC_BYTES == SEAL_OVERHEAD_BYTES, "overhead");
_Static_assert((int)KEY_BYTES == (int)crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "one size of key");

static void store_u32(uint8_t at[4], uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t load_u32(const uint8_t at[4])
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void wrap(const struct vault *vault, const uint8_t key[KEY_BYTES], struct wrapped_key *ret_key)
{
    uint8_t *at = ret_key->byte;
    memset(at, 0, WRAP_HEAD_BYTES);
    at[0] = FORMAT;
    store_u32(at + 4, vault->number[vault->count - 1]);
    randombytes_buf(at + WRAP_HEAD_BYTES, NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(at + WRAP_HEAD_BYTES + NONCE_BYTES, NULL, key, KEY_BYTES, at,
                                               WRAP_HEAD_BYTES, NULL, at + WRAP_HEAD_BYTES,
                                               vault->wrap[vault->count - 1]);
}

/* The caller wipes ret_key, whatever is answered. */
static enum fault unwrap(const struct vault *vault, const struct wrapped_key *key, uint8_t ret_key[KEY_BYTES])
{
    const uint8_t *at = key->byte;
    uint32_t number = load_u32(at + 4);
    uint32_t i = 0;
    while (i < vault->count && vault->number[i] != number)
        i++;
    if (i == vault->count)
        return fault_note(FAULT_KEY, "a key is wrapped under a master key that the key file does not hold");
    if (at[0] != FORMAT || crypto_aead_xchacha20poly1305_ietf_decrypt(
                               ret_key, NULL, NULL, at + WRAP_HEAD_BYTES + NONCE_BYTES, KEY_BYTES + MAC_BYTES,
                               at, WRAP_HEAD_BYTES, at + WRAP_HEAD_BYTES, vault->wrap[i]) != 0)
        return fault_note(FAULT_KEY, "a wrapped key does not open under its master key");
    return FAULT_NONE;
}

enum fault vault_key_new(struct vault *vault, struct wrapped_key *ret_key)
{
    uint8_t key[KEY_BYTES];
    randombytes_buf(key, sizeof key);
    wrap(vault, key, ret_key);
    sodium_memzero(key, sizeof key);
    return FAULT_NONE;
}

/* Appends a length and bytes. */
static uint8_t *put_part(uint8_t *at, const void *part, size_t len, size_t len_max)
{
    must(len <= len_max);
    store_u32(at, (uint32_t)len);
    if (len > 0)
        memcpy(at + 4, part, len);
    return at + 4 + len;
}

/* The associated data: format, table ‖ column ‖ row with their lengths, version (security.md §6). */
static size_t put_place(uint8_t at[PLACE_BYTES_MAX], const struct seal_place *place)
{
    uint8_t *end = at;
    *end++ = FORMAT;
    end = put_part(end, place->table, strlen(place->table), NAME_BYTES_MAX);
    end = put_part(end, place->column, strlen(place->column), NAME_BYTES_MAX);
    end = put_part(end, place->row.at, place->row.len, ROW_BYTES_MAX);
    store_u32(end, (uint32_t)(place->version >> 32));
    store_u32(end + 4, (uint32_t)place->version);
    return (size_t)(end + 8 - at);
}

/* The least size class with room for len bytes and the mark. */
static size_t class_of(size_t len)
{
    size_t size = CLASS_BYTES_MIN;
    while (size < len + 1 && size < CLASS_BYTES_STEP)
        size *= 2;
    return size >= len + 1 ? size : (len + CLASS_BYTES_STEP) / CLASS_BYTES_STEP * CLASS_BYTES_STEP;
}

size_t vault_sealed_bytes(size_t clear_bytes)
{
    return SEAL_OVERHEAD_BYTES + class_of(clear_bytes);
}

/* The mark and zeros up to `size` (ISO/IEC 7816-4), then room for the authenticator. */
static void put_padding(struct buffer *sealed, size_t count)
{
    static const uint8_t zeros[CLASS_BYTES_STEP + MAC_BYTES];
    buffer_put_u8(sealed, PAD_MARK);
    buffer_put_bytes(sealed, (struct bytes){zeros, count - 1 + MAC_BYTES});
}

enum fault vault_seal(struct vault *vault, const struct wrapped_key *key, const struct seal_place *place,
                      struct bytes clear, struct buffer *sealed)
{
    enum fault fault = FAULT_NONE;
    uint8_t data_key[KEY_BYTES];
    uint8_t associated[PLACE_BYTES_MAX];
    uint8_t head[1 + NONCE_BYTES] = {FORMAT};
    buffer_clear(sealed);
    if (clear.len > CLEAR_BYTES_MAX)
        return FAULT_TOO_LARGE;
    TRY(unwrap(vault, key, data_key));
    randombytes_buf(head + 1, NONCE_BYTES);
    size_t size = class_of(clear.len);
    buffer_put_bytes(sealed, (struct bytes){head, sizeof head});
    buffer_put_bytes(sealed, clear);
    put_padding(sealed, size - clear.len);
    TRY(buffer_fault(sealed));
    uint8_t *text = (uint8_t *)sealed->at + sizeof head;
    crypto_aead_xchacha20poly1305_ietf_encrypt(text, NULL, text, size, associated,
                                               put_place(associated, place), NULL, head + 1, data_key);
done:
    sodium_memzero(data_key, sizeof data_key);
    if (fault != FAULT_NONE) {
        buffer_clear(sealed); /* it may hold clear text */
        sealed->fault = fault;
    }
    return fault;
}

/* Where the mark stands in text that passed its check; false where there is none. */
static bool find_mark(const uint8_t *text, size_t size, size_t *ret_len)
{
    size_t at = size;
    while (at > 0 && text[at - 1] == 0)
        at--;
    if (at == 0 || text[at - 1] != PAD_MARK)
        return false;
    *ret_len = at - 1;
    return true;
}

enum fault vault_unseal(struct vault *vault, const struct wrapped_key *key, const struct seal_place *place,
                        struct bytes sealed, struct buffer *clear)
{
    enum fault fault = FAULT_NONE;
    uint8_t data_key[KEY_BYTES];
    uint8_t associated[PLACE_BYTES_MAX];
    size_t len = 0;
    buffer_clear(clear);
    if (sealed.len < SEAL_OVERHEAD_BYTES + CLASS_BYTES_MIN || sealed.at[0] != FORMAT)
        return FAULT_CORRUPT;
    TRY(unwrap(vault, key, data_key));
    const uint8_t *nonce = sealed.at + 1;
    buffer_put_bytes(clear, (struct bytes){nonce + NONCE_BYTES, sealed.len - 1 - NONCE_BYTES});
    TRY(buffer_fault(clear));
    uint8_t *text = (uint8_t *)clear->at;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(text, NULL, NULL, text, clear->len, associated,
                                                   put_place(associated, place), nonce, data_key) != 0 ||
        !find_mark(text, clear->len - MAC_BYTES, &len))
        TRY(FAULT_CORRUPT);
    clear->len = len; /* what lies behind is padding and the authenticator */
done:
    sodium_memzero(data_key, sizeof data_key);
    if (fault != FAULT_NONE)
        buffer_clear(clear);
    return fault;
}
