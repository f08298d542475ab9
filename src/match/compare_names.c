#include <sodium.h>

#include "match/compare.h"
#include "match/model.h"

/* Where a name stands in the question, for the cache of similarities. */
enum place_in_name { IN_FAMILY = 0, IN_GIVEN = 1, IN_OTHER = 2, PLACES_IN_NAME };
enum { ASKED_CARERS = PERSON_NAMES_MAX * PLACES_IN_NAME };

_Static_assert(ASKED_CARERS + PERSON_CARERS_MAX * 2 == SCORE_ASKED_NAMES, "each asked name has its place");

struct part {
    enum part_level level;
    int32_t weight;
};

static size_t flatten(struct str text, char at[NAME_BYTES_MAX])
{
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] != ' ')
            at[len++] = text.at[i];
    }
    return len;
}

static struct likeness compare_texts(const struct scorer *scorer, const struct name *asked, uint32_t id,
                                     bool given)
{
    const struct word *word = intern_word(&scorer->index->vocabulary, id);
    struct str text = intern_text(&scorer->index->vocabulary, id);
    struct alike a = part_asked(asked, given);
    struct alike b = part_held(word, given);
    char flat_at[NAME_BYTES_MAX];
    b.text = text;
    b.flat = (struct str){flat_at, flatten(text, flat_at)};
    uint16_t asked_weight = given ? asked->given_weight : asked->family_weight;
    uint16_t word_weight = given ? word->given_weight : word->family_weight;
    /* The commoner value of the two counts. */
    return (struct likeness){alike_level(&a, &b), asked_weight < word_weight ? asked_weight : word_weight};
}

/* As compare_texts, without a look at texts where that will do; linkage remembers it beyond the question. */
static struct likeness likeness_of(struct scorer *scorer, const struct name *asked, size_t place, uint32_t id,
                                   bool given)
{
    const struct word *word = intern_word(&scorer->index->vocabulary, id);
    if (asked->placeholder || word->placeholder)
        return (struct likeness){PART_MISSING, 0};
    struct alike a = part_asked(asked, given);
    struct alike b = part_held(word, given);
    if (word->spaced == 0 && alike_never(&a, &b))
        return (struct likeness){PART_NOT, 0};
    if (!scorer->sight.linkage)
        return compare_texts(scorer, asked, id, given);
    struct pairs *pairs = scorer->index->pairs;
    if (scorer->asked_hash[place] == 0)
        (void)crypto_shorthash((uint8_t *)&scorer->asked_hash[place], (const uint8_t *)asked->text,
                               asked->len, scorer->index->key);
    uint64_t key = pairs_key(pairs, scorer->asked_hash[place], id, given);
    struct likeness likeness;
    if (pairs_find(pairs, key, &likeness))
        return likeness;
    likeness = compare_texts(scorer, asked, id, given);
    pairs_put(pairs, key, likeness);
    return likeness;
}

static int32_t agreed(const struct match_model *model, int32_t frequency, int32_t change)
{
    int32_t weight = frequency + change;
    return weight > model->name_agrees_least ? weight : model->name_agrees_least;
}

static int32_t weight_of(const struct match_model *model, struct likeness likeness, bool given)
{
    switch (likeness.level) {
    case PART_MISSING:
        return 0;
    case PART_EXACT:
        return agreed(model, likeness.frequency, model->name_exact);
    case PART_NICKNAME:
        return agreed(model, likeness.frequency, model->name_nickname);
    case PART_TYPO:
    case PART_CLOSE:
        return agreed(model, likeness.frequency, model->name_close);
    case PART_PARTLY:
        return agreed(model, likeness.frequency, model->name_partly);
    case PART_INITIAL:
        return model->name_initial;
    case PART_NOT:
        break;
    }
    return given ? model->given_not : model->family_not;
}

/* One asked name against one word; `place` is the asked name's place in the question. */
static struct part compare_part(struct scorer *scorer, const struct name *asked, size_t place, uint32_t id,
                                bool given)
{
    if (asked->len == 0 || id == 0)
        return (struct part){PART_MISSING, 0};
    uint16_t tag = (uint16_t)(1 + place * 2 + (given ? 1 : 0));
    size_t at = (id * 31u + tag * 7u) % SCORE_CACHE;
    if (scorer->cache[at].word == id && scorer->cache[at].asked == tag)
        return (struct part){(enum part_level)scorer->cache[at].level, scorer->cache[at].weight};
    struct likeness likeness = likeness_of(scorer, asked, place, id, given);
    struct part part = {likeness.level, weight_of(scorer->model, likeness, given)};
    scorer->cache[at].word = id;
    scorer->cache[at].asked = tag;
    scorer->cache[at].level = (uint8_t)part.level;
    scorer->cache[at].weight = part.weight;
    return part;
}

struct pair {
    const struct described_name *asked;
    size_t place; /* of the asked name's family */
    uint32_t family;
    uint32_t given;
    uint32_t other;
};

/* Either has one name only: it is compared with whichever of the other's it fits better. */
static bool compare_one_name(struct scorer *scorer, const struct pair *pair, struct part *family,
                             struct part *given)
{
    bool asked_one = (pair->asked->family.len == 0) != (pair->asked->given.len == 0);
    bool held_one = (pair->family == 0) != (pair->given == 0);
    if (!held_one && !(asked_one && scorer->sight.linkage))
        return false;
    if (family->level != PART_MISSING || given->level != PART_MISSING)
        return false;
    struct part across =
        compare_part(scorer, &pair->asked->family, pair->place + IN_FAMILY, pair->given, false);
    struct part back = compare_part(scorer, &pair->asked->given, pair->place + IN_GIVEN, pair->family, true);
    if (across.level != PART_MISSING)
        *family = across;
    if (back.level != PART_MISSING)
        *given = back;
    return true;
}

/* Equal names have the same letters. */
static bool may_be_exact(const struct scorer *scorer, const struct name *asked, uint32_t id)
{
    return asked->len > 0 && id != 0 &&
           intern_word(&scorer->index->vocabulary, id)->letters == asked->letters;
}

/* Names that are close have nearly the same letters. */
static bool may_be_close(const struct scorer *scorer, const struct name *asked, uint32_t id)
{
    const struct word *word = intern_word(&scorer->index->vocabulary, id);
    return asked->len > 0 && id != 0 &&
           alike_count(word->letters ^ asked->letters, 0).a <= PART_SWAPPED_APART_MAX;
}

/* Family and given the other way round. */
static bool compare_swapped(struct scorer *scorer, const struct pair *pair, struct part *family,
                            struct part *given)
{
    if ((family->level != PART_NOT && family->level != PART_PARTLY) ||
        (given->level != PART_NOT && given->level != PART_PARTLY) ||
        !may_be_close(scorer, &pair->asked->family, pair->given) ||
        !may_be_close(scorer, &pair->asked->given, pair->family))
        return false;
    struct part across =
        compare_part(scorer, &pair->asked->family, pair->place + IN_FAMILY, pair->given, false);
    struct part back = compare_part(scorer, &pair->asked->given, pair->place + IN_GIVEN, pair->family, true);
    bool fits = across.level != PART_MISSING && across.level <= PART_CLOSE && back.level != PART_MISSING &&
                back.level <= PART_CLOSE;
    if (!fits)
        return false;
    bool exact = across.level == PART_EXACT && back.level == PART_EXACT;
    enum part_level level = exact ? PART_TYPO : PART_CLOSE;
    *family = (struct part){level, agreed(scorer->model, across.weight, scorer->model->name_swapped / 2)};
    *given = (struct part){level, agreed(scorer->model, back.weight, scorer->model->name_swapped / 2)};
    return true;
}

/* Known by a middle name. */
static bool compare_other(struct scorer *scorer, const struct pair *pair, struct part *given)
{
    if (given->level != PART_NOT)
        return false;
    struct part held = {PART_MISSING, 0}, asked = {PART_MISSING, 0};
    if (may_be_exact(scorer, &pair->asked->given, pair->other))
        held = compare_part(scorer, &pair->asked->given, pair->place + IN_GIVEN, pair->other, true);
    if (may_be_exact(scorer, &pair->asked->other, pair->given))
        asked = compare_part(scorer, &pair->asked->other, pair->place + IN_OTHER, pair->given, true);
    if (held.level == PART_EXACT)
        *given = (struct part){PART_PARTLY, agreed(scorer->model, held.weight, scorer->model->name_partly)};
    else if (asked.level == PART_EXACT)
        *given = (struct part){PART_PARTLY, agreed(scorer->model, asked.weight, scorer->model->name_partly)};
    return given->level == PART_PARTLY;
}

/* Middle names: sources leave them out, but namesakes and twins seldom share them. */
static struct part compare_middle(struct scorer *scorer, const struct pair *pair)
{
    const struct match_model *model = scorer->model;
    struct part middle = compare_part(scorer, &pair->asked->other, pair->place + IN_OTHER, pair->other, true);
    switch (middle.level) {
    case PART_MISSING:
        break;
    case PART_EXACT:
    case PART_NICKNAME:
    case PART_TYPO:
        if (middle.weight > model->other_same)
            middle.weight = model->other_same;
        break;
    case PART_CLOSE:
    case PART_PARTLY:
    case PART_INITIAL:
        middle.weight = model->other_partly;
        break;
    case PART_NOT:
        middle.weight = model->other_not;
        break;
    }
    return middle;
}

/* Two given names, both of them common ones: hardly a slip. */
static bool both_known(const struct scorer *scorer, const struct pair *pair, enum part_level given)
{
    if (given == PART_EXACT || given == PART_MISSING || pair->given == 0)
        return false;
    return pair->asked->given.given_weight < scorer->model->given_floor &&
           intern_word(&scorer->index->vocabulary, pair->given)->given_weight < scorer->model->given_floor;
}

static struct names_compared compare_pair(struct scorer *scorer, const struct pair *pair)
{
    struct part family =
        compare_part(scorer, &pair->asked->family, pair->place + IN_FAMILY, pair->family, false);
    struct part given = compare_part(scorer, &pair->asked->given, pair->place + IN_GIVEN, pair->given, true);
    bool one = compare_one_name(scorer, pair, &family, &given);
    bool swapped = !one && compare_swapped(scorer, pair, &family, &given);
    bool by_middle = !one && !swapped && compare_other(scorer, pair, &given);
    struct names_compared compared = {.family = family.level,
                                      .given = given.level,
                                      .family_weight = family.weight,
                                      .given_weight = given.weight,
                                      .weight = family.weight + given.weight};
    if (family.level == PART_EXACT && given.level == PART_EXACT)
        compared.weight += scorer->model->name_both_exact;
    if (compared.weight > scorer->model->name_ceiling)
        compared.weight = scorer->model->name_ceiling;
    compared.given_known = !swapped && both_known(scorer, pair, given.level);
    /* One name counts once. */
    if (by_middle || (family.level == PART_NOT && given.level == PART_NOT))
        return compared;
    struct part middle = compare_middle(scorer, pair);
    compared.other = middle.level;
    compared.weight += middle.weight;
    return compared;
}

bool compare_names(struct scorer *scorer, const struct evidence_view *view, struct names_compared *ret_best)
{
    const struct description *asked = scorer->asked;
    bool any = false;
    for (size_t i = 0; i < asked->name_count; i++) {
        for (size_t j = 0; j < view->name_count; j++) {
            enum name_kind kind = view_name_kind(view, j);
            if (!score_sees_name(&scorer->sight, kind))
                continue;
            struct pair pair = {&asked->names[i], i * PLACES_IN_NAME, view_family(view, j),
                                view_given(view, j), view_other(view, j)};
            struct names_compared compared = compare_pair(scorer, &pair);
            compared.kind = kind;
            if (compared.family == PART_MISSING && compared.given == PART_MISSING)
                continue;
            /* Equal weights: the earlier kind, so that the answer does not hang on the order of names. */
            if (!any || compared.weight > ret_best->weight ||
                (compared.weight == ret_best->weight && compared.kind < ret_best->kind))
                *ret_best = compared;
            any = true;
        }
    }
    return any;
}

static int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* What one part of an asked name weighs at most: the commoner value of two never counts for more than it. */
static int32_t part_most(const struct match_model *model, const struct name *asked, bool given)
{
    if (asked->len == 0 || asked->placeholder)
        return 0;
    uint16_t frequency = given ? asked->given_weight : asked->family_weight;
    int32_t most = 0;
    for (int level = PART_EXACT; level <= PART_NOT; level++)
        most = larger(most, weight_of(model, (struct likeness){(enum part_level)level, frequency}, given));
    return most;
}

/* What middle names weigh at most. */
static int32_t middle_most(const struct match_model *model, const struct described_name *asked)
{
    return asked->other.len == 0
               ? 0
               : larger(larger(model->other_same, model->other_partly), larger(model->other_not, 0));
}

/* What a given name weighs at most that somebody bears as a middle name. */
static int32_t known_by_most(const struct match_model *model, const struct described_name *asked)
{
    return agreed(model, part_most(model, &asked->given, true), model->name_partly);
}

/* What the given name of somebody weighs at most who is asked for by that name, or by another given name. */
static int32_t given_most(const struct match_model *model, const struct described_name *asked, bool home)
{
    int32_t given = part_most(model, &asked->given, true);
    int32_t partly = agreed(model, larger(given, part_most(model, &asked->other, true)), model->name_partly);
    given = larger(given, partly);
    return home ? larger(given, model->given_at_home) : given;
}

struct name_most compare_name_most(const struct match_model *model, const struct described_name *asked)
{
    return (struct name_most){.family = part_most(model, &asked->family, false),
                              .given = given_most(model, asked, false),
                              .known_by = known_by_most(model, asked),
                              .middle = middle_most(model, asked)};
}

/* Whether the first name bounds the others: each shares a part with it, and none can be asked for the other
 * way round. */
static bool bounds_others(const struct scorer *scorer, const struct described_name *asked,
                          const struct slot *held, const struct names_compared *first)
{
    if (first->family == PART_MISSING || first->given == PART_MISSING || held->family == 0 ||
        held->given == 0 || (held->others & OTHERS_APART) != 0)
        return false;
    return ((held->others & OTHERS_FAMILY) == 0 || !may_be_close(scorer, &asked->family, held->given)) &&
           ((held->others & OTHERS_GIVEN) == 0 || !may_be_close(scorer, &asked->given, held->family));
}

/* One asked name against all that the slot tells of. */
static int32_t slot_names_most(struct scorer *scorer, const struct described_name *asked, size_t place,
                               const struct slot *held, bool home)
{
    const struct match_model *model = scorer->model;
    const struct pair pair = {asked, place, held->family, held->given, 0};
    const bool others = (held->others & (OTHERS_FAMILY | OTHERS_GIVEN | OTHERS_APART)) != 0;
    struct names_compared first = compare_pair(scorer, &pair);
    if (others && !bounds_others(scorer, asked, held, &first))
        return INT32_MAX;
    if (first.family == PART_MISSING && first.given == PART_MISSING)
        return INT32_MIN;
    /* One given name counts once: as the given name, or beside it. */
    int32_t instead = 0, middle = 0;
    if ((held->others & OTHERS_MIDDLE) != 0) {
        instead = first.given == PART_NOT ? larger(0, known_by_most(model, asked) - first.given_weight) : 0;
        middle = middle_most(model, asked);
    }
    bool at_home = home && first.given == PART_EXACT && first.given_weight < model->given_at_home;
    int32_t given = at_home ? model->given_at_home : first.given_weight;
    bool beside = first.family != PART_NOT || first.given != PART_NOT;
    int32_t most = first.weight + given - first.given_weight + larger(instead, beside ? middle : 0);
    int32_t besides = middle + larger(0, model->name_both_exact);
    if ((held->others & OTHERS_FAMILY) != 0)
        most = larger(most, part_most(model, &asked->family, false) + given + instead + besides);
    if ((held->others & OTHERS_GIVEN) != 0)
        most = larger(most, first.family_weight + given_most(model, asked, home) + besides);
    return most;
}

int32_t compare_slot_names(struct scorer *scorer, const struct slot *held, bool home)
{
    const struct description *asked = scorer->asked;
    int32_t most = INT32_MIN;
    for (size_t i = 0; i < asked->name_count; i++)
        most = larger(most, slot_names_most(scorer, &asked->names[i], i * PLACES_IN_NAME, held, home));
    return most == INT32_MIN ? 0 : most;
}

int32_t compare_names_most(const struct match_model *model, const struct description *asked, bool home)
{
    int32_t most = 0;
    int32_t middle = 0;
    for (size_t i = 0; i < asked->name_count; i++) {
        const struct described_name *name = &asked->names[i];
        int32_t at_home = home && name->given.len > 0 ? model->given_at_home : 0;
        int32_t family = part_most(model, &name->family, false);
        int32_t given = part_most(model, &name->given, true);
        int32_t other = part_most(model, &name->other, true);
        family = larger(family, agreed(model, family, model->name_swapped / 2));
        /* a given name swapped, or one that agrees with another given name */
        int32_t partly = agreed(model, larger(given, other), model->name_partly);
        given = larger(larger(given, agreed(model, given, model->name_swapped / 2)), partly);
        given = larger(given, at_home);
        most = larger(most, family + given + larger(0, model->name_both_exact));
        middle = larger(middle, middle_most(model, name));
    }
    return (most < model->name_ceiling ? most : larger(model->name_ceiling, 0)) + middle;
}

enum agreement compare_carers(struct scorer *scorer, const struct evidence_view *view)
{
    const struct description *asked = scorer->asked;
    enum agreement best = AGREE_MISSING;
    for (size_t i = 0; i < asked->carer_count; i++) {
        for (size_t j = 0; j < view->carer_count; j++) {
            size_t place = ASKED_CARERS + i * 2;
            struct part family =
                compare_part(scorer, &asked->carers[i].family, place, view->carers[j * 2], false);
            struct part given =
                compare_part(scorer, &asked->carers[i].given, place + 1, view->carers[j * 2 + 1], true);
            if (family.level == PART_MISSING && given.level == PART_MISSING)
                continue;
            enum agreement agreement = AGREE_NOT;
            if (given.level == PART_EXACT && family.level == PART_EXACT)
                agreement = AGREE_EXACT;
            else if (given.level >= PART_EXACT && given.level <= PART_CLOSE && family.level <= PART_CLOSE)
                agreement = AGREE_CLOSE;
            if (best == AGREE_MISSING || agreement < best)
                best = agreement;
        }
    }
    return best;
}
