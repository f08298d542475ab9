#include "match/bound.h"

#include "match/compare.h"
#include "match/near.h"

void bound_open(struct bound *bound, const struct scorer *scorer)
{
    memset(bound, 0, sizeof(*bound));
    bound->scorer = scorer;
}

static int32_t more_of(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* The prior, birth and sex. */
static int32_t born_most(const struct scorer *scorer, struct day held)
{
    const struct match_model *model = scorer->model;
    struct field_compared birth;
    if (scorer->earliest.precision == DAY_EXACT)
        birth = compare_birth_range(model, scorer->earliest, scorer->latest, held);
    else
        birth = compare_birth(model, scorer->asked->birth, held);
    return model->prior + birth.weight + (scorer->asked->sex != 0 ? model->sex_same : 0);
}

int32_t bound_sketched_facts(const struct scorer *scorer, const struct slot *held,
                             const struct sketch_asked *asked)
{
    const struct match_model *model = scorer->model;
    int32_t weight = born_most(scorer, sketch_birth(held->sketch.facts));
    if (scorer->asked->place_count == 0)
        return weight;
    if (asked->area_count > 0 && scorer->sight.places && (held->sketch.facts & SKETCH_AREAS) != 0)
        weight += sketch_has(&held->sketch, asked->units, asked->area_count)
                      ? compare_postcodes_most(model, true)
                  : sketch_has(&held->sketch, asked->areas, asked->area_count)
                      ? compare_postcodes_most(model, false)
                      : model->postcode_not;
    if (scorer->asked->places[0].authority != 0)
        weight += more_of(0, more_of(model->authority_same, model->authority_not));
    return weight;
}

int32_t bound_facts(const struct scorer *scorer, const struct evidence_view *view)
{
    const struct description *asked = scorer->asked;
    int32_t weight = born_most(scorer, view->birth);
    if (asked->place_count > 0) {
        struct place_compared place = compare_places(scorer, view);
        if (place.postcode_agreement != AGREE_MISSING)
            weight += place.postcode_weight;
        if (place.authority_agreement != AGREE_MISSING)
            weight += place.authority_weight;
    }
    return weight;
}

/* The commonest words fall on places of their own. */
static struct bound_word *place_of(struct bound *bound, uint32_t word)
{
    return &bound->words[(word * 2654435761u) >> 22];
}

_Static_assert(BOUND_WORDS == 1 << 10, "a word's place is the top ten bits of its product");

static const struct bound_word *weigh(struct bound *bound, uint32_t word)
{
    static const struct bound_word NOBODY = {0};
    if (word == 0)
        return &NOBODY;
    struct bound_word *held = place_of(bound, word);
    if (held->word == word)
        return held;
    const struct scorer *scorer = bound->scorer;
    const struct near_sight sight = {.vocabulary = &scorer->index->vocabulary, .model = scorer->model};
    const struct described_name *asked = &scorer->asked->names[0];
    *held = (struct bound_word){word, near_weight(&sight, &asked->family, false, word),
                                near_weight(&sight, &asked->given, true, word)};
    return held;
}

/* The other way round, or known by the other given name. */
static int32_t names_most(struct bound *bound, uint32_t family, uint32_t given, uint32_t other)
{
    const struct described_name *asked = &bound->scorer->asked->names[0];
    const struct bound_word at_family = *weigh(bound, family);
    const struct bound_word at_given = *weigh(bound, given);
    bool one = (family == 0) != (given == 0);
    if (one || asked->family.len == 0 || asked->given.len == 0)
        return more_of(at_family.family, at_given.family) + more_of(at_family.given, at_given.given);
    int32_t plain = at_family.family + at_given.given;
    if (at_given.given < 0)
        plain = at_family.family + more_of(at_given.given, weigh(bound, other)->given);
    /* Each half of what swapping costs may be forgiven by the least that agreement weighs. */
    int32_t swapped = at_given.family + at_family.given;
    return more_of(plain, swapped);
}

int32_t bound_names(struct bound *bound, const struct evidence_view *view)
{
    const struct scorer *scorer = bound->scorer;
    int32_t most = INT32_MIN / 2;
    for (size_t i = 0; i < view->name_count; i++) {
        if (!score_sees_name(&scorer->sight, view_name_kind(view, i)))
            continue;
        most =
            more_of(most, names_most(bound, view_family(view, i), view_given(view, i), view_other(view, i)));
    }
    return most < scorer->model->name_ceiling ? most : scorer->model->name_ceiling;
}

int32_t bound_first_name(struct bound *bound, const struct slot *held)
{
    const struct described_name *asked = &bound->scorer->asked->names[0];
    const struct match_model *model = bound->scorer->model;
    int32_t most = names_most(bound, held->family, held->given, 0);
    if ((held->sketch.facts & SKETCH_MIDDLE) != 0 && weigh(bound, held->given)->given < 0) {
        int32_t exact = asked->given.given_weight + more_of(0, model->name_exact);
        int32_t middle = more_of(exact, more_of(model->name_agrees_least, model->name_initial));
        most = more_of(most, weigh(bound, held->family)->family + middle);
    }
    return most < model->name_ceiling ? most : model->name_ceiling;
}

void bound_fetch_first(const struct bound *bound, const struct slot *held)
{
    cache_fetch(intern_word(&bound->scorer->index->vocabulary, held->family));
    cache_fetch(intern_word(&bound->scorer->index->vocabulary, held->given));
}

void bound_fetch(const struct bound *bound, const struct evidence_view *view)
{
    const struct vocabulary *vocabulary = &bound->scorer->index->vocabulary;
    for (size_t i = 0; i < view->name_count; i++) {
        cache_fetch(intern_word(vocabulary, view_family(view, i)));
        cache_fetch(intern_word(vocabulary, view_given(view, i)));
    }
}
