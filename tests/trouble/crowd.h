/* Practitioners who use a server at the same time while it is troubled, and what they saw.
 *
 * Searchers look for children whose lists of results are known from a calm moment: a list that differs is
 * wrong. Recorders record involvements, and send the same form again for as long as they have no definite
 * answer. */
#ifndef TESTS_TROUBLE_CROWD_H
#define TESTS_TROUBLE_CROWD_H

#include <pthread.h>
#include <stdatomic.h>

#include "site.h"

enum { CROWD_SEARCHERS_MAX = 48, CROWD_RECORDERS = 2, CROWD_LINKS_BYTES = 512, CROWD_WRONG_BYTES = 512 };

struct seen {
    int64_t answered;  /* as it should be */
    int64_t busy;      /* 503: our page, with Retry-After */
    int64_t unreached; /* requests that came to no answer: only where the server dies */
    int64_t cut;
    int64_t hung;
    int64_t wrong;      /* anything else */
    int64_t recorded;   /* involvements that were acknowledged, each counted once */
    int64_t again;      /* forms that were sent again */
    int64_t longest_us; /* of any request */
    char first_wrong[CROWD_WRONG_BYTES];
};

struct crowd {
    struct site *site;
    int server;
    struct client *people[SITE_USERS]; /* signed in: the first searches, the others record */
    char links[SITE_CHILDREN_MAX][CROWD_LINKS_BYTES];
    char form_tokens[SITE_USERS][FORM_TOKEN_BYTES];
    int64_t patience_us;  /* of a client: whoever waits longer has been left hanging */
    pthread_mutex_t lock; /* guards seen, next_service */
    struct seen seen;
    int64_t next_service;
    atomic_bool leaving;
    pthread_t threads[CROWD_SEARCHERS_MAX + CROWD_RECORDERS];
    int thread_count;
};

/* Signs everybody in and learns what is found in calm; the server runs. */
void crowd_open(struct crowd *crowd, struct site *site, int server, int64_t patience_us);
void crowd_close(struct crowd *crowd);

/* Begins and ends the load; what was seen since then. */
void crowd_begin(struct crowd *crowd, int searchers);
struct seen crowd_end(struct crowd *crowd);

/* What was seen until now, while they go on. */
struct seen crowd_look(struct crowd *crowd);

/* Who knows a session goes on with it at a server that has come back, or at another one. */
void crowd_move(struct crowd *crowd, int server);

/* Every list of results is what it was in calm; fails the test else. */
void crowd_check_lists(struct crowd *crowd);

void seen_print(const char *when, const struct seen *seen);

#endif
