#include "match/candidates.h"

static void want_key(struct linker *linker, uint64_t key, enum gather_large large)
{
    if (linker->keys.count == BLOCK_KEYS_MAX)
        return;
    linker->large[linker->keys.count] = large;
    linker->keys.at[linker->keys.count++] = key;
    linker->usable = true;
}

static void want(struct linker *linker, enum key_kind kind, unsigned veil, uint64_t a, uint64_t b)
{
    if (a != 0 && b != 0)
        want_key(linker, block_key(linker->key, kind, veil, a, b), LARGE_REFINED);
}

/* A key that tells little, asked for besides others. */
static void want_weak(struct linker *linker, enum key_kind kind, unsigned veil, uint64_t a, uint64_t b)
{
    if (a != 0 && b != 0)
        want_key(linker, block_key(linker->key, kind, veil, a, b), LARGE_WEAK);
}

/* A key that is asked for besides others as good, and needless where very many share it. */
static void want_short(struct linker *linker, enum key_kind kind, unsigned veil, uint64_t a, uint64_t b)
{
    if (a != 0 && b != 0)
        want_key(linker, block_key(linker->key, kind, veil, a, b), LARGE_OPTIONAL);
}

static size_t codes_of(const struct name *name)
{
    return name->placeholder ? 0 : name->code_count;
}

/* Day and month the other way round; 0 where that is no date or the same. */
static uint32_t swapped_date(struct day day)
{
    if (day.precision != DAY_EXACT || day.day > 12 || day.day == day.month)
        return 0;
    return (uint32_t)day.year * 10000 + (uint32_t)day.day * 100 + day.month;
}

/* A name with the whole date: few people, and nearly always the one who is meant. */
static void want_dated_name(struct linker *linker, unsigned veil, const struct described_name *name)
{
    uint32_t date = describe_date(linker->asked->birth);
    uint32_t swapped = swapped_date(linker->asked->birth);
    linker->dated = linker->dated || (date != 0 && codes_of(&name->family) + codes_of(&name->given) > 0);
    for (size_t i = 0; i < codes_of(&name->family); i++) {
        want(linker, KEY_DATE_FAMILY, veil, name->family.codes[i], date);
        want(linker, KEY_DATE_FAMILY, veil, name->family.codes[i], swapped);
    }
    for (size_t j = 0; j < codes_of(&name->given); j++) {
        want(linker, KEY_DATE_GIVEN, veil, name->given.codes[j], date);
        want(linker, KEY_DATE_GIVEN, veil, name->given.codes[j], swapped);
    }
}

static void want_name(struct linker *linker, unsigned veil, const struct described_name *name)
{
    const struct description *d = linker->asked;
    uint32_t date = describe_date(d->birth);
    for (size_t i = 0; i < codes_of(&name->family); i++) {
        uint32_t family = name->family.codes[i];
        for (size_t j = 0; j < d->place_count; j++) {
            if (d->places[j].postcode != 0)
                want_weak(linker, KEY_FAMILY_DISTRICT, veil, family,
                          postcode_district(d->places[j].postcode));
            if (date == 0)
                want(linker, KEY_FAMILY_AUTHORITY, veil, family, d->places[j].authority);
        }
        for (size_t j = 0; j < codes_of(&name->given); j++) {
            uint32_t given = name->given.codes[j];
            want_short(linker, KEY_NAMES_YEAR, veil, (uint64_t)family << 32 | given, d->birth.year);
            want(linker, KEY_NAMES_YEAR, veil, (uint64_t)given << 32 | family, d->birth.year);
            if (d->birth.year == 0)
                continue;
            want_short(linker, KEY_NAMES_YEAR, veil, (uint64_t)family << 32 | given, d->birth.year - 1u);
            want_short(linker, KEY_NAMES_YEAR, veil, (uint64_t)family << 32 | given, d->birth.year + 1u);
        }
    }
}

/* Every state and former names too: linkage sees all. */
void candidates_want_near(struct linker *linker)
{
    const struct description *d = linker->asked;
    for (unsigned state = 0; state <= RECORD_STATES; state++) {
        for (size_t i = 0; i < d->number_count && linker->moment->state_people[state] != 0; i++)
            want(linker, KEY_NUMBER, block_veil(state, 0), d->numbers[i], 1);
    }
    linker->number_keys = linker->keys.count;
    for (unsigned state = 0; state <= RECORD_STATES; state++) {
        if (linker->moment->state_people[state] == 0)
            continue;
        unsigned plain = block_veil(state, 0);
        for (size_t i = 0; i < d->name_count; i++) {
            want_dated_name(linker, plain, &d->names[i]);
            want_dated_name(linker, block_veil(state, NEED_FORMER), &d->names[i]);
        }
    }
}

/* A name part as it stands, and as the other part. */
static void want_like(struct linker *linker, unsigned veil, const struct name *name)
{
    const struct description *d = linker->asked;
    for (size_t i = 0; i < codes_of(name); i++) {
        uint32_t code = name->codes[i];
        want_short(linker, KEY_GIVEN_YEAR, veil, code, d->birth.year);
        want_short(linker, KEY_FAMILY_YEAR, veil, code, d->birth.year);
        for (size_t j = 0; j < d->present_count; j++) {
            want_short(linker, KEY_GIVEN_AUTHORITY, veil, code, d->places[j].authority);
            want_short(linker, KEY_FAMILY_AUTHORITY, veil, code, d->places[j].authority);
        }
    }
}

/* Hidden children are few, so that whoever shares a date, or one name and a year or area, can be looked at:
 * what only resembles one, with errors in all the rest, is found too (R9.6). */
static void want_hidden(struct linker *linker, unsigned state)
{
    const struct description *d = linker->asked;
    for (unsigned needs = 0; needs < NEEDS; needs++) {
        unsigned veil = block_veil(state, needs);
        want_short(linker, KEY_DATE, veil, describe_date(d->birth), 1);
        want_short(linker, KEY_DATE, veil, swapped_date(d->birth), 1);
        for (size_t i = 0; i < d->place_count; i++)
            want_weak(linker, KEY_DISTRICT, veil,
                      d->places[i].postcode == 0 ? 0 : postcode_district(d->places[i].postcode), 1);
        for (size_t i = 0; i < d->name_count; i++) {
            want_like(linker, veil, &d->names[i].family);
            want_like(linker, veil, &d->names[i].given);
        }
    }
}

void candidates_want_rest(struct linker *linker)
{
    const struct description *d = linker->asked;
    for (unsigned state = 0; state <= RECORD_STATES; state++) {
        if (linker->moment->state_people[state] == 0)
            continue;
        if (block_is_hidden(state))
            want_hidden(linker, state);
        unsigned plain = block_veil(state, 0);
        for (size_t i = 0; i < d->place_count; i++)
            want(linker, KEY_POSTCODE, plain, d->places[i].postcode, 1);
        for (size_t i = 0; i < d->name_count; i++) {
            want_name(linker, plain, &d->names[i]);
            want_name(linker, block_veil(state, NEED_FORMER), &d->names[i]);
        }
    }
    struct keys own;
    block_linkage_keys(linker->key, d, &own);
    for (size_t i = 0; i < own.count; i++)
        want_key(linker, own.at[i], LARGE_REFINED);
    block_day_keys(linker->key, d, &own);
    for (size_t i = 0; i < own.count; i++)
        want_key(linker, own.at[i], linker->dated ? LARGE_WEAK : LARGE_REFINED);
    block_phone_keys(linker->key, d, &own);
    for (size_t i = 0; i < own.count; i++)
        want_key(linker, own.at[i], linker->dated ? LARGE_WEAK : LARGE_REFINED);
}

void candidates_fetch(const struct linker *linker, size_t key)
{
    postings_fetch(linker->index->postings, linker->keys.at[key]);
}

void candidates_fetch_piece(const struct linker *linker, size_t key)
{
    postings_fetch_piece(linker->index->postings, linker->keys.at[key]);
}

void candidates_gather(const struct linker *linker, size_t key, struct gathered *gathered)
{
    bool whole = gather_block(linker->index, linker->keys.at[key], linker->large[key],
                              describe_date(linker->asked->birth), gathered);
    if (key < linker->number_keys)
        gathered->numbered = whole && gathered->numbered != SIZE_MAX ? gathered->count : SIZE_MAX;
}
