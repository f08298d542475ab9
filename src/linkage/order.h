/* Sorting by numbers, a digit at a time. */
#ifndef LINKAGE_ORDER_H
#define LINKAGE_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

struct ordered {
    uint64_t key;
    uint64_t value;
};

/* Ascending by key; what has one key stays in order.  FAULT_MEMORY: nothing was moved. */
MUST_USE enum fault order_sort(struct ordered *at, size_t count);

/* Words by their upper bits, from ORDER_LOW_BITS on; those with the same stay in order.  *at and *spare, of
 * `count` words each, may change places. */
enum { ORDER_LOW_BITS = 24 };
void order_words(uint64_t **at, uint64_t **spare, size_t count);

/* The same, but only nearly: by their 20 uppermost bits. */
void order_words_nearly(uint64_t **at, uint64_t **spare, size_t count);

#endif
