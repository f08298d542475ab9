#include "match/block.h"

#include <stdlib.h>

/* splitmix64's finaliser: spreads every bit of the input. */
static uint64_t mix(uint64_t value)
{
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

uint64_t block_key(const uint8_t key[16], enum key_kind kind, unsigned veil, uint64_t a, uint64_t b)
{
    uint64_t low;
    uint64_t high;
    memcpy(&low, key, sizeof(low));
    memcpy(&high, key + 8, sizeof(high));
    uint64_t hash = mix(low ^ ((uint64_t)kind << 8 | veil));
    hash = mix(hash ^ a);
    return mix(hash ^ high ^ b * 0x9e3779b97f4a7c15u);
}

struct maker {
    const uint8_t *key;
    unsigned veil;
    struct keys *keys;
};

/* A key with a missing part is not built.  Beyond the room, which no real person reaches, the last are left
 * out. */
static void add(const struct maker *maker, enum key_kind kind, uint64_t a, uint64_t b)
{
    if (a == 0 || b == 0 || maker->keys->count == BLOCK_KEYS_MAX)
        return;
    maker->keys->at[maker->keys->count++] = block_key(maker->key, kind, maker->veil, a, b);
}

static size_t codes_of(const struct name *name)
{
    return name->placeholder ? 0 : name->code_count;
}

static void add_family(const struct maker *maker, const struct description *d, const struct name *family)
{
    uint32_t date = describe_date(d->birth);
    for (size_t i = 0; i < codes_of(family); i++) {
        uint32_t code = family->codes[i];
        add(maker, KEY_DATE_FAMILY, code, date);
        add(maker, KEY_FAMILY_YEAR, code, d->birth.year);
        for (size_t j = 0; j < d->present_count; j++)
            add(maker, KEY_FAMILY_AUTHORITY, code, d->places[j].authority);
        for (size_t j = 0; j < d->place_count; j++) {
            if (d->places[j].postcode != 0)
                add(maker, KEY_FAMILY_DISTRICT, code, postcode_district(d->places[j].postcode));
        }
    }
}

static void add_given(const struct maker *maker, const struct description *d, const struct name *given)
{
    uint32_t date = describe_date(d->birth);
    for (size_t i = 0; i < codes_of(given); i++) {
        uint32_t code = given->codes[i];
        add(maker, KEY_DATE_GIVEN, code, date);
        add(maker, KEY_GIVEN_YEAR, code, d->birth.year);
        for (size_t j = 0; j < d->present_count; j++)
            add(maker, KEY_GIVEN_AUTHORITY, code, d->places[j].authority);
    }
}

static void add_name(const struct maker *maker, const struct description *d,
                     const struct described_name *name)
{
    add_family(maker, d, &name->family);
    add_given(maker, d, &name->given);
    for (size_t i = 0; i < codes_of(&name->family); i++) {
        for (size_t j = 0; j < codes_of(&name->given); j++)
            add(maker, KEY_NAMES_YEAR, (uint64_t)name->family.codes[i] << 32 | name->given.codes[j],
                d->birth.year);
    }
}

static void add_linkage(const struct maker *maker, const struct description *d)
{
    uint32_t date = describe_date(d->birth);
    bool sexed = d->sex == SEX_FEMALE || d->sex == SEX_MALE;
    uint32_t sexed_date = sexed ? date : 0;
    for (size_t i = 0; i < d->place_count; i++) {
        if (d->places[i].postcode == 0)
            continue;
        uint64_t district = postcode_district(d->places[i].postcode);
        add(maker, KEY_DATE_SEX_DISTRICT, (uint64_t)sexed_date << 2 | d->sex, sexed_date == 0 ? 0 : district);
        for (size_t j = 0; j < d->carer_count; j++) {
            if (codes_of(&d->carers[j].family) > 0 && codes_of(&d->carers[j].given) > 0)
                add(maker, KEY_CARER_DISTRICT,
                    (uint64_t)d->carers[j].family.codes[0] << 32 | d->carers[j].given.codes[0], district);
        }
    }
}

static void add_phones(const struct maker *maker, const struct description *d)
{
    for (size_t i = 0; i < d->phone_count; i++)
        add(maker, KEY_PHONE, d->phones[i], 1);
}

static void add_family_days(const struct maker *maker, const struct description *d)
{
    if (d->sex != SEX_FEMALE && d->sex != SEX_MALE)
        return;
    uint32_t day = describe_date(d->birth) % 10000;
    for (size_t i = 0; i < d->name_count; i++) {
        const struct name *family = &d->names[i].family;
        if (codes_of(family) > 0)
            add(maker, KEY_FAMILY_DAY, (uint64_t)family->codes[0] << 2 | d->sex, day);
    }
}

static int compare_keys(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* A person has some thirty keys: so few are sorted fastest by insertion. */
static void sort_keys(struct keys *keys)
{
    enum { INSERTED_MAX = 64 };
    if (keys->count > INSERTED_MAX) {
        qsort(keys->at, keys->count, sizeof(keys->at[0]), compare_keys);
        return;
    }
    for (size_t i = 1; i < keys->count; i++) {
        uint64_t key = keys->at[i];
        size_t at = i;
        for (; at > 0 && keys->at[at - 1] > key; at--)
            keys->at[at] = keys->at[at - 1];
        keys->at[at] = key;
    }
}

void block_keys(const uint8_t key[16], unsigned state, const struct description *d, struct keys *ret_keys)
{
    ret_keys->count = 0;
    struct maker plain = {key, block_veil(state, 0), ret_keys};
    struct maker former = {key, block_veil(state, NEED_FORMER), ret_keys};
    struct maker linkage = {key, VEIL_LINKAGE, ret_keys};
    for (size_t i = 0; i < d->number_count; i++)
        add(&plain, KEY_NUMBER, d->numbers[i], 1);
    for (size_t i = 0; i < d->place_count; i++)
        add(&plain, KEY_POSTCODE, d->places[i].postcode, 1);
    add(&plain, KEY_DATE, describe_date(d->birth), 1);
    for (size_t i = 0; block_is_hidden(state) && i < d->place_count; i++)
        add(&plain, KEY_DISTRICT, d->places[i].postcode == 0 ? 0 : postcode_district(d->places[i].postcode),
            1);
    add_linkage(&linkage, d);
    add_phones(&linkage, d);
    add_family_days(&linkage, d);
    for (size_t i = 0; i < d->name_count; i++)
        add_name(block_name_needs(state, d->names[i].kind) == NEED_FORMER ? &former : &plain, d, &d->names[i]);
    sort_keys(ret_keys);
    size_t kept = 0;
    for (size_t i = 0; i < ret_keys->count; i++) {
        if (kept == 0 || ret_keys->at[i] != ret_keys->at[kept - 1])
            ret_keys->at[kept++] = ret_keys->at[i];
    }
    ret_keys->count = kept;
}

void block_linkage_keys(const uint8_t key[16], const struct description *d, struct keys *ret_keys)
{
    ret_keys->count = 0;
    add_linkage(&(struct maker){key, VEIL_LINKAGE, ret_keys}, d);
}

void block_day_keys(const uint8_t key[16], const struct description *d, struct keys *ret_keys)
{
    ret_keys->count = 0;
    add_family_days(&(struct maker){key, VEIL_LINKAGE, ret_keys}, d);
}

void block_phone_keys(const uint8_t key[16], const struct description *d, struct keys *ret_keys)
{
    ret_keys->count = 0;
    add_phones(&(struct maker){key, VEIL_LINKAGE, ret_keys}, d);
}
