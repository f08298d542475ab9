/* From the hash of a blocking key to the people who share it (linkage.md §2).
 *
 * An entry is eight bytes: 32 bits of the key as its tag (44 with the part it is in, so that hardly ever two
 * keys share an entry) and either the one slot itself or a piece of the pool with all of them.  Parts keep
 * their entries sorted by tag around the tag's home, so that a miss ends early, and grow by an eighth.
 *
 * Readers may find while one writer adds and removes: a key's slots are found as they were before or after.
 * Entries are stored whole and move only the way in which they are looked through; slots are added behind a
 * piece's others, or to a copy of it. */
#ifndef MATCH_POSTINGS_H
#define MATCH_POSTINGS_H

#include "match/pool.h"

struct postings;
struct match_writer;
struct match_reader;

MUST_USE enum fault postings_open(struct pool *pool, struct postings **ret_postings);
void postings_close(struct postings *postings);

/* What readers may still look at is retired to the pool.
 *
 * Adds slot (1 to 2^31 - 1) under the key; the caller adds a slot once per key.  FAULT_MEMORY. */
MUST_USE enum fault postings_add(struct postings *postings, uint64_t key, uint32_t slot);

/* Removes what postings_add added; nothing where it is not there. */
void postings_remove(struct postings *postings, uint64_t key, uint32_t slot);

/* The slots under a key, borrowed until what is retired is dropped.  Not to be moved: `slots` may be `one`.
 */
struct posted {
    const uint32_t *slots;
    uint32_t one;
};

/* How many there are, in no stated order; *ret_posted is untouched where 0. */
size_t postings_find(const struct postings *postings, uint64_t key, struct posted *ret_posted);

/* Fetches the key's place into the cache ahead of postings_find. */
void postings_fetch(const struct postings *postings, uint64_t key);

/* Once that has come: fetches the key's piece ahead of postings_add. */
void postings_fetch_piece(const struct postings *postings, uint64_t key);

/* Writes all but the pool's memory; reads it into postings that are still empty.  After a fault these can
 * only be closed. */
MUST_USE enum fault postings_save(const struct postings *postings, const struct match_writer *writer);
MUST_USE enum fault postings_load(struct postings *postings, const struct match_reader *reader);

/* Without the pool's memory. */
size_t postings_bytes(const struct postings *postings);

#endif
