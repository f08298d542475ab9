#include "vault/remember.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

enum { KEYS = 2048, HASHES = 512, WAYS = 4, NONCE_AT = 8, SWEEP_US = 5 * 1000000 };

static const int64_t lives_us = (int64_t)DATA_KEY_LIVES_S * 1000000;

/* at_us is 0 where the place is free. */
struct key_place {
    int64_t at_us;
    uint32_t purposes; /* bits (1 << PURPOSE_x) */
    struct wrapped_key wrapped;
    uint8_t key[KEY_BYTES];
};

struct hash_place {
    int64_t at_us;
    struct hash_name name;
    uint8_t byte[HASH_BYTES_MAX];
};

/* All in locked memory. */
struct held {
    uint8_t naming[KEY_BYTES]; /* drawn by this process for itself */
    struct key_place keys[KEYS];
    struct hash_place hashes[HASHES];
};

struct remembered {
    pthread_mutex_t lock; /* guards all below */
    struct held *held;
    int64_t swept_us;
};

enum fault remembered_open(struct remembered **ret_remembered)
{
    enum fault fault = FAULT_NONE;
    void *held = NULL;
    struct remembered *remembered = calloc(1, sizeof *remembered);
    if (remembered == NULL)
        return FAULT_MEMORY;
    TRY(keys_memory(sizeof(struct held), &held));
    remembered->held = held;
    randombytes_buf(remembered->held->naming, KEY_BYTES);
    (void)pthread_mutex_init(&remembered->lock, NULL);
    *ret_remembered = remembered;
    remembered = NULL;
done:
    free(remembered);
    return fault;
}

void remembered_close(struct remembered *remembered)
{
    if (remembered == NULL)
        return;
    sodium_free(remembered->held);
    (void)pthread_mutex_destroy(&remembered->lock);
    free(remembered);
}

static void sweep(struct remembered *remembered, int64_t now_us)
{
    if (now_us - remembered->swept_us < SWEEP_US)
        return;
    remembered->swept_us = now_us;
    for (size_t i = 0; i < KEYS; i++) {
        struct key_place *place = &remembered->held->keys[i];
        if (place->at_us != 0 && now_us - place->at_us >= lives_us)
            sodium_memzero(place, sizeof *place);
    }
    for (size_t i = 0; i < HASHES; i++) {
        struct hash_place *place = &remembered->held->hashes[i];
        if (place->at_us != 0 && now_us - place->at_us >= lives_us)
            sodium_memzero(place, sizeof *place);
    }
}

static int64_t enter(struct remembered *remembered)
{
    int64_t now_us = clock_monotonic_us();
    (void)pthread_mutex_lock(&remembered->lock);
    sweep(remembered, now_us);
    return now_us;
}

static void leave(struct remembered *remembered)
{
    (void)pthread_mutex_unlock(&remembered->lock);
}

/* Nonces and names are random: their first bytes spread. */
static size_t set_of(const uint8_t *at, size_t places)
{
    return ((size_t)at[0] << 8 | at[1]) % (places / WAYS) * WAYS;
}

static struct key_place *set_of_key(struct remembered *remembered, const struct wrapped_key *wrapped)
{
    return &remembered->held->keys[set_of(wrapped->byte + NONCE_AT, KEYS)];
}

/* Where the key lies among those of its set; NULL where it does not, or not any more. */
static struct key_place *find_key(struct key_place *set, const struct wrapped_key *wrapped, int64_t now_us)
{
    for (size_t i = 0; i < WAYS; i++)
        if (set[i].at_us != 0 && now_us - set[i].at_us < lives_us &&
            memcmp(&set[i].wrapped, wrapped, sizeof *wrapped) == 0)
            return &set[i];
    return NULL;
}

bool remembered_key(struct remembered *remembered, enum purpose purpose, const struct wrapped_key *wrapped,
                    uint8_t ret_key[KEY_BYTES])
{
    int64_t now_us = enter(remembered);
    const struct key_place *place = find_key(set_of_key(remembered, wrapped), wrapped, now_us);
    bool found = place != NULL && (purpose == PURPOSE_SEALING || (place->purposes >> purpose & 1) != 0);
    if (found)
        memcpy(ret_key, place->key, KEY_BYTES);
    leave(remembered);
    return found;
}

/* For one more purpose it is remembered no longer than for the first. */
void remember_key(struct remembered *remembered, enum purpose purpose, const struct wrapped_key *wrapped,
                  const uint8_t key[KEY_BYTES])
{
    int64_t now_us = enter(remembered);
    struct key_place *set = set_of_key(remembered, wrapped), *place = find_key(set, wrapped, now_us);
    if (place == NULL) {
        place = set;
        for (size_t i = 1; i < WAYS; i++)
            if (set[i].at_us < place->at_us)
                place = &set[i];
        place->at_us = now_us;
        place->purposes = 0;
        place->wrapped = *wrapped;
        memcpy(place->key, key, KEY_BYTES);
    }
    place->purposes |= (uint32_t)1 << purpose;
    leave(remembered);
}

struct hash_name remembered_name(const struct remembered *remembered, uint32_t kind, const char *scheme,
                                 struct bytes value)
{
    crypto_generichash_state state;
    struct hash_name name;
    /* the scheme's NUL ends it */
    crypto_generichash_init(&state, remembered->held->naming, KEY_BYTES, sizeof name.byte);
    crypto_generichash_update(&state, (const uint8_t *)&kind, sizeof kind);
    crypto_generichash_update(&state, (const uint8_t *)scheme, strlen(scheme) + 1);
    if (value.len > 0)
        crypto_generichash_update(&state, value.at, value.len);
    crypto_generichash_final(&state, name.byte, sizeof name.byte);
    sodium_memzero(&state, sizeof state);
    return name;
}

bool remembered_hash(struct remembered *remembered, const struct hash_name *name, uint8_t *at, size_t size)
{
    bool found = false;
    must(size <= HASH_BYTES_MAX);
    int64_t now_us = enter(remembered);
    struct hash_place *set = &remembered->held->hashes[set_of(name->byte, HASHES)];
    for (size_t i = 0; i < WAYS && !found; i++) {
        found = set[i].at_us != 0 && now_us - set[i].at_us < lives_us &&
                memcmp(&set[i].name, name, sizeof *name) == 0;
        if (found)
            memcpy(at, set[i].byte, size);
    }
    leave(remembered);
    return found;
}

void remember_hash(struct remembered *remembered, const struct hash_name *name, const uint8_t *at,
                   size_t size)
{
    must(size <= HASH_BYTES_MAX);
    int64_t now_us = enter(remembered);
    struct hash_place *set = &remembered->held->hashes[set_of(name->byte, HASHES)], *oldest = set;
    for (size_t i = 1; i < WAYS; i++)
        if (set[i].at_us < oldest->at_us)
            oldest = &set[i];
    oldest->at_us = now_us;
    oldest->name = *name;
    memcpy(oldest->byte, at, size);
    leave(remembered);
}

void remembered_forget(struct remembered *remembered)
{
    (void)enter(remembered);
    sodium_memzero(remembered->held->keys, sizeof remembered->held->keys);
    sodium_memzero(remembered->held->hashes, sizeof remembered->held->hashes);
    leave(remembered);
}
