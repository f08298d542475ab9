/* What each command does; the value is the exit status: 0, 1 after a fault that was told, 2 for wrong usage.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/args.h"

#define OPTIONS(name)
#define NO_OPTIONS
#define NONE
#define COMMAND(function, words, plain, least, most, options, required, help)                                \
    int command_##function(const struct args *args);
#include "cli/commands.def"
#undef COMMAND
#undef NONE
#undef NO_OPTIONS
#undef OPTIONS

#endif
