/* contactpoint match explain */
#include <stdio.h>

#include "cli/command.h"
#include "cli/instance.h"
#include "cli/say.h"

enum { EXPLAIN_ARENA_BYTES = 1024 * 1024 };

int command_match_explain(const struct args *args)
{
    struct work work = {.kind = WORK_EXPLAIN, .fd = -1};
    const struct work_listener deaf = instance_deaf();
    struct work_result result = {0};
    struct instance *instance = NULL;
    struct arena *arena = NULL;
    enum fault fault;
    work.field[FIELD_ONE] = str_of(args->plain[0]);
    work.field[FIELD_OTHER] = str_of(args->plain[1]);
    TRY(arena_open(EXPLAIN_ARENA_BYTES, &arena));
    TRY(instance_open(say_state(args), say_database(args), &instance));
    instance_do(instance, &work, &deaf, arena, &result);
    TRY(result.fault);
    (void)fwrite(result.text[TEXT_REPORT].at, 1, result.text[TEXT_REPORT].len, stdout);
done:
    if (fault != FAULT_NONE)
        (void)say_fault(fault, result.text[TEXT_MESSAGE]);
    instance_close(instance);
    arena_close(arena);
    return fault == FAULT_NONE ? 0 : 1;
}
