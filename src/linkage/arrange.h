/* A large table's rows in an order in which those of one person, and of one birth date, lie together.
 *
 * Rows that are compared are then in the processor's cache more often than not.  What is found hangs neither
 * on this order nor on the file's. */
#ifndef LINKAGE_ARRANGE_H
#define LINKAGE_ARRANGE_H

#include "linkage/inside.h"

struct arranged {
    const struct linkage_rows *rows; /* the table itself, or `copy` */
    struct linkage_rows copy;        /* its cells and keys in another order; no ids, no truth */
    uint32_t *from;                  /* of each row of the copy: its number in the table; NULL: the same */
};

/* By 1 to 64 threads.  The rows are borrowed.  FAULT_MEMORY. */
MUST_USE enum fault arranged_open(const struct linkage_rows *rows, unsigned threads,
                                  struct arranged *ret_arranged);
void arranged_close(struct arranged *arranged);

/* A row's number in the table. */
static inline uint32_t arranged_row(const struct arranged *arranged, uint32_t row)
{
    return arranged->from == NULL ? row : arranged->from[row];
}

#endif
