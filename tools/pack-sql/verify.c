/* Lets SQLite judge: the migrations are applied to an empty database in memory, and every statement is
 * prepared on it, so that a wrong column is found when building, beside its line. */
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

/* A plain column, or what AS says, must bear the name that `gives` says, so that swapped columns are found;
 * the name of an expression is its text, and agrees with everything. */
static bool name_agrees(const char *name, const char *column)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    return column == NULL || column[strspn(column, letters)] != '\0' || strcmp(name, column) == 0;
}

/* A declared kind as the schema names it; NULL (an expression) agrees with everything. */
static bool kind_agrees(enum kind kind, const char *declared)
{
    static const char *const names[] = {[KIND_INT] = "BIGINT", [KIND_BYTES] = "BLOB", [KIND_TEXT] = "TEXT"};
    return declared == NULL || strcmp(declared, names[kind]) == 0;
}

static void verify_columns(const struct block *block, sqlite3_stmt *prepared)
{
    int count = sqlite3_column_count(prepared);
    if (count != (int)block->gives.count) {
        complain(block->file, block->line, "`%s` gives %d columns but `-- gives:` lists %zu", block->name,
                 count, block->gives.count);
        return;
    }
    for (int i = 0; i < count; i++) {
        const struct field *field = &block->gives.at[i];
        const char *name = sqlite3_column_name(prepared, i);
        if (!name_agrees(field->name, name))
            complain(block->file, block->line, "column %d of `%s` is `%s` but `-- gives:` says `%s`", i + 1,
                     block->name, name, field->name);
        else if (!kind_agrees(field->kind, sqlite3_column_decltype(prepared, i)))
            complain(block->file, block->line, "column `%s` of `%s` is %s in the schema", field->name,
                     block->name, sqlite3_column_decltype(prepared, i));
    }
}

void verify(const struct pack *pack)
{
    sqlite3 *db = migrated(pack);
    for (size_t i = 0; i < pack->block_count && complaints() == 0; i++) {
        const struct block *block = pack->blocks[i];
        if (block->only == ENGINE_POSTGRES)
            continue;
        sqlite3_stmt *prepared = NULL;
        if (sqlite3_prepare_v2(db, block->sqlite.at, -1, &prepared, NULL) != SQLITE_OK)
            complain(block->file, block->line, "SQLite refuses `%s`: %s", block->name, sqlite3_errmsg(db));
        else
            verify_columns(block, prepared);
        sqlite3_finalize(prepared);
    }
    sqlite3_close(db);
}

void print_schema(const struct pack *pack, struct text *out)
{
    sqlite3 *db = migrated(pack);
    sqlite3_stmt *rows = NULL;
    const char *query =
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY tbl_name, type DESC, name";
    if (sqlite3_prepare_v2(db, query, -1, &rows, NULL) != SQLITE_OK)
        complain("schema", 1, "%s", sqlite3_errmsg(db));
    text_print(
        out,
        "-- The schema that results from all migrations, as SQLite has it.  Written by `ninja schema`.\n");
    while (rows != NULL && sqlite3_step(rows) == SQLITE_ROW)
        text_print(out, "\n%s;\n", (const char *)sqlite3_column_text(rows, 0));
    sqlite3_finalize(rows);
    sqlite3_close(db);
}
