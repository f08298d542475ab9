/* One interface to the database, whichever engine stands behind it.
 *
 * SQL lives in src/store/sql/ and is packed at build time into enum statement (generated "sql.h"): parameters
 * and columns are named enum values, so that what is bound is bound by name:
 *
 *     const struct value in[] = {[BIND_child_get_child_id] = value_id(child.id)};
 *     struct value out[GIVES_child_get];
 *     TRY(db_one(tx, SQL_child_get, in, arena, out));
 *     state = out[GIVE_child_get_state].number;
 *
 * A write is a job: a function that gets a transaction, may be run again, and touches nothing outside it but
 * its context.  One writer thread runs jobs, each under a savepoint, and commits waiting jobs in groups;
 * db_write returns when its group is durable. */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/fault.h"
#include "base/id.h"
#include "base/str.h"
#include "base/time.h"
#include "sql.h"

enum value_kind { VALUE_UNSET = 0, VALUE_NULL, VALUE_INT, VALUE_BYTES, VALUE_TEXT };

struct value {
    enum value_kind kind;
    int64_t number;
    struct bytes bytes; /* BYTES and TEXT; borrowed */
};

static inline struct value value_int(int64_t number)
{
    return (struct value){.kind = VALUE_INT, .number = number};
}
static inline struct value value_bytes(struct bytes bytes)
{
    return (struct value){.kind = VALUE_BYTES, .bytes = bytes};
}
static inline struct value value_text(struct str text)
{
    return (struct value){.kind = VALUE_TEXT, .bytes = bytes_of(text)};
}
static inline struct value value_null(void)
{
    return (struct value){.kind = VALUE_NULL};
}

/* An id's 16 bytes; the id must outlive the value. */
#define value_id(lvalue) value_bytes(id_bytes(&(lvalue)))

struct db;
struct db_tx;
struct db_rows;

enum db_urgency {
    DB_FOREGROUND = 1, /* somebody waits for the answer */
    DB_BACKGROUND = 2, /* feeds: runs between groups of the foreground, one short job at a time */
};

typedef enum fault (*db_job)(struct db_tx *tx, void *context);

/* Opens (where `create`, makes) the SQLite database at `path`, takes the lock file `path` + ".lock" for life,
 * applies migrations, starts the writer thread and `readers` read-only connections. FAULT_BUSY where another
 * process holds it; FAULT_SCHEMA where the database is newer than the program or a migration was changed;
 * FAULT_ABSENT where it does not exist; FAULT_CORRUPT; FAULT_STORAGE. */
MUST_USE enum fault db_open(const char *path, bool create, int readers, struct db **ret_db);

/* Ends the writer when all queued jobs are done; db_close(NULL) does nothing. */
void db_close(struct db *db);

/* Runs a job that only reads, on one snapshot.  Waits for a free reader. */
MUST_USE enum fault db_read(struct db *db, db_job job, void *context);

/* Runs a job that writes; returns when it is durable, or what the job or the commit answered, with nothing
 * kept. FAULT_BUSY where the bounded queue is full; FAULT_STORAGE where the disk is full; FAULT_CANCELLED
 * while closing. */
MUST_USE enum fault db_write(struct db *db, enum db_urgency urgency, db_job job, void *context);

/* One statement without rows; *ret_changes (may be NULL) is how many rows it changed.
 * FAULT_DUPLICATE on a broken unique constraint. */
MUST_USE enum fault db_run(struct db_tx *tx, enum statement statement, const struct value *in,
                           int64_t *ret_changes);

/* A statement that gives at most one row, copied into the arena.  FAULT_ABSENT where it gives none. */
MUST_USE enum fault db_one(struct db_tx *tx, enum statement statement, const struct value *in,
                           struct arena *arena, struct value *out);

/* A statement that gives rows: `out` is filled by each db_next and borrowed until the next; false at the end
 * or on a fault, which db_rows_close returns.  Always close.  The same statement is not opened twice at once
 * in one transaction. */
MUST_USE enum fault db_query(struct db_tx *tx, enum statement statement, const struct value *in,
                             struct db_rows **ret_rows);
bool db_next(struct db_rows *rows, struct value *out);
MUST_USE enum fault db_rows_close(struct db_rows *rows);

/* Counters for tests and benchmarks. */
struct db_counts {
    uint64_t commits;
    uint64_t jobs;
    uint64_t refused;
    int64_t background_us_max; /* the longest background job so far */
};
struct db_counts db_counts(const struct db *db);

#endif
