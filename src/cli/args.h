/* The command line, taken apart as commands.def and options.def declare it. */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <stdint.h>

#include "base/fault.h"

enum option {
#define OPTION(name, value, help) OPT_##name,
#include "cli/options.def"
#undef OPTION
    OPTIONS_END
};

enum { PLAIN_MAX = 1000 };

struct args {
    const char *option[OPTIONS_END]; /* NULL: not given; "" for one without a value */
    const char *plain[PLAIN_MAX];
    int plain_count;
};

struct option_row {
    const char *name;
    const char *value;
    const char *help;
};
const struct option_row *option_row(enum option option);

struct command {
    int (*run)(const struct args *args); /* gives the exit status */
    const char *words;
    const char *plain;
    int plain_least;
    int plain_most;
    uint32_t options; /* bit (1 << OPT_x) */
    uint32_t required;
    const char *help;
};

/* The command whose words argv begins with; *ret_words is how many these are.  NULL where none fits. */
const struct command *command_find(int argc, char *const *argv, int *ret_words);

/* Number `at` of all commands, NULL behind the last. */
const struct command *command_at(int at);

/* Reads what follows a command's words.  False after saying on standard error what is wrong, in one line. */
bool args_read(const struct command *command, int argc, char *const *argv, struct args *ret_args);

#endif
