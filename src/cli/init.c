/* contactpoint init, contactpoint join */
#include <stdio.h>

#include "cli/command.h"
#include "cli/say.h"
#include "service/staff.h"

enum { INIT_ARENA_BYTES = 1024 * 1024 };

/* In groups of five, as people copy it. */
static void put_code(const char *heading, struct str code)
{
    (void)printf("\n== %s ==\n\n    ", heading);
    for (size_t i = 0; i < code.len; i++)
        (void)printf("%s%c", i > 0 && i % 5 == 0 ? "-" : "", code.at[i]);
    (void)printf("\n");
}

int command_init(const struct args *args)
{
    const char *login = args->option[OPT_operator] != NULL ? args->option[OPT_operator] : say_login();
    const struct init_order order = {.state = say_state(args),
                                     .database = say_database(args),
                                     .unix_user = login,
                                     .demonstration = args->option[OPT_demonstration] != NULL,
                                     .clock = clock_system(),
                                     .entropy = entropy_system()};
    struct arena *arena = NULL;
    struct str codes[2];
    enum fault fault;
    TRY(arena_open(INIT_ARENA_BYTES, &arena));
    TRY(service_init(&order, arena, codes));
    (void)printf("A new %s stands in %s.  Its operator is the login %s.\n",
                 order.demonstration ? "demonstration" : "instance", order.state, login);
    (void)printf(
        "Keep a copy of vault.key apart from copies of the database: without it nothing can be read.\n\n"
        "Two people make the first national administrator within 7 days: contactpoint account first.\n"
        "Give each of them one of these codes, and nobody both.\n");
    put_code("The first person's code", codes[0]);
    put_code("The second person's code", codes[1]);
done:
    arena_close(arena);
    return fault == FAULT_NONE ? 0 : say_fault(fault, STR(""));
}

int command_join(const struct args *args)
{
    enum fault fault = service_join(say_state(args), say_database(args));
    if (fault != FAULT_NONE)
        return say_fault(fault, STR(""));
    (void)printf("%s is a server of this instance now: contactpoint serve.\n", say_state(args));
    return 0;
}
