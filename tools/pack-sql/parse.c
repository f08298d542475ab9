/* Cuts a file of statements into blocks and reads their headers. */
#include "pack.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct cursor {
    struct pack *pack;
    const char *file;
    struct block *block; /* NULL before the first name */
    bool in_body;
    int body_line;
    struct text body;
};

static bool is_name(const char *text)
{
    if (!islower((unsigned char)text[0]))
        return false;
    for (const char *c = text; *c != '\0'; c++) {
        if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '_')
            return false;
    }
    return strlen(text) < NAME_MAX_BYTES;
}

static bool kind_of(const char *word, enum kind *ret_kind)
{
    static const struct {
        const char *word;
        enum kind kind;
    } kinds[] = {{"int", KIND_INT}, {"bytes", KIND_BYTES}, {"text", KIND_TEXT}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(word, kinds[i].word) == 0) {
            *ret_kind = kinds[i].kind;
            return true;
        }
    }
    return false;
}

/* The next word of *rest, cut off in place; empty at the end. */
static char *next_word(char **rest)
{
    char *word = *rest + strspn(*rest, " \t");
    size_t len = strcspn(word, " \t");
    *rest = word + len;
    if (**rest != '\0')
        *(*rest)++ = '\0';
    return word;
}

/* One "name kind" or "name kind?" of a list. */
static void add_field(struct cursor *cursor, int line, struct fields *fields, char *item)
{
    const char *name = next_word(&item);
    char *kind = next_word(&item);
    if (kind[0] == '\0' || next_word(&item)[0] != '\0' || !is_name(name)) {
        complain(cursor->file, line, "expected `name kind`, in lower case, between commas");
        return;
    }
    for (size_t i = 0; i < fields->count; i++) {
        if (strcmp(fields->at[i].name, name) == 0) {
            complain(cursor->file, line, "`%s` is listed twice", name);
            return;
        }
    }
    if (fields->count == FIELDS_MAX) {
        complain(cursor->file, line, "more than %d entries", FIELDS_MAX);
        return;
    }
    struct field *field = &fields->at[fields->count];
    size_t len = strlen(kind);
    field->nullable = kind[len - 1] == '?';
    if (field->nullable)
        kind[len - 1] = '\0';
    if (!kind_of(kind, &field->kind)) {
        complain(cursor->file, line,
                 "unknown kind `%s` of `%s`: int, bytes or text, with ? where it may be NULL", kind, name);
        return;
    }
    memcpy(field->name, name, strlen(name) + 1);
    fields->count++;
}

static void add_fields(struct cursor *cursor, int line, struct fields *fields, char *list)
{
    if (strcmp(list, "none") == 0)
        return;
    char *item;
    while ((item = strsep(&list, ",")) != NULL)
        add_field(cursor, line, fields, item);
}

/* The text behind "-- key:", or NULL. */
static char *behind_key(char *line, const char *key)
{
    if (strncmp(line, "--", 2) != 0)
        return NULL;
    line += 2;
    line += strspn(line, " \t");
    size_t len = strlen(key);
    if (strncmp(line, key, len) != 0 || line[len] != ':')
        return NULL;
    line += len + 1;
    line += strspn(line, " \t");
    return line;
}

static void end_block(struct cursor *cursor)
{
    struct block *block = cursor->block;
    if (block == NULL)
        return;
    if (!block->commented)
        complain(block->file, block->line, "`%s` has no comment that says what it does", block->name);
    if (!cursor->in_body)
        complain(block->file, block->line, "`%s` has no statement", block->name);
    else
        scan_body(block, cursor->body.at, cursor->body_line);
    free(cursor->body.at);
    cursor->body = (struct text){0};
    cursor->in_body = false;
    cursor->block = NULL;
}

static void begin_block(struct cursor *cursor, int line, const char *name)
{
    end_block(cursor);
    if (!is_name(name)) {
        complain(cursor->file, line, "`%s` is not a name: lower case, digits and _", name);
        name = "unnamed";
    }
    struct block *block = take(sizeof *block);
    memcpy(block->name, name, strlen(name) + 1);
    block->file = cursor->file;
    block->line = line;
    cursor->block = block;
    if (cursor->pack->block_count == BLOCKS_MAX)
        complain(cursor->file, line, "more than %d statements", BLOCKS_MAX);
    else
        cursor->pack->blocks[cursor->pack->block_count++] = block;
}

static void read_only_key(struct cursor *cursor, int line, const char *value)
{
    if (strcmp(value, "sqlite") == 0)
        cursor->block->only = ENGINE_SQLITE;
    else if (strcmp(value, "postgres") == 0)
        cursor->block->only = ENGINE_POSTGRES;
    else
        complain(cursor->file, line, "`only` is sqlite or postgres, not `%s`", value);
}

static void read_bulk_key(struct cursor *cursor, int line, const char *value)
{
    if (strcmp(value, "yes") == 0)
        cursor->block->bulk.wanted = true;
    else
        complain(cursor->file, line, "`bulk` is yes or absent, not `%s`", value);
}

static void read_wide_key(struct cursor *cursor, int line, const char *value)
{
    if (value[0] == '\0')
        complain(cursor->file, line, "`-- wide:` says why the statement may touch more than one child");
    cursor->block->wide = true;
}

/* A comment line between the name and the statement. */
static void read_header_line(struct cursor *cursor, int line, char *text)
{
    char *value;
    if ((value = behind_key(text, "binds")) != NULL)
        add_fields(cursor, line, &cursor->block->binds, value);
    else if ((value = behind_key(text, "gives")) != NULL)
        add_fields(cursor, line, &cursor->block->gives, value);
    else if ((value = behind_key(text, "only")) != NULL)
        read_only_key(cursor, line, value);
    else if ((value = behind_key(text, "bulk")) != NULL)
        read_bulk_key(cursor, line, value);
    else if ((value = behind_key(text, "wide")) != NULL)
        read_wide_key(cursor, line, value);
    else if (text[2 + strspn(text + 2, " \t-")] != '\0')
        cursor->block->commented = true;
}

static void read_line(struct cursor *cursor, int line, char *text)
{
    size_t len = strlen(text);
    while (len > 0 && isspace((unsigned char)text[len - 1]))
        text[--len] = '\0';
    const char *name = behind_key(text, "name");
    bool comment = strncmp(text, "--", 2) == 0;
    if (name != NULL) {
        begin_block(cursor, line, name);
        return;
    }
    if (cursor->block == NULL) {
        if (len > 0 && !comment)
            complain(cursor->file, line, "a statement without a `-- name:` above it");
        return;
    }
    if (!cursor->in_body) {
        if (comment)
            read_header_line(cursor, line, text);
        if (comment || len == 0)
            return;
        cursor->in_body = true;
        cursor->body_line = line;
    }
    text_print(&cursor->body, "%s\n", text);
}

void parse_statements(struct pack *pack, const char *path)
{
    struct text content = read_file(path);
    struct cursor cursor = {.pack = pack, .file = path};
    int line = 1;
    char *at = content.at;
    while (*at != '\0') {
        char *end = strchr(at, '\n');
        char *next = end == NULL ? at + strlen(at) : end + 1;
        if (end != NULL)
            *end = '\0';
        read_line(&cursor, line++, at);
        at = next;
    }
    end_block(&cursor);
    free(content.at);
}
