/* Whether a statement keeps to one child and to one group of tables, so that one node can answer it
 * (architecture.md, 6). */
#include "pack.h"

#include <stdlib.h>
#include <string.h>

/* The table that the word behind `at` names, where `at` is a word that a table follows. */
static const struct table *table_behind(const struct pack *pack, const struct token *tokens,
                                        const struct token *at)
{
    static const char *const before[] = {"FROM", "JOIN", "INTO", "UPDATE", NULL};
    static const char *const not_behind[] = {"DISTINCT", "DO", "FOR", NULL};
    if (!token_is_one_of(at, before) || at[1].kind != TOKEN_WORD)
        return NULL;
    if (at > tokens && token_is_one_of(&at[-1], not_behind))
        return NULL;
    return schema_table(pack, at[1].at, at[1].len);
}

size_t tables_of(const struct pack *pack, const struct token *tokens, const struct table **ret_tables)
{
    size_t count = 0;
    for (const struct token *at = tokens; at->kind != TOKEN_END; at++) {
        const struct table *table = table_behind(pack, tokens, at);
        if (table != NULL && count < REFERENCES_MAX)
            ret_tables[count++] = table;
    }
    return count;
}

/* FROM a, b: a join that says nowhere what joins it, and that tables_of does not see. */
static void check_commas(const struct block *block, const struct token *tokens)
{
    static const char *const ends[] = {"WHERE", "JOIN", "ON",    "GROUP",  "ORDER", "LIMIT", "UNION",
                                       "LEFT",  "SET",  "INNER", "HAVING", "CROSS", NULL};
    for (const struct token *at = tokens; at->kind != TOKEN_END; at++) {
        if (!token_is(at, "FROM"))
            continue;
        for (const struct token *next = at + 1; next->kind != TOKEN_END && next->depth >= at->depth; next++) {
            if (next->depth == at->depth && token_is_one_of(next, ends))
                break;
            if (next->depth == at->depth && token_is(next, ",")) {
                complain(block->file, block->line, "`%s` has a `,` behind FROM: write JOIN … ON",
                         block->name);
                break;
            }
        }
    }
}

static bool is_bound(const struct block *block, const struct token *token, const char *name)
{
    return token->kind == TOKEN_PLACE &&
           strcmp(block->binds.at[strtoul(token->at + 1, NULL, 10) - 1].name, name) == 0;
}

struct equalities {
    size_t bound;  /* child_id = $child_id */
    size_t joined; /* a.child_id = b.child_id */
};

static struct equalities equalities_of(const struct block *block, const struct token *tokens)
{
    struct equalities found = {0};
    for (const struct token *at = tokens; at->kind != TOKEN_END; at++) {
        if (!token_is(at, "child_id") || !token_is(&at[1], "="))
            continue;
        if (is_bound(block, &at[2], "child_id"))
            found.bound++;
        else if (at[2].kind == TOKEN_WORD && token_is(&at[3], ".") && token_is(&at[4], "child_id"))
            found.joined++;
    }
    return found;
}

/* The token with which item `number` begins, of the list whose opening parenthesis is `open`. */
static const struct token *item_of(const struct token *open, size_t number)
{
    const struct token *at = open + 1;
    for (; number > 0 && at->kind != TOKEN_END && at->depth > open->depth; at++) {
        if (at->depth == open->depth + 1 && token_is(at, ","))
            number--;
    }
    return at;
}

/* INSERT INTO table (…, child_id, …) VALUES (…, $child_id, …) */
static bool inserts_one(const struct block *block, const struct token *tokens)
{
    const struct token *columns = &tokens[3];
    if (!token_is(columns, "("))
        return false;
    size_t number = 0;
    const struct token *at = columns + 1;
    for (; at->kind == TOKEN_WORD && !token_is(at, "child_id"); at += 2)
        number++;
    if (!token_is(at, "child_id"))
        return false;
    while (at->kind != TOKEN_END && at->depth > columns->depth)
        at++;
    while (at->kind != TOKEN_END && !token_is(at, "VALUES"))
        at++;
    return token_is(at, "VALUES") && token_is(&at[1], "(") &&
           is_bound(block, item_of(&at[1], number), "child_id");
}

static void check_child(const struct block *block, const struct token *tokens, const struct table **tables,
                        size_t count)
{
    size_t references = 0;
    for (size_t i = 0; i < count; i++)
        references += tables[i]->group == GROUP_CHILD;
    if (references == 0)
        return;
    bool inserts = token_is(tokens, "INSERT") && tables[0]->group == GROUP_CHILD;
    struct equalities found = equalities_of(block, tokens);
    size_t equal = found.bound + found.joined;
    if (inserts)
        references--;
    if (equal + 1 < references)
        complain(block->file, block->line,
                 "`%s` joins a child's tables by something else: write a.child_id = b.child_id", block->name);
    else if (!block->wide && inserts && !inserts_one(block, tokens))
        complain(
            block->file, block->line,
            "`%s` must put $child_id into child_id, or say in `-- wide: why` that it is nobody's request",
            block->name);
    else if (!block->wide && references > 0 && (found.bound == 0 || equal < references))
        complain(
            block->file, block->line,
            "`%s` must say child_id = $child_id of each of the child's tables, or in `-- wide: why` that "
            "nobody waits for it",
            block->name);
}

/* Rows of two groups stand on two nodes; a REFERENCE table is on all of them. */
static void check_groups(const struct block *block, const struct table **tables, size_t count)
{
    const struct table *first = NULL;
    for (size_t i = 0; i < count; i++) {
        if (tables[i]->group == GROUP_REFERENCE)
            continue;
        if (first == NULL)
            first = tables[i];
        bool together =
            tables[i] == first || (tables[i]->group == GROUP_CHILD && first->group == GROUP_CHILD);
        if (together)
            continue;
        complain(block->file, block->line,
                 "`%s` joins `%s` (%s) and `%s` (%s), which stand apart: make it two statements, or say in "
                 "`-- wide: why` that nobody waits for it",
                 block->name, first->name, group_name(first->group), tables[i]->name,
                 group_name(tables[i]->group));
        return;
    }
}

/* What decides over the rows of every node must be on every node. */
static void check_written(const struct block *block, const struct token *tokens, const struct table **tables,
                          size_t count)
{
    if (token_is(tokens, "SELECT") || tables[0]->group != GROUP_REFERENCE)
        return;
    for (size_t i = 1; i < count; i++) {
        if (tables[i]->group != GROUP_REFERENCE)
            complain(
                block->file, block->line,
                "`%s` writes `%s` (REFERENCE) by what `%s` (%s) says, which no node has whole: make it two "
                "statements, or say in `-- wide: why` that nobody waits for it",
                block->name, tables[0]->name, tables[i]->name, group_name(tables[i]->group));
    }
}

void check_reach(const struct pack *pack, const struct block *block)
{
    const struct table *tables[REFERENCES_MAX];
    struct token *tokens = lex(block->plain.at, block->line);
    size_t count = tables_of(pack, tokens, tables);
    check_commas(block, tokens);
    if (count > 0)
        check_child(block, tokens, tables, count);
    if (count > 0 && !block->wide) {
        check_groups(block, tables, count);
        check_written(block, tokens, tables, count);
    }
    free(tokens);
}
