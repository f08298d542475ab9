/* From rows to pairs: what agreement is worth is learnt from the rows, then every candidate pair is weighed.
 */
#ifndef LINKAGE_LINK_H
#define LINKAGE_LINK_H

#include "linkage/rows.h"

enum { LINKAGE_THREADS_MAX = 64 };

struct linkage_options {
    unsigned threads;     /* 1 to LINKAGE_THREADS_MAX */
    int32_t weight_least; /* pairs below are not returned, 1/1024 bit; -6 bits are odds of 1 in 64 */
};

struct linkage_options linkage_options(void);

struct linkage_report {
    uint64_t pairs_compared; /* distinct candidate pairs */
    uint64_t pairs_possible;
    double matches_expected; /* true pairs, as training has it */
    uint32_t passes;         /* blocking passes; 0: every pair was compared */
    uint32_t blocks_refined; /* blocks over the cap that were cut by a further field */
    uint32_t rows_repeated;  /* rows of which more than 16 are equal, paired with the first alone */
    uint32_t patterns;       /* distinct ones trained on */
    int64_t index_us;        /* blocking */
    int64_t train_us;
    int64_t score_us;
};

/* The same pairs for any number of threads and, renumbered, any order of rows.  FAULT_INVALID for options out
 * of range, FAULT_TOO_LARGE where more than 2^28 pairs would be returned, FAULT_MEMORY. */
MUST_USE enum fault linkage_run(const struct linkage_rows *rows, const struct linkage_options *options,
                                struct linkage_pairs *ret_pairs, struct linkage_report *ret_report);

#endif
