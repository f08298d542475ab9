/* A synthetic English child population, as feeds of five sources, with the truth beside them (linkage.md §6).
 *
 * The same order gives the same bytes on every machine: all numbers are integers, every household draws from
 * a stream of its own, and nothing depends on locale, time or memory order.  Every person is invented;
 * telephone numbers are those that Ofcom keeps for drama, e-mail addresses those that RFC 2606 keeps for
 * examples. */
#ifndef GENERATE_GENERATE_H
#define GENERATE_GENERATE_H

#include <stdint.h>

#include "base/fault.h"
#include "base/time.h"
#include "policy/policy.h"

enum { GENERATE_CHILDREN_MAX = 20000000 };

struct generate_order {
    uint32_t children; /* 1 to GENERATE_CHILDREN_MAX */
    uint64_t seed;
    const char *reference; /* a folder of reference tables, or NULL for the small built-in ones */
    const char *out;       /* a folder; made where its parent exists */
    struct day today;      /* DAY_UNKNOWN stands for GENERATE_TODAY */
};

/* 1 November 2026, so that a demonstration is the same whenever it is made. */
#define GENERATE_TODAY ((struct day){.year = 2026, .month = 11, .day = 1, .precision = DAY_EXACT})

struct generate_report {
    uint32_t households;
    uint32_t children;
    uint32_t twins;
    uint64_t child_rows[SOURCES_END];
    uint64_t involvement_rows[SOURCES_END];
    uint64_t organisations;
    uint64_t practitioners;
    uint64_t truth_rows;
};

/* Writes child_benefit.csv, health.csv, education.csv, social_care.csv, youth_justice.csv (docs/feeds.md),
 * and organisations.csv  kind,code,name,phone,authority practitioners.csv
 * organisation,service_kind,name,job,phone,email truth.csv source,record,child,household,twin,errors,origin
 * into order->out, replacing what stands there.  `twin` is the other twin's child number; `errors` are the
 * classes of slip in that row, separated by spaces. FAULT_INVALID (children, today), FAULT_ABSENT (no such
 * folder or reference file), FAULT_MALFORMED (a reference file), FAULT_STORAGE, FAULT_MEMORY; the note says
 * which and what to do. */
MUST_USE enum fault generate_population(const struct generate_order *order,
                                        struct generate_report *ret_report);

#endif
