/* The packed SQL as the drivers see it: what pack-sql makes of src/store/sql and src/store/migrations. */
#ifndef STORE_STATEMENT_H
#define STORE_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "store/db.h"

/* One placeholder or column. */
struct sql_field {
    const char *name;
    enum value_kind kind;
    bool nullable;
};

/* `sqlite` or `postgres` is NULL where the statement is for the other engine only. */
struct sql_statement {
    const char *name;
    const char *sqlite;
    const char *postgres;
    const struct sql_field *binds;
    size_t bind_count;
    const struct sql_field *gives;
    size_t give_count;
};

extern const struct sql_statement sql_statements[STATEMENTS_END];

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
