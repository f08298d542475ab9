#include <stdlib.h>

#include "linkage/likeness.h"
#include "linkage/team.h"

enum { MATRIX_ROWS_MAX = 500 };

/* A value is rare below a quarter, common above twice the frequency that agreeing values have on average. */
static const double RARE_BELOW = 0.25;
static const double COMMON_ABOVE = 2.0;

/* The chance that two rows that have a value agree on it: u of the exact levels together. */
static double chance_of(const uint32_t *counts, uint32_t count, double filled)
{
    double chance = 0;
    for (uint32_t id = 1; id <= count; id++)
        chance += (double)counts[id] * ((double)counts[id] - 1);
    return filled < 2 ? 0 : chance / (filled * (filled - 1));
}

static enum fault classify(struct comparison *comparison, const struct field *field)
{
    uint32_t count = comparison->values->count;
    double filled = field->filled;
    double chance = chance_of(field->counts, count, filled);
    comparison->classes = calloc((size_t)count + 1, 1);
    if (comparison->classes == NULL)
        return FAULT_MEMORY;
    for (uint32_t id = 1; id <= count; id++) {
        double rows = field->counts[id];
        double share = filled == 0 ? 0 : rows / filled;
        enum level level = share < chance * RARE_BELOW     ? LEVEL_RARE
                           : share > chance * COMMON_ABOVE ? LEVEL_COMMON
                                                           : LEVEL_MIDDLING;
        comparison->classes[id] = (uint8_t)level;
        comparison->mass[level] += share;
        if (filled >= 2)
            comparison->u[level] += rows * (rows - 1) / (filled * (filled - 1));
    }
    return FAULT_NONE;
}

/* Kinds of which compare.c asks for `telling`. */
static bool compares_texts(enum linkage_kind kind)
{
    return kind == LINKAGE_ADDRESS || kind == LINKAGE_LOCALITY || kind == LINKAGE_TEXT ||
           kind == LINKAGE_EMAIL || kind == LINKAGE_PHONE || kind == LINKAGE_IDENTIFIER;
}

/* How many values have each bigram: 64 numbers are counted at once, a binary digit of all in each word. */
static void count_bigrams(const struct values *values, uint32_t have[64])
{
    enum { PLANES = 8, AT_ONCE = (1 << PLANES) - 1 };
    for (uint32_t id = 1; id <= values->count;) {
        uint64_t planes[PLANES] = {0};
        uint32_t end = values->count - id < AT_ONCE ? values->count + 1 : id + AT_ONCE;
        for (; id < end; id++) {
            uint64_t carry = values->signs[id].bigrams;
            for (unsigned i = 0; carry != 0; i++) {
                uint64_t both = planes[i] & carry;
                planes[i] ^= carry;
                carry = both;
            }
        }
        for (unsigned bit = 0; bit < 64; bit++) {
            for (unsigned i = 0; i < PLANES; i++)
                have[bit] += (uint32_t)(planes[i] >> bit & 1) << i;
        }
    }
}

/* Two characters that more than a third of the values have tell none from another: "street". */
static uint64_t telling_bigrams(const struct values *values)
{
    uint32_t have[64] = {0};
    uint64_t telling = 0;
    count_bigrams(values, have);
    for (unsigned bit = 0; bit < 64; bit++) {
        if ((uint64_t)have[bit] * 3 <= values->count)
            telling |= (uint64_t)1 << bit;
    }
    return telling;
}

static enum fault fill_matrix(struct comparison *comparison)
{
    size_t row = (size_t)comparison->values->count + 1;
    if (row > MATRIX_ROWS_MAX)
        return FAULT_NONE;
    comparison->matrix = calloc(row * row, 1);
    if (comparison->matrix == NULL)
        return FAULT_MEMORY;
    for (uint32_t low = 1; low < row; low++) {
        comparison->matrix[low * row + low] = comparison->classes[low];
        for (uint32_t high = low + 1; high < row; high++) {
            enum level level = likeness(comparison->kind, comparison->values, low, high);
            comparison->matrix[low * row + high] = comparison->matrix[high * row + low] = (uint8_t)level;
        }
    }
    return FAULT_NONE;
}

static uint8_t add(struct comparisons *comparisons, enum linkage_kind kind, size_t field)
{
    uint8_t number = (uint8_t)comparisons->count++;
    comparisons->at[number] = (struct comparison){
        .kind = kind, .field = (uint8_t)field, .crossed = NO_FIELD, .household = compare_is_household(kind)};
    return number;
}

static void note_part(struct comparisons *comparisons, enum linkage_kind kind, uint8_t number)
{
    if (kind == LINKAGE_GIVEN)
        comparisons->given = number;
    if (kind == LINKAGE_FAMILY)
        comparisons->family = number;
    if (kind == LINKAGE_OTHER)
        comparisons->other = number;
    if (kind == LINKAGE_BIRTH)
        comparisons->birth = number;
}

/* The first other line of the same address. */
static void cross_addresses(struct comparisons *comparisons)
{
    for (size_t i = 0; i < comparisons->count; i++) {
        struct comparison *comparison = &comparisons->at[i];
        for (size_t j = 0; comparison->kind == LINKAGE_ADDRESS && j < comparisons->count; j++) {
            if (j != i && comparisons->at[j].kind == LINKAGE_ADDRESS && comparison->crossed == NO_FIELD)
                comparison->crossed = comparisons->at[j].field;
        }
    }
}

/* Of one comparison, what hangs on how common its values are. */
static enum fault learn_values(void *context, size_t task, unsigned member)
{
    (void)member;
    struct comparisons *comparisons = context;
    struct comparison *comparison = &comparisons->at[task];
    if (compares_texts(comparison->kind))
        comparison->telling = telling_bigrams(comparison->values);
    enum fault fault = classify(comparison, &comparisons->rows->fields[comparison->field]);
    return fault == FAULT_NONE ? fill_matrix(comparison) : fault;
}

enum fault comparisons_open(const struct linkage_rows *rows, unsigned threads,
                            struct comparisons *ret_comparisons)
{
    struct comparisons comparisons = {.rows = rows,
                                      .given = NO_FIELD,
                                      .family = NO_FIELD,
                                      .other = NO_FIELD,
                                      .birth = NO_FIELD,
                                      .arrangement = NO_FIELD};
    enum fault fault = FAULT_NONE;
    must(rows->field_count <= FIELDS_MAX);
    for (size_t i = 0; i < rows->field_count; i++) {
        const struct field *field = &rows->fields[i];
        uint8_t number = add(&comparisons, field->kind, i);
        note_part(&comparisons, field->kind, number);
        comparisons.at[number].values = &rows->values[field->values];
    }
    fault = team_run(threads, comparisons.count, learn_values, &comparisons);
    cross_addresses(&comparisons);
    /* A table of the most fields goes without: then names across cost nothing. */
    if (comparisons.given != NO_FIELD && comparisons.family != NO_FIELD && comparisons.count < EM_FIELDS_MAX)
        comparisons.arrangement = add(&comparisons, LINKAGE_NONE, 0);
    if (fault != FAULT_NONE)
        comparisons_close(&comparisons);
    else
        *ret_comparisons = comparisons;
    return fault;
}

void comparisons_close(struct comparisons *comparisons)
{
    for (size_t i = 0; i < comparisons->count; i++) {
        free(comparisons->at[i].classes);
        free(comparisons->at[i].matrix);
    }
    comparisons->count = 0;
}
