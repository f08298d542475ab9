/* What agreement is worth in this table, learnt from it. */
#ifndef LINKAGE_TRAIN_H
#define LINKAGE_TRAIN_H

#include "linkage/blocks.h"
#include "linkage/compare.h"
#include "linkage/link.h"

struct trained {
    struct scale scale; /* `agreed` is the trained's own; `least` is not set */
    double matches;
    uint32_t patterns;
};

/* What one thread does with units of work; see trained_run. */
struct crew {
    const struct blocks *blocks;
    const struct comparisons *comparisons;
    unsigned threads;
    const struct block_sample *sample; /* for training: lessons too; NULL: all pairs, to weigh them */
};

/* Runs every unit over the crew's threads.  `contexts` are one a thread. */
MUST_USE enum fault crew_run(const struct crew *crew, blocks_on_pairs on_pairs, void **contexts);

MUST_USE enum fault trained_open(const struct crew *crew, struct trained *ret_trained);
void trained_close(struct trained *trained);

#endif
