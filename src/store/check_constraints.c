/* Keys, unique columns and columns that must be filled, each broken once. */
#include <stdio.h>
#include <string.h>

#include "store/check_inside.h"

enum { SQL_BYTES_MAX = 4096, UNIQUE_MAX = 16, BASE = 1000000, OTHER_ROW = 5, TAKEN_ROW = 6 };

struct trial {
    struct check *check;
    struct raw *raw;
    struct raw *reference;
    const struct sql_table *table;
    char insert[SQL_BYTES_MAX];
    struct check_memory memory;
    struct value row[CHECK_COLUMNS_MAX];
};

/* The names are the program's own. */
static void write_insert(struct trial *trial)
{
    const struct sql_table *table = trial->table;
    size_t len = (size_t)snprintf(trial->insert, sizeof trial->insert, "INSERT INTO %s (", table->name);
    for (size_t i = 0; i < table->column_count && len < sizeof trial->insert; i++)
        len += (size_t)snprintf(trial->insert + len, sizeof trial->insert - len, "%s%s", i == 0 ? "" : ", ",
                                table->columns[i].name);
    len += (size_t)snprintf(trial->insert + len, sizeof trial->insert - len, ") VALUES (");
    for (size_t i = 0; i < table->column_count && len < sizeof trial->insert; i++)
        len += (size_t)snprintf(trial->insert + len, sizeof trial->insert - len, "%s$%zu", i == 0 ? "" : ", ",
                                i + 1);
    len += (size_t)snprintf(trial->insert + len, sizeof trial->insert - len, ")");
    must(len < sizeof trial->insert);
}

/* Says what is amiss where the row is not taken, or not refused, as it must be. */
static void try_row(struct trial *trial, enum fault expected, const char *what, const char *column)
{
    int64_t changes = 0;
    enum fault fault = raw_run(trial->raw, trial->insert, trial->row, trial->table->column_count, &changes);
    if (fault == expected)
        return;
    check_say(trial->check, CHECK_FAILS, "%s%s%s: %s %s", trial->table->name, column[0] == '\0' ? "" : ".",
              column, what,
              fault == FAULT_NONE        ? "is taken"
              : expected == FAULT_NONE   ? raw_says(trial->raw)
              : fault == FAULT_DUPLICATE ? "is refused as if it were there already"
                                         : "is refused for another reason");
}

static void fresh_row(struct trial *trial, int row)
{
    check_row_of(trial->table, row, BASE, &trial->memory, trial->row);
}

/* `migration` has rows by itself. */
static enum fault clear_rows(struct trial *trial)
{
    char sql[SQL_BYTES_MAX];
    bool kept = strcmp(trial->table->name, "migration") == 0;
    (void)snprintf(sql, sizeof sql, "DELETE FROM %s%s", trial->table->name,
                   kept ? " WHERE number >= $1" : "");
    const struct value base = value_int(BASE);
    return raw_run(trial->raw, sql, &base, kept ? 1 : 0, NULL);
}

static void break_filled(struct trial *trial)
{
    for (size_t i = 0; i < trial->table->column_count; i++) {
        const struct sql_field *column = &trial->table->columns[i];
        fresh_row(trial, OTHER_ROW);
        trial->row[i] = value_null();
        if (!column->nullable)
            try_row(trial, FAULT_INVALID, "a row without it", column->name);
    }
    fresh_row(trial, OTHER_ROW);
    for (size_t i = 0; i < trial->table->column_count; i++) {
        if (trial->table->columns[i].nullable)
            trial->row[i] = value_null();
    }
    try_row(trial, FAULT_NONE, "a row with all that may be empty left empty:", "");
}

/* A column is unique by itself, or together with others, as SQLite has it: which is what all engines get. */
static enum fault unique_columns(struct trial *trial, int64_t index, struct buffer *columns)
{
    char sql[SQL_BYTES_MAX];
    (void)snprintf(sql, sizeof sql,
                   "SELECT ' ' || group_concat(i.name, ' ') || ' ' FROM pragma_index_list('%s') AS l, "
                   "pragma_index_info(l.name) AS i WHERE l.origin = 'u' AND l.seq = (SELECT seq FROM "
                   "pragma_index_list('%s') WHERE origin = 'u' ORDER BY seq LIMIT 1 OFFSET %lld)",
                   trial->table->name, trial->table->name, (long long)index);
    buffer_clear(columns);
    enum fault fault = raw_ask(trial->reference, sql, columns);
    buffer_put_char(columns, '\0');
    return fault == FAULT_NONE ? buffer_fault(columns) : fault;
}

/* A row whose values of that constraint are another row's, and all others are its own. */
static void break_unique(struct trial *trial, const char *columns)
{
    struct check_memory taken;
    struct value other[CHECK_COLUMNS_MAX];
    char name[80];
    fresh_row(trial, TAKEN_ROW + 1);
    check_row_of(trial->table, TAKEN_ROW, BASE, &taken, other);
    for (size_t i = 0; i < trial->table->column_count; i++) {
        (void)snprintf(name, sizeof name, " %s ", trial->table->columns[i].name);
        if (strstr(columns, name) != NULL)
            trial->row[i] = other[i];
    }
    try_row(trial, FAULT_DUPLICATE, "a second row with the same of", columns);
}

static enum fault break_all_unique(struct trial *trial)
{
    char sql[SQL_BYTES_MAX];
    struct buffer columns = buffer_open(SQL_BYTES_MAX);
    int64_t count = 0;
    enum fault fault;
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM pragma_index_list('%s') WHERE origin = 'u'",
                   trial->table->name);
    TRY(raw_number(trial->reference, sql, &count));
    for (int64_t i = 0; i < count && i < UNIQUE_MAX; i++) {
        TRY(unique_columns(trial, i, &columns));
        break_unique(trial, columns.at);
    }
done:
    buffer_close(&columns);
    return fault;
}

static enum fault try_table(struct trial *trial)
{
    enum fault fault;
    write_insert(trial);
    fresh_row(trial, TAKEN_ROW);
    try_row(trial, FAULT_NONE, "a whole row:", "");
    try_row(trial, FAULT_DUPLICATE, "a second row with the same key", "");
    break_filled(trial);
    TRY(break_all_unique(trial));
    TRY(clear_rows(trial));
done:
    return fault;
}

enum fault check_constraints(struct check *check)
{
    struct trial trial = {.check = check};
    struct db *reference = NULL;
    const struct db_settings settings = {
        .connection = check_place_reference(&check->place), .create = true, .readers = 1};
    enum fault fault;
    TRY(db_open(&settings, &reference));
    TRY(raw_open(check_place_reference(&check->place), false, &trial.reference));
    TRY(raw_open(check_place_connection(&check->place), true, &trial.raw));
    for (size_t i = 0; i < sql_table_count; i++) {
        trial.table = &sql_tables[i];
        TRY(try_table(&trial));
    }
done:
    if (fault != FAULT_NONE && trial.raw != NULL)
        check_say(check, CHECK_FAILS, "%s", raw_says(trial.raw));
    raw_close(trial.raw);
    raw_close(trial.reference);
    db_close(reference);
    return fault;
}
