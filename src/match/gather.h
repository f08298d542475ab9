/* The candidates of one question: distinct slots out of blocks, each block whole or not at all, so that the
 * set does not depend on the order in which people arrived. */
#ifndef MATCH_GATHER_H
#define MATCH_GATHER_H

#include "match/block.h"
#include "match/index.h"

enum {
    GATHER_SLOTS_MAX = 4096,
    GATHER_TABLE_ROOM = 8192,
    GATHER_BLOCK_MAX = 512,
    GATHER_SCAN_MAX = 16384,
    GATHER_WEAK_MAX = 64
};

struct gathered {
    const struct moment *moment; /* whom it does not see is passed by */
    uint32_t slots[GATHER_SLOTS_MAX];
    uint16_t table[GATHER_TABLE_ROOM]; /* 1 + place in `slots`; 0: empty */
    size_t room;                       /* of the table as far as it is used, a power of two */
    size_t count;
    size_t numbered; /* of the slots, so many may share a number with the question */
    bool cut;        /* a block was passed over: the search is not complete */
};

void gather_open(struct gathered *gathered, const struct moment *moment);

/* What is a large block, over GATHER_BLOCK_MAX as a rule, and what is done with it. */
enum gather_large {
    LARGE_REFINED = 1, /* those born on the date are taken, where it has at most GATHER_SCAN_MAX */
    LARGE_OPTIONAL,    /* nobody: those born on the date stand under another key that is asked too */
    LARGE_WEAK,        /* the same, and large is what has over GATHER_WEAK_MAX: the key tells so little that
                        * hardly anybody is found by it who is not under another, while its block grows with
                        * the population */
};

/* Adds a block.  Of a large one only those born on `date` (yyyymmdd; 0: none known); where they cannot be
 * had, the block is passed over and `cut` set.  Whether everybody in it has been added. */
bool gather_block(const struct match_index *index, uint64_t key, enum gather_large large, uint32_t date,
                  struct gathered *gathered);

#endif
