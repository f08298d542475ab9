/* Which pairs are looked at: rows that agree on one of several blocking keys (linkage.md §2), each pair once.
 *
 * Small tables are compared whole.  A block over the cap is cut by further values; rows that are equal in all
 * that is compared are no block but a star: every one is paired with the first of them alone. */
#ifndef LINKAGE_BLOCKS_H
#define LINKAGE_BLOCKS_H

#include "linkage/inside.h"

enum { BLOCK_PASSES_MAX = 16, BLOCK_ROWS_MAX = 512 };

/* Marks the last row of a block. */
static const uint32_t BLOCK_END = (uint32_t)1 << 31;

struct block_pass {
    uint32_t *rows; /* those in blocks of two or more, block by block, ascending within */
    uint32_t
        *later;     /* of each row of the table: where in `rows` the later ones of its block begin; 0: none */
    uint32_t count; /* of `rows` */
    uint64_t pairs; /* of two rows of a block, whichever their files */
};

struct row_pair {
    uint32_t a;
    uint32_t b;
};

/* A piece of work: some rows, each with the later ones that it has a block in common with. */
struct block_unit {
    uint32_t from;
    uint32_t to;
};

struct blocks {
    const struct linkage_rows *rows;
    struct block_pass passes[BLOCK_PASSES_MAX];
    size_t pass_count;  /* 0: every pair */
    size_t lessons;     /* passes from here on are for training alone */
    uint64_t *repeated; /* a bit a row: it takes part in its star alone; NULL: none */
    struct row_pair *stars;
    size_t star_count;
    struct block_unit *units;
    size_t unit_count;
    uint32_t refined;
};

/* Takes part in its star alone. */
static inline bool blocks_repeated(const struct blocks *blocks, uint32_t row)
{
    return blocks->repeated != NULL && (blocks->repeated[row / 64] >> row % 64 & 1) != 0;
}

struct blocks_options {
    uint64_t whole_pairs_max; /* tables of at most so many pairs are compared whole */
    uint32_t block_max;       /* rows of a block */
    bool broad;               /* keys.h */
    unsigned threads;         /* 1 to 64; the blocks are the same for any */
};

struct blocks_options blocks_options(const struct linkage_rows *rows);

MUST_USE enum fault blocks_open(const struct linkage_rows *rows, const struct blocks_options *options,
                                struct blocks *ret_blocks);
void blocks_close(struct blocks *blocks);

enum { BLOCK_BATCH = 1024 };

/* Which pairs of passes are wanted, whichever the order of rows: those of two rows of `rows`, a bit a row,
 * NULL for all; of them one in 2^skip. */
struct block_sample {
    const uint64_t *rows;
    unsigned skip;
};

/* The pairs of one unit, in batches of at most BLOCK_BATCH; over all units, and the stars, no pair twice but
 * for those of repeated rows.  Of passes, a sample alone where one is given.  Units may be run
 * in any order by any thread. */
typedef enum fault (*blocks_on_pairs)(void *context, const struct row_pair *pairs, size_t count);
MUST_USE enum fault blocks_run(const struct blocks *blocks, size_t unit, const struct block_sample *sample,
                               blocks_on_pairs on_pairs, void *context);

#endif
