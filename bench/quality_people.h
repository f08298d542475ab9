/* An invented population kept in memory: who its children are, and every source's rows, packed. */
#ifndef BENCH_QUALITY_PEOPLE_H
#define BENCH_QUALITY_PEOPLE_H

#include "base/buffer.h"
#include "generate/census.h"
#include "registry/row.h"

struct kept_row {
    size_t at; /* in `packed` */
    uint32_t len;
    uint32_t child; /* number, from 1 */
    uint32_t slips; /* bits 1 << SLIP_x */
    uint8_t source;
    bool second;
};

struct kept_child {
    struct kept_row truth; /* name, sex, birth, address; no numbers */
    uint32_t household;
    uint32_t twin; /* number, or 0 */
    const char *origin;
};

struct people {
    struct kept_child *children; /* by number; 0 is unused */
    uint32_t child_count;
    struct kept_row *rows; /* source after source, in each in random order */
    size_t row_count;
    struct buffer packed;
};

struct people_order {
    uint32_t children;
    uint64_t seed;
    const char *reference; /* a folder, or NULL */
};

/* Faults as census_open. */
MUST_USE enum fault people_open(const struct people_order *order, struct people *ret_people);
void people_close(struct people *people);

/* Text stays borrowed from the people. */
struct row people_row(const struct people *people, const struct kept_row *kept);

#endif
