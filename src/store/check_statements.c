/* Every packed statement, on the engine and on SQLite: the same rows, the same changes, the same refusals. */
#include <stdlib.h>
#include <string.h>

#include "store/check_inside.h"

enum {
    OUTCOME_BYTES_MAX = 1024 * 1024,
    OUTCOME_ROWS_MAX = 64,
    MOST_ROWS = 10,
    FOR_US = 600 * 1000 * 1000,
    SHOWN_BYTES = 120,
};

/* How the placeholders are filled: with what stands in the rows, numbers at, before and behind theirs; or
 * with what nobody has. */
static const struct {
    int row;
    int64_t base;
    const char *name;
} variants[] = {
    {0, 5, "values of a row"},
    {0, 4, "numbers before a row's"},
    {2, 6, "numbers behind a row's"},
    {ROW_NOBODY, 1000, "values of no row"},
};

struct outcome {
    const struct db *db;
    enum statement statement;
    size_t variant;
    enum fault fault;
    const char *note;
    int64_t changes;
    size_t row_count;
    struct str rows[OUTCOME_ROWS_MAX]; /* pieces of `text`, sorted */
    struct buffer text;
};

/* Times are the database's own, and no two agree. */
static bool is_time(const char *name)
{
    static const char *const names[] = {"left_us", "now_us", NULL};
    for (size_t i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

static struct value bind_value(const struct sql_field *field, size_t variant, uint8_t *memory)
{
    if (strcmp(field->name, "for_us") == 0)
        return value_int(FOR_US);
    if (strcmp(field->name, "most") == 0)
        return value_int(MOST_ROWS);
    if (field->nullable && variants[variant].row == ROW_NOBODY)
        return value_null();
    return check_row_value(field, field->kind == VALUE_INT ? 0 : variants[variant].row,
                           variants[variant].base, memory);
}

static void put_row(struct outcome *outcome, const struct value *row)
{
    const struct sql_statement *packed = &sql_statements[outcome->statement];
    for (size_t i = 0; i < packed->give_count; i++) {
        buffer_put_char(&outcome->text, i == 0 ? '(' : ' ');
        if (is_time(packed->gives[i].name))
            buffer_put(&outcome->text, STR("a time"));
        else if (row[i].kind == VALUE_NULL)
            buffer_put(&outcome->text, STR("NULL"));
        else if (row[i].kind == VALUE_INT)
            buffer_put_int(&outcome->text, row[i].number);
        else
            buffer_put_hex(&outcome->text, row[i].bytes);
    }
    buffer_put_char(&outcome->text, ')');
}

/* A shared database knows this very opening of it. */
static bool is_own(const struct outcome *outcome, const struct value *row)
{
    struct id id;
    for (size_t i = 0; i < sql_statements[outcome->statement].give_count; i++) {
        if (row[i].kind != VALUE_BYTES || !id_of_bytes(row[i].bytes, &id))
            continue;
        if (id_equal(id, db_server_id(outcome->db)))
            return true;
        for (int lane = 0; lane < db_lanes(outcome->db); lane++) {
            if (id_equal(id, db_lane_id(outcome->db, lane)))
                return true;
        }
    }
    return false;
}

static enum fault ask_rows(struct db_tx *tx, struct outcome *outcome, const struct value *in)
{
    struct value row[CHECK_COLUMNS_MAX];
    size_t ends[OUTCOME_ROWS_MAX + 1] = {0};
    struct db_rows *rows = NULL;
    enum fault fault;
    TRY(db_query(tx, outcome->statement, in, &rows));
    while (db_next(rows, row)) {
        if (outcome->row_count == OUTCOME_ROWS_MAX || is_own(outcome, row))
            continue;
        put_row(outcome, row);
        ends[++outcome->row_count] = outcome->text.len;
    }
done:;
    enum fault ended = db_rows_close(rows);
    fault = fault == FAULT_NONE ? ended : fault;
    for (size_t i = 0; i < outcome->row_count; i++)
        outcome->rows[i] = (struct str){outcome->text.at + ends[i], ends[i + 1] - ends[i]};
    return fault == FAULT_NONE ? buffer_fault(&outcome->text) : fault;
}

/* Nothing of it is kept: the next statement finds the same rows. */
static enum fault try_statement(struct db_tx *tx, void *context)
{
    struct outcome *outcome = context;
    const struct sql_statement *packed = &sql_statements[outcome->statement];
    struct value in[CHECK_COLUMNS_MAX];
    struct check_memory memory;
    must(packed->bind_count <= CHECK_COLUMNS_MAX);
    for (size_t i = 0; i < packed->bind_count; i++)
        in[i] = bind_value(&packed->binds[i], outcome->variant, memory.at[i]);
    buffer_clear(&outcome->text);
    outcome->changes = 0;
    outcome->row_count = 0;
    outcome->fault = packed->give_count > 0 ? ask_rows(tx, outcome, in)
                                            : db_run(tx, outcome->statement, in, &outcome->changes);
    outcome->note = fault_last_note();
    return outcome->fault == FAULT_NONE ? FAULT_CANCELLED : outcome->fault;
}

static int by_text(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

static enum fault run_statement(struct db *db, struct outcome *outcome)
{
    fault_clear_note();
    enum fault fault = db_write(db, DB_FOREGROUND, try_statement, outcome);
    if (fault != FAULT_CANCELLED) {
        outcome->fault = fault;
        outcome->note = fault_last_note();
    }
    qsort(outcome->rows, outcome->row_count, sizeof outcome->rows[0], by_text);
    /* What a statement is refused for is an outcome; what the engine cannot do at all is not. */
    bool is_outcome = fault == FAULT_CANCELLED || fault == FAULT_DUPLICATE || fault == FAULT_INVALID ||
                      fault == FAULT_SCHEMA;
    return is_outcome ? FAULT_NONE : fault;
}

static bool same_outcome(const struct outcome *a, const struct outcome *b)
{
    if (a->fault != b->fault || a->row_count != b->row_count)
        return false;
    if (a->fault == FAULT_NONE && a->changes != b->changes)
        return false;
    for (size_t i = 0; i < a->row_count; i++) {
        if (!str_equal(a->rows[i], b->rows[i]))
            return false;
    }
    return true;
}

static void put_outcome(struct buffer *text, const struct outcome *outcome)
{
    if (outcome->fault != FAULT_NONE) {
        buffer_put(text, str_of(outcome->note[0] == '\0' ? fault_name(outcome->fault) : outcome->note));
    } else if (sql_statements[outcome->statement].give_count == 0) {
        buffer_put_int(text, outcome->changes);
        buffer_put(text, STR(" rows changed"));
    } else {
        buffer_put_int(text, (int64_t)outcome->row_count);
        buffer_put(text, STR(" rows"));
        for (size_t i = 0; i < outcome->row_count && text->len < SHOWN_BYTES; i++) {
            buffer_put_char(text, ' ');
            buffer_put(text, outcome->rows[i]);
        }
    }
    buffer_put_char(text, '\0');
}

static void say_difference(struct check *check, const struct outcome *here, const struct outcome *reference)
{
    struct buffer is = buffer_open(OUTCOME_BYTES_MAX), expected = buffer_open(OUTCOME_BYTES_MAX);
    put_outcome(&is, here);
    put_outcome(&expected, reference);
    if (buffer_fault(&is) == FAULT_NONE && buffer_fault(&expected) == FAULT_NONE)
        check_say(check, here->fault == FAULT_SCHEMA ? CHECK_LACKS : CHECK_FAILS,
                  "%s, with %s: %.200s; SQLite: %.200s", sql_statements[here->statement].name,
                  variants[here->variant].name, is.at, expected.at);
    buffer_close(&is);
    buffer_close(&expected);
}

static enum fault compare_all(struct check *check, struct db *db, struct db *reference)
{
    struct outcome here = {.db = db, .text = buffer_open(OUTCOME_BYTES_MAX)};
    struct outcome there = {.db = reference, .text = buffer_open(OUTCOME_BYTES_MAX)};
    enum fault fault = FAULT_NONE;
    for (int i = SQL_NONE + 1; i < STATEMENTS_END; i++) {
        for (size_t variant = 0; variant < sizeof variants / sizeof variants[0]; variant++) {
            here.statement = there.statement = (enum statement)i;
            here.variant = there.variant = variant;
            TRY(run_statement(reference, &there));
            TRY(run_statement(db, &here));
            if (!same_outcome(&here, &there))
                say_difference(check, &here, &there);
            if (check_stopped(check))
                TRY(FAULT_CANCELLED);
        }
    }
done:
    buffer_close(&here.text);
    buffer_close(&there.text);
    return fault;
}

enum fault check_statements(struct check *check)
{
    struct db *db = NULL;
    struct db *reference = NULL;
    const struct db_settings settings = {
        .connection = check_place_reference(&check->place), .create = true, .readers = 1};
    enum fault fault;
    TRY(db_open(&settings, &reference));
    TRY(check_open(check, 1, 0, &db));
    TRY(check_rows_fill(reference));
    TRY(check_rows_fill(db));
    TRY(compare_all(check, db, reference));
done:;
    const char *note = fault_last_note();
    db_close(db);
    db_close(reference);
    return fault == FAULT_NONE ? fault : fault_note(fault, note);
}
