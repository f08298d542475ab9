/* pack-sql: named blocks of SQL and numbered migrations become C tables.
 *
 * It runs on the building machine only and knows nothing of the program.  Problems are reported as
 * `file:line: message`, all of them; the exit status is then 1 and nothing is written. */
#ifndef PACK_SQL_PACK_H
#define PACK_SQL_PACK_H

#include <stdbool.h>
#include <stddef.h>

enum { NAME_MAX_BYTES = 64, FIELDS_MAX = 64, BLOCKS_MAX = 2000, MIGRATIONS_MAX = 1000, FILES_MAX = 500 };

enum kind { KIND_INT = 1, KIND_BYTES, KIND_TEXT };

enum engine { ENGINE_BOTH = 0, ENGINE_SQLITE, ENGINE_POSTGRES };

/* Growing NUL-terminated text. */
struct text {
    char *at;
    size_t len;
    size_t room;
};

void text_add(struct text *text, const char *piece, size_t len);
void text_print(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One placeholder or one column. */
struct field {
    char name[NAME_MAX_BYTES];
    enum kind kind;
    bool nullable;
    bool used;
};

struct fields {
    struct field at[FIELDS_MAX];
    size_t count;
};

/* One `-- name:` block; the two texts differ in the form of their placeholders. */
struct block {
    char name[NAME_MAX_BYTES];
    const char *file;
    int line;
    bool commented;
    enum engine only;
    struct fields binds;
    struct fields gives;
    struct text sqlite;
    struct text postgres;
};

struct migration {
    int number;
    const char *file;
    struct text source;   /* as it stands, what the checksum is taken of */
    struct text sqlite;   /* BYTES is BLOB */
    struct text postgres; /* BYTES is BYTEA */
};

struct pack {
    struct block *blocks[BLOCKS_MAX];
    size_t block_count;
    struct migration *migrations[MIGRATIONS_MAX];
    size_t migration_count;
};

/* Reports a problem and counts it. */
void complain(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
int complaints(void);

/* Memory that cannot be had, or a file that cannot be read, ends the tool. */
void *take(size_t size_bytes);
struct text read_file(const char *path);
void write_if_changed(const char *path, const struct text *text);

/* parse.c: the blocks of one file of statements. */
void parse_statements(struct pack *pack, const char *path);

/* scan.c: checks the body of a block and writes its texts. */
void scan_body(struct block *block, const char *body, int line);

/* migrations.c: one numbered migration. */
void parse_migration(struct pack *pack, const char *path);

/* verify.c: applies the migrations to an empty database in memory and prepares every statement on it. */
void verify(const struct pack *pack);

/* verify.c: the schema that results from all migrations. */
void print_schema(const struct pack *pack, struct text *out);

/* emit.c */
void emit_header(const struct pack *pack, struct text *out);
void emit_source(const struct pack *pack, struct text *out);

#endif
