/* Usage and help, written from the tables. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdio.h>

#include "cli/args.h"

void help_all(FILE *to);
void help_usage(FILE *to, const struct command *command);
void help_command(FILE *to, const struct command *command);

#endif
