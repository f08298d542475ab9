/* The rows of one or two tables, read and normalised once. */
#ifndef LINKAGE_ROWS_H
#define LINKAGE_ROWS_H

#include "linkage/spec.h"

/* 16 million rows keep a row's number within 24 bits, every count of pairs of a block within 64, and what
 * their linking takes, about 400 bytes a row, within 7 GB. */
enum { LINKAGE_FILES_MAX = 2, LINKAGE_ROWS_MAX = 16000000 };

/* One file, by path, or, where that is NULL, what is in it. */
struct linkage_file {
    const char *path;
    struct str text;
};

struct linkage_source {
    const struct linkage_spec *spec;
    const struct linkage_file *files;
    size_t file_count;
    unsigned threads; /* 1 to 64; the rows are the same for any */
};

/* Reads one file, to find duplicates in it, or two, to link the first with the second.  FAULT_INVALID with
 * *ret_error filled in; FAULT_MEMORY; FAULT_STORAGE where a file cannot be read. */
MUST_USE enum fault linkage_rows_read(const struct linkage_source *source, struct linkage_rows **ret_rows,
                                      struct linkage_error *ret_error);

/* By one thread. */
MUST_USE enum fault linkage_rows_load(const struct linkage_spec *spec, const struct linkage_file *files,
                                      size_t file_count, struct linkage_rows **ret_rows,
                                      struct linkage_error *ret_error);
void linkage_rows_close(struct linkage_rows *rows);

uint32_t linkage_rows_count(const struct linkage_rows *rows);

/* How many of them are of the first file. */
uint32_t linkage_rows_first(const struct linkage_rows *rows);

/* As typed, or the row's number in its file (from 1) where the spec names no column of ids.  Borrowed. */
struct str linkage_rows_id(const struct linkage_rows *rows, uint32_t row);

/* 0: not known, or no truth column; equal numbers are one person. */
uint32_t linkage_rows_truth(const struct linkage_rows *rows, uint32_t row);
bool linkage_rows_has_truth(const struct linkage_rows *rows);

/* Of all that is compared in the row: equal keys are equal rows, wherever they stand. */
uint64_t linkage_rows_key(const struct linkage_rows *rows, uint32_t row);

#endif
