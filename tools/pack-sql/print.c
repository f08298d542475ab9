/* Prints for a reviewer the tables that result from all migrations, once for both engines, and for Citus
 * where it puts them. */
#include "pack.h"

#include <string.h>

static const char schema_head[] =
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
    text_print(out, "%s", schema_head);
    for (size_t i = 0; i < pack->table_count; i++)
        print_table(pack->tables[i], out);
}

static const char distribution_head[] =
    "-- Where Citus puts each table.  Written by `ninja schema` from groups.def; optional, and for Citus "
    "alone: YugabyteDB\n"
    "-- spreads every table by the first column of its primary key without being told.  Once, behind "
    "`contactpoint init`\n"
    "-- and before anything is loaded, as the owner of the tables:\n"
    "--\n"
    "--     psql --single-transaction -v ON_ERROR_STOP=1 -f distribution.sql CONNECTION\n";

static const char *spread_by(const struct table *table)
{
    return table->columns.at[table->key.at[0]].name;
}

/* The first table of its group that is spread by the same column, which `table` may be itself; rows of a
 * GLOBAL table have nothing to do with those of another. */
static const struct table *beside(const struct pack *pack, const struct table *table)
{
    for (size_t i = 0; i < pack->table_count; i++) {
        const struct table *other = pack->tables[i];
        if (other->group == table->group && table->group != GROUP_GLOBAL &&
            strcmp(spread_by(other), spread_by(table)) == 0)
            return other;
    }
    return table;
}

static void print_place(const struct pack *pack, const struct table *table, struct text *out)
{
    const struct table *other = beside(pack, table);
    text_print(out, "-- %s: %s.\n", table->name, table->why.at);
    if (table->group == GROUP_REFERENCE)
        text_print(out, "SELECT create_reference_table('%s');\n", table->name);
    else
        text_print(out, "SELECT create_distributed_table('%s', '%s', colocate_with => '%s');\n", table->name,
                   spread_by(table), other == table ? "none" : other->name);
}

void print_distribution(const struct pack *pack, struct text *out)
{
    static const char *const titles[] = {
        [GROUP_REFERENCE] = "Small, or written seldom: every node has the whole of it",
        [GROUP_CHILD] = "A child's own: all of a child's rows stand together",
        [GROUP_GLOBAL] = "Rows found by a key of their own",
        [GROUP_LOG] = "Rows added under whoever writes them, and kept together"};
    static const enum group order[] = {GROUP_REFERENCE, GROUP_CHILD, GROUP_GLOBAL, GROUP_LOG};
    text_print(out, "%s", distribution_head);
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        text_print(out, "\n-- %s: %s.\n\n", group_name(order[i]), titles[order[i]]);
        for (size_t j = 0; j < pack->table_count; j++) {
            if (pack->tables[j]->group == order[i])
                print_place(pack, pack->tables[j], out);
        }
    }
}
