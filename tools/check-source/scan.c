#include "scan.h"

#include <ctype.h>
#include <string.h>

struct scanner scanner_of(const char *source, size_t len)
{
    return (struct scanner){.at = source, .end = source + len, .line = 1};
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static bool starts(const struct scanner *scanner, const char *text)
{
    size_t len = strlen(text);
    return (size_t)(scanner->end - scanner->at) >= len && memcmp(scanner->at, text, len) == 0;
}

/* Goes on to `stop`, counting lines. */
static void advance(struct scanner *scanner, const char *stop)
{
    for (; scanner->at < stop; scanner->at++)
        if (*scanner->at == '\n')
            scanner->line++;
}

/* From the opening mark up to `closing`, which is passed too. */
static void take_comment(struct scanner *scanner, const char *closing, struct piece *ret_piece)
{
    const char *from = scanner->at + 2;
    const char *found = memmem(from, (size_t)(scanner->end - from), closing, strlen(closing));
    const char *stop = found == NULL ? scanner->end : found;
    *ret_piece = (struct piece){PIECE_COMMENT, from, (size_t)(stop - from), scanner->line, false, false};
    advance(scanner, found == NULL ? scanner->end : found + strlen(closing));
}

/* A string or character literal; backslashes escape. */
static void take_quoted(struct scanner *scanner, struct piece *ret_piece)
{
    char quote = *scanner->at;
    const char *from = scanner->at + 1;
    const char *stop = from;
    while (stop < scanner->end && *stop != quote && *stop != '\n')
        stop += *stop == '\\' && stop + 1 < scanner->end ? 2 : 1;
    *ret_piece = (struct piece){PIECE_STRING, from, (size_t)(stop - from), scanner->line, false, false};
    advance(scanner, stop < scanner->end ? stop + 1 : stop);
    scanner->before = stop;
}

static void take_word(struct scanner *scanner, struct piece *ret_piece)
{
    const char *stop = scanner->at;
    while (stop < scanner->end && is_word(*stop))
        stop++;
    const char *next = stop;
    while (next < scanner->end && (*next == ' ' || *next == '\t'))
        next++;
    const char *before = scanner->before;
    *ret_piece = (struct piece){
        .kind = PIECE_WORD,
        .at = scanner->at,
        .len = (size_t)(stop - scanner->at),
        .line = scanner->line,
        .is_called = next < scanner->end && *next == '(',
        .is_member = before != NULL && (*before == '.' || *before == '>'),
    };
    scanner->before = stop - 1;
    scanner->at = stop;
}

static void take_system_include(struct scanner *scanner, struct piece *ret_piece)
{
    const char *from = scanner->at + 1;
    const char *stop = from;
    while (stop < scanner->end && *stop != '>' && *stop != '\n')
        stop++;
    *ret_piece =
        (struct piece){PIECE_INCLUDE_SYSTEM, from, (size_t)(stop - from), scanner->line, false, false};
    scanner->at = stop < scanner->end ? stop + 1 : stop;
}

static bool take(struct scanner *scanner, struct piece *ret_piece)
{
    if (starts(scanner, "/*")) {
        take_comment(scanner, "*/", ret_piece);
        return true;
    }
    if (starts(scanner, "//")) {
        take_comment(scanner, "\n", ret_piece);
        return true;
    }
    char c = *scanner->at;
    bool after_include = scanner->after_include;
    if (c != ' ' && c != '\t')
        scanner->after_include = false;
    if (c == '"' || c == '\'') {
        take_quoted(scanner, ret_piece);
        if (after_include)
            ret_piece->kind = PIECE_INCLUDE;
        return c == '"';
    }
    if (after_include && c == '<') {
        take_system_include(scanner, ret_piece);
        return true;
    }
    if (is_word(c)) {
        bool directive = scanner->before != NULL && *scanner->before == '#';
        take_word(scanner, ret_piece);
        scanner->after_include = directive && ret_piece->len == 7 && memcmp(ret_piece->at, "include", 7) == 0;
        return true;
    }
    if (!isspace((unsigned char)c))
        scanner->before = scanner->at;
    advance(scanner, scanner->at + 1);
    return false;
}

bool scanner_next(struct scanner *scanner, struct piece *ret_piece)
{
    while (scanner->at < scanner->end)
        if (take(scanner, ret_piece))
            return true;
    return false;
}
