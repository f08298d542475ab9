/* What a crash leaves of a batch: undone before it was decided, finished after. */
#include "ground.h"

#include <stdio.h>

enum { MANY = 700 };

/* Rhys, and more involvements of his than one transaction takes. */
static void put_many(struct row rows[MANY])
{
    static char records[MANY][12];
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(records[i], sizeof records[i], "i%d", i);
        rows[i] = i == 0 ? ground_rhys() : ground_involvement("r1", records[i]);
    }
}

/* Left before it is decided, a batch leaves no trace, and can come again. */
static void undone_when_left(void **state)
{
    struct ground *ground = *state;
    struct batch_counts counts;
    const struct row rows[] = {ground_rhys(), ground_carys(),
                               row_with(ground_carys(), COLUMN_birth_date, "never")};
    assert_int_equal(ground_feed_to(ground, DELTA(health, 1, rows), FEED_PLANNED, &counts), FAULT_NONE);
    ground_assert_counts(counts, 2, 0, 0);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch"), 0);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch_plan"), 0);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch_waiting"), 0);
    assert_int_equal(ground_children(ground), 0);
    assert_int_equal(match_counts(ground->index).people, 0);
    assert_int_equal(ground_feed(ground, DELTA(health, 1, rows), &counts), FAULT_NONE);
    ground_assert_counts(counts, 2, 0, 0);
    assert_int_equal(match_counts(ground->index).people, 2);
}

/* A crash after the decision: the next start finishes what was promised. */
static void finished_at_the_next_start(void **state)
{
    struct ground *ground = *state;
    struct batch_counts counts;
    const struct row rows[] = {ground_rhys(), ground_carys(), ground_involvement("r1", "i1")};
    assert_int_equal(ground_feed_to(ground, DELTA(health, 1, rows), FEED_DECIDED, &counts), FAULT_NONE);
    assert_int_equal(ground_children(ground), 0);
    ground_reopen(ground);
    assert_int_equal(ground->finished, 1);
    assert_int_equal(ground->undone, 0);
    assert_int_equal(ground_children(ground), 2);
    assert_int_equal(match_counts(ground->index).people, 2);
    assert_int_equal(match_counts(ground->index).pending, 0);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch_plan"), 0);
    assert_int_equal(ground_feed(ground, DELTA(health, 1, rows), &counts), FAULT_DUPLICATE);
    ground_reopen(ground);
    assert_int_equal(ground->finished + ground->undone, 0);
}

/* A crash while planning, and one more while that is being undone. */
static void undone_at_the_next_start(void **state)
{
    struct ground *ground = *state;
    static struct row rows[MANY];
    put_many(rows);
    assert_int_equal(ground_feed_to(ground, DELTA(health, 1, rows), FEED_DECIDED, NULL), FAULT_NONE);
    /* As if it had been killed while it planned, and the start after it while it cleared up. */
    assert_int_equal(ground_past(ground, "UPDATE batch SET state = 1", NULL), 1);
    assert_int_equal(ground_past(ground, "DELETE FROM batch_plan WHERE row_number <= 256", NULL), 256);
    ground_reopen(ground);
    assert_int_equal(ground->finished, 0);
    assert_int_equal(ground->undone, 1);
    assert_int_equal(ground_children(ground), 0);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch"), 0);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch_plan"), 0);
    assert_int_equal(ground_feed(ground, DELTA(health, 1, rows), NULL), FAULT_NONE);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM claim"), MANY);
}

/* A crash while the plan that was carried out is cleared, twice. */
static void cleared_at_the_next_start(void **state)
{
    struct ground *ground = *state;
    static struct row rows[MANY];
    put_many(rows);
    assert_int_equal(ground_feed_to(ground, DELTA(health, 1, rows), FEED_DECIDED, NULL), FAULT_NONE);
    (void)ground_past(ground, "CREATE TABLE kept AS SELECT * FROM batch_plan", NULL);
    ground_reopen(ground);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM claim"), MANY);
    assert_int_equal(
        ground_past(ground, "INSERT INTO batch_plan SELECT * FROM kept WHERE row_number > 300", NULL),
        MANY - 300);
    (void)ground_past(ground, "DROP TABLE kept", NULL);
    assert_int_equal(ground_past(ground, "UPDATE batch SET state = 4", NULL), 1);
    ground_reopen(ground);
    assert_int_equal(ground->finished, 1);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch_plan"), 0);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM claim"), MANY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_GROUND(undone_when_left),
        WITH_GROUND(finished_at_the_next_start),
        WITH_GROUND(undone_at_the_next_start),
        WITH_GROUND(cleared_at_the_next_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
