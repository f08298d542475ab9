/* Sealing and opening under data keys, which the keeper unwraps. */
#include <sodium.h>
#include <string.h>

#include "vault/asking.h"
#include "vault/purpose_inside.h"
#include "vault/vault_struct.h"

enum {
    FORMAT = 1,
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    MAC_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    CLEAR_BYTES_MAX = 64 * 1024,
    CLASS_BYTES_MIN = 64,
    CLASS_BYTES_STEP = 4096,
    NAME_BYTES_MAX = 64, /* of a table, of a column */
    ROW_BYTES_MAX = 128,
    PLACE_BYTES_MAX = 1 + 4 + NAME_BYTES_MAX + 4 + NAME_BYTES_MAX + 4 + ROW_BYTES_MAX + 8,
    PAD_MARK = 0x80,
};

_Static_assert(1 + NONCE_BYTES + MAC_BYTES == SEAL_OVERHEAD_BYTES, "overhead");
_Static_assert((int)KEY_BYTES == (int)crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "one size of key");
_Static_assert((int)VAULT_AHEAD_MAX <= (int)UNWRAP_MAX && (int)VAULT_BUNDLE_MAX <= (int)UNWRAP_MAX,
               "in one question");

static void store_u32(uint8_t at[4], uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* The caller wipes ret_key, whatever is answered. */
static enum fault ask_key(struct vault *vault, enum purpose purpose, const struct wrapped_key *wrapped,
                          uint8_t ret_key[KEY_BYTES])
{
    struct asking asking;
    struct unwrapped out = {0};
    enum fault fault;
    TRY(asking_open(vault, ASK_UNWRAP, 1, purpose, &asking));
    must(asking_put(&asking, wrapped, sizeof *wrapped));
    TRY(asking_send(&asking));
    must(asking.answer_len == sizeof out);
    memcpy(&out, asking.answer, sizeof out);
    memcpy(ret_key, out.key, KEY_BYTES);
    fault = (enum fault)out.fault;
    if (fault != FAULT_NONE)
        (void)fault_note(fault, asking_note(&asking));
done:
    sodium_memzero(&out, sizeof out);
    asking_close(&asking);
    return fault;
}

static enum fault unwrap(struct vault *vault, enum purpose purpose, const struct wrapped_key *wrapped,
                         uint8_t ret_key[KEY_BYTES])
{
    if (vault_is_lost(vault))
        return vault_lost();
    if (remembered_key(vault->remembered, purpose, wrapped, ret_key))
        return FAULT_NONE;
    enum fault fault = ask_key(vault, purpose, wrapped, ret_key);
    if (fault == FAULT_NONE)
        remember_key(vault->remembered, purpose, wrapped, ret_key);
    return fault;
}

/* Those that are not at hand; `asked` tells which they are. */
static enum fault put_unknown(struct asking *asking, const struct wrapped_key *keys, size_t count,
                              uint16_t asked[VAULT_AHEAD_MAX], uint32_t *ret_count)
{
    uint8_t key[KEY_BYTES];
    uint32_t unknown = 0;
    for (size_t i = 0; i < count; i++)
        if (!remembered_key(asking->vault->remembered, PURPOSE_LINKAGE, &keys[i], key)) {
            must(asking_put(asking, &keys[i], sizeof keys[i]));
            asked[unknown++] = (uint16_t)i;
        }
    sodium_memzero(key, sizeof key);
    asking_count(asking, unknown);
    *ret_count = unknown;
    return unknown == 0 ? FAULT_NONE : asking_send(asking);
}

enum fault vault_counts(struct vault *vault, struct vault_counts *ret_counts)
{
    return asking_short(vault, ASK_COUNTS, 0, ret_counts, sizeof *ret_counts);
}

enum fault vault_unwrap_ahead(struct vault_linkage purpose, const struct wrapped_key *keys, size_t count)
{
    struct vault *vault = purpose.purpose.vault;
    struct asking asking;
    uint16_t asked[VAULT_AHEAD_MAX];
    uint32_t unknown = 0;
    struct unwrapped out = {0};
    enum fault fault;
    must(count <= VAULT_AHEAD_MAX);
    TRY(asking_open(vault, ASK_UNWRAP, 0, PURPOSE_LINKAGE, &asking));
    TRY(put_unknown(&asking, keys, count, asked, &unknown));
    must(unknown == 0 || asking.answer_len == unknown * sizeof out);
    for (uint32_t i = 0; i < unknown; i++) {
        memcpy(&out, asking.answer + i * sizeof out, sizeof out);
        if (out.fault == FAULT_NONE)
            remember_key(vault->remembered, PURPOSE_LINKAGE, &keys[asked[i]], out.key);
    }
done:
    sodium_memzero(&out, sizeof out);
    asking_close(&asking);
    return fault;
}

static enum fault mint(struct vault *vault)
{
    struct asking asking;
    enum fault fault;
    TRY(asking_open(vault, ASK_NEW, MINT_MAX, 0, &asking));
    TRY(asking_send(&asking));
    must(asking.answer_len == MINT_MAX * sizeof *vault->mint);
    memcpy(vault->mint, asking.answer, asking.answer_len);
    vault->minted = MINT_MAX;
done:
    asking_close(&asking);
    return fault;
}

enum fault vault_key_new(struct vault *vault, struct wrapped_key *ret_key)
{
    enum fault fault = FAULT_NONE;
    (void)pthread_mutex_lock(&vault->mint_lock);
    if (vault_is_lost(vault))
        TRY(vault_lost());
    if (vault->minted == 0)
        TRY(mint(vault));
    struct minted *minted = &vault->mint[--vault->minted];
    remember_key(vault->remembered, PURPOSE_SEALING, &minted->wrapped, minted->key);
    *ret_key = minted->wrapped;
    sodium_memzero(minted, sizeof *minted);
done:
    (void)pthread_mutex_unlock(&vault->mint_lock);
    return fault;
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
    TRY(unwrap(vault, PURPOSE_SEALING, key, data_key));
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

/* Opens under a data key. */
static enum fault open_sealed(const uint8_t data_key[KEY_BYTES], const struct seal_place *place,
                              struct bytes sealed, struct buffer *clear)
{
    enum fault fault = FAULT_NONE;
    uint8_t associated[PLACE_BYTES_MAX];
    size_t len = 0;
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
    if (fault != FAULT_NONE)
        buffer_clear(clear);
    return fault;
}

static bool may_be_sealed(struct bytes sealed)
{
    return sealed.len >= SEAL_OVERHEAD_BYTES + CLASS_BYTES_MIN && sealed.at[0] == FORMAT;
}

enum fault vault_unseal(struct vault_purpose purpose, const struct wrapped_key *key,
                        const struct seal_place *place, struct bytes sealed, struct buffer *clear)
{
    enum fault fault;
    uint8_t data_key[KEY_BYTES];
    buffer_clear(clear);
    TRY(purpose_check(&purpose, place->table, place->column));
    if (!may_be_sealed(sealed))
        return FAULT_CORRUPT;
    TRY(unwrap(purpose.vault, purpose.purpose, key, data_key));
    TRY(open_sealed(data_key, place, sealed, clear));
done:
    sodium_memzero(data_key, sizeof data_key);
    return fault;
}

/* Keys in locked memory. */
struct vault_bundle {
    struct vault_purpose purpose;
    size_t count;
    struct unwrapped keys[VAULT_BUNDLE_MAX];
};

enum fault vault_bundle_open(struct vault_linkage purpose, struct vault_bundle **ret_bundle)
{
    void *memory = NULL;
    enum fault fault = keys_memory(sizeof **ret_bundle, &memory);
    if (fault != FAULT_NONE)
        return fault;
    *ret_bundle = memory;
    (*ret_bundle)->purpose = purpose.purpose;
    return FAULT_NONE;
}

void vault_bundle_close(struct vault_bundle *bundle)
{
    sodium_free(bundle);
}

enum fault vault_bundle_fill(struct vault_bundle *bundle, const struct wrapped_key *keys, size_t count)
{
    struct asking asking;
    enum fault fault;
    must(count <= VAULT_BUNDLE_MAX);
    bundle->count = 0;
    sodium_memzero(bundle->keys, sizeof bundle->keys);
    TRY(asking_open(bundle->purpose.vault, ASK_UNWRAP, (uint32_t)count, PURPOSE_LINKAGE, &asking));
    must(asking_put(&asking, keys, count * sizeof *keys));
    TRY(asking_send(&asking));
    must(asking.answer_len == count * sizeof *bundle->keys);
    memcpy(bundle->keys, asking.answer, asking.answer_len);
    bundle->count = count;
done:
    asking_close(&asking);
    return fault;
}

enum fault vault_bundle_unseal(struct vault_bundle *bundle, size_t index, const struct seal_place *place,
                               struct bytes sealed, struct buffer *clear)
{
    must(index < bundle->count);
    const struct unwrapped *key = &bundle->keys[index];
    buffer_clear(clear);
    enum fault fault = purpose_check(&bundle->purpose, place->table, place->column);
    if (fault != FAULT_NONE)
        return fault;
    if (key->fault != FAULT_NONE)
        return (enum fault)key->fault;
    return may_be_sealed(sealed) ? open_sealed(key->key, place, sealed, clear) : FAULT_CORRUPT;
}
