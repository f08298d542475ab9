/* Case 70: two servers are given the same feed, the same children by two sources, or the same two records to
 * make one of, at the same moment. */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "engine.h"
#include "pair.h"

enum {
    ROUNDS = 12,
    OFFSET_US_MAX = 20000,
    DECISION_OFFSET_US_MAX = 4000, /* what one takes */
    DECISION_ARENA_BYTES = 16 * 1024 * 1024,
    TRIES_MAX = 400
};

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

/* One server's attempt at making one of two records, or two again. */
struct decision_attempt {
    struct seat seat;
    struct request request;
    struct arena *arena;
    int64_t offset_us;
    enum fault fault;
    struct id opened;
    char note[160];
    pthread_t thread;
};

static struct seat officer_at(struct house *house)
{
    struct seat seat = house_sign_in(house, "data", ROLE_data_officer);
    assert_true(house_past(house, "UPDATE session SET strength = 3 WHERE role = 5 AND ended_us IS NULL") > 0);
    return seat;
}

static void *decide_once(void *argument)
{
    struct decision_attempt *attempt = argument;
    (void)usleep((useconds_t)attempt->offset_us);
    fault_clear_note();
    const struct answer *answer = house_ask_in(&attempt->seat, &attempt->request, attempt->arena);
    attempt->fault = answer->fault;
    attempt->opened = answer->opened.id;
    (void)snprintf(attempt->note, sizeof attempt->note, "%s", fault_last_note());
    return NULL;
}

/* Both at once; which of them was kept. */
static int decide_both(struct decision_attempt attempts[PAIR], const struct request *request)
{
    for (int i = 0; i < PAIR; i++) {
        attempts[i].request = *request;
        attempts[i].offset_us = (int64_t)stream_below(&stream, DECISION_OFFSET_US_MAX);
        arena_reset(attempts[i].arena);
        assert_int_equal(pthread_create(&attempts[i].thread, NULL, decide_once, &attempts[i]), 0);
    }
    for (int i = 0; i < PAIR; i++)
        assert_int_equal(pthread_join(attempts[i].thread, NULL), 0);
    int winner = attempts[0].fault == FAULT_NONE ? 0 : 1;
    if (attempts[winner].fault != FAULT_NONE || attempts[1 - winner].fault == FAULT_NONE)
        fail_msg("both are answered %s %s, %s %s", fault_name(attempts[0].fault), attempts[0].note,
                 fault_name(attempts[1].fault), attempts[1].note);
    return winner;
}

/* The other is told that somebody decides just now, or that it is done. */
static void check_other(const struct decision_attempt *other, enum fault done, const char *says)
{
    bool busy = other->fault == FAULT_BUSY && strstr(other->note, "another officer") != NULL;
    bool late = other->fault == done && strstr(other->note, says) != NULL;
    if (!busy && !late)
        fail_msg("the other is told: %s %s", fault_name(other->fault), other->note);
}

/* R14.4: two officers on two servers say at the same moment that two records are one, then that they are two.
 */
static void case_70_one_of_two_merges_the_pair(void **state)
{
    (void)state;
    struct house *house = pair.members[0].house;
    struct decision_attempt attempts[PAIR] = {{.fault = FAULT_NONE}};
    int wins[PAIR] = {0}, busy = 0;
    for (int i = 0; i < PAIR; i++) {
        house_wait(pair.members[i].house, 3600 * (i + 1)); /* a code serves once, on both servers */
        attempts[i].seat = officer_at(pair.members[i].house);
        assert_int_equal(arena_open(DECISION_ARENA_BYTES, &attempts[i].arena), FAULT_NONE);
    }
    for (int round = 0; round < ROUNDS; round++) {
        const struct child_id *both = &pair.children[2 * round % KILL_CHILDREN];
        const struct request merge = {
            .operation = OP_child_merge, .path_ids = {both[0].id, both[1].id}, .path_id_count = 2};
        int winner = decide_both(attempts, &merge);
        check_other(&attempts[1 - winner], FAULT_DUPLICATE, "one record already");
        wins[winner]++;
        busy += attempts[1 - winner].fault == FAULT_BUSY;
        assert_int_equal(house_count(house, "SELECT count(*) FROM part"), 1);
        assert_int_equal(house_count(house, "SELECT count(*) FROM child WHERE merged_into IS NOT NULL"), 1);
        struct id part = id_equal(attempts[winner].opened, both[0].id) ? both[1].id : both[0].id;
        const struct request split = {.operation = OP_child_split, .path_ids = {part}, .path_id_count = 1};
        winner = decide_both(attempts, &split);
        check_other(&attempts[1 - winner], FAULT_ABSENT, "");
        assert_int_equal(house_count(house, "SELECT count(*) FROM part"), 0);
        assert_int_equal(house_count(house, "SELECT count(*) FROM child WHERE merged_into IS NOT NULL"), 0);
    }
    for (int i = 0; i < PAIR; i++)
        arena_close(attempts[i].arena);
    print_message(
        "the first server merged %d times, the second %d times; %d times the other met it at work\n", wins[0],
        wins[1], busy);
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
        cmocka_unit_test(case_70_one_of_two_merges_the_pair),
        cmocka_unit_test(afterwards_both_know_the_same),
    };
    if (!engine_is_postgres()) {
        (void)printf("skipped: two servers need a database that they can share\n");
        return 77;
    }
    stream = stream_of(70);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
