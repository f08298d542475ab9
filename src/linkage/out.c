#include "linkage/out.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/csv.h"
#include "linkage/sheet.h"

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

static void put_pair(const struct linkage_out *out, struct sheet *sheet, uint32_t a, uint32_t b)
{
    const struct linkage_pair *pair = find_pair(out->pairs, a, b);
    csv_put(&sheet->buffer, linkage_rows_id(out->rows, a), true);
    csv_put(&sheet->buffer, linkage_rows_id(out->rows, b), false);
    buffer_put_char(&sheet->buffer, ',');
    if (pair != NULL)
        put_decimal(&sheet->buffer, (double)pair->weight / 1024, 3);
    buffer_put_char(&sheet->buffer, ',');
    if (pair != NULL)
        put_decimal(&sheet->buffer, judge_probability(pair->weight), 6);
    sheet_line(sheet);
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
static uint64_t put_whole(const struct linkage_out *out, const struct chains *chains, struct sheet *sheet,
                          uint32_t i)
{
    uint64_t count = 0;
    for (uint32_t j = chains->next[i]; j != 0; j = chains->next[j]) {
        if (across(out->rows, i, j)) {
            put_pair(out, sheet, i, j);
            count++;
        }
    }
    return count;
}

/* Of a huge cluster: row i with its first row, and what was weighed; *at walks over the pairs, which are in
 * order. */
static uint64_t put_part(const struct linkage_out *out, struct sheet *sheet, uint32_t i, size_t *at)
{
    const struct linkage_pairs *pairs = out->pairs;
    uint32_t lowest = out->cluster[i];
    uint64_t count = 0;
    if (lowest != i && across(out->rows, lowest, i) && find_pair(pairs, lowest, i) == NULL) {
        put_pair(out, sheet, lowest, i);
        count++;
    }
    while (*at < pairs->count && pairs->at[*at].a < i)
        (*at)++;
    for (; *at < pairs->count && pairs->at[*at].a == i; (*at)++) {
        if (out->cluster[pairs->at[*at].b] == lowest) {
            put_pair(out, sheet, i, pairs->at[*at].b);
            count++;
        }
    }
    return count;
}

enum fault linkage_out_pairs(const struct linkage_out *out, const char *path, uint64_t *ret_count)
{
    struct chains chains = {0};
    struct sheet sheet;
    uint64_t count = 0;
    size_t at = 0;
    enum fault fault = chain_rows(out, &chains);
    TRY(fault);
    TRY(sheet_open(&sheet, path, STR("a,b,weight,probability")));
    for (uint32_t i = 0; i < linkage_rows_count(out->rows); i++) {
        if (chains.size[out->cluster[i]] <= LINKAGE_OUT_WHOLE_MAX)
            count += put_whole(out, &chains, &sheet, i);
        else
            count += put_part(out, &sheet, i, &at);
    }
    TRY(sheet_close(&sheet));
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
    struct sheet sheet;
    enum fault fault = numbers == NULL ? FAULT_MEMORY : FAULT_NONE;
    TRY(fault);
    TRY(sheet_open(&sheet, path, STR("file,id,cluster")));
    for (uint32_t i = 0; i < count; i++) {
        uint32_t *number = &numbers[out->cluster[i]];
        if (*number == 0)
            *number = ++people;
        buffer_put_int(&sheet.buffer, i < linkage_rows_first(out->rows) ? 1 : 2);
        csv_put(&sheet.buffer, linkage_rows_id(out->rows, i), false);
        buffer_put_char(&sheet.buffer, ',');
        buffer_put_int(&sheet.buffer, *number);
        sheet_line(&sheet);
    }
    fault = sheet_close(&sheet);
done:
    free(numbers);
    return fault;
}

enum fault linkage_out_curve(const struct judge_point *points, size_t count, const char *path)
{
    struct sheet sheet;
    enum fault fault;
    TRY(sheet_open(&sheet, path, STR("weight,probability,precision,recall,f1")));
    for (size_t i = 0; i < count; i++) {
        const struct judge_share *share = &points[i].share;
        put_decimal(&sheet.buffer, (double)points[i].weight / 1024, 3);
        const double columns[] = {judge_probability(points[i].weight), share->precision, share->recall,
                                  share->f1};
        for (size_t j = 0; j < sizeof columns / sizeof columns[0]; j++) {
            buffer_put_char(&sheet.buffer, ',');
            put_decimal(&sheet.buffer, columns[j], 6);
        }
        sheet_line(&sheet);
    }
    fault = sheet_close(&sheet);
done:
    return fault;
}
