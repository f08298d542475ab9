#include "match/gate.h"

#include <sched.h>
#include <time.h>

static const uint32_t WRITING = (uint32_t)1 << 31;
static const uint32_t WANTED = (uint32_t)1 << 30;

/* A write takes some thousand turns; whoever holds the gate and was put off its processor takes longer. */
enum { SPINS_MAX = 4000, YIELDS_MAX = 64, NAP_NS = 20000 };

int gate_open(struct gate *gate)
{
    atomic_init(&gate->state, 0);
    return pthread_mutex_init(&gate->writers, NULL);
}

void gate_close(struct gate *gate)
{
    (void)pthread_mutex_destroy(&gate->writers);
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
        /* the holder may have a lower priority: only sleep lets it on */
        const struct timespec nap = {.tv_nsec = NAP_NS};
        (void)nanosleep(&nap, NULL);
    }
}

void gate_read(struct gate *gate)
{
    for (uint32_t turn = 0;; turn++) {
        uint32_t state = atomic_load_explicit(&gate->state, memory_order_relaxed);
        if ((state & (WRITING | WANTED)) == 0 &&
            atomic_compare_exchange_weak_explicit(&gate->state, &state, state + 1, memory_order_acquire,
                                                  memory_order_relaxed))
            return;
        wait_a_turn(turn);
    }
}

void gate_read_end(struct gate *gate)
{
    (void)atomic_fetch_sub_explicit(&gate->state, 1, memory_order_release);
}

static int64_t now_us(void)
{
    struct timespec at;
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

void gate_write(struct gate *gate)
{
    (void)pthread_mutex_lock(&gate->writers);
    int64_t until_us = 0;
    for (uint32_t turn = 0;; turn++) {
        uint32_t state = atomic_load_explicit(&gate->state, memory_order_relaxed);
        if ((state & ~WANTED) == 0 &&
            atomic_compare_exchange_weak_explicit(&gate->state, &state, WRITING, memory_order_acquire,
                                                  memory_order_relaxed))
            return;
        wait_a_turn(turn);
        if (turn < SPINS_MAX || (state & WANTED) != 0)
            continue;
        if (until_us == 0)
            until_us = now_us() + GATE_PATIENCE_US;
        else if (now_us() > until_us)
            (void)atomic_fetch_or_explicit(&gate->state, WANTED, memory_order_relaxed);
    }
}

void gate_write_end(struct gate *gate)
{
    atomic_store_explicit(&gate->state, 0, memory_order_release);
    (void)pthread_mutex_unlock(&gate->writers);
}

void gate_hold(struct gate *gate)
{
    (void)pthread_mutex_lock(&gate->writers);
}

void gate_hold_end(struct gate *gate)
{
    (void)pthread_mutex_unlock(&gate->writers);
}
