/* Two houses that differ only in what a viewer may not see, asked the same: every byte of the answers, the
 * number of entries and the work must be equal (R5.5, R8.4, R9.3). */
#ifndef TESTS_SERVICE_TWINS_H
#define TESTS_SERVICE_TWINS_H

#include "house.h"

enum { TWINS = 2 };

struct twins {
    struct house *house[TWINS];
    struct seat viewer[TWINS];
    struct seat worker[TWINS];    /* somebody else, who does what the viewer must not notice */
    struct seat colleague[TWINS]; /* and somebody of the viewer's own organisation, who does too */
    struct arena *arena[TWINS];   /* of the pair under way */
    uint64_t seed;                /* of the pair under way: printed where something differs */
    uint64_t step;
    uint64_t asked;
    uint32_t *taken_ns[TWINS]; /* how long each answer took, the last TWINS_TAKEN_MAX */
};

enum { TWINS_TAKEN_MAX = 100000 };

void twins_open(struct twins *twins);
void twins_close(struct twins *twins);

/* A new pair begins: what the one before has left in memory is forgotten. */
void twins_begin(struct twins *twins, uint64_t seed);

/* The same clock and the same randomness in both, before anything that is done to either. */
void twins_step(struct twins *twins);

/* All of them sign in to both. */
struct twins_staff {
    const char *viewer, *worker, *colleague;
};
void twins_sign_in(struct twins *twins, const struct twins_staff *staff);

/* Asks both and compares what a browser would get.  Gives the answer of the first. */
const struct answer *twins_ask(struct twins *twins, const struct request *request);

/* How well the one could be told from the other by how long its answers take: the chance that the one, which
 * has more to hide, takes longer over the same request, halves for equals; 0.5 where nothing can be told. */
double twins_timing(const struct twins *twins);

/* The same search in both indexes, past the service: what is found and what was looked at. */
void twins_search(struct twins *twins, const struct match_query *query, enum body body);

#endif
