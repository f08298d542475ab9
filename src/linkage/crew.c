#include <pthread.h>
#include <stdatomic.h>

#include "linkage/train.h"

struct shift {
    const struct crew *crew;
    blocks_on_pairs on_pairs;
    atomic_size_t unit;
    atomic_int fault;
};

struct worker {
    struct shift *shift;
    void *context;
    pthread_t thread;
    bool started;
};

static void *work(void *at)
{
    struct worker *worker = at;
    struct shift *shift = worker->shift;
    const struct blocks *blocks = shift->crew->blocks;
    while (atomic_load(&shift->fault) == FAULT_NONE) {
        size_t unit = atomic_fetch_add(&shift->unit, 1);
        if (unit >= blocks->unit_count)
            break;
        if (shift->crew->sample == NULL && blocks->units[unit].pass >= blocks->lessons &&
            blocks->pass_count > 0)
            continue;
        enum fault fault = blocks_run(blocks, unit, shift->crew->sample, shift->on_pairs, worker->context);
        if (fault != FAULT_NONE)
            atomic_store(&shift->fault, (int)fault);
    }
    return NULL;
}

enum fault crew_run(const struct crew *crew, blocks_on_pairs on_pairs, void **contexts)
{
    struct shift shift = {.crew = crew, .on_pairs = on_pairs};
    struct worker workers[LINKAGE_THREADS_MAX];
    must(crew->threads >= 1 && crew->threads <= LINKAGE_THREADS_MAX);
    for (unsigned i = 0; i < crew->threads; i++)
        workers[i] = (struct worker){.shift = &shift, .context = contexts[i]};
    /* Where a thread cannot be had, the others do its work. */
    for (unsigned i = 1; i < crew->threads; i++)
        workers[i].started = pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
    (void)work(&workers[0]);
    for (unsigned i = 1; i < crew->threads; i++) {
        if (workers[i].started)
            (void)pthread_join(workers[i].thread, NULL);
    }
    return (enum fault)atomic_load(&shift.fault);
}
