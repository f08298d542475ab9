#include "engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

/* after the four that it needs */
#include <cmocka.h>

#include "postgres.h"

enum { PATHS_MAX = 64, PATH_BYTES_MAX = 256, LITERAL_BYTES_MAX = 64, SQL_BYTES_MAX = 512 };

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

bool engine_is_postgres(void)
{
    return postgres_wanted();
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
        return postgres_execute(engine_connection(path), sql);
    return step_to_end(prepare(path, sql));
}

int64_t engine_run_with(const char *path, const char *sql, const void *bytes, size_t size_bytes)
{
    if (postgres_wanted())
        return postgres_execute_with(engine_connection(path), sql, bytes, size_bytes);
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

static void put_values(FILE *to, sqlite3_stmt *statement)
{
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
        const void *value = sqlite3_column_blob(statement, i);
        uint64_t size = (uint64_t)sqlite3_column_bytes(statement, i);
        assert_int_equal(fwrite(&size, sizeof size, 1, to), 1);
        if (size > 0)
            assert_int_equal(fwrite(value, 1, size, to), size);
    }
}

void *engine_rows(const char *path, const char *sql, size_t *ret_size_bytes)
{
    if (postgres_wanted())
        return postgres_rows(engine_connection(path), sql, ret_size_bytes);
    char *rows = NULL;
    FILE *to = open_memstream(&rows, ret_size_bytes);
    sqlite3_stmt *statement = prepare(path, sql);
    int step;
    assert_non_null(to);
    while ((step = sqlite3_step(statement)) == SQLITE_ROW)
        put_values(to, statement);
    assert_int_equal(step, SQLITE_DONE);
    finish(statement);
    assert_int_equal(fclose(to), 0);
    return rows;
}

void engine_value(const char *path, const char *sql, void *ret_value, size_t size_bytes)
{
    uint64_t found;
    size_t all;
    char *rows = engine_rows(path, sql, &all);
    assert_int_equal(all, sizeof found + size_bytes);
    memcpy(&found, rows, sizeof found);
    assert_int_equal(found, size_bytes);
    memcpy(ret_value, rows + sizeof found, size_bytes);
    free(rows);
}

const char *engine_literal(const void *bytes, size_t size_bytes)
{
    static char literal[2 * LITERAL_BYTES_MAX + 4];
    const uint8_t *at = bytes;
    assert_true(size_bytes <= LITERAL_BYTES_MAX);
    int len = snprintf(literal, sizeof literal, "%s", postgres_wanted() ? "'\\x" : "x'");
    for (size_t i = 0; i < size_bytes; i++)
        len += snprintf(literal + len, sizeof literal - (size_t)len, "%02x", at[i]);
    (void)snprintf(literal + len, sizeof literal - (size_t)len, "'");
    return literal;
}

void engine_flip(const char *path, const struct engine_cell *cell)
{
    char sql[SQL_BYTES_MAX];
    uint64_t size;
    size_t all;
    (void)snprintf(sql, sizeof sql, "SELECT %s FROM %s WHERE %s", cell->column, cell->table, cell->where);
    uint8_t *rows = engine_rows(path, sql, &all);
    assert_true(all > sizeof size);
    memcpy(&size, rows, sizeof size);
    assert_int_equal(all, sizeof size + size);
    assert_true(cell->at < size);
    rows[sizeof size + cell->at] ^= 4;
    (void)snprintf(sql, sizeof sql, "UPDATE %s SET %s = $1 WHERE %s", cell->table, cell->column, cell->where);
    assert_int_equal(engine_run_with(path, sql, rows + sizeof size, size), 1);
    free(rows);
}

/* Nothing where there is no such file. */
static void put_file(FILE *to, const char *path)
{
    static char piece[65536];
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return;
    for (size_t got; (got = fread(piece, 1, sizeof piece, file)) > 0;)
        assert_int_equal(fwrite(piece, 1, got, to), got);
    (void)fclose(file);
}

void *engine_resting(const char *path, size_t *ret_size_bytes)
{
    if (postgres_wanted())
        return postgres_resting(engine_connection(path), ret_size_bytes);
    char *resting = NULL, log[PATH_BYTES_MAX];
    FILE *to = open_memstream(&resting, ret_size_bytes);
    assert_non_null(to);
    (void)snprintf(log, sizeof log, "%s-wal", path);
    put_file(to, path);
    put_file(to, log);
    assert_int_equal(fclose(to), 0);
    return resting;
}
