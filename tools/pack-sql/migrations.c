/* Reads one migration: checks its number and its words, and writes the text that each engine gets. */
#include "pack.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* The number of a path that ends in /NNNN.sql, or -1. */
static int number_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    for (int i = 0; i < 4; i++) {
        if (!isdigit((unsigned char)name[i]))
            return -1;
    }
    return strcmp(name + 4, ".sql") == 0 ? (int)strtol(name, NULL, 10) : -1;
}

/* What a migration must not contain (words of SQL are in capitals): its transaction is the driver's, and the
 * schema is the same on every engine, also on a distributed one. */
static const char *refusal(const char *word)
{
    static const char driver[] = "the driver begins and commits";
    static const char once[] = "a migration runs once and knows what is there";
    static const char made[] = "values are made by the program; no sequences in keys";
    static const char type[] = "write BYTES, BIGINT or TEXT, which both engines have";
    static const char logic[] = "what happens is in the program, never in the database";
    static const char engine[] = "only one of the engines knows it";
    static const struct {
        const char *word;
        const char *why;
    } refused[] = {
        {"BEGIN", driver},
        {"COMMIT", driver},
        {"ROLLBACK", driver},
        {"SAVEPOINT", driver},
        {"PRAGMA", "settings belong to the driver"},
        {"ATTACH", "there is one database"},
        {"VACUUM", "it cannot run in a transaction"},
        {"CONCURRENTLY", "it cannot run in a transaction"},
        {"IF", once},
        {"TEMP", once},
        {"TEMPORARY", once},
        {"TRIGGER", logic},
        {"VIEW", logic},
        {"RULE", logic},
        {"FUNCTION", logic},
        {"PROCEDURE", logic},
        {"LISTEN", logic},
        {"NOTIFY", logic},
        {"AUTOINCREMENT", made},
        {"SERIAL", made},
        {"BIGSERIAL", made},
        {"SMALLSERIAL", made},
        {"SEQUENCE", made},
        {"IDENTITY", made},
        {"GENERATED", made},
        {"BLOB", "write BYTES"},
        {"BYTEA", "write BYTES"},
        {"INT", "write BIGINT"},
        {"INTEGER", "write BIGINT"},
        {"SMALLINT", "write BIGINT"},
        {"DATETIME", "times are microseconds, BIGINT"},
        {"TIMESTAMP", "times are microseconds, BIGINT"},
        {"TIMESTAMPTZ", "times are microseconds, BIGINT"},
        {"DATE", "write TEXT"},
        {"BOOLEAN", "write BIGINT, 0 or 1"},
        {"VARCHAR", "write TEXT"},
        {"CHAR", "write TEXT"},
        {"UUID", "ids are BYTES"},
        {"REAL", type},
        {"NUMERIC", type},
        {"DOUBLE", type},
        {"JSON", type},
        {"JSONB", type},
        {"COLLATE", "TEXT is ordered by its bytes on both engines"},
        {"WITHOUT", engine},
        {"STRICT", engine},
        {"UNLOGGED", engine},
        {"EXTENSION", engine},
        {"TABLESPACE", engine},
        {"INHERITS", engine},
        {"PARTITION", engine},
        {"REPLACE", engine},
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        if (strcmp(word, refused[i].word) == 0)
            return refused[i].why;
    }
    return NULL;
}

/* Of each engine's words for one of ours: PostgreSQL orders text by a language unless it is told to compare
 * its bytes, as SQLite does. */
static void put_word(struct migration *migration, const char *word)
{
    static const struct {
        const char *word;
        const char *sqlite;
        const char *postgres;
    } words[] = {{"BYTES", "BLOB", "BYTEA"}, {"TEXT", "TEXT", "TEXT COLLATE \"C\""}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(word, words[i].word) == 0) {
            text_print(&migration->sqlite, "%s", words[i].sqlite);
            text_print(&migration->postgres, "%s", words[i].postgres);
            return;
        }
    }
    text_print(&migration->sqlite, "%s", word);
    text_print(&migration->postgres, "%s", word);
}

static void take_word(struct migration *migration, int line, const char *at, size_t len)
{
    char word[NAME_MAX_BYTES] = {0};
    if (len >= sizeof word) {
        complain(migration->file, line, "a word of %zu characters: %d are allowed", len, NAME_MAX_BYTES - 1);
        return;
    }
    memcpy(word, at, len);
    const char *why = refusal(word);
    if (why != NULL)
        complain(migration->file, line, "`%s` in a migration: %s", word, why);
    put_word(migration, word);
}

/* In capitals, so that no statement, and with them no refused word, slips by in small letters. */
static void check_statements(const struct migration *migration)
{
    static const char *const begins[] = {"CREATE", "ALTER", "DROP", "INSERT", "UPDATE", "DELETE"};
    struct token *tokens = lex(migration->source.at, 1);
    bool first = true;
    for (const struct token *at = tokens; at->kind != TOKEN_END; at++) {
        bool known = false;
        for (size_t i = 0; first && i < sizeof begins / sizeof begins[0]; i++)
            known = known || (at->len == strlen(begins[i]) && memcmp(at->at, begins[i], at->len) == 0);
        if (first && !known)
            complain(
                migration->file, at->line,
                "a statement of a migration begins with CREATE, ALTER, DROP, INSERT, UPDATE or DELETE, in "
                "capitals");
        if (at->kind == TOKEN_MARK && strchr(":\"`[?@", at->at[0]) != NULL)
            complain(migration->file, at->line, "`%.*s` in a migration is not portable", (int)at->len,
                     at->at);
        first = token_is(at, ";");
    }
    free(tokens);
}

static size_t token_length(const char *at)
{
    if (at[0] == '-' && at[1] == '-')
        return strcspn(at, "\n");
    if (at[0] == '\'') {
        size_t len = 1 + strcspn(at + 1, "'");
        return at[len] == '\'' ? len + 1 : len;
    }
    return 1;
}

static void substitute(struct migration *migration)
{
    int line = 1;
    const char *at = migration->source.at;
    while (*at != '\0') {
        size_t len = 0;
        while (isalnum((unsigned char)at[len]) || at[len] == '_')
            len++;
        if (len > 0) {
            take_word(migration, line, at, len);
        } else {
            if (*at == '\n')
                line++;
            len = token_length(at);
            text_add(&migration->sqlite, at, len);
            text_add(&migration->postgres, at, len);
        }
        at += len;
    }
}

void parse_migration(struct pack *pack, const char *path)
{
    int number = number_of(path);
    if (number < 0) {
        complain(path, 1, "a migration is called NNNN.sql");
        return;
    }
    if (pack->migration_count == MIGRATIONS_MAX || number != (int)pack->migration_count) {
        complain(path, 1, "migrations are numbered without gaps from 0000; %04d was expected",
                 (int)pack->migration_count);
        return;
    }
    struct migration *migration = take(sizeof *migration);
    migration->number = number;
    migration->file = path;
    migration->source = read_file(path);
    substitute(migration);
    check_statements(migration);
    pack->migrations[pack->migration_count++] = migration;
}
