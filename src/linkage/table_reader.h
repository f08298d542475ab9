/* From records to cells: what one thread makes of the pieces of a file. */
#ifndef LINKAGE_TABLE_READER_H
#define LINKAGE_TABLE_READER_H

#include "linkage/cell.h"
#include "linkage/pieces.h"
#include "linkage/plan.h"
#include "linkage/shelf.h"

/* What became of a piece.  Its cells hold ids of its reader's values.  Its arrays lie on its reader's shelf.
 */
struct parcel {
    unsigned reader;
    uint32_t count; /* rows */
    uint32_t room;
    uint32_t *cells;
    uint64_t *keys;
    uint8_t *id_lens; /* 0: the row has no id */
    char *id_bytes;
    size_t id_byte_count;
    size_t id_byte_room;
    uint32_t *truth; /* NULL: none */
    uint64_t records;
    uint32_t values_end[VALUES_SLOTS]; /* how many values its reader had behind it */
    const char *problem;               /* NULL: none */
    uint64_t problem_record;
};

enum { READER_BATCH = 32 };

/* Records on their way, column by column, so that what a column needs is at hand. */
struct reader_batch {
    uint32_t count;
    struct str typed[LINKAGE_COLUMNS_MAX][READER_BATCH];
    struct str ids[READER_BATCH];
    struct str truths[READER_BATCH];
    uint64_t records[READER_BATCH];
    uint64_t hashes[READER_BATCH];
    struct cell cells[READER_BATCH];
    uint8_t missed[READER_BATCH];
};

struct reader_memo;

/* One thread's. */
struct table_reader {
    const struct plan *plan;
    const struct places *places;
    const struct linkage_rows *rows; /* its fields alone */
    struct values values[VALUES_SLOTS];
    struct reader_memo *memos; /* NULL: the table is small as yet */
    unsigned threads;          /* readers */
    uint32_t taken;            /* rows */
    uint32_t looked[LINKAGE_COLUMNS_MAX];
    uint32_t found[LINKAGE_COLUMNS_MAX];
    struct piece piece;
    struct parcel parcel; /* of the piece in work */
    struct shelf shelf;   /* of those that are done */
    struct shelf texts;   /* their ids */
    struct reader_batch batch;
};

/* What is wrong with a record, in words. */
const char *record_problem_text(enum csv_problem problem);

/* NULL: no memory.  table_reader_close(NULL) does nothing. */
struct table_reader *table_reader_open(const struct plan *plan, const struct linkage_rows *rows,
                                       unsigned threads);
void table_reader_close(struct table_reader *reader);

/* Reads a piece.  What is wrong with a record is the parcel's `problem`, and no fault. */
MUST_USE enum fault table_reader_piece(struct table_reader *reader, const struct places *places,
                                       struct pieces *pieces, size_t number, struct parcel *ret_parcel);

#endif
