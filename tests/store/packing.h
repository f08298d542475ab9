/* Runs pack-sql over a folder of a test's own.  One thread, one folder at a time. */
#ifndef TESTS_STORE_PACKING_H
#define TESTS_STORE_PACKING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* after the four that it needs */
#include <cmocka.h>

#include "scratch.h"

extern struct packing {
    char *tool;
    char *store_folder; /* src/store */
    struct scratch scratch;
    char messages[16384]; /* what the tool complained of when it last ran */
} packing;

/* Takes the arguments of the test program, the tool and src/store; false where they are not given. */
bool packing_begin(int argc, char **argv);

/* Before and after each test: the folder has one table, box, of group REFERENCE. */
int packing_set_up(void **state);
int packing_tear_down(void **state);
extern const char packing_box[];

/* A migration and its groups.def with tables of each group: child and claim, owner, entry, town. */
extern const char packing_spread[];
extern const char packing_spread_groups[];

/* Packs these statements into sql.h and sql.c; gives the tool's exit status. */
int packing_run(const char *statements);

/* The same for any folder, with the tool's second and third argument, names in the test's folder. */
int packing_run_on(char *folder, const char *second, const char *third);

void packing_read(const char *path, char *memory, size_t room);
void assert_says(const char *memory, const char *part);

#endif
