/* Numbered pieces of work, done by several threads. */
#ifndef LINKAGE_TEAM_H
#define LINKAGE_TEAM_H

#include <stddef.h>

#include "base/fault.h"

enum { TEAM_THREADS_MAX = 64 };

/* Does one task.  `member` is 0 to threads - 1; nobody else works as that member meanwhile. */
typedef enum fault (*team_task)(void *context, size_t task, unsigned member);

/* Does tasks 0 to count - 1, begun in this order, by 1 to TEAM_THREADS_MAX threads; where a thread cannot be
 * had, the others do its work.  After a fault no further task is begun; the fault of the lowest task that had
 * one is returned, which is the same for any number of threads if a task's fault hangs on nothing else. */
MUST_USE enum fault team_run(unsigned threads, size_t count, team_task task, void *context);

#endif
