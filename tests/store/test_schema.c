/* The schema: every column accounted for in clear.def, and the rules that let it run on a distributed engine.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "scratch.h"
#include "store/statement.h"

#include <sqlite3.h>

static struct scratch scratch;
static sqlite3 *sqlite;
static int problems;

static int open_schema(void **state)
{
    (void)state;
    scratch = scratch_make();
    db_close(scratch_open(&scratch));
    return sqlite3_open(scratch.database, &sqlite);
}

static int close_schema(void **state)
{
    (void)state;
    sqlite3_close(sqlite);
    scratch_remove(&scratch);
    return 0;
}

static sqlite3_stmt *query(const char *text)
{
    sqlite3_stmt *rows = NULL;
    assert_int_equal(sqlite3_prepare_v2(sqlite, text, -1, &rows, NULL), SQLITE_OK);
    return rows;
}

static const char *column(sqlite3_stmt *rows, int number)
{
    return (const char *)sqlite3_column_text(rows, number);
}

static int count(const char *text)
{
    sqlite3_stmt *rows = query(text);
    assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
    int number = sqlite3_column_int(rows, 0);
    sqlite3_finalize(rows);
    return number;
}

enum holds { HOLDS_CLEAR = 1, HOLDS_ID, HOLDS_TAG, HOLDS_SEALED };

static const struct {
    const char *table;
    const char *column;
    enum holds holds;
    const char *reason;
} declared[] = {
#define CLEAR(table, column, reason) {#table, #column, HOLDS_CLEAR, reason},
#define ID(table, column, reason)    {#table, #column, HOLDS_ID, reason},
#define TAG(table, column, reason)   {#table, #column, HOLDS_TAG, reason},
#define SEALED(table, column)        {#table, #column, HOLDS_SEALED, "sealed"},
#include "store/clear.def"
#undef CLEAR
#undef ID
#undef TAG
#undef SEALED
};
enum { DECLARED = sizeof declared / sizeof declared[0] };

static const char all_columns[] =
    "SELECT t.name, c.name, c.type FROM sqlite_schema AS t, pragma_table_info(t.name) AS c "
    "WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'";

static void every_column_stands_in_clear_def_once(void **state)
{
    (void)state;
    problems = 0;
    sqlite3_stmt *rows = query(all_columns);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        int found = 0;
        for (size_t i = 0; i < DECLARED; i++) {
            if (strcmp(declared[i].table, column(rows, 0)) != 0 ||
                strcmp(declared[i].column, column(rows, 1)) != 0)
                continue;
            found++;
            /* Only bytes can be sealed, hashed or an id. */
            if (declared[i].holds != HOLDS_CLEAR && strcmp(column(rows, 2), "BLOB") != 0) {
                print_error("%s.%s: clear.def says it is not in clear, but it is %s\n", column(rows, 0),
                            column(rows, 1), column(rows, 2));
                problems++;
            }
        }
        if (found != 1) {
            print_error("%s.%s stands %d times in src/store/clear.def\n", column(rows, 0), column(rows, 1),
                        found);
            problems++;
        }
    }
    sqlite3_finalize(rows);
    assert_int_equal(problems, 0);
}

static void clear_def_has_no_row_without_a_column_or_a_reason(void **state)
{
    (void)state;
    problems = 0;
    for (size_t i = 0; i < DECLARED; i++) {
        char text[512];
        snprintf(text, sizeof text, "SELECT count(*) FROM pragma_table_info('%s') WHERE name = '%s'",
                 declared[i].table, declared[i].column);
        if (count(text) != 1 || declared[i].reason[0] == '\0') {
            print_error("clear.def: %s.%s is no column, or has no reason\n", declared[i].table,
                        declared[i].column);
            problems++;
        }
    }
    assert_int_equal(problems, 0);
}

static const struct {
    const char *table;
    const char *column;
} places[] = {
#define PLACE(kind, table, column) {table, column},
#include "vault/places.def"
#undef PLACE
};
enum { PLACES = sizeof places / sizeof *places };

static int count_places(const char *table, const char *column)
{
    int found = 0;
    for (size_t i = 0; i < PLACES; i++)
        found += strcmp(places[i].table, table) == 0 && strcmp(places[i].column, column) == 0;
    return found;
}

/* Wrapped keys are not opened by whoever reads them, but unwrapped by the keeper. */
static void every_sealed_column_says_what_it_is_opened_for(void **state)
{
    (void)state;
    problems = 0;
    for (size_t i = 0; i < DECLARED; i++)
        if (declared[i].holds == HOLDS_SEALED && strcmp(declared[i].column, "wrapped") != 0 &&
            count_places(declared[i].table, declared[i].column) != 1) {
            print_error("%s.%s: what it may be opened for stands not once in src/vault/places.def\n",
                        declared[i].table, declared[i].column);
            problems++;
        }
    for (size_t i = 0; i < PLACES; i++)
        if (count_places(places[i].table, places[i].column) != 1) {
            print_error("%s.%s stands in src/vault/places.def again\n", places[i].table, places[i].column);
            problems++;
        }
    assert_int_equal(problems, 0);
}

/* A child's tables are those with child_id in their primary key: it leads that key and every unique index, so
 * that the table can be distributed by child. */
static void child_id_leads_the_keys_of_a_childs_tables(void **state)
{
    (void)state;
    problems = 0;
    sqlite3_stmt *rows = query(
        "SELECT t.name, i.name, k.name FROM sqlite_schema AS t, "
        "pragma_table_info(t.name) AS c, pragma_index_list(t.name) AS i, pragma_index_info(i.name) AS k "
        "WHERE t.type = 'table' AND c.name = 'child_id' AND c.pk > 0 AND i.\"unique\" AND k.seqno = 0");
    int seen = 0;
    while (sqlite3_step(rows) == SQLITE_ROW) {
        seen++;
        if (strcmp(column(rows, 2), "child_id") == 0)
            continue;
        print_error("%s: the unique index %s begins with %s\n", column(rows, 0), column(rows, 1),
                    column(rows, 2));
        problems++;
    }
    sqlite3_finalize(rows);
    assert_true(seen >= 3);
    assert_int_equal(problems, 0);
}

static void nothing_that_a_distributed_engine_lacks(void **state)
{
    (void)state;
    assert_int_equal(count("SELECT count(*) FROM sqlite_schema WHERE type IN ('trigger', 'view')"), 0);
    assert_int_equal(count("SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%AUTOINCREMENT%'"), 0);
    /* Every table has a primary key of its own. */
    assert_int_equal(
        count("SELECT count(*) FROM sqlite_schema AS t WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' "
              "AND NOT EXISTS (SELECT 1 FROM pragma_table_info(t.name) AS c WHERE c.pk > 0)"),
        0);
    assert_int_equal(count("SELECT count(*) FROM sqlite_schema AS t, pragma_table_info(t.name) AS c "
                           "WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' "
                           "AND c.type NOT IN ('BIGINT', 'TEXT', 'BLOB')"),
                     0);
    /* Foreign keys stay inside a child's group, so they carry child_id. */
    assert_int_equal(count("SELECT count(*) FROM sqlite_schema AS t, pragma_foreign_key_list(t.name) AS f "
                           "WHERE t.type = 'table' AND f.seq = 0 AND f.\"from\" <> 'child_id'"),
                     0);
}

/* sql_tables[], for code that goes through all tables, is the schema. */
static void every_table_is_listed_with_its_columns_and_key(void **state)
{
    (void)state;
    static const char *const types[] = {
        [VALUE_INT] = "BIGINT", [VALUE_BYTES] = "BLOB", [VALUE_TEXT] = "TEXT"};
    sqlite3_stmt *rows = query("SELECT t.name, c.name, c.type, c.\"notnull\", c.pk FROM sqlite_schema AS t, "
                               "pragma_table_info(t.name) AS c WHERE t.type = 'table' AND t.name NOT LIKE "
                               "'sqlite_%' ORDER BY t.rowid, c.cid");
    for (size_t i = 0; i < sql_table_count; i++) {
        const struct sql_table *table = &sql_tables[i];
        size_t keyed = 0;
        for (size_t j = 0; j < table->column_count; j++) {
            assert_int_equal(sqlite3_step(rows), SQLITE_ROW);
            assert_string_equal(column(rows, 0), table->name);
            assert_string_equal(column(rows, 1), table->columns[j].name);
            assert_string_equal(column(rows, 2), types[table->columns[j].kind]);
            assert_int_equal(sqlite3_column_int(rows, 3), !table->columns[j].nullable);
            int place = sqlite3_column_int(rows, 4);
            keyed += place > 0;
            assert_true(place == 0 || table->key[place - 1] == j);
        }
        assert_int_equal(keyed, table->key_count);
    }
    assert_int_equal(sqlite3_step(rows), SQLITE_DONE);
    sqlite3_finalize(rows);
}

static void every_statement_has_a_text_for_sqlite(void **state)
{
    (void)state;
    for (size_t i = 1; i < STATEMENTS_END; i++) {
        if (sql_statements[i].sqlite == NULL)
            continue;
        sqlite3_stmt *prepared = query(sql_statements[i].sqlite);
        assert_int_equal(sqlite3_column_count(prepared), sql_statements[i].give_count);
        assert_int_equal(sqlite3_bind_parameter_count(prepared), sql_statements[i].bind_count);
        sqlite3_finalize(prepared);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_column_stands_in_clear_def_once),
        cmocka_unit_test(clear_def_has_no_row_without_a_column_or_a_reason),
        cmocka_unit_test(every_sealed_column_says_what_it_is_opened_for),
        cmocka_unit_test(child_id_leads_the_keys_of_a_childs_tables),
        cmocka_unit_test(nothing_that_a_distributed_engine_lacks),
        cmocka_unit_test(every_table_is_listed_with_its_columns_and_key),
        cmocka_unit_test(every_statement_has_a_text_for_sqlite),
    };
    return cmocka_run_group_tests(tests, open_schema, close_schema);
}
