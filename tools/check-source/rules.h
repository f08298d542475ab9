/* The rules that stand in docs/rules.md, so that a comment can quote one. */
#ifndef CHECK_SOURCE_RULES_H
#define CHECK_SOURCE_RULES_H

#include <stdbool.h>
#include <stddef.h>

enum { RULES_MAX = 40, CLAUSES_MAX = 40 };

/* stands[8][3] is R8.3; stands[8][0] is R8 itself. */
struct rules {
    bool stands[RULES_MAX][CLAUSES_MAX];
};

/* A quoted rule. */
struct quote {
    const char *at;
    size_t len;
    int rule;
    int clause; /* 0 where the whole rule is meant */
};

/* Takes every rule that a heading "## R8" or an item "- R8.3" of the text declares. */
void rules_read(struct rules *rules, const char *text, size_t len);

/* The next quote in [*at, end), after which *at stands; false where there is none. */
bool rules_next_quote(const char **at, const char *end, struct quote *ret_quote);

bool rules_stand(const struct rules *rules, const struct quote *quote);

#endif
