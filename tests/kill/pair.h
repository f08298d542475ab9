/* Two servers on one database, each a process with a state folder of its own. */
#ifndef TESTS_KILL_PAIR_H
#define TESTS_KILL_PAIR_H

#include <sys/types.h>

#include "kill.h"

enum {
    PAIR = 2,
    PAIR_LEASE_MS = 2000,
    PAIR_PASS_MS = 1000,  /* what a dead server held has passed on by then after its lease */
    PAIR_SLACK_MS = 3000, /* of a machine that does much else */
    PAIR_ROUND_MS = 30,   /* what one look at the database counts, however long such a machine takes for it */
};

struct member {
    struct house *house;
    void (*load)(struct victim *victim);
    pid_t process; /* 0: none */
    int pipe;      /* -1: none */
    struct id server;
    struct id index;
    bool begun;
    bool quiet;
    bool index_told;
};

struct pair {
    struct member members[PAIR];
    struct child_id children[KILL_CHILDREN];
    struct stream *stream;
    struct reports reports;
    uint64_t seed;     /* of the next victim */
    int64_t killed_us; /* when the last one was */
    int64_t waited_us; /* since then, as it counts */
    int64_t passing_us_max;
    int passings;
    size_t reports_all; /* of earlier pairs */
};

/* A house, and another state folder on the same database with the same keys; both are stopped. */
void pair_open(struct pair *pair, struct stream *stream);
void pair_close(struct pair *pair);

/* Loads one batch after the other, as soon as it is the next one's turn, until it is to be quiet. */
void pair_load(struct victim *victim);

/* What is there after all batches to that one, where nobody was killed; made once for each. */
struct tally pair_clean_tally(int64_t sequence);

#endif
