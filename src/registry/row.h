/* One row of a feed, and what a practitioner records: columns of text, as src/registry/layout.def declares
 * them.
 *
 * The packed form is what a claim holds, sealed.  Columns are numbered by their order, so new ones go to the
 * end. */
#ifndef REGISTRY_ROW_H
#define REGISTRY_ROW_H

#include "base/buffer.h"
#include "base/fault.h"
#include "match/person.h"
#include "policy/policy.h"

enum column {
#define COLUMN(name, kind, bytes_max, rows, help) COLUMN_##name,
#include "registry/layout.def"
#undef COLUMN
    COLUMNS_END
};

enum column_kind {
    COLUMN_TEXT = 1,
    COLUMN_NAME,
    COLUMN_DATE,
    COLUMN_CODE,
    COLUMN_NUMBER,
    COLUMN_PHONE,
    COLUMN_EMAIL
};
enum row_kind { ROW_CHILD = 1, ROW_INVOLVEMENT = 2, ROW_BOTH = 3 };

struct column_row {
    const char *name;
    enum column_kind kind;
    uint32_t bytes_max;
    enum row_kind rows;
    const char *help;
};
const struct column_row *row_column(enum column column);

struct row {
    struct str at[COLUMNS_END]; /* empty: not said */
};

/* Why a row is quarantined; the text tells the supplier what to do. */
enum row_problem {
    ROW_FINE = 0,
#define PROBLEM(name, text) ROW_##name,
#include "registry/problems.def"
#undef PROBLEM
    ROW_PROBLEMS_END
};
const char *row_problem_name(enum row_problem problem);
const char *row_problem_text(enum row_problem problem);

/* What is wrong with a row as a supplier sent it.  `today` bounds dates of birth. */
enum row_problem row_check(const struct row *row, struct day today);

enum row_kind row_kind(const struct row *row);

void row_pack(struct buffer *buffer, const struct row *row);

/* Text stays borrowed from `packed`.  FAULT_CORRUPT. */
MUST_USE enum fault row_unpack(struct bytes packed, struct row *ret_row);

/* Adds what a child's row says to a person: names, sex and birth where still unknown, places, numbers whose
 * check is right, carers, telephones.  The first row added is the most authoritative one: later names become
 * variants, later addresses earlier ones.  Number texts live in the arena; all else stays borrowed from the
 * row. */
MUST_USE enum fault row_to_person(const struct row *row, struct arena *arena, struct person *person);

#endif
