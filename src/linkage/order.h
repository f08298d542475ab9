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

#endif
