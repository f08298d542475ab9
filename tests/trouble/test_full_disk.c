/* Case 61 with PostgreSQL: the disk under its tables is full, then the one under its log.  Nobody is shown
 * anything that could not be entered, nothing is half there, and room on the disk is all that is needed. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../postgres.h"
#include "crowd.h"

enum {
    CHILDREN = 120,
    SEARCHERS = 6,
    FEED_CHILDREN = 600,
    PATIENCE_S = 2,
    CLIENT_PATIENCE_US = 20 * 1000000,
    PATH_BYTES = 300,
    COMMAND_BYTES = 2400,
    FULL_MS_MAX = 20000,
    BACK_MS_MAX = 20000,
    BALLAST_BYTES = 64 * 1024,
};

static const char *program;
static struct site site;
static struct crowd crowd;
static char mounted[2][PATH_BYTES];
static int mounted_count;

/* Fixed words and the test's own paths. */
static bool run_shell(const char *command)
{
    int status = 0;
    (void)fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status == 0;
}

/* Puts what is in a folder of the cluster on a small disk of its own; the cluster is down. */
static bool put_on_small_disk(const char *folder, const char *size)
{
    char path[PATH_BYTES], old[PATH_BYTES + 8], command[COMMAND_BYTES];
    (void)snprintf(path, sizeof path, "%s/data/%s", postgres_folder(), folder);
    (void)snprintf(old, sizeof old, "%s.old", path);
    (void)snprintf(command, sizeof command, "mv %s %s && mkdir -m 700 %s", path, old, path);
    assert_true(run_shell(command));
    if (mount("none", path, "tmpfs", 0, size) != 0) {
        int why = errno;
        (void)snprintf(command, sizeof command, "rmdir %s && mv %s %s", path, old, path);
        assert_true(run_shell(command));
        print_message("skipped: a small tmpfs cannot be mounted here (%s)\n", strerror(why));
        return false;
    }
    (void)snprintf(command, sizeof command,
                   "cp -a %s/. %s && chown --reference=%s %s && chmod 700 %s && rm -rf %s", old, path, old,
                   path, path, old);
    assert_true(run_shell(command));
    (void)snprintf(mounted[mounted_count++], PATH_BYTES, "%s", path);
    return true;
}

/* Writes until nothing goes in any more. */
static void fill(const char *folder, char ret_ballast[PATH_BYTES])
{
    static const char ballast[BALLAST_BYTES];
    (void)snprintf(ret_ballast, PATH_BYTES, "%s/data/%s/ballast", postgres_folder(), folder);
    int fd = open(ret_ballast, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    for (size_t size = sizeof ballast; size > 512; size /= 2)
        while (write(fd, ballast, size) == (ssize_t)size) {
        }
    (void)close(fd);
}

static int64_t claims(void)
{
    return site_count(&site, "SELECT count(*) FROM claim");
}

static void wait_until(bool (*reached)(const struct seen *before, const struct seen *now), int most_ms,
                       const char *what)
{
    struct seen before = crowd_look(&crowd), now = before;
    for (int waited_ms = 0; waited_ms < most_ms; waited_ms += 20) {
        (void)poll(NULL, 0, 20);
        now = crowd_look(&crowd);
        if (reached(&before, &now))
            return;
    }
    seen_print(what, &now);
    fail_msg("not within %d ms: %s %s", most_ms, what, server_log(&site.servers[0]));
}

static bool many_are_sent_away(const struct seen *before, const struct seen *now)
{
    return now->busy > before->busy + 2 * SEARCHERS;
}

static bool many_are_answered(const struct seen *before, const struct seen *now)
{
    return now->answered > before->answered + 100;
}

static void check_seen(const char *name, const struct seen *seen)
{
    int status;
    seen_print(name, seen);
    if (seen->wrong > 0)
        fail_msg("%s: %s", name, seen->first_wrong);
    assert_int_equal(seen->hung + seen->cut + seen->unreached, 0);
    if (!server_lives(&site.servers[0], &status))
        fail_msg("%s: the server ended with %d: %s", name, status, server_log(&site.servers[0]));
}

/* One clear line, and the same file again is enough. */
static void feed_is_refused(const char *command)
{
    const struct said *said = site_run(&site, command);
    const char *line = strstr(said->err, "contactpoint: ");
    print_message("%s", line == NULL ? said->err : line);
    assert_int_equal(said->status, 1);
    assert_non_null(line);
    assert_non_null(strstr(line, "make room"));
    assert_int_equal(strcspn(line, "\n") + 1, strlen(line));
}

static void case_61_the_disk_of_the_tables_is_full(void **state)
{
    (void)state;
    char ballast[PATH_BYTES], command[COMMAND_BYTES];
    int64_t before = claims(), children = site_count(&site, "SELECT count(*) FROM child");
    (void)snprintf(command, sizeof command, "feed load %s", site_feed(&site, 2, FEED_CHILDREN));
    crowd_begin(&crowd, SEARCHERS);
    (void)poll(NULL, 0, 300);
    fill("base", ballast);
    wait_until(many_are_sent_away, FULL_MS_MAX, "the disk of the tables is full");
    feed_is_refused(command);
    assert_int_equal(unlink(ballast), 0);
    wait_until(many_are_answered, BACK_MS_MAX, "there is room again");
    assert_int_equal(site_run(&site, command)->status, 0);
    struct seen seen = crowd_end(&crowd);
    check_seen("tables", &seen);
    crowd_check_lists(&crowd);
    assert_int_equal(site_count(&site, "SELECT count(*) FROM child"), children + FEED_CHILDREN);
    assert_int_equal(claims(), before + seen.recorded + INT64_C(2) * FEED_CHILDREN);
}

/* PostgreSQL ends itself where its log cannot be written, and waits to be started. */
static void case_61_the_disk_of_the_log_is_full(void **state)
{
    (void)state;
    char command[COMMAND_BYTES];
    int64_t before = claims();
    crowd_begin(&crowd, SEARCHERS);
    (void)poll(NULL, 0, 300);
    /* Nothing but the log grows by these. */
    (void)snprintf(
        command, sizeof command,
        "psql -qX \"$CONTACTPOINT_POSTGRES_ADMIN\" -c \"SELECT pg_logical_emit_message(true, 'ballast', "
        "repeat('x', 1000000)) FROM generate_series(1, 200)\" >/dev/null 2>&1");
    assert_false(run_shell(command));
    wait_until(many_are_sent_away, FULL_MS_MAX, "the disk of the log is full");
    (void)snprintf(command, sizeof command, "mount -o remount,size=400m %s/data/pg_wal", postgres_folder());
    assert_true(run_shell(command));
    postgres_stop();
    postgres_start();
    wait_until(many_are_answered, BACK_MS_MAX, "there is room again");
    struct seen seen = crowd_end(&crowd);
    check_seen("log", &seen);
    crowd_check_lists(&crowd);
    assert_int_equal(claims(), before + seen.recorded);
}

static void afterwards_all_is_there(void **state)
{
    (void)state;
    assert_int_equal(server_stop(&site.servers[0]), 0);
    site_check(&site);
}

static int set_up(void **state)
{
    (void)state;
    site_open(&site, &(struct site_order){
                         .program = program, .children = CHILDREN, .patience_s = PATIENCE_S, .lease_s = 2});
    assert_true(server_start(&site, 0));
    crowd_open(&crowd, &site, 0, CLIENT_PATIENCE_US);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    crowd_close(&crowd);
    site_close(&site);
    return 0;
}

/* Whatever has happened, so that the cluster's folder can be removed. */
static void leave_disks(void)
{
    while (mounted_count > 0)
        (void)umount2(mounted[--mounted_count], MNT_DETACH);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_61_the_disk_of_the_tables_is_full),
        cmocka_unit_test(case_61_the_disk_of_the_log_is_full),
        cmocka_unit_test(afterwards_all_is_there),
    };
    if (argc != 2) {
        (void)fprintf(stderr, "usage: test_full_disk CONTACTPOINT\n");
        return 2;
    }
    postgres_or_skip();
    program = argv[1];
    (void)atexit(leave_disks);
    postgres_stop();
    if (!put_on_small_disk("base", "size=48m"))
        return 77;
    assert_true(put_on_small_disk("pg_wal", "size=100m"));
    postgres_start();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
