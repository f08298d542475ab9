/* The SQLite driver while things go wrong: killed, out of room, a disk that does not sync. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/random.h"
#include "fault_vfs.h"
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
    fault_vfs_full_at_write(0);
    fault_vfs_fail_sync(0);
    scratch_remove(&scratch);
    return 0;
}

static void assert_whole(void)
{
    sqlite3 *sqlite = NULL;
    sqlite3_stmt *check = NULL;
    assert_int_equal(sqlite3_open(scratch.database, &sqlite), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(sqlite, "PRAGMA integrity_check", -1, &check, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(check), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(check, 0), "ok");
    sqlite3_finalize(check);
    sqlite3_close(sqlite);
}

/* Larger than a fact, so that the log is copied back now and then. */
static enum fault put_large(struct db_tx *tx, void *context)
{
    static char content[64 * 1024]; /* the writer's thread alone runs this */
    static int turn;
    memset(content, 'a' + turn++ % 26, sizeof content); /* SQLite does not write what is already there */
    const struct fact *fact = context;
    const struct value in[BINDS_meta_put] = {
        [BIND_meta_put_name] = value_text(str_of(fact->name)),
        [BIND_meta_put_content] = value_text((struct str){content, sizeof content}),
    };
    return db_run(tx, SQL_meta_put, in, NULL);
}

/* The process that is going to die: each thread writes facts, and says through the pipe which are
 * acknowledged. */
enum { WRITERS = 4, ROUNDS = 25 };

struct writing {
    struct db *db;
    int pipe;
    long first;
};

static void *write_facts(void *context)
{
    struct writing *writing = context;
    for (long number = writing->first;; number += WRITERS) {
        struct fact fact = fact_of("fact", number);
        struct fact ballast = fact_of("ballast", number % 32);
        if (db_write(writing->db, DB_FOREGROUND, fact_put, &fact) != FAULT_NONE ||
            write(writing->pipe, &number, sizeof number) != sizeof number ||
            db_write(writing->db, DB_BACKGROUND, put_large, &ballast) != FAULT_NONE)
            _exit(1);
    }
    return NULL;
}

static _Noreturn void write_until_killed(int pipe, long first)
{
    struct db *db = NULL;
    if (db_open(&(struct db_settings){.connection = scratch.database, .create = true, .readers = 1}, &db) !=
        FAULT_NONE)
        _exit(2);
    struct writing writings[WRITERS];
    pthread_t threads[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        writings[i] = (struct writing){.db = db, .pipe = pipe, .first = first + i};
        if (pthread_create(&threads[i], NULL, write_facts, &writings[i]) != 0)
            _exit(3);
    }
    pthread_join(threads[0], NULL);
    _exit(4);
}

enum { ACKNOWLEDGED_MAX = 100000 };
static long acknowledged[ACKNOWLEDGED_MAX];
static size_t acknowledged_count;

static void collect(int pipe)
{
    long number;
    while (read(pipe, &number, sizeof number) == sizeof number) {
        assert_true(acknowledged_count < ACKNOWLEDGED_MAX);
        acknowledged[acknowledged_count++] = number;
    }
}

static void assert_acknowledged_kept(void)
{
    struct db *db = scratch_open(&scratch);
    for (size_t i = 0; i < acknowledged_count; i++)
        assert_true(fact_is_kept(db, fact_of("fact", acknowledged[i])));
    db_close(db);
}

static void case_58_killed_at_random_moments_nothing_acknowledged_is_lost(void **state)
{
    (void)state;
    struct stream stream = stream_of(58);
    acknowledged_count = 0;
    for (int round = 0; round < ROUNDS; round++) {
        int ends[2];
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        pid_t child = fork();
        if (child == 0)
            write_until_killed(ends[1], round * 1000000L);
        close(ends[1]);
        usleep((useconds_t)(3000 + stream_below(&stream, 60000)));
        kill(child, SIGKILL);
        collect(ends[0]);
        close(ends[0]);
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        assert_acknowledged_kept();
    }
    assert_whole();
    print_message("kills %d acknowledged %zu lost 0\n", ROUNDS, acknowledged_count);
    assert_true(acknowledged_count > 0);
}

/* Writes until the process stops by itself; exits with 0 where it never does. */
static _Noreturn void write_on_failing_disk(int pipe, int nth)
{
    struct db *db = NULL;
    log_to(-1);
    if (db_open(&(struct db_settings){.connection = scratch.database, .create = true, .readers = 1}, &db) !=
        FAULT_NONE)
        _exit(2);
    fault_vfs_fail_sync(nth);
    for (long number = 0; number < 40; number++) {
        struct fact fact = fact_of("fact", nth * 1000L + number);
        struct fact ballast = fact_of("ballast", number);
        long name = nth * 1000L + number;
        if (db_write(db, DB_FOREGROUND, fact_put, &fact) != FAULT_NONE)
            _exit(3);
        if (write(pipe, &name, sizeof name) != sizeof name)
            _exit(4);
        if (db_write(db, DB_FOREGROUND, put_large, &ballast) != FAULT_NONE)
            _exit(3);
    }
    _exit(0);
}

static void case_60_sync_fails_once_the_process_stops_and_recovers(void **state)
{
    (void)state;
    acknowledged_count = 0;
    /* Some of these are of a commit, some of copying the log back. */
    for (int nth = 1; nth <= 30; nth++) {
        int ends[2];
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        pid_t child = fork();
        if (child == 0)
            write_on_failing_disk(ends[1], nth);
        close(ends[1]);
        collect(ends[0]);
        close(ends[0]);
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), DB_EXIT_STORAGE);
        assert_acknowledged_kept();
    }
    assert_whole();
}

enum { FACTS = 6 };

/* True where the disk was full before all was written. */
static bool write_with_full_disk(int nth)
{
    struct db *db = scratch_open(&scratch);
    enum fault answers[FACTS];
    fault_vfs_full_at_write(nth);
    for (int i = 0; i < FACTS; i++) {
        struct fact fact = fact_of("fact", nth * 100L + i);
        answers[i] = db_write(db, DB_FOREGROUND, fact_put, &fact);
        assert_true(answers[i] == FAULT_NONE || answers[i] == FAULT_STORAGE);
    }
    bool failed = fault_vfs_failures() > 0;
    fault_vfs_full_at_write(0);
    struct fact after = fact_of("after", nth);
    assert_int_equal(db_write(db, DB_FOREGROUND, fact_put, &after), FAULT_NONE);
    db_close(db);
    db = scratch_open(&scratch);
    for (int i = 0; i < FACTS; i++)
        assert_int_equal(fact_is_kept(db, fact_of("fact", nth * 100L + i)), answers[i] == FAULT_NONE);
    assert_true(fact_is_kept(db, after));
    db_close(db);
    return failed;
}

static void case_61_disk_full_at_each_write_refuses_and_recovers(void **state)
{
    (void)state;
    int nth = 1;
    while (write_with_full_disk(nth))
        nth++;
    print_message("writes that failed, one run each: %d\n", nth - 1);
    assert_true(nth > FACTS);
    assert_whole();
}

static void case_61_disk_full_while_being_made(void **state)
{
    (void)state;
    int nth = 0;
    enum fault fault;
    do {
        struct db *db = NULL;
        tear_down(NULL);
        scratch = scratch_make();
        fault_vfs_full_at_write(++nth);
        fault =
            db_open(&(struct db_settings){.connection = scratch.database, .create = true, .readers = 1}, &db);
        fault_vfs_full_at_write(0);
        if (fault == FAULT_NONE) {
            db_close(db);
        } else {
            assert_int_equal(fault, FAULT_STORAGE);
            assert_non_null(strstr(fault_last_note(), "make room"));
        }
        db_close(scratch_open(&scratch));
    } while (fault != FAULT_NONE);
    assert_true(nth > 3);
    assert_whole();
}

/* The same on a real, small disk. */
static void case_61_a_small_disk_fills_and_is_given_room(void **state)
{
    (void)state;
    if (mount("none", scratch.folder, "tmpfs", 0, "size=4m") != 0) {
        print_message("skipped: a small tmpfs cannot be mounted here (%s)\n", strerror(errno));
        skip();
    }
    char ballast[1024 * 1024];
    memset(ballast, 'x', sizeof ballast - 1);
    ballast[sizeof ballast - 1] = '\0';
    scratch_write(&scratch, "ballast", ballast);
    struct db *db = scratch_open(&scratch);
    long kept = 0;
    enum fault fault;
    for (;; kept++) {
        struct fact fact = fact_of("large", kept);
        fault = db_write(db, DB_FOREGROUND, put_large, &fact);
        if (fault != FAULT_NONE)
            break;
    }
    assert_int_equal(fault, FAULT_STORAGE);
    assert_true(kept > 0);
    assert_int_equal(unlink(scratch_path(&scratch, "ballast")), 0);
    struct fact after = fact_of("after", 1);
    assert_int_equal(db_write(db, DB_FOREGROUND, fact_put, &after), FAULT_NONE);
    db_close(db);
    db = scratch_open(&scratch);
    assert_true(fact_is_kept(db, after));
    db_close(db);
    assert_whole();
    assert_int_equal(umount(scratch.folder), 0);
}

int main(void)
{
    fault_vfs_register();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(case_58_killed_at_random_moments_nothing_acknowledged_is_lost, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(case_60_sync_fails_once_the_process_stops_and_recovers, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(case_61_disk_full_at_each_write_refuses_and_recovers, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(case_61_disk_full_while_being_made, set_up, tear_down),
        cmocka_unit_test_setup_teardown(case_61_a_small_disk_fills_and_is_given_room, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
