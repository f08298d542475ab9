/* Keyed hashes: BLAKE2b under sub-keys of their own, bound to a scheme; the keeper makes them. */
#include <sodium.h>
#include <string.h>

#include "vault/asking.h"
#include "vault/ring.h"
#include "vault/vault_struct.h"

/* Longer values are not asked for twice. */
enum { REMEMBERED_BYTES_MAX = 64 };

static size_t size_of(enum ring_hash kind)
{
    return kind == RING_TAG ? (size_t)TAG_BYTES : (size_t)HASH_BYTES_MAX;
}

/* False where it does not fit any more. */
static bool put(struct asking *asking, enum ring_hash kind, const char *scheme, struct bytes value)
{
    const size_t scheme_len = strlen(scheme);
    const struct hash_head head = {kind, (uint32_t)scheme_len, (uint32_t)value.len};
    must(value.len <= HASHED_BYTES_MAX && scheme_len <= TAG_SCHEME_BYTES_MAX);
    if (sizeof head + scheme_len + value.len > MESSAGE_BYTES_MAX - asking->len)
        return false;
    return asking_put(asking, &head, sizeof head) && asking_put(asking, scheme, scheme_len) &&
           asking_put(asking, value.at, value.len);
}

/* Random bytes, which nothing has, where nobody can be asked. */
static void hash(struct vault *vault, enum ring_hash kind, const char *scheme, struct bytes value,
                 uint8_t *at)
{
    struct asking asking;
    enum fault fault;
    TRY(asking_open(vault, ASK_HASH, 1, 0, &asking));
    must(put(&asking, kind, scheme, value));
    TRY(asking_send(&asking));
    must(asking.answer_len == size_of(kind));
    memcpy(at, asking.answer, asking.answer_len);
done:
    asking_close(&asking);
    if (fault != FAULT_NONE)
        randombytes_buf(at, size_of(kind));
}

static void hash_or_remember(struct vault *vault, enum ring_hash kind, const char *scheme, struct bytes value,
                             uint8_t *at)
{
    if (value.len > REMEMBERED_BYTES_MAX || vault_is_lost(vault)) {
        hash(vault, kind, scheme, value, at);
        return;
    }
    const struct hash_name name = remembered_name(vault->remembered, kind, scheme, value);
    if (remembered_hash(vault->remembered, &name, at, size_of(kind)))
        return;
    hash(vault, kind, scheme, value, at);
    if (!vault_is_lost(vault))
        remember_hash(vault->remembered, &name, at, size_of(kind));
}

struct tag vault_tag(struct vault *vault, const char *scheme, struct bytes value)
{
    struct tag tag;
    hash_or_remember(vault, RING_TAG, scheme, value, tag.byte);
    return tag;
}

/* As many as fit into one question; how many. */
static size_t tag_some(struct vault *vault, struct vault_tagging *taggings, size_t count)
{
    struct asking asking;
    size_t asked = 0;
    enum fault fault;
    TRY(asking_open(vault, ASK_HASH, 0, 0, &asking));
    while (asked < count && put(&asking, RING_TAG, taggings[asked].scheme, taggings[asked].value))
        asked++;
    asking_count(&asking, (uint32_t)asked);
    TRY(asking_send(&asking));
    must(asking.answer_len == asked * TAG_BYTES);
    for (size_t i = 0; i < asked; i++)
        memcpy(taggings[i].tag.byte, asking.answer + i * TAG_BYTES, TAG_BYTES);
done:
    asking_close(&asking);
    if (fault == FAULT_NONE)
        return asked;
    for (size_t i = 0; i < count; i++)
        randombytes_buf(taggings[i].tag.byte, TAG_BYTES);
    return count;
}

void vault_tag_many(struct vault *vault, struct vault_tagging *taggings, size_t count)
{
    for (size_t done = 0; done < count;)
        done += tag_some(vault, taggings + done, count - done);
}

void vault_derive(struct vault *vault, const char *scheme, struct bytes value, uint8_t *at, size_t size_bytes)
{
    uint8_t all[HASH_BYTES_MAX];
    must(size_bytes <= sizeof all);
    hash_or_remember(vault, RING_DERIVE, scheme, value, all);
    memcpy(at, all, size_bytes);
    sodium_memzero(all, sizeof all);
}

void vault_fingerprint(struct vault *vault, struct tag *ret_tag)
{
    vault_derive(vault, "vault fingerprint", (struct bytes){NULL, 0}, ret_tag->byte, sizeof ret_tag->byte);
}
