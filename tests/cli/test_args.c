#include "cli/args.h"

#include <stdio.h>
#include <unistd.h>

#include "yard.h"

enum { ARGUMENTS_MAX = 12 };

/* Reads "feed load a b" as words; true where it is understood. */
static bool read_line(const char *line, const struct command **ret_command, struct args *ret_args)
{
    static char text[256];
    char *words[ARGUMENTS_MAX];
    int count = 0, used = 0;
    (void)snprintf(text, sizeof text, "%s", line);
    for (char *rest = text, *word; (word = strsep(&rest, " ")) != NULL && count < ARGUMENTS_MAX;)
        words[count++] = word;
    *ret_command = command_find(count, words, &used);
    return *ret_command != NULL && args_read(*ret_command, count - used, words + used, ret_args);
}

static void test_right_ones(void **state)
{
    (void)state;
    const struct command *command;
    static struct args args;
    assert_true(read_line("serve --listen localhost:1 --https", &command, &args));
    assert_string_equal(command->words, "serve");
    assert_string_equal(args.option[OPT_listen], "localhost:1");
    assert_string_equal(args.option[OPT_https], "");
    assert_null(args.option[OPT_state]);
    assert_true(read_line("feed load one --state=here two -- --three", &command, &args));
    assert_string_equal(command->words, "feed load");
    assert_string_equal(args.option[OPT_state], "here");
    assert_int_equal(args.plain_count, 3);
    assert_string_equal(args.plain[2], "--three");
    assert_true(read_line("generate --children 1 --seed 2 --out x", &command, &args));
    assert_true(read_line("feed load -", &command, &args));
}

static void test_wrong_ones(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "feed load",
        "feed load --state",
        "feed load x --listen y",
        "feed load x --state a --state b",
        "feed schema x",
        "serve x",
        "serve --https=yes",
        "serve -v",
        "token",
        "token a b",
        "generate --children 1 --seed 2",
        "generate",
        "account suspend",
        "init --nonsense",
    };
    const struct command *command;
    static struct args args;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (read_line(lines[i], &command, &args))
            fail_msg("understood: %s", lines[i]);
    assert_false(read_line("feed", &command, &args));
    assert_null(command);
    assert_false(read_line("feedload", &command, &args));
    assert_null(command);
}

/* A required option is one that the command has; words are told apart. */
static void test_table(void **state)
{
    (void)state;
    for (int i = 0; command_at(i) != NULL; i++) {
        const struct command *command = command_at(i);
        assert_int_equal(command->required & ~command->options, 0);
        assert_true(command->plain_least <= command->plain_most && command->plain_most <= PLAIN_MAX);
        assert_int_equal(command->plain[0] == '\0', command->plain_most == 0);
        assert_non_null(strchr(command->help, '.'));
        for (int k = 0; k < i; k++)
            assert_true(strcmp(command->words, command_at(k)->words) != 0);
    }
    assert_null(command_at(-1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right_ones),
        cmocka_unit_test(test_wrong_ones),
        cmocka_unit_test(test_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
