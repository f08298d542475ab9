#include "linkage/link.h"

#include <stdlib.h>

#include "base/time.h"
#include "linkage/found.h"
#include "linkage/train.h"

struct linkage_options linkage_options(void)
{
    return (struct linkage_options){.threads = 1, .weight_least = -6 * EM_BIT};
}

/* What one thread found. */
struct scoring {
    struct comparer comparer;
    int32_t weight_least;
    struct found_pairs found;
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
            compare_fetch(&scoring->comparer, rows_cells(comparisons->rows, pairs[i + COMPARE_AHEAD].a),
                          rows_cells(comparisons->rows, pairs[i + COMPARE_AHEAD].b));
        if (!compare_rows(&scoring->comparer, a, b, &pattern))
            continue;
        int32_t weight = compare_weigh(&scoring->comparer, a, b, pattern);
        if (weight >= scoring->weight_least)
            fault = found_add(&scoring->found, (struct linkage_pair){pairs[i].a, pairs[i].b, weight,
                                                                     speaks_against(comparisons, pattern)});
    }
    return fault;
}

static enum fault score(const struct crew *crew, const struct scale *scale, struct linkage_pairs *ret_pairs,
                        struct linkage_report *report)
{
    enum fault fault = FAULT_NONE;
    void *contexts[LINKAGE_THREADS_MAX] = {NULL};
    struct found_pairs *found[LINKAGE_THREADS_MAX] = {NULL};
    struct scoring *scorings = calloc(crew->threads, sizeof *scorings);
    if (scorings == NULL)
        return FAULT_MEMORY;
    for (unsigned i = 0; i < crew->threads; i++) {
        scorings[i].weight_least = scale->least;
        contexts[i] = &scorings[i];
        found[i] = &scorings[i].found;
        TRY(comparer_open(crew->comparisons, scale, &scorings[i].comparer));
    }
    TRY(crew_run(crew, score_pairs, contexts));
    TRY(score_pairs(&scorings[0], crew->blocks->stars, crew->blocks->star_count));
    TRY(found_unite(found, crew->threads, crew->blocks->rows, ret_pairs));
    for (unsigned i = 0; i < crew->threads; i++)
        report->pairs_compared += scorings[i].compared;
done:
    for (unsigned i = 0; i < crew->threads; i++) {
        comparer_close(&scorings[i].comparer);
        found_close(&scorings[i].found);
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
    if (options->threads < 1 || options->threads > LINKAGE_THREADS_MAX)
        return FAULT_INVALID;
    struct blocks_options blocks_by = blocks_options(rows);
    blocks_by.threads = options->threads;
    struct crew crew = {.blocks = &blocks, .comparisons = &comparisons, .threads = options->threads};
    int64_t started = clock_monotonic_us();
    TRY(comparisons_open(rows, options->threads, &comparisons));
    TRY(blocks_open(rows, &blocks_by, &blocks));
    int64_t blocked = clock_monotonic_us();
    TRY(trained_open(&crew, &trained));
    int64_t learnt = clock_monotonic_us();
    trained.scale.least = options->weight_least;
    TRY(score(&crew, &trained.scale, ret_pairs, &report));
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
    return fault;
}
