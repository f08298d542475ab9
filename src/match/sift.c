#include "match/sift.h"

#include "match/compare.h"

static int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static bool is_told(enum sex sex)
{
    return sex == SEX_FEMALE || sex == SEX_MALE;
}

/* Numbers that are told apart weigh nothing as a rule, or against. */
static int32_t numbers_most(const struct match_model *model, const struct description *asked)
{
    int32_t each = larger(0, larger(model->number_not, model->number_other_not));
    return each * asked->number_count;
}

void sift_open(struct sift *sift, struct scorer *scorer)
{
    const struct match_model *model = scorer->model;
    const struct description *asked = scorer->asked;
    sift->scorer = scorer;
    sketch_ask(asked, &sift->asked);
    sift->names_apart = compare_names_most(model, asked, false);
    sift->numbers_most = numbers_most(model, asked);
    sift->postcode_most = compare_postcodes_most(model, true);
    sift->elsewhere_most = compare_postcodes_most(model, false);
    sift->authority_most = larger(0, larger(model->authority_same, model->authority_not));
    sift->line_most = larger(0, model->address_same);
    sift->phone_most = larger(model->phone_same, model->phone_not);
    sift->sex_same = is_told(asked->sex) ? model->sex_same : 0;
    sift->sex_not = is_told(asked->sex) ? model->sex_not : 0;
}

/* The household's evidence at most, and whether it may be the same household. */
static int32_t household_most(const struct sift *sift, const struct sketch *held, bool *ret_home)
{
    const struct match_model *model = sift->scorer->model;
    const struct sketch_asked *asked = &sift->asked;
    const bool unit = sketch_has(held, asked->units, asked->area_count);
    const bool line = sketch_has(held, asked->lines, asked->line_count);
    const bool phone = sketch_has(held, asked->phones, asked->phone_count);
    int32_t weight = sift->authority_most;
    if ((held->facts & SKETCH_AREAS) != 0 && asked->area_count > 0)
        weight = unit                                                ? sift->postcode_most
                 : sketch_has(held, asked->areas, asked->area_count) ? sift->elsewhere_most
                                                                     : model->postcode_not;
    if (line)
        weight += sift->line_most;
    if ((held->facts & SKETCH_PHONES) != 0 && asked->phone_count > 0)
        weight += phone ? sift->phone_most : model->phone_not;
    if ((held->facts & SKETCH_CARERS) != 0)
        weight += sift->scorer->carers_most;
    *ret_home = unit || line || phone;
    return weight < model->household_ceiling ? weight : model->household_ceiling;
}

struct sifted sift_facts(const struct sift *sift, uint32_t slot)
{
    const struct scorer *scorer = sift->scorer;
    const struct match_model *model = scorer->model;
    const struct slot *held = index_slot(scorer->index, slot);
    enum sex sex = sketch_sex(held->sketch.facts);
    bool home;
    int32_t household = household_most(sift, &held->sketch, &home);
    int32_t most = model->prior + sift->numbers_most + household +
                   (home ? scorer->names_most : sift->names_apart) +
                   compare_birth(model, scorer->asked->birth, sketch_birth(held->sketch.facts)).weight;
    if (is_told(sex))
        most += sex == scorer->asked->sex ? sift->sex_same : sift->sex_not;
    return (struct sifted){slot, most, home};
}

int32_t sift_names(const struct sift *sift, const struct sifted *sifted)
{
    struct scorer *scorer = sift->scorer;
    if (sifted->most == INT32_MAX)
        return INT32_MAX;
    int32_t assumed = sifted->home ? scorer->names_most : sift->names_apart;
    int32_t names = compare_slot_names(scorer, index_slot(scorer->index, sifted->slot), sifted->home);
    return names < assumed ? sifted->most - assumed + names : sifted->most;
}

void sift_fetch(const struct sift *sift, uint32_t slot)
{
    const struct slot *held = index_slot(sift->scorer->index, slot);
    score_fetch_word(sift->scorer, held->family);
    score_fetch_word(sift->scorer, held->given);
}
