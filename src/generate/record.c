#include "generate/record.h"

#include "generate/digits.h"

static const char *const column_names[COLUMNS] = {
#define COLUMN(name, kind, longest, rows, help) [COLUMN_##name] = #name,
#include "registry/layout.def"
#undef COLUMN
};

const char *column_name(enum column column)
{
    must(column < COLUMNS);
    return column_names[column];
}

static const struct profile profiles[SOURCES_END] = {
#define COVERAGE(source, from, to, covered_, seconds)                                                        \
    [SOURCE_##source].age_from = (from), [SOURCE_##source].age_to = (to),                                    \
    [SOURCE_##source].covered = (covered_), [SOURCE_##source].second_records = (seconds),
#define KNOWS(source, what, chance) [SOURCE_##source].knows[KNOWS_##what] = (chance),
#define SLIPS(source, ...)          [SOURCE_##source].slips = {__VA_ARGS__},
#include "generate/profiles.def"
#undef COVERAGE
#undef KNOWS
#undef SLIPS
};

const struct profile *profile_of(enum source source)
{
    must(source > SOURCE_NONE && source < SOURCES_END);
    return &profiles[source];
}

bool record_is_held(enum source source, const struct household *household, const struct child *child, int age)
{
    const struct profile *profile = profile_of(source);
    if (age < profile->age_from || age > profile->age_to)
        return false;
    uint64_t draw = text_mix(child->key, (uint64_t)source, 0x686C64) % 1000;
    if (source != SOURCE_social_care)
        return draw < profile->covered;
    /* Social workers know families more than single children. */
    uint64_t family = text_mix(household->children[0].key, (uint64_t)source, 0x66616D) % 1000;
    return family < profile->covered ? draw < 800 : draw < profile->covered / 5;
}

static bool chance(struct record *record, uint64_t in, uint64_t of)
{
    return stream_below(&record->stream, of) < in;
}

static bool knows(struct record *record, enum knowledge what)
{
    return chance(record, profile_of(record->source)->knows[what], 1000);
}

static struct text *column(struct record *record, enum column which)
{
    return &record->columns[which];
}

static void set_column(struct record *record, enum column which, struct str content)
{
    text_set(&record->columns[which], content);
}

static void slipped(struct record *record, enum slip slip)
{
    record->slips |= (slip_set)1 << slip;
}

static void fill_names(struct record *record)
{
    const struct child *child = record->child;
    set_column(record, COLUMN_family, text_str(&child->family));
    set_column(record, COLUMN_given, text_str(&child->given));
    if (knows(record, KNOWS_OTHER_NAMES))
        set_column(record, COLUMN_other, text_str(&child->other));
    if (knows(record, KNOWS_KNOWN_AS))
        set_column(record, COLUMN_known_as, text_str(&child->known_as));
    if (child->former_family.len == 0)
        return;
    /* Rates are of all rows; few children have a former name, so that those show it often. */
    if (chance(record, (uint64_t)profile_of(record->source)->slips.stale_name * 10, 10000)) {
        set_column(record, COLUMN_family, text_str(&child->former_family));
        slipped(record, SLIP_stale_name);
    } else if (chance(record, 1, 2)) {
        set_column(record, COLUMN_former_family, text_str(&child->former_family));
    }
}

static void fill_birth(struct record *record)
{
    if (knows(record, KNOWS_SEX))
        set_column(record, COLUMN_sex, record->child->sex == SEX_FEMALE ? STR("F") : STR("M"));
    else if (chance(record, 1, 4))
        set_column(record, COLUMN_sex, STR("U"));
    struct day born = day_of_number(record->child->born);
    const struct slip_rates *rates = &profile_of(record->source)->slips;
    if (chance(record, rates->date, 10000) && slip_date(&born, record->today, &record->stream))
        slipped(record, SLIP_date);
    if (chance(record, rates->partial_date, 10000)) {
        uint64_t kind = stream_below(&record->stream, 10);
        if (kind >= 7) { /* a whole date that nobody knows */
            born.month = 1;
            born.day = 1;
        } else {
            born.day = 0;
            born.precision = kind < 4 ? DAY_MONTH : DAY_YEAR;
            born.month = kind < 4 ? born.month : 0;
        }
        slipped(record, SLIP_partial_date);
    }
    text_put_day(column(record, COLUMN_birth_date), born);
}

static void fill_numbers(struct record *record, const struct places *places, uint64_t seed)
{
    uint32_t number = record->child->number;
    bool own = !record->second && knows(record, KNOWS_OWN_NUMBER);
    uint32_t home = record->household->dwellings[record->household->dwelling_count - 1].home;
    uint32_t authority = places_authority(places, home);
    int first_year = day_of_number(record->child->born).year + 4;
    bool social = record->source == SOURCE_social_care;
    if (social ? chance(record, 35, 100) : own && record->source == SOURCE_health)
        digits_nhs(number, seed, column(record, COLUMN_nhs_number));
    if (social ? record->age >= 5 && chance(record, 40, 100) : own && record->source == SOURCE_education)
        digits_upn(number, seed, authority, first_year, column(record, COLUMN_upn));
    if (own && record->source == SOURCE_education && record->age >= 14)
        digits_uln(number, seed, column(record, COLUMN_uln));
    if (own && record->source == SOURCE_child_benefit)
        digits_child_benefit(number, seed, column(record, COLUMN_child_benefit));
    if (own && record->source == SOURCE_youth_justice)
        digits_plain(number, seed, "YJ", column(record, COLUMN_youth_justice));
    if (own && social)
        digits_plain(number, seed, "SC", column(record, COLUMN_social_care));
}

static int32_t lived_from(const struct record *record)
{
    int32_t from = record->household->dwellings[record->dwelling].from;
    return from < record->child->born ? record->child->born : from;
}

static void fill_address(struct record *record, const struct places *places)
{
    const struct household *household = record->household;
    const struct slip_rates *rates = &profile_of(record->source)->slips;
    record->dwelling = 0;
    if (chance(record, rates->stale_address, 10000) && household->dwelling_count > 1 &&
        record->child->born < household->dwellings[0].from) {
        bool older = household->dwelling_count > 2 && record->child->born < household->dwellings[1].from;
        record->dwelling = older && chance(record, 1, 4) ? 2 : 1;
        slipped(record, SLIP_stale_address);
    }
    uint32_t home = household->dwellings[record->dwelling].home;
    const struct authority *authority = &places->authorities[places_authority(places, home)];
    set_column(record, COLUMN_authority, (struct str){authority->code, sizeof authority->code});
    if (record->source == SOURCE_social_care && chance(record, 5, 1000)) {
        set_column(record, COLUMN_address_1, STR("NONE"));
        return;
    }
    struct address address;
    places_address(places, home, &address);
    set_column(record, COLUMN_address_1, text_str(&address.line_1));
    set_column(record, COLUMN_address_2, text_str(&address.line_2));
    set_column(record, COLUMN_town, text_str(&address.town));
    set_column(record, COLUMN_postcode, text_str(&address.postcode));
    if (chance(record, 7, 10))
        text_put_day(column(record, COLUMN_address_from), day_of_number(lived_from(record)));
}

static void fill_carer(struct record *record, int place, enum column first)
{
    const struct carer *carer = &record->household->carers[place];
    bool told = knows(record, KNOWS_PHONES);
    if (!carer->present || !knows(record, place == 0 ? KNOWS_CARER_1 : KNOWS_CARER_2))
        return;
    set_column(record, first, text_str(&carer->family));
    set_column(record, first + 1, text_str(&carer->given));
    set_column(record, first + 2, str_of(carer->relationship));
    if (told)
        set_column(record, first + 3, text_str(&carer->phone));
}

static void fill_setting(struct record *record, const struct places *places, const struct setting *setting,
                         enum column first)
{
    set_column(record, first, setting_code(setting));
    set_column(record, first + 1, setting->name);
    places_setting_phone(places, setting, column(record, first + 2));
}

static void fill_school(struct record *record, struct places *places)
{
    bool older = record->age >= 11;
    if (chance(record, 6, 1000)) {
        set_column(record, COLUMN_school_code, STR("HOME"));
        return;
    }
    const struct setting *school = places_setting(places, older ? SETTING_SECONDARY : SETTING_PRIMARY,
                                                  record->household->dwellings[0].home,
                                                  text_mix(record->household->number, older, 0x736368));
    fill_setting(record, places, school, COLUMN_school_code);
    struct day born = day_of_number(record->child->born);
    struct day start = {.month = 9, .day = 1, .precision = DAY_EXACT};
    start.year = (uint16_t)(born.year + (older ? 11 : 4) + (born.month >= 9 ? 1 : 0));
    if (day_number(start) <= day_number(record->today))
        text_put_day(column(record, COLUMN_school_from), start);
}

static void fill_practice(struct record *record, struct places *places)
{
    if (chance(record, 12, 1000)) {
        set_column(record, COLUMN_gp_code, STR("NONE"));
        return;
    }
    const struct setting *practice =
        places_setting(places, SETTING_PRACTICE, record->household->dwellings[record->dwelling].home,
                       text_mix(record->household->number, 0, 0x6770));
    fill_setting(record, places, practice, COLUMN_gp_code);
    text_put_day(column(record, COLUMN_gp_from), day_of_number(lived_from(record)));
}

/* Before a child is named, and now and then long after. */
static void slip_placeholder(struct record *record)
{
    int32_t days = day_number(record->today) - record->child->born;
    uint64_t rate = days < 42 ? 300 : 1;
    if (record->source != SOURCE_health || !chance(record, rate, 1000))
        return;
    bool girl = record->child->sex == SEX_FEMALE;
    struct text *given = column(record, COLUMN_given);
    if (record->child->twin_place > 0 && chance(record, 2, 3)) {
        text_set(given, STR("Twin "));
        text_put_number(given, (uint64_t)record->child->twin_place, 1);
    } else if (chance(record, 1, 2)) {
        text_set(given, STR("Baby"));
    } else {
        text_set(given, girl ? STR("Baby Girl") : STR("Baby Boy"));
    }
    column(record, COLUMN_other)->len = 0;
    column(record, COLUMN_known_as)->len = 0;
    slipped(record, SLIP_placeholder);
}

/* The column in which a slip of the pen lands. */
static struct text *slippery(struct record *record)
{
    uint64_t draw = stream_below(&record->stream, 100);
    if (draw < 41)
        return column(record, COLUMN_given);
    if (draw < 82)
        return column(record, COLUMN_family);
    bool housed = column(record, COLUMN_postcode)->len > 0; /* "NONE" is a code */
    return column(record, draw < 91 && housed ? COLUMN_address_1 : COLUMN_carer1_family);
}

static bool mistype(struct record *record)
{
    if (chance(record, 1, 11))
        return slip_postcode(column(record, COLUMN_postcode), &record->stream);
    return slip_typing(slippery(record), &record->stream);
}

static void slip_omission(struct record *record)
{
    static const uint8_t leaves[] = {COLUMN_given,    COLUMN_family, COLUMN_birth_date, COLUMN_postcode,
                                     COLUMN_postcode, COLUMN_sex,    COLUMN_other,      COLUMN_address_1};
    enum column which = leaves[stream_below(&record->stream, sizeof leaves)];
    enum column needed =
        which == COLUMN_given ? COLUMN_family : COLUMN_given; /* one name is enough, none is not */
    if (column(record, which)->len == 0 || column(record, needed)->len == 0)
        return;
    column(record, which)->len = 0;
    if (which == COLUMN_address_1)
        column(record, COLUMN_address_2)->len = 0;
    slipped(record, SLIP_omission);
}

static void slip_names(struct record *record)
{
    const struct slip_rates *rates = &profile_of(record->source)->slips;
    struct stream *stream = &record->stream;
    struct text nickname;
    bool named = (record->slips & (slip_set)1 << SLIP_placeholder) == 0;
    if (named && chance(record, rates->nickname, 10000) &&
        names_nickname(text_str(&record->child->given), stream, &nickname)) {
        set_column(record, COLUMN_given, text_str(&nickname));
        slipped(record, SLIP_nickname);
    }
    if (chance(record, rates->phonetic, 10000) &&
        slip_phonetic(column(record, chance(record, 1, 2) ? COLUMN_given : COLUMN_family), stream))
        slipped(record, SLIP_phonetic);
    if (chance(record, rates->typing, 10000) && mistype(record))
        slipped(record, SLIP_typing);
    if (chance(record, rates->ocr, 10000) && slip_ocr(slippery(record), stream))
        slipped(record, SLIP_ocr);
    if (named && chance(record, rates->swap, 10000)) {
        struct text family = *column(record, COLUMN_family);
        *column(record, COLUMN_family) = *column(record, COLUMN_given);
        *column(record, COLUMN_given) = family;
        slipped(record, SLIP_swap);
    }
    if (chance(record, rates->omission, 10000))
        slip_omission(record);
}

/* How the source's own system writes. */
static void restyle(struct record *record)
{
    static const uint8_t named[] = {COLUMN_family,       COLUMN_given,         COLUMN_other,
                                    COLUMN_known_as,     COLUMN_former_family, COLUMN_carer1_family,
                                    COLUMN_carer1_given, COLUMN_carer2_family, COLUMN_carer2_given};
    bool plain = record->source == SOURCE_child_benefit || record->source == SOURCE_youth_justice;
    for (size_t i = 0; plain && i < sizeof named; i++)
        text_fold(column(record, named[i]));
    if (record->source == SOURCE_youth_justice)
        text_upper(column(record, COLUMN_family));
}

void record_fill(struct record *record, struct places *places, uint64_t seed)
{
    static const char *const prefixes[SOURCES_END] = {
        [SOURCE_child_benefit] = "B", [SOURCE_health] = "H",        [SOURCE_education] = "E",
        [SOURCE_social_care] = "S",   [SOURCE_youth_justice] = "Y",
    };
    const struct child *child = record->child;
    uint64_t turn = 2 * record->year + (record->second ? 2 : 1);
    record->slips = record->second ? (slip_set)1 << SLIP_second_record : 0;
    record->stream = stream_of(text_mix(child->key, (uint64_t)record->source, turn));
    for (int i = 0; i < COLUMNS; i++)
        record->columns[i].len = 0;
    set_column(record, COLUMN_type, STR("child"));
    /* Children stay below 2^25, so that second records have numbers of their own. */
    digits_record(child->number | (record->second ? UINT32_C(1) << 30 : 0), seed, prefixes[record->source],
                  column(record, COLUMN_record));
    fill_names(record);
    fill_birth(record);
    fill_numbers(record, places, seed);
    fill_address(record, places);
    fill_carer(record, 0, COLUMN_carer1_family);
    fill_carer(record, 1, COLUMN_carer2_family);
    if (record->source == SOURCE_education)
        fill_school(record, places);
    if (record->source == SOURCE_health)
        fill_practice(record, places);
    slip_placeholder(record);
    slip_names(record);
    restyle(record);
}
