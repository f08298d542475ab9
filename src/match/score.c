#include "match/score.h"

#include <stdlib.h>

#include "match/compare.h"
#include "match/model.h"

enum evidence_group { PERSON = 1, HOUSEHOLD, NUMBER };

/* `seen as`, as masks. */
enum {
    SEEN_LINKAGE = 0,
    SEEN_IDENTITY = MASK(IDENTITY),
    SEEN_FORMER_NAMES = MASK(FORMER_NAMES),
    SEEN_WHEREABOUTS = MASK(WHEREABOUTS),
    SEEN_AUTHORITY = MASK(AUTHORITY),
    SEEN_NUMBERS = MASK(NUMBERS),
};

static const struct {
    enum evidence_group group;
    field_mask seen;
} EVIDENCES[] = {
#define EVIDENCE(name, group, seen) [EVIDENCE_##name] = {group, SEEN_##seen},
#include "match/evidence.def"
#undef EVIDENCE
};

_Static_assert(sizeof(EVIDENCES) / sizeof(EVIDENCES[0]) == EVIDENCE_END, "evidence.def has a row for each");

bool score_sees(field_mask mask, enum evidence evidence)
{
    return (mask & EVIDENCES[evidence].seen) != 0;
}

bool score_sees_number(const struct score_sight *sight, enum number_scheme scheme)
{
    if (sight->linkage)
        return true;
    if (scheme == NUMBER_contactpoint)
        return score_sees(sight->mask, EVIDENCE_NAME); /* it belongs to IDENTITY */
    return score_sees(sight->mask, EVIDENCE_NUMBER) ||
           ((sight->mask & MASK(OWN_NUMBERS)) != 0 && sight->own_scheme[scheme]);
}

void score_open(struct scorer *scorer, const struct match_index *index, const struct description *asked)
{
    memset(scorer, 0, sizeof(*scorer));
    scorer->index = index;
    scorer->model = index->model;
    scorer->asked = asked;
    scorer->sight.linkage = true;
    scorer->sight.former = true;
    scorer->sight.variant = true;
    scorer->sight.places = true;
    scorer->sight.authority = true;
    const struct match_model *model = index->model;
    scorer->names_most = compare_names_most(model, asked, true);
    const int32_t carers[] = {model->carer_same, model->carer_close, model->carer_not};
    for (size_t i = 0; i < sizeof(carers) / sizeof(carers[0]) && asked->carer_count > 0; i++) {
        if (carers[i] > scorer->carers_most)
            scorer->carers_most = carers[i];
    }
}

/* Sums by group while a candidate is scored. */
struct sums {
    struct score *score;
    int32_t person;
    int32_t household;
    int32_t number;
};

static void add(struct sums *sums, enum evidence evidence, enum agreement agreement, int32_t weight)
{
    must(sums->score->reason_count < MATCH_EVIDENCE_MAX);
    sums->score->reasons[sums->score->reason_count++] = (struct match_reason){evidence, agreement, weight};
    switch (EVIDENCES[evidence].group) {
    case PERSON:
        sums->person += weight;
        break;
    case HOUSEHOLD:
        sums->household += weight;
        break;
    case NUMBER:
        sums->number += weight;
        break;
    }
}

static enum agreement agreement_of(enum part_level level)
{
    switch (level) {
    case PART_MISSING:
        return AGREE_MISSING;
    case PART_EXACT:
        return AGREE_EXACT;
    case PART_NICKNAME:
    case PART_TYPO:
    case PART_CLOSE:
        return AGREE_CLOSE;
    case PART_PARTLY:
    case PART_INITIAL:
        return AGREE_PARTLY;
    case PART_NOT:
        break;
    }
    return AGREE_NOT;
}

/* The worse of two parts, where both are there. */
static enum agreement joined(enum part_level family, enum part_level given)
{
    enum agreement a = agreement_of(family);
    enum agreement b = agreement_of(given);
    if (a == AGREE_MISSING || b == AGREE_MISSING)
        return a == AGREE_MISSING ? b : a;
    if (a == b)
        return a;
    if (a == AGREE_NOT || b == AGREE_NOT)
        return AGREE_PARTLY;
    return a > b ? a : b;
}

static void score_names(struct scorer *scorer, const struct evidence_view *view, struct sums *sums)
{
    static const enum evidence EVIDENCE_OF[] = {[NAME_CURRENT] = EVIDENCE_NAME,
                                                [NAME_KNOWN_AS] = EVIDENCE_KNOWN_AS,
                                                [NAME_FORMER] = EVIDENCE_FORMER_NAME,
                                                [NAME_VARIANT] = EVIDENCE_NAME};
    struct names_compared best;
    if (!compare_names(scorer, view, &best))
        return;
    sums->score->family = best.family;
    sums->score->given = best.given;
    sums->score->other = best.other;
    sums->score->given_known = best.given_known;
    sums->score->given_weight = best.given_weight;
    /* The family name belongs to the household as far as it agrees; its ceiling comes later. */
    int32_t to_household = best.family_weight > 0 ? best.family_weight : 0;
    add(sums, EVIDENCE_OF[best.kind], joined(best.family, best.given), best.weight);
    sums->person -= to_household;
    sums->household += to_household;
}

static void score_birth(struct scorer *scorer, const struct evidence_view *view, struct sums *sums)
{
    struct field_compared birth;
    if (scorer->earliest.precision == DAY_EXACT)
        birth = compare_birth_range(scorer->model, scorer->earliest, scorer->latest, view->birth);
    else
        birth = compare_birth(scorer->model, scorer->asked->birth, view->birth);
    sums->score->birth_exact = birth.same_date;
    sums->score->birth_fits = birth.agreement != AGREE_NOT && birth.weight >= 0;
    if (birth.agreement != AGREE_MISSING)
        add(sums, EVIDENCE_BIRTH, birth.agreement, birth.weight);
}

static void score_sex(struct scorer *scorer, const struct evidence_view *view, struct sums *sums)
{
    enum sex a = scorer->asked->sex;
    enum sex b = view->sex;
    if ((a != SEX_FEMALE && a != SEX_MALE) || (b != SEX_FEMALE && b != SEX_MALE))
        return;
    sums->score->sex_differs = a != b;
    add(sums, EVIDENCE_SEX, a == b ? AGREE_EXACT : AGREE_NOT,
        a == b ? scorer->model->sex_same : scorer->model->sex_not);
}

static void score_places(struct scorer *scorer, const struct evidence_view *view, struct sums *sums)
{
    struct place_compared place = compare_places(scorer, view);
    if (place.postcode_agreement != AGREE_MISSING)
        add(sums, place.past ? EVIDENCE_FORMER_POSTCODE : EVIDENCE_POSTCODE, place.postcode_agreement,
            place.postcode_weight);
    bool near = place.postcode_weight >= scorer->model->postcode_district;
    sums->score->support = sums->score->support || near;
    sums->score->household = sums->score->household || place.postcode_agreement == AGREE_EXACT;
    if (place.authority_agreement != AGREE_MISSING)
        add(sums, EVIDENCE_AUTHORITY, place.authority_agreement, place.authority_weight);
    if (place.line_same) {
        add(sums, EVIDENCE_ADDRESS, AGREE_EXACT, scorer->model->address_same);
        bool here = near || place.authority_agreement == AGREE_EXACT;
        sums->score->support = sums->score->support || here;
        sums->score->household = sums->score->household || here;
    }
}

static void score_carers(struct scorer *scorer, const struct evidence_view *view, struct sums *sums)
{
    enum agreement carer = compare_carers(scorer, view);
    if (carer == AGREE_EXACT || carer == AGREE_CLOSE) {
        add(sums, EVIDENCE_CARER, carer,
            carer == AGREE_EXACT ? scorer->model->carer_same : scorer->model->carer_close);
        sums->score->support = sums->score->support || carer == AGREE_EXACT;
    } else if (carer == AGREE_NOT) {
        add(sums, EVIDENCE_CARER, AGREE_NOT, scorer->model->carer_not);
    }
    enum agreement phone = compare_phones(scorer, view);
    if (phone == AGREE_MISSING)
        return;
    bool same = phone == AGREE_EXACT;
    add(sums, EVIDENCE_PHONE, phone, same ? scorer->model->phone_same : scorer->model->phone_not);
    sums->score->support = sums->score->support || same;
    sums->score->household = sums->score->household || same;
}

static void score_numbers(struct scorer *scorer, const struct evidence_view *view, struct sums *sums)
{
    struct score *score = sums->score;
    int32_t apart = 0;
    struct numbers_compared compared = compare_numbers(scorer->asked, view);
    for (uint32_t rest = compared.same | compared.apart; rest != 0; rest &= rest - 1) {
        enum number_scheme scheme = (enum number_scheme)__builtin_ctz(rest);
        if (!score_sees_number(&scorer->sight, scheme))
            continue;
        bool same = (compared.same >> scheme & 1) != 0;
        bool once = scheme == NUMBER_nhs || scheme == NUMBER_contactpoint;
        if (same && scheme == NUMBER_child_benefit) {
            sums->household += scorer->model->claim_same;
            score->support = true;
            score->household = true;
        } else if (same) {
            score->number_same = true;
        } else if (scheme != NUMBER_child_benefit) {
            apart += once ? scorer->model->number_not : scorer->model->number_other_not;
            score->number_conflict = score->number_conflict || once;
        }
    }
    if (score->number_same) {
        add(sums, EVIDENCE_NUMBER, AGREE_EXACT, scorer->model->number_same);
        score->support = true;
    } else if (apart != 0) {
        add(sums, EVIDENCE_NUMBER, AGREE_NOT, apart);
    }
}

/* However common a given name is, two children of one household do not both bear it. */
static int32_t at_home(const struct match_model *model, const struct score *score)
{
    bool says_less = score->given == PART_EXACT && score->household && score->family != PART_NOT &&
                     score->given_weight < model->given_at_home;
    return says_less ? model->given_at_home - score->given_weight : 0;
}

void score_candidate(struct scorer *scorer, uint32_t slot, struct score *ret_score)
{
    struct evidence_view view = index_view(scorer->index, slot);
    *ret_score = (struct score){0};
    struct sums sums = {.score = ret_score};
    score_names(scorer, &view, &sums);
    score_birth(scorer, &view, &sums);
    score_sex(scorer, &view, &sums);
    score_places(scorer, &view, &sums);
    if (scorer->sight.linkage)
        score_carers(scorer, &view, &sums);
    score_numbers(scorer, &view, &sums);
    if (sums.household > scorer->model->household_ceiling)
        sums.household = scorer->model->household_ceiling;
    if (scorer->sight.linkage)
        sums.person += at_home(scorer->model, ret_score);
    ret_score->weight = scorer->model->prior + sums.person + sums.household + sums.number;
    ret_score->exact = !scorer->sight.linkage && compare_exactly(scorer, &view);
}

/* Whatever numbers are told apart by lowers the sum. */
static int32_t numbers_at_most(const struct match_model *model, struct numbers_compared compared)
{
    int32_t weight = 0;
    for (uint32_t rest = compared.apart; rest != 0; rest &= rest - 1) {
        int scheme = __builtin_ctz(rest);
        if (scheme == NUMBER_nhs || scheme == NUMBER_contactpoint)
            weight += model->number_not;
        else if (scheme != NUMBER_child_benefit)
            weight += model->number_other_not;
    }
    return weight;
}

int32_t score_at_most(const struct scorer *scorer, const struct evidence_view *view)
{
    const struct match_model *model = scorer->model;
    const struct description *asked = scorer->asked;
    struct numbers_compared numbers = compare_numbers(asked, view);
    if ((numbers.same & ~((uint32_t)1 << NUMBER_child_benefit)) != 0)
        return INT32_MAX;
    int32_t person = numbers_at_most(model, numbers) + compare_birth(model, asked->birth, view->birth).weight;
    bool sexed = (asked->sex == SEX_FEMALE || asked->sex == SEX_MALE) &&
                 (view->sex == SEX_FEMALE || view->sex == SEX_MALE);
    if (sexed)
        person += asked->sex == view->sex ? model->sex_same : model->sex_not;
    struct place_compared place = compare_places(scorer, view);
    int32_t household = place.postcode_weight;
    if (place.authority_agreement != AGREE_MISSING)
        household += place.authority_weight;
    if (place.line_same)
        household += model->address_same;
    enum agreement phone = compare_phones(scorer, view);
    if (phone != AGREE_MISSING)
        household += phone == AGREE_EXACT ? model->phone_same : model->phone_not;
    if ((numbers.same >> NUMBER_child_benefit & 1) != 0)
        household += model->claim_same;
    if (view->carer_count > 0)
        household += scorer->carers_most;
    if (household > model->household_ceiling)
        household = model->household_ceiling;
    return model->prior + person + household + scorer->names_most;
}

int32_t score_at_most_named(struct scorer *scorer, const struct evidence_view *view, int32_t at_most)
{
    struct names_compared names;
    if (at_most == INT32_MAX)
        return at_most;
    if (!compare_names(scorer, view, &names))
        return at_most - scorer->names_most;
    bool at_home = names.given == PART_EXACT && names.given_weight < scorer->model->given_at_home;
    int32_t more = at_home ? scorer->model->given_at_home - names.given_weight : 0;
    return at_most - scorer->names_most + names.weight + more;
}

void score_fetch_word(const struct scorer *scorer, uint32_t id)
{
    cache_fetch(intern_word(&scorer->index->vocabulary, id));
}

void score_fetch_words(const struct scorer *scorer, const struct evidence_view *view)
{
    for (size_t i = 0; i < view->name_count; i++) {
        score_fetch_word(scorer, view_family(view, i));
        score_fetch_word(scorer, view_given(view, i));
        if (view_other(view, i) != 0)
            score_fetch_word(scorer, view_other(view, i));
    }
}
