/* Puts a large table's rows into an order in which those of one person, and of one birth date, lie together.
 *
 * Rows that are compared are then in the processor's cache more often than not.  What is found hangs neither
 * on this order nor on the file's. */
#ifndef LINKAGE_ARRANGE_H
#define LINKAGE_ARRANGE_H

#include "linkage/inside.h"

/* Small tables stay as they are, and those without names or dates.  By 1 to 64 threads.  FAULT_MEMORY. */
MUST_USE enum fault rows_arrange(struct linkage_rows *rows, unsigned threads);

#endif
