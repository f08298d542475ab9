/* Inside `store copy`: the tables, and their rows on the way.  Only src/store and its tests include this. */
#ifndef STORE_COPY_ROWS_H
#define STORE_COPY_ROWS_H

#include "store/copy.h"
#include "store/statement.h"

enum { COPY_COLUMNS_MAX = 64 };

/* A table that is carried, with its statements in sql/copy.sql. */
struct copy_table {
    const char *name;
    enum statement read;  /* every row from a key on */
    enum statement write; /* SQL_NONE: in the last transaction */
    enum statement last;  /* the greatest key */
};

extern const struct copy_table copy_tables[];
extern const size_t copy_table_count;

/* What the schema says of it. */
const struct sql_table *copy_schema(const struct copy_table *table);

/* The key before all others, of as many values as the table's key has columns. */
void copy_least(const struct copy_table *table, struct value *ret_key);

/* Both databases, and what is told of them. */
struct copying {
    struct db *from;
    struct db *to;
    const struct copy_listener *listener;
    struct copy_report *report;
    /* The lease under which the target is written, where others can reach it. */
    int64_t fence;
    int64_t lease_us;
};

/* copy_others.c.  Returns when no other process has the source open.  FAULT_BUSY where one keeps it open. */
MUST_USE enum fault copy_await_silence(const struct copying *copying);

/* What all lanes but our own have committed: the same as before where nobody has written. */
struct copy_digest {
    uint8_t byte[32];
};
MUST_USE enum fault copy_digest_lanes(struct db *db, struct copy_digest *ret_digest);

/* The lease on the target.  FAULT_BUSY where another copy keeps it. */
MUST_USE enum fault copy_take_lease(struct copying *copying);
MUST_USE enum fault copy_leave_lease(struct copying *copying);

/* Within a transaction that writes to the target: FAULT_FENCED where the lease has passed to another. */
MUST_USE enum fault copy_hold(struct db_tx *tx, const struct copying *copying);

/* copy_rows.c.  Writes what is missing in the target. */
MUST_USE enum fault copy_carry(struct copying *copying);

/* Compares all tables but those of the last transaction.  FAULT_CONFLICT where rows are not the same. */
MUST_USE enum fault copy_compare(struct copying *copying);

/* Compares one table, each side read in a transaction of its own. */
MUST_USE enum fault copy_compare_table(struct db_tx *from, struct db_tx *to, const struct copy_table *table,
                                       const struct copying *copying, struct copy_count *count);

#endif
