/* A spec: what the columns of a table are.  Plain lines:
 *
 *     # anything
 *     [table]
 *     delimiter = comma            or tab (then nothing is quoted); comma where not said
 *     header = yes                 or no: then columns are numbers from 1; yes where not said
 *     id = rec_id                  names a row in the output; the row's number where not said
 *     truth = rec_id digits        which rows are of one person, to judge by: the column as it is, or the
 *                                  first `digits` in it, or its number by `tens` (123 and 120 are one)
 *     [columns]
 *     given_name = given           COLUMN = KIND, then the date's form, then `optional` where a file may lack
 *     born = birth DD/MM/YYYY      the column
 *     email = email optional
 *
 * Columns not named are not used.  A column may be named several times, with different kinds. */
#ifndef LINKAGE_SPEC_H
#define LINKAGE_SPEC_H

#include "linkage/linkage.h"

enum { LINKAGE_COLUMNS_MAX = 32, LINKAGE_SPEC_BYTES_MAX = 64 * 1024 };

enum linkage_kind {
    LINKAGE_NONE = 0,
#define KIND(name, word, most) LINKAGE_##name,
#include "linkage/kinds.def"
#undef KIND
    LINKAGE_KINDS_END
};

enum linkage_date {
    LINKAGE_DATE_ANY = 0,   /* ISO order with or without dashes, or a year alone */
    LINKAGE_DATE_DAY_FIRST, /* DD/MM/YYYY; other separators too */
    LINKAGE_DATE_MONTH_FIRST,
};

enum linkage_truth { LINKAGE_TRUTH_WHOLE = 1, LINKAGE_TRUTH_DIGITS, LINKAGE_TRUTH_TENS };

struct linkage_column {
    char name[LINKAGE_WORD_MAX]; /* trimmed, NUL-terminated; a number where there is no header */
    enum linkage_kind kind;
    enum linkage_date date;
    bool optional;
    bool ignored;
    uint32_t line; /* of the spec */
};

struct linkage_spec {
    struct linkage_column columns[LINKAGE_COLUMNS_MAX];
    size_t column_count;
    char id[LINKAGE_WORD_MAX];    /* "": none */
    char truth[LINKAGE_WORD_MAX]; /* "": none */
    enum linkage_truth truth_form;
    uint32_t id_line;
    uint32_t truth_line;
    char delimiter; /* ',' or '\t' */
    bool header;
};

/* Any bytes.  FAULT_INVALID with *ret_error filled in. */
MUST_USE enum fault linkage_spec_parse(struct str text, struct linkage_spec *ret_spec,
                                       struct linkage_error *ret_error);

/* Leaves a column out, all its kinds.  FAULT_INVALID where the spec has none of that name, or nothing would
 * be left. */
MUST_USE enum fault linkage_spec_ignore(struct linkage_spec *spec, struct str column,
                                        struct linkage_error *ret_error);

#endif
