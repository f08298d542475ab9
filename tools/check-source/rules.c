#include "rules.h"

#include <ctype.h>
#include <string.h>

static bool is_digit(const char *at, const char *end)
{
    return at < end && isdigit((unsigned char)*at);
}

/* A number of at most four digits; *at stands behind it. */
static int take_number(const char **at, const char *end)
{
    int value = 0;
    for (int digits = 0; digits < 4 && is_digit(*at, end); digits++, (*at)++)
        value = value * 10 + (**at - '0');
    return value;
}

static bool take_quote(const char *at, const char *end, struct quote *ret_quote)
{
    const char *from = at++;
    if (*from != 'R' || !is_digit(at, end))
        return false;
    struct quote quote = {.at = from, .rule = take_number(&at, end)};
    if (at < end && *at == '.' && is_digit(at + 1, end)) {
        at++;
        quote.clause = take_number(&at, end);
    }
    if (at < end && (isalnum((unsigned char)*at) || *at == '_'))
        return false;
    quote.len = (size_t)(at - from);
    *ret_quote = quote;
    return true;
}

bool rules_next_quote(const char **at, const char *end, struct quote *ret_quote)
{
    char before = ' ';
    for (; *at < end; before = **at, (*at)++) {
        bool inside_word = isalnum((unsigned char)before) || before == '_' || before == '-';
        if (!inside_word && take_quote(*at, end, ret_quote)) {
            *at = ret_quote->at + ret_quote->len;
            return true;
        }
    }
    return false;
}

void rules_read(struct rules *rules, const char *text, size_t len)
{
    const char *end = text + len;
    for (const char *line = text; line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const char *stop = newline == NULL ? end : newline;
        size_t mark = stop - line > 3 && memcmp(line, "## ", 3) == 0  ? 3
                      : stop - line > 2 && memcmp(line, "- ", 2) == 0 ? 2
                                                                      : 0;
        struct quote quote;
        if (mark != 0 && take_quote(line + mark, stop, &quote) && quote.rule < RULES_MAX &&
            quote.clause < CLAUSES_MAX)
            rules->stands[quote.rule][quote.clause] = true;
        line = stop + 1;
    }
}

bool rules_stand(const struct rules *rules, const struct quote *quote)
{
    return quote->rule < RULES_MAX && quote->clause < CLAUSES_MAX &&
           rules->stands[quote->rule][quote->clause];
}
