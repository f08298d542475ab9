#include <sodium.h>

#include "access/webauthn_inside.h"

enum { DEPTH_MAX = 4 };

/* RFC 8949 §3: major type and argument; no indefinite lengths. */
static bool take_head(struct reader *reader, uint8_t *ret_major, uint64_t *ret_value)
{
    uint8_t first = reader_take_u8(reader);
    uint8_t info = first & 0x1f;
    *ret_major = first >> 5;
    *ret_value = info;
    if (info == 24)
        *ret_value = reader_take_u8(reader);
    else if (info == 25)
        *ret_value = reader_take_u16(reader);
    else if (info == 26)
        *ret_value = reader_take_u32(reader);
    else if (info == 27)
        *ret_value = reader_take_u64(reader);
    return reader->ok && info < 28;
}

/* Takes what one head announces; `left` counts the items that are still due at each level. */
static bool take_item(struct reader *reader, uint64_t left[DEPTH_MAX + 1], int *depth)
{
    uint8_t major;
    uint64_t value;
    if (!take_head(reader, &major, &value))
        return false;
    switch (major) {
    case 0: /* whole numbers */
    case 1:
    case 7: /* true, false, null, numbers with a point */
        return true;
    case 2: /* bytes, text */
    case 3:
        if (value > reader->rest.len)
            return false;
        (void)reader_take_bytes(reader, (size_t)value);
        return reader->ok;
    case 4: /* lists, maps: each item is a byte at least */
    case 5:
        if (value > reader->rest.len || *depth == DEPTH_MAX)
            return false;
        *depth += 1;
        left[*depth] = major == 5 ? 2 * value : value;
        return true;
    default:
        return false;
    }
}

bool webauthn_cbor_skip(struct reader *reader)
{
    uint64_t left[DEPTH_MAX + 1] = {1};
    for (int depth = 0; depth >= 0;) {
        if (left[depth] == 0) {
            depth -= 1;
            continue;
        }
        left[depth] -= 1;
        if (!take_item(reader, left, &depth))
            return false;
    }
    return reader->ok;
}

/* Passes over one item, which must be a map, and gives its bytes. */
static bool take_map(struct reader *reader, struct bytes *ret_map)
{
    struct bytes before = reader->rest;
    if (before.len == 0 || before.at[0] >> 5 != 5 || !webauthn_cbor_skip(reader))
        return false;
    *ret_map = (struct bytes){before.at, before.len - reader->rest.len};
    return true;
}

/* §6.5.1 */
static enum webauthn_flaw take_attested(struct reader *reader, struct authenticator_data *data)
{
    data->model = reader_take_bytes(reader, WEBAUTHN_MODEL_BYTES);
    size_t len = reader_take_u16(reader);
    data->credential = reader_take_bytes(reader, len);
    if (!reader->ok)
        return FLAW_AUTHENTICATOR_DATA;
    if (len == 0 || len > CREDENTIAL_ID_BYTES_MAX)
        return FLAW_CREDENTIAL_ID;
    return take_map(reader, &data->key) ? FLAW_NONE : FLAW_AUTHENTICATOR_DATA;
}

enum webauthn_flaw webauthn_data_read(struct bytes bytes, bool attested, struct authenticator_data *ret_data)
{
    struct reader reader = reader_of(bytes);
    struct authenticator_data data = {0};
    struct bytes extensions;
    if (bytes.len > AUTHENTICATOR_DATA_BYTES_MAX)
        return FLAW_SIZE;
    data.rp_id_hash = reader_take_bytes(&reader, SHA256_BYTES);
    data.flags = reader_take_u8(&reader);
    data.counter = reader_take_u32(&reader);
    if (!reader.ok || ((data.flags & FLAG_ATTESTED) != 0) != attested)
        return FLAW_AUTHENTICATOR_DATA;
    if (attested) {
        enum webauthn_flaw flaw = take_attested(&reader, &data);
        if (flaw != FLAW_NONE)
            return flaw;
    }
    /* What extensions say is tolerated, and not listened to. */
    if ((data.flags & FLAG_EXTENSIONS) != 0 && !take_map(&reader, &extensions))
        return FLAW_AUTHENTICATOR_DATA;
    if (reader.rest.len != 0)
        return FLAW_AUTHENTICATOR_DATA;
    *ret_data = data;
    return FLAW_NONE;
}

enum webauthn_flaw webauthn_data_check(const struct authenticator_data *data, struct str origin)
{
    uint8_t hash[SHA256_BYTES];
    struct str rp_id = webauthn_rp_id(origin);
    (void)crypto_hash_sha256(hash, (const uint8_t *)rp_id.at, rp_id.len);
    if (rp_id.len == 0 || rp_id.len > RP_ID_BYTES_MAX || data->rp_id_hash.len != sizeof hash ||
        memcmp(hash, data->rp_id_hash.at, sizeof hash) != 0)
        return FLAW_RP_ID;
    if ((data->flags & FLAG_USER_PRESENT) == 0)
        return FLAW_USER_PRESENT;
    if ((data->flags & FLAG_USER_VERIFIED) == 0)
        return FLAW_USER_VERIFIED;
    if ((data->flags & (FLAG_BACKUP_ELIGIBLE | FLAG_BACKED_UP)) != 0)
        return FLAW_BACKUP;
    return FLAW_NONE;
}
