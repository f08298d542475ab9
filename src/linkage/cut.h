/* Records out of a piece of a file.
 *
 * What has no quotes, as nearly all has, needs no parser: it is cut where it lies.  The rest goes through
 * base/csv.h, and both give the same. */
#ifndef LINKAGE_CUT_H
#define LINKAGE_CUT_H

#include "base/csv.h"
#include "linkage/pieces.h"

/* Calls back with every record that begins in the piece, numbered from 1.  Its fields are in the piece, may
 * have blanks around them, and stay there until the piece is fetched anew; empty lines are dropped.  After a
 * record with a problem nothing follows.  A fault from the callback ends cutting. */
MUST_USE enum fault cut_piece(struct pieces *pieces, struct piece *piece, csv_on_record on_record,
                              void *context);

/* The first record of the file alone; *ret_behind is where in the file it ended, or where the file does. */
MUST_USE enum fault cut_first(struct pieces *pieces, struct piece *piece, csv_on_record on_record,
                              void *context, uint64_t *ret_behind);

#endif
