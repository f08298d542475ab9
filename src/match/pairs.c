#include "match/pairs.h"

#include <stdatomic.h>
#include <stdlib.h>

/* An entry: 45 bits of the key, the frequency in 16, the level in 3; 0 is empty, as no level is 0 there. With
 * the place, 62 bits of the key are compared: two pairs are taken for one in 10^18 questions. */
enum { PLACE_BITS = 17, PLACES = 1 << PLACE_BITS, LEVEL_BITS = 3, VALUE_BITS = 19 };

struct pairs {
    _Atomic uint64_t epoch; /* counts what was forgotten: keys of another epoch never meet */
    _Atomic uint64_t at[PLACES];
};

_Static_assert(PART_NOT < 1 << LEVEL_BITS, "a level takes three bits");

enum fault pairs_open(struct pairs **ret_pairs)
{
    struct pairs *pairs = calloc(1, sizeof(*pairs));
    if (pairs == NULL)
        return FAULT_MEMORY;
    *ret_pairs = pairs;
    return FAULT_NONE;
}

void pairs_close(struct pairs *pairs)
{
    free(pairs);
}

void pairs_forget(struct pairs *pairs)
{
    (void)atomic_fetch_add_explicit(&pairs->epoch, 1, memory_order_relaxed);
}

uint64_t pairs_key(const struct pairs *pairs, uint64_t asked_hash, uint32_t word, bool given)
{
    const uint64_t epoch = atomic_load_explicit(&pairs->epoch, memory_order_relaxed);
    uint64_t key = asked_hash + (((uint64_t)word << 1 | given) + (epoch << 33)) * 0x9e3779b97f4a7c15u;
    key = (key ^ key >> 32) * 0xd6e8feb86659fd93u;
    return key ^ key >> 32;
}

bool pairs_find(const struct pairs *pairs, uint64_t key, struct likeness *ret_likeness)
{
    uint64_t entry = atomic_load_explicit(&pairs->at[key >> (64 - PLACE_BITS)], memory_order_relaxed);
    if (entry == 0 || (entry ^ key << VALUE_BITS) >> VALUE_BITS != 0)
        return false;
    ret_likeness->level = (enum part_level)(entry & ((1 << LEVEL_BITS) - 1));
    ret_likeness->frequency = (uint16_t)(entry >> LEVEL_BITS);
    return true;
}

void pairs_put(struct pairs *pairs, uint64_t key, struct likeness likeness)
{
    uint64_t entry = key << VALUE_BITS | (uint64_t)likeness.frequency << LEVEL_BITS | likeness.level;
    atomic_store_explicit(&pairs->at[key >> (64 - PLACE_BITS)], entry, memory_order_relaxed);
}

size_t pairs_bytes(void)
{
    return sizeof(struct pairs);
}
