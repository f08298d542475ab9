/* `store check`: a good engine passes, a crippled one is found out, and nothing stays behind. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "postgres.h"
#include "scratch.h"
#include "store/check.h"
#include "store/raw.h"

enum { SEEN_BYTES_MAX = 1024 * 1024, VERDICTS_END = CHECK_FAILS + 1 };

static struct scratch scratch;
static const char *connection;

/* What a check has told. */
struct told {
    int groups[VERDICTS_END];
    int figures;
    int polls_left;    /* before it is stopped; 0: never */
    const char *until; /* stopped when this has been said; NULL: never */
    bool heard;        /* it has */
    struct buffer seen;
};

/* In memory where there is such a folder: many small files are made, and no power fails. */
static int set_up(void **state)
{
    (void)state;
    (void)setenv("TMPDIR", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", 1);
    scratch = scratch_make();
    connection = postgres_wanted() ? postgres_fresh_local() : scratch.database;
    return setenv("TMPDIR", scratch.folder, 1);
}

static int tear_down(void **state)
{
    (void)state;
    if (postgres_wanted())
        postgres_drop(connection);
    (void)unsetenv("TMPDIR");
    scratch_remove(&scratch);
    return 0;
}

static void hear_engine(void *context, struct str name)
{
    (void)context;
    assert_true(name.len > 0);
}

static void hear_result(void *context, const struct check_result *result)
{
    struct told *told = context;
    told->groups[result->verdict]++;
    assert_int_equal(result->verdict == CHECK_PASSES, result->follows == NULL);
    if (result->verdict > CHECK_WARNS)
        buffer_put(&told->seen, str_of(result->title));
    if (result->verdict > CHECK_WARNS)
        buffer_put_char(&told->seen, '\n');
    buffer_put(&told->seen, result->seen);
    told->heard = told->until != NULL && told->seen.len > 0 &&
                  memmem(told->seen.at, told->seen.len, told->until, strlen(told->until)) != NULL;
}

static void hear_figure(void *context, const char *name, double value, const char *unit)
{
    (void)name, (void)unit;
    assert_true(value >= 0);
    ((struct told *)context)->figures++;
}

static bool is_to_stop(void *context)
{
    struct told *told = context;
    return told->heard || (told->polls_left > 0 && --told->polls_left == 0);
}

/* Files other than `kept`, and schemas of a check. */
static void assert_nothing_is_left(const char *kept)
{
    DIR *folder = opendir(scratch.folder);
    assert_non_null(folder);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] != '.' && (kept == NULL || strcmp(entry->d_name, kept) != 0))
            fail_msg("%s is left", entry->d_name);
    }
    (void)closedir(folder);
    if (postgres_wanted())
        assert_int_equal(postgres_number(NULL, "SELECT count(*) FROM pg_namespace WHERE nspname LIKE "
                                               "'contactpoint\\_check\\_%'"),
                         0);
}

static enum fault run(const char *where, const char *placement, struct told *told,
                      enum check_verdict *ret_verdict)
{
    const struct check_order order = {.connection = where,
                                      .placement = placement,
                                      .listener = {hear_engine, hear_result, hear_figure, is_to_stop, told}};
    told->seen = buffer_open(SEEN_BYTES_MAX);
    enum fault fault = store_check(&order, ret_verdict);
    buffer_put_char(&told->seen, '\0');
    assert_int_equal(buffer_fault(&told->seen), FAULT_NONE);
    return fault;
}

static void a_good_engine_passes(void **state)
{
    (void)state;
    struct told told = {.polls_left = 0};
    enum check_verdict verdict = CHECK_FAILS;
    enum fault fault = run(connection, NULL, &told, &verdict);
    if (fault != FAULT_NONE)
        fail_msg("%s: %s", fault_name(fault), fault_last_note());
    if (verdict > CHECK_WARNS)
        fail_msg("%s", told.seen.at);
    assert_int_equal(told.groups[CHECK_PASSES] + told.groups[CHECK_WARNS], 12);
    assert_true(told.figures >= 5);
    buffer_close(&told.seen);
    assert_nothing_is_left(NULL);
}

static void stopped_at_any_moment_nothing_is_left(void **state)
{
    (void)state;
    /* In its first groups, among the statements, and at what comes behind them. */
    const int statements = 4 * (STATEMENTS_END - 1);
    const int moments[] = {1, 2, 3, 40, statements / 2, statements + 5, statements + 12};
    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
        struct told told = {.polls_left = moments[i]};
        enum check_verdict verdict = CHECK_FAILS;
        assert_int_equal(run(connection, NULL, &told, &verdict), FAULT_CANCELLED);
        assert_int_equal(verdict, CHECK_FAILS);
        buffer_close(&told.seen);
        assert_nothing_is_left(NULL);
    }
}

/* What an engine might do instead, and what must be said of it. */
struct cripple {
    const char *script;
    const char *says;
};

static const struct cripple of_sqlite[] = {
    {"DROP TABLE house_key; CREATE TABLE house_key (name TEXT NOT NULL PRIMARY KEY COLLATE NOCASE, wrapped "
     "BLOB "
     "NOT NULL);",
     "texts: different keys are taken for the same"},
    {"DROP TABLE house_key; CREATE TABLE house_key (name TEXT NOT NULL PRIMARY KEY, wrapped BLOB);",
     "house_key.wrapped: a row without it is taken"},
    {"DROP TABLE account; CREATE TABLE account (account_id BLOB NOT NULL PRIMARY KEY, name_tag BLOB NOT "
     "NULL, "
     "organisation_id BLOB, state BIGINT NOT NULL, version BIGINT NOT NULL, failures BIGINT NOT NULL, sealed "
     "BLOB NOT NULL, used_day BIGINT);",
     "account. name_tag : a second row with the same of is taken"},
    {"DROP TABLE child_key; CREATE TABLE child_key (child_id BLOB NOT NULL, wrapped BLOB NOT NULL);",
     "child_key: a second row with the same key is taken"},
    {"CREATE TABLE other (a); DROP TABLE other; CREATE UNIQUE INDEX other ON claim (version);",
     "claim: a row with all that may be empty left empty: UNIQUE"},
    {"this is no statement", "the script of --placement: near \"this\""},
};

static const struct cripple of_postgres[] = {
    {"ALTER TABLE child ALTER COLUMN linkage DROP NOT NULL", "child.linkage: a row without it is taken"},
    {"ALTER TABLE account DROP CONSTRAINT account_name_tag_key",
     "account. name_tag : a second row with the same of is taken"},
    {"ALTER TABLE child_key DROP CONSTRAINT child_key_pkey",
     "child_key: a second row with the same key is taken"},
    {"ALTER TABLE house_key ALTER COLUMN name TYPE TEXT COLLATE \"und-x-icu\"", "in another order"},
    {"CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.wrapped = substr(NEW.wrapped, 1, "
     "8191); "
     "RETURN NEW; END'; CREATE TRIGGER cut BEFORE INSERT ON child_key FOR EACH ROW EXECUTE FUNCTION cut()",
     "bytes of all values, one by one: other than they went in"},
    {"CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER "
     "lose "
     "BEFORE UPDATE ON lease FOR EACH ROW EXECUTE FUNCTION lose()",
     "a role was lost before its time"},
    {"this is no statement", "the script of --placement: ERROR:  syntax error"},
};

static void a_crippled_engine_is_found_out(void **state)
{
    (void)state;
    const struct cripple *cripples = postgres_wanted() ? of_postgres : of_sqlite;
    size_t count = postgres_wanted() ? sizeof of_postgres / sizeof of_postgres[0]
                                     : sizeof of_sqlite / sizeof of_sqlite[0];
    for (size_t i = 0; i < count; i++) {
        struct told told = {.until = cripples[i].says};
        char script[2 * SCRATCH_PATH_BYTES];
        enum check_verdict verdict = CHECK_PASSES;
        scratch_write(&scratch, "script", cripples[i].script);
        (void)snprintf(script, sizeof script, "%s", scratch_path(&scratch, "script"));
        enum fault fault = run(connection, script, &told, &verdict);
        if (fault != FAULT_NONE && fault != FAULT_CANCELLED)
            fail_msg("%s: %s", fault_name(fault), fault_last_note());
        if (!told.heard)
            fail_msg("%s\n\n%s", cripples[i].script, told.seen.at);
        assert_true(told.groups[CHECK_LACKS] + told.groups[CHECK_FAILS] > 0);
        buffer_close(&told.seen);
        assert_nothing_is_left("script");
    }
}

static void assert_refused(const char *where, const char *placement, enum fault expected, const char *says)
{
    struct told told = {.polls_left = 0};
    enum check_verdict verdict = CHECK_PASSES;
    enum fault fault = run(where, placement, &told, &verdict);
    if (fault != expected || strstr(fault_last_note(), says) == NULL)
        fail_msg("%s: %s: %s", where, fault_name(fault), fault_last_note());
    for (int i = 0; i < VERDICTS_END; i++)
        assert_int_equal(told.groups[i], 0);
    buffer_close(&told.seen);
    assert_nothing_is_left(NULL);
}

static void what_cannot_be_tried_is_refused_in_one_line(void **state)
{
    (void)state;
    assert_refused("mysql://here/there", NULL, FAULT_INVALID, "of no known kind");
    assert_refused("sqlite:", NULL, FAULT_INVALID, "is empty");
    assert_refused("/nowhere/at/all.db", NULL, FAULT_STORAGE, "does not exist: make it");
    assert_refused("postgresql://127.0.0.1:1/none", NULL, FAULT_BUSY, "cannot be reached");
    assert_refused("postgresql://a:b@127.0.0.1/none", NULL, FAULT_INVALID, "passfile=PATH");
    assert_refused(connection, "/nowhere/at/all", FAULT_ABSENT, "--placement cannot be read");
}

/* What stands there stays, to the byte; an instance that is being served is not disturbed. */
static void what_stands_there_is_not_touched(void **state)
{
    (void)state;
    /* Every kind of writing has been done by then. */
    struct told told = {.polls_left = 4 * STATEMENTS_END};
    enum check_verdict verdict = CHECK_FAILS;
    struct fact fact = fact_of("fact", 1);
    struct db *db = NULL;
    assert_int_equal(
        db_open(
            &(struct db_settings){.connection = connection, .create = true, .readers = 1, .connections = 2},
            &db),
        FAULT_NONE);
    assert_int_equal(db_write(db, DB_FOREGROUND, fact_put, &fact), FAULT_NONE);
    assert_int_equal(run(connection, NULL, &told, &verdict), FAULT_CANCELLED);
    buffer_close(&told.seen);
    assert_true(fact_is_kept(db, fact));
    db_close(db);
    struct raw *raw = NULL;
    int64_t count = 0;
    assert_int_equal(raw_open(connection, false, &raw), FAULT_NONE);
    assert_int_equal(raw_number(raw, "SELECT count(*) FROM meta", &count), FAULT_NONE);
    assert_int_equal(count, 1);
    assert_int_equal(raw_number(raw, "SELECT count(*) FROM lease", &count), FAULT_NONE);
    raw_close(raw);
}

/* The same database as another user, who is made as `how` says. */
static const char *as_user(const char *name, const char *how)
{
    static char uri[2048];
    char sql[256];
    const char *role = strstr(connection, "contactpoint@");
    assert_non_null(role);
    (void)snprintf(uri, sizeof uri, "%.*s%s%s", (int)(role - connection), connection, name,
                   role + strlen("contactpoint"));
    (void)snprintf(sql, sizeof sql, "CREATE ROLE %s LOGIN %s", name, how);
    (void)postgres_execute(NULL, sql);
    return uri;
}

static void a_user_without_rights_is_told_so(void **state)
{
    (void)state;
    if (!postgres_wanted())
        return;
    assert_refused(as_user("check_weak", ""), NULL, FAULT_REFUSED, "may make no schema");
    (void)postgres_execute(NULL, "DROP ROLE check_weak");
}

/* All else is tried with the connections that there are. */
static void too_few_connections_are_what_is_lacking(void **state)
{
    (void)state;
    struct told told = {.polls_left = 0};
    enum check_verdict verdict = CHECK_PASSES;
    if (!postgres_wanted())
        return;
    const char *uri = as_user("check_few", "CONNECTION LIMIT 6");
    (void)postgres_execute(NULL, "GRANT CREATE ON DATABASE contactpoint TO check_few");
    assert_int_equal(run(uri, NULL, &told, &verdict), FAULT_NONE);
    if (verdict != CHECK_LACKS || told.groups[CHECK_LACKS] != 1 || told.groups[CHECK_FAILS] != 0 ||
        strstr(told.seen.at, "8 connections: the database has no connection left") == NULL)
        fail_msg("%s", told.seen.at);
    buffer_close(&told.seen);
    assert_nothing_is_left(NULL);
    (void)postgres_execute(NULL, "REVOKE CREATE ON DATABASE contactpoint FROM check_few");
    (void)postgres_execute(NULL, "DROP ROLE check_few");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_good_engine_passes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stopped_at_any_moment_nothing_is_left, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_crippled_engine_is_found_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_tried_is_refused_in_one_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_stands_there_is_not_touched, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_user_without_rights_is_told_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(too_few_connections_are_what_is_lacking, set_up, tear_down),
    };
    log_to(-1);
    if (postgres_wanted())
        postgres_or_skip();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
