/* Makes what PostgreSQL's COPY needs of statements marked `-- bulk: yes`. */
#include "pack.h"

#include <stdlib.h>
#include <string.h>

static void refuse(const struct block *block, const char *why)
{
    complain(block->file, block->line, "`%s` cannot be `-- bulk: yes`: %s", block->name, why);
}

/* Takes a token that must be this word or mark. */
static bool expect(const struct token **at, const char *word)
{
    if (!token_is(*at, word))
        return false;
    (*at)++;
    return true;
}

static bool read_column(struct bulk *bulk, const struct token **at)
{
    const struct token *token = (*at)++;
    if (token->kind != TOKEN_WORD || token->len >= NAME_MAX_BYTES || bulk->column_count == FIELDS_MAX)
        return false;
    memcpy(bulk->columns[bulk->column_count++].name, token->at, token->len);
    return true;
}

static bool read_value(struct copied *column, const struct token **at)
{
    bool negative = expect(at, "-");
    const struct token *token = (*at)++;
    if (token->kind == TOKEN_NUMBER) {
        char *end = NULL;
        column->source = SOURCE_INT;
        column->number = strtoll(token->at, &end, 10) * (negative ? -1 : 1);
        return end == token->at + token->len;
    }
    if (token->kind == TOKEN_PLACE && !negative) {
        column->source = SOURCE_BIND;
        column->bind = (size_t)strtoul(token->at + 1, NULL, 10) - 1;
        return true;
    }
    column->source = SOURCE_NULL;
    return !negative && token_is(token, "NULL");
}

/* INSERT INTO table (column, …) VALUES (value, …), and nothing behind it. */
static bool read_insert(struct bulk *bulk, const struct token *at)
{
    if (!expect(&at, "INSERT") || !expect(&at, "INTO") || at->kind != TOKEN_WORD || at->len >= NAME_MAX_BYTES)
        return false;
    memcpy(bulk->table, at->at, at->len);
    at++;
    if (!expect(&at, "("))
        return false;
    do {
        if (!read_column(bulk, &at))
            return false;
    } while (expect(&at, ","));
    if (!expect(&at, ")") || !expect(&at, "VALUES") || !expect(&at, "("))
        return false;
    for (size_t i = 0; i < bulk->column_count; i++) {
        if ((i > 0 && !expect(&at, ",")) || !read_value(&bulk->columns[i], &at))
            return false;
    }
    return expect(&at, ")") && at->kind == TOKEN_END;
}

/* COPY in binary converts nothing: what is bound must be of the column's own type. */
static void check_columns(const struct pack *pack, const struct block *block)
{
    const struct bulk *bulk = &block->bulk;
    const struct table *table = schema_table(pack, bulk->table, strlen(bulk->table));
    for (size_t i = 0; table != NULL && i < bulk->column_count; i++) {
        const struct copied *copied = &bulk->columns[i];
        const struct field *column = schema_column(table, copied->name, strlen(copied->name));
        if (column == NULL)
            continue; /* SQLite complains better */
        bool fits = copied->source == SOURCE_NULL  ? column->nullable
                    : copied->source == SOURCE_INT ? column->kind == KIND_INT
                                                   : column->kind == block->binds.at[copied->bind].kind;
        if (!fits)
            complain(block->file, block->line,
                     "`%s` is `-- bulk: yes` but what it puts into `%s.%s` is not of the column's type",
                     block->name, table->name, column->name);
    }
}

static void make_insert(const struct pack *pack, struct block *block, const struct token *tokens)
{
    struct bulk *bulk = &block->bulk;
    if (!read_insert(bulk, tokens)) {
        refuse(block, "write INSERT INTO table (columns) VALUES (values), where every value is a $name, an "
                      "integer or NULL, and nothing behind it");
        return;
    }
    check_columns(pack, block);
    text_print(&bulk->copy_in, "COPY %s (", bulk->table);
    for (size_t i = 0; i < bulk->column_count; i++)
        text_print(&bulk->copy_in, "%s%s", i == 0 ? "" : ", ", bulk->columns[i].name);
    text_print(&bulk->copy_in, ") FROM STDIN (FORMAT binary)");
}

/* COPY takes no parameters: the text is cut where their values go, as literals that need no quoting. */
static void make_select(struct block *block, const struct token *tokens)
{
    struct bulk *bulk = &block->bulk;
    for (size_t i = 0; i < block->binds.count; i++) {
        if (block->binds.at[i].kind == KIND_TEXT || block->binds.at[i].nullable) {
            refuse(block, "its binds must be int or bytes, and never NULL");
            return;
        }
    }
    const char *from = block->postgres.at;
    text_print(&bulk->pieces[0], "COPY (");
    for (; tokens->kind != TOKEN_END; tokens++) {
        if (tokens->kind != TOKEN_PLACE)
            continue;
        if (bulk->piece_count == FIELDS_MAX) {
            refuse(block, "it has too many placeholders");
            return;
        }
        struct text *piece = &bulk->pieces[bulk->piece_count];
        size_t bind = (size_t)strtoul(tokens->at + 1, NULL, 10) - 1;
        bool is_int = block->binds.at[bind].kind == KIND_INT;
        text_add(piece, from, (size_t)(tokens->at - from));
        text_print(piece, "%s", is_int ? "CAST('" : "decode('");
        bulk->binds[bulk->piece_count++] = bind;
        text_print(&bulk->pieces[bulk->piece_count], "%s", is_int ? "' AS BIGINT)" : "', 'hex')");
        from = tokens->at + tokens->len;
    }
    text_print(&bulk->pieces[bulk->piece_count++], "%s) TO STDOUT (FORMAT binary)", from);
}

void make_bulk(const struct pack *pack, struct block *block)
{
    if (!block->bulk.wanted)
        return;
    if (block->only != ENGINE_BOTH) {
        refuse(block, "it is not the same on both engines");
        return;
    }
    struct token *tokens = lex(block->postgres.at, block->line);
    if (token_is(tokens, "INSERT"))
        make_insert(pack, block, tokens);
    else if (token_is(tokens, "SELECT"))
        make_select(block, tokens);
    else
        refuse(block, "only a plain INSERT or SELECT can be");
    free(tokens);
}
