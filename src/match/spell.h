/* Words of the vocabulary by how they are written: which are within two slips of another.
 *
 * Every word stands under keyed hashes of its first letters, with none, one or two of them left out
 * (SymSpell's deletes): two words with at most two edits between them share such a hash.  Who bears a word is
 * part of the hash, so that a word that a searcher may not see stands under hashes that the search never asks
 * for (R5.5). */
#ifndef MATCH_SPELL_H
#define MATCH_SPELL_H

#include "base/str.h"
#include "match/postings.h"

/* Letters looked at, and the most keys that come of them: none, one and two of seven left out, and the
 * beginning. */
enum { SPELL_LETTERS = 7, SPELL_KEYS_MAX = 1 + 7 + 21 + 1 };

struct spell_keys {
    uint64_t at[SPELL_KEYS_MAX];
    size_t count; /* distinct; the first is that of the word as it is, the last that of how it begins */
};

/* Of a normalised word, whose spaces do not count; none of an empty one. */
void spell_keys(const uint8_t key[16], uint32_t use_class, struct str word, struct spell_keys *ret_keys);

/* Puts a word, which is not there yet for that class; on FAULT_MEMORY it is not there. */
MUST_USE enum fault spell_add(struct postings *postings, const struct spell_keys *keys, uint32_t word);
void spell_remove(struct postings *postings, const struct spell_keys *keys, uint32_t word);

#endif
