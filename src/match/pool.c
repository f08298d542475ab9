#include "match/pool.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    PAGE_BYTES = 1 << 12,
    REGION_STEP_BYTES = 1 << 16,
    HUGE_PAGE_BYTES = 1 << 21,
    HUGE_LEAST_BYTES = 1 << 22
};

/* Pieces of 64 words and more are cut. */
enum { CUT_LEAST = POOL_EXACT + 3 };

struct retired_thing {
    void (*drop)(void *context, uint64_t what, uint64_t more);
    void *context;
    uint64_t what;
    uint64_t more;
};

/* Addresses on a huge page's boundary; MAP_FAILED where there are none. */
static uint8_t *map_aligned(size_t wanted_bytes, int access)
{
    size_t bytes = wanted_bytes + HUGE_PAGE_BYTES;
    uint8_t *at = mmap(NULL, bytes, access, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED)
        return at;
    size_t before = -(uintptr_t)at % HUGE_PAGE_BYTES;
    if (before > 0)
        (void)munmap(at, before);
    (void)munmap(at + before + wanted_bytes, HUGE_PAGE_BYTES - before);
    (void)madvise(at + before, wanted_bytes, MADV_DONTDUMP);
    return at + before;
}

static enum fault reserve(struct region *region)
{
    uint8_t *at = map_aligned(REGION_MOST_BYTES, PROT_NONE);
    if (at == MAP_FAILED)
        return FAULT_MEMORY;
    region->at = at;
    return FAULT_NONE;
}

static size_t whole_pages(size_t bytes)
{
    return (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

void *pages_take(size_t bytes)
{
    if (bytes < HUGE_LEAST_BYTES)
        return calloc(1, bytes);
    uint8_t *at = map_aligned(whole_pages(bytes), PROT_READ | PROT_WRITE);
    if (at == MAP_FAILED)
        return NULL;
    (void)madvise(at, bytes, MADV_HUGEPAGE);
    return at;
}

void pages_give(void *at, size_t bytes)
{
    if (bytes < HUGE_LEAST_BYTES)
        free(at);
    else if (at != NULL)
        (void)munmap(at, whole_pages(bytes));
}

enum fault region_extend(struct region *region, size_t more_bytes)
{
    size_t needed = region->used_bytes + more_bytes;
    if (needed < more_bytes || needed > REGION_MOST_BYTES)
        return FAULT_MEMORY;
    if (region->at == NULL && reserve(region) != FAULT_NONE)
        return FAULT_MEMORY;
    if (needed > region->mapped_bytes) {
        size_t step = needed < HUGE_LEAST_BYTES ? REGION_STEP_BYTES : HUGE_PAGE_BYTES;
        size_t mapped = (needed + region->mapped_bytes / 8 + step - 1) / step * step;
        if (mapped > REGION_MOST_BYTES)
            mapped = REGION_MOST_BYTES;
        if (mprotect(region->at, mapped, PROT_READ | PROT_WRITE) != 0)
            return FAULT_MEMORY;
        /* Most of the time at national size goes into finding pages: larger ones are found faster. */
        if (mapped >= HUGE_LEAST_BYTES)
            (void)madvise(region->at, mapped, MADV_HUGEPAGE);
        region->mapped_bytes = mapped;
    }
    region->used_bytes = needed;
    return FAULT_NONE;
}

void region_close(struct region *region)
{
    if (region->at == NULL)
        return;
    sodium_memzero(region->at, region->used_bytes);
    (void)munmap(region->at, REGION_MOST_BYTES);
    *region = (struct region){0};
}

uint32_t match_pool_class_words(uint32_t size_class)
{
    if (size_class < POOL_EXACT)
        return size_class + 1;
    if (size_class < POOL_FINE_END) {
        uint32_t above = size_class - POOL_EXACT;
        return ((uint32_t)POOL_EXACT / 4 << above / 4) * (5 + above % 4); /* 40, 48, 56, 64, 80 … 1,024 */
    }
    uint32_t above = size_class - POOL_FINE_END;
    return ((uint32_t)512 << above / 2) * (3 + above % 2); /* 1,536, 2,048, 3,072 … */
}

uint32_t match_pool_class_of(uint32_t word_count)
{
    if (word_count <= POOL_EXACT)
        return word_count == 0 ? 0 : word_count - 1;
    uint32_t size_class = POOL_EXACT;
    while (match_pool_class_words(size_class) < word_count)
        size_class++;
    return size_class;
}

static uint32_t take_free(struct pool *pool, uint32_t size_class)
{
    const uint32_t offset = pool->free_head[size_class];
    uint32_t *words = match_pool_at(pool, offset);
    pool->free_head[size_class] = words[0];
    words[0] = 0;
    return offset;
}

static void add_free(struct pool *pool, uint32_t size_class, uint32_t offset)
{
    *match_pool_at(pool, offset) = pool->free_head[size_class];
    pool->free_head[size_class] = offset;
    if (size_class > pool->free_most)
        pool->free_most = size_class;
}

void match_pool_tidy(struct pool *pool)
{
    uint32_t at = pool->cut_at, rest = pool->cut_words;
    pool->cut_words = 0;
    while (rest > 0) {
        uint32_t some = match_pool_class_of(rest);
        some -= match_pool_class_words(some) > rest;
        add_free(pool, some, at);
        at += match_pool_class_words(some);
        rest -= match_pool_class_words(some);
    }
}

/* Cuts a piece from the largest free one, and what follows from the same: a block that grows leaves large
 * pieces behind, which few others want whole.  0 where there is none of twice the size. */
static uint32_t cut_free(struct pool *pool, uint32_t size_class)
{
    const uint32_t wanted = match_pool_class_words(size_class);
    if (pool->cut_words < wanted) {
        while (pool->free_most > CUT_LEAST && pool->free_head[pool->free_most] == 0)
            pool->free_most--;
        const uint32_t from = pool->free_most;
        if (from < CUT_LEAST || pool->free_head[from] == 0 || match_pool_class_words(from) < 2 * wanted)
            return 0;
        const uint32_t offset = take_free(pool, from);
        match_pool_tidy(pool);
        pool->cut_at = offset;
        pool->cut_words = match_pool_class_words(from);
    }
    const uint32_t offset = pool->cut_at;
    pool->cut_at += wanted;
    pool->cut_words -= wanted;
    return offset;
}

enum fault match_pool_take(struct pool *pool, uint32_t size_class, uint32_t *ret_offset)
{
    if (size_class >= POOL_CLASSES)
        return FAULT_MEMORY;
    uint32_t held =
        pool->free_head[size_class] != 0 ? take_free(pool, size_class) : cut_free(pool, size_class);
    if (held != 0) {
        *ret_offset = held;
        return FAULT_NONE;
    }
    /* Offset 0 means "none". */
    size_t skip = pool->words.used_bytes == 0 ? 1 : 0;
    size_t offset = pool->words.used_bytes / sizeof(uint32_t) + skip;
    size_t count = match_pool_class_words(size_class);
    if (offset + count > INT32_MAX)
        return FAULT_MEMORY;
    enum fault fault = region_extend(&pool->words, (count + skip) * sizeof(uint32_t));
    if (fault != FAULT_NONE)
        return fault;
    *ret_offset = (uint32_t)offset;
    return FAULT_NONE;
}

void match_pool_give(struct pool *pool, uint32_t size_class, uint32_t offset)
{
    uint32_t *words = match_pool_at(pool, offset);
    sodium_memzero(words, match_pool_class_words(size_class) * sizeof(uint32_t));
    add_free(pool, size_class, offset);
}

static void drop_piece(void *context, uint64_t size_class, uint64_t offset)
{
    match_pool_give(context, (uint32_t)size_class, (uint32_t)offset);
}

void match_pool_retire(struct pool *pool, uint32_t size_class, uint32_t offset)
{
    retire(&pool->retired, drop_piece, pool, size_class, offset);
}

void match_pool_close(struct pool *pool)
{
    retire_close(&pool->retired);
    region_close(&pool->words);
    *pool = (struct pool){0};
}

static struct retired_thing *thing_at(const struct retired *retired, size_t index)
{
    return (struct retired_thing *)(void *)retired->region.at + index;
}

void retire(struct retired *retired, void (*drop)(void *context, uint64_t what, uint64_t more), void *context,
            uint64_t what, uint64_t more)
{
    const size_t needed = (retired->count + 1) * sizeof(struct retired_thing);
    if (needed > retired->region.used_bytes &&
        region_extend(&retired->region, needed - retired->region.used_bytes) != FAULT_NONE)
        return;
    *thing_at(retired, retired->count++) = (struct retired_thing){drop, context, what, more};
}

void retire_drop(struct retired *retired)
{
    for (size_t i = 0; i < retired->count; i++) {
        const struct retired_thing thing = *thing_at(retired, i);
        thing.drop(thing.context, thing.what, thing.more);
    }
    retired->count = 0;
}

void retire_close(struct retired *retired)
{
    region_close(&retired->region);
    *retired = (struct retired){0};
}
