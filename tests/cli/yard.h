/* An instance in a folder of its own, with an invented population beside it, used as commands use it. */
#ifndef TESTS_CLI_YARD_H
#define TESTS_CLI_YARD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* after the four that it needs */
#include <cmocka.h>

#include "cli/work.h"

enum { YARD_FEEDS = 5, YARD_PATH_BYTES = 256 };

struct yard {
    char folder[64];
    char state[YARD_PATH_BYTES];
    char population[YARD_PATH_BYTES];
    struct str codes[2];
    struct arena *arena;
};

/* The order in which feeds are loaded: file names without folder. */
extern const char *const yard_feeds[YARD_FEEDS];

/* Makes the instance, operated by the login "operator", and with `children` > 0 a population; 21 November
 * 2026. */
void yard_open(struct yard *ret_yard, uint32_t children, bool demonstration);
void yard_close(struct yard *yard);

/* What `init --database` is told for a new instance in yard->state: NULL on SQLite, which needs to be told
 * nothing. */
const char *yard_database(const struct yard *yard);

/* A path in the population's folder; borrowed until the next call. */
const char *yard_feed(const struct yard *yard, const char *name);

struct service *yard_service(const struct yard *yard);

/* What a load has told. */
struct told {
    int64_t reasons[ROW_PROBLEMS_END];
    uint64_t first_line; /* of the first problem */
    int64_t planning;    /* how often progress was told */
    int64_t applying;
    bool gone;
};
struct work_listener told_listener(struct told *told);

/* Loads a file as "operator". */
struct work_result yard_load(const struct yard *yard, struct service *service, const char *path,
                             struct told *told);

/* A feed of the test's own: header and rows, written beside the population.  The path is borrowed until the
 * next call. */
struct draft {
    const char *source;
    int64_t sequence;
    const char *mode;
    int64_t removals;
    struct str rows; /* behind the line of columns */
    int64_t count;
};
const char *yard_draft(const struct yard *yard, const struct draft *draft);

/* Past the program: one number; a digest of all rows in their order; all that rests, to be freed; how many
 * rows a change meets. */
int64_t yard_count(const struct yard *yard, const char *sql);
void yard_digest(const struct yard *yard, const char *sql, uint8_t ret_digest[32]);
struct bytes yard_resting(const struct yard *yard);
int64_t yard_past(const struct yard *yard, const char *sql);

#endif
