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
 * schema is the same on every engine. */
static const char *refusal(const char *word)
{
    static const struct {
        const char *word;
        const char *why;
    } refused[] = {
        {"BEGIN", "the driver begins and commits"},
        {"COMMIT", "the driver begins and commits"},
        {"ROLLBACK", "the driver begins and commits"},
        {"PRAGMA", "settings belong to the driver"},
        {"ATTACH", "there is one database"},
        {"VACUUM", "it cannot run in a transaction"},
        {"TRIGGER", "there are no triggers"},
        {"AUTOINCREMENT", "ids are made by the program"},
        {"SERIAL", "ids are made by the program"},
        {"SEQUENCE", "write a dense number of the program's own; no sequences on hot paths"},
        {"BLOB", "write BYTES"},
        {"BYTEA", "write BYTES"},
        {"INTEGER", "write BIGINT"},
        {"DATETIME", "times are microseconds, BIGINT"},
        {"TIMESTAMP", "times are microseconds, BIGINT"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        if (strcmp(word, refused[i].word) == 0)
            return refused[i].why;
    }
    return NULL;
}

static void take_word(struct migration *migration, int line, const char *at, size_t len)
{
    char word[NAME_MAX_BYTES] = {0};
    if (len < sizeof word)
        memcpy(word, at, len);
    const char *why = refusal(word);
    if (why != NULL)
        complain(migration->file, line, "`%s` in a migration: %s", word, why);
    if (strcmp(word, "BYTES") == 0) {
        text_print(&migration->sqlite, "BLOB");
        text_print(&migration->postgres, "BYTEA");
        return;
    }
    text_add(&migration->sqlite, at, len);
    text_add(&migration->postgres, at, len);
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
    pack->migrations[pack->migration_count++] = migration;
}
