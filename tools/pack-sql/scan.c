/* Reads the statement of a block token by token: refuses what is not portable or not bound, and writes the
 * text that each engine gets. */
#include "pack.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct scan {
    struct block *block;
    const char *at;
    int line;
    int depth;
    bool ended;     /* the semicolon has been seen */
    bool returning; /* RETURNING outside parentheses */
    char first[16]; /* the first word */
    char main[16];  /* the word that tells what the statement does: the first, or what follows a WITH */
    char last[16];  /* the last token: a word, or one character of punctuation */
};

static void put(struct scan *scan, const char *piece, size_t len)
{
    text_add(&scan->block->plain, piece, len);
    text_add(&scan->block->sqlite, piece, len);
    text_add(&scan->block->postgres, piece, len);
}

/* now_us(): the database's own time in microseconds, one for all of a statement.  PostgreSQL's is STABLE and
 * not VOLATILE, so that Citus may work it out once for all nodes. */
static const char now_us[] = "now_us()";

static void put_now(struct scan *scan)
{
    text_print(&scan->block->plain, "%s", now_us);
    text_print(&scan->block->sqlite, "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)");
    text_print(&scan->block->postgres, "CAST(extract(epoch FROM statement_timestamp()) * 1000000 AS BIGINT)");
}

static void remember(struct scan *scan, const char *token, size_t len)
{
    if (len >= sizeof scan->last)
        len = sizeof scan->last - 1;
    memcpy(scan->last, token, len);
    scan->last[len] = '\0';
}

static void scan_space(struct scan *scan)
{
    while (isspace((unsigned char)*scan->at)) {
        if (*scan->at == '\n')
            scan->line++;
        scan->at++;
    }
    const struct text *text = &scan->block->sqlite;
    if (text->len > 0 && text->at[text->len - 1] != ' ' && *scan->at != '\0' && *scan->at != ';')
        put(scan, " ", 1);
}

static void scan_string(struct scan *scan)
{
    const char *end = scan->at + 1;
    while (*end != '\0' && (*end != '\'' || end[1] == '\'')) {
        if (*end == '\'')
            end++;
        if (*end == '\n')
            scan->line++;
        end++;
    }
    if (*end == '\0') {
        complain(scan->block->file, scan->line, "a text literal without its closing quote");
        scan->at = end;
        return;
    }
    put(scan, scan->at, (size_t)(end + 1 - scan->at));
    remember(scan, "'", 1);
    scan->at = end + 1;
}

static size_t word_length(const char *at)
{
    size_t len = 0;
    while (isalnum((unsigned char)at[len]) || at[len] == '_')
        len++;
    return len;
}

static void scan_placeholder(struct scan *scan)
{
    struct block *block = scan->block;
    size_t len = word_length(scan->at + 1);
    const char *name = scan->at + 1;
    scan->at += 1 + len;
    remember(scan, "$", 1);
    for (size_t i = 0; i < block->binds.count; i++) {
        struct field *field = &block->binds.at[i];
        if (strlen(field->name) == len && memcmp(field->name, name, len) == 0) {
            field->used = true;
            text_print(&block->sqlite, "?%zu", i + 1);
            text_print(&block->plain, "$%zu", i + 1);
            text_print(&block->postgres, "$%zu", i + 1);
            return;
        }
    }
    complain(block->file, scan->line, "`$%.*s` is not listed in `-- binds:` of `%s`", (int)len, name,
             block->name);
}

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strcasecmp(word, *words) == 0)
            return true;
    }
    return false;
}

static const char *const verbs[] = {"SELECT", "INSERT", "UPDATE", "DELETE", NULL};

static void scan_word(struct scan *scan)
{
    size_t len = word_length(scan->at);
    put(scan, scan->at, len);
    remember(scan, scan->at, len);
    scan->at += len;
    if (scan->first[0] == '\0')
        memcpy(scan->first, scan->last, sizeof scan->first);
    if (scan->depth > 0)
        return;
    if (scan->main[0] == '\0' && is_one_of(scan->last, verbs))
        memcpy(scan->main, scan->last, sizeof scan->main);
    if (strcasecmp(scan->last, "RETURNING") == 0)
        scan->returning = true;
}

static void check_mark(struct scan *scan)
{
    static const char *const before_star[] = {"SELECT", "DISTINCT", "ALL", "RETURNING", ",", ".", NULL};
    const struct block *block = scan->block;
    char c = *scan->at;
    if (c == '?')
        complain(block->file, scan->line, "a `?` parameter: write $name and list it in `-- binds:`");
    else if (c == ':')
        complain(block->file, scan->line,
                 "a `:`: write CAST(x AS type) for a cast and $name for a placeholder");
    else if (c == '"' || c == '`' || c == '@' || c == '[')
        complain(block->file, scan->line, "`%c` is not portable", c);
    else if (c == '/' && scan->at[1] == '*')
        complain(block->file, scan->line, "a comment begins with --");
    else if (c == '|' && scan->at[1] == '|' && block->binds.count > 0)
        complain(block->file, scan->line, "`||` in a statement that binds: bind the finished value");
    else if (c == '*' && is_one_of(scan->last, before_star))
        complain(block->file, scan->line, "`*` as columns: name each of them");
}

static void scan_mark(struct scan *scan)
{
    check_mark(scan);
    char c = *scan->at;
    if (c == '(')
        scan->depth++;
    if (c == ')')
        scan->depth--;
    if (c == '|' && scan->at[1] == '|') {
        put(scan, scan->at++, 1);
    }
    put(scan, scan->at, 1);
    remember(scan, scan->at, 1);
    scan->at++;
}

static void scan_token(struct scan *scan)
{
    char c = *scan->at;
    if (isspace((unsigned char)c)) {
        scan_space(scan);
        return;
    }
    if (c == '-' && scan->at[1] == '-') {
        scan->at += strcspn(scan->at, "\n");
        return;
    }
    if (scan->ended) {
        complain(scan->block->file, scan->line, "more than one statement in `%s`", scan->block->name);
        scan->at += strlen(scan->at);
        return;
    }
    if (c == ';') {
        scan->ended = true;
        scan->at++;
    } else if (c == '\'') {
        scan_string(scan);
    } else if (c == '$') {
        scan_placeholder(scan);
    } else if (strncmp(scan->at, now_us, sizeof now_us - 1) == 0) {
        put_now(scan);
        remember(scan, ")", 1);
        scan->at += sizeof now_us - 1;
    } else if (isalnum((unsigned char)c) || c == '_') {
        scan_word(scan);
    } else {
        scan_mark(scan);
    }
}

static void check_whole(const struct scan *scan)
{
    const struct block *block = scan->block;
    if (!scan->ended)
        complain(block->file, scan->line, "`%s` does not end with `;`", block->name);
    if (!is_one_of(scan->first, verbs) && strcasecmp(scan->first, "WITH") != 0)
        complain(block->file, block->line,
                 "`%s` begins with `%s`: only SELECT, INSERT, UPDATE, DELETE and WITH may stand here",
                 block->name, scan->first);
    bool gives = scan->returning || strcasecmp(scan->main, "SELECT") == 0;
    if (gives && block->gives.count == 0)
        complain(block->file, block->line, "`%s` gives rows but has no `-- gives:`", block->name);
    if (!gives && block->gives.count > 0)
        complain(block->file, block->line, "`%s` has `-- gives:` but gives no rows", block->name);
    for (size_t i = 0; i < block->binds.count; i++) {
        if (!block->binds.at[i].used)
            complain(block->file, block->line, "`%s` lists `%s` in `-- binds:` but does not use it",
                     block->name, block->binds.at[i].name);
    }
}

void scan_body(struct block *block, const char *body, int line)
{
    struct scan scan = {.block = block, .at = body, .line = line};
    while (*scan.at != '\0')
        scan_token(&scan);
    check_whole(&scan);
}
