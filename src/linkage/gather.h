/* From parcels, each by the ids of its reader's values, to rows in the file's order by ids of their own. */
#ifndef LINKAGE_GATHER_H
#define LINKAGE_GATHER_H

#include "linkage/table_reader.h"

/* In the order of the files; those of the first file before the others. */
struct parcels {
    struct parcel *at;
    size_t count;
};

/* So many more, empty.  FAULT_MEMORY. */
MUST_USE enum fault parcels_expect(struct parcels *parcels, size_t more);
void parcels_close(struct parcels *parcels);

/* Fills rows->values, cells, keys, ids and truth for rows->count rows, and counts the values.  Values get
 * the ids that reading by one thread would have given them, whoever read what.  Takes the readers' values.
 * FAULT_MEMORY, FAULT_TOO_LARGE. */
MUST_USE enum fault gather_rows(struct parcels *parcels, struct table_reader **readers, unsigned threads,
                                struct linkage_rows *rows);

#endif
