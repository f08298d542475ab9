/* Case 65: PostgreSQL restarts, stalls, becomes read-only and drops connections under load.  Requests wait,
 * bounded in time and number, or are told when to come again; afterwards the same server goes on.
 *
 * CONTACTPOINT_STALL_S says how long it stalls (6): longer than patience and lease in every case. */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "../postgres.h"
#include "base/str.h"
#include "base/time.h"
#include "crowd.h"

enum {
    CHILDREN = 120,
    SEARCHERS = 32,
    STALL_S_DEFAULT = 6,
    STALL_S_LONG = 20, /* from here on with the settings that the service has by itself */
    PATIENCE_S = 2,
    LEASE_S = 2,
    PATIENCE_S_DEFAULT = 10,
    MARGIN_MS = 3000, /* of a machine that does much else */
    MEMORY_MORE_KIB = 64 * 1024,
    CLIENT_PATIENCE_US = 60 * 1000000,
    CALM_MS = 500,
    BACK_MS_MAX = 15000,
    FEED_CHILDREN = 400,
};

static const char *program;
static int stall_s = STALL_S_DEFAULT;
static struct site site;
static struct crowd crowd;
static int next_sequence = 2;

static int patience_ms(void)
{
    return 1000 * (stall_s >= STALL_S_LONG ? PATIENCE_S_DEFAULT : PATIENCE_S);
}

static int set_up(void **state)
{
    (void)state;
    bool long_stall = stall_s >= STALL_S_LONG;
    site_open(&site, &(struct site_order){.program = program,
                                          .children = CHILDREN,
                                          .patience_s = long_stall ? 0 : PATIENCE_S,
                                          .lease_s = long_stall ? 0 : LEASE_S});
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

static int64_t claims(void)
{
    return site_count(&site, "SELECT count(*) FROM claim");
}

/* Waits until more is answered than was; fails where that takes too long. */
static void wait_for_answers(void)
{
    int64_t before = crowd_look(&crowd).answered;
    int waited_ms = 0;
    while (crowd_look(&crowd).answered < before + 2 * SEARCHERS && waited_ms < BACK_MS_MAX) {
        (void)poll(NULL, 0, 20);
        waited_ms += 20;
    }
    if (waited_ms >= BACK_MS_MAX) {
        struct seen seen = crowd_look(&crowd);
        seen_print("not back", &seen);
        fail_msg("the server does not answer again: %s", server_log(&site.servers[0]));
    }
    print_message("answers again after %d ms\n", waited_ms);
}

/* What may never be seen, whatever happens to the database. */
static void check_seen(const char *name, const struct seen *seen)
{
    int status;
    seen_print(name, seen);
    if (seen->wrong > 0)
        fail_msg("%s: %s", name, seen->first_wrong);
    assert_int_equal(seen->hung, 0);
    assert_int_equal(seen->cut, 0);
    assert_int_equal(seen->unreached, 0);
    if (seen->longest_us > INT64_C(1000) * (patience_ms() + MARGIN_MS))
        fail_msg("%s: a request waited for %" PRId64 " ms", name, seen->longest_us / 1000);
    if (!server_lives(&site.servers[0], &status))
        fail_msg("%s: the server ended with %d: %s", name, status, server_log(&site.servers[0]));
}

struct outage {
    const char *name;
    void (*begin)(void);
    int lasts_ms;
    void (*end)(void);
    bool refuses; /* it lasts so long that some must be sent away */
};

/* Calm, trouble, calm again, all under load; then everything that was acknowledged is there, once. */
static void suffer(const struct outage *outage)
{
    int64_t before = claims(), memory_kib, most_kib = 0;
    crowd_begin(&crowd, SEARCHERS);
    (void)poll(NULL, 0, CALM_MS);
    assert_true(crowd_look(&crowd).answered > 0);
    memory_kib = server_memory_kib(&site.servers[0]);
    outage->begin();
    for (int waited_ms = 0; waited_ms <= outage->lasts_ms; waited_ms += 100) {
        int64_t kib = server_memory_kib(&site.servers[0]);
        most_kib = kib > most_kib ? kib : most_kib;
        (void)poll(NULL, 0, 100);
    }
    if (outage->end != NULL)
        outage->end();
    wait_for_answers();
    struct seen seen = crowd_end(&crowd);
    check_seen(outage->name, &seen);
    if (outage->refuses)
        assert_true(seen.busy > 0);
    print_message("memory: %" PRId64 " KiB, at most %" PRId64 " KiB\n", memory_kib, most_kib);
    assert_in_range(most_kib, 0, memory_kib + MEMORY_MORE_KIB);
    crowd_check_lists(&crowd);
    assert_int_equal(claims(), before + seen.recorded);
}

static void case_65_restart_under_load(void **state)
{
    (void)state;
    suffer(&(struct outage){.name = "restart", .begin = postgres_restart});
}

static void case_65_stopped_for_a_while_under_load(void **state)
{
    (void)state;
    suffer(&(struct outage){.name = "stop",
                            .begin = postgres_stop,
                            .lasts_ms = patience_ms() + 1500,
                            .end = postgres_start,
                            .refuses = true});
}

static void case_65_stall_under_load(void **state)
{
    (void)state;
    suffer(&(struct outage){.name = "stall",
                            .begin = postgres_stall,
                            .lasts_ms = 1000 * stall_s,
                            .end = postgres_resume,
                            .refuses = true});
}

/* Shorter than the patience of whoever waits: nobody is sent away. */
static void case_65_short_stall_is_waited_for(void **state)
{
    (void)state;
    suffer(&(struct outage){.name = "short stall",
                            .begin = postgres_stall,
                            .lasts_ms = patience_ms() / 4,
                            .end = postgres_resume});
}

static void case_65_read_only_standby_under_load(void **state)
{
    (void)state;
    suffer(&(struct outage){.name = "standby",
                            .begin = postgres_demote,
                            .lasts_ms = patience_ms() + 1500,
                            .end = postgres_promote,
                            .refuses = true});
}

static void cut_connections(void)
{
    for (int i = 0; i < 20; i++) {
        (void)postgres_number(NULL, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE "
                                    "usename = 'contactpoint' AND pid <> pg_backend_pid()");
        (void)poll(NULL, 0, 50);
    }
}

static void case_65_connections_cut_under_load(void **state)
{
    (void)state;
    suffer(&(struct outage){.name = "cut", .begin = cut_connections});
}

/* A feed on its way while the database goes: it says in one line what came of it, and loading it again makes
 * it whole, once. */
static void feed_through(const char *name, void (*begin)(void), int lasts_ms, void (*end)(void))
{
    char command[2 * SITE_PATH_BYTES];
    int64_t children = site_count(&site, "SELECT count(*) FROM child"), before = claims();
    (void)snprintf(command, sizeof command, "feed load %s", site_feed(&site, next_sequence, FEED_CHILDREN));
    crowd_begin(&crowd, 4);
    struct running running = site_run_begin(&site, command);
    (void)poll(NULL, 0, 100 + 40 * next_sequence);
    begin();
    (void)poll(NULL, 0, lasts_ms);
    if (end != NULL)
        end();
    const struct said *said = site_run_end(&running);
    print_message("%s: feed %d: %d %s%s", name, next_sequence, said->status, said->out, said->err);
    assert_in_range(said->status, 0, 1);
    wait_for_answers();
    for (int tries = 0; (said = site_run(&site, command))->status != 0; tries++) {
        if (tries == 20)
            fail_msg("%s: loading it again: %s%s", name, said->out, said->err);
        (void)poll(NULL, 0, 500);
    }
    struct seen seen = crowd_end(&crowd);
    check_seen(name, &seen);
    assert_int_equal(site_count(&site, "SELECT count(*) FROM child"), children + FEED_CHILDREN);
    assert_int_equal(claims(), before + seen.recorded + INT64_C(2) * FEED_CHILDREN);
    next_sequence++;
}

static void case_65_feed_during_trouble(void **state)
{
    (void)state;
    feed_through("feed, cut", cut_connections, 0, NULL);
    feed_through("feed, restart", postgres_restart, 0, NULL);
    feed_through("feed, stall", postgres_stall, patience_ms() + 1500, postgres_resume);
    crowd_check_lists(&crowd);
}

/* Leases of both ran out while the database stood still: neither may end the other for that. */
static void case_65_two_servers_outlive_a_stall(void **state)
{
    (void)state;
    assert_true(server_start(&site, 1));
    suffer(&(struct outage){.name = "stall of two servers",
                            .begin = postgres_stall,
                            .lasts_ms = 1000 * stall_s,
                            .end = postgres_resume,
                            .refuses = true});
    crowd_move(&crowd, 1);
    crowd_check_lists(&crowd);
    crowd_move(&crowd, 0);
    crowd_check_lists(&crowd);
    assert_int_equal(server_stop(&site.servers[1]), 0);
}

static void afterwards_all_is_there(void **state)
{
    (void)state;
    assert_int_equal(server_stop(&site.servers[0]), 0);
    site_check(&site);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_65_restart_under_load),
        cmocka_unit_test(case_65_connections_cut_under_load),
        cmocka_unit_test(case_65_short_stall_is_waited_for),
        cmocka_unit_test(case_65_stall_under_load),
        cmocka_unit_test(case_65_stopped_for_a_while_under_load),
        cmocka_unit_test(case_65_read_only_standby_under_load),
        cmocka_unit_test(case_65_feed_during_trouble),
        cmocka_unit_test(case_65_two_servers_outlive_a_stall),
        cmocka_unit_test(afterwards_all_is_there),
    };
    const char *text = getenv("CONTACTPOINT_STALL_S");
    int64_t number = STALL_S_DEFAULT;
    if (argc != 2 || (text != NULL && !str_to_int(str_of(text), 1, 600, &number))) {
        (void)fprintf(stderr, "usage: [CONTACTPOINT_STALL_S=SECONDS] test_outage CONTACTPOINT\n");
        return 2;
    }
    postgres_or_skip();
    program = argv[1];
    stall_s = (int)number;
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
