/* pack-sql: what it makes, and what it refuses with file, line and reason.
 * Arguments: the tool, and the folder src/store. */
#include <fcntl.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "scratch.h"

static char *tool;
static char *store_folder;
static struct scratch scratch;
static char messages[16384];
static char output[1024 * 1024];

static const char migration[] = "CREATE TABLE box (\n"
                                "    box_id BYTES NOT NULL PRIMARY KEY,\n"
                                "    size BIGINT NOT NULL,\n"
                                "    label TEXT\n"
                                ");\n";

static int set_up(void **state)
{
    (void)state;
    scratch = scratch_make();
    assert_int_equal(mkdir(scratch_path(&scratch, "sql"), 0700), 0);
    assert_int_equal(mkdir(scratch_path(&scratch, "migrations"), 0700), 0);
    scratch_write(&scratch, "migrations/0000.sql", migration);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(scratch_path(&scratch, "sql/box.sql"));
    unlink(scratch_path(&scratch, "migrations/0000.sql"));
    unlink(scratch_path(&scratch, "migrations/0002.sql"));
    rmdir(scratch_path(&scratch, "sql"));
    rmdir(scratch_path(&scratch, "migrations"));
    scratch_remove(&scratch);
    return 0;
}

static void read_whole(const char *path, char *memory, size_t room)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t len = fread(memory, 1, room - 1, file);
    memory[len] = '\0';
    fclose(file);
}

static int run(char *folder, const char *second, const char *third)
{
    char in[SCRATCH_PATH_BYTES * 2];
    char out[SCRATCH_PATH_BYTES * 2];
    char errors[SCRATCH_PATH_BYTES * 2];
    snprintf(in, sizeof in, "%s", strcmp(second, "--schema") == 0 ? second : scratch_path(&scratch, second));
    snprintf(out, sizeof out, "%s", scratch_path(&scratch, third));
    snprintf(errors, sizeof errors, "%s", scratch_path(&scratch, "errors"));
    char *arguments[] = {tool, folder, in, out, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    pid_t child = 0;
    assert_int_equal(posix_spawn(&child, tool, &actions, NULL, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    read_whole(errors, messages, sizeof messages);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int pack(const char *statements)
{
    scratch_write(&scratch, "sql/box.sql", statements);
    return run(scratch.folder, "sql.h", "sql.c");
}

static void assert_says(const char *memory, const char *part)
{
    if (strstr(memory, part) == NULL)
        fail_msg("expected `%s` in: %s", part, memory);
}

static void names_become_numbers_and_placeholders(void **state)
{
    (void)state;
    assert_int_equal(pack("-- All about boxes.\n"
                          "-- name: box_put\n"
                          "-- Writes a box.\n"
                          "-- binds: box_id bytes, size int\n"
                          "-- binds: label text?\n"
                          "INSERT INTO box (label, size, box_id) -- why not\n"
                          "VALUES ($label, $size, $box_id) ON CONFLICT (box_id) DO UPDATE\n"
                          "SET size = $size, label = 'it''s; $size -- ?';\n"
                          "\n"
                          "-- name: box_all\n"
                          "-- All boxes.\n"
                          "-- gives: size int, label text?, many int\n"
                          "SELECT size, label, count(*) AS many FROM box;\n"),
                     0);
    assert_string_equal(messages, "");
    read_whole(scratch_path(&scratch, "sql.h"), output, sizeof output);
    assert_says(output, "SQL_NONE = 0,\n    SQL_box_all,\n    SQL_box_put,\n    STATEMENTS_END");
    assert_says(output,
                "enum { BIND_box_put_box_id, BIND_box_put_size, BIND_box_put_label, BINDS_box_put };");
    assert_says(output, "enum { GIVES_box_put = 0 };");
    assert_says(output, "enum { GIVE_box_all_size, GIVE_box_all_label, GIVE_box_all_many, GIVES_box_all };");
    read_whole(scratch_path(&scratch, "sql.c"), output, sizeof output);
    assert_says(
        output,
        "VALUES (?3, ?2, ?1) ON CONFLICT (box_id) DO UPDATE SET size = ?2, label = 'it''s; $size -- ?'\"");
    assert_says(output, "VALUES ($3, $2, $1) ON CONFLICT");
    assert_says(output, "box_id BLOB NOT NULL");
    assert_says(output, "box_id BYTEA NOT NULL");
    assert_says(output, "{\"label\", VALUE_TEXT, true}");
}

static void an_output_that_would_not_change_is_left(void **state)
{
    (void)state;
    const char *statements = "-- name: box_drop\n-- All go.\nDELETE FROM box;\n";
    struct stat before;
    struct stat after;
    assert_int_equal(pack(statements), 0);
    assert_int_equal(stat(scratch_path(&scratch, "sql.c"), &before), 0);
    usleep(20000);
    assert_int_equal(pack(statements), 0);
    assert_int_equal(stat(scratch_path(&scratch, "sql.c"), &after), 0);
    assert_memory_equal(&before.st_mtim, &after.st_mtim, sizeof before.st_mtim);
}

static void twins_share_a_name(void **state)
{
    (void)state;
    assert_int_equal(
        pack("-- name: box_size\n-- Sizes.\n-- gives: size int\n-- only: sqlite\nSELECT size FROM box;\n"
             "-- name: box_size\n-- Sizes.\n-- gives: size int\n-- only: postgres\n"
             "SELECT size FROM box FOR UPDATE SKIP LOCKED;\n"),
        0);
    read_whole(scratch_path(&scratch, "sql.c"), output, sizeof output);
    assert_says(output, "\"SELECT size FROM box\",\n    \"SELECT size FROM box FOR UPDATE SKIP LOCKED\"");
    assert_int_equal(
        pack("-- name: box_size\n-- Sizes.\n-- gives: size int\n-- only: sqlite\nSELECT size FROM box;\n"
             "-- name: box_size\n-- Sizes.\n-- gives: size int?\n-- only: postgres\nSELECT size FROM box;\n"),
        1);
    assert_says(messages, "its twin");
}

static void broken_blocks_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *block;
        const char *message;
    } blocks[] = {
        {"-- name: a\n-- A.\n-- binds: size int\nDELETE FROM box WHERE size = $other AND size = $size;",
         "box.sql:4: `$other` is not listed"},
        {"-- name: a\n-- A.\n-- binds: size int, label text\nDELETE FROM box WHERE size = $size;",
         "box.sql:1: `a` lists `label`"},
        {"-- name: a\n-- A.\nDELETE FROM box;\n-- name: a\n-- A.\nDELETE FROM box;",
         "box.sql:4: `a` stands already at"},
        {"-- name: a\n-- A.\n-- gives: size int\nSELECT size::int AS size FROM box;",
         "write CAST(x AS type)"},
        {"-- name: a\n-- A.\nDELETE FROM box WHERE size = ?;", "a `?` parameter"},
        {"-- name: a\n-- A.\nDELETE FROM box WHERE size = ?1;", "a `?` parameter"},
        {"-- name: a\n-- A.\nDELETE FROM box WHERE size = $1;", "`$1` is not listed"},
        {"-- name: a\nDELETE FROM box;", "box.sql:1: `a` has no comment"},
        {"-- name: a\n-- A.\nDELETE FROM box; DELETE FROM box;", "more than one statement"},
        {"-- name: a\n-- A.\nDELETE FROM box", "does not end with `;`"},
        {"-- name: a\n-- A.\n", "has no statement"},
        {"-- name: a\n-- A.\n-- binds: label text\nDELETE FROM box WHERE label = 'x' || $label;",
         "`||` in a statement that binds"},
        {"-- name: a\n-- A.\nDROP TABLE box;", "begins with `DROP`"},
        {"-- name: a\n-- A.\nPRAGMA user_version;", "begins with `PRAGMA`"},
        {"-- name: A\n-- A.\nDELETE FROM box;", "is not a name"},
        {"DELETE FROM box;", "without a `-- name:`"},
        {"-- name: a\n-- A.\n-- binds: size integer\nDELETE FROM box WHERE size = $size;",
         "unknown kind `integer`"},
        {"-- name: a\n-- A.\n-- binds: size\nDELETE FROM box WHERE size = $size;", "expected `name kind`"},
        {"-- name: a\n-- A.\n-- binds: size int, size int\nDELETE FROM box WHERE size = $size;",
         "listed twice"},
        {"-- name: a\n-- A.\n-- only: oracle\nDELETE FROM box;", "`only` is sqlite or postgres"},
        {"-- name: a\n-- A.\nSELECT size FROM box;", "has no `-- gives:`"},
        {"-- name: a\n-- A.\n-- gives: size int\nDELETE FROM box;", "gives no rows"},
        {"-- name: a\n-- A.\n-- gives: size int\nSELECT * FROM box;", "`*` as columns"},
        {"-- name: a\n-- A.\n-- gives: size int\nSELECT \"size\" FROM box;", "is not portable"},
        {"-- name: a\n-- A.\n-- gives: size int\nSELECT colour AS size FROM box;",
         "SQLite refuses `a`: no such column: colour"},
        {"-- name: a\n-- A.\n-- gives: size int\nSELECT size, label FROM box;", "gives 2 columns"},
        {"-- name: a\n-- A.\n-- gives: size int, label text\nSELECT label, size FROM box;",
         "column 1 of `a` is `label`"},
        {"-- name: a\n-- A.\n-- gives: size text\nSELECT size FROM box;", "is BIGINT in the schema"},
        {"-- name: a\n-- A.\nDELETE FROM box WHERE label = 'x;", "without its closing quote"},
    };
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        assert_int_equal(pack(blocks[i].block), 1);
        assert_says(messages, blocks[i].message);
        assert_int_equal(access(scratch_path(&scratch, "sql.c"), F_OK), -1);
    }
}

static void broken_migrations_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *migration;
        const char *message;
    } migrations[] = {
        {"CREATE TABLE box (box_id BLOB);", "0000.sql:1: `BLOB` in a migration: write BYTES"},
        {"CREATE TABLE box (box_id BYTES);\nCOMMIT;", "0000.sql:2: `COMMIT` in a migration"},
        {"CREATE TABLE box (", "SQLite refuses this migration"},
    };
    scratch_write(&scratch, "sql/box.sql", "");
    for (size_t i = 0; i < sizeof migrations / sizeof migrations[0]; i++) {
        scratch_write(&scratch, "migrations/0000.sql", migrations[i].migration);
        assert_int_equal(run(scratch.folder, "sql.h", "sql.c"), 1);
        assert_says(messages, migrations[i].message);
    }
    scratch_write(&scratch, "migrations/0000.sql", migration);
    scratch_write(&scratch, "migrations/0002.sql", "");
    assert_int_equal(run(scratch.folder, "sql.h", "sql.c"), 1);
    assert_says(messages, "0001 was expected");
}

/* src/store/schema.sql is what results from the migrations; `ninja schema` writes it. */
static void the_committed_schema_is_that_of_the_migrations(void **state)
{
    (void)state;
    static char committed[sizeof output];
    char path[4096];
    assert_int_equal(run(store_folder, "--schema", "schema.sql"), 0);
    read_whole(scratch_path(&scratch, "schema.sql"), output, sizeof output);
    snprintf(path, sizeof path, "%s/schema.sql", store_folder);
    read_whole(path, committed, sizeof committed);
    if (strcmp(output, committed) != 0)
        fail_msg(
            "src/store/schema.sql is not what the migrations make: run `ninja schema` in the build folder");
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    tool = argv[1];
    store_folder = argv[2];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_become_numbers_and_placeholders, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_output_that_would_not_change_is_left, set_up, tear_down),
        cmocka_unit_test_setup_teardown(twins_share_a_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(broken_blocks_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(broken_migrations_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_committed_schema_is_that_of_the_migrations, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
