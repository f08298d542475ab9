/* Whether a statement means the same on both engines, or says with its twin that it does not. */
#include "pack.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void refuse(const struct block *block, const struct token *token, const char *why)
{
    complain(block->file, block->line, "`%.*s` in `%s`: %s", (int)token->len, token->at, block->name, why);
}

/* What no statement may lean on, not even a twin: a distributed engine has it not, or only on one node. */
static void check_refused(const struct block *block, const struct token *token)
{
    static const struct {
        const char *begin;
        const char *why;
    } refused[] = {
        {"pg_advisory", "no advisory locks: lock a row"},
        {"pg_try_advisory", "no advisory locks: lock a row"},
        {"pg_notify", "no LISTEN/NOTIFY: write a row of `change`"},
        {"nextval", "no sequences: ids and numbers are made by the program"},
        {"currval", "no sequences: ids and numbers are made by the program"},
        {"setval", "no sequences: ids and numbers are made by the program"},
        {"lastval", "no sequences: ids and numbers are made by the program"},
        {"last_insert_rowid", "no sequences: ids and numbers are made by the program"},
        {"rowid", "rows are found by their primary key"},
        {"_rowid_", "rows are found by their primary key"},
        {"ctid", "rows are found by their primary key"},
        {"clock_timestamp", "each node would work it out for itself: write now_us()"},
        {"random", "each node would work it out for itself: bind the value"},
        {"gen_random", "each node would work it out for itself: bind the value"},
    };
    for (size_t i = 0; token->kind == TOKEN_WORD && i < sizeof refused / sizeof refused[0]; i++) {
        if (strncasecmp(token->at, refused[i].begin, strlen(refused[i].begin)) == 0)
            refuse(block, token, refused[i].why);
    }
}

/* Words that one of the engines does not know, or takes for something else. */
static const char *one_engine(const struct token *token)
{
    static const char twins[] = "write a twin for each engine, `-- only: sqlite` and `-- only: postgres`";
    static const char type[] = "write BIGINT or TEXT";
    static const struct {
        const char *word;
        const char *why;
    } words[] = {
        {"LIKE", "SQLite folds case and PostgreSQL does not"},
        {"ILIKE", twins},
        {"GLOB", twins},
        {"REGEXP", twins},
        {"REPLACE", "write ON CONFLICT"},
        {"INDEXED", twins},
        {"LATERAL", twins},
        {"ARRAY", twins},
        {"INTERVAL", twins},
        {"SKIP", twins},
        {"NOWAIT", twins},
        {"TRUE", "write 1 in a BIGINT"},
        {"FALSE", "write 0 in a BIGINT"},
        {"INTEGER", type},
        {"INT", type},
        {"BLOB", "bind the bytes"},
        {"BYTEA", "bind the bytes"},
        {"REAL", type},
        {"NUMERIC", type},
        {"DOUBLE", type},
        {"BOOLEAN", type},
        {"COLLATE", "TEXT is ordered by its bytes on both engines"},
        {"CURRENT_TIMESTAMP", "write now_us(), or bind the time"},
        {"CURRENT_DATE", "bind the day"},
        {"CURRENT_TIME", "write now_us(), or bind the time"},
        {"==", "write ="},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (token_is(token, words[i].word))
            return words[i].why;
    }
    return NULL;
}

/* A word before `(` is a function, unless it is of the grammar or names a table. */
static void check_function(const struct block *block, const struct token *tokens, const struct token *at)
{
    static const char *const grammar[] = {
        "VALUES", "IN",   "AND",    "OR",       "NOT",   "WHERE",  "ON",        "CONFLICT", "AS",
        "EXISTS", "FROM", "JOIN",   "WHEN",     "THEN",  "ELSE",   "CASE",      "CAST",     "RETURNING",
        "BY",     "SET",  "SELECT", "DISTINCT", "UNION", "ALL",    "INTERSECT", "EXCEPT",   "HAVING",
        "LIMIT",  "OVER", "FILTER", "BETWEEN",  "USING", "OFFSET", NULL};
    static const char *const functions[] = {"count",  "min", "max",    "sum",    "coalesce",
                                            "nullif", "abs", "length", "now_us", NULL};
    static const char *const named[] = {"INTO", "WITH", NULL};
    bool first = at == tokens;
    if (at->kind != TOKEN_WORD || !token_is(&at[1], "(") || token_is_one_of(at, grammar) ||
        (!first && token_is_one_of(&at[-1], named)))
        return;
    if (!token_is_one_of(at, functions))
        refuse(block, at, "a function that one engine may lack: write a twin for each engine");
    else if (token_is(at, "sum") &&
             (at < tokens + 2 || !token_is(&at[-1], "(") || !token_is(&at[-2], "CAST")))
        refuse(block, at, "PostgreSQL makes a NUMERIC of it: write CAST(sum(…) AS BIGINT)");
}

/* SQLite's IS compares two values; PostgreSQL's asks for NULL alone. */
static void check_is(const struct block *block, const struct token *at)
{
    if (!token_is(at, "IS"))
        return;
    const struct token *behind = token_is(&at[1], "NOT") ? &at[2] : &at[1];
    if (!token_is(behind, "NULL") && !token_is(behind, "DISTINCT"))
        refuse(block, at, "write IS NULL, or IS NOT DISTINCT FROM to compare with what may be NULL");
}

static bool is_nullable(const struct token *token, const struct table **tables, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct field *column = schema_column(tables[i], token->at, token->len);
        if (column != NULL && column->nullable)
            return true;
    }
    return false;
}

/* SQLite puts NULL first and PostgreSQL last, unless the statement says where. */
static void check_order(const struct block *block, const struct token *order, const struct table **tables,
                        size_t count)
{
    int cases = 0;
    if (!token_is(order, "ORDER") || !token_is(&order[1], "BY"))
        return;
    for (const struct token *at = order + 2; at->kind != TOKEN_END && at->depth >= order->depth; at++) {
        if (token_is(at, "LIMIT"))
            break;
        cases += token_is(at, "CASE");
        cases -= token_is(at, "END");
        if (at->kind != TOKEN_WORD || at->depth != order->depth || cases > 0 ||
            !is_nullable(at, tables, count))
            continue;
        const struct token *behind = token_is(&at[1], "ASC") || token_is(&at[1], "DESC") ? &at[2] : &at[1];
        if (!token_is(behind, "NULLS"))
            refuse(block, at, "it may be NULL: say NULLS FIRST or NULLS LAST, where the engines differ");
    }
}

static void check_shared(const struct pack *pack, const struct block *block, const struct token *tokens)
{
    const struct table *tables[REFERENCES_MAX];
    size_t count = tables_of(pack, tokens, tables);
    for (const struct token *at = tokens; at->kind != TOKEN_END; at++) {
        const char *why = one_engine(at);
        if (why != NULL)
            refuse(block, at, why);
        if (token_is(at, "FOR") && token_is(&at[1], "UPDATE"))
            refuse(block, at, "SQLite locks no rows: write a twin for each engine");
        if (token_is(at, "INSERT") && token_is(&at[1], "OR"))
            refuse(block, at, "PostgreSQL has no INSERT OR: write ON CONFLICT");
        check_function(block, tokens, at);
        check_is(block, at);
        check_order(block, at, tables, count);
    }
}

void check_portable(const struct pack *pack, const struct block *block)
{
    struct token *tokens = lex(block->plain.at, block->line);
    for (const struct token *at = tokens; at->kind != TOKEN_END; at++)
        check_refused(block, at);
    if (block->only == ENGINE_BOTH)
        check_shared(pack, block, tokens);
    free(tokens);
}
