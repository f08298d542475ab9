/* The PostgreSQL driver in trouble: transactions in each other's way, connections lost before and during
 * COMMIT, lanes that were ended.  The cluster itself stays well. */
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "postgres.h"
#include "proxy.h"
#include "scratch.h"
#include "store/postgres.h"

enum { PATIENCE_US = 5000000, SHORT_US = 1000000, TRIES_MAX = 20 };

static const char *connection;
static struct proxy *proxy;
static struct db *db;

static struct db *open_db(const char *uri, int connections, int64_t patience_us)
{
    struct db *opened = NULL;
    const struct db_settings settings = {.connection = uri,
                                         .create = true,
                                         .connections = connections,
                                         .patience_us = patience_us,
                                         .lease_us = patience_us};
    enum fault fault = scratch_open_again(&settings, &opened);
    if (fault != FAULT_NONE)
        fail_msg("%s: %s", fault_name(fault), fault_last_note());
    return opened;
}

static int set_up(void **state)
{
    (void)state;
    connection = postgres_fresh_local();
    proxy = proxy_open(connection);
    db = open_db(proxy_connection(proxy), 2, PATIENCE_US);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    db_close(db);
    proxy_close(proxy);
    postgres_drop(connection);
    return 0;
}

/* With one connection, and thus one lane. */
static void open_alone(int64_t patience_us)
{
    db_close(db);
    db = open_db(proxy_connection(proxy), 1, patience_us);
}

static struct wire *wire_of(struct db_tx *tx)
{
    return ((struct postgres_tx *)tx)->wire;
}

static void terminate(struct wire *wire)
{
    char sql[80];
    (void)snprintf(sql, sizeof sql, "SELECT CAST(pg_terminate_backend(%d, 5000) AS int)",
                   PQbackendPID(wire->pq));
    (void)postgres_number(NULL, sql); /* nothing where it is lost already */
}

static void terminate_all(void)
{
    struct postgres_db *own = (struct postgres_db *)db;
    for (int i = 0; i < db_lanes(db); i++)
        terminate(&own->wires[i]);
}

/* A job that counts how often it ran, and has some trouble in its first run. */
struct deed {
    struct fact fact;
    void (*trouble)(struct db_tx *tx);
    int runs;
    int lane;
    uint64_t number;
};

static enum fault do_deed(struct db_tx *tx, void *context)
{
    struct deed *deed = context;
    deed->runs++;
    deed->lane = db_lane(tx);
    deed->number = db_number_next(tx, DB_SERIES_ENTRY);
    enum fault fault = fact_put(tx, &deed->fact);
    if (deed->trouble != NULL && deed->runs == 1)
        deed->trouble(tx);
    return fault;
}

static struct deed deed_of(long number)
{
    return (struct deed){.fact = fact_of("deed", number)};
}

static void assert_done(struct deed *deed, int runs, uint64_t number)
{
    enum fault fault = db_write(db, DB_FOREGROUND, do_deed, deed);
    if (fault != FAULT_NONE)
        fail_msg("%s: %s", fault_name(fault), fault_last_note());
    assert_int_equal(deed->runs, runs);
    assert_int_equal(deed->number, number);
    assert_true(fact_is_kept(db, deed->fact));
}

/* Two threads that meet before they write. */
struct race {
    pthread_t thread;
    pthread_barrier_t *meeting;
    struct fact mine;
    struct fact other;
    int runs;
    enum fault fault;
};

static enum fault read_other_write_mine(struct db_tx *tx, void *context)
{
    struct race *race = context;
    enum fault fault = fact_get(tx, &race->other);
    if (race->runs++ == 0)
        pthread_barrier_wait(race->meeting);
    return fault == FAULT_NONE || fault == FAULT_ABSENT ? fact_put(tx, &race->mine) : fault;
}

static void *run_race(void *context)
{
    struct race *race = context;
    race->fault = db_write(db, DB_FOREGROUND, read_other_write_mine, race);
    return NULL;
}

static void of_two_in_each_others_way_one_runs_again(void **state)
{
    (void)state;
    pthread_barrier_t meeting;
    pthread_barrier_init(&meeting, NULL, 2);
    struct race races[2];
    for (int i = 0; i < 2; i++)
        races[i] =
            (struct race){.meeting = &meeting, .mine = fact_of("mine", i), .other = fact_of("mine", 1 - i)};
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&races[i].thread, NULL, run_race, &races[i]), 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(races[i].thread, NULL);
        assert_int_equal(races[i].fault, FAULT_NONE);
        assert_true(fact_is_kept(db, races[i].mine));
    }
    assert_true(races[0].runs + races[1].runs >= 3);
    assert_int_equal(db_counts(db).rerun, races[0].runs + races[1].runs - 2);
    pthread_barrier_destroy(&meeting);
}

static enum fault insert_where_absent(struct db_tx *tx, void *context)
{
    struct race *race = context;
    static const uint8_t wrapped[8];
    const struct value get[BINDS_house_key_get] = {[BIND_house_key_get_name] = value_text(STR("race"))};
    const struct value add[BINDS_house_key_add] = {
        [BIND_house_key_add_name] = value_text(STR("race")),
        [BIND_house_key_add_wrapped] = value_bytes((struct bytes){wrapped, sizeof wrapped}),
    };
    struct value out[GIVES_house_key_get];
    struct arena *arena = NULL;
    enum fault fault;
    TRY(arena_open(4096, &arena));
    fault = db_one(tx, SQL_house_key_get, get, arena, out);
    if (race->runs++ == 0)
        pthread_barrier_wait(race->meeting);
    if (fault == FAULT_NONE)
        fault = FAULT_CONFLICT; /* somebody was faster */
    else if (fault == FAULT_ABSENT)
        fault = db_run(tx, SQL_house_key_add, add, NULL);
done:
    arena_close(arena);
    return fault;
}

static void *run_insert(void *context)
{
    struct race *race = context;
    race->fault = db_write(db, DB_FOREGROUND, insert_where_absent, race);
    return NULL;
}

static void a_lost_race_for_a_key_sees_who_won(void **state)
{
    (void)state;
    pthread_barrier_t meeting;
    pthread_barrier_init(&meeting, NULL, 2);
    struct race races[2] = {{.meeting = &meeting}, {.meeting = &meeting}};
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&races[i].thread, NULL, run_insert, &races[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(races[i].thread, NULL);
    const int won = races[0].fault == FAULT_NONE ? 0 : 1;
    assert_int_equal(races[won].fault, FAULT_NONE);
    assert_int_equal(races[1 - won].fault, FAULT_CONFLICT);
    assert_int_equal(races[1 - won].runs, 2);
    pthread_barrier_destroy(&meeting);
}

static enum fault add_server_twice(struct db_tx *tx, void *context)
{
    struct deed *deed = context;
    deed->runs++;
    const struct id server = db_server_id(db);
    const struct value in[BINDS_server_insert] = {
        [BIND_server_insert_server_id] = value_id(server),
        [BIND_server_insert_machine] = value_text(STR("x")),
        [BIND_server_insert_for_us] = value_int(1),
    };
    int64_t changes = 0;
    enum fault first = fact_put(tx, &deed->fact);
    assert_int_equal(first, FAULT_NONE);
    assert_int_equal(db_run(tx, SQL_server_insert, in, &changes), FAULT_DUPLICATE);
    assert_int_equal(fact_get(tx, &deed->fact), FAULT_DUPLICATE);
    assert_int_equal(db_run(tx, SQL_server_insert, in, NULL), FAULT_DUPLICATE);
    return FAULT_NONE; /* as if nothing had been */
}

static void what_failed_is_not_acknowledged(void **state)
{
    (void)state;
    struct deed deed = deed_of(1);
    assert_int_equal(db_write(db, DB_FOREGROUND, add_server_twice, &deed), FAULT_DUPLICATE);
    assert_int_equal(deed.runs, 2);
    assert_false(fact_is_kept(db, deed.fact));
}

static void terminate_own(struct db_tx *tx)
{
    terminate(wire_of(tx));
}

static void a_connection_lost_before_commit_is_made_again(void **state)
{
    (void)state;
    open_alone(PATIENCE_US);
    struct deed deeds[] = {deed_of(1), deed_of(2), deed_of(3)};
    deeds[1].trouble = terminate_own;
    assert_done(&deeds[0], 1, 1);
    assert_done(&deeds[1], 2, 2);
    assert_done(&deeds[2], 1, 3);
    assert_int_equal(db_counts(db).rerun, 1);
    assert_int_equal(db_counts(db).reconnected, 1);
}

static void connections_lost_at_rest_trouble_nobody(void **state)
{
    (void)state;
    struct deed deed = deed_of(1);
    assert_int_equal(db_write(db, DB_FOREGROUND, do_deed, &deed), FAULT_NONE);
    for (int i = 0; i < 3; i++) {
        terminate_all();
        assert_true(fact_is_kept(db, deed.fact));
        terminate_all();
        assert_int_equal(db_write(db, DB_FOREGROUND, do_deed, &deed), FAULT_NONE);
    }
    assert_true(db_counts(db).reconnected >= 6);
}

/* A read begins again where nothing of its snapshot has been seen, and not later: its job may have used that.
 */
static enum fault read_and_lose(struct db_tx *tx, void *context)
{
    struct deed *deed = context;
    enum fault fault = fact_get(tx, &deed->fact);
    if (fault != FAULT_NONE)
        return fault;
    terminate(wire_of(tx));
    return fact_get(tx, &deed->fact);
}

static void a_read_that_has_seen_something_is_not_begun_again(void **state)
{
    (void)state;
    struct deed deed = deed_of(1);
    assert_int_equal(db_write(db, DB_FOREGROUND, do_deed, &deed), FAULT_NONE);
    assert_int_equal(db_read(db, read_and_lose, &deed), FAULT_BUSY);
    assert_true(fact_is_kept(db, deed.fact));
}

static void case_65_a_commit_whose_answer_is_lost_is_kept_once(void **state)
{
    (void)state;
    open_alone(PATIENCE_US);
    struct deed deeds[] = {deed_of(1), deed_of(2), deed_of(3)};
    assert_done(&deeds[0], 1, 1);
    proxy_set(proxy, PROXY_CUT_AFTER_COMMIT);
    assert_done(&deeds[1], 1, 2);
    assert_int_equal(proxy_get(proxy), PROXY_PASS);
    assert_done(&deeds[2], 1, 3);
    assert_int_equal(db_counts(db).rerun, 0);
}

static void case_65_a_commit_that_did_not_arrive_is_run_again(void **state)
{
    (void)state;
    open_alone(PATIENCE_US);
    struct deed deeds[] = {deed_of(1), deed_of(2)};
    proxy_set(proxy, PROXY_CUT_BEFORE_COMMIT);
    assert_done(&deeds[0], 2, 1);
    assert_int_equal(proxy_get(proxy), PROXY_PASS);
    assert_done(&deeds[1], 1, 2);
}

static void assert_unknown(struct deed *deed, enum proxy_mood mood)
{
    proxy_set(proxy, mood);
    assert_int_equal(db_write(db, DB_FOREGROUND, do_deed, deed), FAULT_BUSY);
    if (strstr(fault_last_note(), "not known yet") == NULL)
        fail_msg("%s", fault_last_note());
    proxy_set(proxy, PROXY_PASS);
}

static void case_65_what_became_of_a_commit_is_found_out_later(void **state)
{
    (void)state;
    open_alone(SHORT_US);
    struct deed deeds[] = {deed_of(1), deed_of(2), deed_of(3), deed_of(4), deed_of(5)};
    assert_done(&deeds[0], 1, 1);
    assert_unknown(&deeds[1], PROXY_SHUT_AFTER_COMMIT);
    assert_done(&deeds[2], 1, 3);
    assert_true(fact_is_kept(db, deeds[1].fact));
    assert_unknown(&deeds[3], PROXY_SHUT_BEFORE_COMMIT);
    assert_done(&deeds[4], 1, 4); /* the number is given again */
    assert_false(fact_is_kept(db, deeds[3].fact));
}

static void case_65_a_database_that_does_not_answer_is_busy(void **state)
{
    (void)state;
    open_alone(SHORT_US);
    struct deed deeds[] = {deed_of(1), deed_of(2), deed_of(3)};
    assert_done(&deeds[0], 1, 1);
    proxy_set(proxy, PROXY_HUSH);
    const int64_t began_us = clock_monotonic_us();
    assert_int_equal(db_write(db, DB_FOREGROUND, do_deed, &deeds[1]), FAULT_BUSY);
    assert_int_equal(db_read(db, fact_get, &deeds[0].fact), FAULT_BUSY);
    assert_int_equal(db_write(db, DB_FOREGROUND, do_deed, &deeds[1]), FAULT_BUSY);
    assert_true(clock_monotonic_us() - began_us < 10 * SHORT_US);
    proxy_set(proxy, PROXY_PASS);
    assert_done(&deeds[2], 1, 2);
}

static void a_lane_that_was_ended_writes_no_more(void **state)
{
    (void)state;
    struct deed deed = deed_of(1);
    assert_int_equal(postgres_execute(connection, "UPDATE lane SET ended = 1"), 2);
    assert_int_equal(db_write(db, DB_FOREGROUND, do_deed, &deed), FAULT_FENCED);
    assert_false(fact_is_kept(db, deed.fact));
    assert_int_equal(postgres_execute(connection, "DELETE FROM lane"), 2);
    terminate_all();
    assert_int_equal(db_write(db, DB_FOREGROUND, do_deed, &deed), FAULT_FENCED);
    assert_false(fact_is_kept(db, deed.fact));
}

static void servers_come_and_go(void **state)
{
    (void)state;
    assert_true(db_is_shared(db));
    assert_int_equal(postgres_number(connection, "SELECT count(*) FROM server WHERE ended = 0"), 1);
    assert_int_equal(postgres_number(connection, "SELECT count(*) FROM lane WHERE ended = 0"), 2);
    struct db *other = open_db(connection, 3, PATIENCE_US);
    assert_false(id_equal(db_server_id(db), db_server_id(other)));
    assert_int_equal(postgres_number(connection, "SELECT count(*) FROM server WHERE ended = 0"), 2);
    assert_int_equal(postgres_number(connection, "SELECT count(*) FROM lane WHERE ended = 0"), 5);
    db_close(other);
    assert_int_equal(postgres_number(connection, "SELECT count(*) FROM server WHERE ended = 0"), 1);
    assert_int_equal(postgres_number(connection, "SELECT count(*) FROM lane WHERE ended = 0"), 2);
}

/* A program that hangs in the middle of a job. */
struct hanging {
    struct fact fact;
    sem_t reached;
    atomic_bool awake;
    enum fault fault;
};

static enum fault hang(struct db_tx *tx, void *context)
{
    struct hanging *hanging = context;
    enum fault fault = fact_get(tx, &hanging->fact);
    if (fault != FAULT_ABSENT)
        return fault;
    sem_post(&hanging->reached);
    usleep(8 * SHORT_US);
    atomic_store(&hanging->awake, true);
    return fact_put(tx, &hanging->fact);
}

static void *run_hanging(void *context)
{
    struct hanging *hanging = context;
    hanging->fault = db_write(db, DB_FOREGROUND, hang, hanging);
    return NULL;
}

static void a_job_that_hangs_does_not_hold_its_lane(void **state)
{
    (void)state;
    open_alone(SHORT_US);
    struct hanging hanging = {.fact = fact_of("hanging", 1)};
    pthread_t thread;
    sem_init(&hanging.reached, 0, 0);
    assert_int_equal(pthread_create(&thread, NULL, run_hanging, &hanging), 0);
    sem_wait(&hanging.reached);
    assert_true(postgres_execute(connection, "UPDATE lane SET ended = 1") > 0); /* waits for the lock */
    assert_false(atomic_load(&hanging.awake));
    pthread_join(thread, NULL);
    for (int i = 0; i < TRIES_MAX && hanging.fault == FAULT_BUSY; i++) /* a machine slower than patience */
        hanging.fault = db_write(db, DB_FOREGROUND, fact_put, &hanging.fact);
    assert_int_equal(hanging.fault, FAULT_FENCED); /* as its second run was told */
    assert_false(fact_is_kept(db, hanging.fact));
    sem_destroy(&hanging.reached);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(of_two_in_each_others_way_one_runs_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_lost_race_for_a_key_sees_who_won, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_failed_is_not_acknowledged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_connection_lost_before_commit_is_made_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(connections_lost_at_rest_trouble_nobody, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_read_that_has_seen_something_is_not_begun_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(case_65_a_commit_whose_answer_is_lost_is_kept_once, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(case_65_a_commit_that_did_not_arrive_is_run_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(case_65_what_became_of_a_commit_is_found_out_later, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(case_65_a_database_that_does_not_answer_is_busy, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_lane_that_was_ended_writes_no_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(servers_come_and_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_job_that_hangs_does_not_hold_its_lane, set_up, tear_down),
    };
    postgres_or_skip();
    log_to(-1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
