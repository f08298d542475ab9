#include "linkage/link.h"

#include <stdlib.h>

#include "base/time.h"
#include "linkage/arrange.h"
#include "linkage/order.h"
#include "linkage/team.h"
#include "linkage/train.h"

enum { PAIRS_MAX = 1 << 28, ROOM_FIRST = 4096 };

struct linkage_options linkage_options(void)
{
    return (struct linkage_options){.threads = 1, .weight_least = -6 * EM_BIT};
}

/* What one thread found. */
struct scoring {
    struct comparer comparer;
    int32_t weight_least;
    struct linkage_pairs found;
    size_t room;
    uint64_t compared;
};

/* Two people, whatever their addresses say: other given names and birth dates. */
static bool speaks_against(const struct comparisons *comparisons, uint64_t pattern)
{
    if (comparisons->given == NO_FIELD || comparisons->birth == NO_FIELD)
        return false;
    return em_pattern_level(pattern, comparisons->given) == LEVEL_NOT &&
           em_pattern_level(pattern, comparisons->birth) == LEVEL_NOT;
}

static enum fault keep(struct scoring *scoring, struct linkage_pair pair)
{
    if (scoring->found.count == PAIRS_MAX)
        return FAULT_TOO_LARGE;
    if (scoring->found.count == scoring->room) {
        size_t room = scoring->room == 0 ? ROOM_FIRST : scoring->room * 2;
        struct linkage_pair *at = realloc(scoring->found.at, room * sizeof *at);
        if (at == NULL)
            return FAULT_MEMORY;
        team_large_pages(at, room * sizeof *at);
        scoring->found.at = at;
        scoring->room = room;
    }
    scoring->found.at[scoring->found.count++] = pair;
    return FAULT_NONE;
}

static enum fault score_pairs(void *context, const struct row_pair *pairs, size_t count)
{
    struct scoring *scoring = context;
    const struct comparisons *comparisons = scoring->comparer.comparisons;
    enum fault fault = FAULT_NONE;
    scoring->compared += count;
    for (size_t i = 0; i < count && fault == FAULT_NONE; i++) {
        const uint32_t *a = rows_cells(comparisons->rows, pairs[i].a);
        const uint32_t *b = rows_cells(comparisons->rows, pairs[i].b);
        uint64_t pattern;
        if (i + COMPARE_AHEAD < count)
            compare_fetch(comparisons, rows_cells(comparisons->rows, pairs[i + COMPARE_AHEAD].b));
        if (!compare_rows(&scoring->comparer, a, b, &pattern))
            continue;
        int32_t weight = compare_weigh(&scoring->comparer, a, b, pattern);
        if (weight >= scoring->weight_least)
            fault = keep(scoring, (struct linkage_pair){pairs[i].a, pairs[i].b, weight,
                                                        speaks_against(comparisons, pattern)});
    }
    return fault;
}

/* All threads' pairs, in order, each once. */
static enum fault gather(struct scoring *scorings, unsigned threads, const struct arranged *arranged,
                         struct linkage_pairs *ret_pairs)
{
    enum fault fault = FAULT_NONE;
    struct linkage_pairs all = {NULL, 0};
    struct ordered *sorted = NULL;
    size_t count = 0;
    for (unsigned i = 0; i < threads; i++)
        count += scorings[i].found.count;
    if (count > PAIRS_MAX)
        return FAULT_TOO_LARGE;
    all.at = team_room(count + 1, sizeof *all.at);
    sorted = team_room(count + 1, sizeof *sorted);
    if (all.at == NULL || sorted == NULL)
        TRY(FAULT_MEMORY);
    count = 0;
    for (unsigned i = 0; i < threads; i++) {
        for (size_t j = 0; j < scorings[i].found.count; j++) {
            const struct linkage_pair *pair = &scorings[i].found.at[j];
            uint32_t a = arranged_row(arranged, pair->a), b = arranged_row(arranged, pair->b);
            sorted[count++] = (struct ordered){(uint64_t)(a < b ? a : b) << 32 | (a < b ? b : a),
                                               (uint64_t)(uint32_t)pair->weight << 1 | pair->against};
        }
    }
    TRY(order_sort(sorted, count));
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && sorted[i].key == sorted[i - 1].key)
            continue;
        all.at[all.count++] = (struct linkage_pair){.a = (uint32_t)(sorted[i].key >> 32),
                                                    .b = (uint32_t)sorted[i].key,
                                                    .weight = (int32_t)(uint32_t)(sorted[i].value >> 1),
                                                    .against = (sorted[i].value & 1) != 0};
    }
    *ret_pairs = all;
    all.at = NULL;
done:
    free(all.at);
    free(sorted);
    return fault;
}

static enum fault score(const struct crew *crew, const struct scale *scale, const struct arranged *arranged,
                        struct linkage_pairs *ret_pairs, struct linkage_report *report)
{
    enum fault fault = FAULT_NONE;
    void *contexts[LINKAGE_THREADS_MAX] = {NULL};
    struct scoring *scorings = calloc(crew->threads, sizeof *scorings);
    if (scorings == NULL)
        return FAULT_MEMORY;
    for (unsigned i = 0; i < crew->threads; i++) {
        scorings[i].weight_least = scale->least;
        contexts[i] = &scorings[i];
        TRY(comparer_open(crew->comparisons, scale, &scorings[i].comparer));
    }
    TRY(crew_run(crew, score_pairs, contexts));
    TRY(score_pairs(&scorings[0], crew->blocks->stars, crew->blocks->star_count));
    TRY(gather(scorings, crew->threads, arranged, ret_pairs));
    for (unsigned i = 0; i < crew->threads; i++)
        report->pairs_compared += scorings[i].compared;
done:
    for (unsigned i = 0; i < crew->threads; i++) {
        comparer_close(&scorings[i].comparer);
        free(scorings[i].found.at);
    }
    free(scorings);
    return fault;
}

static uint64_t possible_pairs(const struct linkage_rows *rows)
{
    uint64_t count = rows->count;
    if (rows->file_count == 1)
        return count == 0 ? 0 : count * (count - 1) / 2;
    return (uint64_t)rows->first * (count - rows->first);
}

enum fault linkage_run(const struct linkage_rows *rows, const struct linkage_options *options,
                       struct linkage_pairs *ret_pairs, struct linkage_report *ret_report)
{
    enum fault fault = FAULT_NONE;
    struct linkage_report report = {.pairs_possible = possible_pairs(rows)};
    struct comparisons comparisons = {.count = 0};
    struct blocks blocks = {.rows = NULL};
    struct trained trained = {.matches = 0};
    struct arranged arranged = {.rows = NULL};
    if (options->threads < 1 || options->threads > LINKAGE_THREADS_MAX)
        return FAULT_INVALID;
    struct blocks_options blocks_by = blocks_options(rows);
    blocks_by.threads = options->threads;
    struct crew crew = {.blocks = &blocks, .comparisons = &comparisons, .threads = options->threads};
    int64_t started = clock_monotonic_us();
    TRY(arranged_open(rows, options->threads, &arranged));
    TRY(comparisons_open(arranged.rows, options->threads, &comparisons));
    TRY(blocks_open(arranged.rows, &blocks_by, &blocks));
    int64_t blocked = clock_monotonic_us();
    TRY(trained_open(&crew, &trained));
    int64_t learnt = clock_monotonic_us();
    trained.scale.least = options->weight_least;
    TRY(score(&crew, &trained.scale, &arranged, ret_pairs, &report));
    report.index_us = blocked - started;
    report.train_us = learnt - blocked;
    report.score_us = clock_monotonic_us() - learnt;
    report.passes = (uint32_t)blocks.pass_count;
    report.blocks_refined = blocks.refined;
    report.rows_repeated = (uint32_t)blocks.star_count;
    report.patterns = trained.patterns;
    report.matches_expected = trained.matches;
    *ret_report = report;
done:
    trained_close(&trained);
    blocks_close(&blocks);
    comparisons_close(&comparisons);
    arranged_close(&arranged);
    return fault;
}
