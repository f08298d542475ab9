/* Lets SQLite apply the migrations to an empty database in memory, and reads what tables result. */
#include "pack.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static sqlite3 *migrated(const struct pack *pack)
{
    sqlite3 *db = NULL;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) {
        fprintf(stderr, "pack-sql: SQLite does not open a database in memory\n");
        exit(1);
    }
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    for (size_t i = 0; i < pack->migration_count; i++) {
        const struct migration *migration = pack->migrations[i];
        if (sqlite3_exec(db, migration->sqlite.at, NULL, NULL, NULL) != SQLITE_OK)
            complain(migration->file, 1, "SQLite refuses this migration: %s", sqlite3_errmsg(db));
    }
    return db;
}

static sqlite3_stmt *query(sqlite3 *db, const char *text, const char *name)
{
    sqlite3_stmt *rows = NULL;
    if (sqlite3_prepare_v2(db, text, -1, &rows, NULL) != SQLITE_OK ||
        (name != NULL && sqlite3_bind_text(rows, 1, name, -1, SQLITE_STATIC) != SQLITE_OK)) {
        fprintf(stderr, "pack-sql: %s\n", sqlite3_errmsg(db));
        exit(1);
    }
    return rows;
}

static const char *column_text(sqlite3_stmt *rows, int column)
{
    const void *text = sqlite3_column_text(rows, column);
    return text == NULL ? "" : text;
}

/* 0 where the type is none that both engines have. */
static enum kind kind_of(const char *type)
{
    static const char *const types[] = {[KIND_INT] = "BIGINT", [KIND_BYTES] = "BLOB", [KIND_TEXT] = "TEXT"};
    for (size_t i = KIND_INT; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i], type) == 0)
            return (enum kind)i;
    }
    return (enum kind)0;
}

/* A default must be the same on both engines: a number, a text, NULL. */
static bool is_literal(const char *text)
{
    struct token *tokens = lex(text, 1);
    const struct token *at = token_is(tokens, "-") ? tokens + 1 : tokens;
    bool literal = at[0].kind == TOKEN_END || at[0].kind == TOKEN_STRING || at[0].kind == TOKEN_NUMBER ||
                   token_is(&at[0], "NULL");
    literal = literal && (at[0].kind == TOKEN_END || at[1].kind == TOKEN_END);
    free(tokens);
    return literal;
}

static void read_column(struct table *table, sqlite3_stmt *rows)
{
    const char *name = column_text(rows, 0);
    if (table->columns.count == FIELDS_MAX || strlen(name) >= NAME_MAX_BYTES) {
        complain(table->file, table->line, "`%s` has too many columns, or too long a name", table->name);
        return;
    }
    struct field *field = &table->columns.at[table->columns.count];
    memcpy(field->name, name, strlen(name) + 1);
    field->kind = kind_of(column_text(rows, 1));
    field->nullable = sqlite3_column_int(rows, 2) == 0;
    int place = sqlite3_column_int(rows, 3);
    if (place > 0 && place <= FIELDS_MAX) {
        table->key.at[place - 1] = table->columns.count;
        table->key.count++;
    }
    table->columns.count++;
    if (field->kind == 0)
        complain(table->file, table->line, "`%s.%s` is %s: write BYTES, BIGINT or TEXT", table->name, name,
                 column_text(rows, 1));
    if (sqlite3_column_int(rows, 5) != 0)
        complain(table->file, table->line, "`%s.%s` is generated: the program makes every value", table->name,
                 name);
    if (!is_literal(column_text(rows, 4)))
        complain(table->file, table->line, "`%s.%s` has a default that is no literal: bind the value",
                 table->name, name);
}

static size_t place_of(const struct table *table, const char *name)
{
    for (size_t i = 0; i < table->columns.count; i++) {
        if (strcmp(table->columns.at[i].name, name) == 0)
            return i;
    }
    complain(table->file, table->line, "an index of `%s` is not over columns alone", table->name);
    return 0;
}

static void read_index(sqlite3 *db, struct table *table, const char *name, bool unique)
{
    if (table->index_count == INDEXES_MAX) {
        complain(table->file, table->line, "`%s` has more than %d indexes", table->name, INDEXES_MAX);
        return;
    }
    struct index *index = &table->indexes[table->index_count++];
    index->unique = unique;
    sqlite3_stmt *rows = query(db, "SELECT name FROM pragma_index_info(?1) ORDER BY seqno", name);
    while (sqlite3_step(rows) == SQLITE_ROW && index->columns.count < FIELDS_MAX)
        index->columns.at[index->columns.count++] = place_of(table, column_text(rows, 0));
    sqlite3_finalize(rows);
    rows = query(db, "SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ?1 AND sql IS NOT NULL",
                 name);
    if (sqlite3_step(rows) == SQLITE_ROW)
        text_print(&index->sql, "%s", column_text(rows, 0));
    sqlite3_finalize(rows);
}

/* The comment whose last line is the one before that of `at`. */
static void read_comment(const char *text, const char *at, struct text *ret_comment)
{
    const char *end = at;
    while (end > text && end[-1] != '\n')
        end--;
    const char *first = end;
    for (;;) {
        const char *line = first;
        if (line > text)
            line--;
        while (line > text && line[-1] != '\n')
            line--;
        if (line == first || strncmp(line, "--", 2) != 0)
            break;
        first = line;
    }
    text_add(ret_comment, first, (size_t)(end - first));
}

/* The last place in the migrations where the table is made, and the comment above it. */
static void find_source(const struct pack *pack, struct table *table)
{
    table->file = pack->migrations[0]->file;
    table->line = 1;
    for (size_t i = 0; i < pack->migration_count; i++) {
        struct token *tokens = lex(pack->migrations[i]->source.at, 1);
        for (struct token *at = tokens; at->kind != TOKEN_END; at++) {
            if (!token_is(at, "CREATE") || !token_is(&at[1], "TABLE") || !token_is(&at[2], table->name))
                continue;
            table->file = pack->migrations[i]->file;
            table->line = at->line;
            table->comment.len = 0;
            read_comment(pack->migrations[i]->source.at, at->at, &table->comment);
        }
        free(tokens);
    }
}

static void read_table(sqlite3 *db, struct pack *pack, const char *name)
{
    if (pack->table_count == TABLES_MAX || strlen(name) >= NAME_MAX_BYTES) {
        complain(name, 1, "too many tables, or too long a name");
        return;
    }
    struct table *table = take(sizeof *table);
    memcpy(table->name, name, strlen(name) + 1);
    find_source(pack, table);
    pack->tables[pack->table_count++] = table;
    sqlite3_stmt *rows = query(
        db, "SELECT name, type, \"notnull\", pk, dflt_value, hidden FROM pragma_table_xinfo(?1) ORDER BY cid",
        name);
    while (sqlite3_step(rows) == SQLITE_ROW)
        read_column(table, rows);
    sqlite3_finalize(rows);
    rows =
        query(db, "SELECT name, \"unique\" FROM pragma_index_list(?1) WHERE origin <> 'pk' ORDER BY seq DESC",
              name);
    while (sqlite3_step(rows) == SQLITE_ROW)
        read_index(db, table, column_text(rows, 0), sqlite3_column_int(rows, 1) != 0);
    sqlite3_finalize(rows);
}

sqlite3 *schema_make(struct pack *pack)
{
    sqlite3 *db = migrated(pack);
    if (complaints() > 0)
        return db;
    sqlite3_stmt *rows =
        query(db,
              "SELECT name, type FROM sqlite_schema WHERE type <> 'index' AND name NOT LIKE 'sqlite_%' "
              "ORDER BY rowid",
              NULL);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        if (strcmp(column_text(rows, 1), "table") == 0)
            read_table(db, pack, column_text(rows, 0));
        else
            complain("migrations", 1, "`%s` is a %s: there are tables and indexes only", column_text(rows, 0),
                     column_text(rows, 1));
    }
    sqlite3_finalize(rows);
    return db;
}

const struct table *schema_table(const struct pack *pack, const char *name, size_t len)
{
    for (size_t i = 0; i < pack->table_count; i++) {
        if (strlen(pack->tables[i]->name) == len && memcmp(pack->tables[i]->name, name, len) == 0)
            return pack->tables[i];
    }
    return NULL;
}

const struct field *schema_column(const struct table *table, const char *name, size_t len)
{
    for (size_t i = 0; i < table->columns.count; i++) {
        const struct field *column = &table->columns.at[i];
        if (strlen(column->name) == len && memcmp(column->name, name, len) == 0)
            return column;
    }
    return NULL;
}
