/* How good a linkage is, by rows whose people are known (linkage.md §6).
 *
 * De-duplication is judged by all pairs of rows, the linking of two files by the pairs across.  Rows whose
 * person is not known are left out of every figure.  Counted by clusters, so that millions of rows are judged
 * exactly. */
#ifndef LINKAGE_JUDGE_H
#define LINKAGE_JUDGE_H

#include "linkage/linkage.h"

struct judge_input {
    uint32_t count;          /* rows */
    uint32_t first;          /* of the first file; `count` where there is one only */
    const uint32_t *truth;   /* of each row: equal numbers are one person; 0: not known */
    const uint32_t *cluster; /* of each row: equal numbers are said to be one person */
    const struct linkage_pair *pairs;
    size_t pair_count;
};

struct judge_share {
    double precision; /* 1 where nothing was claimed */
    double recall;    /* 1 where there was nothing to find */
    double f1;
};

/* A threshold and what its pairs are worth, without clusters. */
struct judge_point {
    int32_t weight; /* pairs of this weight or more count, 1/1024 bit */
    struct judge_share share;
};

struct judge_report {
    uint64_t judged; /* rows */
    uint64_t true_pairs;
    uint64_t claimed_pairs;    /* in one cluster */
    struct judge_share linked; /* pairs within clusters */
    struct judge_share bcubed; /* of the clusters, row by row */
    uint64_t largest_false;    /* rows of the largest cluster that holds several people; 0: none */
    struct judge_share even;   /* pairs whose odds are even or better, without clusters */
    struct judge_point best;   /* the threshold of the best F1, without clusters */
    double completeness;       /* share of the true pairs that are among `pairs` */
    double brier;              /* mean of (probability - truth)² over `pairs` */
};

enum { JUDGE_POINTS_MAX = 1000 };

/* ret_curve may be NULL, or takes at most JUDGE_POINTS_MAX points, from the highest weight down.
 * FAULT_MEMORY. */
MUST_USE enum fault linkage_judge(const struct judge_input *input, struct judge_report *ret_report,
                                  struct judge_point *ret_curve, size_t *ret_point_count);

/* The probability that a weight stands for. */
double judge_probability(int32_t weight);

#endif
