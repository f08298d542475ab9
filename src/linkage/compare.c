#include "linkage/compare.h"

#include <stdlib.h>

#include "linkage/likeness.h"
#include "match/normalise.h"

enum { CACHE_ROOM = 1 << 16, LETTERS_APART_MAX = 5, DIGITS_APART_MAX = 3, LEVEL_UNSURE = 15 };

enum fault comparer_open(const struct comparisons *comparisons, const struct scale *scale,
                         struct comparer *ret_comparer)
{
    uint64_t *cache = calloc(CACHE_ROOM, sizeof *cache);
    if (cache == NULL)
        return FAULT_MEMORY;
    *ret_comparer = (struct comparer){comparisons, scale, cache};
    return FAULT_NONE;
}

void comparer_close(struct comparer *comparer)
{
    free(comparer->cache);
    comparer->cache = NULL;
}

bool compare_is_household(enum linkage_kind kind)
{
    return kind == LINKAGE_FAMILY || kind == LINKAGE_ADDRESS || kind == LINKAGE_NUMBER ||
           kind == LINKAGE_LOCALITY || kind == LINKAGE_POSTCODE || kind == LINKAGE_PHONE ||
           kind == LINKAGE_EMAIL;
}

/* The same sound, a nickname, or nearly the same letters in a like order. */
static bool names_unlike(const struct value_sign *a, const struct value_sign *b)
{
    enum { WORDS = 31 };
    uint32_t apart = a->letters ^ b->letters;
    int letters = values_bits(apart);
    if (a->number == b->number || letters <= 1)
        return false;
    if (letters <= LETTERS_APART_MAX && (a->bigrams & b->bigrams) != 0)
        return false;
    return ((a->letters | b->letters) >> WORDS) == 0 || values_bits(a->bigrams & b->bigrams) < 2;
}

/* Of eight digits more than three stand elsewhere, and the years are not next to one another. */
static bool dates_unlike(const struct value_sign *a, const struct value_sign *b)
{
    uint64_t apart = a->bigrams ^ b->bigrams;
    uint64_t digits = (apart | apart >> 1 | apart >> 2 | apart >> 3) & 0x1111111111111111u;
    uint32_t year_a = a->number / 10000;
    uint32_t year_b = b->number / 10000;
    uint32_t years = year_a > year_b ? year_a - year_b : year_b - year_a;
    return years > 1 && values_bits(digits) > DIGITS_APART_MAX;
}

/* Fewer than half of the telling neighbouring characters in common; one edit touches two or three. */
static bool texts_unlike(uint64_t telling, const struct value_sign *a, const struct value_sign *b)
{
    int pairs_a = values_bits(a->bigrams & telling);
    int pairs_b = values_bits(b->bigrams & telling);
    int fewer = pairs_a < pairs_b ? pairs_a : pairs_b;
    return values_bits(a->bigrams & b->bigrams & telling) * 2 + 1 < fewer;
}

/* Of another area, with hardly a character in its place. */
static bool postcodes_unlike(const struct value_sign *a, const struct value_sign *b)
{
    int shared = values_bits(a->bigrams & b->bigrams);
    if (a->number != 0 && b->number != 0)
        return shared < 3 && postcode_area(a->number) != postcode_area(b->number);
    return shared == 0 && a->letters != b->letters;
}

/* Seen at a glance: most pairs of values are of different people. */
static bool is_unlike(const struct comparison *comparison, const struct value_sign *a,
                      const struct value_sign *b)
{
    switch (comparison->kind) {
    case LINKAGE_GIVEN:
    case LINKAGE_OTHER:
        return (a->nicknames & b->nicknames) == 0 && names_unlike(a, b);
    case LINKAGE_FAMILY:
        return names_unlike(a, b);
    case LINKAGE_BIRTH:
        return dates_unlike(a, b);
    case LINKAGE_ADDRESS:
    case LINKAGE_LOCALITY:
    case LINKAGE_TEXT:
    case LINKAGE_EMAIL:
    case LINKAGE_PHONE:
    case LINKAGE_IDENTIFIER:
        return texts_unlike(comparison->telling, a, b);
    case LINKAGE_TOKEN:
        return texts_unlike(~(uint64_t)0, a, b);
    case LINKAGE_POSTCODE:
        return postcodes_unlike(a, b);
    case LINKAGE_NUMBER:
        return values_bits(a->letters ^ b->letters) > 2;
    case LINKAGE_SEX:
        return true;
    case LINKAGE_NONE:
    case LINKAGE_NAME:
    case LINKAGE_AGE:
    case LINKAGE_KINDS_END:
        break;
    }
    return false;
}

static enum level unequal_level(struct comparer *comparer, const struct comparison *comparison, size_t tag,
                                uint32_t a, uint32_t b)
{
    uint64_t low = a < b ? a : b;
    uint64_t high = a < b ? b : a;
    uint64_t key = (tag << 56 | low << 28 | high) << 4;
    uint64_t *place = &comparer->cache[values_mix(key) % CACHE_ROOM];
    if ((*place & ~(uint64_t)15) == key)
        return (enum level)(*place & 15);
    enum level level = likeness(comparison->kind, comparison->values, a, b);
    *place = key | (uint64_t)level;
    return level;
}

/* Of two different values, at a glance: LEVEL_UNSURE where the texts have to be looked at. */
static inline unsigned glance_unequal(const struct comparison *comparison, uint32_t a, uint32_t b)
{
    if (comparison->matrix != NULL)
        return comparison->matrix[(size_t)a * (comparison->values->count + 1) + b];
    const struct value_sign *signs = comparison->values->signs;
    return is_unlike(comparison, &signs[a], &signs[b]) ? LEVEL_NOT : LEVEL_UNSURE;
}

static inline unsigned glance(const struct comparison *comparison, uint32_t a, uint32_t b)
{
    if (a == 0 || b == 0)
        return LEVEL_MISSING;
    return a == b ? comparison->classes[a] : glance_unequal(comparison, a, b);
}

static enum level level_of(struct comparer *comparer, const struct comparison *comparison, size_t tag,
                           uint32_t a, uint32_t b)
{
    unsigned level = glance(comparison, a, b);
    return level == LEVEL_UNSURE ? unequal_level(comparer, comparison, tag, a, b) : (enum level)level;
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

/* The other line of the address says it. */
static bool is_crossed(const struct comparison *comparison, const uint32_t *a, const uint32_t *b)
{
    if (comparison->crossed == NO_FIELD)
        return false;
    uint32_t value_a = a[comparison->field];
    uint32_t value_b = b[comparison->field];
    return (value_a != 0 && value_a == b[comparison->crossed]) ||
           (value_b != 0 && value_b == a[comparison->crossed]);
}

static int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static bool may_agree(const struct comparison *comparison, uint32_t a, uint32_t b)
{
    unsigned level = glance(comparison, a, b);
    return level != LEVEL_MISSING && level != LEVEL_NOT;
}

/* The most that names may weigh beyond `straight`, what they weigh as they stand at most. */
static int32_t names_across(const struct comparer *comparer, const uint32_t *a, const uint32_t *b,
                            int32_t straight)
{
    const struct comparisons *comparisons = comparer->comparisons;
    const struct scale *scale = comparer->scale;
    const struct comparison *given = &comparisons->at[comparisons->given];
    uint8_t g = given->field;
    uint8_t f = comparisons->at[comparisons->family].field;
    bool there = may_agree(given, a[g], b[f]);
    bool back = may_agree(given, b[g], a[f]);
    int32_t best = straight;
    int32_t given_weight =
        larger(scale->weights[comparisons->given][LEVEL_MIDDLING], scale->unequal[comparisons->given]);
    int32_t family_weight =
        larger(scale->weights[comparisons->family][LEVEL_MIDDLING], scale->unequal[comparisons->family]);
    if (there && back)
        best = larger(best, given_weight + family_weight);
    if ((there || back) && (a[g] == 0 || a[f] == 0 || b[g] == 0 || b[f] == 0))
        best = larger(best, family_weight);
    if (comparisons->other != NO_FIELD) {
        uint8_t o = comparisons->at[comparisons->other].field;
        if (may_agree(given, a[g], b[o]) || may_agree(given, a[o], b[g]))
            best = larger(best, straight + larger(scale->unequal[comparisons->given], 0) -
                                    scale->weights[comparisons->given][LEVEL_NOT]);
    }
    return best - straight;
}

/* What is known of a pair so far, and the most that it can weigh. */
struct glimpse {
    uint8_t levels[EM_FIELDS_MAX];
    int32_t bound;
    int32_t names; /* of it, family and given as they stand */
};

/* The same where it is not said what levels weigh. */
static void look_alone(const struct comparisons *comparisons, const uint32_t *a, const uint32_t *b,
                       size_t count, struct glimpse *glimpse)
{
    glimpse->bound = glimpse->names = 0;
    for (size_t i = 0; i < count; i++) {
        const struct comparison *comparison = &comparisons->at[i];
        unsigned level = glance(comparison, a[comparison->field], b[comparison->field]);
        if ((level > LEVEL_PARTLY || level == LEVEL_MISSING) && is_crossed(comparison, a, b))
            level = LEVEL_FITS;
        glimpse->levels[i] = (uint8_t)level;
    }
}

static inline void look(const struct comparer *comparer, const uint32_t *a, const uint32_t *b, size_t count,
                        struct glimpse *glimpse)
{
    const struct comparisons *comparisons = comparer->comparisons;
    const struct scale *scale = comparer->scale;
    int32_t bound = scale->prior;
    int32_t weights[EM_FIELDS_MAX];
    for (size_t i = 0; i < count; i++) {
        const struct comparison *comparison = &comparisons->at[i];
        uint32_t value_a = a[comparison->field];
        uint32_t value_b = b[comparison->field];
        unsigned level = LEVEL_MISSING;
        if (value_a == value_b && value_a != 0) {
            int32_t agreed = scale->agreed[i][value_a];
            glimpse->levels[i] = (uint8_t)(agreed & AGREED_LEVEL);
            weights[i] = agreed >> AGREED_BITS;
            bound += weights[i];
            continue;
        }
        if (value_a != 0 && value_b != 0)
            level = glance_unequal(comparison, value_a, value_b);
        if ((level > LEVEL_PARTLY || level == LEVEL_MISSING) && is_crossed(comparison, a, b))
            level = LEVEL_FITS;
        glimpse->levels[i] = (uint8_t)level;
        weights[i] = level == LEVEL_UNSURE ? scale->unequal[i] : scale->weights[i][level];
        bound += weights[i];
    }
    glimpse->bound = bound;
    glimpse->names = comparisons->given == NO_FIELD ? 0 : weights[comparisons->given];
    glimpse->names += comparisons->family == NO_FIELD ? 0 : weights[comparisons->family];
}

/* Whether names across might make a pair matter that does not as they stand. */
static bool may_cross(const struct comparer *comparer, const uint32_t *a, const uint32_t *b,
                      const struct glimpse *glimpse)
{
    const struct comparisons *comparisons = comparer->comparisons;
    if (comparisons->given == NO_FIELD || comparisons->family == NO_FIELD)
        return false;
    unsigned given = glimpse->levels[comparisons->given];
    if (given <= LEVEL_COMMON && given != LEVEL_MISSING)
        return false;
    return glimpse->bound + names_across(comparer, a, b, glimpse->names) >= comparer->scale->least;
}

void compare_fetch(const struct comparer *comparer, const uint32_t *a, const uint32_t *b)
{
    const struct comparisons *comparisons = comparer->comparisons;
    for (size_t i = 0; i < comparisons->count; i++) {
        const struct comparison *comparison = &comparisons->at[i];
        uint32_t value_a = a[comparison->field];
        uint32_t value_b = b[comparison->field];
        if (comparison->matrix != NULL || comparison->values == NULL || value_a == 0 || value_b == 0)
            continue;
        if (value_a == value_b && comparer->scale != NULL) {
            __builtin_prefetch(&comparer->scale->agreed[i][value_a]);
        } else if (value_a != value_b) {
            __builtin_prefetch(&comparison->values->signs[value_a]);
            __builtin_prefetch(&comparison->values->signs[value_b]);
        }
    }
}

bool compare_rows(struct comparer *comparer, const uint32_t *a, const uint32_t *b, uint64_t *ret_pattern)
{
    const struct comparisons *comparisons = comparer->comparisons;
    const struct scale *scale = comparer->scale;
    size_t count = comparisons->count - (comparisons->arrangement == NO_FIELD ? 0 : 1);
    bool anyhow = scale == NULL; /* whatever is found, the pair is wanted whole */
    struct glimpse glimpse;
    uint64_t pattern = 0;
    if (scale == NULL)
        look_alone(comparisons, a, b, count, &glimpse);
    else
        look(comparer, a, b, count, &glimpse);
    for (size_t i = 0; i < count; i++) {
        const struct comparison *comparison = &comparisons->at[i];
        unsigned level = glimpse.levels[i];
        if (!anyhow && glimpse.bound < scale->least) {
            if (!may_cross(comparer, a, b, &glimpse))
                return false;
            anyhow = true;
        }
        if (level == LEVEL_UNSURE) {
            level = unequal_level(comparer, comparison, i, a[comparison->field], b[comparison->field]);
            int32_t less = anyhow ? 0 : scale->unequal[i] - scale->weights[i][level];
            glimpse.bound -= less;
            glimpse.names -= i == comparisons->given || i == comparisons->family ? less : 0;
        }
        pattern = em_pattern_put(pattern, i, level);
    }
    if (!anyhow && glimpse.bound < scale->least && !may_cross(comparer, a, b, &glimpse))
        return false;
    if (comparisons->given != NO_FIELD && comparisons->family != NO_FIELD)
        pattern = compare_names(comparer, a, b, pattern);
    *ret_pattern = pattern;
    return true;
}

int32_t compare_weigh(const struct comparer *comparer, const uint32_t *a, const uint32_t *b, uint64_t pattern)
{
    const struct comparisons *comparisons = comparer->comparisons;
    const struct scale *scale = comparer->scale;
    int32_t all = scale->prior;
    int32_t household = scale->household;
    for (size_t i = 0; i < comparisons->count; i++) {
        unsigned level = em_pattern_level(pattern, i);
        uint8_t field = comparisons->at[i].field;
        int32_t weight = scale->weights[i][level];
        if (level <= LEVEL_COMMON && level != LEVEL_MISSING && a[field] == b[field] &&
            scale->agreed[i] != NULL)
            weight = scale->agreed[i][a[field]] >> AGREED_BITS;
        all += weight;
        if (scale->household != INT32_MIN && comparisons->at[i].household)
            household += weight;
    }
    return all - (scale->household == INT32_MIN ? 0 : em_household_toll(household));
}
