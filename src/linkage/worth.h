/* What agreement on a value weighs. */
#ifndef LINKAGE_WORTH_H
#define LINKAGE_WORTH_H

#include "linkage/compare.h"

/* Of each kind, what priors.def expects of two rows of one person. */
struct worth_prior {
    double exact;
    double floor_bits;
    double others[LEVELS - LEVEL_COMMON];
};

extern const struct worth_prior worth_priors[LINKAGE_KINDS_END];

/* Makes scale->agreed, not yet set to anything.  FAULT_MEMORY; close it then too. */
MUST_USE enum fault worth_open(const struct comparisons *comparisons, struct scale *scale);

/* Empties the scale. */
void worth_close(struct scale *scale);

/* Before anything is learnt: a value's class alone counts. */
void worth_of_classes(const struct comparisons *comparisons, struct scale *scale);

/* What was learnt; `repeats` is how many more rows of one person there are, on average, for each row. */
struct worth_basis {
    const struct comparisons *comparisons;
    const struct em_model *model;
    double repeats;
};

/* Agreement on a rare value earns more than its class does on average, on a common one less.  By 1 to 64
 * threads. */
MUST_USE enum fault worth_of_values(const struct worth_basis *basis, unsigned threads, struct scale *scale);

#endif
