#include "linkage/out.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/csv.h"
#include "linkage/draft.h"

enum { NUMBER_BYTES = 32 };

static void put_decimal(struct buffer *buffer, double value, int places)
{
    char text[NUMBER_BYTES];
    int len = snprintf(text, sizeof text, "%.*f", places, value);
    buffer_put(buffer, (struct str){text, len < 0 ? 0 : (size_t)len});
}

/* A pair's place among the weighed ones, or NULL. */
static const struct linkage_pair *find_pair(const struct linkage_pairs *pairs, uint32_t a, uint32_t b)
{
    size_t from = 0, to = pairs->count;
    while (from < to) {
        size_t at = from + (to - from) / 2;
        const struct linkage_pair *pair = &pairs->at[at];
        if (pair->a == a && pair->b == b)
            return pair;
        if (pair->a < a || (pair->a == a && pair->b < b))
            from = at + 1;
        else
            to = at;
    }
    return NULL;
}

static bool across(const struct linkage_rows *rows, uint32_t a, uint32_t b)
{
    uint32_t first = linkage_rows_first(rows);
    return first == linkage_rows_count(rows) || (a < first) != (b < first);
}

static void put_pair(const struct linkage_out *out, struct draft *draft, uint32_t a, uint32_t b)
{
    const struct linkage_pair *pair = find_pair(out->pairs, a, b);
    csv_put(&draft->buffer, linkage_rows_id(out->rows, a), true);
    csv_put(&draft->buffer, linkage_rows_id(out->rows, b), false);
    buffer_put_char(&draft->buffer, ',');
    if (pair != NULL)
        put_decimal(&draft->buffer, (double)pair->weight / 1024, 3);
    buffer_put_char(&draft->buffer, ',');
    if (pair != NULL)
        put_decimal(&draft->buffer, judge_probability(pair->weight), 6);
    draft_line(draft);
}

/* Rows chained by cluster: next[i] is the next row of i's cluster, 0 for the last; size[lowest row]. */
struct chains {
    uint32_t *next;
    uint32_t *last;
    uint32_t *size;
};

static enum fault chain_rows(const struct linkage_out *out, struct chains *chains)
{
    uint32_t count = linkage_rows_count(out->rows);
    chains->next = calloc((size_t)count + 1, sizeof *chains->next);
    chains->last = calloc((size_t)count + 1, sizeof *chains->last);
    chains->size = calloc((size_t)count + 1, sizeof *chains->size);
    if (chains->next == NULL || chains->last == NULL || chains->size == NULL)
        return FAULT_MEMORY;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t lowest = out->cluster[i];
        if (lowest != i)
            chains->next[chains->last[lowest]] = i;
        chains->last[lowest] = i;
        chains->size[lowest]++;
    }
    return FAULT_NONE;
}

/* All pairs of row i with later rows of a cluster small enough. */
static uint64_t put_whole(const struct linkage_out *out, const struct chains *chains, struct draft *draft,
                          uint32_t i)
{
    uint64_t count = 0;
    for (uint32_t j = chains->next[i]; j != 0; j = chains->next[j]) {
        if (across(out->rows, i, j)) {
            put_pair(out, draft, i, j);
            count++;
        }
    }
    return count;
}

/* Of a huge cluster: row i with its first row, and what was weighed; *at walks over the pairs, which are in
 * order. */
static uint64_t put_part(const struct linkage_out *out, struct draft *draft, uint32_t i, size_t *at)
{
    const struct linkage_pairs *pairs = out->pairs;
    uint32_t lowest = out->cluster[i];
    uint64_t count = 0;
    if (lowest != i && across(out->rows, lowest, i) && find_pair(pairs, lowest, i) == NULL) {
        put_pair(out, draft, lowest, i);
        count++;
    }
    while (*at < pairs->count && pairs->at[*at].a < i)
        (*at)++;
    for (; *at < pairs->count && pairs->at[*at].a == i; (*at)++) {
        if (out->cluster[pairs->at[*at].b] == lowest) {
            put_pair(out, draft, i, pairs->at[*at].b);
            count++;
        }
    }
    return count;
}

enum fault linkage_out_pairs(const struct linkage_out *out, const char *path, uint64_t *ret_count)
{
    struct chains chains = {0};
    struct draft draft;
    uint64_t count = 0;
    size_t at = 0;
    enum fault fault = chain_rows(out, &chains);
    TRY(fault);
    TRY(draft_open(&draft, path, STR("a,b,weight,probability")));
    for (uint32_t i = 0; i < linkage_rows_count(out->rows); i++) {
        if (chains.size[out->cluster[i]] <= LINKAGE_OUT_WHOLE_MAX)
            count += put_whole(out, &chains, &draft, i);
        else
            count += put_part(out, &draft, i, &at);
    }
    TRY(draft_close(&draft));
    *ret_count = count;
done:
    free(chains.next);
    free(chains.last);
    free(chains.size);
    return fault;
}

enum fault linkage_out_clusters(const struct linkage_out *out, const char *path)
{
    uint32_t count = linkage_rows_count(out->rows), people = 0;
    uint32_t *numbers = calloc((size_t)count + 1, sizeof *numbers);
    struct draft draft;
    enum fault fault = numbers == NULL ? FAULT_MEMORY : FAULT_NONE;
    TRY(fault);
    TRY(draft_open(&draft, path, STR("file,id,cluster")));
    for (uint32_t i = 0; i < count; i++) {
        uint32_t *number = &numbers[out->cluster[i]];
        if (*number == 0)
            *number = ++people;
        buffer_put_int(&draft.buffer, i < linkage_rows_first(out->rows) ? 1 : 2);
        csv_put(&draft.buffer, linkage_rows_id(out->rows, i), false);
        buffer_put_char(&draft.buffer, ',');
        buffer_put_int(&draft.buffer, *number);
        draft_line(&draft);
    }
    fault = draft_close(&draft);
done:
    free(numbers);
    return fault;
}

enum fault linkage_out_curve(const struct judge_point *points, size_t count, const char *path)
{
    struct draft draft;
    enum fault fault;
    TRY(draft_open(&draft, path, STR("weight,probability,precision,recall,f1")));
    for (size_t i = 0; i < count; i++) {
        const struct judge_share *share = &points[i].share;
        put_decimal(&draft.buffer, (double)points[i].weight / 1024, 3);
        const double columns[] = {judge_probability(points[i].weight), share->precision, share->recall,
                                  share->f1};
        for (size_t j = 0; j < sizeof columns / sizeof columns[0]; j++) {
            buffer_put_char(&draft.buffer, ',');
            put_decimal(&draft.buffer, columns[j], 6);
        }
        draft_line(&draft);
    }
    fault = draft_close(&draft);
done:
    return fault;
}
