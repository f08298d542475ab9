/* One interface to the database, whichever engine stands behind it: SQLite (one process) or PostgreSQL
 * (several).
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
 * its context.  db_write returns when it is durable.  Jobs are serialisable: each is as if it ran alone. */
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

enum { DB_CONNECTIONS = 16, DB_PATIENCE_S = 10, DB_LEASE_S = 10 };

struct db_settings {
    const char *connection; /* a path, sqlite:PATH, or postgresql://… */
    bool create;            /* an SQLite file, or the tables of an empty PostgreSQL schema, may be made */
    int readers;            /* SQLite: connections that read */
    int connections;        /* PostgreSQL: all of them; 0: DB_CONNECTIONS */
    int64_t patience_us;    /* PostgreSQL: how long a caller waits for it; 0: DB_PATIENCE_S */
    int64_t lease_us;       /* of this server, after which another may end it; 0: DB_LEASE_S */
};

/* Opens the database and applies migrations.
 *
 * SQLite: takes the lock file `path` + ".lock" for life, starts the writer thread and the readers. FAULT_BUSY
 * where another process holds it; FAULT_ABSENT where it does not exist.
 * PostgreSQL: opens the connections and enters this process among the servers.  FAULT_BUSY where it cannot be
 * reached or has no connection left; FAULT_REFUSED where it does not let us in or lacks rights; FAULT_ABSENT
 * where the schema is empty and `create` is not set.  A password stands in a file that the connection names
 * (passfile=). Both: FAULT_SCHEMA where the database is newer than the program or a migration was changed, or
 * the engine too old; FAULT_INVALID for a connection that is not one; FAULT_CORRUPT; FAULT_STORAGE.  The note
 * says what to do. */
MUST_USE enum fault db_open(const struct db_settings *settings, struct db **ret_db);

/* Ends the writers when all queued jobs are done; db_close(NULL) does nothing. */
void db_close(struct db *db);

/* Whether other processes may be writing to the same database (PostgreSQL). */
bool db_is_shared(const struct db *db);

/* This opening of the database, among others of the same database; new each time. */
struct id db_server_id(const struct db *db);

/* A lane is one connection that writes.  Its transactions come one after the other, so that what a lane
 * numbers is dense in the order of its commits.  SQLite has one lane.  A lane's id is new with each db_open.
 */
enum { DB_LANES_MAX = 64 };
int db_lanes(const struct db *db);
int db_lane(const struct db_tx *tx); /* under db_write */
struct id db_lane_id(const struct db *db, int lane);

/* The next number of a series in this transaction's lane, from 1; given again where the transaction is not
 * kept. */
enum db_series { DB_SERIES_ENTRY, DB_SERIES_CHANGE, DB_SERIES_END };
uint64_t db_number_next(struct db_tx *tx, enum db_series series);

/* Runs a job that only reads, on one snapshot.  Waits for a free connection.  FAULT_BUSY where none is free
 * or the database does not answer for as long as a caller waits. */
MUST_USE enum fault db_read(struct db *db, db_job job, void *context);

/* Runs a job that writes; returns when it is durable, or what the job or the commit answered, with nothing
 * kept.  FAULT_BUSY where the bounded queue is full or the database does not answer: whether it was kept is
 * then unknown on PostgreSQL, so what a person sends twice must be the same (an id made from its form).
 * FAULT_STORAGE where the disk is full; FAULT_CANCELLED while closing; FAULT_FENCED where another server has
 * ended this one. */
MUST_USE enum fault db_write(struct db *db, enum db_urgency urgency, db_job job, void *context);

/* One statement without rows; *ret_changes (may be NULL) is how many rows it changed.  FAULT_DUPLICATE on a
 * broken unique constraint.  Without ret_changes PostgreSQL may be asked later, together with what follows:
 * the fault then comes from a later call or from db_write. */
MUST_USE enum fault db_run(struct db_tx *tx, enum statement statement, const struct value *in,
                           int64_t *ret_changes);

/* The same statement for `count` rows of parameters, each of BINDS_… values, one after the other in `in`. */
MUST_USE enum fault db_run_many(struct db_tx *tx, enum statement statement, const struct value *in,
                                size_t count);

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

/* Closes rows (NULL: none) on the way out of a function: gives `fault`, or where that is none the rows' own. */
MUST_USE enum fault db_rows_end(struct db_rows *rows, enum fault fault);

/* Counters for tests and benchmarks. */
struct db_counts {
    uint64_t commits;
    uint64_t jobs;
    uint64_t refused;
    uint64_t rerun;            /* jobs run again: a conflict, or a lost connection */
    uint64_t reconnected;      /* connections that were lost and made again */
    int64_t background_us_max; /* the longest background job so far */
};
struct db_counts db_counts(struct db *db);

#endif
