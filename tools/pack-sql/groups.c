/* Reads src/store/groups.def: GROUP(table, group, "why"), one a line. */
#include "pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
    [GROUP_CHILD] = "CHILD", [GROUP_REFERENCE] = "REFERENCE", [GROUP_GLOBAL] = "GLOBAL", [GROUP_LOG] = "LOG"};

const char *group_name(enum group group)
{
    return group == GROUP_NONE ? "no group" : names[group];
}

static enum group group_of(const char *name)
{
    for (size_t i = GROUP_CHILD; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], name) == 0)
            return (enum group)i;
    }
    return GROUP_NONE;
}

static void read_row(struct pack *pack, const char *path, int line, const char *row)
{
    char name[NAME_MAX_BYTES] = {0};
    char group[NAME_MAX_BYTES] = {0};
    char why[200] = {0};
    if (sscanf(row, "GROUP(%63[a-z0-9_], %63[A-Z], \"%199[^\"]", name, group, why) != 3 ||
        group_of(group) == GROUP_NONE) {
        complain(path, line,
                 "expected GROUP(table, group, \"why\"), the group CHILD, REFERENCE, GLOBAL or LOG");
        return;
    }
    for (size_t i = 0; i < pack->table_count; i++) {
        struct table *table = pack->tables[i];
        if (strcmp(table->name, name) != 0)
            continue;
        if (table->group != GROUP_NONE)
            complain(path, line, "`%s` stands here twice", name);
        table->group = group_of(group);
        text_print(&table->why, "%s", why);
        return;
    }
    complain(path, line, "`%s` is no table of the schema: take the line out", name);
}

void parse_groups(struct pack *pack, const char *path)
{
    struct text content = read_file(path);
    char *rest = content.at;
    char *row;
    for (int line = 1; (row = strsep(&rest, "\n")) != NULL; line++) {
        if (strncmp(row, "GROUP", 5) == 0)
            read_row(pack, path, line, row);
    }
    free(content.at);
    for (size_t i = 0; i < pack->table_count; i++) {
        const struct table *table = pack->tables[i];
        if (table->group == GROUP_NONE)
            complain(table->file, table->line,
                     "`%s` has no line in groups.def: add GROUP(%s, CHILD or REFERENCE or GLOBAL or LOG, "
                     "\"why\")",
                     table->name, table->name);
    }
}
