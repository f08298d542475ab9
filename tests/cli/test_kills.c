/* kill -9 of a loader at random moments: the next start finishes or undoes, nothing is half, and the end is
 * the same (R14.2). */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit/audit.h"
#include "engine.h"
#include "service/inside.h"
#include "yard.h"

enum { CHILDREN = 600, KILLS = 16 };

/* What must be equal with and without kills: ids and times are drawn anew, the rest is not. */
static const char *const figures[] = {
    "SELECT count(*) FROM child",
    "SELECT count(*) FROM child_key",
    "SELECT count(*) FROM claim",
    "SELECT count(*) FROM claim WHERE superseded_month IS NULL",
    "SELECT count(*) FROM identifier_owner",
    "SELECT count(*) FROM source_record",
    "SELECT count(*) FROM batch_waiting",
    "SELECT count(*) FROM batch WHERE state = 3",
    "SELECT sum(created) FROM batch",
    "SELECT sum(updated) FROM batch",
    "SELECT sum(waiting) FROM batch",
    "SELECT sum(quarantined) FROM batch",
    "SELECT sum(n * n * n) FROM (SELECT count(*) AS n FROM claim GROUP BY child_id) AS own",
    "SELECT sum(n * n * n) FROM (SELECT count(*) AS n FROM identifier_owner GROUP BY child_id) AS own",
    "SELECT sum(row_number * reason) FROM batch_waiting",
};
enum { FIGURES = sizeof figures / sizeof figures[0] };

/* Of the KILLS, how many meet which feed: the small ones are over before they are met. */
static const int share[YARD_FEEDS] = {6, 5, 5, 0, 0};

/* In a process of its own: opens, which recovers, says so, and loads one file. */
static _Noreturn void load_in_child(const struct yard *yard, const char *feed, int ready)
{
    struct service *service = yard_service(yard);
    if (write(ready, "!", 1) != 1)
        _exit(2);
    struct work_result result = yard_load(yard, service, yard_feed(yard, feed), NULL);
    service_close(service);
    _exit(result.fault == FAULT_NONE || result.fault == FAULT_DUPLICATE ? 0 : 1);
}

/* Opens after a kill: every entry is there and whole. */
static _Noreturn void check_in_child(const struct yard *yard)
{
    struct service *service = yard_service(yard);
    struct audit_check check = {.broken = 1};
    bool whole = audit_check_all(service->audit, &check) == FAULT_NONE && check.broken == 0 &&
                 check.gaps == 0 && check.unreadable == 0;
    service_close(service);
    _exit(whole ? 0 : 1);
}

static void expect_success(pid_t child)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* Where several servers may share the database, nobody takes a dead one's feed over before its lease has run
 * out: as if that time had passed. */
static void let_lease_run_out(const struct yard *yard)
{
    if (engine_is_postgres())
        (void)yard_past(yard, "UPDATE lease SET until_us = 0");
}

/* After a start nothing is left between planned and applied. */
static void check_after_kill(const struct yard *yard)
{
    let_lease_run_out(yard);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        check_in_child(yard);
    expect_success(child);
    assert_int_equal(yard_count(yard, "SELECT count(*) FROM batch WHERE state <> 3"), 0);
    assert_int_equal(yard_count(yard, "SELECT count(*) FROM batch_plan"), 0);
    assert_int_equal(yard_count(yard,
                                "SELECT count(*) FROM batch_waiting WHERE NOT EXISTS (SELECT 1 FROM batch "
                                "WHERE batch.source = batch_waiting.source AND "
                                "batch.sequence = batch_waiting.sequence)"),
                     0);
    assert_int_equal(
        yard_count(yard, "SELECT count(*) FROM claim WHERE child_id NOT IN (SELECT child_id FROM child)"), 0);
}

/* Loads one file, killed after waiting where wait_us >= 0.  How long it took, or -1 where it was killed. */
static int64_t load_once(const struct yard *yard, const char *feed, int64_t wait_us)
{
    int status, ready[2];
    char c;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        load_in_child(yard, feed, ready[1]);
    assert_int_equal(read(ready[0], &c, 1), 1);
    (void)close(ready[0]);
    (void)close(ready[1]);
    int64_t started_us = clock_monotonic_us();
    if (wait_us >= 0) {
        (void)usleep((useconds_t)wait_us);
        (void)kill(child, SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status))
        return -1;
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    return clock_monotonic_us() - started_us;
}

static void take_figures(const struct yard *yard, int64_t ret_figures[FIGURES])
{
    for (size_t i = 0; i < FIGURES; i++)
        ret_figures[i] = yard_count(yard, figures[i]);
}

/* When to kill: mostly while the batch is planned, which undoes it; the last time later, where it is being
 * applied, which the next start finishes. */
static int64_t moment(int64_t took_us, bool last, struct stream *stream)
{
    uint64_t tenth_us = (uint64_t)took_us / 10 + 1;
    return last ? (int64_t)(5 * tenth_us + stream_below(stream, 4 * tenth_us))
                : (int64_t)stream_below(stream, 4 * tenth_us);
}

/* Loads a feed, killed again and again before it may come to its end. */
static int hunt(const struct yard *yard, size_t feed, int64_t took_us, struct stream *stream)
{
    int kills = 0;
    for (int i = 0; i < share[feed]; i++) {
        if (load_once(yard, yard_feeds[feed], moment(took_us, i + 1 == share[feed], stream)) >= 0)
            continue;
        kills++;
        check_after_kill(yard);
    }
    assert_true(load_once(yard, yard_feeds[feed], -1) >= 0);
    return kills;
}

static void test_kills(void **state)
{
    (void)state;
    struct yard calm, hunted;
    int64_t expected[FIGURES], found[FIGURES], took_us[YARD_FEEDS];
    struct stream stream = stream_of(14);
    int kills = 0;
    yard_open(&calm, CHILDREN, false);
    for (size_t i = 0; i < YARD_FEEDS; i++)
        took_us[i] = load_once(&calm, yard_feeds[i], -1);
    take_figures(&calm, expected);
    yard_open(&hunted, CHILDREN, false);
    for (size_t i = 0; i < YARD_FEEDS; i++)
        kills += hunt(&hunted, i, took_us[i], &stream);
    take_figures(&hunted, found);
    for (size_t i = 0; i < FIGURES; i++)
        if (expected[i] != found[i])
            fail_msg("%s: %lld without kills, %lld with", figures[i], (long long)expected[i],
                     (long long)found[i]);
    assert_in_range(kills, 3, KILLS);
    yard_close(&calm);
    yard_close(&hunted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_kills)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
