/* What the files of src/audit/ share; nobody else includes this. */
#ifndef AUDIT_INSIDE_H
#define AUDIT_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "audit/audit.h"

enum { MONTHS_REMEMBERED = 8 };

/* A month of the log: year × 12 + month - 1. */
struct month_key {
    int64_t month; /* 0 where the place is free */
    struct wrapped_key key;
};

struct audit {
    struct db *db;
    struct vault *vault;
    struct clock clock;
    struct entropy entropy;
    _Atomic uint64_t released[DB_LANES_MAX]; /* of each lane, the highest number told to the keeper */
    pthread_mutex_t lock;                    /* guards months and month_next */
    struct month_key months[MONTHS_REMEMBERED];
    size_t month_next; /* the place that is overwritten next */
};

/* The clear columns of an entry and its ciphertext, borrowed from a row. */
struct audit_row {
    struct bytes incarnation_id;
    int64_t number;
    struct bytes entry_id;
    struct bytes commitment;
    struct bytes child_id; /* empty where none is named */
    int64_t month;
    struct bytes actor_tag; /* empty for nobody */
    int64_t at_us;
    struct bytes sealed;
};

int64_t audit_month_of(struct instant at);

/* The wrapped key of a month, made on first use; never inside a job. */
MUST_USE enum fault audit_month_key(struct audit *audit, int64_t month, struct wrapped_key *ret_key);

/* The same inside a transaction that reads: FAULT_ABSENT where no entry of that month was ever sealed. */
MUST_USE enum fault audit_month_key_read(struct audit *audit, struct db_tx *tx, int64_t month,
                                         struct wrapped_key *ret_key);

/* Opens a stored entry into `clear`: the salt, then the packed event.  FAULT_ABSENT where its key is gone,
 * FAULT_CORRUPT or FAULT_KEY where it does not open. */
MUST_USE enum fault audit_row_open(struct audit *audit, struct db_tx *tx, const struct audit_row *row,
                                   struct buffer *clear);

/* Recomputes the commitment of an opened entry and compares the clear columns with its event.  FAULT_CORRUPT.
 */
MUST_USE enum fault audit_row_verify(struct audit *audit, const struct audit_row *row, struct bytes clear);

/* How an account's entries are found. */
struct tag audit_actor_tag(struct audit *audit, struct account_id actor);

#endif
