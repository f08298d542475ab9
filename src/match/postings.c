#include "match/postings.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "match/save.h"

enum { PART_BITS = 12, PARTS = 1 << PART_BITS, PART_ROOM_LEAST = 16, PART_SLACK = 24 };

static const uint32_t PIECE = (uint32_t)1 << 31; /* the entry's slot is a piece of the pool */
static const uint32_t COUNT_MASK = ((uint32_t)1 << 26) - 1;

/* A slot or PIECE | offset; 0 is an empty entry. */
struct entry {
    uint32_t tag;
    uint32_t ref;
};

struct part {
    struct entry *entries; /* room + PART_SLACK of them */
    uint32_t room;
    uint32_t count;
};

struct postings {
    struct pool *pool;
    struct part parts[PARTS];
};

enum fault postings_open(struct pool *pool, struct postings **ret_postings)
{
    struct postings *postings = calloc(1, sizeof(*postings));
    if (postings == NULL)
        return FAULT_MEMORY;
    postings->pool = pool;
    *ret_postings = postings;
    return FAULT_NONE;
}

void postings_close(struct postings *postings)
{
    if (postings == NULL)
        return;
    for (size_t i = 0; i < PARTS; i++)
        free(postings->parts[i].entries);
    free(postings);
}

static struct part *part_of(struct postings *postings, uint64_t key)
{
    return &postings->parts[key >> (64 - PART_BITS)];
}

static uint32_t home_of(uint32_t tag, uint32_t room)
{
    return (uint32_t)(((uint64_t)tag * room) >> 32);
}

/* The first entry from the tag's home on that is empty or has no smaller tag. */
static uint32_t place_of(const struct part *part, uint32_t tag)
{
    uint32_t at = home_of(tag, part->room);
    uint32_t end = part->room + PART_SLACK;
    while (at < end && part->entries[at].ref != 0 && part->entries[at].tag < tag)
        at++;
    return at;
}

/* Puts an entry at `at` and moves what stands there one place right; false, with nothing changed, where the
 * slack behind the part is used up. */
static bool put_entry(struct part *part, uint32_t at, struct entry entry)
{
    uint32_t end = part->room + PART_SLACK;
    uint32_t empty = at;
    while (empty < end && part->entries[empty].ref != 0)
        empty++;
    if (empty == end)
        return false;
    for (; empty > at; empty--)
        part->entries[empty] = part->entries[empty - 1];
    part->entries[at] = entry;
    part->count++;
    return true;
}

/* Copies all entries to a larger part, which is zeroed: ascending tags have ascending homes, so one pass
 * finds every place.  Empty entries are copied too, to where the next one goes: nothing to foresee is faster.
 */
static bool copy_entries(const struct part *part, struct part *grown)
{
    uint32_t end = grown->room + PART_SLACK;
    uint32_t next = 0;
    for (uint32_t i = 0; i < part->room + PART_SLACK; i++) {
        struct entry entry = part->entries[i];
        uint32_t home = home_of(entry.tag, grown->room);
        uint32_t at = home > next ? home : next;
        if (at >= end)
            break;
        grown->entries[at] = entry;
        grown->count += entry.ref != 0;
        next = entry.ref != 0 ? at + 1 : next;
    }
    return grown->count == part->count;
}

static enum fault grow(struct part *part)
{
    uint32_t room = part->room < PART_ROOM_LEAST ? PART_ROOM_LEAST : part->room + part->room / 8 + 1;
    for (;;) {
        struct part grown = {.room = room};
        grown.entries = calloc((size_t)room + PART_SLACK, sizeof(struct entry));
        if (grown.entries == NULL)
            return FAULT_MEMORY;
        if (part->entries == NULL || copy_entries(part, &grown)) {
            free(part->entries);
            *part = grown;
            return FAULT_NONE;
        }
        free(grown.entries);
        room += room / 8 + 1;
    }
}

/* A piece: its size and count in word 0, then the slots.  Small pieces come in these sizes, larger ones in
 * all that the pool has. */
static const uint8_t SMALL_WORDS[] = {3, 4, 5, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32};
enum { SMALL_SIZES = sizeof(SMALL_WORDS), SIZES = 1 << 6 };

static uint32_t pool_class_of_size(uint32_t size)
{
    return size < SMALL_SIZES ? SMALL_WORDS[size] - 1u : POOL_EXACT + size - SMALL_SIZES;
}

static enum fault add_to_piece(struct pool *pool, uint32_t *ref, uint32_t slot)
{
    uint32_t offset = *ref & ~PIECE;
    uint32_t size = *match_pool_at(pool, offset) >> 26;
    uint32_t count = *match_pool_at(pool, offset) & COUNT_MASK;
    if (count + 1 == match_pool_class_words(pool_class_of_size(size))) {
        uint32_t larger;
        if (size + 1 == SIZES)
            return FAULT_MEMORY;
        enum fault fault = match_pool_take(pool, pool_class_of_size(size + 1), &larger);
        if (fault != FAULT_NONE)
            return fault;
        memcpy(match_pool_at(pool, larger) + 1, match_pool_at(pool, offset) + 1, count * sizeof(uint32_t));
        match_pool_give(pool, pool_class_of_size(size), offset);
        offset = larger;
        size++;
        *ref = PIECE | offset;
    }
    uint32_t *words = match_pool_at(pool, offset);
    words[count + 1] = slot;
    words[0] = size << 26 | (count + 1);
    return FAULT_NONE;
}

static enum fault make_piece(struct pool *pool, uint32_t *ref, uint32_t slot)
{
    uint32_t offset;
    enum fault fault = match_pool_take(pool, pool_class_of_size(0), &offset);
    if (fault != FAULT_NONE)
        return fault;
    uint32_t *words = match_pool_at(pool, offset);
    words[0] = 2;
    words[1] = *ref;
    words[2] = slot;
    *ref = PIECE | offset;
    return FAULT_NONE;
}

enum fault postings_add(struct postings *postings, uint64_t key, uint32_t slot)
{
    struct part *part = part_of(postings, key);
    const struct entry entry = {(uint32_t)key, slot};
    uint32_t at = 0;
    if (part->room > 0) {
        at = place_of(part, entry.tag);
        struct entry *held = &part->entries[at];
        if (at < part->room + PART_SLACK && held->ref != 0 && held->tag == entry.tag)
            return (held->ref & PIECE) != 0 ? add_to_piece(postings->pool, &held->ref, slot)
                                            : make_piece(postings->pool, &held->ref, slot);
    }
    /* Seven eighths full at most: a hit then takes four steps on average. */
    bool room_left = part->room > 0 && part->count + part->room / 8 < part->room;
    while (!room_left || !put_entry(part, at, entry)) {
        enum fault fault = grow(part);
        if (fault != FAULT_NONE)
            return fault;
        room_left = true;
        at = place_of(part, entry.tag);
    }
    return FAULT_NONE;
}

/* Closes the gap at `at` with what was pushed right of its home. */
static void drop_entry(struct part *part, uint32_t at)
{
    uint32_t end = part->room + PART_SLACK;
    uint32_t next = at + 1;
    while (next < end && part->entries[next].ref != 0 && home_of(part->entries[next].tag, part->room) < next)
        next++;
    memmove(&part->entries[at], &part->entries[at + 1], (next - at - 1) * sizeof(struct entry));
    part->entries[next - 1] = (struct entry){0};
    part->count--;
}

/* Down to one slot, the piece goes back and the entry holds the slot itself, as if the others had never been.
 */
static void remove_from_piece(struct pool *pool, uint32_t *ref, uint32_t slot)
{
    uint32_t offset = *ref & ~PIECE;
    uint32_t *words = match_pool_at(pool, offset);
    uint32_t size = words[0] >> 26;
    uint32_t count = words[0] & COUNT_MASK;
    uint32_t at = 1;
    while (at <= count && words[at] != slot)
        at++;
    if (at > count)
        return;
    words[at] = words[count];
    words[count] = 0;
    count--;
    words[0] = size << 26 | count;
    if (count == 1) {
        *ref = words[1];
        match_pool_give(pool, pool_class_of_size(size), offset);
    }
}

void postings_remove(struct postings *postings, uint64_t key, uint32_t slot)
{
    struct part *part = part_of(postings, key);
    if (part->room == 0)
        return;
    uint32_t at = place_of(part, (uint32_t)key);
    if (at == part->room + PART_SLACK)
        return;
    struct entry *entry = &part->entries[at];
    if (entry->ref == 0 || entry->tag != (uint32_t)key)
        return;
    if ((entry->ref & PIECE) != 0)
        remove_from_piece(postings->pool, &entry->ref, slot);
    else if (entry->ref == slot)
        drop_entry(part, at);
}

/* The key's entry, NULL where there is none. */
static const struct entry *find(const struct postings *postings, uint64_t key)
{
    const struct part *part = &postings->parts[key >> (64 - PART_BITS)];
    if (part->room == 0)
        return NULL;
    uint32_t at = place_of(part, (uint32_t)key);
    if (at == part->room + PART_SLACK)
        return NULL;
    const struct entry *entry = &part->entries[at];
    return entry->ref == 0 || entry->tag != (uint32_t)key ? NULL : entry;
}

size_t postings_find(const struct postings *postings, uint64_t key, const uint32_t **ret_slots)
{
    const struct entry *entry = find(postings, key);
    if (entry == NULL)
        return 0;
    if ((entry->ref & PIECE) == 0) {
        *ret_slots = &entry->ref;
        return 1;
    }
    const uint32_t *words = match_pool_at(postings->pool, entry->ref & ~PIECE);
    *ret_slots = words + 1;
    return words[0] & COUNT_MASK;
}

void postings_fetch(const struct postings *postings, uint64_t key)
{
    const struct part *part = &postings->parts[key >> (64 - PART_BITS)];
    if (part->room > 0) {
        /* four steps on average, more where an entry is put: up to two lines of the cache */
        const struct entry *home = &part->entries[home_of((uint32_t)key, part->room)];
        cache_fetch(home);
        cache_fetch(home + 7);
    }
}

void postings_fetch_piece(const struct postings *postings, uint64_t key)
{
    const struct entry *entry = find(postings, key);
    if (entry != NULL && (entry->ref & PIECE) != 0)
        cache_fetch(match_pool_at(postings->pool, entry->ref & ~PIECE));
}

size_t postings_bytes(const struct postings *postings)
{
    size_t bytes = sizeof(*postings);
    for (size_t i = 0; i < PARTS; i++) {
        if (postings->parts[i].entries != NULL)
            bytes += ((size_t)postings->parts[i].room + PART_SLACK) * sizeof(struct entry);
    }
    return bytes;
}

enum fault postings_save(const struct postings *postings, const struct match_writer *writer)
{
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < PARTS && fault == FAULT_NONE; i++) {
        const struct part *part = &postings->parts[i];
        const uint32_t head[] = {part->room, part->count};
        fault = save_bytes(writer, head, sizeof(head));
        if (fault == FAULT_NONE && part->room > 0)
            fault =
                save_bytes(writer, part->entries, ((size_t)part->room + PART_SLACK) * sizeof(struct entry));
    }
    return fault;
}

enum fault postings_load(struct postings *postings, const struct match_reader *reader)
{
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < PARTS && fault == FAULT_NONE; i++) {
        struct part *part = &postings->parts[i];
        uint32_t head[2];
        fault = load_bytes(reader, head, sizeof(head));
        if (fault != FAULT_NONE || head[0] == 0)
            continue;
        if (head[1] > head[0] || head[0] > UINT32_MAX - PART_SLACK)
            return FAULT_CORRUPT;
        part->entries = calloc((size_t)head[0] + PART_SLACK, sizeof(struct entry));
        if (part->entries == NULL)
            return FAULT_MEMORY;
        part->room = head[0];
        part->count = head[1];
        fault = load_bytes(reader, part->entries, ((size_t)part->room + PART_SLACK) * sizeof(struct entry));
    }
    return fault;
}
