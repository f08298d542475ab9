#include "match/compare.h"

#include <stdlib.h>

#include "match/model.h"

enum { HALF_YEAR_DAYS = 183 };

static struct field_compared result(enum agreement agreement, int32_t weight)
{
    return (struct field_compared){agreement, weight, false};
}

/* One of the two knows no more than the month or the year. */
static struct field_compared compare_partial(const struct match_model *model, struct day a, struct day b)
{
    int years = abs((int)a.year - (int)b.year);
    if (a.precision == DAY_ABOUT || b.precision == DAY_ABOUT)
        return years <= 1 ? result(AGREE_PARTLY, model->birth_part_about)
                          : result(AGREE_NOT, model->birth_part_not);
    if (years != 0)
        return result(AGREE_NOT, model->birth_part_not);
    if (a.precision == DAY_YEAR || b.precision == DAY_YEAR)
        return result(AGREE_PARTLY, model->birth_part_year);
    return a.month == b.month ? result(AGREE_PARTLY, model->birth_part_month)
                              : result(AGREE_NOT, model->birth_same_year);
}

/* Two digits in four bits each. */
static uint32_t two_digits(uint32_t number)
{
    return number / 10 << 4 | number % 10;
}

static uint32_t eight_digits(struct day day)
{
    return two_digits(day.year / 100u) << 24 | two_digits(day.year % 100u) << 16 |
           two_digits(day.month) << 8 | two_digits(day.day);
}

/* Digits of yyyymmdd that differ. */
static int digits_apart(struct day a, struct day b)
{
    uint32_t apart = eight_digits(a) ^ eight_digits(b);
    apart |= apart >> 1;
    apart |= apart >> 2;
    return __builtin_popcount(apart & 0x11111111);
}

struct field_compared compare_birth(const struct match_model *model, struct day a, struct day b)
{
    if (a.precision == DAY_UNKNOWN || b.precision == DAY_UNKNOWN)
        return result(AGREE_MISSING, 0);
    if (a.precision != DAY_EXACT || b.precision != DAY_EXACT)
        return compare_partial(model, a, b);
    if (a.year == b.year && a.month == b.month && a.day == b.day) {
        bool january = a.month == 1 && a.day == 1;
        return (struct field_compared){AGREE_EXACT, january ? model->birth_first_january : model->birth_exact,
                                       true};
    }
    if (a.year == b.year && a.month == b.day && a.day == b.month)
        return result(AGREE_CLOSE, model->birth_swapped);
    /* One wrong digit leaves two parts equal. */
    if ((a.year == b.year) + (a.month == b.month) + (a.day == b.day) == 2)
        return digits_apart(a, b) == 1 ? result(AGREE_CLOSE, model->birth_one_digit)
                                       : result(AGREE_PARTLY, model->birth_two_parts);
    if (abs((int)a.year - (int)b.year) > 1)
        return result(AGREE_NOT, model->birth_not);
    if (abs(day_number(a) - day_number(b)) <= HALF_YEAR_DAYS)
        return result(AGREE_NOT, model->birth_near);
    return a.year == b.year ? result(AGREE_NOT, model->birth_same_year) : result(AGREE_NOT, model->birth_not);
}

/* Within the range, or overlapping it where the held date is partial. */
struct field_compared compare_birth_range(const struct match_model *model, struct day earliest,
                                          struct day latest, struct day held)
{
    if (held.precision == DAY_UNKNOWN)
        return result(AGREE_MISSING, 0);
    if (held.precision == DAY_EXACT) {
        bool within = day_number(held) >= day_number(earliest) && day_number(held) <= day_number(latest);
        return within ? result(AGREE_EXACT, model->birth_part_year)
                      : result(AGREE_NOT, model->birth_part_not);
    }
    bool within = held.year >= earliest.year && held.year <= latest.year;
    return within ? result(AGREE_PARTLY, model->birth_part_about) : result(AGREE_NOT, model->birth_part_not);
}

/* Two postcodes that differ in one place of the unit, of the sector or of the last character of the district.
 */
static bool one_character_apart(uint32_t a, uint32_t b)
{
    uint32_t unit_a = (a - 1) % 676;
    uint32_t unit_b = (b - 1) % 676;
    if (postcode_sector(a) == postcode_sector(b))
        return unit_a / 26 == unit_b / 26 || unit_a % 26 == unit_b % 26;
    return unit_a == unit_b && postcode_area(a) == postcode_area(b) &&
           (postcode_district(a) == postcode_district(b) ||
            (postcode_sector(a) % 10 == postcode_sector(b) % 10 &&
             postcode_district(a) / 37 == postcode_district(b) / 37));
}

static struct field_compared compare_postcode(const struct match_model *model, uint32_t a, uint32_t b,
                                              bool past)
{
    if (a == b)
        return result(AGREE_EXACT, past ? model->postcode_past : model->postcode_same);
    if (postcode_area(a) != postcode_area(b))
        return result(AGREE_NOT, model->postcode_not);
    if (one_character_apart(a, b))
        return result(AGREE_CLOSE, model->postcode_one_letter);
    if (postcode_sector(a) == postcode_sector(b))
        return result(AGREE_CLOSE, model->postcode_sector);
    if (postcode_district(a) == postcode_district(b))
        return result(AGREE_PARTLY, model->postcode_district);
    return result(AGREE_PARTLY, model->postcode_area);
}

int32_t compare_postcodes_most(const struct match_model *model, bool same)
{
    const int32_t levels[] = {model->postcode_not,      model->postcode_one_letter, model->postcode_sector,
                              model->postcode_district, model->postcode_area,       model->postcode_same,
                              model->postcode_past};
    const size_t count = sizeof(levels) / sizeof(levels[0]) - (same ? 0 : 2);
    int32_t most = levels[0];
    for (size_t i = 1; i < count; i++)
        most = levels[i] > most ? levels[i] : most;
    return most;
}

struct place_compared compare_places(const struct scorer *scorer, const struct evidence_view *view)
{
    const struct description *asked = scorer->asked;
    struct place_compared best = {.postcode_agreement = AGREE_MISSING, .authority_agreement = AGREE_MISSING};
    for (size_t i = 0; i < asked->place_count; i++) {
        const struct described_place *place = &asked->places[i];
        for (size_t j = 0; j < view->place_count; j++) {
            const uint32_t *held = &view->places[j * 3];
            bool past = i >= asked->present_count || j >= view->present_count;
            if (place->line != 0 && place->line == held[2] && scorer->sight.linkage)
                best.line_same = true;
            if (place->authority != 0 && held[1] != 0 && !past && scorer->sight.authority) {
                bool same = place->authority == held[1];
                if (same || best.authority_agreement == AGREE_MISSING) {
                    best.authority_agreement = same ? AGREE_EXACT : AGREE_NOT;
                    best.authority_weight =
                        same ? scorer->model->authority_same : scorer->model->authority_not;
                }
            }
            if (place->postcode == 0 || held[0] == 0 || !scorer->sight.places)
                continue;
            struct field_compared postcode = compare_postcode(scorer->model, place->postcode, held[0], past);
            if (best.postcode_agreement == AGREE_MISSING || postcode.weight > best.postcode_weight) {
                best.postcode_agreement = postcode.agreement;
                best.postcode_weight = postcode.weight;
                best.past = past;
            }
        }
    }
    /* The postcode says it already. */
    if (best.postcode_agreement != AGREE_MISSING && scorer->sight.linkage)
        best.authority_agreement = AGREE_MISSING;
    return best;
}

enum agreement compare_phones(const struct scorer *scorer, const struct evidence_view *view)
{
    const struct description *asked = scorer->asked;
    if (asked->phone_count == 0 || view->phone_count == 0)
        return AGREE_MISSING;
    for (size_t i = 0; i < asked->phone_count; i++) {
        for (size_t j = 0; j < view->phone_count; j++) {
            if (asked->phones[i] == view->phones[j])
                return AGREE_EXACT;
        }
    }
    return AGREE_NOT;
}

struct numbers_compared compare_numbers(const struct description *asked, const struct evidence_view *view)
{
    uint32_t asked_has = 0, held_has = 0, same = 0;
    for (size_t i = 0; i < asked->number_count; i++)
        asked_has |= (uint32_t)1 << number_scheme_of(asked->numbers[i]);
    if (asked_has == 0)
        return (struct numbers_compared){0, 0};
    for (size_t j = 0; j < view->number_count; j++) {
        uint64_t held = view_number(view, j);
        held_has |= (uint32_t)1 << number_scheme_of(held);
        for (size_t i = 0; i < asked->number_count; i++)
            same |= (uint32_t)(asked->numbers[i] == held) << number_scheme_of(held);
    }
    return (struct numbers_compared){same, asked_has & held_has & ~same};
}

static bool equal_text(const struct scorer *scorer, const struct name *asked, uint32_t id)
{
    if (asked->len == 0)
        return true;
    if (id == 0)
        return false;
    struct str text = intern_text(&scorer->index->vocabulary, id);
    size_t at = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == ' ')
            continue;
        if (at == asked->flat_len || asked->flat[at] != text.at[i])
            return false;
        at++;
    }
    return at == asked->flat_len;
}

/* In one of the candidate's visible names, each part asked for is equal; who has one name has it in either
 * part. */
static bool names_equal(const struct scorer *scorer, const struct evidence_view *view)
{
    if (scorer->asked->name_count == 0)
        return true;
    const struct described_name *asked = &scorer->asked->names[0];
    for (size_t j = 0; j < view->name_count; j++) {
        if (!score_sees_name(&scorer->sight, view_name_kind(view, j)))
            continue;
        uint32_t family = view_family(view, j);
        uint32_t given = view_given(view, j);
        if (equal_text(scorer, &asked->family, family) && equal_text(scorer, &asked->given, given))
            return true;
        bool one = (family == 0) != (given == 0);
        bool asked_one = asked->family.len == 0 || asked->given.len == 0;
        if (one && asked_one && equal_text(scorer, &asked->family, given) &&
            equal_text(scorer, &asked->given, family))
            return true;
    }
    return false;
}

/* Equal as far as the question goes: a year asked for is met by any date in it. */
static bool birth_equal(struct day asked, struct day held)
{
    switch (asked.precision) {
    case DAY_UNKNOWN:
        return true;
    case DAY_EXACT:
        return day_equal(asked, held);
    case DAY_MONTH:
        return (held.precision == DAY_EXACT || held.precision == DAY_MONTH) && held.year == asked.year &&
               held.month == asked.month;
    case DAY_YEAR:
        return held.precision != DAY_UNKNOWN && held.year == asked.year;
    case DAY_ABOUT:
        break;
    }
    return held.precision != DAY_UNKNOWN && abs((int)held.year - (int)asked.year) <= 1;
}

static bool places_equal(const struct scorer *scorer, const struct evidence_view *view)
{
    if (scorer->asked->place_count == 0)
        return true;
    const struct described_place *asked = &scorer->asked->places[0];
    bool postcode = asked->postcode == 0;
    bool authority = asked->authority == 0;
    for (size_t j = 0; j < view->place_count; j++) {
        postcode = postcode || view->places[j * 3] == asked->postcode;
        authority = authority || (j < view->present_count && view->places[j * 3 + 1] == asked->authority);
    }
    return postcode && authority;
}

bool compare_exactly(const struct scorer *scorer, const struct evidence_view *view)
{
    const struct description *asked = scorer->asked;
    if (asked->number_count > 0) {
        bool same = false;
        for (size_t j = 0; j < view->number_count; j++)
            same = same || view_number(view, j) == asked->numbers[0];
        if (!same)
            return false;
    }
    bool birth = birth_equal(asked->birth, view->birth);
    if (scorer->earliest.precision == DAY_EXACT)
        birth = compare_birth_range(scorer->model, scorer->earliest, scorer->latest, view->birth).agreement ==
                AGREE_EXACT;
    return birth && names_equal(scorer, view) && places_equal(scorer, view);
}
