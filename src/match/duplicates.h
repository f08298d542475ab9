/* Who in the index may be somebody else in it: every pair that linkage's keys bring together is scored once
 * (linkage.md §1).
 *
 * The pairs do not depend on the order in which people arrived, nor on the number of threads.  Sealed records
 * are left out, for nothing may join an old identity and a new one (R9.8), and archived and pending ones. */
#ifndef MATCH_DUPLICATES_H
#define MATCH_DUPLICATES_H

#include "match/match.h"

/* Two children, one < other by their ids. */
struct match_pair {
    struct child_id one;
    struct child_id other;
    int32_t weight; /* 1/1024 bit, the prior included */
    bool against;   /* evidence that they are two: twins' names, numbers that exclude each other */
    bool hidden;    /* one of them is shielded */
};

struct match_pairs {
    struct match_pair *at; /* ascending by one, then other; free() it */
    size_t count;
    uint64_t people;   /* who were looked at */
    uint64_t compared; /* pairs that were scored */
};

/* All pairs from the weight of a possible match on.  People who change meanwhile are found as they were or as
 * they are.  FAULT_MEMORY, FAULT_SYSTEM. */
MUST_USE enum fault match_duplicates(struct match_index *index, int threads, struct match_pairs *ret_pairs);

/* The evidence of one pair: *ret_candidate is `other` as if `one` had been linked.  FAULT_ABSENT where either
 * is not here. */
MUST_USE enum fault match_pair_weigh(struct match_index *index, struct child_id one, struct child_id other,
                                     struct match_candidate *ret_candidate);

#endif
