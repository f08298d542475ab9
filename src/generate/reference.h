/* Reading the tables of a reference folder: CSV, compressed with gzip or not. */
#ifndef GENERATE_REFERENCE_H
#define GENERATE_REFERENCE_H

#include "base/csv.h"
#include "base/fault.h"

struct reference_table {
    const char *folder;
    const char *file;
    const char *header;   /* the first line as it must be */
    csv_on_record on_row; /* every record after the first, with as many fields as the header */
    void *context;
};

/* FAULT_ABSENT where the file is not there, FAULT_MALFORMED where it is another file; the note names the
 * table. */
MUST_USE enum fault reference_read(const struct reference_table *table);

/* "0.01302" or "3e-05" in millionths; false for anything else. */
bool reference_millionths(struct str text, uint64_t *ret);

#endif
