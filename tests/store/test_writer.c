/* The SQLite driver's one writer while all is well: groups, savepoints, turns, bounds, its log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "scratch.h"
#include "store/sqlite.h"

static struct scratch scratch;
static struct db *db;

static int set_up(void **state)
{
    (void)state;
    scratch = scratch_make();
    db = scratch_open(&scratch);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    db_close(db);
    scratch_remove(&scratch);
    return 0;
}

static void nothing_but_the_file_is_left(void **state)
{
    (void)state;
    struct fact fact = fact_of("fact", 1);
    assert_int_equal(db_write(db, DB_FOREGROUND, fact_put, &fact), FAULT_NONE);
    db_close(db);
    db = NULL;
    assert_int_equal(access(scratch_path(&scratch, "test.db-wal"), F_OK), -1);
}

static void the_file_is_for_its_owner_alone(void **state)
{
    (void)state;
    struct fact fact = fact_of("fact", 1);
    assert_int_equal(db_write(db, DB_FOREGROUND, fact_put, &fact), FAULT_NONE);
    static const char *const names[] = {"test.db", "test.db-wal", "test.db-shm", "test.db.lock"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct stat status;
        assert_int_equal(stat(scratch_path(&scratch, names[i]), &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
    }
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

/* One thread's write. */
struct call {
    pthread_t thread;
    enum db_urgency urgency;
    db_job job;
    void *context;
    struct fact fact;
    enum fault fault;
};

static void *make_call(void *context)
{
    struct call *call = context;
    call->fault = db_write(db, call->urgency, call->job, call->context);
    return NULL;
}

static void start(struct call *call)
{
    assert_int_equal(pthread_create(&call->thread, NULL, make_call, call), 0);
}

static struct writer *writer(void)
{
    return &((struct sqlite_db *)db)->writer;
}

static void wait_until_queued(int count)
{
    for (;;) {
        pthread_mutex_lock(&writer()->lock);
        int waiting = writer()->waiting;
        pthread_mutex_unlock(&writer()->lock);
        if (waiting == count)
            return;
        usleep(500);
    }
}

static void start_gate(struct gate *gate, struct call *call)
{
    sem_init(&gate->reached, 0, 0);
    sem_init(&gate->open, 0, 0);
    /* In the background, so that nothing joins its group. */
    *call = (struct call){.urgency = DB_BACKGROUND, .job = wait_at_gate, .context = gate};
    start(call);
    sem_wait(&gate->reached);
}

static void open_gate(struct gate *gate, struct call *call)
{
    sem_post(&gate->open);
    pthread_join(call->thread, NULL);
}

enum { CALLERS = 40 };

static void waiting_jobs_share_a_commit_and_fail_alone(void **state)
{
    (void)state;
    struct gate gate;
    struct call holder;
    struct call calls[CALLERS];
    start_gate(&gate, &holder);
    const struct db_counts before = db_counts(db);
    for (int i = 0; i < CALLERS; i++) {
        calls[i] = (struct call){.urgency = DB_FOREGROUND, .job = fact_put, .fact = fact_of("shared", i)};
        calls[i].fact.answer = i % 3 == 0 ? FAULT_CONFLICT : FAULT_NONE;
        calls[i].context = &calls[i].fact;
        start(&calls[i]);
    }
    wait_until_queued(CALLERS);
    open_gate(&gate, &holder);
    for (int i = 0; i < CALLERS; i++) {
        pthread_join(calls[i].thread, NULL);
        assert_int_equal(calls[i].fault, calls[i].fact.answer);
        assert_int_equal(fact_is_kept(db, calls[i].fact), i % 3 != 0);
    }
    const struct db_counts after = db_counts(db);
    assert_int_equal(after.jobs - before.jobs, CALLERS + 1);
    /* The holder's, then few: one, unless a slow machine closed the group by time. */
    assert_in_range(after.commits - before.commits, 2, CALLERS / 2);
}

/* In which order jobs ran, written by the writer's thread alone. */
static char order[16];
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
    struct call calls[6];
    start_gate(&gate, &holder);
    memset(order, 0, sizeof order);
    order_len = 0;
    for (int i = 0; i < 6; i++) {
        calls[i] = (struct call){.urgency = marks[i] == 'b' ? DB_BACKGROUND : DB_FOREGROUND,
                                 .job = note_order,
                                 .context = &marks[i]};
        start(&calls[i]);
        wait_until_queued(i + 1);
    }
    open_gate(&gate, &holder);
    for (int i = 0; i < 6; i++)
        pthread_join(calls[i].thread, NULL);
    assert_string_equal(order, "fffbbb");
    assert_true(db_counts(db).background_us_max > 0);
}

static void the_queue_is_bounded(void **state)
{
    (void)state;
    struct gate gate;
    struct call holder;
    struct call calls[3];
    start_gate(&gate, &holder);
    writer()->waiting_max = 3;
    for (int i = 0; i < 3; i++) {
        calls[i] = (struct call){.urgency = DB_FOREGROUND, .job = fact_put, .fact = fact_of("queued", i)};
        calls[i].context = &calls[i].fact;
        start(&calls[i]);
    }
    wait_until_queued(3);
    struct fact late = fact_of("late", 1);
    assert_int_equal(db_write(db, DB_FOREGROUND, fact_put, &late), FAULT_BUSY);
    assert_int_equal(db_counts(db).refused, 1);
    open_gate(&gate, &holder);
    for (int i = 0; i < 3; i++) {
        pthread_join(calls[i].thread, NULL);
        assert_int_equal(calls[i].fault, FAULT_NONE);
    }
    assert_false(fact_is_kept(db, late));
}

enum { LOG_JOBS = 100, LOG_CONTENT_BYTES = 512 * 1024, LOG_PAGES = 800 };

static enum fault put_much(struct db_tx *tx, void *context)
{
    static char content[LOG_CONTENT_BYTES]; /* the writer's thread alone runs this */
    static int turn;
    memset(content, 'a' + turn++ % 26, sizeof content); /* SQLite does not write what is already there */
    const struct fact *fact = context;
    const struct value in[BINDS_meta_put] = {
        [BIND_meta_put_name] = value_text(str_of(fact->name)),
        [BIND_meta_put_content] = value_text((struct str){content, sizeof content}),
    };
    return db_run(tx, SQL_meta_put, in, NULL);
}

static enum fault read_slowly(struct db_tx *tx, void *context)
{
    enum fault fault = fact_get(tx, context);
    usleep(20000);
    return fault;
}

/* Two of these overlap always, each in a part of the log that is behind: it could hardly begin again by
 * itself. */
static void *read_without_pause(void *context)
{
    bool *stop = context;
    struct fact fact = fact_of("nobody", 1);
    while (!__atomic_load_n(stop, __ATOMIC_RELAXED))
        assert_int_equal(db_read(db, read_slowly, &fact), FAULT_ABSENT);
    return NULL;
}

static void the_log_stays_short_while_people_read(void **state)
{
    (void)state;
    bool stop = false;
    pthread_t readers[2];
    writer()->wal_pages_max = LOG_PAGES;
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_without_pause, &stop), 0);
    off_t longest = 0;
    for (int i = 0; i < LOG_JOBS; i++) {
        struct fact fact = fact_of("much", i % 4);
        assert_int_equal(db_write(db, DB_FOREGROUND, put_much, &fact), FAULT_NONE);
        struct stat status;
        assert_int_equal(stat(scratch_path(&scratch, "test.db-wal"), &status), 0);
        longest = status.st_size > longest ? status.st_size : longest;
    }
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    for (size_t i = 0; i < 2; i++)
        pthread_join(readers[i], NULL);
    assert_in_range(longest, LOG_PAGES * DB_PAGE_BYTES, 2 * LOG_PAGES * DB_PAGE_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_but_the_file_is_left, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_file_is_for_its_owner_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(waiting_jobs_share_a_commit_and_fail_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_foreground_goes_before_the_background, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_queue_is_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_log_stays_short_while_people_read, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
