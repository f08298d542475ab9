#include "cli/say.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int say_fault(enum fault fault, struct str message)
{
    const char *note = fault_last_note();
    if (message.len > 0)
        (void)fprintf(stderr, "contactpoint: %.*s\n", (int)message.len, message.at);
    else
        (void)fprintf(stderr, "contactpoint: %s\n", note[0] != '\0' ? note : fault_text(fault));
    return 1;
}

const char *say_state(const struct args *args)
{
    const char *state = args->option[OPT_state];
    if (state == NULL)
        state = getenv("CONTACTPOINT_STATE");
    return state == NULL || state[0] == '\0' ? "./state" : state;
}

const char *say_database(const struct args *args)
{
    const char *database = args->option[OPT_database];
    if (database == NULL)
        database = getenv("CONTACTPOINT_DATABASE");
    return database == NULL || database[0] == '\0' ? NULL : database;
}

const char *say_login(void)
{
    const struct passwd *entry = getpwuid(getuid());
    return entry == NULL ? "" : entry->pw_name;
}
