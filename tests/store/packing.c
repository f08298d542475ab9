#include "packing.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct packing packing;

const char packing_box[] = "CREATE TABLE box (\n"
                           "    box_id BYTES NOT NULL PRIMARY KEY,\n"
                           "    size BIGINT NOT NULL,\n"
                           "    label TEXT\n"
                           ");\n";

static const char box_groups[] = "GROUP(box, REFERENCE, \"a few boxes\")\n";

bool packing_begin(int argc, char **argv)
{
    if (argc != 3)
        return false;
    packing.tool = argv[1];
    packing.store_folder = argv[2];
    return true;
}

int packing_set_up(void **state)
{
    (void)state;
    packing.scratch = scratch_make();
    assert_int_equal(mkdir(scratch_path(&packing.scratch, "sql"), 0700), 0);
    assert_int_equal(mkdir(scratch_path(&packing.scratch, "migrations"), 0700), 0);
    scratch_write(&packing.scratch, "migrations/0000.sql", packing_box);
    scratch_write(&packing.scratch, "groups.def", box_groups);
    return 0;
}

int packing_tear_down(void **state)
{
    (void)state;
    unlink(scratch_path(&packing.scratch, "sql/box.sql"));
    unlink(scratch_path(&packing.scratch, "migrations/0000.sql"));
    unlink(scratch_path(&packing.scratch, "migrations/0002.sql"));
    unlink(scratch_path(&packing.scratch, "groups.def"));
    rmdir(scratch_path(&packing.scratch, "sql"));
    rmdir(scratch_path(&packing.scratch, "migrations"));
    scratch_remove(&packing.scratch);
    return 0;
}

void packing_read(const char *path, char *memory, size_t room)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t len = fread(memory, 1, room - 1, file);
    memory[len] = '\0';
    fclose(file);
}

int packing_run_on(char *folder, const char *second, const char *third)
{
    char in[SCRATCH_PATH_BYTES * 2];
    char out[SCRATCH_PATH_BYTES * 2];
    char errors[SCRATCH_PATH_BYTES * 2];
    snprintf(in, sizeof in, "%s",
             strcmp(second, "--schema") == 0 ? second : scratch_path(&packing.scratch, second));
    snprintf(out, sizeof out, "%s", scratch_path(&packing.scratch, third));
    snprintf(errors, sizeof errors, "%s", scratch_path(&packing.scratch, "errors"));
    char *arguments[] = {packing.tool, folder, in, out, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    pid_t child = 0;
    assert_int_equal(posix_spawn(&child, packing.tool, &actions, NULL, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    packing_read(errors, packing.messages, sizeof packing.messages);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

int packing_run(const char *statements)
{
    scratch_write(&packing.scratch, "sql/box.sql", statements);
    return packing_run_on(packing.scratch.folder, "sql.h", "sql.c");
}

void assert_says(const char *memory, const char *part)
{
    if (strstr(memory, part) == NULL)
        fail_msg("expected `%s` in: %s", part, memory);
}

const char packing_spread[] =
    "CREATE TABLE child (child_id BYTES NOT NULL PRIMARY KEY, state BIGINT NOT NULL, place TEXT);\n"
    "CREATE TABLE claim (child_id BYTES NOT NULL REFERENCES child (child_id), n BIGINT NOT NULL, "
    "PRIMARY KEY (child_id, n));\n"
    "CREATE TABLE owner (tag BYTES NOT NULL PRIMARY KEY, child_id BYTES NOT NULL);\n"
    "CREATE TABLE entry (lane BYTES NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (lane, n));\n"
    "CREATE TABLE town (name TEXT NOT NULL PRIMARY KEY, n BIGINT NOT NULL UNIQUE);\n";
const char packing_spread_groups[] = "/* Where each stands. */\n"
                                     "GROUP(child, CHILD, \"why\")\n"
                                     "GROUP(claim, CHILD, \"why\")\n"
                                     "GROUP(owner, GLOBAL, \"why\")\n"
                                     "GROUP(entry, LOG, \"why\")\n"
                                     "GROUP(town, REFERENCE, \"why\")\n";
