/* Judges a database engine: does on it, in a place of its own that goes away again, all that this program
 * leans on.  Nothing that stands in the database already is touched. */
#ifndef STORE_CHECK_H
#define STORE_CHECK_H

#include "store/db.h"

enum check_verdict {
    CHECK_PASSES = 1,
    CHECK_WARNS, /* it does what is asked, but should be looked at */
    CHECK_LACKS, /* it cannot do something */
    CHECK_FAILS, /* it does something wrong */
};

/* What came out of one group of tries. */
struct check_result {
    enum check_verdict verdict;
    const char *title;
    const char *follows; /* where it does not pass */
    struct str seen;     /* lines, each with its newline; may be empty */
};

struct check_listener {
    void (*engine)(void *context, struct str name); /* what answers, first of all */
    void (*result)(void *context, const struct check_result *result);
    void (*figure)(void *context, const char *name, double value, const char *unit);
    bool (*stop)(void *context); /* asked often; true: ends early, and cleans up */
    void *context;
};

struct check_order {
    const char *connection; /* as db_open takes it; an SQLite path need not exist */
    const char *placement;  /* a script of the engine's own, run once the tables stand; NULL: none */
    struct check_listener listener;
};

/* *ret_verdict is the worst of all groups.  FAULT_CANCELLED where it was stopped; faults of db_open where the
 * engine cannot be reached or lets nothing be made; then *ret_verdict is untouched.  The note says what to
 * do. */
MUST_USE enum fault store_check(const struct check_order *order, enum check_verdict *ret_verdict);

#endif
