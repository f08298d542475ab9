/* Case 58: kill -9 at random moments.  CONTACTPOINT_KILLS says how often (100), CONTACTPOINT_SEED which
 * moments.  Not a cmocka program: it forks, and what fails in a forked process must not go on as a test. */
#include "kill.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine.h"

enum {
    KILLS_DEFAULT = 100,
    KILLS_PER_HOUSE = 10,
    SEED_DEFAULT = 20261121,
    WAIT_MS_MAX = 150,    /* a server lives at most as long as this after its first answer */
    START_MS_MAX = 20000, /* and one that never answers is a failure */
};

/* One house, and what its victims have acknowledged so far. */
struct round {
    struct house *house;
    struct child_id children[KILL_CHILDREN];
    struct stream *stream;
    struct reports reports;
    struct tally before; /* without the feed */
    bool loads;
};

/* Reads one report within that time; false at the time's or the pipe's end. */
static bool listen_once(struct round *round, int pipe, int wait_ms)
{
    struct report report;
    if (!report_read(pipe, wait_ms, &report))
        return false;
    reports_keep(&round->reports, &report);
    return true;
}

static void listen_until(struct round *round, int pipe, int64_t until_us)
{
    for (;;) {
        int64_t left_us = until_us - clock_monotonic_us();
        if (left_us <= 0)
            return;
        if (!listen_once(round, pipe, (int)(left_us / 1000) + 1) && clock_monotonic_us() < until_us) {
            struct pollfd gone = {.fd = pipe, .events = POLLIN};
            if (poll(&gone, 1, 0) > 0 && (gone.revents & POLLHUP) != 0)
                return; /* it ended by itself: told below */
        }
    }
}

/* Where several servers may share the database, nobody takes a dead one's feed over before its lease has run
 * out: as if that time had passed. */
static void let_lease_run_out(struct house *house)
{
    if (engine_is_postgres())
        (void)house_past(house, "UPDATE lease SET until_us = 0");
}

static void load_once(struct victim *victim)
{
    struct batch_counts counts;
    enum fault fault = kill_load(victim->house, FEED_SEQUENCE_FIRST, &counts);
    if (fault != FAULT_NONE && fault != FAULT_DUPLICATE) {
        (void)fprintf(stderr, "the feed is answered %s %s\n", fault_name(fault), fault_last_note());
        _exit(6);
    }
    victim_tell(victim, &(struct report){.kind = REPORT_LOADED, .number = FEED_SEQUENCE_FIRST});
}

/* Starts a victim, lets it live for a random time, kills it; 0 where it died of that alone. */
static int kill_one(struct round *round, uint64_t seed)
{
    int ends[2], status = 0;
    struct victim victim = {.house = round->house,
                            .children = round->children,
                            .seed = seed,
                            .staff = victim_staff,
                            .load = round->loads ? load_once : NULL};
    if (pipe(ends) != 0)
        return 1;
    let_lease_run_out(round->house);
    house_wait(round->house, 3600); /* the last one's sessions and codes are over */
    pid_t child = fork();
    if (child == 0) {
        (void)close(ends[0]);
        victim.pipe = ends[1];
        victim_run(&victim);
    }
    (void)close(ends[1]);
    /* Every fifth dies while it starts, hence while it recovers. */
    bool early = stream_below(round->stream, 5) == 0;
    int64_t started_us = clock_monotonic_us();
    if (!early)
        (void)listen_once(round, ends[0], START_MS_MAX);
    int64_t lives_us = (int64_t)stream_below(round->stream, early ? 30000 : WAIT_MS_MAX * 1000);
    listen_until(round, ends[0], clock_monotonic_us() + lives_us);
    (void)kill(child, SIGKILL);
    while (listen_once(round, ends[0], -1)) { /* what it said before it died */
    }
    (void)close(ends[0]);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        return 0;
    (void)fprintf(stderr, "the victim ended by itself after %d ms: status %d\n",
                  (int)((clock_monotonic_us() - started_us) / 1000), status);
    return 1;
}

static bool tally_equal(const struct tally *a, const struct tally *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* All of the batch or none of it; and all of it where that was acknowledged. */
static int check_batch(struct round *round, const struct tally *clean)
{
    struct tally found = kill_tally(round->house, round->children);
    bool acknowledged = false;
    for (size_t i = 0; i < round->reports.count; i++)
        acknowledged = acknowledged || round->reports.all[i].kind == REPORT_LOADED;
    bool whole = tally_equal(&found, clean);
    if (whole || (!acknowledged && tally_equal(&found, &round->before)))
        return 0;
    (void)fprintf(stderr, acknowledged ? "an acknowledged batch is lost\n" : "half a batch is left\n");
    tally_print("found", &found);
    tally_print("whole", clean);
    tally_print("none", &round->before);
    return 1;
}

/* Loading it once more makes it whole, whatever the kill has left. */
static int load_again(struct round *round, const struct tally *clean)
{
    struct batch_counts counts;
    enum fault fault = kill_load(round->house, FEED_SEQUENCE_FIRST, &counts);
    struct tally found = kill_tally(round->house, round->children);
    if ((fault == FAULT_NONE || fault == FAULT_DUPLICATE) && tally_equal(&found, clean))
        return 0;
    (void)fprintf(stderr, "loading again: %s %s\n", fault_name(fault), fault_last_note());
    tally_print("found", &found);
    tally_print("whole", clean);
    return 1;
}

static int check_round(struct round *round, const struct tally *clean)
{
    let_lease_run_out(round->house);
    house_start(round->house); /* by itself: nobody mends anything */
    int failures = kill_check(round->house, &round->reports);
    if (round->loads)
        failures += check_batch(round, clean);
    return failures;
}

/* A house whose victims are killed one after another; looked at after most of them, and at the end. */
static int kill_in_house(struct round *round, int kills, const struct tally *clean, uint64_t *seed)
{
    int failures = 0;
    round->house = kill_house(round->children);
    round->before = kill_tally(round->house, round->children);
    round->reports.count = 0;
    house_stop(round->house);
    for (int i = 0; i < kills && failures == 0; i++) {
        failures += kill_one(round, (*seed)++);
        bool unseen = stream_below(round->stream, 4) == 0; /* the next victim recovers, and may die of it */
        if (failures > 0 || (unseen && i + 1 < kills))
            continue;
        house_wait(round->house, 600);
        failures += check_round(round, clean);
        if (round->loads && i + 1 == kills)
            failures += load_again(round, clean);
        house_stop(round->house);
    }
    house_close(round->house);
    return failures;
}

static struct tally clean_tally(void)
{
    struct child_id children[KILL_CHILDREN];
    struct batch_counts counts;
    struct house *house = kill_house(children);
    enum fault fault = kill_load(house, FEED_SEQUENCE_FIRST, &counts);
    if (fault != FAULT_NONE)
        fail_msg("a clean load: %s %s", fault_name(fault), fault_last_note());
    struct tally clean = kill_tally(house, children);
    assert_int_equal(clean.waiting, 0);
    house_close(house);
    return clean;
}

static int run_case(const char *name, bool loads, int64_t kills, struct stream *stream)
{
    struct round round = {.stream = stream, .loads = loads};
    struct tally clean = clean_tally();
    uint64_t seed = 1;
    int failures = 0;
    int64_t done = 0;
    (void)printf("[ RUN      ] %s\n", name);
    /* A batch is there once only: each of its kills wants a house of its own. */
    int per_house = loads ? 3 : KILLS_PER_HOUSE;
    while (done < kills && failures == 0) {
        int now = kills - done < per_house ? (int)(kills - done) : per_house;
        failures += kill_in_house(&round, now, &clean, &seed);
        done += now;
    }
    free(round.reports.all);
    (void)printf("%s %s: %d kills\n", failures == 0 ? "[       OK ]" : "[  FAILED  ]", name, (int)done);
    return failures;
}

int main(void)
{
    int64_t kills = kill_number_of("CONTACTPOINT_KILLS", KILLS_DEFAULT);
    int64_t seed = kill_number_of("CONTACTPOINT_SEED", SEED_DEFAULT);
    struct stream stream = stream_of((uint64_t)seed);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    (void)printf("seed %d\n", (int)seed);
    int failures = run_case("case_58_kills_of_a_server", false, kills - kills / 2, &stream);
    failures += run_case("case_58_kills_of_a_loader", true, kills / 2, &stream);
    return failures == 0 ? 0 : 1;
}
