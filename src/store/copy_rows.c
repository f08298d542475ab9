/* Rows on their way from one database to another, and their comparison. */
#include "store/copy_rows.h"

#include <stdlib.h>
#include <string.h>

enum {
    CHUNK_ROWS_MAX = 2000,
    CHUNK_BYTES_MAX = 2 * 1024 * 1024,
    CHUNK_ARENA_BYTES = 512 * 1024 * 1024, /* one row may be as large as an engine takes it */
    KEY_ARENA_BYTES = 1024 * 1024,
    PROGRESS_ROWS = 1000,
};

const struct copy_table copy_tables[] = {
#define CARRY(table)  {#table, SQL_copy_read_##table, SQL_copy_write_##table, SQL_copy_last_##table},
#define FINISH(table) {#table, SQL_copy_read_##table, SQL_NONE, SQL_NONE},
#define LEAVE(table, why)
#include "store/copy.def"
#undef CARRY
#undef FINISH
#undef LEAVE
};
const size_t copy_table_count = sizeof copy_tables / sizeof copy_tables[0];
_Static_assert(sizeof copy_tables / sizeof copy_tables[0] <= COPY_TABLES_MAX, "the report has room");

const struct sql_table *copy_schema(const struct copy_table *table)
{
    const struct sql_table *found = NULL;
    for (size_t i = 0; i < sql_table_count && found == NULL; i++) {
        if (strcmp(sql_tables[i].name, table->name) == 0)
            found = &sql_tables[i];
    }
    must(found != NULL && found->column_count <= COPY_COLUMNS_MAX);
    return found;
}

void copy_least(const struct copy_table *table, struct value *ret_key)
{
    static const uint8_t nothing[1] = {0};
    const struct sql_table *schema = copy_schema(table);
    for (size_t i = 0; i < schema->key_count; i++) {
        enum value_kind kind = schema->columns[schema->key[i]].kind;
        ret_key[i] = (struct value){.kind = kind, .number = INT64_MIN, .bytes = {nothing, 0}};
    }
}

/* Rows that wait to be written together, in memory of their own. */
struct chunk {
    const struct copying *copying;
    const struct copy_table *table;
    size_t columns;
    struct arena *arena;
    struct value *rows;
    size_t count;
    size_t size_bytes;
};

static enum fault write_rows(struct db_tx *tx, void *context)
{
    const struct chunk *chunk = context;
    enum fault fault;
    TRY(copy_hold(tx, chunk->copying));
    TRY(db_run_many(tx, chunk->table->write, chunk->rows, chunk->count));
done:
    return fault;
}

static enum fault write_chunk(struct chunk *chunk, struct copy_count *count)
{
    enum fault fault = FAULT_NONE;
    if (chunk->count == 0)
        return fault;
    TRY(db_write(chunk->copying->to, DB_BACKGROUND, write_rows, chunk));
    count->written += (int64_t)chunk->count;
    chunk->count = 0;
    chunk->size_bytes = 0;
    arena_reset(chunk->arena);
done:
    return fault;
}

static enum fault add_row(struct chunk *chunk, const struct value *row)
{
    struct value *to = chunk->rows + chunk->count * chunk->columns;
    for (size_t i = 0; i < chunk->columns; i++) {
        to[i] = row[i];
        if (row[i].kind != VALUE_BYTES && row[i].kind != VALUE_TEXT)
            continue;
        struct str copy;
        enum fault fault = arena_copy(chunk->arena, str_of_bytes(row[i].bytes), &copy);
        if (fault != FAULT_NONE)
            return fault;
        to[i].bytes = bytes_of(copy);
        chunk->size_bytes += copy.len;
    }
    chunk->count++;
    return FAULT_NONE;
}

/* The greatest key that the target has of a table. */
struct position {
    const struct copy_table *table;
    struct arena *arena;
    struct value key[COPY_COLUMNS_MAX];
    bool begun; /* there is one */
};

static enum fault read_position(struct db_tx *tx, void *context)
{
    struct position *position = context;
    enum fault fault = db_one(tx, position->table->last, NULL, position->arena, position->key);
    position->begun = fault == FAULT_NONE;
    if (fault != FAULT_ABSENT)
        return fault;
    copy_least(position->table, position->key);
    return FAULT_NONE;
}

static bool same(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == VALUE_INT)
        return a->number == b->number;
    return a->kind == VALUE_NULL ||
           (a->bytes.len == b->bytes.len && memcmp(a->bytes.at, b->bytes.at, a->bytes.len) == 0);
}

static bool stands_at(const struct sql_table *schema, const struct value *row, const struct value *key)
{
    for (size_t i = 0; i < schema->key_count; i++) {
        if (!same(&row[schema->key[i]], &key[i]))
            return false;
    }
    return true;
}

static void tell(const struct copying *copying, enum copy_phase phase, const char *table, int64_t rows)
{
    copying->listener->progress(copying->listener->context, phase, table, rows);
}

static enum fault carry_rows(struct db_tx *tx, struct chunk *chunk, const struct position *position,
                             struct copy_count *count)
{
    struct value row[COPY_COLUMNS_MAX];
    struct db_rows *rows = NULL;
    int64_t seen = 0;
    enum fault fault;
    TRY(db_query(tx, chunk->table->read, position->key, &rows));
    while (db_next(rows, row)) {
        if (seen++ == 0 && position->begun && stands_at(copy_schema(chunk->table), row, position->key))
            continue; /* the target has it */
        TRY(add_row(chunk, row));
        if (chunk->count == CHUNK_ROWS_MAX || chunk->size_bytes >= CHUNK_BYTES_MAX)
            TRY(write_chunk(chunk, count));
        if (seen % PROGRESS_ROWS == 0)
            tell(chunk->copying, COPY_CARRYING, chunk->table->name, count->written);
    }
done:;
    enum fault ended = db_rows_close(rows);
    fault = fault == FAULT_NONE ? ended : fault;
    return fault == FAULT_NONE ? write_chunk(chunk, count) : fault;
}

static enum fault carry_table(struct db_tx *tx, struct copying *copying, size_t at)
{
    const struct copy_table *table = &copy_tables[at];
    struct position position = {.table = table};
    struct chunk chunk = {.copying = copying, .table = table, .columns = copy_schema(table)->column_count};
    enum fault fault;
    tell(copying, COPY_CARRYING, table->name, 0);
    TRY(arena_open(KEY_ARENA_BYTES, &position.arena));
    TRY(arena_open(CHUNK_ARENA_BYTES, &chunk.arena));
    chunk.rows = calloc(CHUNK_ROWS_MAX * chunk.columns, sizeof chunk.rows[0]);
    if (chunk.rows == NULL)
        TRY(FAULT_MEMORY);
    TRY(db_read(copying->to, read_position, &position));
    TRY(carry_rows(tx, &chunk, &position, &copying->report->tables[at]));
done:
    free(chunk.rows);
    arena_close(chunk.arena);
    arena_close(position.arena);
    return fault;
}

static enum fault carry_all(struct db_tx *tx, void *context)
{
    struct copying *copying = context;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < copy_table_count && fault == FAULT_NONE; i++) {
        if (copy_tables[i].write != SQL_NONE)
            fault = carry_table(tx, copying, i);
    }
    return fault;
}

enum fault copy_carry(struct copying *copying)
{
    return db_read(copying->from, carry_all, copying);
}

static bool same_row(const struct sql_table *schema, const struct value *a, const struct value *b)
{
    for (size_t i = 0; i < schema->column_count; i++) {
        if (!same(&a[i], &b[i]))
            return false;
    }
    return true;
}

static enum fault compare_rows(struct db_rows *from, struct db_rows *to, const struct copy_table *table,
                               const struct copying *copying, struct copy_count *count)
{
    const struct sql_table *schema = copy_schema(table);
    struct value a[COPY_COLUMNS_MAX], b[COPY_COLUMNS_MAX];
    for (;;) {
        bool more = db_next(from, a);
        if (db_next(to, b) != more || (more && !same_row(schema, a, b))) {
            copying->report->differs = table->name;
            return FAULT_CONFLICT;
        }
        if (!more)
            break;
        if (++count->rows % PROGRESS_ROWS == 0)
            tell(copying, COPY_COMPARING, table->name, count->rows);
    }
    return FAULT_NONE;
}

enum fault copy_compare_table(struct db_tx *from, struct db_tx *to, const struct copy_table *table,
                              const struct copying *copying, struct copy_count *count)
{
    struct value least[COPY_COLUMNS_MAX];
    struct db_rows *from_rows = NULL;
    struct db_rows *to_rows = NULL;
    enum fault fault;
    count->rows = 0;
    tell(copying, COPY_COMPARING, table->name, 0);
    copy_least(table, least);
    TRY(db_query(from, table->read, least, &from_rows));
    TRY(db_query(to, table->read, least, &to_rows));
    TRY(compare_rows(from_rows, to_rows, table, copying, count));
done:;
    /* A side that broke off is the reason why they seemed to differ. */
    enum fault from_ended = db_rows_close(from_rows);
    enum fault to_ended = db_rows_close(to_rows);
    enum fault ended = from_ended != FAULT_NONE ? from_ended : to_ended;
    if (fault == FAULT_CONFLICT && ended == FAULT_NONE && copying->report->differs != NULL)
        return fault_note(fault, "the copy is not the same as its source, which has changed since the copy "
                                 "began: empty the target, then copy again");
    if (ended != FAULT_NONE)
        copying->report->differs = NULL;
    return fault == FAULT_NONE || fault == FAULT_CONFLICT ? (ended == FAULT_NONE ? fault : ended) : fault;
}

struct comparing {
    struct copying *copying;
    struct db_tx *from;
};

static enum fault compare_to(struct db_tx *to, void *context)
{
    const struct comparing *comparing = context;
    struct copying *copying = comparing->copying;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < copy_table_count && fault == FAULT_NONE; i++) {
        if (copy_tables[i].write != SQL_NONE)
            fault = copy_compare_table(comparing->from, to, &copy_tables[i], copying,
                                       &copying->report->tables[i]);
    }
    return fault;
}

static enum fault compare_from(struct db_tx *from, void *context)
{
    struct comparing comparing = {context, from};
    return db_read(comparing.copying->to, compare_to, &comparing);
}

enum fault copy_compare(struct copying *copying)
{
    return db_read(copying->from, compare_from, copying);
}
