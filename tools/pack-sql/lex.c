/* Cuts SQL into tokens, for what reads statements and migrations as a whole. */
#include "pack.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct lexer {
    struct token *tokens;
    size_t count;
    size_t room;
    int line;
    int depth;
};

static void add(struct lexer *lexer, enum token_kind kind, const char *at, size_t len)
{
    if (lexer->count == lexer->room) {
        struct token *tokens = take((2 * lexer->room + 64) * sizeof *tokens);
        if (lexer->count > 0)
            memcpy(tokens, lexer->tokens, lexer->count * sizeof *tokens);
        free(lexer->tokens);
        lexer->tokens = tokens;
        lexer->room = 2 * lexer->room + 64;
    }
    lexer->tokens[lexer->count++] =
        (struct token){.kind = kind, .at = at, .len = len, .line = lexer->line, .depth = lexer->depth};
}

static size_t word_length(const char *at)
{
    size_t len = 0;
    while (isalnum((unsigned char)at[len]) || at[len] == '_')
        len++;
    return len;
}

static size_t string_length(const char *at)
{
    size_t len = 1;
    while (at[len] != '\0' && (at[len] != '\'' || at[len + 1] == '\''))
        len += at[len] == '\'' ? 2 : 1;
    return at[len] == '\'' ? len + 1 : len;
}

static size_t mark_length(const char *at)
{
    static const char *const pairs[] = {"::", "||", "<>", "<=", ">=", "!=", "=="};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (strncmp(at, pairs[i], 2) == 0)
            return 2;
    }
    return 1;
}

/* The length of the token at `at`, which is neither space nor comment. */
static size_t take_token(struct lexer *lexer, const char *at)
{
    size_t len;
    if (isdigit((unsigned char)*at)) {
        len = word_length(at);
        add(lexer, TOKEN_NUMBER, at, len);
    } else if (isalpha((unsigned char)*at) || *at == '_') {
        len = word_length(at);
        add(lexer, TOKEN_WORD, at, len);
    } else if (*at == '$') {
        len = 1 + word_length(at + 1);
        add(lexer, TOKEN_PLACE, at, len);
    } else if (*at == '\'') {
        len = string_length(at);
        add(lexer, TOKEN_STRING, at, len);
    } else {
        len = mark_length(at);
        if (*at == ')')
            lexer->depth--;
        add(lexer, TOKEN_MARK, at, len);
        if (*at == '(')
            lexer->depth++;
    }
    return len;
}

struct token *lex(const char *text, int line)
{
    struct lexer lexer = {.line = line};
    while (*text != '\0') {
        size_t len;
        if (isspace((unsigned char)*text))
            len = 1;
        else if (text[0] == '-' && text[1] == '-')
            len = strcspn(text, "\n");
        else
            len = take_token(&lexer, text);
        for (size_t i = 0; i < len; i++)
            lexer.line += text[i] == '\n';
        text += len;
    }
    add(&lexer, TOKEN_END, text, 0);
    return lexer.tokens;
}

bool token_is(const struct token *token, const char *word)
{
    return token->kind != TOKEN_STRING && strlen(word) == token->len &&
           strncasecmp(token->at, word, token->len) == 0;
}

bool token_is_one_of(const struct token *token, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (token_is(token, *words))
            return true;
    }
    return false;
}
