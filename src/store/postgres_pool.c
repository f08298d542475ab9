/* The pool of connections: who waits for one, in which order, for how long; and whose turn it is to connect.
 */
#include "store/postgres.h"

#include <errno.h>
#include <string.h>

static void put_last(struct waiters *waiters, struct waiter *waiter)
{
    waiter->next = NULL;
    if (waiters->last == NULL)
        waiters->first = waiter;
    else
        waiters->last->next = waiter;
    waiters->last = waiter;
}

static void take_out(struct waiters *waiters, struct waiter *waiter)
{
    struct waiter *before = NULL;
    struct waiter **at = &waiters->first;
    while (*at != waiter) {
        before = *at;
        at = &before->next;
    }
    *at = waiter->next;
    if (waiters->last == waiter)
        waiters->last = before;
}

static struct waiters *queue_of(struct pool *pool, enum db_urgency urgency)
{
    return urgency == DB_FOREGROUND ? &pool->foreground : &pool->background;
}

static bool may_have(const struct pool *pool, enum db_urgency urgency)
{
    return pool->free_count > 0 && (urgency == DB_FOREGROUND || pool->background_busy < pool->background_max);
}

static struct wire *take_free(struct pool *pool, enum db_urgency urgency)
{
    if (urgency == DB_BACKGROUND) {
        pool->background_busy++;
        pool->grants_since_background = 0;
    } else {
        pool->grants_since_background++;
    }
    return pool->free[--pool->free_count];
}

/* Whose turn it is; NULL where nobody waits who may have one. */
static struct waiter *next_waiter(const struct pool *pool)
{
    struct waiter *foreground = may_have(pool, DB_FOREGROUND) ? pool->foreground.first : NULL;
    struct waiter *background = may_have(pool, DB_BACKGROUND) ? pool->background.first : NULL;
    if (background != NULL && pool->grants_since_background >= POSTGRES_GRANTS_BEFORE_BACKGROUND)
        return background;
    return foreground != NULL ? foreground : background;
}

static void grant(struct pool *pool)
{
    struct waiter *waiter;
    while ((waiter = next_waiter(pool)) != NULL) {
        take_out(queue_of(pool, waiter->urgency), waiter);
        pool->waiting--;
        waiter->wire = take_free(pool, waiter->urgency);
        pthread_cond_signal(&waiter->granted);
    }
}

static struct timespec timespec_of(int64_t us)
{
    return (struct timespec){.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
}

static void open_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

/* Under the lock. */
static enum fault wait_for_grant(struct pool *pool, enum db_urgency urgency, int64_t until_us,
                                 struct wire **ret_wire)
{
    struct waiter waiter = {.urgency = urgency};
    const struct timespec until = timespec_of(until_us);
    open_condition(&waiter.granted);
    put_last(queue_of(pool, urgency), &waiter);
    pool->waiting++;
    int waited = 0;
    while (waiter.wire == NULL && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&waiter.granted, &pool->lock, &until);
    pthread_cond_destroy(&waiter.granted);
    if (waiter.wire == NULL) {
        take_out(queue_of(pool, urgency), &waiter);
        pool->waiting--;
        pool->counts.refused++;
        return fault_note(FAULT_BUSY,
                          "no connection to the database became free: see whether it is well, or give this "
                          "server more connections");
    }
    *ret_wire = waiter.wire;
    return FAULT_NONE;
}

enum fault pool_take(struct postgres_db *db, enum db_urgency urgency, int64_t until_us,
                     struct wire **ret_wire)
{
    struct pool *pool = &db->pool;
    enum fault fault = FAULT_NONE;
    pthread_mutex_lock(&pool->lock);
    /* Whoever may have a free one has been granted it, so nobody who waits is passed by. */
    if (pool->closing) {
        fault = fault_note(FAULT_CANCELLED, "the database is being closed");
    } else if (may_have(pool, urgency)) {
        *ret_wire = take_free(pool, urgency);
    } else if (pool->waiting >= pool->waiting_max) {
        pool->counts.refused++;
        fault = fault_note(FAULT_BUSY, "too many callers wait for the database");
    } else {
        fault = wait_for_grant(pool, urgency, until_us, ret_wire);
    }
    pthread_mutex_unlock(&pool->lock);
    return fault;
}

static void count(struct db_counts *counts, const struct db_counts *more)
{
    counts->commits += more->commits;
    counts->jobs += more->jobs;
    counts->rerun += more->rerun;
    if (more->background_us_max > counts->background_us_max)
        counts->background_us_max = more->background_us_max;
}

void pool_give_back(struct postgres_db *db, enum db_urgency urgency, struct wire *wire,
                    const struct db_counts *counted)
{
    struct pool *pool = &db->pool;
    pthread_mutex_lock(&pool->lock);
    count(&pool->counts, counted);
    if (urgency == DB_BACKGROUND)
        pool->background_busy--;
    if (wire->pq == NULL) { /* those that still have a connection are taken before it */
        memmove(&pool->free[1], &pool->free[0], (size_t)pool->free_count * sizeof pool->free[0]);
        pool->free[0] = wire;
    } else {
        pool->free[pool->free_count] = wire;
    }
    pool->free_count++;
    grant(pool);
    if (pool->closing)
        pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
}

/* True with the turn. */
static bool wait_for_turn(struct pool *pool, int64_t until_us)
{
    bool turn = false;
    pthread_mutex_lock(&pool->lock);
    int64_t now_us;
    while (!turn && (now_us = clock_monotonic_us()) < until_us) {
        turn = !pool->connecting && now_us >= pool->retry_at_us;
        const bool soon = !pool->connecting && pool->retry_at_us < until_us;
        const struct timespec until = timespec_of(soon ? pool->retry_at_us : until_us);
        if (!turn)
            pthread_cond_timedwait(&pool->changed, &pool->lock, &until);
    }
    if (turn)
        pool->connecting = true;
    pthread_mutex_unlock(&pool->lock);
    return turn;
}

static void end_turn(struct pool *pool, bool connected)
{
    pthread_mutex_lock(&pool->lock);
    pool->connecting = false;
    pool->retry_at_us = connected ? 0 : clock_monotonic_us() + POSTGRES_RETRY_US;
    if (connected)
        pool->counts.reconnected++;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
}

enum fault pool_connect(struct wire *wire, int64_t until_us)
{
    struct pool *pool = &wire->db->pool;
    enum fault fault =
        fault_note(FAULT_BUSY, "the database cannot be reached: check host and port, and that it runs");
    const char *note = fault_last_note();
    bool answered = false;
    while (fault == FAULT_BUSY && wait_for_turn(pool, until_us)) {
        /* Half of what patience is left: a server that stalls one attempt leaves time for another, and for
         * those who wait for the turn. */
        const int64_t now_us = clock_monotonic_us();
        const int64_t end_us = now_us + (until_us - now_us) / 2;
        fault = wire_open(wire, end_us);
        end_turn(pool, fault == FAULT_NONE);
        /* The last attempts are short: that one was cut off says less than what an earlier one was told. */
        const bool cut_off = fault == FAULT_BUSY && clock_monotonic_us() >= end_us;
        if (!cut_off || !answered)
            note = fault_last_note();
        answered = answered || !cut_off;
    }
    if (fault == FAULT_NONE)
        return FAULT_NONE;
    /* Of what is not busy, trying again would not help; the note says what does. */
    return fault_note(fault == FAULT_MEMORY ? FAULT_MEMORY : FAULT_BUSY, note);
}

void pool_open(struct postgres_db *db)
{
    struct pool *pool = &db->pool;
    pthread_mutex_init(&pool->lock, NULL);
    open_condition(&pool->changed);
    pool->waiting_max = POSTGRES_WAITERS_MAX;
    pool->background_max = db->base.lane_count > POSTGRES_BACKGROUND_MAX ? POSTGRES_BACKGROUND_MAX : 1;
    for (int i = db->base.lane_count - 1; i >= 0; i--)
        pool->free[pool->free_count++] = &db->wires[i];
}

void pool_close(struct postgres_db *db)
{
    struct pool *pool = &db->pool;
    pthread_mutex_lock(&pool->lock);
    pool->closing = true;
    while (pool->free_count < db->base.lane_count)
        pthread_cond_wait(&pool->changed, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->lock);
}
