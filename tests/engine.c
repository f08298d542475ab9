#include "engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

/* after the four that it needs */
#include <cmocka.h>

#include "postgres.h"

enum { PATHS_MAX = 64, PATH_BYTES_MAX = 256 };

static struct known {
    char path[PATH_BYTES_MAX];
    const char *connection;
} known[PATHS_MAX];

/* "" finds a free place. */
static struct known *find(const char *path)
{
    for (size_t i = 0; i < PATHS_MAX; i++) {
        if (strcmp(known[i].path, path) == 0)
            return &known[i];
    }
    return NULL;
}

const char *engine_connection(const char *path)
{
    if (!postgres_wanted())
        return path;
    struct known *place = find(path);
    if (place != NULL)
        return place->connection;
    place = find("");
    assert_non_null(place);
    place->connection = postgres_fresh_local();
    int len = snprintf(place->path, sizeof place->path, "%s", path);
    assert_true(len > 0 && (size_t)len < sizeof place->path);
    return place->connection;
}

void engine_forget(const char *path)
{
    struct known *place = find(path);
    if (!postgres_wanted() || place == NULL)
        return;
    postgres_drop(place->connection);
    *place = (struct known){.path = ""};
}

static sqlite3_stmt *prepare(const char *path, const char *sql)
{
    sqlite3 *raw = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open(path, &raw), SQLITE_OK);
    /* The one writer of the program under test is who writes checkpoints. */
    (void)sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    (void)sqlite3_busy_timeout(raw, 5000);
    if (sqlite3_prepare_v2(raw, sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(raw));
    return statement;
}

static void finish(sqlite3_stmt *statement)
{
    sqlite3 *raw = sqlite3_db_handle(statement);
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    assert_int_equal(sqlite3_close(raw), SQLITE_OK);
}

static int64_t step_to_end(sqlite3_stmt *statement)
{
    if (sqlite3_step(statement) != SQLITE_DONE)
        fail_msg("%s", sqlite3_errmsg(sqlite3_db_handle(statement)));
    int64_t changes = sqlite3_changes(sqlite3_db_handle(statement));
    finish(statement);
    return changes;
}

int64_t engine_run(const char *path, const char *sql)
{
    if (postgres_wanted())
        return postgres_run(engine_connection(path), sql);
    return step_to_end(prepare(path, sql));
}

int64_t engine_run_with(const char *path, const char *sql, const void *bytes, size_t size_bytes)
{
    if (postgres_wanted())
        return postgres_run_with(engine_connection(path), sql, bytes, size_bytes);
    sqlite3_stmt *statement = prepare(path, sql);
    assert_int_equal(sqlite3_bind_blob(statement, 1, bytes, (int)size_bytes, SQLITE_TRANSIENT), SQLITE_OK);
    return step_to_end(statement);
}

int64_t engine_number(const char *path, const char *sql)
{
    if (postgres_wanted())
        return postgres_number(engine_connection(path), sql);
    sqlite3_stmt *statement = prepare(path, sql);
    if (sqlite3_step(statement) != SQLITE_ROW)
        fail_msg("%s", sqlite3_errmsg(sqlite3_db_handle(statement)));
    int64_t number = sqlite3_column_int64(statement, 0);
    finish(statement);
    return number;
}
