/* A connection past the packed statements, for what judges a database: `store copy` looks into one before
 * anything in it may change, `store check` breaks constraints on purpose.  One thread at a time.
 *
 * SQL is the program's own text; values go in as parameters, written $1, $2 … in that order. */
#ifndef STORE_RAW_H
#define STORE_RAW_H

#include "store/db.h"

struct raw;

/* Opens what db_open would open, takes no lock and makes nothing.  Where it only reads, nothing can be
 * written through it.  FAULT_ABSENT where there is no such file, or an empty one; FAULT_INVALID for a
 * connection that is none; FAULT_BUSY, FAULT_REFUSED or FAULT_STORAGE where it does not open. */
MUST_USE enum fault raw_open(const char *connection, bool writes, struct raw **ret_raw);
void raw_close(struct raw *raw);

/* One statement with its parameters; *ret_changes (may be NULL) is how many rows it changed.  FAULT_DUPLICATE
 * for a broken key or unique constraint, FAULT_INVALID for another constraint, FAULT_SCHEMA where the engine
 * does not take the statement, FAULT_CONFLICT where it could not be put in order with others, FAULT_REFUSED
 * for missing rights, FAULT_BUSY for a lost connection, FAULT_STORAGE. */
MUST_USE enum fault raw_run(struct raw *raw, const char *sql, const struct value *in, size_t count,
                            int64_t *ret_changes);

/* The first column of the first row, as text, behind what stands in the buffer.  FAULT_ABSENT where there is
 * no row; faults of raw_run. */
MUST_USE enum fault raw_ask(struct raw *raw, const char *sql, struct buffer *text);

/* The same as a whole number; FAULT_MALFORMED where it is none. */
MUST_USE enum fault raw_number(struct raw *raw, const char *sql, int64_t *ret_number);

/* Several statements without parameters. */
MUST_USE enum fault raw_script(struct raw *raw, const char *sql);

/* Whether the engine takes a statement; nothing is run. */
MUST_USE enum fault raw_prepare(struct raw *raw, const char *sql);

/* What the engine said of the last fault, in one line; never NULL. */
const char *raw_says(const struct raw *raw);

/* Whether a connection is of PostgreSQL's kind. */
bool raw_is_postgres(const char *connection);

#endif
