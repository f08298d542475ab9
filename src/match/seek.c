#include "match/seek.h"

/* A block of so many people and of as many as given names asked for is looked at whole. */
enum { SMALL_LEAST = 2 };

/* Of the near words, so many codes are looked for first. */
enum { NEAREST = 16 };

/* How far from the year asked for somebody is looked for, and the years looked at where none is asked for. */
enum { YEARS_APART_MAX = 18, YEAR_FIRST = 1980, YEAR_LAST = 2040 };

struct seeker {
    struct visitor *visitor;
    const struct match_model *model;
    const struct near *family;
    const struct near *given;
    int32_t base;  /* the prior, and what besides names and birth may add */
    int32_t birth; /* what a birth as asked adds */
    uint32_t date; /* asked for, yyyymmdd; 0: none */
    uint32_t postcode;
    uint32_t authority;
    uint16_t first; /* years asked for; first > last: none */
    uint16_t last;
};

/* Kinds of blocks by one name, and whom of both names that are asked for they are to give: `both`: those who
 * agree in both, for nobody who does has been looked at before; `swapped`: nor anybody in whom they are
 * swapped; `alone`: those who agree in one of them alone (search_shows). */
struct one_name {
    enum key_kind family;
    enum key_kind given;
    bool both;
    bool swapped;
    bool alone;
};

static const struct one_name BY_DATE = {KEY_DATE_FAMILY, KEY_DATE_GIVEN, true, true, true};
static const struct one_name BY_OTHER_DATE = {KEY_DATE_FAMILY, KEY_DATE_GIVEN, false, false, true};
static const struct one_name BY_YEAR = {KEY_FAMILY_YEAR, KEY_GIVEN_YEAR, false, false, false};
static const struct one_name BY_AUTHORITY = {KEY_FAMILY_AUTHORITY, KEY_GIVEN_AUTHORITY, true, true, false};

static int32_t more_of(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static void find_years(const struct match_query *query, uint16_t *ret_first, uint16_t *ret_last)
{
    uint16_t first = query->birth.year;
    uint16_t last = query->birth.year;
    if (query->birth_earliest.precision == DAY_EXACT) {
        first = query->birth_earliest.year;
        last = query->birth_latest.year;
    } else if (query->birth.precision == DAY_ABOUT) {
        first--;
        last++;
    }
    *ret_first = first == 0 ? 1 : first;
    *ret_last = last;
}

void seek_open(struct visitor *visitor, struct seek_names *ret_names)
{
    struct match_work *work = &visitor->results->work;
    const struct described_name *name = &visitor->asked->names[0];
    *ret_names = (struct seek_names){.family = {.count = 0}};
    if (visitor->asked->name_count == 0)
        return;
    near_open(&visitor->near, &name->family, work, &ret_names->family);
    near_open(&visitor->near, &name->given, work, &ret_names->given);
}

/* The one kind of block that the facts beside the name allow, the narrowest first. */
static void seek_exact_name(struct visitor *visitor, uint32_t family, uint32_t given,
                            struct exact_search *search)
{
    const struct description *asked = visitor->asked;
    uint32_t one = family != 0 ? family : given;
    uint32_t date = describe_date(visitor->query->birth);
    uint16_t first;
    uint16_t last;
    find_years(visitor->query, &first, &last);
    if (date != 0) {
        visit_exact(visitor, family != 0 ? KEY_DATE_FAMILY : KEY_DATE_GIVEN, one, date, search);
    } else if (asked->place_count > 0 && asked->places[0].postcode != 0) {
        visit_exact(visitor, KEY_POSTCODE, asked->places[0].postcode, 1, search);
    } else if (first <= last) {
        for (uint16_t year = first; year <= last && search->count <= visitor->limit; year++) {
            if (family != 0 && given != 0)
                visit_exact(visitor, KEY_NAMES_YEAR, (uint64_t)family << 32 | given, year, search);
            else
                visit_exact(visitor, family != 0 ? KEY_FAMILY_YEAR : KEY_GIVEN_YEAR, one, year, search);
        }
    } else if (asked->place_count > 0) {
        visit_exact(visitor, family != 0 ? KEY_FAMILY_AUTHORITY : KEY_GIVEN_AUTHORITY, one,
                    asked->places[0].authority, search);
    }
}

void seek_exact(struct visitor *visitor, struct exact_search *search)
{
    const struct description *asked = visitor->asked;
    if (asked->number_count > 0) {
        visit_exact(visitor, KEY_NUMBER, asked->numbers[0], 1, search);
        return;
    }
    const struct described_name *name = &asked->names[0];
    bool one = name->family.len == 0 || name->given.len == 0;
    const struct near *family = search->family;
    const struct near *given = search->given;
    /* A word that nobody bears equals nobody's. */
    if ((name->family.len > 0 && family->exact_count == 0) ||
        (name->given.len > 0 && given->exact_count == 0))
        return;
    uint32_t family_code = name->family.placeholder ? 0 : name->family.codes[0];
    uint32_t given_code = name->given.placeholder ? 0 : name->given.codes[0];
    if (family_code == 0 && given_code == 0) {
        /* "Baby" alone: whoever was born that day, or lives there. */
        visit_exact(visitor, KEY_DATE, describe_date(visitor->query->birth), 1, search);
        if (asked->place_count > 0)
            visit_exact(visitor, KEY_POSTCODE, asked->places[0].postcode, 1, search);
        return;
    }
    seek_exact_name(visitor, family_code, given_code, search);
    /* One name asked for may be the only name of somebody, held as the other part. */
    if (one && search->count <= visitor->limit)
        seek_exact_name(visitor, given_code, family_code, search);
}

static uint32_t date_of(uint32_t year, uint32_t month, uint32_t day)
{
    return year * 10000 + month * 100 + day;
}

static bool is_date(uint32_t date)
{
    struct day day = {(uint16_t)(date / 10000), (uint8_t)(date / 100 % 100), (uint8_t)(date % 100),
                      DAY_EXACT};
    return day_is_valid(day);
}

static uint32_t swapped_date(struct day day)
{
    if (day.precision != DAY_EXACT || day.day > 12 || day.day == day.month)
        return 0;
    return date_of(day.year, day.day, day.month);
}

static bool asks_both(const struct seeker *seeker)
{
    return seeker->family->count > 0 && seeker->given->count > 0;
}

/* Blocks of one kind: those of codes near one name, with another fact.  `rest` is what all but that name and
 * the base may add. */
static void seek_near(const struct seeker *seeker, enum key_kind kind, const struct near *near, uint64_t fact,
                      int32_t rest)
{
    for (size_t i = 0; i < near->count && fact != 0; i++) {
        const struct near_code *code = &near->codes[i];
        int32_t most = seeker->base + code->weight + rest;
        if (!visit_is_worth(seeker->visitor, most))
            break;
        visit_block(seeker->visitor, (struct visit_block){kind, code->classes, code->code, fact, most});
    }
}

/* Blocks by one name and a fact; `rest` is what birth may add.  Whoever agrees in both names is found by the
 * family name, so that by the given name only those are wanted who agree in nothing but that. */
static void seek_by_one_name(const struct seeker *seeker, const struct one_name *by, uint64_t fact,
                             int32_t rest)
{
    if (!asks_both(seeker)) {
        /* also somebody's only name, held as the other part */
        seek_near(seeker, by->family, seeker->family, fact, rest);
        seek_near(seeker, by->given, seeker->family, fact, rest);
        seek_near(seeker, by->given, seeker->given, fact, rest);
        seek_near(seeker, by->family, seeker->given, fact, rest);
        return;
    }
    int32_t other = by->both ? seeker->given->heaviest : seeker->model->given_not;
    if (by->both || by->alone)
        seek_near(seeker, by->family, seeker->family, fact, rest + other);
    if (by->alone)
        seek_near(seeker, by->given, seeker->given, fact, rest + seeker->model->family_not);
    if (by->swapped)
        seek_near(seeker, by->given, seeker->family, fact, rest + other + seeker->model->name_swapped);
}

static struct visit_block names_block(const struct near_code *family, const struct near_code *given,
                                      uint16_t year, int32_t most)
{
    return (struct visit_block){KEY_NAMES_YEAR, family->classes & given->classes,
                                (uint64_t)family->code << 32 | given->code, year, most};
}

/* Swapped names count where one of the two is equal. */
static void seek_swapped(const struct seeker *seeker, uint16_t year, int32_t rest)
{
    const struct near *family = seeker->family;
    const struct near *given = seeker->given;
    rest += seeker->base + seeker->model->name_swapped;
    for (size_t i = 0; i < family->count; i++) {
        bool equal = family->exact_count > 0 && i == 0;
        for (size_t j = 0; j < given->count; j++) {
            int32_t most = rest + family->codes[i].weight + given->codes[j].weight;
            if (!visit_is_worth(seeker->visitor, most))
                break;
            if (equal || (given->exact_count > 0 && j == 0))
                visit_block(seeker->visitor, names_block(&given->codes[j], &family->codes[i], year, most));
        }
    }
}

/* What people of one year, asked for or another, may add by their birth. */
struct year {
    uint16_t year;
    uint32_t date;   /* the asked day in that year; 0: none */
    int32_t on_date; /* what they add who were born on it */
    int32_t rest;    /* and all others */
};

/* Those of a large block of one family name in whom the given name agrees too. */
static void seek_given(const struct seeker *seeker, const struct near_code *family, uint32_t classes,
                       const struct year *year)
{
    const struct near *given = seeker->given;
    struct near_code narrowed = *family;
    narrowed.classes = classes;
    for (size_t i = 0; i < given->count; i++) {
        int32_t most = seeker->base + family->weight + given->codes[i].weight + year->rest;
        if (!visit_is_worth(seeker->visitor, most))
            break;
        visit_block(seeker->visitor, names_block(&narrowed, &given->codes[i], year->year, most));
    }
}

/* Who agrees in both names and was born in that year: all of a family name that is rare, of others those who
 * fit. */
static void seek_year(const struct seeker *seeker, const struct year *year)
{
    const struct near *family = seeker->family;
    uint32_t large[NEAR_CODES_MAX];
    struct visit_block blocks[NEAR_CODES_MAX];
    size_t people_max = SMALL_LEAST + seeker->given->count / 2;
    size_t count = 0;
    if (year->date != 0)
        seek_near(seeker, KEY_DATE_FAMILY, family, year->date, seeker->given->heaviest + year->on_date);
    for (; count < family->count; count++) {
        const struct near_code *code = &family->codes[count];
        int32_t most = seeker->base + code->weight + seeker->given->heaviest + year->rest;
        if (!visit_is_worth(seeker->visitor, most))
            break;
        blocks[count] = (struct visit_block){KEY_FAMILY_YEAR, code->classes, code->code, year->year, most};
        visit_fetch(seeker->visitor, blocks[count]);
    }
    for (size_t i = 0; i < count; i++)
        large[i] = visit_small(seeker->visitor, blocks[i], people_max);
    for (size_t i = 0; i < count; i++) {
        if (large[i] != 0)
            seek_given(seeker, &family->codes[i], large[i], year);
    }
    seek_swapped(seeker, year->year, year->rest);
    visit_all(seeker->visitor);
}

/* Digits of two years that differ. */
static unsigned digits_apart(uint32_t a, uint32_t b)
{
    unsigned apart = 0;
    for (; a != 0 || b != 0; a /= 10, b /= 10)
        apart += a % 10 != b % 10;
    return apart;
}

/* Whether one name is all that is asked of the names: then a birth that does not agree rules somebody out
 * (search_shows), and in years apart by more than one none agrees that is not on the day. */
static bool asks_one_name(const struct seeker *seeker)
{
    const struct described_name *name = &seeker->visitor->asked->names[0];
    return name->family.len == 0 || name->given.len == 0;
}

/* A year `apart` years from what is asked for. */
static void seek_other_year(const struct seeker *seeker, uint16_t year, unsigned apart)
{
    const struct match_model *model = seeker->model;
    struct year other = {.year = year, .rest = apart == 1 ? model->birth_part_about : model->birth_part_not};
    uint32_t date = date_of(year, seeker->date / 100 % 100, seeker->date % 100);
    if (seeker->date != 0 && is_date(date)) {
        other.date = date;
        other.on_date =
            digits_apart(year, seeker->date / 10000) == 1 ? model->birth_one_digit : model->birth_two_parts;
    }
    if (asks_both(seeker))
        seek_year(seeker, &other);
    /* a part of the date that is another by more than a digit is no date that agrees */
    if (!asks_both(seeker) || other.on_date == model->birth_one_digit)
        seek_by_one_name(seeker, &BY_OTHER_DATE, other.date, other.on_date);
    if (apart == 1 || !asks_one_name(seeker))
        seek_by_one_name(seeker, &BY_YEAR, year, other.rest);
    visit_all(seeker->visitor);
}

/* Both names in the years around those asked for, the nearest first. */
static void seek_other_years(const struct seeker *seeker)
{
    for (uint16_t by = 1; by <= YEARS_APART_MAX; by++) {
        if (seeker->first > by)
            seek_other_year(seeker, (uint16_t)(seeker->first - by), by);
        seek_other_year(seeker, (uint16_t)(seeker->last + by), by);
    }
}

/* Dates of the asked year of which one digit is another, and then those of which the day or the month is: who
 * agrees in both names has been looked at, and who agrees in one of them has to have the better date. */
static void seek_other_dates(const struct seeker *seeker)
{
    uint32_t year = seeker->date / 10000;
    for (unsigned digits = 1; digits <= (asks_both(seeker) ? 1 : 2); digits++) {
        int32_t rest = digits == 1 ? seeker->model->birth_one_digit : seeker->model->birth_two_parts;
        for (uint32_t month = 1; month <= 12; month++) {
            for (uint32_t day = 1; day <= 31; day++) {
                uint32_t date = date_of(year, month, day);
                bool one_part = (month == seeker->date / 100 % 100) != (day == seeker->date % 100);
                if (one_part && is_date(date) && digits_apart(date, seeker->date) == digits)
                    seek_by_one_name(seeker, &BY_OTHER_DATE, date, rest);
            }
        }
        visit_all(seeker->visitor);
    }
}

static bool is_initial(const struct name *name)
{
    return name->flat_len == 1;
}

/* Those not born on the day asked for. */
static void seek_beside_date(const struct seeker *seeker)
{
    const struct match_model *model = seeker->model;
    uint32_t swapped = swapped_date(seeker->visitor->query->birth);
    int32_t part = more_of(model->birth_part_month, more_of(model->birth_part_year, model->birth_one_digit));
    const struct year same = {.year = seeker->first,
                              .rest = swapped != 0 ? more_of(part, model->birth_swapped) : part};
    if (asks_both(seeker))
        seek_year(seeker, &same);
    seek_by_one_name(seeker, &BY_OTHER_DATE, swapped, model->birth_swapped);
    visit_all(seeker->visitor);
    seek_other_years(seeker);
    seek_other_dates(seeker);
    seek_by_one_name(seeker, &BY_YEAR, seeker->first, model->birth_part_year);
    visit_all(seeker->visitor);
}

/* The same with no more than the nearest words, and with all of them only as long as patience lasts: that is
 * short where as many as may be shown have been found. */
static void seek_nearest_first(const struct seeker *seeker, void (*seek)(const struct seeker *))
{
    struct near family = *seeker->family;
    struct near given = *seeker->given;
    struct seeker narrow = *seeker;
    narrow.family = &family;
    narrow.given = &given;
    if (family.count > NEAREST)
        family.count = NEAREST;
    if (given.count > NEAREST)
        given.count = NEAREST;
    seek(&narrow);
    if (family.count < seeker->family->count || given.count < seeker->given->count) {
        visit_hurry(seeker->visitor);
        seek(seeker);
    }
}

/* A date is asked for: first those born on it. */
static void seek_by_date(const struct seeker *seeker)
{
    const struct described_name *name = &seeker->visitor->asked->names[0];
    if (is_initial(&name->family) || is_initial(&name->given))
        visit_block(seeker->visitor, (struct visit_block){KEY_DATE, NEAR_ALL, seeker->date, 1, INT32_MAX});
    seek_by_one_name(seeker, &BY_DATE, seeker->date, seeker->birth);
    visit_all(seeker->visitor);
    seek_nearest_first(seeker, seek_beside_date);
}

/* Those who live where it is asked, by the family name; afterwards the base is that of all others. */
static void seek_by_place(struct seeker *seeker, int32_t rest)
{
    const struct match_model *model = seeker->model;
    if (seeker->postcode != 0) {
        seek_near(seeker, KEY_FAMILY_DISTRICT, seeker->family, postcode_district(seeker->postcode),
                  rest + seeker->given->heaviest);
        visit_all(seeker->visitor);
        seeker->base += model->postcode_area - more_of(model->postcode_sector, model->postcode_one_letter);
    }
    if (seeker->authority != 0) {
        seek_by_one_name(seeker, &BY_AUTHORITY, seeker->authority, rest);
        visit_all(seeker->visitor);
        seeker->base -= model->authority_same;
    }
}

/* Years are asked for. */
static void seek_by_years(const struct seeker *seeker)
{
    struct seeker elsewhere = *seeker;
    if (!asks_both(seeker))
        seek_by_place(&elsewhere, seeker->birth);
    for (uint16_t year = seeker->first; year <= seeker->last; year++) {
        if (asks_both(seeker))
            seek_year(seeker, &(struct year){year, 0, 0, seeker->birth});
        else
            seek_by_one_name(&elsewhere, &BY_YEAR, year, seeker->birth);
        visit_all(seeker->visitor);
    }
    seek_other_years(&elsewhere);
}

/* Neither date nor year is asked for, but a place. */
static void seek_without_birth(const struct seeker *asked)
{
    struct seeker elsewhere = *asked;
    const struct seeker *seeker = &elsewhere;
    seek_by_place(&elsewhere, 0);
    for (uint16_t year = YEAR_FIRST; year <= YEAR_LAST; year++) {
        if (asks_both(seeker))
            seek_year(seeker, &(struct year){year, 0, 0, 0});
        else
            seek_by_one_name(seeker, &BY_YEAR, year, 0);
        visit_all(seeker->visitor);
    }
}

static int32_t birth_weight(const struct match_model *model, const struct match_query *query)
{
    if (query->birth_earliest.precision == DAY_EXACT)
        return model->birth_part_year;
    switch (query->birth.precision) {
    case DAY_UNKNOWN:
        return 0;
    case DAY_EXACT:
        return model->birth_exact;
    case DAY_MONTH:
        return model->birth_part_month;
    case DAY_YEAR:
        return model->birth_part_year;
    case DAY_ABOUT:
        break;
    }
    return model->birth_part_about;
}

void seek_similar(struct visitor *visitor, struct seek_names *names)
{
    const struct description *asked = visitor->asked;
    const struct match_query *query = visitor->query;
    struct match_work *work = &visitor->results->work;
    near_find(&visitor->near, &asked->names[0].family, false, work, &names->family);
    near_find(&visitor->near, &asked->names[0].given, true, work, &names->given);
    struct seeker seeker = {.visitor = visitor,
                            .model = visitor->index->model,
                            .family = &names->family,
                            .given = &names->given,
                            .birth = birth_weight(visitor->index->model, query),
                            .date = describe_date(query->birth)};
    if (asked->place_count > 0) {
        seeker.postcode = asked->places[0].postcode;
        seeker.authority = asked->places[0].authority;
    }
    find_years(query, &seeker.first, &seeker.last);
    seeker.base = seeker.model->prior + (query->sex != 0 ? seeker.model->sex_same : 0) +
                  (seeker.authority != 0 ? seeker.model->authority_same : 0);
    visitor->most = names->family.heaviest + names->given.heaviest;
    if (seeker.postcode != 0) {
        visit_block(visitor, (struct visit_block){KEY_POSTCODE, NEAR_ALL, seeker.postcode, 1, INT32_MAX});
        visit_all(visitor);
        seeker.base += more_of(seeker.model->postcode_sector, seeker.model->postcode_one_letter);
    }
    if (seeker.date != 0)
        seek_by_date(&seeker);
    else if (seeker.first <= seeker.last)
        seek_nearest_first(&seeker, seek_by_years);
    else
        seek_nearest_first(&seeker, seek_without_birth);
}
