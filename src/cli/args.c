#include "cli/args.h"

#include <stdio.h>
#include <string.h>

#include "cli/command.h"

static const struct option_row options[] = {
#define OPTION(name, value, help) {#name, value, help},
#include "cli/options.def"
#undef OPTION
};

static const struct command commands[] = {
#define OPTIONS(name) | (UINT32_C(1) << OPT_##name)
#define NO_OPTIONS
#define NONE
#define COMMAND(function, words, plain, least, most, options, required, help)                                \
    {command_##function, words, plain, least, most, 0 options, 0 required, help},
#include "cli/commands.def"
#undef COMMAND
#undef NONE
#undef NO_OPTIONS
#undef OPTIONS
};

const struct option_row *option_row(enum option option)
{
    must(option < OPTIONS_END);
    return &options[option];
}

const struct command *command_at(int at)
{
    return at >= 0 && (size_t)at < sizeof commands / sizeof commands[0] ? &commands[at] : NULL;
}

/* How many arguments the command's words take; 0 where they are others. */
static int match_words(const char *words, int argc, char *const *argv)
{
    int count = 0;
    while (*words != '\0') {
        size_t len = strcspn(words, " ");
        if (count == argc || strlen(argv[count]) != len || strncmp(argv[count], words, len) != 0)
            return 0;
        count++;
        words += len + (words[len] == ' ' ? 1 : 0);
    }
    return count;
}

const struct command *command_find(int argc, char *const *argv, int *ret_words)
{
    for (int i = 0; command_at(i) != NULL; i++) {
        int words = match_words(commands[i].words, argc, argv);
        if (words > 0) {
            *ret_words = words;
            return &commands[i];
        }
    }
    return NULL;
}

static int option_of(const char *name, size_t len)
{
    for (int i = 0; i < OPTIONS_END; i++)
        if (strlen(options[i].name) == len && strncmp(options[i].name, name, len) == 0)
            return i;
    return -1;
}

static bool complain(const char *what, const char *about)
{
    (void)fprintf(stderr, "contactpoint: %s%s%s\n", what, about == NULL ? "" : " ",
                  about == NULL ? "" : about);
    return false;
}

/* One --name, --name=value or --name value; *at moves over a value behind it. */
static bool read_option(const struct command *command, int argc, char *const *argv, int *at,
                        struct args *args)
{
    const char *name = argv[*at] + 2;
    size_t len = strcspn(name, "=");
    int option = option_of(name, len);
    if (option < 0 || (command->options & UINT32_C(1) << option) == 0)
        return complain("this command has no option", argv[*at]);
    if (args->option[option] != NULL)
        return complain("an option stands twice:", argv[*at]);
    if (options[option].value == NULL) {
        args->option[option] = "";
        return name[len] != '=' || complain("this option takes no value:", argv[*at]);
    }
    if (name[len] == '=') {
        args->option[option] = name + len + 1;
        return true;
    }
    if (*at + 1 == argc)
        return complain("a value is missing behind", argv[*at]);
    args->option[option] = argv[++*at];
    return true;
}

static bool check(const struct command *command, const struct args *args)
{
    if (args->plain_count < command->plain_least)
        return complain("an argument is missing:", command->plain);
    for (int i = 0; i < OPTIONS_END; i++)
        if ((command->required & UINT32_C(1) << i) != 0 && args->option[i] == NULL) {
            (void)fprintf(stderr, "contactpoint: --%s %s is missing\n", options[i].name, options[i].value);
            return false;
        }
    return true;
}

bool args_read(const struct command *command, int argc, char *const *argv, struct args *ret_args)
{
    *ret_args = (struct args){0};
    bool only_plain = false;
    for (int i = 0; i < argc; i++) {
        if (!only_plain && strcmp(argv[i], "--") == 0) {
            only_plain = true;
        } else if (!only_plain && strncmp(argv[i], "--", 2) == 0) {
            if (!read_option(command, argc, argv, &i, ret_args))
                return false;
        } else if (!only_plain && argv[i][0] == '-' && argv[i][1] != '\0') {
            return complain("this command has no option", argv[i]);
        } else if (ret_args->plain_count == command->plain_most) {
            return complain("this argument is one too many:", argv[i]);
        } else {
            ret_args->plain[ret_args->plain_count++] = argv[i];
        }
    }
    return check(command, ret_args);
}
