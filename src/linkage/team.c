#include "linkage/team.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

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

enum { PAGE_BYTES = 2 << 20 };

void team_large_pages(void *at, size_t bytes)
{
    uintptr_t from = ((uintptr_t)at + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    uintptr_t to = ((uintptr_t)at + bytes) / PAGE_BYTES * PAGE_BYTES;
    if (to > from)
        (void)madvise((char *)at + (from - (uintptr_t)at), to - from, MADV_HUGEPAGE); /* good, not needed */
}

void *team_room(size_t count, size_t size_bytes)
{
    if (count > SIZE_MAX / 2 / size_bytes)
        return NULL;
    size_t bytes = count * size_bytes;
    if (bytes < (size_t)PAGE_BYTES / 4 * 3)
        return malloc(bytes + 1);
    bytes = (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    void *room = aligned_alloc(PAGE_BYTES, bytes);
    if (room != NULL)
        team_large_pages(room, bytes);
    return room;
}
