/* Prints the tables that result from all migrations, once for both engines. */
#include "pack.h"

#include <string.h>

static const char head[] =
    "-- The tables that result from all migrations, the same on both engines.  Written by `ninja schema`.\n"
    "--\n"
    "--    here      SQLite    PostgreSQL\n"
    "--    BYTES     BLOB      BYTEA\n"
    "--    BIGINT    BIGINT    BIGINT\n"
    "--    TEXT      TEXT      TEXT COLLATE \"C\" (by its bytes, as in SQLite)\n";

static size_t longest_name(const struct table *table)
{
    size_t longest = 0;
    for (size_t i = 0; i < table->columns.count; i++) {
        size_t len = strlen(table->columns.at[i].name);
        longest = len > longest ? len : longest;
    }
    return longest;
}

static void print_places(const struct table *table, const struct places *places, struct text *out)
{
    for (size_t i = 0; i < places->count; i++)
        text_print(out, "%s%s", i == 0 ? "" : ", ", table->columns.at[places->at[i]].name);
}

static void print_table(const struct table *table, struct text *out)
{
    static const char *const types[] = {[KIND_INT] = "BIGINT", [KIND_BYTES] = "BYTES", [KIND_TEXT] = "TEXT"};
    int width = (int)longest_name(table);
    text_print(out, "\n%.*sCREATE TABLE %s (\n", (int)table->comment.len, table->comment.at, table->name);
    for (size_t i = 0; i < table->columns.count; i++) {
        const struct field *column = &table->columns.at[i];
        text_print(out, "    %-*s %-*s%s,\n", width, column->name, column->nullable ? 0 : 6,
                   types[column->kind], column->nullable ? "" : " NOT NULL");
    }
    for (size_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].sql.len > 0)
            continue;
        text_print(out, "    UNIQUE (");
        print_places(table, &table->indexes[i].columns, out);
        text_print(out, "),\n");
    }
    text_print(out, "    PRIMARY KEY (");
    print_places(table, &table->key, out);
    text_print(out, ")\n);\n");
    for (size_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].sql.len > 0)
            text_print(out, "%s;\n", table->indexes[i].sql.at);
    }
}

void print_schema(const struct pack *pack, struct text *out)
{
    text_print(out, "%s", head);
    for (size_t i = 0; i < pack->table_count; i++)
        print_table(pack->tables[i], out);
}
