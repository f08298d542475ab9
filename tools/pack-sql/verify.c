/* Lets SQLite judge: every statement is prepared on the schema, so that a wrong column is found when
 * building, beside its line. */
#include "pack.h"

#include <sqlite3.h>
#include <string.h>

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
        else if (block->bulk.wanted && sqlite3_column_decltype(prepared, i) == NULL)
            complain(block->file, block->line,
                     "`%s` cannot be `-- bulk: yes`: `%s` is an expression, whose type in binary may differ",
                     block->name, field->name);
    }
}

void verify(const struct pack *pack, sqlite3 *db)
{
    for (size_t i = 0; i < pack->block_count; i++) {
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
}
