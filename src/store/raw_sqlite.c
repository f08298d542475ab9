/* SQLite past the packed statements. */
#include "store/raw_driver.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "store/sqlite.h"

struct raw_sqlite {
    struct raw base;
    sqlite3 *sqlite;
};

static sqlite3 *sqlite_of(struct raw *raw)
{
    return ((struct raw_sqlite *)raw)->sqlite;
}

static void close_raw(struct raw *raw)
{
    sqlite3_close(sqlite_of(raw));
    free(raw);
}

static enum fault told(struct raw *raw, int code)
{
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE)
        return FAULT_NONE;
    raw_keep(raw, sqlite3_errmsg(sqlite_of(raw)));
    if ((code & 0xff) == SQLITE_ERROR)
        return fault_note(FAULT_SCHEMA, "SQLite does not take the statement");
    return connection_fault(code);
}

static int bind(sqlite3_stmt *prepared, int place, const struct value *value)
{
    static const char nothing[1] = "";
    const void *at = value->bytes.len == 0 ? (const void *)nothing : (const void *)value->bytes.at;
    switch (value->kind) {
    case VALUE_INT:
        return sqlite3_bind_int64(prepared, place, value->number);
    case VALUE_BYTES:
        return sqlite3_bind_blob64(prepared, place, at, value->bytes.len, SQLITE_STATIC);
    case VALUE_TEXT:
        return sqlite3_bind_text64(prepared, place, at, value->bytes.len, SQLITE_STATIC, SQLITE_UTF8);
    case VALUE_NULL:
    case VALUE_UNSET:
        break;
    }
    return sqlite3_bind_null(prepared, place);
}

static void put_column(struct buffer *text, sqlite3_stmt *prepared)
{
    const char *at = (const char *)sqlite3_column_text(prepared, 0);
    if (at != NULL)
        buffer_put(text, str_of(at));
}

static enum fault run(struct raw *raw, const char *sql, const struct value *in, size_t count,
                      struct buffer *text, int64_t *ret_rows)
{
    sqlite3_stmt *prepared = NULL;
    int64_t rows = 0;
    int code = SQLITE_OK;
    enum fault fault;
    TRY(told(raw, sqlite3_prepare_v2(sqlite_of(raw), sql, -1, &prepared, NULL)));
    for (size_t i = 0; i < count; i++)
        TRY(told(raw, bind(prepared, (int)i + 1, &in[i])));
    for (; (code = sqlite3_step(prepared)) == SQLITE_ROW; rows++) {
        if (rows == 0 && text != NULL)
            put_column(text, prepared);
    }
    TRY(told(raw, code));
    *ret_rows = sqlite3_column_count(prepared) > 0 ? rows : sqlite3_changes64(sqlite_of(raw));
done:
    sqlite3_finalize(prepared);
    return fault;
}

static enum fault script(struct raw *raw, const char *sql)
{
    return told(raw, sqlite3_exec(sqlite_of(raw), sql, NULL, NULL, NULL));
}

static enum fault prepare(struct raw *raw, const char *sql)
{
    sqlite3_stmt *prepared = NULL;
    enum fault fault = told(raw, sqlite3_prepare_v2(sqlite_of(raw), sql, -1, &prepared, NULL));
    sqlite3_finalize(prepared);
    return fault;
}

enum fault raw_sqlite_open(const char *path, bool writes, struct raw **ret_raw)
{
    static const struct raw_driver driver = {close_raw, run, script, prepare};
    struct stat status;
    if (stat(path, &status) != 0 || (S_ISREG(status.st_mode) && status.st_size == 0))
        return fault_note(FAULT_ABSENT, "there is no database at this path: check it");
    struct raw_sqlite *raw = calloc(1, sizeof *raw);
    if (raw == NULL)
        return FAULT_MEMORY;
    raw->base.driver = &driver;
    int flags = (writes ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(path, &raw->sqlite, flags, NULL);
    if (code != SQLITE_OK) {
        close_raw(&raw->base);
        return connection_fault(code);
    }
    (void)sqlite3_busy_timeout(raw->sqlite, 1000);
    *ret_raw = &raw->base;
    return FAULT_NONE;
}
