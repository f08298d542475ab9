#include "registry/intake_crew.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { PIECE = 32 };

struct crew {
    struct match_index *index;
    pthread_t helpers[CREW_THREADS_MAX - 1];
    size_t helper_count;
    /* The work at hand: set before a round begins, read until it ends. */
    const struct person *persons;
    size_t count;
    struct match_outcome *outcomes; /* NULL: keys are wanted */
    const struct newcomers *newcomers;
    struct newcomer_keys *keys;
    atomic_size_t next;   /* the first person whom nobody has taken */
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    uint64_t round;
    size_t working; /* helpers in this round */
    enum fault fault;
    bool ending;
};

static enum fault work_on(struct crew *crew, size_t from, size_t count)
{
    if (crew->outcomes != NULL)
        return match_link_many(crew->index, crew->persons + from, count, crew->outcomes + from);
    for (size_t i = from; i < from + count; i++)
        newcomers_keys(crew->newcomers, &crew->persons[i], &crew->keys[i]);
    return FAULT_NONE;
}

/* Takes piece after piece, as long as there are any. */
static enum fault work(struct crew *crew)
{
    enum fault fault = FAULT_NONE;
    for (;;) {
        size_t from = atomic_fetch_add(&crew->next, PIECE);
        if (from >= crew->count)
            break;
        size_t some = crew->count - from < PIECE ? crew->count - from : PIECE;
        TRY(work_on(crew, from, some));
    }
done:
    return fault;
}

static void *help(void *argument)
{
    struct crew *crew = argument;
    uint64_t round = 0;
    (void)pthread_mutex_lock(&crew->lock);
    for (;;) {
        while (crew->round == round && !crew->ending)
            (void)pthread_cond_wait(&crew->changed, &crew->lock);
        if (crew->ending)
            break;
        round = crew->round;
        (void)pthread_mutex_unlock(&crew->lock);
        enum fault fault = work(crew);
        (void)pthread_mutex_lock(&crew->lock);
        if (fault != FAULT_NONE)
            crew->fault = fault;
        crew->working--;
        (void)pthread_cond_broadcast(&crew->changed);
    }
    (void)pthread_mutex_unlock(&crew->lock);
    return NULL;
}

static unsigned threads_of_machine(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors < 2 ? 1 : CREW_THREADS_MAX;
}

enum fault crew_open(struct match_index *index, unsigned threads, struct crew **ret_crew)
{
    struct crew *crew = calloc(1, sizeof *crew);
    if (crew == NULL)
        return FAULT_MEMORY;
    crew->index = index;
    (void)pthread_mutex_init(&crew->lock, NULL);
    (void)pthread_cond_init(&crew->changed, NULL);
    if (threads == 0)
        threads = threads_of_machine();
    while (crew->helper_count + 1 < threads && crew->helper_count < CREW_THREADS_MAX - 1) {
        if (pthread_create(&crew->helpers[crew->helper_count], NULL, help, crew) != 0) {
            crew_close(crew);
            return fault_note(FAULT_SYSTEM, "no thread could be started: raise the limit on processes");
        }
        crew->helper_count++;
    }
    *ret_crew = crew;
    return FAULT_NONE;
}

void crew_close(struct crew *crew)
{
    if (crew == NULL)
        return;
    (void)pthread_mutex_lock(&crew->lock);
    crew->ending = true;
    (void)pthread_cond_broadcast(&crew->changed);
    (void)pthread_mutex_unlock(&crew->lock);
    for (size_t i = 0; i < crew->helper_count; i++)
        (void)pthread_join(crew->helpers[i], NULL);
    (void)pthread_cond_destroy(&crew->changed);
    (void)pthread_mutex_destroy(&crew->lock);
    free(crew);
}

static void begin_round(struct crew *crew)
{
    (void)pthread_mutex_lock(&crew->lock);
    crew->round++;
    crew->working = crew->helper_count;
    crew->fault = FAULT_NONE;
    (void)pthread_cond_broadcast(&crew->changed);
    (void)pthread_mutex_unlock(&crew->lock);
}

static enum fault end_round(struct crew *crew)
{
    (void)pthread_mutex_lock(&crew->lock);
    while (crew->working > 0)
        (void)pthread_cond_wait(&crew->changed, &crew->lock);
    enum fault fault = crew->fault;
    (void)pthread_mutex_unlock(&crew->lock);
    return fault;
}

/* The round that has been set. */
static enum fault run_round(struct crew *crew)
{
    atomic_store(&crew->next, 0);
    bool helped = crew->helper_count > 0 && crew->count > PIECE;
    if (helped)
        begin_round(crew);
    enum fault own = work(crew), theirs = helped ? end_round(crew) : FAULT_NONE;
    return own != FAULT_NONE ? own : theirs;
}

enum fault crew_link(struct crew *crew, const struct person *persons, size_t count,
                     struct match_outcome *ret_outcomes)
{
    crew->persons = persons;
    crew->count = count;
    crew->outcomes = ret_outcomes;
    return run_round(crew);
}

void crew_keys(struct crew *crew, const struct newcomers *newcomers, const struct person *persons,
               size_t count, struct newcomer_keys *ret_keys)
{
    crew->persons = persons;
    crew->count = count;
    crew->outcomes = NULL;
    crew->newcomers = newcomers;
    crew->keys = ret_keys;
    enum fault fault = run_round(crew);
    must(fault == FAULT_NONE);
}
