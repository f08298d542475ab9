#include "match/compare.h"
#include "match/model.h"

/* Where a name stands in the question, for the cache of similarities. */
enum place_in_name { IN_FAMILY = 0, IN_GIVEN = 1, IN_OTHER = 2, PLACES_IN_NAME };
enum { ASKED_CARERS = PERSON_NAMES_MAX * PLACES_IN_NAME };

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

static enum part_level level_of(const struct scorer *scorer, const struct name *asked, uint32_t id,
                                bool given)
{
    const struct word *word = intern_word(&scorer->index->vocabulary, id);
    struct str text = intern_text(&scorer->index->vocabulary, id);
    char flat_at[NAME_BYTES_MAX];
    if (asked->placeholder || word->placeholder)
        return PART_MISSING;
    struct alike a = {.text = {asked->text, asked->len},
                      .flat = {asked->flat, asked->flat_len},
                      .roots = given ? asked->roots : NULL,
                      .letters = asked->letters,
                      .code = asked->codes[0]};
    struct alike b = {.text = text,
                      .flat = {flat_at, flatten(text, flat_at)},
                      .roots = given ? word->roots : NULL,
                      .letters = word->letters,
                      .code = word->code};
    return alike_level(&a, &b);
}

static int32_t agreed(const struct scorer *scorer, int32_t frequency, int32_t change)
{
    int32_t weight = frequency + change;
    return weight > scorer->model->name_agrees_least ? weight : scorer->model->name_agrees_least;
}

/* The commoner value of the two counts. */
static int32_t weight_of(const struct scorer *scorer, const struct name *asked, const struct word *word,
                         enum part_level level, bool given)
{
    int32_t a = given ? asked->given_weight : asked->family_weight;
    int32_t b = given ? word->given_weight : word->family_weight;
    int32_t frequency = a < b ? a : b;
    switch (level) {
    case PART_MISSING:
        return 0;
    case PART_EXACT:
        return agreed(scorer, frequency, scorer->model->name_exact);
    case PART_NICKNAME:
        return agreed(scorer, frequency, scorer->model->name_nickname);
    case PART_TYPO:
    case PART_CLOSE:
        return agreed(scorer, frequency, scorer->model->name_close);
    case PART_PARTLY:
        return agreed(scorer, frequency, scorer->model->name_partly);
    case PART_INITIAL:
        return scorer->model->name_initial;
    case PART_NOT:
        break;
    }
    return given ? scorer->model->given_not : scorer->model->family_not;
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
    struct part part = {.level = level_of(scorer, asked, id, given)};
    part.weight = weight_of(scorer, asked, intern_word(&scorer->index->vocabulary, id), part.level, given);
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

/* Family and given the other way round. */
static bool compare_swapped(struct scorer *scorer, const struct pair *pair, struct part *family,
                            struct part *given)
{
    if ((family->level != PART_NOT && family->level != PART_PARTLY) ||
        (given->level != PART_NOT && given->level != PART_PARTLY))
        return false;
    struct part across =
        compare_part(scorer, &pair->asked->family, pair->place + IN_FAMILY, pair->given, false);
    struct part back = compare_part(scorer, &pair->asked->given, pair->place + IN_GIVEN, pair->family, true);
    bool fits = (across.level == PART_EXACT && back.level <= PART_CLOSE && back.level != PART_MISSING) ||
                (back.level == PART_EXACT && across.level <= PART_CLOSE && across.level != PART_MISSING);
    if (!fits)
        return false;
    *family = (struct part){PART_CLOSE, agreed(scorer, across.weight, scorer->model->name_swapped / 2)};
    *given = (struct part){PART_CLOSE, agreed(scorer, back.weight, scorer->model->name_swapped / 2)};
    return true;
}

/* Known by a middle name. */
static void compare_other(struct scorer *scorer, const struct pair *pair, struct part *given)
{
    if (given->level != PART_NOT)
        return;
    struct part held = compare_part(scorer, &pair->asked->given, pair->place + IN_GIVEN, pair->other, true);
    struct part asked = compare_part(scorer, &pair->asked->other, pair->place + IN_OTHER, pair->given, true);
    if (held.level == PART_EXACT)
        *given = (struct part){PART_PARTLY, agreed(scorer, held.weight, scorer->model->name_partly)};
    else if (asked.level == PART_EXACT)
        *given = (struct part){PART_PARTLY, agreed(scorer, asked.weight, scorer->model->name_partly)};
}

static struct names_compared compare_pair(struct scorer *scorer, const struct pair *pair)
{
    struct part family =
        compare_part(scorer, &pair->asked->family, pair->place + IN_FAMILY, pair->family, false);
    struct part given = compare_part(scorer, &pair->asked->given, pair->place + IN_GIVEN, pair->given, true);
    if (!compare_one_name(scorer, pair, &family, &given) && !compare_swapped(scorer, pair, &family, &given))
        compare_other(scorer, pair, &given);
    struct names_compared compared = {.family = family.level,
                                      .given = given.level,
                                      .family_weight = family.weight,
                                      .weight = family.weight + given.weight};
    if (family.level == PART_EXACT && given.level == PART_EXACT)
        compared.weight += scorer->model->name_both_exact;
    if (compared.weight > scorer->model->name_ceiling)
        compared.weight = scorer->model->name_ceiling;
    return compared;
}

bool compare_names(struct scorer *scorer, const struct evidence_view *view, struct names_compared *ret_best)
{
    const struct description *asked = scorer->asked;
    bool any = false;
    for (size_t i = 0; i < asked->name_count; i++) {
        for (size_t j = 0; j < view->name_count; j++) {
            enum name_kind kind = view_name_kind(view, j);
            if (kind == NAME_FORMER && !scorer->sight.former)
                continue;
            struct pair pair = {&asked->names[i], i * PLACES_IN_NAME, view_family(view, j),
                                view->names[j * 3 + 1], view->names[j * 3 + 2]};
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
