/* Which requests are under way, so that somebody can wait until none is left that began before a moment.
 *
 * What became hidden may still be on its way out in a request that looked before: it is acknowledged only
 * after the epoch in which that request began has passed (architecture.md, 6).  Safe from any thread. */
#ifndef REGISTRY_EPOCH_H
#define REGISTRY_EPOCH_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* One request under way; the caller's memory until it leaves. */
struct epoch_guest {
    uint64_t number;
    struct epoch_guest *next; /* younger */
    struct epoch_guest *previous;
};

struct epoch {
    pthread_mutex_t lock; /* guards all below */
    uint64_t number;
    struct epoch_guest *oldest;
    struct epoch_guest *youngest;
};

void epoch_open(struct epoch *epoch);
void epoch_close(struct epoch *epoch); /* nobody is under way */

void epoch_enter(struct epoch *epoch, struct epoch_guest *guest);
void epoch_leave(struct epoch *epoch, struct epoch_guest *guest);

/* Begins a new epoch and gives its number: it has passed once all who entered before have left. */
uint64_t epoch_next(struct epoch *epoch);
bool epoch_passed(struct epoch *epoch, uint64_t number);

#endif
