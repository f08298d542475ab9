#include "match/rcu.h"

#include <sched.h>
#include <time.h>

/* A search is over after some thousand turns; one that was put off its processor later. */
enum { SPINS_MAX = 4000, YIELDS_MAX = 64, NAP_NS = 20000 };

int rcu_open(struct rcu *rcu)
{
    atomic_init(&rcu->side, 0);
    atomic_init(&rcu->sides[0].readers, 0);
    atomic_init(&rcu->sides[1].readers, 0);
    return pthread_mutex_init(&rcu->writers, NULL);
}

void rcu_close(struct rcu *rcu)
{
    (void)pthread_mutex_destroy(&rcu->writers);
}

/* Sequentially consistent, as is the turn: either the writer sees this reader, or the reader that it is on
 * the wrong side. */
unsigned rcu_enter(struct rcu *rcu)
{
    for (;;) {
        unsigned side = atomic_load_explicit(&rcu->side, memory_order_relaxed);
        (void)atomic_fetch_add(&rcu->sides[side].readers, 1);
        if (atomic_load(&rcu->side) == side)
            return side;
        rcu_leave(rcu, side);
    }
}

void rcu_leave(struct rcu *rcu, unsigned side)
{
    (void)atomic_fetch_sub_explicit(&rcu->sides[side].readers, 1, memory_order_release);
}

/* The `turn`th turn of waiting. */
static void wait_a_turn(uint32_t turn)
{
    if (turn < SPINS_MAX) {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
    } else if (turn < SPINS_MAX + YIELDS_MAX) {
        (void)sched_yield();
    } else {
        /* the reader may have a lower priority: only sleep lets it on */
        const struct timespec nap = {.tv_nsec = NAP_NS};
        (void)nanosleep(&nap, NULL);
    }
}

void rcu_write(struct rcu *rcu)
{
    (void)pthread_mutex_lock(&rcu->writers);
    const unsigned side = rcu_free_side(rcu);
    for (uint32_t turn = 0; atomic_load(&rcu->sides[side].readers) != 0; turn++)
        wait_a_turn(turn);
}

void rcu_write_end(struct rcu *rcu)
{
    (void)pthread_mutex_unlock(&rcu->writers);
}

unsigned rcu_free_side(const struct rcu *rcu)
{
    return atomic_load_explicit(&rcu->side, memory_order_relaxed) ^ 1u;
}

void rcu_turn(struct rcu *rcu)
{
    atomic_store(&rcu->side, rcu_free_side(rcu));
}
