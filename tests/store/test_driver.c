/* What both drivers promise: jobs, values, rows, numbers, leases.  Run on each engine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "scratch.h"

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

static void what_is_written_is_read_and_outlives_closing(void **state)
{
    (void)state;
    struct fact fact = fact_of("fact", 1);
    assert_false(fact_is_kept(db, fact));
    assert_int_equal(db_write(db, DB_FOREGROUND, fact_put, &fact), FAULT_NONE);
    assert_true(fact_is_kept(db, fact));
    db_close(db);
    db = scratch_open(&scratch);
    assert_true(fact_is_kept(db, fact));
}

static void a_job_that_fails_leaves_nothing(void **state)
{
    (void)state;
    struct fact fact = fact_of("fact", 1);
    fact.answer = FAULT_CONFLICT;
    assert_int_equal(db_write(db, DB_FOREGROUND, fact_put, &fact), FAULT_CONFLICT);
    assert_false(fact_is_kept(db, fact));
}

static enum fault note_and_fail(struct db_tx *tx, void *context)
{
    (void)tx;
    (void)context;
    return fault_note(FAULT_INVALID, "a note from within the job");
}

static void a_note_comes_back_to_the_caller(void **state)
{
    (void)state;
    assert_int_equal(db_write(db, DB_FOREGROUND, note_and_fail, NULL), FAULT_INVALID);
    assert_string_equal(fault_last_note(), "a note from within the job");
    assert_int_equal(db_read(db, note_and_fail, NULL), FAULT_INVALID);
    assert_string_equal(fault_last_note(), "a note from within the job");
}

static enum fault add_migration_zero(struct db_tx *tx, void *context)
{
    int64_t *changes = context;
    static const uint8_t checksum[1] = {7};
    const struct value in[BINDS_migration_add] = {
        [BIND_migration_add_number] = value_int(0),
        [BIND_migration_add_checksum] = value_bytes((struct bytes){checksum, 0}),
        [BIND_migration_add_applied_us] = value_int(1),
    };
    return db_run(tx, SQL_migration_add, in, changes);
}

static void a_key_twice_is_a_duplicate(void **state)
{
    (void)state;
    int64_t changes = 0;
    assert_int_equal(db_write(db, DB_FOREGROUND, add_migration_zero, &changes), FAULT_DUPLICATE);
    assert_int_equal(db_write(db, DB_FOREGROUND, add_migration_zero, NULL), FAULT_DUPLICATE);
}

static enum fault list_migrations(struct db_tx *tx, void *context)
{
    int *count = context;
    struct db_rows *rows = NULL;
    struct value row[GIVES_migration_list];
    enum fault fault;
    TRY(db_query(tx, SQL_migration_list, NULL, &rows));
    while (db_next(rows, row)) {
        assert_int_equal(row[GIVE_migration_list_number].number, *count);
        assert_int_equal(row[GIVE_migration_list_checksum].bytes.len, 32);
        (*count)++;
    }
    assert_false(db_next(rows, row));
done:
    return fault == FAULT_NONE ? db_rows_close(rows) : fault;
}

static void rows_come_in_order_and_end(void **state)
{
    (void)state;
    int count = 0;
    assert_int_equal(db_read(db, list_migrations, &count), FAULT_NONE);
    assert_true(count >= 3);
    count = 0;
    assert_int_equal(db_write(db, DB_FOREGROUND, list_migrations, &count), FAULT_NONE);
    assert_true(count >= 3);
}

/* While rows stand open other statements run, the same rows go on, and the one given last can still be read.
 */
static enum fault ask_between_rows(struct db_tx *tx, void *context)
{
    int *count = context;
    struct db_rows *rows = NULL;
    struct value row[GIVES_migration_list];
    struct fact fact = fact_of("between", 1);
    int inner = 0;
    enum fault fault;
    TRY(db_query(tx, SQL_migration_list, NULL, &rows));
    while (db_next(rows, row)) {
        const struct bytes checksum = row[GIVE_migration_list_checksum].bytes;
        uint8_t before[32];
        assert_int_equal(checksum.len, sizeof before);
        memcpy(before, checksum.at, sizeof before);
        assert_int_equal(fact_get(tx, &fact), FAULT_ABSENT);
        assert_memory_equal(checksum.at, before, sizeof before);
        assert_int_equal(row[GIVE_migration_list_number].number, *count);
        (*count)++;
    }
    fault = db_rows_close(rows);
    if (fault == FAULT_NONE)
        fault = list_migrations(tx, &inner);
    assert_int_equal(inner, *count);
done:
    return fault;
}

static enum fault close_at_once(struct db_tx *tx, void *context)
{
    struct db_rows *rows = NULL;
    enum fault fault;
    TRY(db_query(tx, SQL_migration_list, NULL, &rows));
    TRY(db_rows_close(rows));
    fault = list_migrations(tx, context);
done:
    return fault;
}

static void rows_stand_open_while_others_are_asked(void **state)
{
    (void)state;
    int count = 0;
    assert_int_equal(db_read(db, ask_between_rows, &count), FAULT_NONE);
    assert_true(count >= 3);
    count = 0;
    assert_int_equal(db_write(db, DB_FOREGROUND, ask_between_rows, &count), FAULT_NONE);
    assert_true(count >= 3);
    count = 0;
    assert_int_equal(db_read(db, close_at_once, &count), FAULT_NONE);
    assert_true(count >= 3);
}

/* Rows of one statement for many parameters, and read in bulk. */
struct plan {
    int64_t sequence;
    int64_t count;
    int64_t first;
    bool ask_between;
    size_t read;
};

enum { PLAN_ROWS_MAX = 3000, PLAN_SEALED_BYTES = 50 };

static enum fault put_plan(struct db_tx *tx, void *context)
{
    static struct value in[PLAN_ROWS_MAX][BINDS_batch_plan_insert];
    static uint8_t sealed[PLAN_SEALED_BYTES];
    const struct plan *plan = context;
    memset(sealed, 0xa5, sizeof sealed);
    for (int64_t i = 0; i < plan->count; i++) {
        in[i][BIND_batch_plan_insert_source] = value_int(INT64_MIN);
        in[i][BIND_batch_plan_insert_sequence] = value_int(plan->sequence);
        in[i][BIND_batch_plan_insert_row_number] = value_int(plan->first + i);
        in[i][BIND_batch_plan_insert_sealed] =
            value_bytes((struct bytes){sealed, (size_t)((plan->first + i) % PLAN_SEALED_BYTES)});
    }
    return db_run_many(tx, SQL_batch_plan_insert, in[0], (size_t)plan->count);
}

static enum fault read_plan(struct db_tx *tx, void *context)
{
    static bool seen[PLAN_ROWS_MAX];
    struct plan *plan = context;
    struct db_rows *rows = NULL;
    struct value row[GIVES_batch_plan_all];
    struct fact fact = fact_of("between", 1);
    const struct value in[BINDS_batch_plan_all] = {
        [BIND_batch_plan_all_source] = value_int(INT64_MIN),
        [BIND_batch_plan_all_sequence] = value_int(plan->sequence),
    };
    enum fault fault;
    memset(seen, 0, sizeof seen);
    plan->read = 0;
    TRY(db_query(tx, SQL_batch_plan_all, in, &rows));
    while (db_next(rows, row)) {
        const int64_t number = row[GIVE_batch_plan_all_row_number].number;
        assert_in_range(number, 0, PLAN_ROWS_MAX - 1);
        assert_false(seen[number]);
        seen[number] = true;
        assert_int_equal(row[GIVE_batch_plan_all_sealed].bytes.len, number % PLAN_SEALED_BYTES);
        plan->read++;
        if (plan->ask_between && plan->read == 5)
            assert_int_equal(fact_get(tx, &fact), FAULT_ABSENT);
    }
    fault = db_rows_close(rows);
done:
    return fault;
}

static void many_rows_go_in_and_come_out(void **state)
{
    (void)state;
    static const int64_t counts[] = {0, 1, 3, 100, PLAN_ROWS_MAX};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct plan plan = {.sequence = (int64_t)i, .count = counts[i]};
        assert_int_equal(db_write(db, DB_FOREGROUND, put_plan, &plan), FAULT_NONE);
        assert_int_equal(db_read(db, read_plan, &plan), FAULT_NONE);
        assert_int_equal(plan.read, counts[i]);
        plan.ask_between = true;
        assert_int_equal(db_read(db, read_plan, &plan), FAULT_NONE);
        assert_int_equal(plan.read, counts[i]);
        assert_int_equal(db_write(db, DB_FOREGROUND, read_plan, &plan), FAULT_NONE);
        assert_int_equal(plan.read, counts[i]);
    }
}

static void many_rows_are_kept_together_or_not(void **state)
{
    (void)state;
    struct plan last = {.sequence = 1, .first = 999, .count = 1};
    assert_int_equal(db_write(db, DB_FOREGROUND, put_plan, &last), FAULT_NONE);
    struct plan few = {.sequence = 1, .first = 996, .count = 4};
    struct plan many = {.sequence = 1, .count = 1000};
    assert_int_equal(db_write(db, DB_FOREGROUND, put_plan, &few), FAULT_DUPLICATE);
    assert_int_equal(db_write(db, DB_FOREGROUND, put_plan, &many), FAULT_DUPLICATE);
    assert_int_equal(db_read(db, read_plan, &last), FAULT_NONE);
    assert_int_equal(last.read, 1);
    many.count = 999;
    assert_int_equal(db_write(db, DB_FOREGROUND, put_plan, &many), FAULT_NONE);
    assert_int_equal(db_read(db, read_plan, &many), FAULT_NONE);
    assert_int_equal(many.read, 1000);
}

/* Values at their edges. */
static enum fault put_values(struct db_tx *tx, void *context)
{
    (void)context;
    static const uint8_t id[16] = {0, 1, 0xff};
    const struct value in[BINDS_child_insert] = {
        [BIND_child_insert_child_id] = value_bytes((struct bytes){id, sizeof id}),
        [BIND_child_insert_state] = value_int(INT64_MAX),
        [BIND_child_insert_shield] = value_int(INT64_MIN),
        [BIND_child_insert_authority] = value_null(),
        [BIND_child_insert_linkage] = value_bytes((struct bytes){NULL, 0}),
    };
    const struct value key[BINDS_child_key_insert] = {
        [BIND_child_key_insert_child_id] = value_bytes((struct bytes){id, sizeof id}),
        [BIND_child_key_insert_wrapped] = value_bytes((struct bytes){id, 3}),
    };
    enum fault fault;
    TRY(db_run(tx, SQL_child_insert, in, NULL));
    TRY(db_run(tx, SQL_child_key_insert, key, NULL));
done:
    return fault;
}

static enum fault get_values(struct db_tx *tx, void *context)
{
    (void)context;
    static const uint8_t id[16] = {0, 1, 0xff};
    const struct value in[BINDS_child_get] = {[BIND_child_get_child_id] =
                                                  value_bytes((struct bytes){id, sizeof id})};
    struct value out[GIVES_child_get];
    struct arena *arena = NULL;
    enum fault fault;
    TRY(arena_open(4096, &arena));
    TRY(db_one(tx, SQL_child_get, in, arena, out));
    assert_int_equal(out[GIVE_child_get_state].number, INT64_MAX);
    assert_int_equal(out[GIVE_child_get_shield].number, INT64_MIN);
    assert_int_equal(out[GIVE_child_get_authority].kind, VALUE_NULL);
    assert_int_equal(out[GIVE_child_get_linkage].kind, VALUE_BYTES);
    assert_int_equal(out[GIVE_child_get_linkage].bytes.len, 0);
    assert_int_equal(out[GIVE_child_get_wrapped].bytes.len, 3);
    assert_memory_equal(out[GIVE_child_get_wrapped].bytes.at, id, 3);
done:
    arena_close(arena);
    return fault;
}

static enum fault put_text(struct db_tx *tx, void *context)
{
    const struct value in[BINDS_meta_put] = {
        [BIND_meta_put_name] = value_text(STR("")),
        [BIND_meta_put_content] = value_text(*(const struct str *)context),
    };
    int64_t changes = 0;
    enum fault fault = db_run(tx, SQL_meta_put, in, &changes);
    assert_int_equal(changes, 1);
    return fault;
}

static enum fault get_text(struct db_tx *tx, void *context)
{
    const struct str *text = context;
    const struct value in[BINDS_meta_get] = {[BIND_meta_get_name] = value_text(STR(""))};
    struct value out[GIVES_meta_get];
    struct arena *arena = NULL;
    enum fault fault;
    TRY(arena_open(4096, &arena));
    TRY(db_one(tx, SQL_meta_get, in, arena, out));
    assert_true(str_equal(str_of_bytes(out[GIVE_meta_get_content].bytes), *text));
done:
    arena_close(arena);
    return fault;
}

static void values_come_back_as_they_went(void **state)
{
    (void)state;
    struct str text = STR("Siân 🐑 '\"\\ $1");
    assert_int_equal(db_write(db, DB_FOREGROUND, put_values, NULL), FAULT_NONE);
    assert_int_equal(db_read(db, get_values, NULL), FAULT_NONE);
    assert_int_equal(db_write(db, DB_FOREGROUND, put_text, &text), FAULT_NONE);
    assert_int_equal(db_read(db, get_text, &text), FAULT_NONE);
}

/* A lane numbers densely what it keeps. */
struct numbered {
    int lane;
    uint64_t number;
    enum fault answer;
};

static enum fault take_number(struct db_tx *tx, void *context)
{
    struct numbered *numbered = context;
    numbered->lane = db_lane(tx);
    numbered->number = db_number_next(tx, DB_SERIES_ENTRY);
    return numbered->answer;
}

static void numbers_are_dense_in_each_lane(void **state)
{
    (void)state;
    uint64_t last[DB_LANES_MAX] = {0};
    for (int i = 0; i < 40; i++) {
        struct numbered numbered = {.answer = i % 3 == 0 ? FAULT_CONFLICT : FAULT_NONE};
        assert_int_equal(db_write(db, DB_FOREGROUND, take_number, &numbered), numbered.answer);
        assert_in_range(numbered.lane, 0, db_lanes(db) - 1);
        assert_int_equal(numbered.number, last[numbered.lane] + 1);
        if (numbered.answer == FAULT_NONE)
            last[numbered.lane]++;
    }
    const struct db_counts counts = db_counts(db);
    assert_int_equal(counts.jobs, 40);
    assert_int_equal(counts.rerun, 0);
}

struct holding {
    uint8_t holder[16];
    int64_t for_us;
    int64_t fence;
};

static enum fault take_lease(struct db_tx *tx, void *context)
{
    struct holding *holding = context;
    const struct value in[BINDS_lease_take] = {
        [BIND_lease_take_name] = value_text(STR("test")),
        [BIND_lease_take_holder] = value_bytes((struct bytes){holding->holder, sizeof holding->holder}),
        [BIND_lease_take_for_us] = value_int(holding->for_us),
    };
    struct value out[GIVES_lease_take];
    struct arena *arena = NULL;
    enum fault fault;
    TRY(arena_open(4096, &arena));
    TRY(db_one(tx, SQL_lease_take, in, arena, out));
    holding->fence = out[GIVE_lease_take_fence].number;
done:
    arena_close(arena);
    return fault;
}

static void a_lease_has_one_holder_and_a_rising_fence(void **state)
{
    (void)state;
    struct holding first = {.holder = {1}, .for_us = 3600 * 1000000LL};
    struct holding second = {.holder = {2}, .for_us = 3600 * 1000000LL};
    assert_int_equal(db_write(db, DB_FOREGROUND, take_lease, &first), FAULT_NONE);
    assert_int_equal(first.fence, 1);
    assert_int_equal(db_write(db, DB_FOREGROUND, take_lease, &second), FAULT_ABSENT);
    first.for_us = 0; /* its own still, and over at once */
    assert_int_equal(db_write(db, DB_FOREGROUND, take_lease, &first), FAULT_NONE);
    assert_int_equal(first.fence, 1);
    usleep(2000); /* SQLite's clock counts milliseconds */
    assert_int_equal(db_write(db, DB_FOREGROUND, take_lease, &second), FAULT_NONE);
    assert_int_equal(second.fence, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_is_read_and_outlives_closing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_job_that_fails_leaves_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_note_comes_back_to_the_caller, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_key_twice_is_a_duplicate, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rows_come_in_order_and_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rows_stand_open_while_others_are_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_rows_go_in_and_come_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_rows_are_kept_together_or_not, set_up, tear_down),
        cmocka_unit_test_setup_teardown(values_come_back_as_they_went, set_up, tear_down),
        cmocka_unit_test_setup_teardown(numbers_are_dense_in_each_lane, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_lease_has_one_holder_and_a_rising_fence, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
