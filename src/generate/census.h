/* An invented population without files, for programs that measure: child after child, what is true of each
 * and what every source says of it.  The rows are those that generate_population writes for the same
 * children, seed, reference folder and day. */
#ifndef GENERATE_CENSUS_H
#define GENERATE_CENSUS_H

#include "base/str.h"
#include "base/time.h"
#include "policy/ids.h"
#include "policy/policy.h"

struct census;

struct census_order {
    uint32_t children; /* 1 to GENERATE_CHILDREN_MAX */
    uint64_t seed;
    const char *reference; /* a folder of reference tables, or NULL for the small built-in ones */
    struct day today;      /* DAY_UNKNOWN stands for GENERATE_TODAY */
    uint32_t part;         /* of `parts`, which give every household once between them, each in a thread */
    uint32_t parts;        /* 0: all */
};

enum {
    CENSUS_COLUMNS = 0
#define COLUMN(...) +1
#include "registry/layout.def"
#undef COLUMN
    ,
    CENSUS_ROWS_MAX = 2 * SOURCES_END
};

/* One child row of a feed. */
struct census_row {
    enum source source;
    bool second;                   /* another record of a child that the source already has */
    uint32_t slips;                /* bit 1 << SLIP_x (generate/slip.h) */
    struct str at[CENSUS_COLUMNS]; /* as src/registry/layout.def orders them; empty: not said */
};

struct census_child {
    uint32_t number; /* from 1 */
    uint32_t household;
    const char *origin; /* where the family's names come from: origins.def */
    uint32_t twin; /* the other twin's number, or 0 */
    enum sex sex;
    struct day birth;
    struct str family, given, other, known_as, former_family; /* the last three may be empty */
    struct str address, postcode, authority;                  /* where it lives now */
    size_t row_count;
    struct census_row rows[CENSUS_ROWS_MAX]; /* in the order of sources.def */
};

/* FAULT_INVALID (children, today), FAULT_ABSENT and FAULT_MALFORMED (a reference file), FAULT_MEMORY; the
 * note says which and what to do.  census_close(NULL) does nothing. */
MUST_USE enum fault census_open(const struct census_order *order, struct census **ret_census);
void census_close(struct census *census);

/* The next child, borrowed until the next call; NULL at the end. */
const struct census_child *census_next(struct census *census);

/* The same child as the feeds of another year have it, from 1: the same truth and the same sources, other
 * slips. The rows of the last answer are gone. */
const struct census_child *census_again(struct census *census, uint64_t year);

#endif
