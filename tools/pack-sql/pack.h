/* pack-sql: named blocks of SQL and numbered migrations become C tables.
 *
 * It runs on the building machine only and knows nothing of the program.  Problems are reported as
 * `file:line: message`, all of them; the exit status is then 1 and nothing is written. */
#ifndef PACK_SQL_PACK_H
#define PACK_SQL_PACK_H

#include <stdbool.h>
#include <stddef.h>

enum {
    NAME_MAX_BYTES = 64,
    FIELDS_MAX = 64,
    BLOCKS_MAX = 2000,
    MIGRATIONS_MAX = 1000,
    FILES_MAX = 500,
    TABLES_MAX = 500,
    INDEXES_MAX = 16,
    REFERENCES_MAX = 64,
};

enum kind { KIND_INT = 1, KIND_BYTES, KIND_TEXT };

enum engine { ENGINE_BOTH = 0, ENGINE_SQLITE, ENGINE_POSTGRES };

/* Growing NUL-terminated text. */
struct text {
    char *at; /* NULL before anything was added */
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

/* Where a column of a bulk insert takes its value from. */
enum source { SOURCE_BIND = 1, SOURCE_INT, SOURCE_NULL };

struct copied {
    char name[NAME_MAX_BYTES]; /* the column */
    enum source source;
    size_t bind;
    long long number;
};

/* What `-- bulk: yes` makes: the columns of an INSERT, or the pieces of a SELECT; see store/statement.h. */
struct bulk {
    bool wanted;
    char table[NAME_MAX_BYTES];
    struct copied columns[FIELDS_MAX];
    size_t column_count;
    struct text copy_in;
    struct text pieces[FIELDS_MAX + 1];
    size_t binds[FIELDS_MAX + 1];
    size_t piece_count;
};

/* One `-- name:` block; the texts of the engines differ in the form of their placeholders and in what
 * now_us() is. */
struct block {
    char name[NAME_MAX_BYTES];
    const char *file;
    int line;
    bool commented;
    bool wide; /* `-- wide: why`: it may touch more than one child, or more than one group */
    enum engine only;
    struct fields binds;
    struct fields gives;
    struct text plain; /* $1 for placeholders, else as it stands */
    struct text sqlite;
    struct text postgres;
    struct bulk bulk;
};

struct migration {
    int number;
    const char *file;
    struct text source;   /* as it stands, what the checksum is taken of */
    struct text sqlite;   /* BYTES is BLOB */
    struct text postgres; /* BYTES is BYTEA, TEXT is ordered by its bytes as SQLite orders it */
};

/* Places in a table's columns. */
struct places {
    size_t at[FIELDS_MAX];
    size_t count;
};

/* An index; a unique constraint is one without a text of its own. */
struct index {
    bool unique;
    struct places columns;
    struct text sql;
};

/* Where a distributed engine puts a table: src/store/groups.def. */
enum group { GROUP_NONE = 0, GROUP_CHILD, GROUP_REFERENCE, GROUP_GLOBAL, GROUP_LOG };

/* A table as all migrations leave it. */
struct table {
    char name[NAME_MAX_BYTES];
    const char *file; /* of the migration that makes it */
    int line;
    struct text comment; /* what stands above it there */
    enum group group;
    struct text why; /* it is of that group */
    struct fields columns;
    struct places key;
    struct index indexes[INDEXES_MAX];
    size_t index_count;
};

struct pack {
    struct block *blocks[BLOCKS_MAX];
    size_t block_count;
    struct migration *migrations[MIGRATIONS_MAX];
    size_t migration_count;
    struct table *tables[TABLES_MAX]; /* in the order in which migrations make them */
    size_t table_count;
};

/* One token of SQL; comments are none. */
enum token_kind { TOKEN_END = 0, TOKEN_WORD, TOKEN_NUMBER, TOKEN_STRING, TOKEN_PLACE, TOKEN_MARK };

struct token {
    enum token_kind kind;
    const char *at;
    size_t len;
    int line;
    int depth; /* of parentheses around it */
};

/* Reports a problem and counts it. */
void complain(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
int complaints(void);

/* Memory that cannot be had, or a file that cannot be read, ends the tool. */
void *take(size_t size_bytes);
struct text read_file(const char *path);
void write_if_changed(const char *path, const struct text *text);

/* lex.c: the tokens of a text whose first line has that number, the last of them TOKEN_END; the caller frees.
 */
struct token *lex(const char *text, int line);

/* Whether a token is this word or mark; words in any case. */
bool token_is(const struct token *token, const char *word);
bool token_is_one_of(const struct token *token, const char *const *words);

/* parse.c: the blocks of one file of statements. */
void parse_statements(struct pack *pack, const char *path);

/* scan.c: checks the body of a block and writes its texts. */
void scan_body(struct block *block, const char *body, int line);

/* migrations.c: one numbered migration. */
void parse_migration(struct pack *pack, const char *path);

/* schema.c: applies the migrations to an empty database in memory and reads what they made. */
struct sqlite3;
struct sqlite3 *schema_make(struct pack *pack);
const struct table *schema_table(const struct pack *pack, const char *name, size_t len);
const struct field *schema_column(const struct table *table, const char *name, size_t len);

/* print.c: the tables that result from all migrations, for a reviewer. */
void print_schema(const struct pack *pack, struct text *out);

/* print.c: the commands that put the tables where groups.def says, in the words of Citus. */
void print_distribution(const struct pack *pack, struct text *out);

/* groups.c: which table belongs to which group. */
void parse_groups(struct pack *pack, const char *path);
const char *group_name(enum group group);

/* place.c: what a distributed engine asks of the schema (architecture.md, 6). */
void check_placement(const struct pack *pack, struct sqlite3 *db);

/* portable.c: whether a statement means the same on both engines. */
void check_portable(const struct pack *pack, const struct block *block);

/* reach.c: the tables that a statement names, in order and as often as it does, at most REFERENCES_MAX. */
size_t tables_of(const struct pack *pack, const struct token *tokens, const struct table **ret_tables);

/* reach.c: whether a statement keeps to one child, and to one group of tables. */
void check_reach(const struct pack *pack, const struct block *block);

/* bulk.c: what COPY needs of a statement marked `-- bulk: yes`. */
void make_bulk(const struct pack *pack, struct block *block);

/* verify.c: prepares every statement on the schema. */
void verify(const struct pack *pack, struct sqlite3 *db);

/* emit.c */
void emit_header(const struct pack *pack, struct text *out);
void emit_source(const struct pack *pack, struct text *out);

#endif
