/* Record linkage of plain tables: which rows of one or two CSV files are of one person.
 *
 * A spec says what the columns are; everything else is worked out from the rows: how common values are, and
 * by expectation maximisation what agreement is worth (linkage.md §2).  The same comparisons as the index's.
 *
 *     linkage_spec_parse, linkage_rows_load, linkage_run; then cluster_find over the pairs. */
#ifndef LINKAGE_LINKAGE_H
#define LINKAGE_LINKAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/str.h"

struct linkage_spec;
struct linkage_rows;

/* Rows by number: those of the first file from 0 in the file's order, then those of the second. */

/* Two rows that may be of one person, a < b.  Of two files, a is of the first and b of the second. */
struct linkage_pair {
    uint32_t a;
    uint32_t b;
    int32_t weight; /* log2 of the odds that they are, 1/1024 bit, the prior included */
    bool against;   /* something says that they are two people, whatever else agrees */
};

struct linkage_pairs {
    struct linkage_pair *at; /* ascending by a, then b; free() it */
    size_t count;
};

/* What is wrong with a spec or a file, for the one who wrote it. */
enum { LINKAGE_WORD_MAX = 64 };

struct linkage_error {
    const char *message;         /* a literal that says what to do; NULL: nothing is wrong */
    uint64_t line;               /* of the spec, or the record's number in a file; 0: of the whole */
    unsigned file;               /* 0: the spec, 1: the first file, 2: the second */
    char word[LINKAGE_WORD_MAX]; /* the column or word meant, printable ASCII, or "" */
};

/* Fills an error in and returns FAULT_INVALID.  What does not fit of `word`, or is not printable, is left
 * out. */
enum fault linkage_error_set(struct linkage_error *error, unsigned file, uint64_t line, struct str word,
                             const char *message);

#endif
