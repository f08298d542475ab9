/* One cell of a table as it is compared. */
#ifndef LINKAGE_CELL_H
#define LINKAGE_CELL_H

#include "linkage/spec.h"
#include "linkage/values.h"

struct cell {
    char text[VALUE_BYTES_MAX];
    uint8_t len;     /* 0: missing */
    uint32_t number; /* struct value_sign */
};

/* Any kind but LINKAGE_NAME.  Dates become eight digits, 0 for what is not known; an impossible date stays as
 * typed: it may be a slip.  Case, marks and separators are gone. */
void cell_normalise(enum linkage_kind kind, enum linkage_date date, struct str typed, struct cell *ret_cell);

/* The parts of a full name: titles left out, the first word given, the last family, what is between other;
 * a word before a comma is the family.  One word alone is given. */
struct cell_names {
    struct cell given;
    struct cell family;
    struct cell other;
};

void cell_split_name(struct str typed, struct cell_names *ret_names);

#endif
