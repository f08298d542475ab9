/* Running a packed statement: binding by name, reading rows, checking both against what the block declares.
 */
#include "store/statement.h"
#include "store/sqlite.h"

static enum fault prepared_of(struct connection *connection, enum statement statement,
                              sqlite3_stmt **ret_prepared)
{
    must(statement > SQL_NONE && statement < STATEMENTS_END);
    sqlite3_stmt **slot = &connection->prepared[statement];
    if (*slot == NULL) {
        const struct sql_statement *packed = &sql_statements[statement];
        must(packed->sqlite != NULL);
        int code =
            sqlite3_prepare_v3(connection->sqlite, packed->sqlite, -1, SQLITE_PREPARE_PERSISTENT, slot, NULL);
        if ((code & 0xff) == SQLITE_ERROR)
            return fault_note(FAULT_SCHEMA,
                              "the database lacks a table or column: it is not of this program's version");
        enum fault fault = connection_fault(code);
        if (fault != FAULT_NONE)
            return fault;
        must(sqlite3_column_count(*slot) == (int)packed->give_count);
    }
    must(connection->writes || sqlite3_stmt_readonly(*slot));
    *ret_prepared = *slot;
    return FAULT_NONE;
}

static int bind_value(sqlite3_stmt *prepared, int place, const struct value *value,
                      sqlite3_destructor_type lifetime)
{
    static const char nothing[1] = "";
    const void *at = value->bytes.len == 0 ? (const void *)nothing : (const void *)value->bytes.at;
    switch (value->kind) {
    case VALUE_INT:
        return sqlite3_bind_int64(prepared, place, value->number);
    case VALUE_BYTES:
        return sqlite3_bind_blob64(prepared, place, at, value->bytes.len, lifetime);
    case VALUE_TEXT:
        return sqlite3_bind_text64(prepared, place, at, value->bytes.len, lifetime, SQLITE_UTF8);
    case VALUE_NULL:
        return sqlite3_bind_null(prepared, place);
    case VALUE_UNSET:
        break;
    }
    must(!"a value of a kind");
    return SQLITE_MISUSE;
}

static enum fault bind(sqlite3_stmt *prepared, enum statement statement, const struct value *in,
                       sqlite3_destructor_type lifetime)
{
    const struct sql_statement *packed = &sql_statements[statement];
    for (size_t i = 0; i < packed->bind_count; i++) {
        int code = bind_value(prepared, (int)i + 1, &in[i], lifetime);
        if (code != SQLITE_OK)
            return connection_fault(code);
    }
    return FAULT_NONE;
}

/* Forgets what was bound, so that nothing borrowed outlives the call. */
static void rest(sqlite3_stmt *prepared)
{
    sqlite3_reset(prepared);
    sqlite3_clear_bindings(prepared);
}

/* A stored value of another kind than the schema's is damage: SQLite would have kept it from being written.
 */
static enum fault read_column(sqlite3_stmt *prepared, int column, const struct sql_field *field,
                              struct value *ret_value)
{
    static const uint8_t nothing[1] = {0};
    int type = sqlite3_column_type(prepared, column);
    if (type == SQLITE_NULL && field->nullable) {
        *ret_value = value_null();
        return FAULT_NONE;
    }
    if (type == SQLITE_INTEGER && field->kind == VALUE_INT) {
        *ret_value = value_int(sqlite3_column_int64(prepared, column));
        return FAULT_NONE;
    }
    struct bytes bytes = {.at = NULL};
    if (type == SQLITE_BLOB && field->kind == VALUE_BYTES)
        bytes.at = sqlite3_column_blob(prepared, column);
    else if (type == SQLITE_TEXT && field->kind == VALUE_TEXT)
        bytes.at = sqlite3_column_text(prepared, column);
    else
        return fault_note(FAULT_CORRUPT,
                          "a stored value is of another kind than its column: restore the last backup");
    bytes.len = (size_t)sqlite3_column_bytes(prepared, column);
    if (bytes.at == NULL && bytes.len > 0)
        return fault_note(FAULT_MEMORY, "SQLite could get no memory");
    if (bytes.len == 0)
        bytes.at = nothing;
    *ret_value = (struct value){.kind = field->kind, .bytes = bytes};
    return FAULT_NONE;
}

static enum fault read_row(sqlite3_stmt *prepared, enum statement statement, struct value *out)
{
    const struct sql_statement *packed = &sql_statements[statement];
    for (size_t i = 0; i < packed->give_count; i++) {
        enum fault fault = read_column(prepared, (int)i, &packed->gives[i], &out[i]);
        if (fault != FAULT_NONE)
            return fault;
    }
    return FAULT_NONE;
}

static struct connection *connection_of(struct db_tx *tx)
{
    return ((struct sqlite_tx *)tx)->connection;
}

struct sqlite_tx sqlite_tx_of(struct connection *connection, int lane)
{
    return (struct sqlite_tx){.base = {.driver = &sqlite_driver, .lane = lane}, .connection = connection};
}

enum fault sqlite_run(struct db_tx *tx, enum statement statement, const struct value *in,
                      int64_t *ret_changes)
{
    sqlite3_stmt *prepared = NULL;
    enum fault fault = prepared_of(connection_of(tx), statement, &prepared);
    if (fault != FAULT_NONE)
        return fault;
    must(sql_statements[statement].give_count == 0);
    TRY(bind(prepared, statement, in, SQLITE_STATIC));
    TRY(connection_fault(sqlite3_step(prepared)));
    if (ret_changes != NULL)
        *ret_changes = sqlite3_changes64(connection_of(tx)->sqlite);
done:
    rest(prepared);
    return fault;
}

enum fault sqlite_run_many(struct db_tx *tx, enum statement statement, const struct value *in, size_t count)
{
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < count; i++)
        TRY(sqlite_run(tx, statement, in + i * sql_statements[statement].bind_count, NULL));
done:
    return fault;
}

/* Moves a row's borrowed bytes into the arena. */
static enum fault keep_row(struct arena *arena, enum statement statement, struct value *row)
{
    for (size_t i = 0; i < sql_statements[statement].give_count; i++) {
        if (row[i].kind != VALUE_BYTES && row[i].kind != VALUE_TEXT)
            continue;
        struct str copy;
        enum fault fault = arena_copy(arena, str_of_bytes(row[i].bytes), &copy);
        if (fault != FAULT_NONE)
            return fault;
        row[i].bytes = bytes_of(copy);
    }
    return FAULT_NONE;
}

enum { COLUMNS_MAX = 64 };

enum fault sqlite_one(struct db_tx *tx, enum statement statement, const struct value *in, struct arena *arena,
                      struct value *out)
{
    struct value row[COLUMNS_MAX];
    const size_t give_count = sql_statements[statement].give_count;
    must(give_count > 0 && give_count <= COLUMNS_MAX);
    sqlite3_stmt *prepared = NULL;
    enum fault fault = prepared_of(connection_of(tx), statement, &prepared);
    if (fault != FAULT_NONE)
        return fault;
    TRY(bind(prepared, statement, in, SQLITE_STATIC));
    int code = sqlite3_step(prepared);
    TRY(connection_fault(code));
    if (code == SQLITE_DONE) {
        fault = FAULT_ABSENT;
        goto done;
    }
    TRY(read_row(prepared, statement, row));
    TRY(keep_row(arena, statement, row));
    code = sqlite3_step(prepared);
    TRY(connection_fault(code));
    must(code == SQLITE_DONE); /* at most one row */
    memcpy(out, row, give_count * sizeof row[0]);
done:
    rest(prepared);
    return fault;
}

enum fault sqlite_query(struct db_tx *tx, enum statement statement, const struct value *in,
                        struct db_rows **ret_rows)
{
    sqlite3_stmt *prepared = NULL;
    enum fault fault = prepared_of(connection_of(tx), statement, &prepared);
    if (fault != FAULT_NONE)
        return fault;
    struct sqlite_tx *own = (struct sqlite_tx *)tx;
    struct sqlite_rows *rows = &own->connection->rows[statement];
    must(!rows->open);
    must(sql_statements[statement].give_count > 0);
    /* Rows outlive this call, so SQLite keeps copies of what is bound. */
    TRY(bind(prepared, statement, in, SQLITE_TRANSIENT));
    int code = sqlite3_step(prepared);
    TRY(connection_fault(code));
    *rows = (struct sqlite_rows){.base = {.driver = &sqlite_driver},
                                 .tx = own,
                                 .prepared = prepared,
                                 .statement = statement,
                                 .open = true};
    rows->first = code == SQLITE_ROW;
    rows->ended = code == SQLITE_DONE;
    own->rows_open++;
    *ret_rows = &rows->base;
    return FAULT_NONE;
done:
    rest(prepared);
    return fault;
}

bool sqlite_next(struct db_rows *base, struct value *out)
{
    struct sqlite_rows *rows = (struct sqlite_rows *)base;
    must(rows->open);
    if (rows->ended)
        return false;
    if (!rows->first) {
        int code = sqlite3_step(rows->prepared);
        rows->fault = connection_fault(code);
        rows->ended = code != SQLITE_ROW;
    }
    rows->first = false;
    if (!rows->ended) {
        rows->fault = read_row(rows->prepared, rows->statement, out);
        rows->ended = rows->fault != FAULT_NONE;
    }
    return !rows->ended;
}

enum fault sqlite_rows_close(struct db_rows *base)
{
    struct sqlite_rows *rows = (struct sqlite_rows *)base;
    must(rows->open);
    rows->open = false;
    rows->tx->rows_open--;
    rest(rows->prepared);
    return rows->fault;
}
