/* What a distributed engine asks of the schema (architecture.md, 6): it spreads a table by one column, and
 * can hold to a key, a unique constraint or a foreign key only where rows that it compares are on one node.
 */
#include "pack.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *column_name(const struct table *table, const struct places *places, size_t at)
{
    return at < places->count ? table->columns.at[places->at[at]].name : "";
}

static void check_key(const struct table *table)
{
    if (table->key.count == 0)
        complain(table->file, table->line, "`%s` has no primary key: every row is found by one", table->name);
    for (size_t i = 0; i < table->key.count; i++) {
        const struct field *column = &table->columns.at[table->key.at[i]];
        if (column->nullable)
            complain(
                table->file, table->line,
                "`%s.%s` is in the primary key: write NOT NULL, which PostgreSQL adds and SQLite does not",
                table->name, column->name);
    }
}

static void check_child(const struct table *table)
{
    bool keyed = strcmp(column_name(table, &table->key, 0), "child_id") == 0;
    if (table->group == GROUP_CHILD && !keyed)
        complain(table->file, table->line, "`%s` is of group CHILD: child_id must lead its primary key",
                 table->name);
    if (table->group != GROUP_CHILD && keyed)
        complain(table->file, table->line, "child_id leads the key of `%s`: groups.def must say CHILD",
                 table->name);
    if (table->group == GROUP_REFERENCE && schema_column(table, "child_id", strlen("child_id")) != NULL)
        complain(table->file, table->line,
                 "`%s` is of group REFERENCE, a copy on every node, but has a row for each child_id",
                 table->name);
}

/* By what the table is spread must be in every unique constraint, and lead it where it is the child. */
static void check_unique(const struct table *table, const struct places *unique)
{
    const char *spread = column_name(table, &table->key, 0);
    bool found = false;
    if (table->group == GROUP_REFERENCE)
        return;
    for (size_t i = 0; i < unique->count; i++)
        found = found || strcmp(column_name(table, unique, i), spread) == 0;
    if (table->group == GROUP_CHILD)
        found = strcmp(column_name(table, unique, 0), "child_id") == 0;
    if (!found)
        complain(table->file, table->line,
                 "a unique constraint of `%s` does not begin with `%s`: no node can check it; give what is "
                 "unique a table of its own, as identifier_owner is",
                 table->name, table->group == GROUP_CHILD ? "child_id" : spread);
}

static const char *column_text(sqlite3_stmt *rows, int column)
{
    const void *text = sqlite3_column_text(rows, column);
    return text == NULL ? "" : text;
}

static void check_foreign_keys(const struct pack *pack, sqlite3 *db, const struct table *table)
{
    sqlite3_stmt *rows = NULL;
    if (sqlite3_prepare_v2(db, "SELECT \"table\", \"from\" FROM pragma_foreign_key_list(?1) WHERE seq = 0",
                           -1, &rows, NULL) != SQLITE_OK ||
        sqlite3_bind_text(rows, 1, table->name, -1, SQLITE_STATIC) != SQLITE_OK) {
        fprintf(stderr, "pack-sql: %s\n", sqlite3_errmsg(db));
        exit(1);
    }
    while (sqlite3_step(rows) == SQLITE_ROW) {
        const char *target_name = column_text(rows, 0);
        const struct table *target = schema_table(pack, target_name, strlen(target_name));
        bool together = table->group == GROUP_CHILD && target != NULL && target->group == GROUP_CHILD &&
                        strcmp(column_text(rows, 1), "child_id") == 0;
        if (target == NULL || (target->group != GROUP_REFERENCE && !together))
            complain(table->file, table->line,
                     "a foreign key of `%s` points to `%s`, which stands elsewhere: it may point to a "
                     "REFERENCE table, or from one CHILD table to another by child_id",
                     table->name, target_name);
    }
    sqlite3_finalize(rows);
}

void check_placement(const struct pack *pack, sqlite3 *db)
{
    for (size_t i = 0; i < pack->table_count; i++) {
        const struct table *table = pack->tables[i];
        check_key(table);
        check_child(table);
        for (size_t j = 0; j < table->index_count; j++) {
            if (table->indexes[j].unique)
                check_unique(table, &table->indexes[j].columns);
        }
        check_foreign_keys(pack, db, table);
    }
}
