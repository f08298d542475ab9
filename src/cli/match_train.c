/* contactpoint match train */
#include <inttypes.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/instance.h"
#include "cli/say.h"

enum { TRAIN_ARENA_BYTES = 1024 * 1024 };

int command_match_train(const struct args *args)
{
    struct work work = {.kind = WORK_TRAIN, .fd = -1};
    const struct work_listener deaf = instance_deaf();
    struct work_result result = {0};
    struct instance *instance = NULL;
    struct arena *arena = NULL;
    enum fault fault;
    work.field[FIELD_SEED] = str_of(args->option[OPT_seed]);
    TRY(arena_open(TRAIN_ARENA_BYTES, &arena));
    TRY(instance_open(say_state(args), say_database(args), &instance));
    instance_do(instance, &work, &deaf, arena, &result);
    TRY(result.fault);
    (void)printf("Learnt from %" PRId64 " records: %" PRId64 " pairs were compared, about %" PRId64
                 " of them of one child.\n%s/match.model counts from the next start on.\n",
                 result.rows, result.counts.created, result.counts.updated, say_state(args));
done:
    if (fault != FAULT_NONE)
        (void)say_fault(fault, result.text[TEXT_MESSAGE]);
    instance_close(instance);
    arena_close(arena);
    return fault == FAULT_NONE ? 0 : 1;
}
