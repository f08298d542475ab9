/* What a linkage leaves behind, as CSV.  A file is written beside its path and takes its place when it is
 * whole and on the disk: nobody finds half of one. */
#ifndef LINKAGE_OUT_H
#define LINKAGE_OUT_H

#include "linkage/judge.h"
#include "linkage/rows.h"

/* Of greater clusters only the scored pairs are written, and each row with the first. */
enum { LINKAGE_OUT_WHOLE_MAX = 1000 };

struct linkage_out {
    const struct linkage_rows *rows;
    const struct linkage_pairs *pairs;
    const uint32_t *cluster;
    unsigned threads; /* 1 to 64 */
};

/* The linked pairs as `a,b,weight,probability`: ids, bits, and the probability that they are of one person,
 * as the pair by itself has it; both empty where nobody weighed the pair and its cluster alone speaks.  Of
 * two files, a is of the first and b of the second.  *ret_count is how many were written.  FAULT_STORAGE with
 * a note, FAULT_MEMORY. */
MUST_USE enum fault linkage_out_pairs(const struct linkage_out *out, const char *path, uint64_t *ret_count);

/* Every row as `file,id,cluster`: 1 or 2; the row's id; the number of its person, from 1, by first row. */
MUST_USE enum fault linkage_out_clusters(const struct linkage_out *out, const char *path);

/* The precision-recall curve as `weight,probability,precision,recall,f1`. */
MUST_USE enum fault linkage_out_curve(const struct judge_point *points, size_t count, const char *path);

#endif
