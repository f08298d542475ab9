/* What becomes of a table's columns: which field each fills, and where a file has them. */
#ifndef LINKAGE_PLAN_H
#define LINKAGE_PLAN_H

#include "base/csv.h"
#include "linkage/inside.h"

enum { NOWHERE = UINT16_MAX };

struct plan {
    const struct linkage_spec *spec;
    uint8_t fields[LINKAGE_COLUMNS_MAX]; /* that a column fills; not for LINKAGE_NAME */
    uint8_t given;                       /* fields; UINT8_MAX: none */
    uint8_t family;
    uint8_t other;
};

/* Where one file has the columns; NOWHERE: it lacks it. */
struct places {
    uint16_t columns[LINKAGE_COLUMNS_MAX];
    uint16_t id;
    uint16_t truth;
};

/* Makes the rows' fields.  FAULT_INVALID with *error filled in. */
MUST_USE enum fault plan_open(const struct linkage_spec *spec, struct linkage_rows *rows,
                              struct plan *ret_plan, struct linkage_error *error);

/* By the file's first record.  FAULT_INVALID with *error, whose file is set, filled in. */
MUST_USE enum fault places_find(const struct linkage_spec *spec, const struct csv_record *first,
                                struct places *ret_places, struct linkage_error *error);

#endif
