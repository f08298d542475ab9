#include "linkage/team.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

struct team {
    team_task task;
    void *context;
    size_t count;
    atomic_size_t next;
    atomic_bool stopped;
};

struct member {
    struct team *team;
    unsigned number;
    enum fault fault;
    size_t failed; /* the task that had it */
    pthread_t thread;
    bool started;
};

static void *work(void *at)
{
    struct member *member = at;
    struct team *team = member->team;
    while (!atomic_load(&team->stopped)) {
        size_t task = atomic_fetch_add(&team->next, 1);
        if (task >= team->count)
            break;
        member->fault = team->task(team->context, task, member->number);
        if (member->fault != FAULT_NONE) {
            member->failed = task;
            atomic_store(&team->stopped, true);
        }
    }
    return NULL;
}

enum fault team_run(unsigned threads, size_t count, team_task task, void *context)
{
    struct team team = {.task = task, .context = context, .count = count};
    struct member members[TEAM_THREADS_MAX];
    must(threads >= 1 && threads <= TEAM_THREADS_MAX);
    if (threads > count)
        threads = count == 0 ? 1 : (unsigned)count;
    for (unsigned i = 0; i < threads; i++)
        members[i] = (struct member){.team = &team, .number = i, .failed = SIZE_MAX};
    for (unsigned i = 1; i < threads; i++)
        members[i].started = pthread_create(&members[i].thread, NULL, work, &members[i]) == 0;
    (void)work(&members[0]);
    const struct member *first = &members[0];
    for (unsigned i = 1; i < threads; i++) {
        if (members[i].started)
            (void)pthread_join(members[i].thread, NULL);
        if (members[i].failed < first->failed)
            first = &members[i];
    }
    return first->fault;
}
