#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK_BYTES = 16 * 1024 };

struct block {
    struct block *next;
    size_t size_bytes;
    size_t used_bytes;
    alignas(max_align_t) unsigned char memory[];
};

struct arena {
    size_t cap_bytes;
    size_t used_bytes;
    struct block *newest;
};

static struct block *block_new(size_t size_bytes)
{
    struct block *block = malloc(sizeof *block + size_bytes);
    if (block == NULL)
        return NULL;
    block->next = NULL;
    block->size_bytes = size_bytes;
    block->used_bytes = 0;
    return block;
}

static void block_free(struct block *block)
{
    explicit_bzero(block->memory, block->used_bytes);
    free(block);
}

enum fault arena_open(size_t cap_bytes, struct arena **ret_arena)
{
    struct arena *arena = malloc(sizeof *arena);
    if (arena == NULL)
        return FAULT_MEMORY;
    struct block *first = block_new(cap_bytes < FIRST_BLOCK_BYTES ? cap_bytes : FIRST_BLOCK_BYTES);
    if (first == NULL) {
        free(arena);
        return FAULT_MEMORY;
    }
    *arena = (struct arena){.cap_bytes = cap_bytes, .newest = first};
    *ret_arena = arena;
    return FAULT_NONE;
}

void arena_reset(struct arena *arena)
{
    while (arena->newest->next != NULL) {
        struct block *older = arena->newest->next;
        block_free(arena->newest);
        arena->newest = older;
    }
    explicit_bzero(arena->newest->memory, arena->newest->used_bytes);
    arena->newest->used_bytes = 0;
    arena->used_bytes = 0;
}

void arena_close(struct arena *arena)
{
    if (arena == NULL)
        return;
    arena_reset(arena);
    free(arena->newest);
    free(arena);
}

void *arena_take(struct arena *arena, size_t size_bytes)
{
    if (size_bytes > SIZE_MAX - alignof(max_align_t))
        return NULL;
    size_t rounded = (size_bytes + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    if (rounded > arena->cap_bytes - arena->used_bytes)
        return NULL;
    struct block *block = arena->newest;
    if (rounded > block->size_bytes - block->used_bytes) {
        size_t left = arena->cap_bytes - arena->used_bytes;
        size_t wanted = block->size_bytes < left / 2 ? 2 * block->size_bytes : left;
        block = block_new(wanted < rounded ? rounded : wanted);
        if (block == NULL)
            return NULL;
        block->next = arena->newest;
        arena->newest = block;
    }
    void *memory = block->memory + block->used_bytes;
    block->used_bytes += rounded;
    arena->used_bytes += rounded;
    return memset(memory, 0, rounded);
}

void *arena_take_array(struct arena *arena, size_t count, size_t size_bytes)
{
    size_t total;
    if (__builtin_mul_overflow(count, size_bytes, &total))
        return NULL;
    return arena_take(arena, total);
}

enum fault arena_copy(struct arena *arena, struct str text, struct str *ret_copy)
{
    if (text.len == SIZE_MAX)
        return FAULT_MEMORY;
    char *copy = arena_take(arena, text.len + 1);
    if (copy == NULL)
        return FAULT_MEMORY;
    if (text.len > 0)
        memcpy(copy, text.at, text.len);
    *ret_copy = (struct str){copy, text.len};
    return FAULT_NONE;
}

size_t arena_used_bytes(const struct arena *arena)
{
    return arena->used_bytes;
}
