/* The program: finds the command, reads its arguments, runs it. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/help.h"

enum { EXIT_USAGE = 2 };

static int show_help(int argc, char *const *argv)
{
    int words = 0;
    if (argc == 0) {
        help_all(stdout);
        return 0;
    }
    const struct command *command = command_find(argc, argv, &words);
    if (command == NULL || words != argc) {
        (void)fprintf(stderr, "contactpoint: there is no such command\n");
        help_all(stderr);
        return EXIT_USAGE;
    }
    help_command(stdout, command);
    return 0;
}

static int run(int argc, char *const *argv)
{
    static struct args args;
    int words = 0;
    const struct command *command = command_find(argc, argv, &words);
    if (command == NULL) {
        (void)fprintf(stderr, "contactpoint: there is no command of that name\n");
        help_all(stderr);
        return EXIT_USAGE;
    }
    for (int i = words; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0) {
            help_command(stdout, command);
            return 0;
        }
    if (!args_read(command, argc - words, argv + words, &args)) {
        help_usage(stderr, command);
        return EXIT_USAGE;
    }
    return command->run(&args);
}

int main(int argc, char **argv)
{
    (void)umask(0077); /* nothing that we make is for others to read */
    (void)signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        help_all(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)printf("contactpoint %s\n", CONTACTPOINT_VERSION);
        return 0;
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return show_help(argc - 2, argv + 2);
    return run(argc - 1, argv + 1);
}
