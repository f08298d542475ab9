/* kill -9 at random moments: a process serves or loads and says over a pipe what it has acknowledged; another
 * kills it, opens what it left, and looks whether all of that is there. */
#ifndef TESTS_KILL_KILL_H
#define TESTS_KILL_KILL_H

#include "house.h"

enum {
    KILL_CHILDREN = 24, /* who are there before */
    FEED_CHILDREN = 150,
    FEED_INVOLVEMENTS = 150,
    FEED_ROWS = FEED_CHILDREN + FEED_INVOLVEMENTS,
    SERVING_THREADS = 3,
};

enum report_kind {
    REPORT_SHOWN = 1, /* an answer left: its act must be in the log */
    REPORT_RECORDED,  /* an involvement was acknowledged */
    REPORT_ENDED,     /* its end was acknowledged */
    REPORT_LOADED,    /* a feed was acknowledged */
};

/* Shorter than PIPE_BUF: threads write it whole. */
struct report {
    enum report_kind kind;
    struct id act;
    struct child_id child;
    uint64_t number; /* of the involvement, which its service is named after */
};

/* What must be found again. */
struct reports {
    struct report *all;
    size_t count;
    size_t room;
};

/* A house with KILL_CHILDREN children whom health knows. */
struct house *kill_house(struct child_id children[KILL_CHILDREN]);

/* The name of an involvement's service. */
void kill_service_name(char text[64], uint64_t number);

/* Runs in a process of its own and never returns. */
struct victim {
    struct house *house;
    const struct child_id *children;
    int pipe;
    uint64_t seed;
    bool loads;
};
_Noreturn void victim_run(struct victim *victim);

/* Loads the feed through the service, as an operator would. */
enum fault kill_load(struct house *house, struct batch_counts *ret_counts);

/* What the store counts; of claims those of feeds. */
struct tally {
    int64_t children;
    int64_t claims;
    int64_t records;
    int64_t owners;
    int64_t waiting;
};
struct tally kill_tally(struct house *house, const struct child_id children[KILL_CHILDREN]);

/* Opens what was left; 0 where all that was acknowledged is there. Prints what is not. */
int kill_check(struct house *house, const struct reports *reports);

#endif
