/* Numbers by the keyed hash of what they stand for: slots by child id, words by their text.
 *
 * An entry is four bytes, open addressing: the number in the low bits (as many as the table's size has), bits
 * of the hash above, so that hardly anything that is not meant has to be looked at.  Numbers are 1 to room
 * - 1. Whoever compares holds the things themselves:
 *
 *     size_t at = table_home(table, hash);
 *     while ((number = table_next(table, hash, &at)) != 0 && !is_meant(number))
 *         at++;
 *     number is what was meant, at `at`; or 0.
 *
 * Readers may look things up while one writer puts and takes, each of which is a single store: a number that
 * was taken leaves its place to another, and nothing that is there moves. */
#ifndef MATCH_TABLE_H
#define MATCH_TABLE_H

#include <stdatomic.h>

#include "match/pool.h"

struct table {
    struct region region; /* of _Atomic uint32_t; 0 is empty */
    uint32_t bits;        /* of the number of places; 0: no places yet, nothing may be looked up */
    uint32_t left;        /* places that were left: no number, and not empty */
};

static inline size_t table_room(const struct table *table)
{
    return table->bits == 0 ? 0 : (size_t)1 << table->bits;
}

static inline _Atomic uint32_t *table_places(const struct table *table)
{
    return (_Atomic uint32_t *)(void *)table->region.at;
}

static inline size_t table_home(const struct table *table, uint64_t hash)
{
    return hash & (table_room(table) - 1);
}

static inline uint32_t table_tag(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}

/* The first number from *at on, round the end, whose bits are the hash's; 0 at the empty place that ends the
 * run. *at is left there. */
static inline uint32_t table_next(const struct table *table, uint64_t hash, size_t *at)
{
    _Atomic uint32_t *places = table_places(table);
    size_t mask = table_room(table) - 1;
    uint32_t tag = table_tag(hash) << table->bits >> table->bits;
    for (size_t i = *at & mask;; i = (i + 1) & mask) {
        uint32_t place = atomic_load_explicit(&places[i], memory_order_acquire);
        uint32_t number = place & (uint32_t)mask;
        if (place == 0 || (number != 0 && place >> table->bits == tag)) {
            *at = i;
            return number;
        }
    }
}

static inline void table_fetch(const struct table *table, uint64_t hash)
{
    if (table->bits != 0)
        cache_fetch(&table_places(table)[table_home(table, hash)]);
}

/* Puts a number, which is not there yet, under its hash.  The caller sees that a place stays empty. */
void table_put(struct table *table, uint64_t hash, uint32_t number);

/* Takes the number away that stands at a place (counted round the end). */
void table_take(struct table *table, size_t at);

/* An empty table to put everything into, `numbers` of them: larger than this one, or where places that were
 * left fill this one, as large.  FAULT_MEMORY. */
MUST_USE enum fault table_renew(const struct table *table, size_t numbers, struct table *ret_table);

/* The same as table_close once readers have left. */
void table_retire(struct table *table, struct retired *retired);
void table_close(struct table *table);

#endif
