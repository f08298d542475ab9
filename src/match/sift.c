#include "match/sift.h"

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

static bool is_told_of(const struct name *asked)
{
    return asked->len > 0 && !asked->placeholder;
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
    for (size_t i = 0; i < asked->name_count; i++) {
        const struct described_name *name = &asked->names[i];
        sift->names[i] = (struct sift_name){.asked = name,
                                            .most = compare_name_most(model, name),
                                            .whole = is_told_of(&name->family) && is_told_of(&name->given)};
    }
}

/* The household's evidence at most, and whether it may be the same household. */
static int32_t household_most(const struct sift *sift, const struct sketch *held, bool *ret_home)
{
    const struct match_model *model = sift->scorer->model;
    const struct sketch_asked *asked = &sift->asked;
    const bool unit = sketch_has(held, asked->units, asked->area_count);
    const bool area = sketch_has(held, asked->areas, asked->area_count);
    const bool line = sketch_has(held, asked->lines, asked->line_count);
    const bool phone = sketch_has(held, asked->phones, asked->phone_count);
    const bool areas = ((held->facts & SKETCH_AREAS) != 0) & (asked->area_count > 0);
    const bool phones = ((held->facts & SKETCH_PHONES) != 0) & (asked->phone_count > 0);
    const int32_t elsewhere = area ? sift->elsewhere_most : model->postcode_not;
    int32_t weight = areas ? (unit ? sift->postcode_most : elsewhere) : sift->authority_most;
    weight += line ? sift->line_most : 0;
    weight += phones ? (phone ? sift->phone_most : model->phone_not) : 0;
    weight += (held->facts & SKETCH_CARERS) != 0 ? sift->scorer->carers_most : 0;
    *ret_home = unit || line || phone;
    return weight < model->household_ceiling ? weight : model->household_ceiling;
}

/* No less than compare_birth's weight, and the same where dates are exact and no slip of each other. */
static int32_t birth_most(const struct sift *sift, uint32_t facts)
{
    enum { MONTHS_NEAR = 7 }; /* half a year begins and ends within so many */
    const struct match_model *model = sift->scorer->model;
    const struct day asked = sift->scorer->asked->birth, held = sketch_birth(facts);
    const bool year = held.year == asked.year, month = held.month == asked.month, day = held.day == asked.day;
    const bool swapped = year & (held.month == asked.day) & (held.day == asked.month);
    const bool partial = (held.precision != DAY_EXACT) | (asked.precision != DAY_EXACT);
    const bool same = year & month & day;
    const bool slipped = (swapped | (year + month + day == 2)) & !same;
    if (partial | slipped)
        return compare_birth(model, asked, held).weight;
    if (same)
        return asked.month == 1 && asked.day == 1 ? model->birth_first_january : model->birth_exact;
    const int32_t months = (held.year - asked.year) * 12 + held.month - asked.month;
    const bool near = (months >= -MONTHS_NEAR) & (months <= MONTHS_NEAR);
    const int32_t weight = year ? model->birth_same_year : model->birth_not;
    return near ? larger(weight, model->birth_near) : weight;
}

int32_t sift_facts(const struct sift *sift, const struct slot *held, bool *ret_home)
{
    const struct scorer *scorer = sift->scorer;
    const struct match_model *model = scorer->model;
    enum sex sex = sketch_sex(held->sketch.facts);
    bool home;
    int32_t household = household_most(sift, &held->sketch, &home);
    int32_t most = model->prior + sift->numbers_most + household +
                   (home ? scorer->names_most : sift->names_apart) + birth_most(sift, held->sketch.facts);
    most += !is_told(sex) ? 0 : sex == scorer->asked->sex ? sift->sex_same : sift->sex_not;
    *ret_home = home;
    return most;
}

/* INT32_MAX where letters do not tell.  The others are told by what compare_names makes of parts that cannot
 * agree; no branch waits for them. */
static int32_t letters_most(const struct sift *sift, const struct sift_name *name, const struct slot *held,
                            bool home)
{
    const struct match_model *model = sift->scorer->model;
    const struct vocabulary *vocabulary = &sift->scorer->index->vocabulary;
    const struct word *family = intern_word(vocabulary, held->family);
    const struct word *given = intern_word(vocabulary, held->given);
    const struct described_name *asked = name->asked;
    const struct alike asked_family = part_asked(&asked->family, false),
                       held_family = part_held(family, false);
    const struct alike asked_given = part_asked(&asked->given, true), held_given = part_held(given, true);
    const struct alike_counts across =
        alike_count(asked->family.letters ^ given->letters, asked->given.letters ^ family->letters);
    const bool swapped = (across.a <= PART_SWAPPED_APART_MAX) & (across.b <= PART_SWAPPED_APART_MAX);
    const bool known_by = asked->other.len > 0 && asked->other.letters == given->letters;
    if (swapped | known_by)
        return INT32_MAX;
    const bool family_not = alike_never(&asked_family, &held_family) & (family->spaced == 0);
    const bool given_not = alike_never(&asked_given, &held_given) & (given->spaced == 0);
    const int32_t by_family = family_not ? model->family_not : name->most.family;
    const int32_t by_given = given_not ? model->given_not : name->most.given;
    const int32_t both = family_not | given_not ? 0 : larger(0, model->name_both_exact);
    int32_t most = by_family + by_given + both;
    most = most < model->name_ceiling ? most : model->name_ceiling;
    most = home & !given_not ? larger(most, by_family + both + model->given_at_home) : most;
    if ((held->others & OTHERS_MIDDLE) == 0)
        return most;
    const int32_t beside = family_not & given_not ? 0 : name->most.middle;
    return larger(most + beside, by_family + name->most.known_by);
}

static bool is_held(const struct sift *sift, uint32_t id)
{
    return (id != 0) & !intern_word(&sift->scorer->index->vocabulary, id)->placeholder;
}

int32_t sift_letters(const struct sift *sift, const struct slot *held, int32_t most, bool home)
{
    const struct scorer *scorer = sift->scorer;
    const bool first_alone = (held->others & (OTHERS_FAMILY | OTHERS_GIVEN | OTHERS_APART)) == 0;
    if (most == INT32_MAX || !(first_alone & is_held(sift, held->family) & is_held(sift, held->given)))
        return most;
    const int32_t assumed = home ? scorer->names_most : sift->names_apart;
    int32_t names = scorer->asked->name_count == 0 ? assumed : INT32_MIN;
    for (size_t i = 0; i < scorer->asked->name_count; i++)
        names =
            larger(names, sift->names[i].whole ? letters_most(sift, &sift->names[i], held, home) : assumed);
    return names < assumed ? most - assumed + names : most;
}

int32_t sift_names(const struct sift *sift, const struct slot *held, int32_t most, bool home)
{
    if (most == INT32_MAX)
        return INT32_MAX;
    int32_t assumed = home ? sift->scorer->names_most : sift->names_apart;
    int32_t names = compare_slot_names(sift->scorer, held, home);
    return names < assumed ? most - assumed + names : most;
}

void sift_fetch(const struct sift *sift, const struct slot *held)
{
    score_fetch_word(sift->scorer, held->family);
    score_fetch_word(sift->scorer, held->given);
}
