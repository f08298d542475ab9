#include "linkage/compare.h"

#include <math.h>
#include <stdlib.h>

#include "linkage/likeness.h"

enum { CACHE_ROOM = 1 << 17, LETTERS_APART_MAX = 9, TAGS = 16 };

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

static uint8_t add(struct comparisons *comparisons, enum linkage_kind kind, size_t field)
{
    uint8_t number = (uint8_t)comparisons->count++;
    comparisons->at[number] = (struct comparison){.kind = kind, .field = (uint8_t)field, .crossed = NO_FIELD};
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

enum fault comparisons_open(const struct linkage_rows *rows, struct comparisons *ret_comparisons)
{
    struct comparisons comparisons = {.rows = rows,
                                      .given = NO_FIELD,
                                      .family = NO_FIELD,
                                      .other = NO_FIELD,
                                      .birth = NO_FIELD,
                                      .arrangement = NO_FIELD};
    enum fault fault = FAULT_NONE;
    must(rows->field_count <= FIELDS_MAX);
    for (size_t i = 0; i < rows->field_count && fault == FAULT_NONE; i++) {
        const struct field *field = &rows->fields[i];
        uint8_t number = add(&comparisons, field->kind, i);
        note_part(&comparisons, field->kind, number);
        comparisons.at[number].values = &rows->values[field->values];
        fault = classify(&comparisons.at[number], field);
    }
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
    for (size_t i = 0; i < comparisons->count; i++)
        free(comparisons->at[i].classes);
    comparisons->count = 0;
}

enum fault comparer_open(const struct comparisons *comparisons, struct comparer *ret_comparer)
{
    uint64_t *cache = calloc(CACHE_ROOM, sizeof *cache);
    if (cache == NULL)
        return FAULT_MEMORY;
    *ret_comparer = (struct comparer){comparisons, cache};
    return FAULT_NONE;
}

void comparer_close(struct comparer *comparer)
{
    free(comparer->cache);
    comparer->cache = NULL;
}

static bool is_name(enum linkage_kind kind)
{
    return kind == LINKAGE_GIVEN || kind == LINKAGE_FAMILY || kind == LINKAGE_OTHER;
}

/* Seen at a glance: most pairs of values are of different people. */
static bool is_unlike(enum linkage_kind kind, const struct value_sign *a, const struct value_sign *b)
{
    if (is_name(kind))
        return __builtin_popcount(a->letters ^ b->letters) > LETTERS_APART_MAX;
    if (kind != LINKAGE_ADDRESS && kind != LINKAGE_LOCALITY && kind != LINKAGE_TEXT)
        return false;
    int pairs_a = __builtin_popcountll(a->bigrams);
    int pairs_b = __builtin_popcountll(b->bigrams);
    int fewer = pairs_a < pairs_b ? pairs_a : pairs_b;
    return __builtin_popcountll(a->bigrams & b->bigrams) * 3 < fewer;
}

/* Of two values; `tag` is the comparison's number, in the cache.  An entry holds 4 bits of tag, both ids, and
 * the level in 4 bits; an id of 0 does not occur, so that 0 is empty. */
static enum level level_of(struct comparer *comparer, const struct comparison *comparison, size_t tag,
                           uint32_t a, uint32_t b)
{
    if (a == 0 || b == 0)
        return LEVEL_MISSING;
    if (a == b)
        return (enum level)comparison->classes[a];
    const struct values *values = comparison->values;
    if (is_unlike(comparison->kind, &values->signs[a], &values->signs[b]))
        return LEVEL_NOT;
    uint64_t low = a < b ? a : b;
    uint64_t high = a < b ? b : a;
    uint64_t key = (tag << 56 | low << 28 | high) << 4;
    uint64_t *place = &comparer->cache[values_mix(key) % CACHE_ROOM];
    if ((*place & ~(uint64_t)15) == key)
        return (enum level)(*place & 15);
    enum level level = likeness(comparison->kind, values, a, b);
    *place = key | (uint64_t)level;
    return level;
}

static bool is_bad(enum level level)
{
    return level >= LEVEL_PARTLY || level == LEVEL_MISSING;
}

static bool is_good(enum level level)
{
    return level != LEVEL_MISSING && level <= LEVEL_CLOSE;
}

/* Agreement across counts as of middling frequency, so that it is the same either way round. */
static enum level across(enum level level)
{
    return level <= LEVEL_COMMON && level != LEVEL_MISSING ? LEVEL_MIDDLING : level;
}

struct names {
    enum level given;
    enum level family;
    bool crossed;
};

/* Family and given in each other's place, or a single name in the other's. */
static void cross_names(struct comparer *comparer, const uint32_t *a, const uint32_t *b, struct names *names)
{
    const struct comparisons *comparisons = comparer->comparisons;
    const struct comparison *given = &comparisons->at[comparisons->given];
    uint8_t field_given = given->field;
    uint8_t field_family = comparisons->at[comparisons->family].field;
    enum level there = level_of(comparer, given, comparisons->given, a[field_given], b[field_family]);
    enum level back = level_of(comparer, given, comparisons->given, b[field_given], a[field_family]);
    if (is_good(there) && is_good(back)) {
        names->given = across(there < back ? there : back);
        names->family = across(there < back ? back : there);
        names->crossed = true;
        return;
    }
    bool single = a[field_given] == 0 || a[field_family] == 0 || b[field_given] == 0 || b[field_family] == 0;
    enum level one = is_good(there) ? there : back;
    if (!single || !is_good(one))
        return;
    names->given = LEVEL_MISSING;
    names->family = across(one);
    names->crossed = true;
}

/* Known by a middle name. */
static void compare_other(struct comparer *comparer, const uint32_t *a, const uint32_t *b,
                          struct names *names)
{
    const struct comparisons *comparisons = comparer->comparisons;
    const struct comparison *given = &comparisons->at[comparisons->given];
    uint8_t field = given->field;
    uint8_t other = comparisons->at[comparisons->other].field;
    if (is_good(level_of(comparer, given, comparisons->given, a[field], b[other])) ||
        is_good(level_of(comparer, given, comparisons->given, a[other], b[field])))
        names->given = LEVEL_PARTLY;
}

static uint64_t arranged(const struct comparisons *comparisons, uint64_t pattern, unsigned arrangement)
{
    if (comparisons->arrangement == NO_FIELD)
        return pattern;
    return em_pattern_put(pattern, comparisons->arrangement, arrangement);
}

static uint64_t compare_names(struct comparer *comparer, const uint32_t *a, const uint32_t *b,
                              uint64_t pattern)
{
    const struct comparisons *comparisons = comparer->comparisons;
    struct names names = {(enum level)em_pattern_level(pattern, comparisons->given),
                          (enum level)em_pattern_level(pattern, comparisons->family), false};
    if (!is_bad(names.given) || (!is_bad(names.family) && comparisons->other == NO_FIELD))
        return arranged(comparisons, pattern, ARRANGEMENT_STRAIGHT);
    if (is_bad(names.family))
        cross_names(comparer, a, b, &names);
    if (!names.crossed && names.given >= LEVEL_PARTLY && comparisons->other != NO_FIELD)
        compare_other(comparer, a, b, &names);
    pattern &= ~((uint64_t)15 << (4 * comparisons->given) | (uint64_t)15 << (4 * comparisons->family));
    pattern = em_pattern_put(pattern, comparisons->given, names.given);
    pattern = em_pattern_put(pattern, comparisons->family, names.family);
    return arranged(comparisons, pattern, names.crossed ? ARRANGEMENT_CROSSED : ARRANGEMENT_STRAIGHT);
}

void compare_rows(struct comparer *comparer, const uint32_t *a, const uint32_t *b,
                  struct compared *ret_compared)
{
    const struct comparisons *comparisons = comparer->comparisons;
    size_t count = comparisons->count - (comparisons->arrangement == NO_FIELD ? 0 : 1);
    uint64_t pattern = 0;
    for (size_t i = 0; i < count; i++) {
        const struct comparison *comparison = &comparisons->at[i];
        uint32_t value_a = a[comparison->field];
        uint32_t value_b = b[comparison->field];
        enum level level = level_of(comparer, comparison, i, value_a, value_b);
        if (comparison->crossed != NO_FIELD && is_bad(level)) {
            uint32_t there = b[comparison->crossed];
            uint32_t back = a[comparison->crossed];
            if ((value_a != 0 && value_a == there) || (value_b != 0 && value_b == back))
                level = LEVEL_FITS;
        }
        ret_compared->values[i] = value_a;
        pattern = em_pattern_put(pattern, i, level);
    }
    if (comparisons->given != NO_FIELD && comparisons->family != NO_FIELD)
        pattern = compare_names(comparer, a, b, pattern);
    ret_compared->pattern = pattern;
}
