/* Carries a whole index from one database to another, whichever engines they have, and proves it row by row.
 *
 * Rows are written in the order of their keys, in transactions of many rows each, so that the greatest key of
 * a table in the target says how far it has come: a copy that was killed at any instant goes on there.  While
 * it is under way the target holds the fact `copying` (in `meta`, with the source's instance), and no other
 * fact; the transaction that brings the other facts takes it away.  Nothing is opened that is sealed, and
 * nothing in the source changes. */
#ifndef STORE_COPY_H
#define STORE_COPY_H

#include "store/db.h"

enum { COPY_TABLES_MAX = 64 };

enum copy_phase { COPY_WAITING = 1, COPY_CARRYING, COPY_COMPARING };

/* Told now and then; `rows` of this table so far.  COPY_WAITING is for a process that was killed to be known
 * to be gone. */
struct copy_listener {
    void (*progress)(void *context, enum copy_phase phase, const char *table, int64_t rows);
    void *context;
};

struct copy_order {
    const char *from; /* connections, as db_open takes them */
    const char *to;
    int64_t lease_us; /* after which a copy that was killed is no longer waited for; 0: DB_LEASE_S */
    struct copy_listener listener;
};

struct copy_count {
    const char *table;
    int64_t rows;    /* compared, and equal */
    int64_t written; /* of them, by this run */
};

struct copy_report {
    struct copy_count tables[COPY_TABLES_MAX];
    size_t count;
    const char *differs;   /* the table whose rows are not the same; NULL where none is known */
    bool about_the_source; /* where a fault is told: which of the two it is about */
    bool about_the_target;
};

/* Returns when the target is whole, durable and compared.  FAULT_DUPLICATE where the target holds an index,
 * or the unfinished copy of another; FAULT_BUSY where either is in use; FAULT_SCHEMA where either is of
 * another version; FAULT_CONFLICT where the source was written to meanwhile, or is itself unfinished;
 * FAULT_INVALID where both are the same; faults of db_open, db_read and db_write.  The note says what to do;
 * *ret_report is filled as far as it came. */
MUST_USE enum fault store_copy(const struct copy_order *order, struct copy_report *ret_report);

#endif
