#include "linkage/out.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/csv.h"
#include "linkage/draft.h"
#include "linkage/room.h"
#include "linkage/team.h"

enum { NUMBER_BYTES = 32 };

static void put_decimal(struct buffer *buffer, double value, int places)
{
    char text[NUMBER_BYTES];
    int len = snprintf(text, sizeof text, "%.*f", places, value);
    buffer_put(buffer, (struct str){text, len < 0 ? 0 : (size_t)len});
}

/* Weights as text, worked out once: most pairs share theirs with others.  As printf has them. */
enum { WORDS_LEAST = -8 * 1024, WORDS_MOST = 64 * 1024, WORD_BYTES = 24 };

struct words {
    char at[WORDS_MOST - WORDS_LEAST][WORD_BYTES]; /* ",weight,probability"; "": not known yet */
};

static size_t put_word(char at[WORD_BYTES * 2], int32_t weight)
{
    int len = snprintf(at, WORD_BYTES * 2, ",%.3f,%.6f", (double)weight / 1024, judge_probability(weight));
    return len < 0 ? 0 : (size_t)len;
}

static void put_weight(struct words *words, struct buffer *buffer, int32_t weight)
{
    char fresh[WORD_BYTES * 2];
    char *word = fresh;
    size_t len = 0;
    if (weight >= WORDS_LEAST && weight < WORDS_MOST) {
        word = words->at[weight - WORDS_LEAST];
        len = strnlen(word, WORD_BYTES);
    }
    if (len == 0) {
        len = put_word(fresh, weight);
        if (word != fresh && len < WORD_BYTES)
            memcpy(word, fresh, len);
        word = fresh;
    }
    buffer_put(buffer, (struct str){word, len});
}

static bool across(const struct linkage_rows *rows, uint32_t a, uint32_t b)
{
    uint32_t first = linkage_rows_first(rows);
    return first == linkage_rows_count(rows) || (a < first) != (b < first);
}

/* What the threads that write pairs share. */
struct writing {
    const struct linkage_out *out;
    struct chains *chains;
    size_t *starts; /* of each row: where its pairs begin */
    uint32_t first; /* of the rows that are in work */
    struct buffer *buffers;
    uint64_t *counts;
    struct words **words; /* a thread's */
};

/* One thread's. */
struct pen {
    const struct writing *writing;
    struct buffer *buffer;
    struct words *words;
    uint64_t count;
};

/* A pair among the weighed ones, or NULL. */
static const struct linkage_pair *find_pair(const struct writing *writing, uint32_t a, uint32_t b)
{
    const struct linkage_pair *pairs = writing->out->pairs->at;
    size_t from = writing->starts[a], to = writing->starts[a + 1];
    while (from < to) {
        size_t at = from + (to - from) / 2;
        if (pairs[at].b == b)
            return &pairs[at];
        if (pairs[at].b < b)
            from = at + 1;
        else
            to = at;
    }
    return NULL;
}

static void put_pair(struct pen *pen, uint32_t a, uint32_t b)
{
    const struct linkage_out *out = pen->writing->out;
    const struct linkage_pair *pair = find_pair(pen->writing, a, b);
    csv_put(pen->buffer, linkage_rows_id(out->rows, a), true);
    csv_put(pen->buffer, linkage_rows_id(out->rows, b), false);
    if (pair != NULL)
        put_weight(pen->words, pen->buffer, pair->weight);
    else
        buffer_put(pen->buffer, STR(",,"));
    buffer_put_char(pen->buffer, '\n');
    pen->count++;
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
    chains->next = room_take((size_t)count + 1, sizeof *chains->next);
    chains->last = room_take((size_t)count + 1, sizeof *chains->last);
    chains->size = room_take((size_t)count + 1, sizeof *chains->size);
    if (chains->next == NULL || chains->last == NULL || chains->size == NULL)
        return FAULT_MEMORY;
    memset(chains->next, 0, count * sizeof *chains->next);
    memset(chains->size, 0, count * sizeof *chains->size);
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
static void put_whole(struct pen *pen, uint32_t i)
{
    const uint32_t *next = pen->writing->chains->next;
    for (uint32_t j = next[i]; j != 0; j = next[j]) {
        if (across(pen->writing->out->rows, i, j))
            put_pair(pen, i, j);
    }
}

/* Of a huge cluster: row i with its first row, and what was weighed. */
static void put_part(struct pen *pen, uint32_t i)
{
    const struct linkage_out *out = pen->writing->out;
    uint32_t lowest = out->cluster[i];
    if (lowest != i && across(out->rows, lowest, i) && find_pair(pen->writing, lowest, i) == NULL)
        put_pair(pen, lowest, i);
    for (size_t at = pen->writing->starts[i]; at < pen->writing->starts[i + 1]; at++) {
        if (out->cluster[out->pairs->at[at].b] == lowest)
            put_pair(pen, i, out->pairs->at[at].b);
    }
}

enum { ROWS_AT_ONCE = 2 * 1024, TASKS_PER_THREAD = 8, TEXT_BYTES_MAX = 1 << 30 };

static enum fault put_rows(void *context, size_t task, unsigned member)
{
    struct writing *writing = context;
    const struct linkage_out *out = writing->out;
    uint32_t count = linkage_rows_count(out->rows);
    uint32_t from = writing->first + (uint32_t)task * ROWS_AT_ONCE;
    uint32_t to = from + ROWS_AT_ONCE < count ? from + ROWS_AT_ONCE : count;
    if (writing->words[member] == NULL)
        writing->words[member] = calloc(1, sizeof *writing->words[member]);
    if (writing->words[member] == NULL)
        return FAULT_MEMORY;
    struct pen pen = {.writing = writing, .buffer = &writing->buffers[task], .words = writing->words[member]};
    for (uint32_t i = from; i < to; i++) {
        if (writing->chains->size[out->cluster[i]] <= LINKAGE_OUT_WHOLE_MAX)
            put_whole(&pen, i);
        else
            put_part(&pen, i);
    }
    writing->counts[task] = pen.count;
    return buffer_fault(pen.buffer);
}

/* Some rows by each thread, then what they wrote in the rows' order. */
static enum fault put_all(struct writing *writing, struct draft *draft, uint64_t *ret_count)
{
    enum fault fault = FAULT_NONE;
    const struct linkage_out *out = writing->out;
    uint32_t count = linkage_rows_count(out->rows);
    size_t room = (size_t)out->threads * TASKS_PER_THREAD;
    *ret_count = 0;
    for (writing->first = 0; writing->first < count;) {
        size_t tasks = (count - writing->first + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE;
        tasks = tasks < room ? tasks : room;
        TRY(team_run(out->threads, tasks, put_rows, writing));
        for (size_t i = 0; i < tasks; i++) {
            draft_text(draft, buffer_str(&writing->buffers[i]));
            buffer_clear(&writing->buffers[i]);
            *ret_count += writing->counts[i];
        }
        writing->first += (uint32_t)tasks * ROWS_AT_ONCE;
    }
done:
    return fault;
}

static enum fault find_starts(const struct linkage_out *out, size_t **ret_starts)
{
    uint32_t count = linkage_rows_count(out->rows);
    size_t *starts = room_take((size_t)count + 1, sizeof *starts);
    size_t at = 0;
    if (starts == NULL)
        return FAULT_MEMORY;
    for (uint32_t row = 0; row <= count; row++) {
        while (at < out->pairs->count && out->pairs->at[at].a < row)
            at++;
        starts[row] = at;
    }
    *ret_starts = starts;
    return FAULT_NONE;
}

static void close_writing(struct writing *writing)
{
    for (size_t i = 0; writing->buffers != NULL && i < (size_t)writing->out->threads * TASKS_PER_THREAD; i++)
        buffer_close(&writing->buffers[i]);
    for (size_t i = 0; writing->words != NULL && i < writing->out->threads; i++)
        free(writing->words[i]);
    room_give(writing->starts);
    free(writing->buffers);
    free(writing->counts);
    free(writing->words);
}

static enum fault open_writing(struct writing *writing)
{
    size_t tasks = (size_t)writing->out->threads * TASKS_PER_THREAD;
    writing->buffers = calloc(tasks, sizeof *writing->buffers);
    writing->counts = calloc(tasks, sizeof *writing->counts);
    writing->words = calloc(writing->out->threads, sizeof(struct words *));
    if (writing->buffers == NULL || writing->counts == NULL || writing->words == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < tasks; i++)
        writing->buffers[i] = buffer_open(TEXT_BYTES_MAX);
    return find_starts(writing->out, &writing->starts);
}

enum fault linkage_out_pairs(const struct linkage_out *out, const char *path, uint64_t *ret_count)
{
    struct chains chains = {0};
    struct writing writing = {.out = out, .chains = &chains};
    struct draft draft = {.fd = -1};
    uint64_t count = 0;
    enum fault fault = out->threads < 1 || out->threads > TEAM_THREADS_MAX ? FAULT_INVALID : FAULT_NONE;
    TRY(fault);
    TRY(chain_rows(out, &chains));
    TRY(open_writing(&writing));
    TRY(draft_open(&draft, path, STR("a,b,weight,probability")));
    fault = put_all(&writing, &draft, &count);
    if (fault != FAULT_NONE)
        draft.fault = fault;
    TRY(draft_close(&draft));
    *ret_count = count;
done:
    close_writing(&writing);
    room_give(chains.next);
    room_give(chains.last);
    room_give(chains.size);
    return fault;
}

enum fault linkage_out_clusters(const struct linkage_out *out, const char *path)
{
    uint32_t count = linkage_rows_count(out->rows), people = 0;
    uint32_t *numbers = room_take((size_t)count + 1, sizeof *numbers);
    struct draft draft;
    enum fault fault = numbers == NULL ? FAULT_MEMORY : FAULT_NONE;
    TRY(fault);
    memset(numbers, 0, count * sizeof *numbers);
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
    room_give(numbers);
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
