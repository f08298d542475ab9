/* The pool of connections: who waits, for how long, in which order. */
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "postgres.h"
#include "scratch.h"
#include "store/postgres.h"

enum { PATIENCE_US = 10000000, SHORT_US = 300000, CALLS = 6, PEOPLE = 3 * POSTGRES_GRANTS_BEFORE_BACKGROUND };

static const char *connection;
static struct db *db;

static void open_db(int connections, int64_t patience_us)
{
    const struct db_settings settings = {
        .connection = connection, .create = true, .connections = connections, .patience_us = patience_us};
    enum fault fault = scratch_open_again(&settings, &db);
    if (fault != FAULT_NONE)
        fail_msg("%s: %s", fault_name(fault), fault_last_note());
}

static int set_up(void **state)
{
    (void)state;
    connection = postgres_fresh_local();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    db_close(db);
    db = NULL;
    postgres_drop(connection);
    return 0;
}

/* A gate that a job waits at, so that others queue behind it. */
struct gate {
    sem_t reached;
    sem_t open;
};

static enum fault wait_at_gate(struct db_tx *tx, void *context)
{
    (void)tx;
    struct gate *gate = context;
    sem_post(&gate->reached);
    while (sem_wait(&gate->open) != 0) {
    }
    return FAULT_NONE;
}

/* One thread's call. */
struct call {
    pthread_t thread;
    enum db_urgency urgency; /* 0: it reads */
    db_job job;
    void *context;
    enum fault fault;
};

static void *make_call(void *context)
{
    struct call *call = context;
    call->fault = call->urgency == 0 ? db_read(db, call->job, call->context)
                                     : db_write(db, call->urgency, call->job, call->context);
    return NULL;
}

static void start(struct call *call)
{
    assert_int_equal(pthread_create(&call->thread, NULL, make_call, call), 0);
}

static struct pool *pool(void)
{
    return &((struct postgres_db *)db)->pool;
}

static void wait_until_queued(int count)
{
    for (;;) {
        pthread_mutex_lock(&pool()->lock);
        int waiting = pool()->waiting;
        pthread_mutex_unlock(&pool()->lock);
        if (waiting == count)
            return;
        usleep(500);
    }
}

static void start_gate(struct gate *gate, struct call *call, enum db_urgency urgency)
{
    sem_init(&gate->reached, 0, 0);
    sem_init(&gate->open, 0, 0);
    *call = (struct call){.urgency = urgency, .job = wait_at_gate, .context = gate};
    start(call);
    sem_wait(&gate->reached);
}

static void open_gate(struct gate *gate, struct call *call)
{
    sem_post(&gate->open);
    pthread_join(call->thread, NULL);
    assert_int_equal(call->fault, FAULT_NONE);
    sem_destroy(&gate->reached);
    sem_destroy(&gate->open);
}

/* In which order jobs ran; one connection, so one at a time. */
static char order[PEOPLE + 2];
static size_t order_len;

static enum fault note_order(struct db_tx *tx, void *context)
{
    (void)tx;
    order[order_len++] = *(const char *)context;
    return FAULT_NONE;
}

static void the_foreground_goes_before_the_background(void **state)
{
    (void)state;
    static char marks[] = "bbbfff";
    struct gate gate;
    struct call holder;
    struct call calls[CALLS];
    open_db(1, PATIENCE_US);
    start_gate(&gate, &holder, DB_FOREGROUND);
    memset(order, 0, sizeof order);
    order_len = 0;
    for (int i = 0; i < CALLS; i++) {
        calls[i] = (struct call){.urgency = marks[i] == 'b' ? DB_BACKGROUND : DB_FOREGROUND,
                                 .job = note_order,
                                 .context = &marks[i]};
        start(&calls[i]);
        wait_until_queued(i + 1);
    }
    open_gate(&gate, &holder);
    for (int i = 0; i < CALLS; i++) {
        pthread_join(calls[i].thread, NULL);
        assert_int_equal(calls[i].fault, FAULT_NONE);
    }
    assert_string_equal(order, "fffbbb");
    assert_true(db_counts(db).background_us_max > 0);
}

static void the_background_never_has_all_connections(void **state)
{
    (void)state;
    struct gate gates[POSTGRES_BACKGROUND_MAX];
    struct call holders[POSTGRES_BACKGROUND_MAX];
    struct fact late = fact_of("late", 1);
    struct fact person = fact_of("person", 1);
    open_db(POSTGRES_BACKGROUND_MAX + 1, PATIENCE_US);
    for (int i = 0; i < POSTGRES_BACKGROUND_MAX; i++)
        start_gate(&gates[i], &holders[i], DB_BACKGROUND);
    struct call feed = {.urgency = DB_BACKGROUND, .job = fact_put, .context = &late};
    start(&feed);
    wait_until_queued(1);
    assert_int_equal(db_write(db, DB_FOREGROUND, fact_put, &person), FAULT_NONE);
    assert_true(fact_is_kept(db, person));
    assert_false(fact_is_kept(db, late));
    for (int i = 0; i < POSTGRES_BACKGROUND_MAX; i++)
        open_gate(&gates[i], &holders[i]);
    pthread_join(feed.thread, NULL);
    assert_int_equal(feed.fault, FAULT_NONE);
    assert_true(fact_is_kept(db, late));
}

static void the_background_goes_on_when_people_never_pause(void **state)
{
    (void)state;
    static char person[] = "f";
    static char feed[] = "b";
    struct gate gate;
    struct call holder;
    struct call calls[PEOPLE + 1];
    open_db(1, PATIENCE_US);
    start_gate(&gate, &holder, DB_FOREGROUND);
    memset(order, 0, sizeof order);
    order_len = 0;
    for (int i = 0; i <= PEOPLE; i++) {
        calls[i] = (struct call){.urgency = i == 0 ? DB_BACKGROUND : DB_FOREGROUND,
                                 .job = note_order,
                                 .context = i == 0 ? feed : person};
        start(&calls[i]);
        wait_until_queued(i + 1);
    }
    open_gate(&gate, &holder);
    for (int i = 0; i <= PEOPLE; i++)
        pthread_join(calls[i].thread, NULL);
    assert_int_equal(order_len, PEOPLE + 1);
    assert_in_range(strchr(order, 'b') - order, 1, POSTGRES_GRANTS_BEFORE_BACKGROUND);
}

static void case_65_the_queue_is_bounded(void **state)
{
    (void)state;
    struct gate gate;
    struct call holder;
    struct call calls[3];
    struct fact facts[3];
    open_db(1, PATIENCE_US);
    start_gate(&gate, &holder, DB_FOREGROUND);
    pool()->waiting_max = 3;
    for (int i = 0; i < 3; i++) {
        facts[i] = fact_of("queued", i);
        calls[i] = (struct call){.urgency = DB_FOREGROUND, .job = fact_put, .context = &facts[i]};
        start(&calls[i]);
    }
    wait_until_queued(3);
    struct fact late = fact_of("late", 1);
    assert_int_equal(db_write(db, DB_FOREGROUND, fact_put, &late), FAULT_BUSY);
    assert_int_equal(db_read(db, fact_get, &late), FAULT_BUSY);
    assert_int_equal(db_counts(db).refused, 2);
    open_gate(&gate, &holder);
    for (int i = 0; i < 3; i++) {
        pthread_join(calls[i].thread, NULL);
        assert_int_equal(calls[i].fault, FAULT_NONE);
    }
    assert_false(fact_is_kept(db, late));
}

static void case_65_nobody_waits_for_longer_than_patience(void **state)
{
    (void)state;
    struct gate gate;
    struct call holder;
    struct fact facts[] = {fact_of("late", 1), fact_of("late", 2), fact_of("late", 3)};
    struct call calls[3];
    open_db(1, SHORT_US);
    start_gate(&gate, &holder, DB_FOREGROUND);
    for (int i = 0; i < 3; i++) {
        calls[i] = (struct call){
            .urgency = i == 1 ? DB_BACKGROUND : DB_FOREGROUND, .job = fact_put, .context = &facts[i]};
        start(&calls[i]);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(calls[i].thread, NULL);
        assert_int_equal(calls[i].fault, FAULT_BUSY);
    }
    wait_until_queued(0);
    assert_int_equal(db_counts(db).refused, 3);
    open_gate(&gate, &holder);
    for (int i = 0; i < 3; i++)
        assert_false(fact_is_kept(db, facts[i]));
}

static void jobs_under_way_are_done_before_closing(void **state)
{
    (void)state;
    struct gate gate;
    struct call holder;
    struct fact fact = fact_of("queued", 1);
    struct call queued = {.urgency = DB_FOREGROUND, .job = fact_put, .context = &fact};
    open_db(1, PATIENCE_US);
    start_gate(&gate, &holder, DB_FOREGROUND);
    start(&queued);
    wait_until_queued(1);
    sem_post(&gate.open);
    db_close(db);
    pthread_join(holder.thread, NULL);
    pthread_join(queued.thread, NULL);
    assert_int_equal(holder.fault, FAULT_NONE);
    assert_true(queued.fault == FAULT_NONE);
    assert_int_equal(postgres_number(connection, "SELECT count(*) FROM server WHERE ended = 0"), 0);
    open_db(1, PATIENCE_US);
    assert_true(fact_is_kept(db, fact));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_foreground_goes_before_the_background, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_background_never_has_all_connections, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_background_goes_on_when_people_never_pause, set_up, tear_down),
        cmocka_unit_test_setup_teardown(case_65_the_queue_is_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(case_65_nobody_waits_for_longer_than_patience, set_up, tear_down),
        cmocka_unit_test_setup_teardown(jobs_under_way_are_done_before_closing, set_up, tear_down),
    };
    postgres_or_skip();
    log_to(-1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
