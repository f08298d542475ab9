/* contactpoint match duplicates */
#include <inttypes.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/instance.h"
#include "cli/say.h"

enum { DUPLICATES_ARENA_BYTES = 1024 * 1024 };

int command_match_duplicates(const struct args *args)
{
    const struct work work = {.kind = WORK_DUPLICATES, .fd = -1};
    const struct work_listener deaf = instance_deaf();
    struct work_result result = {0};
    struct instance *instance = NULL;
    struct arena *arena = NULL;
    enum fault fault;
    TRY(arena_open(DUPLICATES_ARENA_BYTES, &arena));
    TRY(instance_open(say_state(args), say_database(args), &instance));
    instance_do(instance, &work, &deaf, arena, &result);
    TRY(result.fault);
    (void)printf("%" PRId64 " records were compared with each other.\n%" PRId64
                 " pairs may be one child's, and wait for the data officer.\n",
                 result.rows, result.counts.waiting);
done:
    if (fault != FAULT_NONE)
        (void)say_fault(fault, result.text[TEXT_MESSAGE]);
    instance_close(instance);
    arena_close(arena);
    return fault == FAULT_NONE ? 0 : 1;
}
