#include "match/describe.h"

#include <sodium.h>

enum { GSS_LEN = 9 };

static uint64_t hash_of(struct bytes bytes, const uint8_t key[16])
{
    static const uint8_t NOTHING;
    uint64_t hash;
    crypto_shorthash((uint8_t *)&hash, bytes.len == 0 ? &NOTHING : bytes.at, bytes.len, key);
    return hash;
}

static uint32_t hash_32(struct bytes bytes, const uint8_t key[16])
{
    uint32_t hash = (uint32_t)hash_of(bytes, key);
    return hash == 0 ? 1 : hash;
}

uint64_t describe_number(enum number_scheme scheme, struct str value, const uint8_t key[16])
{
    _Static_assert(NUMBERS_END <= 16, "a scheme takes four bits");
    return (uint64_t)scheme << 60 | (hash_of(bytes_of(value), key) >> 4 & ~(uint64_t)0xFFFF);
}

uint32_t describe_authority(struct str code)
{
    if (code.len != GSS_LEN || code.at[0] < 'A' || code.at[0] > 'Z')
        return 0;
    int64_t digits;
    if (!str_to_int((struct str){code.at + 1, GSS_LEN - 1}, 0, 99999999, &digits))
        return 0;
    return (uint32_t)(code.at[0] - 'A') * 100000000u + (uint32_t)digits + 1;
}

uint32_t describe_date(struct day day)
{
    return day.precision == DAY_EXACT ? (uint32_t)day.year * 10000 + (uint32_t)day.month * 100 + day.day : 0;
}

static bool same_name(const struct name *a, const struct name *b)
{
    return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/* What a name does not say is as in the first current one: "known as Jo", "formerly Evans". */
static void complete(struct described_name *name, const struct described_name *current)
{
    if (current == NULL || name->kind == NAME_CURRENT)
        return;
    if (name->family.len == 0 && current->family.len > 0)
        name->family = current->family;
    if (name->given.len == 0 && current->given.len > 0)
        name->given = current->given;
}

static bool repeats(const struct description *description, const struct described_name *name)
{
    for (size_t i = 0; i < description->name_count; i++) {
        const struct described_name *held = &description->names[i];
        /* A former name that is a present one again hides nothing; the other way round it would. */
        bool covered = held->kind != NAME_FORMER || name->kind == NAME_FORMER;
        if (covered && same_name(&held->family, &name->family) && same_name(&held->given, &name->given) &&
            (name->other.len == 0 || same_name(&held->other, &name->other)))
            return true;
    }
    return false;
}

/* Names of one kind after another, the current ones first, so that order of arrival does not matter to
 * completion; those that are displayed before those that are not, which would cover them. */
static void describe_names(const struct person *person, struct description *description)
{
    static const enum name_kind ORDER[] = {NAME_CURRENT, NAME_KNOWN_AS, NAME_VARIANT, NAME_FORMER};
    for (size_t k = 0; k < sizeof(ORDER) / sizeof(ORDER[0]); k++) {
        for (size_t i = 0; i < person->name_count && i < PERSON_NAMES_MAX; i++) {
            if (person->names[i].kind != ORDER[k])
                continue;
            struct described_name *name = &description->names[description->name_count];
            name->kind = ORDER[k];
            normalise_name(person->names[i].family, PART_FAMILY, &name->family);
            normalise_name(person->names[i].given, PART_GIVEN, &name->given);
            normalise_name(person->names[i].other, PART_GIVEN, &name->other);
            bool has_current = description->name_count > 0 && description->names[0].kind == NAME_CURRENT;
            complete(name, has_current ? &description->names[0] : NULL);
            bool says = name->family.len > 0 || name->given.len > 0;
            if (says && !repeats(description, name))
                description->name_count++;
        }
    }
}

static void describe_places(const struct person *person, const uint8_t key[16],
                            struct description *description)
{
    for (int present = 1; present >= 0; present--) {
        for (size_t i = 0; i < person->place_count && i < PERSON_PLACES_MAX; i++) {
            if (person->places[i].present != (present == 1))
                continue;
            struct described_place place = {.postcode = normalise_postcode(person->places[i].postcode),
                                            .authority = describe_authority(person->places[i].authority)};
            struct name line;
            normalise_name(person->places[i].line, PART_LINE, &line);
            if (line.len > 0 && !line.placeholder)
                place.line = hash_32((struct bytes){(const uint8_t *)line.flat, line.flat_len}, key);
            bool held = place.postcode == 0 && place.authority == 0 && place.line == 0;
            for (size_t j = 0; j < description->place_count && !held; j++)
                held = memcmp(&description->places[j], &place, sizeof(place)) == 0;
            if (!held)
                description->places[description->place_count++] = place;
        }
        if (present == 1)
            description->present_count = description->place_count;
    }
}

static void describe_numbers(const struct person *person, const uint8_t key[16],
                             struct description *description)
{
    for (size_t i = 0; i < person->number_count && i < PERSON_NUMBERS_MAX; i++) {
        const struct person_number *given = &person->numbers[i];
        if (given->value.len == 0 || given->scheme <= NUMBER_NONE || given->scheme >= NUMBERS_END)
            continue;
        uint64_t number = describe_number(given->scheme, given->value, key);
        bool held = false;
        for (size_t j = 0; j < description->number_count; j++)
            held = held || description->numbers[j] == number;
        if (!held)
            description->numbers[description->number_count++] = number;
    }
}

static void describe_carers(const struct person *person, const uint8_t key[16],
                            struct description *description)
{
    for (size_t i = 0; i < person->carer_count && i < PERSON_CARERS_MAX; i++) {
        struct described_carer *carer = &description->carers[description->carer_count];
        normalise_name(person->carers[i].family, PART_FAMILY, &carer->family);
        normalise_name(person->carers[i].given, PART_GIVEN, &carer->given);
        bool held = carer->family.len == 0 && carer->given.len == 0;
        for (size_t j = 0; j < description->carer_count && !held; j++)
            held = same_name(&description->carers[j].family, &carer->family) &&
                   same_name(&description->carers[j].given, &carer->given);
        if (!held)
            description->carer_count++;
    }
    for (size_t i = 0; i < person->phone_count && i < PERSON_PHONES_MAX; i++) {
        uint64_t digits;
        if (!normalise_phone(person->phones[i], &digits))
            continue;
        uint32_t phone = hash_32((struct bytes){(const uint8_t *)&digits, sizeof(digits)}, key);
        bool held = false;
        for (size_t j = 0; j < description->phone_count; j++)
            held = held || description->phones[j] == phone;
        if (!held)
            description->phones[description->phone_count++] = phone;
    }
}

/* The first of each is read without asking for the count; nothing else beyond the counts is. */
static void begin(struct description *d)
{
    d->names[0] = (struct described_name){0};
    d->carers[0] = (struct described_carer){0};
    d->places[0] = (struct described_place){0};
    d->numbers[0] = 0;
    d->phones[0] = 0;
    d->birth = (struct day){0};
    d->name_count = 0;
    d->carer_count = 0;
    d->place_count = 0;
    d->present_count = 0;
    d->number_count = 0;
    d->phone_count = 0;
}

/* How common the names are, as the model has it; one that it does not list is rare, down to the floor. */
static void weigh_name(const struct model_file *model, struct name *name)
{
    struct str flat = {name->flat, name->flat_len};
    int32_t family_floor = model->weights.family_floor;
    int32_t given_floor = model->weights.given_floor;
    uint16_t family = name->family_weight;
    uint16_t given = name->given_weight;
    if (model->share_count > 0) {
        family = model_file_share(model, flat, PART_FAMILY);
        given = model_file_share(model, flat, PART_GIVEN);
    }
    name->family_weight = (uint16_t)(family == 0 || family > family_floor ? family_floor : family);
    name->given_weight = (uint16_t)(given == 0 || given > given_floor ? given_floor : given);
}

static void weigh(const struct model_file *model, struct description *d)
{
    for (size_t i = 0; i < d->name_count; i++) {
        weigh_name(model, &d->names[i].family);
        weigh_name(model, &d->names[i].given);
        weigh_name(model, &d->names[i].other);
    }
    for (size_t i = 0; i < d->carer_count; i++) {
        weigh_name(model, &d->carers[i].family);
        weigh_name(model, &d->carers[i].given);
    }
}

void describe_person(const struct person *person, const uint8_t key[16], const struct model_file *model,
                     struct description *ret_description)
{
    begin(ret_description);
    ret_description->sex = person->sex;
    if (day_is_valid(person->birth))
        ret_description->birth = person->birth;
    /* 1 January 1900 is what systems write that do not know. */
    if (ret_description->birth.year == 1900)
        ret_description->birth = (struct day){0};
    describe_names(person, ret_description);
    describe_places(person, key, ret_description);
    describe_numbers(person, key, ret_description);
    describe_carers(person, key, ret_description);
    if (model != NULL)
        weigh(model, ret_description);
}

void describe_wipe(struct description *d)
{
    /* one more than counted: the last may have been a repetition */
    size_t names = d->name_count < PERSON_NAMES_MAX ? d->name_count + 1u : PERSON_NAMES_MAX;
    size_t carers = d->carer_count < PERSON_CARERS_MAX ? d->carer_count + 1u : PERSON_CARERS_MAX;
    sodium_memzero(d->names, names * sizeof(d->names[0]));
    sodium_memzero(d->carers, carers * sizeof(d->carers[0]));
    sodium_memzero(d->places, sizeof(d->places));
    sodium_memzero(d->numbers, sizeof(d->numbers));
    sodium_memzero(d->phones, sizeof(d->phones));
    d->birth = (struct day){0};
}
