#include "match/em.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 1024, ROUNDS_MAX = 200 };

static const double PROBABILITY_LEAST = 1e-9;
static const double NOTHING = 1e-9; /* expected pairs that are not worth adding up */
static const double STILL = 1e-5;   /* a round that moves nothing by more ends training */

void em_counter_open(struct em_counter *counter)
{
    *counter = (struct em_counter){NULL, 0, 0};
}

void em_counter_close(struct em_counter *counter)
{
    free(counter->places);
    em_counter_open(counter);
}

/* SplitMix64's finisher (Steele, Lea and Flood, 2014). */
static uint64_t mix(uint64_t value)
{
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9u;
    value = (value ^ value >> 27) * 0x94D049BB133111EBu;
    return value ^ value >> 31;
}

static struct em_count *place_of(const struct em_counter *counter, uint64_t pattern)
{
    size_t mask = counter->room - 1;
    size_t at = (size_t)mix(pattern) & mask;
    while (counter->places[at].pairs != 0 && counter->places[at].pattern != pattern)
        at = (at + 1) & mask;
    return &counter->places[at];
}

static enum fault grow(struct em_counter *counter)
{
    struct em_counter larger = {NULL, counter->room == 0 ? ROOM_FIRST : counter->room * 2, counter->used};
    larger.places = calloc(larger.room, sizeof *larger.places);
    if (larger.places == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < counter->room; i++) {
        if (counter->places[i].pairs != 0)
            *place_of(&larger, counter->places[i].pattern) = counter->places[i];
    }
    free(counter->places);
    *counter = larger;
    return FAULT_NONE;
}

enum fault em_counter_add(struct em_counter *counter, uint64_t pattern, uint64_t pairs)
{
    if (pairs == 0)
        return FAULT_NONE;
    if (counter->used >= counter->room / 2) {
        enum fault fault = grow(counter);
        if (fault != FAULT_NONE)
            return fault;
    }
    struct em_count *place = place_of(counter, pattern);
    if (place->pairs == 0)
        counter->used++;
    place->pattern = pattern;
    place->pairs += pairs;
    return FAULT_NONE;
}

enum fault em_counter_merge(struct em_counter *counter, const struct em_counter *other)
{
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < other->room && fault == FAULT_NONE; i++)
        fault = em_counter_add(counter, other->places[i].pattern, other->places[i].pairs);
    return fault;
}

static int by_pattern(const void *a, const void *b)
{
    uint64_t left = ((const struct em_count *)a)->pattern;
    uint64_t right = ((const struct em_count *)b)->pattern;
    return left < right ? -1 : left > right;
}

size_t em_counter_sorted(struct em_counter *counter)
{
    size_t count = 0;
    for (size_t i = 0; i < counter->room; i++) {
        if (counter->places[i].pairs != 0)
            counter->places[count++] = counter->places[i];
    }
    if (count > 1)
        qsort(counter->places, count, sizeof *counter->places, by_pattern);
    return count;
}

static double within(double value, double least, double most)
{
    return value < least ? least : value > most ? most : value;
}

static double probability(double value)
{
    return within(value, PROBABILITY_LEAST, 1 - PROBABILITY_LEAST);
}

struct training {
    const struct em_field *fields;
    const struct em_pass *passes;
    size_t pass_count;
    struct em_model *model;
    double ratio[EM_FIELDS_MAX][EM_LEVELS_MAX];    /* m / u; 1 for what says nothing */
    double expected[EM_FIELDS_MAX][EM_LEVELS_MAX]; /* true pairs seen at a level */
    double matches[EM_PASSES_MAX];
    double households[EM_PASSES_MAX];
};

static void work_out_ratios(const struct em_model *model, double ratio[EM_FIELDS_MAX][EM_LEVELS_MAX])
{
    for (size_t field = 0; field < model->field_count; field++) {
        ratio[field][0] = 1;
        for (unsigned level = 1; level <= model->levels[field]; level++)
            ratio[field][level] = model->m[field][level] / model->u[field][level];
    }
}

/* The odds of one person, and of one household, against neither. */
struct odds {
    double match;
    double household;
};

static struct odds odds_of(const struct em_model *model, const double ratio[EM_FIELDS_MAX][EM_LEVELS_MAX],
                           size_t pass, uint32_t blocked, uint64_t pattern)
{
    double neither = 1 - model->prior[pass] - model->household[pass];
    struct odds odds = {model->prior[pass] / neither, model->household[pass] / neither};
    for (size_t field = 0; field < model->field_count; field++) {
        if ((blocked >> field & 1) != 0)
            continue;
        double here = ratio[field][em_pattern_level(pattern, field)];
        odds.match *= here;
        if (model->in_household[field])
            odds.household *= here;
    }
    return odds;
}

static void expect_pass(struct training *training, size_t number)
{
    const struct em_pass *pass = &training->passes[number];
    const struct em_model *model = training->model;
    double matches = 0;
    double households = 0;
    for (size_t i = 0; i < pass->count; i++) {
        uint64_t pattern = pass->counts[i].pattern;
        double pairs = (double)pass->counts[i].pairs;
        struct odds odds = odds_of(model, training->ratio, number, pass->blocked, pattern);
        double all = 1 + odds.match + odds.household;
        double expected = odds.match / all * pairs;
        matches += expected;
        households += odds.household / all * pairs;
        for (size_t field = 0; expected > NOTHING && field < model->field_count; field++) {
            if ((pass->blocked >> field & 1) == 0)
                training->expected[field][em_pattern_level(pattern, field)] += expected;
        }
    }
    training->matches[number] = matches;
    training->households[number] = households;
}

/* Pools neighbours whose weights stand in the wrong order (pool adjacent violators; Barlow et al., 1972):
 * both take the ratio of their sums. */
static void put_in_order(double m[EM_LEVELS_MAX], const double u[EM_LEVELS_MAX], unsigned levels)
{
    struct {
        double m;
        double u;
        unsigned last;
    } pools[EM_LEVELS_MAX];
    size_t count = 0;
    for (unsigned level = 1; level <= levels; level++) {
        pools[count].m = m[level];
        pools[count].u = u[level];
        pools[count++].last = level;
        while (count > 1 &&
               pools[count - 2].m * pools[count - 1].u < pools[count - 1].m * pools[count - 2].u) {
            pools[count - 2].m += pools[count - 1].m;
            pools[count - 2].u += pools[count - 1].u;
            pools[count - 2].last = pools[count - 1].last;
            count--;
        }
    }
    unsigned level = 1;
    for (size_t i = 0; i < count; i++) {
        for (; level <= pools[i].last; level++)
            m[level] = probability(pools[i].m * (u[level] / pools[i].u));
    }
}

/* How far m of a field moved. */
static double learn_field(struct training *training, size_t number)
{
    const struct em_field *field = &training->fields[number];
    double *m = training->model->m[number];
    double sum = field->strength;
    double next[EM_LEVELS_MAX] = {0};
    double moved = 0;
    for (unsigned level = 1; level <= field->levels; level++)
        sum += training->expected[number][level];
    if (field->fixed || sum <= 0)
        return 0;
    for (unsigned level = 1; level <= field->levels; level++)
        next[level] =
            probability((training->expected[number][level] + field->strength * field->m[level]) / sum);
    if (field->ordered)
        put_in_order(next, training->model->u[number], field->levels);
    for (unsigned level = 1; level <= field->levels; level++) {
        moved = fmax(moved, fabs(next[level] - m[level]));
        m[level] = next[level];
    }
    return moved;
}

static double population_of(const struct em_pass *pass)
{
    if (pass->population != 0)
        return (double)pass->population;
    double sum = 0;
    for (size_t i = 0; i < pass->count; i++)
        sum += (double)pass->counts[i].pairs;
    return sum;
}

/* One round; how far the largest value moved. */
static double learn(struct training *training)
{
    struct em_model *model = training->model;
    double moved = 0;
    memset(training->expected, 0, sizeof training->expected);
    work_out_ratios(model, training->ratio);
    for (size_t i = 0; i < training->pass_count; i++)
        expect_pass(training, i);
    for (size_t i = 0; i < model->field_count; i++)
        moved = fmax(moved, learn_field(training, i));
    model->matches = 0;
    for (size_t i = 0; i < training->pass_count; i++) {
        double population = population_of(&training->passes[i]);
        model->matches += training->matches[i];
        if (population <= 0)
            continue;
        double next = within(training->matches[i] / population, 1e-15, 0.599);
        moved = fmax(moved, fabs(next - model->prior[i]) / fmax(next, model->prior[i]));
        model->prior[i] = next;
        if (training->passes[i].household > 0)
            model->household[i] = within(training->households[i] / population, 1e-15, 0.4);
    }
    return moved;
}

static bool fits(const struct em_field *fields, size_t field_count, const struct em_pass *passes,
                 size_t pass_count)
{
    if (field_count > EM_FIELDS_MAX || pass_count > EM_PASSES_MAX)
        return false;
    for (size_t i = 0; i < field_count; i++) {
        if (fields[i].levels == 0 || fields[i].levels >= EM_LEVELS_MAX || !(fields[i].strength >= 0))
            return false;
    }
    for (size_t i = 0; i < pass_count; i++) {
        if (!(passes[i].prior > 0 && passes[i].household >= 0 && passes[i].prior + passes[i].household < 1))
            return false;
    }
    return true;
}

enum fault em_train(const struct em_field *fields, size_t field_count, const struct em_pass *passes,
                    size_t pass_count, struct em_model *ret_model)
{
    if (!fits(fields, field_count, passes, pass_count))
        return FAULT_INVALID;
    *ret_model = (struct em_model){.field_count = field_count};
    struct training training = {
        .fields = fields, .passes = passes, .pass_count = pass_count, .model = ret_model};
    for (size_t i = 0; i < field_count; i++) {
        ret_model->levels[i] = fields[i].levels;
        ret_model->in_household[i] = fields[i].household;
        for (unsigned level = 1; level <= fields[i].levels; level++) {
            ret_model->m[i][level] = probability(fields[i].m[level]);
            ret_model->u[i][level] = probability(fields[i].u[level]);
        }
    }
    for (size_t i = 0; i < pass_count; i++) {
        ret_model->prior[i] = passes[i].prior;
        ret_model->household[i] = passes[i].household;
    }
    while (ret_model->rounds < ROUNDS_MAX && learn(&training) > STILL)
        ret_model->rounds++;
    return FAULT_NONE;
}

static int32_t bits(double ratio)
{
    return (int32_t)lround(log2(ratio) * EM_BIT);
}

int32_t em_weight(const struct em_model *model, size_t field, unsigned level)
{
    if (level == 0)
        return 0;
    return bits(model->m[field][level] / model->u[field][level]);
}

int32_t em_prior(const struct em_model *model, size_t pass)
{
    return bits(model->prior[pass] / (1 - model->prior[pass] - model->household[pass]));
}

int32_t em_household(const struct em_model *model, size_t pass)
{
    if (model->household[pass] <= 0)
        return INT32_MIN;
    return bits(model->household[pass] / (1 - model->prior[pass] - model->household[pass]));
}

int32_t em_household_toll(int32_t weight)
{
    enum { FAR = 12 * EM_BIT };
    if (weight < -FAR)
        return 0;
    if (weight > FAR)
        return weight;
    return bits(1 + exp2((double)weight / EM_BIT));
}

double em_probability(const struct em_model *model, size_t pass, uint64_t pattern)
{
    double ratio[EM_FIELDS_MAX][EM_LEVELS_MAX];
    work_out_ratios(model, ratio);
    struct odds odds = odds_of(model, ratio, pass, 0, pattern);
    return odds.match / (1 + odds.match + odds.household);
}

void em_without_matches(double u[EM_LEVELS_MAX], unsigned levels, const double m[EM_LEVELS_MAX], double prior,
                        double least_of)
{
    double sum = 0;
    for (unsigned level = 1; level <= levels; level++) {
        u[level] = fmax((u[level] - prior * m[level]) / (1 - prior), 1 / least_of);
        sum += u[level];
    }
    for (unsigned level = 1; level <= levels; level++)
        u[level] = probability(u[level] / sum);
}
