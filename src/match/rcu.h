/* Many readers beside one writer at a time, none of whom waits for it: read-copy-update.
 *
 * A reader enters on one of two sides and is told which; what it finds there stays as it is until it leaves.
 * A writer changes nothing that readers look at but by single stores that leave it sound, takes nothing away,
 * and turns: whoever enters from then on comes to the other side.  The next writer waits until those who
 * entered before have left, and then takes away what they may have looked at. */
#ifndef MATCH_RCU_H
#define MATCH_RCU_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

enum { RCU_LINE_BYTES = 64 };

/* Each side's readers on a line of the cache of their own. */
struct rcu {
    _Atomic uint32_t side; /* that readers enter on */
    pthread_mutex_t writers;
    struct {
        _Alignas(RCU_LINE_BYTES) _Atomic uint32_t readers;
    } sides[2];
};

/* 0, or pthread_mutex_init's error. */
int rcu_open(struct rcu *rcu);
void rcu_close(struct rcu *rcu);

/* The side, 0 or 1; begins again where a writer turns at this very moment, and waits for nobody. */
unsigned rcu_enter(struct rcu *rcu);
void rcu_leave(struct rcu *rcu, unsigned side);

/* Writers one at a time, and each only once everybody has left who entered before the last turn.  Whoever has
 * entered and not left may not write. */
void rcu_write(struct rcu *rcu);
void rcu_write_end(struct rcu *rcu);

/* The side that nobody is on, for the writer to make ready for the next readers. */
unsigned rcu_free_side(const struct rcu *rcu);

/* Makes the free side the one that readers enter on; once by each writer, last. */
void rcu_turn(struct rcu *rcu);

#endif
