/* Roles by lease: one holder at a time, passing on when time runs out, and fences (architecture.md §6). */
#include "store/lease.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>

/* after the four that it needs */
#include <cmocka.h>

#include "engine.h"
#include "scratch.h"

enum { LENGTH_US = 300000, LONG_US = 60000000 };

/* Two openings of one database where that can be shared; otherwise the second is the first. */
struct lease_ground {
    struct scratch scratch;
    struct db *one;
    struct db *other;
};

static int set_up(void **state)
{
    static struct lease_ground ground;
    ground.scratch = scratch_make();
    ground.one = scratch_open(&ground.scratch);
    ground.other = db_is_shared(ground.one) ? scratch_open(&ground.scratch) : ground.one;
    *state = &ground;
    return 0;
}

static int tear_down(void **state)
{
    struct lease_ground *ground = *state;
    if (ground->other != ground->one)
        db_close(ground->other);
    db_close(ground->one);
    scratch_remove(&ground->scratch);
    return 0;
}
#define WITH_LEASES(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static enum fault hold(struct db_tx *tx, void *context)
{
    return lease_hold(tx, context);
}

static int64_t left(struct db *db, enum lease_role role)
{
    int64_t left_us = 0;
    assert_int_equal(lease_left(db, role, &left_us), FAULT_NONE);
    return left_us;
}

static int64_t fence(struct lease_ground *ground)
{
    return engine_number(ground->scratch.database, "SELECT fence FROM lease WHERE name = 'feed'");
}

/* As if its holder had been asleep for a long time. */
static void run_out(struct lease_ground *ground)
{
    assert_int_equal(
        engine_run(ground->scratch.database, "UPDATE lease SET until_us = 0 WHERE name = 'feed'"), 1);
}

static void test_taken_held_and_left(void **state)
{
    struct lease_ground *ground = *state;
    struct lease *lease = NULL;
    assert_true(left(ground->one, LEASE_FEED) <= 0);
    assert_int_equal(lease_take(ground->one, LEASE_FEED, LONG_US, &lease), FAULT_NONE);
    assert_true(left(ground->one, LEASE_FEED) > LONG_US / 2);
    assert_true(left(ground->one, LEASE_CLOCK) <= 0);
    assert_int_equal(db_write(ground->one, DB_FOREGROUND, hold, lease), FAULT_NONE);
    lease_leave(lease);
    assert_true(left(ground->one, LEASE_FEED) <= 0);
    lease_leave(NULL);
}

/* The thread of a holder keeps it while the holder does nothing. */
static void test_kept_for_longer_than_its_length(void **state)
{
    struct lease_ground *ground = *state;
    struct lease *lease = NULL;
    assert_int_equal(lease_take(ground->one, LEASE_FEED, LENGTH_US, &lease), FAULT_NONE);
    (void)poll(NULL, 0, 3 * LENGTH_US / 1000);
    assert_true(left(ground->one, LEASE_FEED) > 0);
    assert_int_equal(db_write(ground->one, DB_FOREGROUND, hold, lease), FAULT_NONE);
    lease_leave(lease);
}

/* What a dead process left behind in a file is free at once: nobody else can have it open. */
static void test_a_new_life_of_the_only_process_has_it_at_once(void **state)
{
    struct lease_ground *ground = *state;
    struct lease *lease = NULL;
    if (db_is_shared(ground->one))
        return;
    assert_int_equal(lease_take(ground->one, LEASE_FEED, LONG_US, &lease), FAULT_NONE);
    lease_leave(lease);
    assert_int_equal(engine_run(ground->scratch.database, "UPDATE lease SET until_us = 9000000000000000"), 1);
    db_close(ground->one);
    ground->one = ground->other = scratch_open(&ground->scratch);
    assert_int_equal(lease_take(ground->one, LEASE_FEED, LONG_US, &lease), FAULT_NONE);
    lease_leave(lease);
}

static void test_only_one_has_it(void **state)
{
    struct lease_ground *ground = *state;
    struct lease *lease = NULL, *second = NULL;
    if (!db_is_shared(ground->one))
        return;
    assert_int_equal(lease_take(ground->one, LEASE_FEED, LONG_US, &lease), FAULT_NONE);
    assert_int_equal(lease_take(ground->other, LEASE_FEED, LONG_US, &second), FAULT_BUSY);
    assert_null(second);
    assert_int_equal(lease_take(ground->other, LEASE_CLOCK, LONG_US, &second), FAULT_NONE);
    lease_leave(second);
    lease_leave(lease);
    assert_int_equal(lease_take(ground->other, LEASE_FEED, LONG_US, &second), FAULT_NONE);
    lease_leave(second);
}

/* Whoever is late may go on until another takes over, and from then on not at all, even once it is free
 * again.
 */
static void test_who_is_late_is_fenced(void **state)
{
    struct lease_ground *ground = *state;
    struct lease *late = NULL, *next = NULL;
    if (!db_is_shared(ground->one))
        return;
    assert_int_equal(lease_take(ground->one, LEASE_FEED, LONG_US, &late), FAULT_NONE);
    assert_int_equal(fence(ground), 1);
    run_out(ground);
    assert_int_equal(db_write(ground->one, DB_FOREGROUND, hold, late), FAULT_NONE);
    run_out(ground);
    assert_int_equal(lease_take(ground->other, LEASE_FEED, LONG_US, &next), FAULT_NONE);
    assert_int_equal(fence(ground), 2);
    assert_int_equal(db_write(ground->one, DB_FOREGROUND, hold, late), FAULT_FENCED);
    assert_int_equal(db_write(ground->other, DB_FOREGROUND, hold, next), FAULT_NONE);
    lease_leave(next);
    assert_int_equal(db_write(ground->one, DB_FOREGROUND, hold, late), FAULT_FENCED);
    lease_leave(late); /* gives nothing back that is not its own */
    assert_int_equal(lease_take(ground->one, LEASE_FEED, LONG_US, &late), FAULT_NONE);
    assert_int_equal(fence(ground), 3);
    lease_leave(late);
}

struct crossing {
    struct lease *lease;
    struct db *other;
    struct lease *taken;
    enum fault took;
};

/* In the middle of the holder's transaction another finds the role free by its time, and takes it. */
static enum fault be_overtaken(struct db_tx *tx, void *context)
{
    const struct crossing *crossing = context;
    const struct value in[] = {
        [BIND_meta_put_name] = value_text(STR("crossed")), [BIND_meta_put_content] = value_text(STR("yes"))};
    enum fault fault;
    TRY(lease_hold(tx, crossing->lease));
    TRY(db_run(tx, SQL_meta_put, in, NULL));
    (void)poll(NULL, 0, 200);
done:
    return fault;
}

static void *overtake(void *argument)
{
    struct crossing *crossing = argument;
    (void)poll(NULL, 0, 50);
    crossing->took = lease_take(crossing->other, LEASE_FEED, LONG_US, &crossing->taken);
    return NULL;
}

/* A transaction that leans on a role and a takeover exclude each other: the one that commits first counts. */
static void test_a_takeover_waits_for_the_holders_transaction(void **state)
{
    struct lease_ground *ground = *state;
    struct crossing crossing = {.other = ground->other};
    pthread_t thread;
    if (!db_is_shared(ground->one))
        return;
    assert_int_equal(lease_take(ground->one, LEASE_FEED, LONG_US, &crossing.lease), FAULT_NONE);
    run_out(ground);
    assert_int_equal(pthread_create(&thread, NULL, overtake, &crossing), 0);
    assert_int_equal(db_write(ground->one, DB_FOREGROUND, be_overtaken, &crossing), FAULT_NONE);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(crossing.took, FAULT_BUSY); /* the holder's transaction has renewed it */
    assert_int_equal(
        engine_number(ground->scratch.database, "SELECT count(*) FROM meta WHERE name = 'crossed'"), 1);
    lease_leave(crossing.lease);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_LEASES(test_taken_held_and_left),
        WITH_LEASES(test_kept_for_longer_than_its_length),
        WITH_LEASES(test_a_new_life_of_the_only_process_has_it_at_once),
        WITH_LEASES(test_only_one_has_it),
        WITH_LEASES(test_who_is_late_is_fenced),
        WITH_LEASES(test_a_takeover_waits_for_the_holders_transaction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
