#include "match/postings.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "match/save.h"

/* Parts of a shelf lie side by side, are as large and grow together, so that they fill huge pages. */
enum { SHELF_BITS = 6, SHELVES = 1 << SHELF_BITS, PART_BITS = 6, PARTS = 1 << PART_BITS };
enum { PART_ROOM_LEAST = 16, PART_SLACK = 24 };

static const uint32_t PIECE = (uint32_t)1 << 31; /* the entry's slot is a piece of the pool */
static const uint32_t COUNT_MASK = ((uint32_t)1 << 26) - 1;

/* An entry: its tag, and above it a slot or PIECE | offset.  0 is an empty one; one that was left is passed
 * by, as no tag is 0. */
static const uint64_t LEFT = (uint64_t)1 << 63;

struct places {
    uint64_t room;
    _Atomic uint64_t entries[]; /* room + PART_SLACK of them for each part */
};

struct part {
    uint32_t count; /* of entries, those left too */
    uint32_t left;
};

struct shelf {
    struct places *_Atomic places;
    struct part parts[PARTS];
};

struct postings {
    struct pool *pool;
    struct shelf shelves[SHELVES];
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

static size_t places_bytes(uint64_t room)
{
    return sizeof(struct places) + PARTS * (room + PART_SLACK) * sizeof(uint64_t);
}

static struct places *places_take(uint64_t room)
{
    struct places *places = pages_take(places_bytes(room));
    if (places != NULL)
        places->room = room;
    return places;
}

static void drop_places(void *at, uint64_t bytes, uint64_t more)
{
    (void)more;
    pages_give(at, bytes);
}

static struct places *places_of(const struct shelf *shelf)
{
    return atomic_load_explicit(&shelf->places, memory_order_acquire);
}

/* The entries of one part. */
struct row {
    _Atomic uint64_t *entries;
    uint64_t room;
};

static struct row row_of(struct places *places, size_t part)
{
    return (struct row){places->entries + part * (places->room + PART_SLACK), places->room};
}

static uint64_t entry_at(struct row row, uint64_t at)
{
    return atomic_load_explicit(&row.entries[at], memory_order_acquire);
}

static void set_entry(struct row row, uint64_t at, uint64_t entry)
{
    atomic_store_explicit(&row.entries[at], entry, memory_order_release);
}

void postings_close(struct postings *postings)
{
    if (postings == NULL)
        return;
    for (size_t i = 0; i < SHELVES; i++) {
        struct places *places = places_of(&postings->shelves[i]);
        if (places != NULL)
            pages_give(places, places_bytes(places->room));
    }
    free(postings);
}

static size_t shelf_number(uint64_t key)
{
    return key >> (64 - SHELF_BITS);
}

static size_t part_number(uint64_t key)
{
    return key >> (64 - SHELF_BITS - PART_BITS) & (PARTS - 1);
}

static uint32_t tag_of_key(uint64_t key)
{
    return (uint32_t)key == 0 ? 1 : (uint32_t)key;
}

static uint32_t tag_of(uint64_t entry)
{
    return (uint32_t)entry;
}

static uint32_t ref_of(uint64_t entry)
{
    return (uint32_t)(entry >> 32);
}

static uint64_t entry_of(uint32_t tag, uint32_t ref)
{
    return (uint64_t)ref << 32 | tag;
}

static uint64_t home_of(uint32_t tag, uint64_t room)
{
    return ((uint64_t)tag * room) >> 32;
}

/* The first entry from the tag's home on that is empty or has no smaller tag. */
static uint64_t place_of(struct row row, uint32_t tag, uint64_t *ret_entry)
{
    uint64_t at = home_of(tag, row.room);
    const uint64_t end = row.room + PART_SLACK;
    uint64_t entry = 0;
    while (at < end && (entry = entry_at(row, at)) != 0 && tag_of(entry) < tag)
        at++;
    *ret_entry = at < end ? entry : 0;
    return at;
}

/* Puts an entry at `at`, or into a place that was left before it, and moves what stands there one place
 * right, the last first, so that who looks through them meets all; false, with nothing changed, where the
 * slack behind the part is used up. */
static bool put_entry(struct part *part, struct row row, uint64_t at, uint64_t entry)
{
    const uint64_t end = row.room + PART_SLACK;
    uint64_t free = at;
    if (at > home_of(tag_of(entry), row.room) && entry_at(row, at - 1) == LEFT) {
        part->left--;
        set_entry(row, at - 1, entry);
        return true;
    }
    while (free < end && entry_at(row, free) != 0 && entry_at(row, free) != LEFT)
        free++;
    if (free == end)
        return false;
    if (entry_at(row, free) == LEFT)
        part->left--;
    else
        part->count++;
    for (; free > at; free--)
        set_entry(row, free, entry_at(row, free - 1));
    set_entry(row, at, entry);
    return true;
}

/* Copies all entries to a larger row, which is zeroed: ascending tags have ascending homes, so one pass finds
 * every place.  Empty entries are copied too, to where the next one goes: nothing to foresee is faster.  How
 * many there are; fewer than there were where they do not fit. */
static uint32_t copy_entries(struct row row, struct row grown)
{
    const uint64_t end = grown.room + PART_SLACK;
    uint64_t next = 0;
    uint32_t count = 0;
    for (uint64_t i = 0; i < row.room + PART_SLACK; i++) {
        uint64_t entry = entry_at(row, i);
        uint64_t home = home_of(tag_of(entry), grown.room);
        uint64_t at = home > next ? home : next;
        if (at >= end)
            break;
        entry = entry == LEFT ? 0 : entry;
        atomic_store_explicit(&grown.entries[at], entry, memory_order_relaxed);
        count += entry != 0;
        next = entry != 0 ? at + 1 : next;
    }
    return count;
}

static bool copy_parts(const struct shelf *shelf, struct places *places, struct places *grown)
{
    for (size_t i = 0; i < PARTS; i++) {
        if (copy_entries(row_of(places, i), row_of(grown, i)) != shelf->parts[i].count - shelf->parts[i].left)
            return false;
    }
    return true;
}

static uint64_t larger(uint64_t room)
{
    return room < PART_ROOM_LEAST ? PART_ROOM_LEAST : room + room / 8 + 1;
}

/* Larger places for all parts, or as large ones where many were left in the one that is full. */
static enum fault grow(struct postings *postings, struct shelf *shelf, const struct part *full)
{
    struct places *places = places_of(shelf);
    uint64_t room = places == NULL ? 0 : places->room;
    if (room == 0 || full->left <= room / 16)
        room = larger(room);
    for (;; room = larger(room)) {
        struct places *grown = places_take(room);
        if (grown == NULL)
            return FAULT_MEMORY;
        if (places == NULL || copy_parts(shelf, places, grown)) {
            for (size_t i = 0; i < PARTS; i++) {
                shelf->parts[i].count -= shelf->parts[i].left;
                shelf->parts[i].left = 0;
            }
            atomic_store_explicit(&shelf->places, grown, memory_order_release);
            if (places != NULL)
                retire(&postings->pool->retired, drop_places, places, places_bytes(places->room), 0);
            return FAULT_NONE;
        }
        pages_give(grown, places_bytes(room));
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

static uint32_t piece_head(const uint32_t *words)
{
    return __atomic_load_n(words, __ATOMIC_ACQUIRE);
}

static void set_head(uint32_t *words, uint32_t size, uint32_t count)
{
    __atomic_store_n(words, size << 26 | count, __ATOMIC_RELEASE);
}

/* A piece of that size with the first `count` slots of another, which is retired; count ≤ what both hold. */
static enum fault copy_piece(struct pool *pool, uint32_t offset, uint32_t size, uint32_t count,
                             uint32_t *ret_offset)
{
    uint32_t copy;
    enum fault fault = match_pool_take(pool, pool_class_of_size(size), &copy);
    if (fault != FAULT_NONE)
        return fault;
    const uint32_t *words = match_pool_at(pool, offset);
    memcpy(match_pool_at(pool, copy) + 1, words + 1, count * sizeof(uint32_t));
    set_head(match_pool_at(pool, copy), size, count);
    match_pool_retire(pool, pool_class_of_size(piece_head(words) >> 26), offset);
    *ret_offset = copy;
    return FAULT_NONE;
}

static enum fault add_to_piece(struct pool *pool, uint32_t *ref, uint32_t slot)
{
    uint32_t offset = *ref & ~PIECE;
    const uint32_t head = piece_head(match_pool_at(pool, offset));
    uint32_t size = head >> 26;
    const uint32_t count = head & COUNT_MASK;
    if (count + 1 == match_pool_class_words(pool_class_of_size(size))) {
        if (size + 1 == SIZES)
            return FAULT_MEMORY;
        enum fault fault = copy_piece(pool, offset, size + 1, count, &offset);
        if (fault != FAULT_NONE)
            return fault;
        size++;
        *ref = PIECE | offset;
    }
    uint32_t *words = match_pool_at(pool, offset);
    words[count + 1] = slot;
    set_head(words, size, count + 1);
    return FAULT_NONE;
}

static enum fault make_piece(struct pool *pool, uint32_t *ref, uint32_t slot)
{
    uint32_t offset;
    enum fault fault = match_pool_take(pool, pool_class_of_size(0), &offset);
    if (fault != FAULT_NONE)
        return fault;
    uint32_t *words = match_pool_at(pool, offset);
    words[1] = *ref;
    words[2] = slot;
    set_head(words, 0, 2);
    *ref = PIECE | offset;
    return FAULT_NONE;
}

enum fault postings_add(struct postings *postings, uint64_t key, uint32_t slot)
{
    struct shelf *shelf = &postings->shelves[shelf_number(key)];
    struct part *part = &shelf->parts[part_number(key)];
    struct places *places = places_of(shelf);
    const uint32_t tag = tag_of_key(key);
    struct row row = {NULL, 0};
    uint64_t at = 0, held = 0;
    if (places != NULL) {
        row = row_of(places, part_number(key));
        at = place_of(row, tag, &held);
    }
    if (held != 0 && tag_of(held) == tag) {
        uint32_t ref = ref_of(held);
        enum fault fault = (ref & PIECE) != 0 ? add_to_piece(postings->pool, &ref, slot)
                                              : make_piece(postings->pool, &ref, slot);
        if (fault == FAULT_NONE && ref != ref_of(held))
            set_entry(row, at, entry_of(tag, ref));
        return fault;
    }
    /* Seven eighths full at most: a hit then takes four steps on average. */
    bool room_left = part->count + row.room / 8 < row.room;
    while (!room_left || !put_entry(part, row, at, entry_of(tag, slot))) {
        enum fault fault = grow(postings, shelf, part);
        if (fault != FAULT_NONE)
            return fault;
        room_left = true;
        row = row_of(places_of(shelf), part_number(key));
        at = place_of(row, tag, &held);
    }
    return FAULT_NONE;
}

/* An entry before an empty one is made empty, and with it those left before; another is left. */
static void drop_entry(struct part *part, struct row row, uint64_t at)
{
    if (at + 1 < row.room + PART_SLACK && entry_at(row, at + 1) != 0) {
        set_entry(row, at, LEFT);
        part->left++;
        return;
    }
    set_entry(row, at, 0);
    part->count--;
    for (; at > 0 && entry_at(row, at - 1) == LEFT; at--) {
        set_entry(row, at - 1, 0);
        part->count--;
        part->left--;
    }
}

/* A copy without the slot takes the piece's place.  Down to one slot, the entry holds that itself, as if the
 * others had never been.  Where there is no memory for a copy the piece itself is changed, whose last slot a
 * reader may miss that is at it this moment. */
static void remove_from_piece(struct pool *pool, uint32_t *ref, uint32_t slot)
{
    uint32_t offset = *ref & ~PIECE;
    uint32_t *words = match_pool_at(pool, offset);
    const uint32_t size = piece_head(words) >> 26, count = piece_head(words) & COUNT_MASK;
    uint32_t at = 1;
    while (at <= count && words[at] != slot)
        at++;
    if (at > count)
        return;
    if (count == 2) {
        *ref = words[3 - at];
        match_pool_retire(pool, pool_class_of_size(size), offset);
        return;
    }
    const uint32_t last = words[count];
    if (copy_piece(pool, offset, size, count - 1, &offset) == FAULT_NONE) {
        words = match_pool_at(pool, offset);
        *ref = PIECE | offset;
    }
    if (at < count)
        words[at] = last;
    set_head(words, size, count - 1);
}

void postings_remove(struct postings *postings, uint64_t key, uint32_t slot)
{
    struct shelf *shelf = &postings->shelves[shelf_number(key)];
    struct places *places = places_of(shelf);
    const uint32_t tag = tag_of_key(key);
    uint64_t held;
    if (places == NULL)
        return;
    struct row row = row_of(places, part_number(key));
    uint64_t at = place_of(row, tag, &held);
    if (held == 0 || tag_of(held) != tag)
        return;
    uint32_t ref = ref_of(held);
    if ((ref & PIECE) != 0) {
        remove_from_piece(postings->pool, &ref, slot);
        if (ref != ref_of(held))
            set_entry(row, at, entry_of(tag, ref));
    } else if (ref == slot) {
        drop_entry(&shelf->parts[part_number(key)], row, at);
    }
}

/* The slot or piece under a key, 0 where there is none. */
static uint32_t find(const struct postings *postings, uint64_t key)
{
    struct places *places = places_of(&postings->shelves[shelf_number(key)]);
    const uint32_t tag = tag_of_key(key);
    uint64_t entry = 0;
    if (places != NULL)
        (void)place_of(row_of(places, part_number(key)), tag, &entry);
    return entry != 0 && tag_of(entry) == tag ? ref_of(entry) : 0;
}

size_t postings_find(const struct postings *postings, uint64_t key, struct posted *ret_posted)
{
    const uint32_t ref = find(postings, key);
    if (ref == 0)
        return 0;
    if ((ref & PIECE) == 0) {
        ret_posted->one = ref;
        ret_posted->slots = &ret_posted->one;
        return 1;
    }
    const uint32_t *words = match_pool_at(postings->pool, ref & ~PIECE);
    ret_posted->slots = words + 1;
    return piece_head(words) & COUNT_MASK;
}

void postings_fetch(const struct postings *postings, uint64_t key)
{
    struct places *places = places_of(&postings->shelves[shelf_number(key)]);
    if (places != NULL) {
        /* four steps on average, more where an entry is put: up to two lines of the cache */
        const struct row row = row_of(places, part_number(key));
        _Atomic uint64_t *home = &row.entries[home_of(tag_of_key(key), row.room)];
        cache_fetch(home);
        cache_fetch(home + 7);
    }
}

void postings_fetch_piece(const struct postings *postings, uint64_t key)
{
    const uint32_t ref = find(postings, key);
    if ((ref & PIECE) != 0)
        cache_fetch(match_pool_at(postings->pool, ref & ~PIECE));
}

size_t postings_bytes(const struct postings *postings)
{
    size_t bytes = sizeof(*postings);
    for (size_t i = 0; i < SHELVES; i++) {
        struct places *places = places_of(&postings->shelves[i]);
        if (places != NULL)
            bytes += places_bytes(places->room);
    }
    return bytes;
}

enum fault postings_save(const struct postings *postings, const struct match_writer *writer)
{
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < SHELVES && fault == FAULT_NONE; i++) {
        const struct shelf *shelf = &postings->shelves[i];
        struct places *places = places_of(shelf);
        const uint64_t room = places == NULL ? 0 : places->room;
        fault = save_bytes(writer, &room, sizeof(room));
        if (fault == FAULT_NONE)
            fault = save_bytes(writer, shelf->parts, sizeof(shelf->parts));
        if (fault == FAULT_NONE && places != NULL)
            fault = save_bytes(writer, places, places_bytes(room));
    }
    return fault;
}

static enum fault load_shelf(struct shelf *shelf, const struct match_reader *reader)
{
    uint64_t room;
    enum fault fault = load_bytes(reader, &room, sizeof(room));
    if (fault == FAULT_NONE)
        fault = load_bytes(reader, shelf->parts, sizeof(shelf->parts));
    if (fault != FAULT_NONE)
        return fault;
    for (size_t i = 0; i < PARTS; i++) {
        const struct part *part = &shelf->parts[i];
        if (room > UINT32_MAX || part->left > part->count ||
            (part->count > 0 && part->count > room + PART_SLACK))
            return FAULT_CORRUPT;
    }
    if (room == 0)
        return FAULT_NONE;
    struct places *places = places_take(room);
    if (places == NULL)
        return FAULT_MEMORY;
    fault = load_bytes(reader, places, places_bytes(room));
    places->room = room;
    atomic_store_explicit(&shelf->places, places, memory_order_release);
    return fault;
}

enum fault postings_load(struct postings *postings, const struct match_reader *reader)
{
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < SHELVES && fault == FAULT_NONE; i++)
        fault = load_shelf(&postings->shelves[i], reader);
    return fault;
}
