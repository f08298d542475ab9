/* contactpoint token */
#include <stdio.h>

#include "cli/command.h"
#include "cli/instance.h"
#include "cli/say.h"

enum { TOKEN_ARENA_BYTES = 1024 * 1024 };

int command_token(const struct args *args)
{
    struct work work = {.kind = WORK_TOKEN, .fd = -1};
    const struct work_listener deaf = instance_deaf();
    struct work_result result = {0};
    struct instance *instance = NULL;
    struct arena *arena = NULL;
    enum fault fault;
    int status = 0;
    work.field[FIELD_USER_NAME] = str_of(args->plain[0]);
    TRY(arena_open(TOKEN_ARENA_BYTES, &arena));
    TRY(instance_open(say_state(args), say_database(args), &instance));
    instance_do(instance, &work, &deaf, arena, &result);
    TRY(result.fault);
    (void)printf("%.*s\n", (int)result.text[TEXT_CODE].len, result.text[TEXT_CODE].at);
done:
    if (fault != FAULT_NONE)
        status = say_fault(fault, result.text[TEXT_MESSAGE]);
    instance_close(instance);
    arena_close(arena);
    return status;
}
