/* What the files of this floor share of the rows. */
#ifndef LINKAGE_INSIDE_H
#define LINKAGE_INSIDE_H

#include "linkage/rows.h"
#include "linkage/values.h"

/* A field's values are in a slot of their own, or share another's; the last is of what the truth column says.
 */
enum { FIELDS_MAX = 16, TRUTHS_SLOT = FIELDS_MAX, VALUES_SLOTS };

/* From here on a truth is a number that stood in the table; below, one of the texts that did. */
static const uint32_t TRUTH_NUMBERS = (uint32_t)1 << 31;

/* One thing known of a row: a column, or a part of a name. */
struct field {
    enum linkage_kind kind;
    uint8_t
        values; /* which values its ids are of; the parts of a name share them, so do lines of an address */
    uint32_t *counts; /* rows by value id */
    uint32_t filled;  /* rows that have a value */
};

struct linkage_rows {
    struct field fields[FIELDS_MAX];
    size_t field_count;
    struct values values[VALUES_SLOTS];
    uint32_t count;
    uint32_t first; /* of the first file */
    uint32_t file_count;
    unsigned threads; /* that read them, and will make people of them */
    /* Within this floor rows go by place; outside, by number. */
    uint32_t *numbers;    /* by place: a row's number; NULL: they are the same */
    uint32_t *cells;      /* by place: field_count ids each; 0: missing */
    uint64_t *keys;       /* by place: of what is compared */
    uint64_t *order_keys; /* by place: of keys and id: what ties are broken by */
    uint64_t *row_keys;   /* by number: the keys; NULL: in the same order */
    uint64_t *ids;        /* offset × 65536 + length */
    char *id_bytes;
    size_t id_byte_count;
    uint32_t *truth; /* NULL: none */
};

static inline const uint32_t *rows_cells(const struct linkage_rows *rows, uint32_t row)
{
    return rows->cells + (size_t)row * rows->field_count;
}

static inline uint32_t rows_number(const struct linkage_rows *rows, uint32_t place)
{
    return rows->numbers == NULL ? place : rows->numbers[place];
}

/* The number of the first field of a kind after `after` (SIZE_MAX: from the first), or SIZE_MAX. */
static inline size_t rows_field(const struct linkage_rows *rows, enum linkage_kind kind, size_t after)
{
    for (size_t i = after + 1; i < rows->field_count; i++) {
        if (rows->fields[i].kind == kind)
            return i;
    }
    return SIZE_MAX;
}

#endif
