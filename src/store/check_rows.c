/* Rows made from the schema: for the same name the same value, so that statements find what was filled in. */
#include <stdio.h>
#include <string.h>

#include "store/check_inside.h"

enum { FILLED_ROWS = 4, LAST_DIFFERS = 3, FOR_US = 600 * 1000 * 1000 };

/* FNV-1a, which spreads names enough. */
static uint64_t hash_of(const char *name)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (; *name != '\0'; name++)
        hash = (hash ^ (uint8_t)*name) * 0x100000001b3;
    return hash;
}

struct value check_row_value(const struct sql_field *field, int row, int64_t base, uint8_t *memory)
{
    uint64_t hash = hash_of(field->name);
    switch (field->kind) {
    case VALUE_INT:
        return value_int(base + row);
    case VALUE_BYTES:
        memcpy(memory, &hash, sizeof hash);
        memcpy(memory + sizeof hash, &hash, sizeof hash);
        memory[ROW_VALUE_BYTES - 1] = (uint8_t)row;
        return value_bytes((struct bytes){memory, ROW_VALUE_BYTES});
    case VALUE_TEXT:
        (void)snprintf((char *)memory, ROW_VALUE_BYTES, "t%06x%d", (unsigned)(hash & 0xffffff), row);
        return value_text(str_of((const char *)memory));
    case VALUE_NULL:
    case VALUE_UNSET:
        break;
    }
    return value_null();
}

static bool is_last_of_key(const struct sql_table *table, size_t column)
{
    return table->key[table->key_count - 1] == column;
}

void check_row_of(const struct sql_table *table, int row, int64_t base, struct check_memory *memory,
                  struct value *ret_row)
{
    must(table->column_count <= CHECK_COLUMNS_MAX);
    for (size_t i = 0; i < table->column_count; i++) {
        const struct sql_field *field = &table->columns[i];
        /* Numbers differ in the key's last column alone, so that rows have something in common. */
        bool differs = is_last_of_key(table, i) || (field->kind != VALUE_INT && row != LAST_DIFFERS);
        ret_row[i] = check_row_value(field, differs ? row : 0, base, memory->at[i]);
        if (field->nullable && row == 1)
            ret_row[i] = value_null();
    }
}

/* The packed statement that makes a row of a table. */
struct maker {
    const char *table;
    enum statement statement;
};

static const struct maker makers[] = {
#define CARRY(table)  {#table, SQL_copy_write_##table},
#define FINISH(table) {#table, SQL_meta_put},
#define LEAVE(table, why)
#include "store/copy.def"
#undef CARRY
#undef FINISH
#undef LEAVE
    {"lease", SQL_lease_take},
    {"server", SQL_server_insert},
    {"lane", SQL_lane_insert},
    {"change", SQL_change_insert},
};

struct making {
    const struct maker *maker;
    const struct sql_table *table;
    int row;
};

static size_t column_of(const struct sql_table *table, const char *name)
{
    size_t i = 0;
    while (i < table->column_count && strcmp(table->columns[i].name, name) != 0)
        i++;
    return i;
}

static enum fault make_row(struct db_tx *tx, void *context)
{
    const struct making *making = context;
    const struct sql_statement *packed = &sql_statements[making->maker->statement];
    struct value row[CHECK_COLUMNS_MAX], in[CHECK_COLUMNS_MAX];
    struct check_memory memory;
    struct db_rows *rows = NULL;
    enum fault fault;
    check_row_of(making->table, making->row, 5, &memory, row);
    for (size_t i = 0; i < packed->bind_count; i++) {
        size_t column = column_of(making->table, packed->binds[i].name);
        in[i] = column < making->table->column_count ? row[column] : value_int(FOR_US);
    }
    if (packed->give_count == 0)
        return db_run(tx, making->maker->statement, in, NULL);
    struct value out[CHECK_COLUMNS_MAX];
    TRY(db_query(tx, making->maker->statement, in, &rows));
    while (db_next(rows, out))
        continue;
    fault = db_rows_close(rows);
done:
    return fault;
}

static const struct sql_table *table_of(const char *name)
{
    size_t i = 0;
    while (strcmp(sql_tables[i].name, name) != 0)
        must(++i < sql_table_count);
    return &sql_tables[i];
}

enum fault check_rows_fill(struct db *db)
{
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
        for (int row = 0; row < FILLED_ROWS; row++) {
            struct making making = {&makers[i], table_of(makers[i].table), row};
            enum fault fault = db_write(db, DB_FOREGROUND, make_row, &making);
            /* The last row has the first one's unique column, where there is one. */
            if (fault != FAULT_NONE && (fault != FAULT_DUPLICATE || row != LAST_DIFFERS))
                return fault;
        }
    }
    return FAULT_NONE;
}

enum fault check_clear(struct check *check)
{
    struct raw *raw = NULL;
    enum fault fault;
    TRY(raw_open(check_place_connection(&check->place), true, &raw));
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
        char sql[2 * CHECK_NAME_BYTES];
        (void)snprintf(sql, sizeof sql, "DELETE FROM %s", makers[i].table);
        TRY(raw_run(raw, sql, NULL, 0, NULL));
    }
done:
    raw_close(raw);
    return fault;
}
