/* The candidates of one question: distinct slots out of blocks, each block whole or not at all, so that the
 * set does not depend on the order in which people arrived. */
#ifndef MATCH_GATHER_H
#define MATCH_GATHER_H

#include "match/block.h"
#include "match/index.h"

enum { GATHER_SLOTS_MAX = 4096, GATHER_TABLE_ROOM = 8192, GATHER_BLOCK_MAX = 512, GATHER_SCAN_MAX = 16384 };

struct gathered {
    uint32_t slots[GATHER_SLOTS_MAX];
    uint32_t table[GATHER_TABLE_ROOM];
    size_t count;
    bool cut; /* a block was passed over: the search is not complete */
};

void gather_open(struct gathered *gathered);

/* Adds a block of at most block_max.  Of a larger one only those born on `date` (yyyymmdd; 0: none known),
 * where it has at most GATHER_SCAN_MAX; otherwise the block is passed over and `cut` set. */
void gather_block(const struct match_index *index, uint64_t key, size_t block_max, uint32_t date,
                  struct gathered *gathered);

#endif
