/* The PostgreSQL driver while its cluster suffers: killed under load, standing still, a page damaged on its
 * disk. The cluster is this program's own. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/random.h"
#include "postgres.h"
#include "scratch.h"
#include "store/driver.h"

enum { PATIENCE_US = 60000000, SHORT_US = 500000, WRITERS = 6, PAGE_BYTES = 8192, KILLS = 3 };

static const char *connection;
static struct db *db;

static void open_db(int64_t patience_us)
{
    const struct db_settings settings = {
        .connection = connection, .create = true, .connections = 4, .patience_us = patience_us};
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

/* One thread that writes entries until it is told to stop, each numbered in its lane. */
struct writing {
    pthread_t thread;
    long writer;
    long written; /* acknowledged */
    long busy;    /* refused, or not known */
    enum fault other;
};

static atomic_bool stopping;

struct entry {
    struct fact fact;
    struct id entry;
};

static enum fault put_entry(struct db_tx *tx, void *context)
{
    struct entry *entry = context;
    static const uint8_t bytes[32];
    const struct id lane = db_lane_id(db, db_lane(tx));
    const struct value in[BINDS_audit_entry_insert] = {
        [BIND_audit_entry_insert_incarnation_id] = value_id(lane),
        [BIND_audit_entry_insert_number] = value_int((int64_t)db_number_next(tx, DB_SERIES_ENTRY)),
        [BIND_audit_entry_insert_entry_id] = value_id(entry->entry),
        [BIND_audit_entry_insert_commitment] = value_bytes((struct bytes){bytes, sizeof bytes}),
        [BIND_audit_entry_insert_child_id] = value_null(),
        [BIND_audit_entry_insert_month] = value_int(1),
        [BIND_audit_entry_insert_actor_tag] = value_null(),
        [BIND_audit_entry_insert_at_us] = value_int(1),
        [BIND_audit_entry_insert_sealed] = value_bytes((struct bytes){bytes, sizeof bytes}),
    };
    enum fault fault;
    TRY(db_run(tx, SQL_audit_entry_insert, in, NULL));
    TRY(fact_put(tx, &entry->fact));
done:
    return fault;
}

static void *write_entries(void *context)
{
    struct writing *writing = context;
    while (!atomic_load(&stopping)) {
        struct entry entry = {.fact = fact_of("entry", writing->writer * 1000000 + writing->written),
                              .entry = id_new(entropy_system())};
        enum fault fault = db_write(db, DB_FOREGROUND, put_entry, &entry);
        if (fault == FAULT_NONE)
            writing->written++;
        else if (fault == FAULT_BUSY)
            writing->busy++;
        else
            writing->other = fault;
    }
    return NULL;
}

static void start_writers(struct writing writings[WRITERS])
{
    atomic_store(&stopping, false);
    for (long i = 0; i < WRITERS; i++) {
        writings[i] = (struct writing){.writer = i};
        assert_int_equal(pthread_create(&writings[i].thread, NULL, write_entries, &writings[i]), 0);
    }
}

static void stop_writers(struct writing writings[WRITERS])
{
    atomic_store(&stopping, true);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writings[i].thread, NULL);
}

/* What was acknowledged is there, nothing twice, no number left out. */
static void assert_consistent(const struct writing writings[WRITERS], int64_t unknown_most)
{
    int64_t written = 0;
    int64_t busy = 0;
    for (int i = 0; i < WRITERS; i++) {
        char sql[160];
        assert_int_equal(writings[i].other, FAULT_NONE);
        (void)snprintf(sql, sizeof sql,
                       "SELECT count(*) FROM meta WHERE name >= 'entry-%d' AND name < 'entry-%d'", i, i + 1);
        written += writings[i].written;
        busy += writings[i].busy;
        for (long number = 0; number < writings[i].written; number += 97)
            assert_true(fact_is_kept(db, fact_of("entry", writings[i].writer * 1000000 + number)));
    }
    assert_true(written > 0);
    assert_in_range(busy, 0, unknown_most);
    assert_in_range(postgres_number(connection, "SELECT count(*) FROM audit_entry"), written, written + busy);
    assert_int_equal(postgres_number(connection,
                                     "SELECT count(*) FROM (SELECT incarnation_id FROM audit_entry GROUP BY "
                                     "incarnation_id HAVING count(*) <> max(number)) AS gaps"),
                     0);
}

/* Soon, however busy the machine is. */
static void assert_written(struct fact *fact)
{
    enum fault fault = FAULT_BUSY;
    for (int i = 0; i < 20 && fault == FAULT_BUSY; i++)
        fault = db_write(db, DB_FOREGROUND, fact_put, fact);
    assert_int_equal(fault, FAULT_NONE);
}

static void case_65_killed_under_load_nothing_acknowledged_is_lost(void **state)
{
    (void)state;
    struct writing writings[WRITERS];
    open_db(PATIENCE_US);
    start_writers(writings);
    for (int i = 0; i < KILLS; i++) {
        usleep(300000);
        postgres_restart();
    }
    usleep(300000);
    stop_writers(writings);
    assert_consistent(writings, 0);
    assert_true(db_counts(db).reconnected > 0);
}

static void case_65_standing_still_it_is_busy_and_then_goes_on(void **state)
{
    (void)state;
    struct writing writings[WRITERS];
    open_db(SHORT_US);
    start_writers(writings);
    usleep(300000);
    postgres_stall();
    usleep(3 * SHORT_US);
    postgres_resume();
    usleep(1000000);
    stop_writers(writings);
    assert_consistent(writings, 1000);
    struct fact fact = fact_of("afterwards", 1);
    assert_written(&fact);
}

static void a_cluster_that_is_down_is_busy(void **state)
{
    (void)state;
    struct fact fact = fact_of("fact", 1);
    open_db(SHORT_US);
    assert_written(&fact);
    postgres_stop();
    for (int i = 0; i < 2; i++) {
        assert_int_equal(db_write(db, DB_FOREGROUND, fact_put, &fact), FAULT_BUSY);
        assert_non_null(strstr(fault_last_note(), "cannot be reached"));
        assert_int_equal(db_read(db, fact_get, &fact), FAULT_BUSY);
    }
    postgres_start();
    assert_written(&fact);
    assert_true(fact_is_kept(db, fact));
}

enum { LONG_FACTS = 60, CONTENT_BYTES = 1500 };

static enum fault put_long(struct db_tx *tx, void *context)
{
    static char content[CONTENT_BYTES];
    memset(content, 'x', sizeof content);
    for (long i = 0; i < LONG_FACTS; i++) {
        struct fact fact = fact_of("long", i);
        const struct value in[BINDS_meta_put] = {
            [BIND_meta_put_name] = value_text(str_of(fact.name)),
            [BIND_meta_put_content] = value_text((struct str){content, sizeof content}),
        };
        enum fault fault = db_run(tx, SQL_meta_put, in, NULL);
        if (fault != FAULT_NONE)
            return fault;
    }
    (void)context;
    return FAULT_NONE;
}

static void damage_page(const char *path, off_t page)
{
    char file[600];
    static const char noise[] = "this is no page of a table";
    (void)snprintf(file, sizeof file, "%s/data/%s", postgres_folder(), path);
    int at = open(file, O_WRONLY | O_CLOEXEC);
    assert_true(at >= 0);
    assert_int_equal(pwrite(at, noise, sizeof noise, page * PAGE_BYTES + 4000), sizeof noise);
    close(at);
}

static enum fault get_long(struct db_tx *tx, struct arena *arena, long number)
{
    struct fact fact = fact_of("long", number);
    const struct value in[BINDS_meta_get] = {[BIND_meta_get_name] = value_text(str_of(fact.name))};
    struct value out[GIVES_meta_get];
    return db_one(tx, SQL_meta_get, in, arena, out);
}

/* How many of the facts are readable and how many damaged, one after the other in one job. */
struct tally {
    int read;
    int damaged;
    int writes;
};

static enum fault read_all(struct db_tx *tx, void *context)
{
    struct tally *tally = context;
    struct arena *arena = NULL;
    enum fault fault;
    TRY(arena_open(1 << 20, &arena));
    for (long i = 0; i < LONG_FACTS; i++) {
        fault = get_long(tx, arena, i);
        if (fault == FAULT_NONE)
            tally->read++;
        else if (fault == FAULT_CORRUPT)
            tally->damaged++;
        else
            goto done;
    }
    fault = FAULT_NONE;
done:
    arena_close(arena);
    return fault;
}

static enum fault read_long(struct db_tx *tx, void *context)
{
    struct arena *arena = NULL;
    enum fault fault;
    TRY(arena_open(1 << 20, &arena));
    fault = get_long(tx, arena, *(long *)context);
done:
    arena_close(arena);
    return fault;
}

static void case_71_a_damaged_page_refuses_only_what_stands_on_it(void **state)
{
    (void)state;
    char path[400];
    struct tally tally = {0};
    open_db(PATIENCE_US);
    assert_int_equal(db_write(db, DB_FOREGROUND, put_long, NULL), FAULT_NONE);
    (void)postgres_execute(connection, "CHECKPOINT");
    size_t size_bytes = 0;
    char *rows = postgres_rows(connection, "SELECT pg_relation_filepath('meta')", &size_bytes);
    (void)snprintf(path, sizeof path, "%.*s", (int)(size_bytes - sizeof(uint64_t)), rows + sizeof(uint64_t));
    free(rows);
    postgres_stop();
    damage_page(path, 2);
    postgres_start();
    assert_int_equal(db_read(db, read_all, &tally), FAULT_NONE);
    assert_int_equal(tally.read + tally.damaged, LONG_FACTS);
    assert_in_range(tally.damaged, 1, 10);
    tally = (struct tally){0};
    long number = 0;
    while (db_read(db, read_long, &number) == FAULT_NONE)
        number++;
    assert_int_equal(db_read(db, read_long, &number), FAULT_CORRUPT);
    assert_non_null(strstr(fault_last_note(), "damaged"));
    assert_int_equal(db_write(db, DB_FOREGROUND, read_long, &number), FAULT_CORRUPT);
    assert_int_equal(db_write(db, DB_FOREGROUND, read_all, &tally),
                     FAULT_CORRUPT); /* given up at the first */
    struct fact fact = fact_of("fact", 1);
    assert_int_equal(db_write(db, DB_FOREGROUND, fact_put, &fact), FAULT_NONE);
}

static void a_value_that_cannot_be_is_corrupt(void **state)
{
    (void)state;
    struct fact fact = fact_of("fact", 1);
    open_db(PATIENCE_US);
    assert_int_equal(db_write(db, DB_FOREGROUND, fact_put, &fact), FAULT_NONE);
    (void)postgres_execute(connection, "ALTER TABLE meta ALTER COLUMN content DROP NOT NULL");
    (void)postgres_execute(connection, "UPDATE meta SET content = NULL");
    assert_int_equal(db_read(db, fact_get, &fact), FAULT_CORRUPT);
    (void)postgres_execute(connection, "UPDATE meta SET content = 'content'");
    assert_true(fact_is_kept(db, fact));
    (void)postgres_execute(connection, "ALTER TABLE meta ALTER COLUMN content TYPE bytea USING '\\x00'");
    assert_int_equal(db_read(db, fact_get, &fact), FAULT_SCHEMA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(case_65_killed_under_load_nothing_acknowledged_is_lost, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(case_65_standing_still_it_is_busy_and_then_goes_on, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_cluster_that_is_down_is_busy, set_up, tear_down),
        cmocka_unit_test_setup_teardown(case_71_a_damaged_page_refuses_only_what_stands_on_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_value_that_cannot_be_is_corrupt, set_up, tear_down),
    };
    postgres_or_skip();
    log_to(-1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
