/* `store copy`: everything arrives, whatever interrupts it, and nothing else is taken for a target.
 * On PostgreSQL each test runs from SQLite to it, back, and from one schema to another. */
#include <setjmp.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "fault_vfs.h"
#include "postgres.h"
#include "scratch.h"
#include "store/copy_rows.h"
#include "store/raw.h"

enum {
    LEASE_US = 3000000,      /* longer than a busy machine lets a transaction stand still */
    SHORT_LEASE_US = 400000, /* where it is waited for after each kill */
    TRIES_MAX = 20,
    ROWS = 100,
    ROWS_MANY = 600,
    CLAIMS_MORE = 15,
    ROW_BYTES_MAX = 2000,
    KILLS = 24,
    DATABASES_MAX = 32
};

static struct scratch scratch;
static bool from_postgres, to_postgres;
static const char *from, *to;

/* What this test has made: schemas, or files of its folder. */
static struct database {
    char path[SCRATCH_PATH_BYTES];
    const char *schema; /* NULL: a file */
} databases[DATABASES_MAX];
static int database_count;

static const char *new_database(bool postgres)
{
    static int number;
    char name[32];
    assert_true(database_count < DATABASES_MAX);
    struct database *database = &databases[database_count++];
    database->schema = postgres ? postgres_fresh_local() : NULL;
    (void)snprintf(name, sizeof name, "%d.db", number++);
    (void)snprintf(database->path, sizeof database->path, "%s", scratch_path(&scratch, name));
    return postgres ? database->schema : database->path;
}

/* The one that was made last; files go with the folder. */
static void drop_database(void)
{
    const struct database *database = &databases[--database_count];
    if (database->schema != NULL)
        postgres_drop(database->schema);
}

/* In memory where there is such a folder: a kill takes nothing from it that it would not take from a disk. */
static int set_up(void **state)
{
    (void)state;
    (void)setenv("TMPDIR", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", 1);
    scratch = scratch_make();
    from = new_database(from_postgres);
    to = new_database(to_postgres);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fault_vfs_full_at_write(0);
    while (database_count > 0)
        drop_database();
    scratch_remove(&scratch);
    return 0;
}

static struct db *open_db(const char *connection)
{
    struct db *db = NULL;
    const struct db_settings settings = {
        .connection = connection, .create = true, .readers = 2, .connections = 3, .lease_us = LEASE_US};
    enum fault fault = db_open(&settings, &db);
    if (fault != FAULT_NONE)
        fail_msg("%s: %s", fault_name(fault), fault_last_note());
    return db;
}

/* Rows with everything in them that a column may hold; keys of all lengths and in no order. */
struct filling {
    struct stream stream;
    long rows;
    int table;
};

static struct value any_value(struct filling *filling, const struct sql_field *column, uint8_t *memory)
{
    static const char letters[] = "AZaz09 _\xc3\xa9\xe2\x82\xac";
    uint64_t dice = stream_below(&filling->stream, 8);
    size_t len = dice == 0 ? 0 : stream_below(&filling->stream, dice == 1 ? ROW_BYTES_MAX : 40);
    if (column->nullable && dice < 3)
        return value_null();
    if (column->kind == VALUE_INT)
        return value_int(dice == 0   ? INT64_MIN
                         : dice == 1 ? INT64_MAX
                                     : (int64_t)stream_next(&filling->stream) >> (dice * 6));
    if (column->kind == VALUE_BYTES) {
        for (size_t i = 0; i < len; i++)
            memory[i] = (uint8_t)stream_next(&filling->stream);
        return value_bytes((struct bytes){memory, len});
    }
    for (size_t i = 0; i < len; i++)
        memory[i] = (uint8_t)letters[stream_below(&filling->stream, 8)];
    if (dice == 7)
        len = sizeof letters - 1, memcpy(memory, letters, len);
    return value_text((struct str){(const char *)memory, len});
}

static enum fault fill_table(struct db_tx *tx, void *context)
{
    static uint8_t memory[COPY_COLUMNS_MAX][ROW_BYTES_MAX];
    struct filling *filling = context;
    const struct copy_table *table = &copy_tables[filling->table];
    const struct sql_table *schema = copy_schema(table);
    struct value row[COPY_COLUMNS_MAX];
    enum fault fault = FAULT_NONE;
    long rows = strcmp(table->name, "claim") == 0 ? filling->rows * CLAIMS_MORE : filling->rows;
    for (long i = 0; i < rows && fault == FAULT_NONE; i++) {
        for (size_t j = 0; j < schema->column_count; j++)
            row[j] = any_value(filling, &schema->columns[j], memory[j]);
        /* Keys and unique columns: different rows. */
        struct value *last = &row[schema->key[schema->key_count - 1]];
        if (last->kind == VALUE_INT)
            last->number = i % 2 == 0 ? INT64_MIN + i : INT64_MAX - i;
        else
            *last = (struct value){.kind = last->kind,
                                   .bytes = {memory[0], (size_t)snprintf((char *)memory[0], ROW_BYTES_MAX,
                                                                         "%ld.%ld", (i * 7919) % 100003, i)}};
        if (strcmp(table->name, "account") == 0)
            row[1] = row[0];
        fault = db_run(tx, table->write, row, NULL);
    }
    return fault;
}

static enum fault put_facts(struct db_tx *tx, void *context)
{
    const char *const *facts = *(const char *const **)context;
    enum fault fault = FAULT_NONE;
    for (; *facts != NULL && fault == FAULT_NONE; facts += 2) {
        const struct value in[BINDS_meta_put] = {[BIND_meta_put_name] = value_text(str_of(facts[0])),
                                                 [BIND_meta_put_content] = value_text(str_of(facts[1]))};
        fault = db_run(tx, SQL_meta_put, in, NULL);
    }
    return fault;
}

static const char *const whole[] = {"instance", "one", "demonstration", "no", "vault", "print", NULL};

static void fill(const char *connection, const char *const *facts, long rows)
{
    struct db *db = open_db(connection);
    struct filling filling = {.stream = stream_of((uint64_t)rows), .rows = rows};
    for (; filling.table < (int)copy_table_count; filling.table++) {
        if (copy_tables[filling.table].write != SQL_NONE)
            assert_int_equal(db_write(db, DB_FOREGROUND, fill_table, &filling), FAULT_NONE);
    }
    assert_int_equal(db_write(db, DB_FOREGROUND, put_facts, &facts), FAULT_NONE);
    db_close(db);
}

struct digest {
    uint8_t byte[crypto_hash_sha256_BYTES];
    int64_t rows;
};

static void add_value(crypto_hash_sha256_state *hash, const struct value *value)
{
    (void)crypto_hash_sha256_update(hash, (const uint8_t *)&value->kind, sizeof value->kind);
    (void)crypto_hash_sha256_update(hash, (const uint8_t *)&value->number, sizeof value->number);
    (void)crypto_hash_sha256_update(hash, (const uint8_t *)&value->bytes.len, sizeof value->bytes.len);
    if (value->bytes.len > 0)
        (void)crypto_hash_sha256_update(hash, value->bytes.at, value->bytes.len);
}

static enum fault digest_all(struct db_tx *tx, void *context)
{
    struct digest *digest = context;
    crypto_hash_sha256_state hash;
    (void)crypto_hash_sha256_init(&hash);
    digest->rows = 0;
    for (size_t i = 0; i < copy_table_count; i++) {
        const struct sql_table *schema = copy_schema(&copy_tables[i]);
        struct value key[COPY_COLUMNS_MAX], row[COPY_COLUMNS_MAX];
        struct db_rows *rows = NULL;
        copy_least(&copy_tables[i], key);
        assert_int_equal(db_query(tx, copy_tables[i].read, key, &rows), FAULT_NONE);
        for (; db_next(rows, row); digest->rows++)
            for (size_t j = 0; j < schema->column_count; j++)
                add_value(&hash, &row[j]);
        assert_int_equal(db_rows_close(rows), FAULT_NONE);
    }
    (void)crypto_hash_sha256_final(&hash, digest->byte);
    return FAULT_NONE;
}

static struct digest digest_of(const char *connection)
{
    struct digest digest;
    struct db *db = open_db(connection);
    assert_int_equal(db_read(db, digest_all, &digest), FAULT_NONE);
    db_close(db);
    return digest;
}

static void assert_same_digest(struct digest a, struct digest b)
{
    assert_int_equal(a.rows, b.rows);
    assert_memory_equal(a.byte, b.byte, sizeof a.byte);
}

static void hear_nothing(void *context, enum copy_phase phase, const char *table, int64_t rows)
{
    (void)context, (void)phase, (void)table, (void)rows;
}

static enum fault copy_under_lease(int64_t lease_us, const char *source, const char *target,
                                   struct copy_report *ret_report)
{
    const struct copy_order order = {
        .from = source, .to = target, .lease_us = lease_us, .listener = {.progress = hear_nothing}};
    return store_copy(&order, ret_report);
}

static enum fault copy_it(const char *source, const char *target, struct copy_report *ret_report)
{
    return copy_under_lease(LEASE_US, source, target, ret_report);
}

static void assert_copied(struct copy_report *report)
{
    enum fault fault = copy_it(from, to, report);
    if (fault != FAULT_NONE)
        fail_msg("%s: %s", fault_name(fault), fault_last_note());
}

static void assert_refused(enum fault expected, const char *says)
{
    struct copy_report report;
    enum fault fault = copy_it(from, to, &report);
    if (fault != expected || strstr(fault_last_note(), says) == NULL)
        fail_msg("%s: %s", fault_name(fault), fault_last_note());
}

static bool stands_in_copy_def(const char *name)
{
    static const char *const names[] = {
#define CARRY(table)      #table,
#define FINISH(table)     #table,
#define LEAVE(table, why) #table,
#include "store/copy.def"
#undef CARRY
#undef FINISH
#undef LEAVE
    };
    int found = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        found += strcmp(names[i], name) == 0;
    return found == 1;
}

static void assert_fields(const struct sql_field *field, const struct sql_field *column, const char *table)
{
    if (strcmp(field->name, column->name) != 0 || field->kind != column->kind ||
        field->nullable != column->nullable)
        fail_msg("%s.%s: run tools/copy-sql", table, column->name);
}

/* What a schema has gained since tools/copy-sql ran last would be lost on the way. */
static void every_table_and_column_is_carried_or_left_by_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < sql_table_count; i++) {
        if (!stands_in_copy_def(sql_tables[i].name))
            fail_msg("the table %s stands not once in src/store/copy.def", sql_tables[i].name);
    }
    for (size_t i = 0; i < copy_table_count; i++) {
        const struct copy_table *table = &copy_tables[i];
        const struct sql_table *schema = copy_schema(table);
        const struct sql_statement *read = &sql_statements[table->read];
        const struct sql_statement *write = &sql_statements[table->write];
        if (read->give_count != schema->column_count || read->bind_count != schema->key_count ||
            (table->write != SQL_NONE && write->bind_count != schema->column_count))
            fail_msg("%s: run tools/copy-sql", table->name);
        for (size_t j = 0; j < schema->column_count; j++) {
            assert_fields(&read->gives[j], &schema->columns[j], table->name);
            if (table->write != SQL_NONE)
                assert_fields(&write->binds[j], &schema->columns[j], table->name);
        }
        for (size_t j = 0; j < schema->key_count; j++)
            assert_fields(&read->binds[j], &schema->columns[schema->key[j]], table->name);
    }
}

static void everything_arrives_and_is_counted(void **state)
{
    (void)state;
    struct copy_report report;
    int64_t rows = 0, written = 0;
    fill(from, whole, ROWS);
    const struct digest before = digest_of(from);
    assert_copied(&report);
    for (size_t i = 0; i < report.count; i++) {
        rows += report.tables[i].rows;
        written += report.tables[i].written;
    }
    assert_int_equal(rows, before.rows);
    assert_int_equal(written, before.rows);
    assert_same_digest(digest_of(from), before);
    assert_same_digest(digest_of(to), before);
    assert_refused(FAULT_DUPLICATE, "holds an index already");
}

static void back_again_it_is_the_same(void **state)
{
    (void)state;
    struct copy_report report;
    const char *back = new_database(from_postgres);
    fill(from, whole, ROWS);
    assert_copied(&report);
    assert_int_equal(copy_it(to, back, &report), FAULT_NONE);
    assert_same_digest(digest_of(back), digest_of(from));
}

/* FAULT_DUPLICATE: the one before was killed between its end and its exit. */
static _Noreturn void copy_in_child(void)
{
    struct copy_report report;
    enum fault fault = copy_under_lease(SHORT_LEASE_US, from, to, &report);
    /* BUSY: the machine is slower than the lease; whoever copies next goes on. */
    _exit(fault == FAULT_NONE || fault == FAULT_DUPLICATE || fault == FAULT_BUSY ? 0 : (int)fault);
}

/* True where it was killed. */
static bool copy_and_kill(struct stream *stream, int64_t took_us)
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        copy_in_child();
    usleep((useconds_t)stream_below(stream, (uint64_t)took_us));
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFSIGNALED(status))
        assert_int_equal(WEXITSTATUS(status), 0);
    return WIFSIGNALED(status);
}

/* Past the program, so that nothing is made by looking. */
static bool is_marked(void)
{
    struct raw *raw = NULL;
    int64_t marks = 0;
    if (raw_open(to, false, &raw) == FAULT_NONE &&
        raw_number(raw, "SELECT count(*) FROM meta WHERE name = 'copying'", &marks) != FAULT_NONE)
        marks = 0; /* there is no table yet */
    raw_close(raw);
    return marks > 0;
}

static void run_raw(const char *connection, const char *sql)
{
    struct raw *raw = NULL;
    assert_int_equal(raw_open(connection, true, &raw), FAULT_NONE);
    if (raw_script(raw, sql) != FAULT_NONE)
        fail_msg("%s", raw_says(raw));
    raw_close(raw);
}

/* What one run has done, the next goes on with. */
static void killed_at_random_moments_it_goes_on_and_is_whole(void **state)
{
    (void)state;
    struct stream stream = stream_of(from_postgres * 2U + to_postgres);
    struct copy_report report;
    int kills = 0, resumed = 0;
    fill(from, whole, ROWS_MANY);
    const struct digest before = digest_of(from);
    int64_t began_us = clock_monotonic_us();
    assert_copied(&report);
    int64_t took_us = clock_monotonic_us() - began_us;
    while (kills < KILLS) {
        to = new_database(to_postgres);
        for (int i = 0; i < 4 && copy_and_kill(&stream, took_us); i++) {
            kills++;
            resumed += is_marked();
        }
        enum fault fault = FAULT_BUSY; /* also where a busy machine is slower than the lease */
        for (int i = 0; i < TRIES_MAX && fault == FAULT_BUSY; i++)
            fault = copy_under_lease(SHORT_LEASE_US, from, to, &report);
        if (fault != FAULT_DUPLICATE) /* it was killed behind its end */
            assert_int_equal(fault, FAULT_NONE);
        assert_false(is_marked());
        assert_same_digest(digest_of(to), before);
        drop_database();
    }
    assert_same_digest(digest_of(from), before);
    print_message("kills %d resumed %d\n", kills, resumed);
    assert_true(resumed > 0);
}

static void a_full_disk_stops_it_and_with_room_it_goes_on(void **state)
{
    (void)state;
    struct copy_report report;
    if (to_postgres) /* whose disk is filled by its own tests */
        return;
    fill(from, whole, ROWS);
    const struct digest before = digest_of(from);
    int failed = 0;
    for (int nth = 40;; nth *= 2) {
        to = new_database(false);
        fault_vfs_full_at_write(nth);
        enum fault fault = copy_it(from, to, &report);
        if (fault == FAULT_NONE)
            break;
        assert_int_equal(fault, FAULT_STORAGE);
        assert_non_null(strstr(fault_last_note(), "make room"));
        failed++;
        fault_vfs_full_at_write(0);
        assert_copied(&report);
        assert_same_digest(digest_of(to), before);
    }
    assert_true(failed > 2);
    assert_same_digest(digest_of(from), before);
}

/* Whole and compared, then said to be unfinished. */
static void copy_and_mark(void)
{
    struct copy_report report;
    fill(from, whole, ROWS);
    assert_copied(&report);
    run_raw(to, "DELETE FROM meta");
    run_raw(to, "INSERT INTO meta (name, content) VALUES ('copying', 'one')");
}

static void a_row_that_is_not_the_same_is_found(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "UPDATE claim SET version = version + 1 WHERE version BETWEEN 1 AND 1000000000",
        "UPDATE claim SET sealed = child_id WHERE superseded_month IS NULL",
        "UPDATE claim SET superseded_month = NULL WHERE superseded_month IS NOT NULL",
        "DELETE FROM claim WHERE version < 0",
        "INSERT INTO claim SELECT claim_id, claim_id, 1, 1, sealed FROM claim WHERE version < 0 LIMIT 1",
    };
    for (size_t i = 0; i < 2 * sizeof changes / sizeof changes[0]; i++) {
        struct copy_report report;
        if (i > 0) {
            (void)tear_down(NULL);
            (void)set_up(NULL);
        }
        copy_and_mark();
        run_raw(i % 2 == 0 ? to : from, changes[i / 2]);
        enum fault fault = copy_it(from, to, &report);
        if (fault == FAULT_NONE || report.differs == NULL || strcmp(report.differs, "claim") != 0)
            fail_msg("%zu: %s: %s", i, fault_name(fault), fault_last_note());
        assert_int_equal(fault, FAULT_CONFLICT);
        assert_true(is_marked());
    }
}

static void only_an_empty_target_is_taken(void **state)
{
    (void)state;
    static const char *const other[] = {"copying", "two", NULL};
    static const char *const none[] = {NULL};
    fill(from, whole, ROWS);
    fill(to, other, 0);
    assert_refused(FAULT_DUPLICATE, "the unfinished copy of another index");
    to = new_database(to_postgres);
    fill(to, none, 1);
    assert_refused(FAULT_DUPLICATE, "is not empty");
    to = new_database(to_postgres);
    fill(to, whole, 0);
    assert_refused(FAULT_DUPLICATE, "holds an index already");
}

static void only_a_whole_index_is_a_source(void **state)
{
    (void)state;
    static const char *const unfinished[] = {"copying", "one", NULL};
    static const char *const unmade[] = {"vault", "print", NULL};
    if (!from_postgres)
        assert_refused(FAULT_ABSENT, "there is no database at this path");
    fill(from, unmade, 1);
    assert_refused(FAULT_ABSENT, "there is no index in this database");
    fill(from, unfinished, 0);
    assert_refused(FAULT_CONFLICT, "itself an unfinished copy");
    assert_false(is_marked());
}

static void a_database_is_not_copied_onto_itself(void **state)
{
    (void)state;
    char other[2048];
    fill(from, whole, 1);
    const struct digest before = digest_of(from);
    to = from;
    assert_refused(FAULT_INVALID, "both are the same");
    (void)snprintf(other, sizeof other, "%s%s%s", from_postgres ? "" : "sqlite:", from,
                   from_postgres ? "&application_name=other" : "");
    to = other;
    assert_refused(FAULT_INVALID, "both are the same");
    assert_same_digest(digest_of(from), before);
}

static void both_must_be_of_this_version(void **state)
{
    (void)state;
    static const char older[] = "DELETE FROM migration WHERE number = (SELECT max(number) FROM migration)";
    static const char newer[] =
        "INSERT INTO migration (number, checksum, applied_us) SELECT 99, checksum, 0 FROM migration "
        "WHERE number = 0";
    static const char *const none[] = {NULL};
    fill(from, whole, 1);
    fill(to, none, 0);
    run_raw(to, newer);
    assert_refused(FAULT_SCHEMA, "newer than this program");
    run_raw(from, newer);
    assert_refused(FAULT_SCHEMA, "newer than this program");
    run_raw(from, "DELETE FROM migration WHERE number = 99");
    run_raw(from, older);
    assert_refused(FAULT_SCHEMA, "older version");
}

static void a_database_in_use_is_not_copied(void **state)
{
    (void)state;
    fill(from, whole, 1);
    struct db *db = NULL;
    const struct db_settings settings = {
        .connection = from, .readers = 1, .connections = 1, .lease_us = INT64_C(60) * 1000000};
    assert_int_equal(db_open(&settings, &db), FAULT_NONE);
    assert_refused(FAULT_BUSY,
                   from_postgres ? "a server has this database open" : "another contactpoint process");
    db_close(db);
    struct copy_report report;
    assert_copied(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_table_and_column_is_carried_or_left_by_name),
        cmocka_unit_test_setup_teardown(everything_arrives_and_is_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(back_again_it_is_the_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_an_empty_target_is_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_a_whole_index_is_a_source, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_database_is_not_copied_onto_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(both_must_be_of_this_version, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_database_in_use_is_not_copied, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_row_that_is_not_the_same_is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_disk_stops_it_and_with_room_it_goes_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(killed_at_random_moments_it_goes_on_and_is_whole, set_up, tear_down),
    };
    static const struct {
        bool from;
        bool to;
    } engines[] = {{false, true}, {true, false}, {true, true}};
    fault_vfs_register();
    log_to(-1);
    if (!postgres_wanted())
        return cmocka_run_group_tests(tests, NULL, NULL);
    postgres_or_skip();
    int failed = 0;
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
        from_postgres = engines[i].from;
        to_postgres = engines[i].to;
        failed += cmocka_run_group_tests(tests, NULL, NULL);
    }
    return failed;
}
