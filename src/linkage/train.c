#include "linkage/train.h"

#include <math.h>
#include <stdlib.h>

#include "linkage/team.h"
#include "linkage/worth.h"

enum {
    GUESS_LEAST = -10 * EM_BIT,    /* pairs that weigh less before training are no matches */
    RANDOM_PAIRS = 250 * 1000,     /* for u */
    TRAINING_PAIRS = 12000 * 1000, /* for m; of more, a share is taken */
    TRAINING_PAIRS_LARGE = 250 * 1000,
    ALL_ROWS = 100 * 1000,  /* a larger table is a large one */
    DRAWN_ROWS = 16 * 1024, /* of a large table, among which random pairs are drawn */
    ROUNDS = 3,             /* of training and taking matches out of u */
};

static const double CROSSED = 0.01; /* of true pairs */

struct seen {
    uint64_t pairs[EM_FIELDS_MAX][EM_LEVELS_MAX];
};

/* Rows by content, so that what is drawn does not hang on their order. */
static int by_content(const void *a, const void *b, void *context)
{
    const struct linkage_rows *rows = context;
    uint64_t left = rows->order_keys[*(const uint32_t *)a];
    uint64_t right = rows->order_keys[*(const uint32_t *)b];
    return left < right ? -1 : left > right;
}

struct drawn {
    uint32_t *rows; /* by content, those of the first file before the others */
    uint32_t first; /* of the first file */
    uint32_t count;
};

static void draw_from(const struct linkage_rows *rows, uint32_t from, uint32_t to, struct drawn *drawn)
{
    unsigned skip = 0;
    while (to - from > ALL_ROWS && (to - from) >> skip > DRAWN_ROWS)
        skip++;
    for (uint32_t i = from; i < to; i++) {
        if (skip == 0 || values_mix(rows->order_keys[i]) >> (64 - skip) == 0)
            drawn->rows[drawn->count++] = i;
    }
}

/* All rows of a small table, some thousands of a large one: they stay in the cache. */
static enum fault draw_rows(const struct linkage_rows *rows, struct drawn *ret_drawn)
{
    struct drawn drawn = {.rows = calloc((size_t)rows->count + 1, sizeof *drawn.rows)};
    if (drawn.rows == NULL)
        return FAULT_MEMORY;
    draw_from(rows, 0, rows->first, &drawn);
    drawn.first = drawn.count;
    draw_from(rows, rows->first, rows->count, &drawn);
    qsort_r(drawn.rows, drawn.first, sizeof *drawn.rows, by_content, (void *)(uintptr_t)rows);
    qsort_r(drawn.rows + drawn.first, drawn.count - drawn.first, sizeof *drawn.rows, by_content,
            (void *)(uintptr_t)rows);
    *ret_drawn = drawn;
    return FAULT_NONE;
}

static void see(struct comparer *comparer, uint32_t a, uint32_t b, struct seen *seen)
{
    const struct linkage_rows *rows = comparer->comparisons->rows;
    uint64_t pattern = 0;
    must(compare_rows(comparer, rows_cells(rows, a), rows_cells(rows, b), &pattern));
    for (size_t i = 0; i < comparer->comparisons->count; i++)
        seen->pairs[i][em_pattern_level(pattern, i)]++;
}

enum { PAIRS_AT_ONCE = 8 * 1024 };

/* What one thread saw. */
struct watcher {
    struct comparer comparer;
    struct seen seen;
};

struct watching {
    struct drawn drawn;
    uint64_t left; /* pairs are of one row of the first `left` ... */
    uint64_t right;
    uint32_t second; /* ... and one of `right` from this one on */
    bool all;        /* every pair, else drawn ones */
    uint64_t count;
    struct watcher *watchers;
};

static enum fault watch(void *context, size_t task, unsigned member)
{
    const struct watching *watching = context;
    const struct drawn *drawn = &watching->drawn;
    struct watcher *watcher = &watching->watchers[member];
    bool two = watcher->comparer.comparisons->rows->file_count == 2;
    uint64_t from = (uint64_t)task * PAIRS_AT_ONCE;
    for (uint64_t i = from; i < from + PAIRS_AT_ONCE && i < watching->count; i++) {
        uint64_t a = watching->all ? i / watching->right : values_mix(i * 2 + 1) % watching->left;
        uint64_t b = watching->all ? i % watching->right : values_mix(i * 2 + 2) % watching->right;
        if (two || (watching->all ? a < b : a != b))
            see(&watcher->comparer, drawn->rows[a], drawn->rows[watching->second + b], &watcher->seen);
    }
    return FAULT_NONE;
}

static void add_seen(struct seen *all, const struct seen *seen)
{
    for (size_t i = 0; i < EM_FIELDS_MAX; i++) {
        for (size_t j = 0; j < EM_LEVELS_MAX; j++)
            all->pairs[i][j] += seen->pairs[i][j];
    }
}

/* Every pair of a small table, else drawn ones. */
static enum fault see_random_pairs(const struct crew *crew, struct seen *seen)
{
    const struct linkage_rows *rows = crew->comparisons->rows;
    struct watching watching = {.drawn = {.rows = NULL}};
    enum fault fault = FAULT_NONE;
    watching.watchers = calloc(crew->threads, sizeof *watching.watchers);
    if (watching.watchers == NULL)
        TRY(FAULT_MEMORY);
    for (unsigned i = 0; i < crew->threads; i++)
        TRY(comparer_open(crew->comparisons, NULL, &watching.watchers[i].comparer));
    TRY(draw_rows(rows, &watching.drawn));
    watching.second = rows->file_count == 2 ? watching.drawn.first : 0;
    watching.left = rows->file_count == 2 ? watching.drawn.first : watching.drawn.count;
    watching.right = watching.drawn.count - watching.second;
    watching.all = watching.left * watching.right <= RANDOM_PAIRS;
    watching.count = watching.all ? watching.left * watching.right : RANDOM_PAIRS;
    TRY(team_run(crew->threads, (size_t)(watching.count / PAIRS_AT_ONCE + 1), watch, &watching));
    for (unsigned i = 0; i < crew->threads; i++)
        add_seen(seen, &watching.watchers[i].seen);
done:
    for (unsigned i = 0; watching.watchers != NULL && i < crew->threads; i++)
        comparer_close(&watching.watchers[i].comparer);
    free(watching.watchers);
    free(watching.drawn.rows);
    return fault;
}

/* u of one comparison: exact levels from how often values occur, others as they were seen. */
static void work_out_u(const struct comparison *comparison, const uint64_t seen[EM_LEVELS_MAX],
                       double u[EM_LEVELS_MAX])
{
    double apart = 0;
    double exact = 0;
    for (unsigned level = LEVEL_COMMON + 1; level <= LEVELS; level++)
        apart += (double)seen[level] + 0.1;
    for (unsigned level = LEVEL_RARE; level <= LEVEL_COMMON; level++)
        exact += u[level] = comparison->u[level];
    for (unsigned level = LEVEL_COMMON + 1; level <= LEVELS; level++)
        u[level] = (1 - exact) * ((double)seen[level] + 0.1) / apart;
}

static void expect_m(const struct comparison *comparison, double m[EM_LEVELS_MAX])
{
    double exact = worth_priors[comparison->kind].exact;
    for (unsigned level = LEVEL_RARE; level <= LEVEL_COMMON; level++)
        m[level] = exact * (0.98 * comparison->mass[level] + 0.02 / LEVEL_COMMON);
    for (unsigned level = LEVEL_COMMON + 1; level <= LEVELS; level++)
        m[level] = worth_priors[comparison->kind].others[level - LEVEL_COMMON - 1];
}

/* As how many true pairs what was expected counts: a small table teaches little. */
static double strength_of(const struct linkage_rows *rows)
{
    return 20 + 40000.0 / (200 + (double)rows->count);
}

static void open_fields(const struct comparisons *comparisons, const struct seen *seen,
                        struct em_field fields[EM_FIELDS_MAX])
{
    for (size_t i = 0; i < comparisons->count; i++) {
        const struct comparison *comparison = &comparisons->at[i];
        if (comparison->kind == LINKAGE_NONE) {
            /* The levels across say how telling the agreement is; that it is across says only how rare that
             * is among true pairs. */
            fields[i] = (struct em_field){.levels = 2,
                                          .m = {0, 1 - CROSSED, CROSSED},
                                          .u = {0, 1, 1},
                                          .strength = strength_of(comparisons->rows)};
            continue;
        }
        fields[i] = (struct em_field){.levels = LEVELS,
                                      .strength = strength_of(comparisons->rows),
                                      .household = compare_is_household(comparison->kind)};
        work_out_u(comparison, seen->pairs[i], fields[i].u);
        expect_m(comparison, fields[i].m);
    }
}

struct counting {
    struct comparer comparer;
    struct em_counter counter;
};

static enum fault count_pairs(void *context, const struct row_pair *pairs, size_t count)
{
    struct counting *counting = context;
    const struct linkage_rows *rows = counting->comparer.comparisons->rows;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < count && fault == FAULT_NONE; i++) {
        uint64_t pattern;
        if (i + COMPARE_AHEAD < count)
            compare_fetch(&counting->comparer, rows_cells(rows, pairs[i + COMPARE_AHEAD].a),
                          rows_cells(rows, pairs[i + COMPARE_AHEAD].b));
        if (compare_rows(&counting->comparer, rows_cells(rows, pairs[i].a), rows_cells(rows, pairs[i].b),
                         &pattern))
            fault = em_counter_add(&counting->counter, pattern, 1);
    }
    return fault;
}

/* An upper bound: pairs of several blocks count several times. */
static uint64_t candidate_pairs(const struct blocks *blocks)
{
    uint64_t pairs = 0;
    if (blocks->pass_count == 0)
        return blocks->rows->count * (uint64_t)blocks->rows->count / 2;
    for (size_t i = 0; i < blocks->pass_count; i++)
        pairs += blocks->passes[i].pairs;
    return pairs;
}

/* Of a large table the pairs among one row in 2^n; of others, where there are too many, one pair in 2^n.
 * *ret_skip: one pair in 2^skip is taken. */
static enum fault draw_sample(const struct blocks *blocks, struct block_sample *sample, uint64_t **ret_drawn,
                              unsigned *ret_skip)
{
    const struct linkage_rows *rows = blocks->rows;
    uint64_t pairs = candidate_pairs(blocks);
    unsigned skip = 0;
    if (blocks->lessons >= blocks->pass_count) {
        while (pairs >> skip > TRAINING_PAIRS * 2u)
            skip++;
        *sample = (struct block_sample){.skip = skip};
        *ret_skip = skip;
        return FAULT_NONE;
    }
    while (pairs >> 2 * skip > TRAINING_PAIRS_LARGE * 2u)
        skip++;
    *ret_drawn = calloc((size_t)rows->count / 64 + 1, sizeof **ret_drawn);
    if (*ret_drawn == NULL)
        return FAULT_MEMORY;
    for (uint32_t i = 0; i < rows->count; i++) {
        bool drawn = skip == 0 || values_mix(rows->order_keys[i]) >> (64 - skip) == 0;
        (*ret_drawn)[i / 64] |= (uint64_t)drawn << i % 64;
    }
    *sample = (struct block_sample){.rows = *ret_drawn};
    *ret_skip = 2 * skip;
    return FAULT_NONE;
}

static enum fault count_patterns(const struct crew *crew, const struct scale *scale,
                                 struct em_counter *ret_counter)
{
    enum fault fault = FAULT_NONE;
    void *contexts[LINKAGE_THREADS_MAX] = {NULL};
    struct counting *countings = calloc(crew->threads, sizeof *countings);
    if (countings == NULL)
        return FAULT_MEMORY;
    for (unsigned i = 0; i < crew->threads; i++) {
        em_counter_open(&countings[i].counter);
        contexts[i] = &countings[i];
        TRY(comparer_open(crew->comparisons, scale, &countings[i].comparer));
    }
    TRY(crew_run(crew, count_pairs, contexts));
    for (unsigned i = 1; i < crew->threads; i++)
        TRY(em_counter_merge(&countings[0].counter, &countings[i].counter));
    *ret_counter = countings[0].counter;
    em_counter_open(&countings[0].counter);
done:
    for (unsigned i = 0; i < crew->threads; i++) {
        em_counter_close(&countings[i].counter);
        comparer_close(&countings[i].comparer);
    }
    free(countings);
    return fault;
}

static double possible_pairs(const struct linkage_rows *rows)
{
    double count = rows->count;
    if (rows->file_count == 1)
        return count * (count - 1) / 2;
    return (double)rows->first * (count - rows->first);
}

/* How many more rows of one person there are, on average, for each row. */
static double repeats_of(const struct linkage_rows *rows, double matches)
{
    return rows->count == 0 ? 0 : 2 * matches / rows->count;
}

static double expected_prior(const struct linkage_rows *rows)
{
    double prior = 0.25 * rows->count / fmax(possible_pairs(rows), 1);
    return fmin(fmax(prior, 1e-12), 0.25);
}

/* Households are told apart where something is of the household, and something of the person alone. */
static bool has_household(const struct comparisons *comparisons)
{
    size_t household = 0;
    size_t person = 0;
    for (size_t i = 0; i < comparisons->count; i++) {
        enum linkage_kind kind = comparisons->at[i].kind;
        household += compare_is_household(kind);
        person += kind == LINKAGE_GIVEN || kind == LINKAGE_BIRTH || kind == LINKAGE_IDENTIFIER;
    }
    return household >= 2 && person >= 1;
}

static void set_scale(const struct comparisons *comparisons, const struct em_model *model,
                      struct scale *scale)
{
    scale->prior = em_prior(model, 0);
    scale->household = em_household(model, 0);
    for (size_t i = 0; i < comparisons->count; i++) {
        for (unsigned level = 1; level <= model->levels[i]; level++)
            scale->weights[i][level] = em_weight(model, i, level);
        if (comparisons->at[i].kind == LINKAGE_NONE)
            continue;
        scale->unequal[i] = scale->weights[i][LEVEL_NOT];
        /* That another line of the address says it is seen at a glance. */
        unsigned best = comparisons->at[i].kind == LINKAGE_ADDRESS ? LEVEL_SLIP : LEVEL_FITS;
        for (unsigned level = best; level < LEVEL_NOT; level++) {
            bool reached = worth_priors[comparisons->at[i].kind].others[level - LEVEL_FITS] > 0;
            if (reached && scale->weights[i][level] > scale->unequal[i])
                scale->unequal[i] = scale->weights[i][level];
        }
    }
}

static enum fault train(const struct comparisons *comparisons, const struct em_counter *counter,
                        size_t patterns, double share, struct em_field *fields, struct em_model *model)
{
    enum fault fault = FAULT_NONE;
    const struct linkage_rows *rows = comparisons->rows;
    double possible = fmax(possible_pairs(rows), 1);
    struct em_pass pass = {.counts = counter->places,
                           .count = patterns,
                           .population = (uint64_t)fmax(possible * share, 1),
                           .prior = expected_prior(rows),
                           .household = has_household(comparisons) ? expected_prior(rows) : 0};
    double raw[EM_FIELDS_MAX][EM_LEVELS_MAX];
    for (size_t i = 0; i < comparisons->count; i++)
        memcpy(raw[i], fields[i].u, sizeof raw[i]);
    for (unsigned round = 0; round < ROUNDS; round++) {
        TRY(em_train(fields, comparisons->count, &pass, 1, model));
        for (size_t i = 0; i < comparisons->count && round + 1 < ROUNDS; i++) {
            if (comparisons->at[i].kind == LINKAGE_NONE)
                continue;
            memcpy(fields[i].u, raw[i], sizeof raw[i]);
            em_without_matches(fields[i].u, fields[i].levels, model->m[i], model->prior[0], possible * 2);
        }
    }
done:
    return fault;
}

/* Before anything is learnt. */
static enum fault guess(const struct comparisons *comparisons, const struct em_field *fields,
                        struct scale *ret_scale)
{
    struct em_model model;
    struct em_pass pass = {.prior = expected_prior(comparisons->rows)};
    enum fault fault = em_train(fields, comparisons->count, &pass, 1, &model);
    if (fault != FAULT_NONE)
        return fault;
    model.prior[0] = pass.prior;
    ret_scale->least = GUESS_LEAST;
    set_scale(comparisons, &model, ret_scale);
    worth_of_classes(comparisons, ret_scale);
    return FAULT_NONE;
}

enum fault trained_open(const struct crew *crew, struct trained *ret_trained)
{
    const struct comparisons *comparisons = crew->comparisons;
    const struct linkage_rows *rows = comparisons->rows;
    enum fault fault = FAULT_NONE;
    struct trained trained = {.matches = 0};
    struct em_counter counter = {NULL, 0, 0};
    struct em_field fields[EM_FIELDS_MAX];
    struct em_model model;
    struct seen seen = {0};
    struct crew learners = *crew;
    struct block_sample sample = {.skip = 0};
    uint64_t *drawn = NULL;
    unsigned skip = 0;
    TRY(draw_sample(crew->blocks, &sample, &drawn, &skip));
    learners.sample = &sample;
    TRY(see_random_pairs(crew, &seen));
    open_fields(comparisons, &seen, fields);
    TRY(worth_open(comparisons, &trained.scale));
    TRY(guess(comparisons, fields, &trained.scale));
    TRY(count_patterns(&learners, &trained.scale, &counter));
    size_t patterns = em_counter_sorted(&counter);
    TRY(train(comparisons, &counter, patterns, exp2(-(double)skip), fields, &model));
    trained.patterns = (uint32_t)patterns;
    trained.matches = model.matches * exp2(skip);
    set_scale(comparisons, &model, &trained.scale);
    const struct worth_basis basis = {comparisons, &model, repeats_of(rows, trained.matches)};
    TRY(worth_of_values(&basis, crew->threads, &trained.scale));
    *ret_trained = trained;
    trained = (struct trained){.matches = 0};
done:
    free(drawn);
    trained_close(&trained);
    em_counter_close(&counter);
    return fault;
}

void trained_close(struct trained *trained)
{
    worth_close(&trained->scale);
    *trained = (struct trained){.matches = 0};
}
