/* Case 58: kill -9 at random moments.  CONTACTPOINT_KILLS says how often (100), CONTACTPOINT_SEED which
 * moments.  Not a cmocka program: it forks, and what fails in a forked process must not go on as a test. */
#include "kill.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    KILLS_DEFAULT = 100,
    KILLS_PER_HOUSE = 10,
    SEED_DEFAULT = 20261121,
};

/* One house, and what its victims have acknowledged so far. */
struct round {
    struct hunt hunt;
    struct tally before; /* without the feed */
};

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

static bool tally_equal(const struct tally *a, const struct tally *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* All of the batch or none of it; and all of it where that was acknowledged. */
static int check_batch(struct round *round, const struct tally *clean)
{
    struct tally found = kill_tally(round->hunt.house, round->hunt.children);
    bool acknowledged = false;
    for (size_t i = 0; i < round->hunt.reports.count; i++)
        acknowledged = acknowledged || round->hunt.reports.all[i].kind == REPORT_LOADED;
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
    enum fault fault = kill_load(round->hunt.house, FEED_SEQUENCE_FIRST, &counts);
    struct tally found = kill_tally(round->hunt.house, round->hunt.children);
    if ((fault == FAULT_NONE || fault == FAULT_DUPLICATE) && tally_equal(&found, clean))
        return 0;
    (void)fprintf(stderr, "loading again: %s %s\n", fault_name(fault), fault_last_note());
    tally_print("found", &found);
    tally_print("whole", clean);
    return 1;
}

static int check_round(struct round *round, const struct tally *clean)
{
    hunt_let_lease_run_out(round->hunt.house);
    house_start(round->hunt.house); /* by itself: nobody mends anything */
    int failures = kill_check(round->hunt.house, &round->hunt.reports);
    if (round->hunt.load != NULL)
        failures += check_batch(round, clean);
    return failures;
}

/* A house whose victims are killed one after another; looked at after most of them, and at the end. */
static int kill_in_house(struct round *round, int kills, const struct tally *clean, uint64_t *seed)
{
    int failures = 0;
    round->hunt.house = kill_house(round->hunt.children);
    round->before = kill_tally(round->hunt.house, round->hunt.children);
    round->hunt.reports.count = 0;
    house_stop(round->hunt.house);
    for (int i = 0; i < kills && failures == 0; i++) {
        failures += hunt_kill(&round->hunt, (*seed)++);
        bool unseen =
            stream_below(round->hunt.stream, 4) == 0; /* the next victim recovers, and may die of it */
        if (failures > 0 || (unseen && i + 1 < kills))
            continue;
        house_wait(round->hunt.house, 600);
        failures += check_round(round, clean);
        if (round->hunt.load != NULL && i + 1 == kills)
            failures += load_again(round, clean);
        house_stop(round->hunt.house);
    }
    house_close(round->hunt.house);
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
    struct round round = {
        .hunt = {.stream = stream, .staff = victim_staff, .load = loads ? load_once : NULL}};
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
    free(round.hunt.reports.all);
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
