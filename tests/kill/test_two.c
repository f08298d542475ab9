/* Case 70: two servers are given the same feed, or the same children by two sources, at the same moment. */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "engine.h"
#include "pair.h"

enum { ROUNDS = 12, OFFSET_US_MAX = 20000, TRIES_MAX = 400 };

/* One server's attempt at one batch. */
struct attempt {
    struct house *house;
    struct kill_batch batch;
    int64_t offset_us;
    bool persists; /* tries again while another has the feed */
    struct batch_counts counts;
    enum fault fault;
    char note[160];
    pthread_t thread;
};

static struct pair pair;
static struct stream stream;

static int set_up(void **state)
{
    (void)state;
    pair_open(&pair, &stream);
    house_start(pair.members[0].house);
    house_start(pair.members[1].house);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    house_stop(pair.members[1].house);
    house_stop(pair.members[0].house);
    pair_close(&pair);
    return 0;
}

static void *run(void *argument)
{
    struct attempt *attempt = argument;
    (void)usleep((useconds_t)attempt->offset_us);
    for (int tries = 0; tries < TRIES_MAX; tries++) {
        fault_clear_note();
        attempt->fault = kill_load_batch(attempt->house, &attempt->batch, &attempt->counts);
        if (!attempt->persists || attempt->fault != FAULT_BUSY)
            break;
        (void)poll(NULL, 0, 5);
    }
    (void)snprintf(attempt->note, sizeof attempt->note, "%s", fault_last_note());
    return NULL;
}

static void run_both(struct attempt attempts[PAIR])
{
    for (int i = 0; i < PAIR; i++) {
        attempts[i].house = pair.members[i].house;
        attempts[i].offset_us = (int64_t)stream_below(&stream, OFFSET_US_MAX);
        assert_int_equal(pthread_create(&attempts[i].thread, NULL, run, &attempts[i]), 0);
    }
    for (int i = 0; i < PAIR; i++)
        assert_int_equal(pthread_join(attempts[i].thread, NULL), 0);
}

/* What the slower one is told: a line that says who was faster. */
static void check_told(const struct attempt *attempt)
{
    bool busy = attempt->fault == FAULT_BUSY && strstr(attempt->note, "another server") != NULL;
    bool loaded = attempt->fault == FAULT_DUPLICATE && strstr(attempt->note, "loaded before") != NULL;
    if (!busy && !loaded)
        fail_msg("the slower one is told: %s %s", fault_name(attempt->fault), attempt->note);
}

static void case_70_one_of_two_loads_the_batch(void **state)
{
    (void)state;
    struct house *house = pair.members[0].house;
    int64_t sequence = FEED_SEQUENCE_FIRST;
    int wins[PAIR] = {0};
    for (int round = 0; round < ROUNDS; round++, sequence++) {
        struct attempt attempts[PAIR] = {{.batch = {SOURCE_health, sequence, sequence}},
                                         {.batch = {SOURCE_health, sequence, sequence}}};
        run_both(attempts);
        int winner = attempts[0].fault == FAULT_NONE ? 0 : 1;
        assert_int_equal(attempts[winner].fault, FAULT_NONE);
        check_told(&attempts[1 - winner]);
        wins[winner]++;
        struct tally found = kill_tally(house, pair.children), clean = pair_clean_tally(sequence);
        if (memcmp(&found, &clean, sizeof found) != 0) {
            tally_print("found", &found);
            tally_print("loaded once", &clean);
            fail();
        }
    }
    print_message("the first server won %d times, the second %d times\n", wins[0], wins[1]);
}

/* Identity is decided by one at a time: whoever comes second finds the children of the first. */
static void case_70_no_child_is_made_twice(void **state)
{
    (void)state;
    struct house *house = pair.members[0].house;
    int64_t newest = kill_sequence(house), children = house_count(house, "SELECT count(*) FROM child");
    for (int round = 1; round <= ROUNDS; round++) {
        struct attempt attempts[PAIR] = {
            {.batch = {SOURCE_health, newest + round, newest + round}, .persists = true},
            {.batch = {SOURCE_social_care, round, newest + round}, .persists = true}};
        run_both(attempts);
        for (int i = 0; i < PAIR; i++) {
            if (attempts[i].fault != FAULT_NONE)
                fail_msg("server %d: %s %s", i, fault_name(attempts[i].fault), attempts[i].note);
            assert_int_equal(attempts[i].counts.waiting, 0);
            assert_int_equal(attempts[i].counts.quarantined, 0);
        }
        children += FEED_CHILDREN - KILL_CHILDREN;
        assert_int_equal(house_count(house, "SELECT count(*) FROM child"), children);
    }
}

static void afterwards_both_know_the_same(void **state)
{
    (void)state;
    struct house *houses[] = {pair.members[0].house, pair.members[1].house};
    struct audit_check check;
    (void)poll(NULL, 0, 1000); /* what an index may be behind */
    struct id first = kill_index_digest(houses[0]), second = kill_index_digest(houses[1]);
    assert_true(id_equal(first, second));
    house_stop(houses[0]);
    house_start(houses[0]);
    first = kill_index_digest(houses[0]);
    assert_true(id_equal(first, second));
    assert_int_equal(audit_check_all(houses[0]->service->audit, &check), FAULT_NONE);
    assert_int_equal(check.gaps + check.broken + check.unreadable, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_70_one_of_two_loads_the_batch),
        cmocka_unit_test(case_70_no_child_is_made_twice),
        cmocka_unit_test(afterwards_both_know_the_same),
    };
    if (!engine_is_postgres()) {
        (void)printf("skipped: two servers need a database that they can share\n");
        return 77;
    }
    stream = stream_of(70);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
