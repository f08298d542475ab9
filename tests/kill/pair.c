/* Cases 58 and 70 with two servers on one database: one of them is killed at a random moment while both
 * serve and load, again and again.  CONTACTPOINT_PAIR_KILLS says how often (20), CONTACTPOINT_SEED which
 * moments. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine.h"
#include "pair.h"

enum {
    KILLS_DEFAULT = 20,
    KILLS_PER_PAIR = 10,
    SEED_DEFAULT = 20261121,
    LIVES_MS_MAX = 250, /* both, until one is killed */
    ALONE_MS_MAX = 400, /* the other one, until it is no longer alone */
    START_MS_MAX = 60000,
    QUIET_MS_MAX = 60000,
    LAG_MS = 1000, /* what an index may be behind (architecture.md, 6) */
};

static const char *const staff_of[PAIR][3] = {{"teacher", "visitor", NULL},
                                              {"second.teacher", "worker", NULL}};

static void hear(struct pair *pair, struct member *member, const struct report *report)
{
    if (report->kind == REPORT_BEGUN) {
        member->begun = true;
        member->server = report->act;
    } else if (report->kind == REPORT_QUIET) {
        member->quiet = true;
    } else if (report->kind == REPORT_INDEX) {
        member->index = report->act;
        member->index_told = true;
    } else {
        reports_keep(&pair->reports, report);
    }
}

/* Listens to both for as long, or until `done` says so. */
static bool listen_until(struct pair *pair, int64_t until_us, bool (*done)(const struct pair *))
{
    struct report report;
    while (clock_monotonic_us() < until_us) {
        struct pollfd ready[PAIR];
        for (int i = 0; i < PAIR; i++)
            ready[i] = (struct pollfd){.fd = pair->members[i].pipe, .events = POLLIN};
        (void)poll(ready, PAIR, 5);
        for (int i = 0; i < PAIR; i++)
            if ((ready[i].revents & POLLIN) != 0 && report_read(ready[i].fd, 0, &report))
                hear(pair, &pair->members[i], &report);
        if (done != NULL && done(pair))
            return true;
    }
    return done == NULL;
}

static void listen_for(struct pair *pair, uint64_t wait_ms)
{
    (void)listen_until(pair, clock_monotonic_us() + (int64_t)wait_ms * 1000, NULL);
}

static void pair_start(struct pair *pair, int which)
{
    struct member *member = &pair->members[which];
    int ends[2];
    struct victim victim = {.house = member->house,
                            .children = pair->children,
                            .seed = pair->seed++,
                            .staff = staff_of[which],
                            .load = member->load};
    assert_int_equal(pipe(ends), 0);
    member->begun = member->quiet = member->index_told = false;
    house_wait(member->house, 3600); /* the last one's sessions and codes are over */
    (void)fflush(NULL);
    member->process = fork();
    if (member->process == 0) {
        (void)close(ends[0]);
        for (int i = 0; i < PAIR; i++)
            if (pair->members[i].pipe >= 0)
                (void)close(pair->members[i].pipe);
        victim.pipe = ends[1];
        victim_run(&victim);
    }
    (void)close(ends[1]);
    member->pipe = ends[0];
}

/* Ends with 0 where the process ended as it was to: killed, or by itself with status 0. */
static int reap(struct member *member, bool killed)
{
    int status = 0;
    while (waitpid(member->process, &status, 0) < 0 && errno == EINTR) {
    }
    (void)close(member->pipe);
    member->pipe = -1;
    member->process = 0;
    if (killed ? WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL : status == 0)
        return 0;
    (void)fprintf(stderr, "a server ended by itself: status %d\n", status);
    return 1;
}

static int kill_member(struct pair *pair, int which)
{
    struct member *member = &pair->members[which];
    struct report report;
    (void)kill(member->process, SIGKILL);
    pair->killed_us = clock_monotonic_us();
    pair->waited_us = 0;
    while (report_read(member->pipe, 0, &report)) /* what it said before it died */
        hear(pair, member, &report);
    return reap(member, true);
}

static bool both_begun(const struct pair *pair)
{
    return pair->members[0].begun && pair->members[1].begun;
}

static bool both_quiet(const struct pair *pair)
{
    return pair->members[0].quiet && pair->members[1].quiet;
}

static bool both_told(const struct pair *pair)
{
    return pair->members[0].index_told && pair->members[1].index_told;
}

static int wait_for(struct pair *pair, int64_t most_ms, bool (*done)(const struct pair *), const char *what)
{
    if (listen_until(pair, clock_monotonic_us() + most_ms * 1000, done))
        return 0;
    (void)fprintf(stderr, "after %" PRId64 " ms still no %s\n", most_ms, what);
    return 1;
}

/* How much a dead server still holds: of roles that somebody waits for, or of its own row. */
static int64_t held_by(struct pair *pair, const struct member *dead, bool roles)
{
    static const char of_roles[] =
        "SELECT count(*) FROM lease WHERE holder = %s AND (name <> 'feed' OR EXISTS "
        "(SELECT 1 FROM batch WHERE state <> 3))";
    static const char of_row[] = "SELECT count(*) FROM server WHERE server_id = %s AND ended = 0";
    char sql[512];
    (void)snprintf(sql, sizeof sql, roles ? of_roles : of_row,
                   engine_literal(dead->server.byte, sizeof dead->server.byte));
    return house_count(pair->members[0].house, sql);
}

/* Who holds what, and who is there, in words: why a test has failed. */
static void tell_held(struct pair *pair, struct id dead)
{
#define LEFT                                                                                                 \
    "', ' || CAST(until_us / 1000 - EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) || ' ms left'"
    static const char words[] =
        "SELECT 'lease ' || name || CASE WHEN holder = %s THEN ' of the dead one' ELSE '' END || " LEFT
        " FROM lease UNION ALL "
        "SELECT 'batch ' || sequence || ' in state ' || state || ', ' || applied || ' steps of ' || row_count"
        " || ' rows applied' FROM batch WHERE state <> 3 UNION ALL "
        "SELECT CASE WHEN server_id = %s THEN 'the dead one' ELSE 'a server' END || "
        "CASE WHEN seen IS NULL THEN ', starting' ELSE '' END || " LEFT " FROM server WHERE ended = 0";
#undef LEFT
    const char *id = engine_literal(dead.byte, sizeof dead.byte);
    char sql[1024];
    uint64_t len;
    size_t size = 0;
    (void)snprintf(sql, sizeof sql, words, id, id);
    uint8_t *rows = engine_rows(pair->members[0].house->db_path, sql, &size);
    for (size_t at = 0; at < size; at += sizeof len + len) {
        memcpy(&len, rows + at, sizeof len);
        (void)fprintf(stderr, "    %.*s\n", (int)len, (const char *)rows + at + sizeof len);
    }
    free(rows);
}

/* True where, with this round, it was waited for so long after a kill. */
static bool waited_for(struct pair *pair, int64_t *from_us, int64_t most_ms)
{
    int64_t now_us = clock_monotonic_us(), round_us = now_us - *from_us;
    pair->waited_us += round_us < PAIR_ROUND_MS * 1000 ? round_us : PAIR_ROUND_MS * 1000;
    *from_us = now_us;
    return pair->waited_us > (most_ms + PAIR_SLACK_MS) * 1000;
}

/* True once it is nothing any more, within so much time after the kill. */
static bool wait_for_nothing(struct pair *pair, const struct member *dead, bool roles, int64_t most_ms)
{
    for (int64_t from_us = clock_monotonic_us(); held_by(pair, dead, roles) > 0;) {
        listen_for(pair, 10);
        if (waited_for(pair, &from_us, most_ms))
            return false;
    }
    return true;
}

/* Roles pass to the living server within the lease and a second, with the batch that was under way.  It ends
 * the dead one too, once it has itself been there for as long as a lease. */
static int wait_for_passing(struct pair *pair, const struct member *dead)
{
    bool passed = wait_for_nothing(pair, dead, true, PAIR_LEASE_MS + PAIR_PASS_MS);
    int64_t took_us = clock_monotonic_us() - pair->killed_us;
    if (took_us > pair->passing_us_max)
        pair->passing_us_max = took_us;
    pair->passings++;
    if (passed && wait_for_nothing(pair, dead, false, 2 * PAIR_LEASE_MS + PAIR_PASS_MS))
        return 0;
    (void)fprintf(stderr, "a dead server still %s %" PRId64 " ms after its death\n",
                  passed ? "counts as alive" : "holds a role",
                  (clock_monotonic_us() - pair->killed_us) / 1000);
    tell_held(pair, dead->server);
    return 1;
}

static int kill_round(struct pair *pair)
{
    int which = (int)stream_below(pair->stream, PAIR);
    struct member *member = &pair->members[which];
    listen_for(pair, stream_below(pair->stream, LIVES_MS_MAX));
    int failures = kill_member(pair, which);
    bool held = failures == 0 && member->begun && held_by(pair, member, true) > 0;
    if (held && stream_below(pair->stream, 2) == 0)
        failures += wait_for_passing(pair, member);
    else
        listen_for(pair, stream_below(pair->stream, ALONE_MS_MAX));
    pair_start(pair, which);
    /* Every fifth time one may be killed that has not come up yet. */
    if (failures == 0 && stream_below(pair->stream, 5) > 0)
        failures += wait_for(pair, START_MS_MAX, both_begun, "start of both");
    return failures;
}

static int64_t open_batches(struct pair *pair)
{
    return house_count(pair->members[0].house, "SELECT count(*) FROM batch WHERE state <> 3");
}

/* All is at rest; the dead one's batch by itself, or by whoever wanted to load next. */
static int make_quiet(struct pair *pair)
{
    int failures = wait_for(pair, START_MS_MAX, both_begun, "start of both");
    for (int i = 0; i < PAIR; i++)
        (void)kill(pair->members[i].process, SIGUSR1);
    failures += wait_for(pair, QUIET_MS_MAX, both_quiet, "quiet");
    int64_t from_us = clock_monotonic_us();
    pair->waited_us = 0;
    while (open_batches(pair) > 0 && !waited_for(pair, &from_us, PAIR_LEASE_MS + PAIR_PASS_MS))
        listen_for(pair, 20);
    if (open_batches(pair) > 0) {
        (void)fprintf(stderr, "a dead server's batch is neither finished nor undone\n");
        tell_held(pair, (struct id){{0}});
        failures++;
    }
    listen_for(pair, LAG_MS);
    return failures;
}

/* Both tell what their index answers, and end; it is what a new one answers. */
static int compare_indexes(struct pair *pair)
{
    struct house *house = pair->members[0].house;
    int failures = 0;
    for (int i = 0; i < PAIR; i++)
        (void)kill(pair->members[i].process, SIGUSR2);
    failures += wait_for(pair, QUIET_MS_MAX, both_told, "answer of both indexes");
    for (int i = 0; i < PAIR; i++)
        failures += reap(&pair->members[i], false);
    house_start(house);
    struct id digest = kill_index_digest(house);
    for (int i = 0; i < PAIR; i++)
        if (failures == 0 && !id_equal(digest, pair->members[i].index)) {
            (void)fprintf(stderr, "the index of server %d is not what a new one is\n", i);
            failures++;
        }
    return failures;
}

/* Every batch that was acknowledged is there, and all are there once. */
static int check_batches(struct pair *pair)
{
    struct house *house = pair->members[0].house;
    int64_t sequence = kill_sequence(house);
    int failures = 0;
    for (size_t i = 0; i < pair->reports.count; i++)
        failures +=
            pair->reports.all[i].kind == REPORT_LOADED && (int64_t)pair->reports.all[i].number > sequence;
    if (failures > 0)
        (void)fprintf(stderr, "%d acknowledged batches are lost\n", failures);
    struct tally found = kill_tally(house, pair->children);
    struct tally clean = pair_clean_tally(sequence);
    if (memcmp(&found, &clean, sizeof found) != 0) {
        (void)fprintf(stderr, "after %" PRId64 " batches:\n", sequence - FEED_SEQUENCE_FIRST + 1);
        tally_print("found", &found);
        tally_print("without kills", &clean);
        failures++;
    }
    return failures;
}

static void pair_end(struct pair *pair)
{
    for (int i = 0; i < PAIR; i++)
        if (pair->members[i].process > 0) {
            (void)kill(pair->members[i].process, SIGKILL);
            (void)reap(&pair->members[i], true);
        }
}

static int kill_in_pair(struct pair *pair, int kills, bool both_load)
{
    int failures = 0;
    pair_open(pair, pair->stream);
    pair->members[0].load = pair_load;
    pair->members[1].load = both_load ? pair_load : NULL;
    for (int i = 0; i < PAIR; i++)
        pair_start(pair, i);
    failures += wait_for(pair, START_MS_MAX, both_begun, "start of both");
    for (int i = 0; i < kills && failures == 0; i++)
        failures += kill_round(pair);
    if (failures == 0)
        failures += make_quiet(pair);
    if (failures == 0) {
        failures += compare_indexes(pair);
        failures += kill_check(pair->members[0].house, &pair->reports) + check_batches(pair);
    }
    pair_end(pair);
    pair_close(pair);
    return failures;
}

int main(void)
{
    int64_t kills = kill_number_of("CONTACTPOINT_PAIR_KILLS", KILLS_DEFAULT), done = 0;
    int64_t seed = kill_number_of("CONTACTPOINT_SEED", SEED_DEFAULT);
    struct stream stream = stream_of((uint64_t)seed);
    struct pair pair = {.seed = 1, .stream = &stream};
    int failures = 0;
    if (!engine_is_postgres()) {
        (void)printf("skipped: two servers need a database that they can share\n");
        return 77;
    }
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    (void)printf("seed %d\n[ RUN      ] case_58_kills_of_one_of_two_servers\n", (int)seed);
    for (bool both = false; done < kills && failures == 0; both = !both) {
        int now = kills - done < KILLS_PER_PAIR ? (int)(kills - done) : KILLS_PER_PAIR;
        failures += kill_in_pair(&pair, now, both);
        done += now;
    }
    (void)printf(
        "%s case_58_kills_of_one_of_two_servers: %d kills, %zu acknowledged; leases passed %d times, within "
        "%" PRId64 " ms of %d ms\n",
        failures == 0 ? "[       OK ]" : "[  FAILED  ]", (int)done, pair.reports_all + pair.reports.count,
        pair.passings, pair.passing_us_max / 1000, PAIR_LEASE_MS + PAIR_PASS_MS);
    free(pair.reports.all);
    return failures == 0 ? 0 : 1;
}
