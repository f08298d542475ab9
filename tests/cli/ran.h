/* The program started as people start it: its exit status, and what it said. */
#ifndef TESTS_CLI_RAN_H
#define TESTS_CLI_RAN_H

#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

/* after the four that it needs */
#include <cmocka.h>

/* Of either text; of the words as failures show them; how long a program may run. */
enum { RAN_TEXT_BYTES = 256 * 1024, RAN_LINE_BYTES = 2048, RAN_WORDS_MAX = 17, RAN_SECONDS_MAX = 120 };

struct ran {
    int status;                 /* of exit; -1: a signal */
    char line[RAN_LINE_BYTES];  /* the words behind the program */
    char said[RAN_TEXT_BYTES];  /* standard error; cut where there is more */
    char wrote[RAN_TEXT_BYTES]; /* standard output, the same */
};

struct running {
    pid_t process;
    FILE *out;
    FILE *err;
    char line[RAN_LINE_BYTES];
};

/* A program and its words, which end with NULL, the first of them its file. */
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* The words of a line, which blanks part, behind the program; borrowed until the next call. */
const char *const *ran_cut(const char *program, const char *line);

/* `input` NULL: standard input is empty; `user` NULL: as ourselves.  Exit status 126: that user we cannot
 * become; 127: there is no such program. */
struct running ran_start(const char *const *words, const char *input, const struct passwd *user);

/* Awaits the end; borrowed until the next program has ended. */
const struct ran *ran_finish(const struct running *running);

/* Both at once. */
const struct ran *ran_whole(const char *const *words, const char *input);

/* Until a program that runs has made this file. */
void ran_await(const char *path);

/* Exit status 0. */
void ran_assert_done(const struct ran *ran);

/* Exit status 1 after one line for people, the last on standard error, which says this. */
void ran_assert_refused(const struct ran *ran, const char *says);

/* Exit status 2 and a word on standard error alone. */
void ran_assert_misused(const struct ran *ran);

void assert_says(const char *wrote, const char *says);

/* A file for the program; and what one holds, borrowed until the next call: "" where there is none. */
void put_file(const char *path, const char *text);
const char *get_file(const char *path);

#endif
