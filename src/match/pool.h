/* Memory of the index: arrays that grow where they are, and pieces of 32-bit words in size classes.
 *
 * A piece is named by its offset.  What is freed is wiped.  One writer at a time; what readers may still be
 * looking at is retired, and freed once they have left (rcu.h). */
#ifndef MATCH_POOL_H
#define MATCH_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

/* Has a line of memory fetched into the cache.  GCC leaves out calls of functions that do nothing but that:
 * the empty statement keeps them. */
static inline void cache_fetch(const void *at)
{
    __builtin_prefetch(at);
    __asm__ volatile("");
}

/* An anonymous mapping, never in a core dump and never moved, of which used_bytes count. */
struct region {
    uint8_t *at;
    size_t used_bytes;
    size_t
        mapped_bytes; /* that may be written; REGION_MOST_BYTES of addresses are held from the first use on */
};

#define REGION_MOST_BYTES ((size_t)1 << 35)

/* Makes room for more_bytes behind used_bytes and counts them as used; they are zero.  FAULT_MEMORY,
 * also beyond REGION_MOST_BYTES. */
MUST_USE enum fault region_extend(struct region *region, size_t more_bytes);

/* Wipes and unmaps. */
void region_close(struct region *region);

/* Zeroed memory of a fixed size, in huge pages where it has several.  NULL where there is none.  Given back
 * by the same size. */
void *pages_take(size_t bytes);
void pages_give(void *at, size_t bytes);

/* Things that have been replaced, each with what frees it. */
struct retired {
    struct region region; /* of struct retired_thing */
    size_t count;
};

/* `drop` is called with `context`, `what` and `more` when nobody looks at it any more.  Where there is no
 * memory to remember it, which is where the system is at its end, it stays until the index is closed. */
void retire(struct retired *retired, void (*drop)(void *context, uint64_t what, uint64_t more), void *context,
            uint64_t what, uint64_t more);

/* Drops everything, in the order in which it was retired. */
void retire_drop(struct retired *retired);

/* Forgets what could be dropped, as it is closed anyhow. */
void retire_close(struct retired *retired);

/* Pieces of 1 to POOL_EXACT words are exact; above, four classes to a doubling, and two from 1,024 words on.
 */
enum { POOL_EXACT = 32, POOL_FINE_END = 52, POOL_CLASSES = 94 };

struct pool {
    struct region words;
    uint32_t free_head[POOL_CLASSES]; /* 0: none */
    uint32_t free_most;               /* no larger class has a free piece */
    uint32_t cut_at;                  /* a free piece that pieces are being cut from, zeroed */
    uint32_t cut_words;               /* of it that are left */
    struct retired retired;           /* of all who have pieces here */
};

uint32_t match_pool_class_of(uint32_t word_count);
uint32_t match_pool_class_words(uint32_t size_class);

/* A zeroed piece of that class; its offset is never 0.  FAULT_MEMORY. */
MUST_USE enum fault match_pool_take(struct pool *pool, uint32_t size_class, uint32_t *ret_offset);
void match_pool_give(struct pool *pool, uint32_t size_class, uint32_t offset);

/* The same once readers have left. */
void match_pool_retire(struct pool *pool, uint32_t size_class, uint32_t offset);
/* Leaves no piece that others are being cut from. */
void match_pool_tidy(struct pool *pool);
void match_pool_close(struct pool *pool);

static inline uint32_t *match_pool_at(const struct pool *pool, uint32_t offset)
{
    return (uint32_t *)(void *)pool->words.at + offset;
}

#endif
