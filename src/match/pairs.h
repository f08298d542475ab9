/* How alike two names are, remembered: the same few names meet again and again (linkage.md §4).
 *
 * By the keyed hash of the asked name's text and the id of the held word, so that neither has to be looked at
 * again.  Only linkage asks here: it sees everything, while a search's timing must tell nothing of what
 * others compared.  Safe from any thread; an entry is one word of memory, whole or not there. */
#ifndef MATCH_PAIRS_H
#define MATCH_PAIRS_H

#include <stddef.h>

#include "base/fault.h"
#include "match/alike.h"

struct likeness {
    enum part_level level;
    uint16_t frequency; /* the commoner value's -log2 of its share, 1/1024 bit */
};

struct pairs;

MUST_USE enum fault pairs_open(struct pairs **ret_pairs);
void pairs_close(struct pairs *pairs);

/* Forgets everything: the ids of words mean others from now on.  While nobody compares any of these. */
void pairs_forget(struct pairs *pairs);

/* What a pair is remembered by; `given`: compared as given names. */
uint64_t pairs_key(const struct pairs *pairs, uint64_t asked_hash, uint32_t word, bool given);

bool pairs_find(const struct pairs *pairs, uint64_t key, struct likeness *ret_likeness);
void pairs_put(struct pairs *pairs, uint64_t key, struct likeness likeness);

size_t pairs_bytes(void);

#endif
