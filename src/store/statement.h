/* The packed SQL as the drivers see it: what pack-sql makes of src/store/sql and src/store/migrations. */
#ifndef STORE_STATEMENT_H
#define STORE_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/db.h"

/* One placeholder or column. */
struct sql_field {
    const char *name;
    enum value_kind kind;
    bool nullable;
};

/* Where a column of a bulk insert takes its value from. */
enum sql_copy_source { COPY_BIND = 1, COPY_INT, COPY_NULL };

struct sql_copy_column {
    enum sql_copy_source source;
    size_t bind;    /* COPY_BIND: which placeholder; its kind is the column's */
    int64_t number; /* COPY_INT: a constant of a BIGINT column */
};

/* A part of the text of a bulk read.  Behind every part but the last comes the value of placeholder `bind`,
 * which is never NULL: an int in decimal, or bytes in hexadecimal; the parts bring the quotes and casts
 * around it. */
struct sql_copy_piece {
    const char *text;
    size_t bind;
};

/* A statement that stands in sql/ with `-- bulk: yes` has, beside its texts, what PostgreSQL's COPY needs:
 * an INSERT `copy_in` (COPY … FROM STDIN (FORMAT binary)) with what goes into each column, in order;
 * a SELECT `copy_pieces`, which together make COPY (…) TO STDOUT (FORMAT binary), whose columns are `gives`.
 */
struct sql_statement {
    const char *name;
    const char *sqlite;
    const char *postgres;
    const struct sql_field *binds;
    size_t bind_count;
    const struct sql_field *gives;
    size_t give_count;
    const char *copy_in; /* NULL where it is no bulk insert */
    const struct sql_copy_column *copy_columns;
    size_t copy_column_count;
    const struct sql_copy_piece *copy_pieces; /* NULL where it is no bulk read */
    size_t copy_piece_count;
};

extern const struct sql_statement sql_statements[STATEMENTS_END];

/* A table as all migrations leave it, in the order in which they make them; `key` holds the places in
 * `columns` of its primary key. */
struct sql_table {
    const char *name;
    const struct sql_field *columns;
    size_t column_count;
    const size_t *key;
    size_t key_count;
};

extern const struct sql_table sql_tables[];
extern const size_t sql_table_count;

/* Migrations stand in order; `source` is the committed text, which the checksum is taken of. */
struct sql_migration {
    int number;
    const char *source;
    const char *sqlite;
    const char *postgres;
};

extern const struct sql_migration sql_migrations[];
extern const size_t sql_migration_count;

#endif
