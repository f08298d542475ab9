/* The pairs that threads found, put in order. */
#ifndef LINKAGE_FOUND_H
#define LINKAGE_FOUND_H

#include "linkage/inside.h"

enum { FOUND_PAIRS_MAX = 1 << 28 };

/* One thread's pairs, in any order, by the places of rows; some twice. */
struct found_pairs {
    struct linkage_pair *at; /* from room_take */
    size_t count;
    size_t room;
};

/* FAULT_TOO_LARGE for more than FOUND_PAIRS_MAX, FAULT_MEMORY. */
MUST_USE enum fault found_add(struct found_pairs *found, struct linkage_pair pair);
void found_close(struct found_pairs *found);

/* All threads' pairs by the rows' numbers, each once.  What was found is left in no order.  FAULT_MEMORY,
 * FAULT_TOO_LARGE. */
MUST_USE enum fault found_unite(struct found_pairs *const *found, unsigned threads,
                                const struct linkage_rows *rows, struct linkage_pairs *ret_pairs);

#endif
