#include "service/housekeeping.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "registry/look.h"
#include "registry/stated.h"
#include "registry/sweep.h"
#include "service/freezes.h"
#include "service/inside.h"
#include "service/lapses.h"
#include "service/manage.h"
#include "service/openings.h"
#include "service/rotate.h"

enum { ROUND_MS = 500, ROUNDS_PER_MINUTE = 120, ROUNDS_PER_HOUR = 60 * ROUNDS_PER_MINUTE };

/* Each on a thread of its own: to finish a large batch takes long, and meanwhile servers that are gone are
 * ended and roles pass.  A server alone has looked for a batch when it started. */
enum chore { CHORE_KEEP, CHORE_RECOVER, CHORES_END };

struct housekeeping {
    struct service *service;
    struct lease *clock; /* of the one server that sweeps; NULL in others; CHORE_KEEP's own */
    pthread_t thread[CHORES_END];
    int threads;          /* that were started */
    pthread_mutex_t lock; /* guards `closing` */
    pthread_cond_t changed;
    bool closing;
};

/* A batch is left where there is one and nobody holds the feed. */
static enum fault recover(struct service *service)
{
    int64_t left_us = 0;
    enum fault fault;
    TRY(lease_left(service->db, LEASE_FEED, &left_us));
    if (left_us <= 0)
        TRY(service_recover(service));
done:
    return fault;
}

static enum fault sweep(struct housekeeping *housekeeping)
{
    struct service *service = housekeeping->service;
    struct sweep_counts counts;
    enum fault fault;
    if (housekeeping->clock == NULL) {
        int64_t left_us = 0;
        TRY(lease_left(service->db, LEASE_CLOCK, &left_us));
        if (left_us > 0)
            return FAULT_NONE;
        TRY(lease_take(service->db, LEASE_CLOCK, service->lease_us, &housekeeping->clock));
    }
    fault = sweep_run(service->follow, service->db, housekeeping->clock, service->lease_us, &counts);
    if (fault == FAULT_FENCED) {
        lease_leave(housekeeping->clock);
        housekeeping->clock = NULL;
    }
    TRY(fault);
    if (counts.ended > 0)
        TRY(rotate_sweep(service));
done:
    return fault;
}

static enum fault forget_searches(struct db_tx *tx, void *context)
{
    const struct service *service = context;
    const struct instant now = clock_now(service->clock);
    enum fault fault;
    TRY(stated_sweep(tx, now));
    TRY(look_sweep(tx, now));
done:
    return fault;
}

struct forgetting {
    const struct service *service;
    bool more;
};

static enum fault forget_some(struct db_tx *tx, void *context)
{
    struct forgetting *forgetting = context;
    return message_sweep(tx, clock_now(forgetting->service->clock), &forgetting->more);
}

/* A lot at a time, between other people's work. */
static enum fault forget_messages(struct service *service)
{
    struct forgetting forgetting = {.service = service};
    enum fault fault;
    do
        TRY(db_write(service->db, DB_BACKGROUND, forget_some, &forgetting));
    while (forgetting.more);
done:
    return fault;
}

/* What only one of several servers does, or one alone. */
static enum fault keep(struct housekeeping *housekeeping, int round)
{
    struct service *service = housekeeping->service;
    bool alone = !db_is_shared(service->db);
    enum fault fault = FAULT_NONE;
    if (!alone) {
        TRY(sweep(housekeeping));
        TRY(rotate_follow(service, false));
    }
    if (round % ROUNDS_PER_MINUTE == 0 && (alone || housekeeping->clock != NULL)) {
        TRY(db_write(service->db, DB_BACKGROUND, forget_searches, service));
        TRY(rotate_sweep(service)); /* whoever ended a server may have died before it came to this */
        TRY(manage_keep(service));
        TRY(lapses_keep(service));
        TRY(freezes_keep(service));
    }
    if (round % ROUNDS_PER_HOUR == 0 && (alone || housekeeping->clock != NULL))
        TRY(forget_messages(service));
    if (round % ROUNDS_PER_HOUR == 0)
        TRY(openings_enter(service));
done:
    return fault;
}

/* True when it is to end. */
static bool wait_round(struct housekeeping *housekeeping)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += ROUND_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    (void)pthread_mutex_lock(&housekeeping->lock);
    int waited = 0;
    while (!housekeeping->closing && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&housekeeping->changed, &housekeeping->lock, &until);
    bool closing = housekeeping->closing;
    (void)pthread_mutex_unlock(&housekeeping->lock);
    return closing;
}

/* What fails is tried again in the next round; being busy is no news. */
static void note_round(enum fault fault, enum fault *last)
{
    if (fault != FAULT_NONE && fault != FAULT_BUSY && fault != *last)
        log_event("housekeeping.failed", LOG_FAULT("fault", fault));
    *last = fault;
}

static void *keep_house(void *argument)
{
    struct housekeeping *housekeeping = argument;
    enum fault last = FAULT_NONE;
    for (int round = 1; !wait_round(housekeeping); round++)
        note_round(keep(housekeeping, round), &last);
    lease_leave(housekeeping->clock);
    return NULL;
}

static void *recover_feeds(void *argument)
{
    struct housekeeping *housekeeping = argument;
    enum fault last = FAULT_NONE;
    while (!wait_round(housekeeping))
        note_round(recover(housekeeping->service), &last);
    return NULL;
}

static void open_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(condition, &attributes);
    (void)pthread_condattr_destroy(&attributes);
}

enum fault housekeeping_open(struct service *service, struct housekeeping **ret_housekeeping)
{
    static void *(*const chores[CHORES_END])(void *) = {
        [CHORE_KEEP] = keep_house, [CHORE_RECOVER] = recover_feeds};
    struct housekeeping *housekeeping = calloc(1, sizeof *housekeeping);
    if (housekeeping == NULL)
        return FAULT_MEMORY;
    housekeeping->service = service;
    (void)pthread_mutex_init(&housekeeping->lock, NULL);
    open_condition(&housekeeping->changed);
    const int chore_count = db_is_shared(service->db) ? CHORES_END : CHORE_KEEP + 1;
    while (housekeeping->threads < chore_count) {
        const int chore = housekeeping->threads;
        if (pthread_create(&housekeeping->thread[chore], NULL, chores[chore], housekeeping) != 0) {
            housekeeping_close(housekeeping);
            return fault_note(FAULT_SYSTEM, "no thread can be started: raise the limit of threads");
        }
        housekeeping->threads++;
    }
    *ret_housekeeping = housekeeping;
    return FAULT_NONE;
}

void housekeeping_close(struct housekeeping *housekeeping)
{
    if (housekeeping == NULL)
        return;
    (void)pthread_mutex_lock(&housekeeping->lock);
    housekeeping->closing = true;
    (void)pthread_cond_broadcast(&housekeeping->changed);
    (void)pthread_mutex_unlock(&housekeeping->lock);
    for (int i = 0; i < housekeeping->threads; i++)
        (void)pthread_join(housekeeping->thread[i], NULL);
    (void)pthread_cond_destroy(&housekeeping->changed);
    (void)pthread_mutex_destroy(&housekeeping->lock);
    free(housekeeping);
}
