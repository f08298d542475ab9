/* Opening: what is refused, and what the operator is told. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "scratch.h"
#include "store/sqlite.h"

static struct scratch scratch;

static int set_up(void **state)
{
    (void)state;
    scratch = scratch_make();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static void assert_refused(const char *path, bool create, enum fault expected, const char *part_of_note)
{
    struct db *db = NULL;
    fault_clear_note();
    assert_int_equal(db_open(&(struct db_settings){.connection = path, .create = create, .readers = 1}, &db),
                     expected);
    assert_null(db);
    assert_non_null(strstr(fault_last_note(), part_of_note));
}

static void change(const char *statement)
{
    sqlite3 *sqlite = NULL;
    assert_int_equal(sqlite3_open(scratch.database, &sqlite), SQLITE_OK);
    assert_int_equal(sqlite3_exec(sqlite, statement, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(sqlite);
}

static void paths_that_lead_nowhere_are_refused(void **state)
{
    (void)state;
    assert_refused(scratch.database, false, FAULT_ABSENT, "no database at this path");
    assert_refused(scratch_path(&scratch, "no/such/folder.db"), true, FAULT_STORAGE,
                   "folder of the database");
    assert_refused(scratch.folder, true, FAULT_STORAGE, "is a folder");
    assert_refused("/dev/null", true, FAULT_STORAGE, "not a file");
    scratch_write(&scratch, "file", "x");
    assert_refused(scratch_path(&scratch, "file/test.db"), true, FAULT_STORAGE, "through a file");
    scratch_write(&scratch, "test.db", "");
    assert_refused(scratch.database, false, FAULT_ABSENT, "empty");
}

static void a_file_that_is_no_database_is_refused(void **state)
{
    (void)state;
    char content[10000];
    memset(content, 'x', sizeof content - 1);
    content[sizeof content - 1] = '\0';
    scratch_write(&scratch, "test.db", content);
    assert_refused(scratch.database, false, FAULT_CORRUPT, "not an SQLite database");
    assert_refused(scratch.database, true, FAULT_CORRUPT, "not an SQLite database");
}

static void a_folder_that_may_not_be_written_is_refused(void **state)
{
    (void)state;
    if (geteuid() == 0) {
        /* Root may write everywhere: the child process gives that up. */
        assert_int_equal(chmod(scratch.folder, 0555), 0);
        pid_t child = fork();
        if (child == 0) {
            struct db *db = NULL;
            if (setgid(65534) != 0 || setuid(65534) != 0)
                _exit(1);
            _exit(db_open(&(struct db_settings){.connection = scratch.database, .create = true, .readers = 1},
                          &db) == FAULT_STORAGE
                      ? 0
                      : 2);
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    } else {
        assert_int_equal(chmod(scratch.folder, 0555), 0);
        assert_refused(scratch.database, true, FAULT_STORAGE, "may not be written");
    }
    assert_int_equal(chmod(scratch.folder, 0700), 0);
}

static void a_second_process_is_kept_out(void **state)
{
    (void)state;
    struct db *db = scratch_open(&scratch);
    assert_refused(scratch.database, false, FAULT_BUSY,
                   "another contactpoint process has this database open");
    char link[SCRATCH_PATH_BYTES * 2];
    snprintf(link, sizeof link, "%s", scratch_path(&scratch, "link.db"));
    assert_int_equal(symlink(scratch.database, link), 0);
    assert_refused(link, false, FAULT_BUSY, "another contactpoint process has this database open");
    pid_t child = fork();
    if (child == 0) {
        struct db *second = NULL;
        _exit(db_open(&(struct db_settings){.connection = scratch.database, .readers = 1}, &second) ==
                      FAULT_BUSY
                  ? 0
                  : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    db_close(db);
    db_close(scratch_open(&scratch));
}

static void a_newer_database_is_refused(void **state)
{
    (void)state;
    db_close(scratch_open(&scratch));
    change("INSERT INTO migration SELECT max(number) + 1, checksum, applied_us FROM migration");
    assert_refused(scratch.database, false, FAULT_SCHEMA, "install the newer program");
}

static void a_changed_migration_is_refused(void **state)
{
    (void)state;
    db_close(scratch_open(&scratch));
    change("UPDATE migration SET checksum = zeroblob(32) WHERE number = 1");
    assert_refused(scratch.database, false, FAULT_SCHEMA, "changed since");
}

static void another_programs_database_is_refused(void **state)
{
    (void)state;
    change("CREATE TABLE recipe (title TEXT)");
    assert_refused(scratch.database, true, FAULT_SCHEMA, "another program's database");
}

static void missing_migrations_are_applied(void **state)
{
    (void)state;
    db_close(scratch_open(&scratch));
    /* As far as the driver can tell, only 0000 has been applied. */
    sqlite3 *sqlite = NULL;
    sqlite3_stmt *tables = NULL;
    assert_int_equal(sqlite3_open(scratch.database, &sqlite), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(sqlite,
                                        "SELECT group_concat('DROP TABLE ' || name, ';') FROM sqlite_schema "
                                        "WHERE type = 'table' AND name NOT IN ('migration', 'lease')",
                                        -1, &tables, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(tables), SQLITE_ROW);
    char drop[4096];
    snprintf(drop, sizeof drop, "%s;DELETE FROM migration WHERE number > 0",
             (const char *)sqlite3_column_text(tables, 0));
    sqlite3_finalize(tables);
    assert_int_equal(sqlite3_exec(sqlite, drop, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(sqlite);
    struct db *db = scratch_open(&scratch);
    struct fact fact = fact_of("fact", 1);
    assert_int_equal(db_write(db, DB_FOREGROUND, fact_put, &fact), FAULT_NONE);
    db_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(paths_that_lead_nowhere_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_is_no_database_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_folder_that_may_not_be_written_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_second_process_is_kept_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_newer_database_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_changed_migration_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_programs_database_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(missing_migrations_are_applied, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
