/* What commands tell people: one clear line that names what to do. */
#ifndef CLI_SAY_H
#define CLI_SAY_H

#include "base/str.h"
#include "cli/args.h"

/* Says on standard error what went wrong: the message where there is one, else the fault's note, else its
 * text. Gives exit status 1. */
int say_fault(enum fault fault, struct str message);

/* The state folder of a command. */
const char *say_state(const struct args *args);

/* The database that a command names; NULL: as the settings in the state folder have it. */
const char *say_database(const struct args *args);

/* The login of whoever runs this, or "" where the machine knows none; borrowed until the next call. */
const char *say_login(void);

#endif
