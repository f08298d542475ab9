/* One output file, written in pieces.  A feed's first line holds the number of rows and the digest of what
 * follows, so its room is kept free and filled at the end; until then it says zero rows, which no loader
 * accepts. */
#ifndef GENERATE_SHEET_H
#define GENERATE_SHEET_H

#include "base/buffer.h"
#include "base/time.h"
#include "policy/policy.h"

struct sheet;

struct sheet_order {
    const char *folder;
    const char *file;
    enum source source; /* SOURCE_NONE: a file without feed header */
    struct day as_of;
};

/* FAULT_STORAGE with a note, FAULT_MEMORY.  sheet_close(NULL) does nothing. */
MUST_USE enum fault sheet_open(const struct sheet_order *order, struct sheet **ret_sheet);
void sheet_close(struct sheet *sheet);

/* One field; `first` starts a row, sheet_end_row ends it. */
void sheet_put(struct sheet *sheet, struct str field, bool first);
MUST_USE enum fault sheet_end_row(struct sheet *sheet);

/* The line naming the columns: not counted. */
MUST_USE enum fault sheet_end_heading(struct sheet *sheet);

/* Writes what is left and the first line.  *ret_rows: rows without the heading. */
MUST_USE enum fault sheet_finish(struct sheet *sheet, uint64_t *ret_rows);

#endif
