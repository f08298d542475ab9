#include "access/throttle.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

enum { WAYS = 4, SETS = THROTTLE_SLOTS / WAYS, KEY_BYTES = crypto_shorthash_KEYBYTES, UNIT = 1000 };

/* A leaking bucket: failures in thousandths, as they stood at an instant. */
struct slot {
    uint64_t of; /* keyed hash of whom; 0: nobody */
    int64_t level;
    int64_t at_us;
};

struct throttle {
    pthread_mutex_t lock; /* guards the slots */
    uint8_t key[KEY_BYTES];
    struct slot slots[SETS][WAYS];
};

size_t throttle_bytes(void)
{
    return sizeof(struct throttle);
}

enum fault throttle_open(struct entropy entropy, struct throttle **ret_throttle)
{
    struct throttle *throttle = calloc(1, sizeof *throttle);
    if (throttle == NULL)
        return FAULT_MEMORY;
    must(pthread_mutex_init(&throttle->lock, NULL) == 0);
    entropy.fill(entropy.context, throttle->key, sizeof throttle->key);
    *ret_throttle = throttle;
    return FAULT_NONE;
}

void throttle_close(struct throttle *throttle)
{
    if (throttle == NULL)
        return;
    (void)pthread_mutex_destroy(&throttle->lock);
    free(throttle);
}

static uint64_t hash_of(const struct throttle *throttle, char kind, struct bytes bytes)
{
    uint8_t value[64];
    uint64_t hash = 0;
    size_t len = bytes.len < sizeof value - 1 ? bytes.len : sizeof value - 1;
    value[0] = (uint8_t)kind;
    if (len > 0)
        memcpy(value + 1, bytes.at, len);
    (void)crypto_shorthash((uint8_t *)&hash, value, len + 1, throttle->key);
    return hash == 0 ? 1 : hash;
}

/* One household or office has a /64 of IPv6, and each of its machines as many addresses as it likes. */
static uint64_t hash_of_source(const struct throttle *throttle, struct str source)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (source.len < sizeof text) {
        memcpy(text, source.at, source.len);
        text[source.len] = '\0';
        if (inet_pton(AF_INET6, text, &address) == 1)
            return hash_of(throttle, '6', (struct bytes){address.s6_addr, 8});
    }
    return hash_of(throttle, 's', bytes_of(source));
}

static int64_t level_at(const struct slot *slot, int64_t minute, struct instant now)
{
    int64_t passed_us = now.us - slot->at_us;
    if (passed_us <= 0) /* a clock that was set back forgives nothing */
        return slot->level;
    int64_t forgiven = passed_us / 60 * minute / (1000000 / UNIT);
    return forgiven >= slot->level ? 0 : slot->level - forgiven;
}

static struct slot *find(struct throttle *throttle, uint64_t of)
{
    struct slot *ways = throttle->slots[of % SETS];
    for (size_t i = 0; i < WAYS; i++)
        if (ways[i].of == of)
            return &ways[i];
    return NULL;
}

static int64_t level_of(struct throttle *throttle, uint64_t of, int64_t minute, struct instant now)
{
    const struct slot *slot = find(throttle, of);
    return slot == NULL ? 0 : level_at(slot, minute, now);
}

static void add(struct throttle *throttle, uint64_t of, int64_t minute, struct instant now)
{
    struct slot *slot = find(throttle, of);
    if (slot == NULL) {
        struct slot *ways = throttle->slots[of % SETS];
        slot = &ways[0];
        for (size_t i = 1; i < WAYS; i++)
            if (level_at(&ways[i], minute, now) < level_at(slot, minute, now))
                slot = &ways[i];
        *slot = (struct slot){.of = of};
    }
    *slot = (struct slot){of, level_at(slot, minute, now) + UNIT, now.us};
}

bool throttle_waits(struct throttle *throttle, struct str source, struct organisation_id organisation,
                    struct instant now)
{
    uint64_t whence = hash_of_source(throttle, source);
    uint64_t whose = hash_of(throttle, 'o', id_bytes(&organisation.id));
    (void)pthread_mutex_lock(&throttle->lock);
    int64_t failed = level_of(throttle, whence, THROTTLE_SOURCE_MINUTE, now);
    int64_t suffered =
        id_is_zero(organisation.id) ? 0 : level_of(throttle, whose, THROTTLE_ORGANISATION_MINUTE, now);
    (void)pthread_mutex_unlock(&throttle->lock);
    return failed >= THROTTLE_SOURCE_MAX * UNIT ||
           (suffered >= THROTTLE_ORGANISATION_MAX * UNIT && failed > 0);
}

void throttle_failed(struct throttle *throttle, struct str source, struct organisation_id organisation,
                     struct instant now)
{
    uint64_t whence = hash_of_source(throttle, source);
    uint64_t whose = hash_of(throttle, 'o', id_bytes(&organisation.id));
    (void)pthread_mutex_lock(&throttle->lock);
    add(throttle, whence, THROTTLE_SOURCE_MINUTE, now);
    if (!id_is_zero(organisation.id))
        add(throttle, whose, THROTTLE_ORGANISATION_MINUTE, now);
    (void)pthread_mutex_unlock(&throttle->lock);
}
