/* Two houses that differ only in what a viewer may not see, asked the same: every byte of the answers, the
 * number of entries and the work must be equal (R5.5, R8.4, R9.3). */
#ifndef TESTS_SERVICE_TWINS_H
#define TESTS_SERVICE_TWINS_H

#include "house.h"

enum { TWINS = 2, TWINS_TAKEN_MAX = 100000 };

/* Somebody with a seat in either house. */
struct twins_seat {
    const char *user_name; /* NULL: nobody, who has not signed in */
    enum role role;
    struct seat at[TWINS];
};

struct twins {
    struct house *house[TWINS];
    struct counter *entries[TWINS];
    struct arena *arena[TWINS];      /* of the pair under way */
    const struct twins_seat *viewer; /* who asks */
    uint64_t seed;                   /* of the pair under way: printed where something differs */
    uint64_t step;
    uint64_t asked;
    uint32_t asked_as[ROLES_END][OPERATIONS_END]; /* ROLE_NONE: as nobody */
    uint32_t answered_as[ROLES_END][OPERATIONS_END];
    uint32_t *taken_ns[TWINS]; /* how long each answer took, the last TWINS_TAKEN_MAX */
};

/* `open` and `close` bracket all; between them houses are built and left, a few pairs each. */
void twins_open(struct twins *twins);
void twins_close(struct twins *twins);
void twins_build(struct twins *twins);
void twins_leave(struct twins *twins);

/* A new pair begins: what the one before has left in memory is forgotten. */
void twins_begin(struct twins *twins, uint64_t seed);

/* The same clock and the same randomness in both, before anything that is done to either. */
void twins_step(struct twins *twins);

/* Takes a seat in both; nobody's without signing in. */
struct twins_seat twins_sign_in(struct twins *twins, const char *user_name, enum role role);

/* Asks both as the viewer and compares what a browser would get.  Gives the answer of the first. */
const struct answer *twins_ask(struct twins *twins, const struct request *request);

/* The same where a difference is no failure: what differs, or NULL. */
const char *twins_differ(struct twins *twins, const struct request *request);

/* How well the one could be told from the other by how long its answers take: the chance that the one, which
 * has more to hide, takes longer over the same request, halves for equals; 0.5 where nothing can be told. */
double twins_timing(const struct twins *twins);

/* The same search in both indexes, past the service: what is found and what was looked at. */
void twins_search(struct twins *twins, const struct match_query *query, enum body body);

#endif
