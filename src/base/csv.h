/* CSV as RFC 4180 has it, read strictly with libcsv, and written.
 *
 * The reader is fed pieces of a file and calls back with whole records; it refuses stray quotes, NUL bytes,
 * invalid UTF-8, too many fields and over-long records by record number, and goes on with the next record
 * where it can. Blanks around a field without quotes, and empty lines, are dropped. */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/str.h"

enum { CSV_FIELDS_MAX = 128, CSV_RECORD_BYTES_MAX = 64 * 1024 };

/* What was wrong with one record. */
enum csv_problem {
    CSV_FINE = 0,
    CSV_QUOTES = 1,   /* a quote where none may stand; the reader cannot go on */
    CSV_NUL = 2,      /* a NUL byte */
    CSV_UTF8 = 3,     /* not UTF-8 */
    CSV_FIELDS = 4,   /* more than CSV_FIELDS_MAX fields */
    CSV_TOO_LONG = 5, /* more than CSV_RECORD_BYTES_MAX bytes */
};

struct csv_record {
    uint64_t number;          /* 1 for the first record */
    enum csv_problem problem; /* fields are empty where not CSV_FINE */
    const struct str *fields; /* borrowed until the callback returns */
    size_t field_count;
};

typedef enum fault (*csv_on_record)(void *context, const struct csv_record *record);

struct csv_reader;

MUST_USE enum fault csv_open(csv_on_record on_record, void *context, struct csv_reader **ret_reader);
void csv_close(struct csv_reader *reader);

/* The next piece of the file.  A fault from the callback ends reading and is returned; FAULT_MALFORMED where
 * the quoting is broken beyond going on (the callback has had CSV_QUOTES by then). */
MUST_USE enum fault csv_feed(struct csv_reader *reader, struct bytes piece);

/* The end of the file: delivers a last record without newline. */
MUST_USE enum fault csv_finish(struct csv_reader *reader);

/* Appends one field, quoted where needed; `first` says that no comma goes before. */
void csv_put(struct buffer *buffer, struct str field, bool first);

/* As csv_put for a file that people open in a spreadsheet: a leading = + - @ tab or CR is preceded by an
 * apostrophe. */
void csv_put_export(struct buffer *buffer, struct str field, bool first);

#endif
