/* PostgreSQL beside SQLite, past both drivers: the migrations make the same tables on both, every statement
 * is understood as it is declared, and COPY carries what INSERT and SELECT would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>
#include <sqlite3.h>

/* after the four that it needs */
#include <cmocka.h>

#include "postgres.h"
#include "store/statement.h"

enum { LINES_MAX = 2000, LINE_BYTES_MAX = 400, BINDS_MAX = 64, COPY_BYTES_MAX = 65536, ID_BYTES = 16 };

/* pg_type.dat */
static const Oid types[] = {[VALUE_INT] = 20, [VALUE_BYTES] = 17, [VALUE_TEXT] = 25};

static sqlite3 *sqlite;
static PGconn *postgres;
static const char *connection;

static void expect(PGresult *result, ExecStatusType status)
{
    if (PQresultStatus(result) != status)
        fail_msg("%s%s", PQresultErrorMessage(result), PQerrorMessage(postgres));
    PQclear(result);
}

static int open_both(void **state)
{
    (void)state;
    connection = postgres_fresh();
    postgres = PQconnectdb(connection);
    assert_int_equal(PQstatus(postgres), CONNECTION_OK);
    assert_int_equal(sqlite3_open(":memory:", &sqlite), SQLITE_OK);
    for (size_t i = 0; i < sql_migration_count; i++) {
        expect(PQexec(postgres, sql_migrations[i].postgres), PGRES_COMMAND_OK);
        assert_int_equal(sqlite3_exec(sqlite, sql_migrations[i].sqlite, NULL, NULL, NULL), SQLITE_OK);
    }
    return 0;
}

static int close_both(void **state)
{
    (void)state;
    sqlite3_close(sqlite);
    PQfinish(postgres);
    postgres_drop(connection);
    return 0;
}

struct lines {
    char at[LINES_MAX][LINE_BYTES_MAX];
    size_t count;
};

static void add_line(struct lines *lines, const char *line)
{
    assert_true(lines->count < LINES_MAX && strlen(line) < LINE_BYTES_MAX);
    memcpy(lines->at[lines->count++], line, strlen(line) + 1);
}

static void ask_sqlite(const char *query, struct lines *lines)
{
    sqlite3_stmt *rows = NULL;
    assert_int_equal(sqlite3_prepare_v2(sqlite, query, -1, &rows, NULL), SQLITE_OK);
    while (sqlite3_step(rows) == SQLITE_ROW)
        add_line(lines, (const char *)sqlite3_column_text(rows, 0));
    sqlite3_finalize(rows);
}

static void ask_postgres(const char *query, struct lines *lines)
{
    PGresult *result = PQexec(postgres, query);
    for (int i = 0; i < PQntuples(result); i++)
        add_line(lines, PQgetvalue(result, i, 0));
    expect(result, PGRES_TUPLES_OK);
}

/* Fails with the first line that is not in both. */
static void assert_same(const struct lines *in_sqlite, const struct lines *in_postgres)
{
    for (size_t i = 0; i < in_sqlite->count || i < in_postgres->count; i++) {
        const char *first = i < in_sqlite->count ? in_sqlite->at[i] : "nothing";
        const char *second = i < in_postgres->count ? in_postgres->at[i] : "nothing";
        if (strcmp(first, second) != 0)
            fail_msg("SQLite has `%s` where PostgreSQL has `%s`", first, second);
    }
    assert_true(in_sqlite->count > 0);
}

/* table.column type, in the order of the columns */
static const char sqlite_columns[] = "SELECT t.name || '.' || c.name || "
                                     "  CASE c.type WHEN 'BIGINT' THEN ' int' WHEN 'BLOB' THEN ' bytes' WHEN "
                                     "'TEXT' THEN ' text' ELSE c.type END || "
                                     "  CASE WHEN c.\"notnull\" THEN ' not null' ELSE '' END || "
                                     "  CASE WHEN c.dflt_value IS NOT NULL THEN ' default' ELSE '' END "
                                     "FROM sqlite_schema AS t, pragma_table_info(t.name) AS c "
                                     "WHERE t.type = 'table' ORDER BY t.name, c.cid";
static const char postgres_columns[] =
    "SELECT t.relname || '.' || c.attname || "
    "  CASE format_type(c.atttypid, c.atttypmod) WHEN 'bigint' THEN ' int' WHEN 'bytea' THEN ' bytes' "
    "  WHEN 'text' THEN ' text' ELSE format_type(c.atttypid, c.atttypmod) END || "
    "  CASE WHEN c.attcollation NOT IN (0, 'pg_catalog.\"C\"'::regcollation) THEN ' not by its bytes' ELSE "
    "'' END || "
    "  CASE WHEN c.attnotnull THEN ' not null' ELSE '' END || "
    "  CASE WHEN c.atthasdef THEN ' default' ELSE '' END "
    "FROM pg_class AS t JOIN pg_attribute AS c ON c.attrelid = t.oid "
    "WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind IN ('r', 'p') "
    "  AND c.attnum > 0 AND NOT c.attisdropped "
    "ORDER BY t.relname COLLATE \"C\", c.attnum";

static void both_have_the_same_columns(void **state)
{
    (void)state;
    static struct lines in_sqlite;
    static struct lines in_postgres;
    ask_sqlite(sqlite_columns, &in_sqlite);
    ask_postgres(postgres_columns, &in_postgres);
    assert_same(&in_sqlite, &in_postgres);
}

/* key, unique or index: table (columns) */
static const char sqlite_keys[] =
    "SELECT CASE WHEN i.origin = 'pk' THEN 'key' WHEN i.\"unique\" THEN 'unique' ELSE 'index' END || ': ' || "
    "t.name "
    "  || ' (' || (SELECT group_concat(c.name, ', ') FROM pragma_index_info(i.name) AS c) || ')' || "
    "  CASE WHEN i.partial THEN ' partial' ELSE '' END AS line "
    "FROM sqlite_schema AS t, pragma_index_list(t.name) AS i WHERE t.type = 'table' ORDER BY line";
static const char postgres_keys[] =
    "SELECT line FROM (SELECT CASE WHEN i.indisprimary THEN 'key' WHEN i.indisunique THEN 'unique' ELSE "
    "'index' END "
    "  || ': ' || t.relname || ' (' || (SELECT string_agg(c.attname, ', ' ORDER BY k.place) "
    "    FROM unnest(i.indkey) WITH ORDINALITY AS k (number, place) "
    "    JOIN pg_attribute AS c ON c.attrelid = t.oid AND c.attnum = k.number) || ')' || "
    "  CASE WHEN i.indpred IS NOT NULL THEN ' partial' ELSE '' END AS line "
    "FROM pg_index AS i JOIN pg_class AS t ON t.oid = i.indrelid "
    "WHERE t.relnamespace = current_schema()::regnamespace) AS l ORDER BY line COLLATE \"C\"";

static void both_have_the_same_keys(void **state)
{
    (void)state;
    static struct lines in_sqlite;
    static struct lines in_postgres;
    ask_sqlite(sqlite_keys, &in_sqlite);
    ask_postgres(postgres_keys, &in_postgres);
    assert_same(&in_sqlite, &in_postgres);
}

static const char sqlite_foreign_keys[] =
    "SELECT t.name || ' to ' || f.\"table\" AS line FROM sqlite_schema AS t, pragma_foreign_key_list(t.name) "
    "AS f "
    "WHERE t.type = 'table' AND f.seq = 0 UNION ALL SELECT 'that is all' ORDER BY line";
static const char postgres_foreign_keys[] =
    "SELECT line FROM (SELECT t.relname || ' to ' || o.relname AS line FROM pg_constraint AS f "
    "  JOIN pg_class AS t ON t.oid = f.conrelid JOIN pg_class AS o ON o.oid = f.confrelid "
    "  WHERE f.contype = 'f' AND t.relnamespace = current_schema()::regnamespace "
    "UNION ALL SELECT 'that is all') AS l ORDER BY line COLLATE \"C\"";

/* Tables, what belongs to them, and nothing that happens by itself. */
static void both_have_nothing_else(void **state)
{
    (void)state;
    static struct lines in_sqlite;
    static struct lines in_postgres;
    ask_sqlite(sqlite_foreign_keys, &in_sqlite);
    ask_postgres(postgres_foreign_keys, &in_postgres);
    assert_same(&in_sqlite, &in_postgres);
    assert_int_equal(
        postgres_number(connection, "SELECT count(*) FROM pg_class WHERE relnamespace = "
                                    "current_schema()::regnamespace AND relkind NOT IN ('r', 'p', 'i', 't')"),
        0);
    assert_int_equal(postgres_number(connection,
                                     "SELECT count(*) FROM pg_trigger AS g JOIN pg_class AS t ON t.oid = "
                                     "g.tgrelid WHERE NOT g.tgisinternal AND t.relnamespace = "
                                     "current_schema()::regnamespace"),
                     0);
}

static int compare_described(const struct sql_statement *statement, const PGresult *described)
{
    if ((size_t)PQnparams(described) != statement->bind_count ||
        (size_t)PQnfields(described) != statement->give_count) {
        print_error("%s takes %d and gives %d\n", statement->name, PQnparams(described),
                    PQnfields(described));
        return 1;
    }
    int problems = 0;
    for (int i = 0; i < PQnfields(described); i++) {
        if (PQftype(described, i) == types[statement->gives[i].kind])
            continue;
        print_error("%s gives %s as type %u\n", statement->name, statement->gives[i].name,
                    PQftype(described, i));
        problems++;
    }
    return problems;
}

static void postgres_takes_every_statement_as_it_is_declared(void **state)
{
    (void)state;
    int problems = 0;
    for (size_t i = 1; i < STATEMENTS_END; i++) {
        const struct sql_statement *statement = &sql_statements[i];
        Oid binds[BINDS_MAX] = {0};
        for (size_t j = 0; j < statement->bind_count; j++)
            binds[j] = types[statement->binds[j].kind];
        PGresult *result = PQprepare(postgres, "", statement->postgres, (int)statement->bind_count, binds);
        if (PQresultStatus(result) != PGRES_COMMAND_OK) {
            print_error("%s: %s", statement->name, PQresultErrorMessage(result));
            problems++;
        }
        PQclear(result);
        result = PQdescribePrepared(postgres, "");
        if (PQresultStatus(result) == PGRES_COMMAND_OK)
            problems += compare_described(statement, result);
        PQclear(result);
    }
    assert_int_equal(problems, 0);
}

/* Bytes of COPY in binary, as PostgreSQL's manual has it under COPY. */
struct copy {
    char at[COPY_BYTES_MAX];
    size_t len;
};

static const char signature[19] = "PGCOPY\n\377\r\n";

static void put(struct copy *copy, const void *at, size_t len)
{
    assert_true(copy->len + len <= sizeof copy->at);
    memcpy(copy->at + copy->len, at, len);
    copy->len += len;
}

static void put_number(struct copy *copy, uint64_t number, size_t len)
{
    for (size_t i = 0; i < len; i++)
        put(copy, &(char){(char)(number >> (8 * (len - 1 - i)))}, 1);
}

/* What a test binds: the number 7, or this id. */
static const char some_id[] = "ABCDEFGHIJKLMNOP";

static void put_bind(struct copy *copy, enum value_kind kind)
{
    if (kind == VALUE_INT) {
        put_number(copy, 8, 4);
        put_number(copy, 7, 8);
    } else {
        put_number(copy, ID_BYTES, 4);
        put(copy, some_id, ID_BYTES);
    }
}

static void copy_in(const struct sql_statement *statement)
{
    static struct copy copy;
    copy.len = 0;
    put(&copy, signature, sizeof signature);
    put_number(&copy, statement->copy_column_count, 2);
    for (size_t i = 0; i < statement->copy_column_count; i++) {
        const struct sql_copy_column *column = &statement->copy_columns[i];
        if (column->source == COPY_NULL) {
            put_number(&copy, UINT32_MAX, 4);
        } else if (column->source == COPY_INT) {
            put_number(&copy, 8, 4);
            put_number(&copy, (uint64_t)column->number, 8);
        } else {
            put_bind(&copy, statement->binds[column->bind].kind);
        }
    }
    put_number(&copy, UINT16_MAX, 2);
    expect(PQexec(postgres, statement->copy_in), PGRES_COPY_IN);
    assert_int_equal(PQputCopyData(postgres, copy.at, (int)copy.len), 1);
    assert_int_equal(PQputCopyEnd(postgres, NULL), 1);
    expect(PQgetResult(postgres), PGRES_COMMAND_OK);
    assert_null(PQgetResult(postgres));
}

static void insert(const struct sql_statement *statement)
{
    const char *values[BINDS_MAX];
    int sizes[BINDS_MAX];
    int formats[BINDS_MAX];
    Oid oids[BINDS_MAX];
    for (size_t i = 0; i < statement->bind_count; i++) {
        bool is_int = statement->binds[i].kind == VALUE_INT;
        values[i] = is_int ? "7" : some_id;
        sizes[i] = ID_BYTES;
        formats[i] = is_int ? 0 : 1;
        oids[i] = types[statement->binds[i].kind];
    }
    expect(PQexecParams(postgres, statement->postgres, (int)statement->bind_count, oids, values, sizes,
                        formats, 0),
           PGRES_COMMAND_OK);
}

/* The only row of the table that an INSERT names. */
static void read_row(const struct sql_statement *statement, struct lines *ret_row)
{
    char table[64] = "";
    char query[256];
    assert_int_equal(sscanf(statement->postgres, "INSERT INTO %63s", table), 1);
    (void)snprintf(query, sizeof query, "SELECT CAST(t AS TEXT) FROM %s AS t", table);
    ret_row->count = 0;
    ask_postgres(query, ret_row);
    assert_int_equal(ret_row->count, 1);
}

static void copy_brings_the_row_that_insert_would(void **state)
{
    (void)state;
    static struct lines copied;
    static struct lines inserted;
    size_t seen = 0;
    for (size_t i = 1; i < STATEMENTS_END; i++) {
        const struct sql_statement *statement = &sql_statements[i];
        if (statement->copy_in == NULL)
            continue;
        expect(PQexec(postgres, "BEGIN"), PGRES_COMMAND_OK);
        copy_in(statement);
        read_row(statement, &copied);
        expect(PQexec(postgres, "ROLLBACK; BEGIN"), PGRES_COMMAND_OK);
        insert(statement);
        read_row(statement, &inserted);
        expect(PQexec(postgres, "ROLLBACK"), PGRES_COMMAND_OK);
        assert_string_equal(copied.at[0], inserted.at[0]);
        seen++;
    }
    assert_true(seen >= 4);
}

/* Runs a bulk read whose bytes are bound to `first`, `second` … in turn; returns how many rows it gave. */
static size_t copy_out(const struct sql_statement *statement, const char *const *bytes)
{
    static struct copy text;
    static struct copy rows;
    text.len = rows.len = 0;
    for (size_t i = 0; i < statement->copy_piece_count; i++) {
        put(&text, statement->copy_pieces[i].text, strlen(statement->copy_pieces[i].text));
        size_t bind = statement->copy_pieces[i].bind;
        if (i + 1 == statement->copy_piece_count)
            break;
        if (statement->binds[bind].kind == VALUE_INT)
            put(&text, "-7", 2);
        else
            put(&text, bytes[bind], strlen(bytes[bind]));
    }
    put(&text, "", 1);
    PGresult *result = PQexec(postgres, text.at);
    assert_int_equal(PQnfields(result), statement->give_count);
    expect(result, PGRES_COPY_OUT);
    char *piece = NULL;
    int len;
    while ((len = PQgetCopyData(postgres, &piece, 0)) > 0) {
        put(&rows, piece, (size_t)len);
        PQfreemem(piece);
    }
    expect(PQgetResult(postgres), PGRES_COMMAND_OK);
    assert_null(PQgetResult(postgres));
    assert_memory_equal(rows.at, signature, sizeof signature);
    size_t count = 0;
    size_t at = sizeof signature;
    while (at + 2 < rows.len) {
        at += 2;
        for (size_t i = 0; i < statement->give_count; i++) {
            uint32_t size = (uint32_t)(unsigned char)rows.at[at] << 24 |
                            (uint32_t)(unsigned char)rows.at[at + 1] << 16 |
                            (uint32_t)(unsigned char)rows.at[at + 2] << 8 | (unsigned char)rows.at[at + 3];
            at += 4 + (size == UINT32_MAX ? 0 : size);
        }
        count++;
    }
    return count;
}

static void copy_gives_the_rows_that_select_would(void **state)
{
    (void)state;
    static const char low[] = "4142434445464748494a4b4c4d4e4f50"; /* some_id */
    static const char high[] = "4142434445464748494a4b4c4d4e4f51";
    static const char none[] = "00";
    const char *const anything[BINDS_MAX] = {none, none, none, none};
    for (size_t i = 1; i < STATEMENTS_END; i++) {
        if (sql_statements[i].copy_piece_count > 0)
            assert_int_equal(copy_out(&sql_statements[i], anything), 0);
    }
    expect(PQexec(postgres, "BEGIN"), PGRES_COMMAND_OK);
    copy_in(&sql_statements[SQL_child_insert]);
    copy_in(&sql_statements[SQL_child_key_insert]);
    const struct sql_statement *all = &sql_statements[SQL_child_all];
    assert_int_equal(copy_out(all, (const char *const[]){low, high}), 1);
    assert_int_equal(copy_out(all, (const char *const[]){none, low}), 0);
    assert_int_equal(copy_out(all, (const char *const[]){high, "ff"}), 0);
    expect(PQexec(postgres, "ROLLBACK"), PGRES_COMMAND_OK);
}

int main(void)
{
    postgres_or_skip();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_have_the_same_columns),
        cmocka_unit_test(both_have_the_same_keys),
        cmocka_unit_test(both_have_nothing_else),
        cmocka_unit_test(postgres_takes_every_statement_as_it_is_declared),
        cmocka_unit_test(copy_brings_the_row_that_insert_would),
        cmocka_unit_test(copy_gives_the_rows_that_select_would),
    };
    return cmocka_run_group_tests(tests, open_both, close_both);
}
