/* kill -9 at random moments: processes serve and load and say over pipes what they have acknowledged; another
 * kills them, opens what they left, and looks whether all of that is there. */
#ifndef TESTS_KILL_KILL_H
#define TESTS_KILL_KILL_H

#include "house.h"

enum {
    KILL_CHILDREN = 24, /* who are there before */
    FEED_CHILDREN = 150,
    FEED_INVOLVEMENTS = 150,
    FEED_ROWS = FEED_CHILDREN + FEED_INVOLVEMENTS,
    SERVING_THREADS_MAX = 4,
};

enum report_kind {
    REPORT_SHOWN = 1, /* an answer left: its act must be in the log */
    REPORT_RECORDED,  /* an involvement was acknowledged */
    REPORT_ENDED,     /* its end was acknowledged */
    REPORT_LOADED,    /* a feed was acknowledged; its sequence is the number */
    REPORT_BEGUN,     /* the service is open; `act` is the server's id */
    REPORT_QUIET,     /* all threads have left, as was asked */
    REPORT_INDEX,     /* what the index answers, as kill_index_digest has it in `act` */
    REPORT_DECIDING,  /* two records are to be merged, or a merge taken back: whether is not known yet */
    REPORT_DECIDED,   /* it was acknowledged; of either, `number` is the pair's, merged or not */
};

/* Shorter than PIPE_BUF: threads write it whole. */
struct report {
    enum report_kind kind;
    struct id act;
    struct child_id child;
    uint64_t number; /* of the involvement, which its service is named after */
};

/* One report, or false after wait_ms or at the pipe's end. */
bool report_read(int pipe, int wait_ms, struct report *ret_report);

/* What must be found again. */
struct reports {
    struct report *all;
    size_t count;
    size_t room;
};
void reports_keep(struct reports *reports, const struct report *report);

/* A number from the environment; ends the program where it is none. */
int64_t kill_number_of(const char *name, int64_t otherwise);

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
    const char *const *staff;            /* practitioners, NULL at the end: one serving thread each */
    void (*load)(struct victim *victim); /* on its first thread; NULL: nothing is loaded */
};
_Noreturn void victim_run(struct victim *victim);
extern const char *const victim_staff[];
void victim_tell(const struct victim *victim, const struct report *report);

/* Victims of one house, one after the other, and what they have acknowledged so far. */
struct hunt {
    struct house *house; /* stopped */
    struct child_id children[KILL_CHILDREN];
    struct stream *stream;
    struct reports reports;
    const char *const *staff;
    void (*load)(struct victim *victim);
    int lives_ms_max; /* 0: as long as most answers need */
};

/* Starts a victim, lets it live for a random time, kills it; 0 where it died of that alone. */
int hunt_kill(struct hunt *hunt, uint64_t seed);

/* Where several servers may share the database, nobody takes a dead one's feed over before its lease has run
 * out: as if that time had passed. */
void hunt_let_lease_run_out(struct house *house);

/* SIGUSR1 asks a victim to be quiet; once it is it waits for SIGUSR2, tells what its index answers, and ends.
 */
bool victim_is_to_be_quiet(void);

/* Loads the feed's batch of that sequence (from FEED_SEQUENCE_FIRST) through the service, as an operator
 * would. Each has children of its own and news of those who were there before. */
enum { FEED_SEQUENCE_FIRST = 2, FEED_SEQUENCE_MAX = 400 };
enum fault kill_load(struct house *house, int64_t sequence, struct batch_counts *ret_counts);

/* The same from any source: a batch with the children of health's batch of the sequence `like`. */
struct kill_batch {
    enum source source;
    int64_t sequence;
    int64_t like;
};
enum fault kill_load_batch(struct house *house, const struct kill_batch *batch,
                           struct batch_counts *ret_counts);

/* The newest batch that was applied, past the program; FEED_SEQUENCE_FIRST - 1 where there is none. */
int64_t kill_sequence(struct house *house);

/* A digest of what the index answers about every child of all batches that were applied and of before. */
struct id kill_index_digest(struct house *house);

/* What the store counts; of claims those of feeds. */
struct tally {
    int64_t children;
    int64_t claims;
    int64_t records;
    int64_t owners;
    int64_t waiting;
};
struct tally kill_tally(struct house *house, const struct child_id children[KILL_CHILDREN]);
void tally_print(const char *name, const struct tally *tally);

/* Every answer that was released has an entry; how many have none. */
int kill_check_acts(struct house *house, const struct reports *reports);

/* Opens what was left; 0 where all that was acknowledged is there. Prints what is not. */
int kill_check(struct house *house, const struct reports *reports);

#endif
