#include "match/person.h"

enum { PERSON_FORMAT = 1 };

/* At most PERSON_TEXT_BYTES_MAX bytes, cut before a whole character. */
static void put_text(struct buffer *buffer, struct str text)
{
    size_t len = text.len;
    if (len > PERSON_TEXT_BYTES_MAX) {
        len = PERSON_TEXT_BYTES_MAX;
        while (len > 0 && ((uint8_t)text.at[len] & 0xC0) == 0x80)
            len--;
    }
    buffer_put_u16(buffer, (uint16_t)len);
    if (len > 0)
        buffer_put_bytes(buffer, (struct bytes){(const uint8_t *)text.at, len});
}

static void put_name(struct buffer *buffer, const struct person_name *name)
{
    put_text(buffer, name->family);
    put_text(buffer, name->given);
    put_text(buffer, name->other);
}

void person_pack(struct buffer *buffer, const struct person *person)
{
    must(person->name_count <= PERSON_NAMES_MAX && person->place_count <= PERSON_PLACES_MAX &&
         person->number_count <= PERSON_NUMBERS_MAX && person->carer_count <= PERSON_CARERS_MAX &&
         person->phone_count <= PERSON_PHONES_MAX);
    buffer_put_u8(buffer, PERSON_FORMAT);
    buffer_put_u8(buffer, (uint8_t)person->sex);
    buffer_put_u16(buffer, person->birth.year);
    buffer_put_u8(buffer, person->birth.month);
    buffer_put_u8(buffer, person->birth.day);
    buffer_put_u8(buffer, (uint8_t)person->birth.precision);
    buffer_put_u8(buffer, person->name_count);
    for (size_t i = 0; i < person->name_count; i++) {
        buffer_put_u8(buffer, (uint8_t)person->names[i].kind);
        put_name(buffer, &person->names[i]);
    }
    buffer_put_u8(buffer, person->place_count);
    for (size_t i = 0; i < person->place_count; i++) {
        buffer_put_u8(buffer, person->places[i].present ? 1 : 0);
        put_text(buffer, person->places[i].postcode);
        put_text(buffer, person->places[i].line);
        put_text(buffer, person->places[i].authority);
    }
    buffer_put_u8(buffer, person->number_count);
    for (size_t i = 0; i < person->number_count; i++) {
        buffer_put_u8(buffer, (uint8_t)person->numbers[i].scheme);
        put_text(buffer, person->numbers[i].value);
    }
    buffer_put_u8(buffer, person->carer_count);
    for (size_t i = 0; i < person->carer_count; i++)
        put_name(buffer, &person->carers[i]);
    buffer_put_u8(buffer, person->phone_count);
    for (size_t i = 0; i < person->phone_count; i++)
        put_text(buffer, person->phones[i]);
}

/* A byte within [0, most]. */
static uint8_t take_within(struct reader *reader, uint8_t most)
{
    uint8_t value = reader_take_u8(reader);
    if (value > most) {
        reader->ok = false;
        return 0;
    }
    return value;
}

/* Nearly all text is: asked first, as str_is_utf8 goes character by character.  NUL counts as none. */
static bool is_plain_ascii(struct str text)
{
    bool plain = true;
    for (size_t i = 0; i < text.len; i++)
        plain = plain & ((uint8_t)(text.at[i] - 1) < 0x7F);
    return plain;
}

static struct str take_text(struct reader *reader)
{
    uint16_t len = reader_take_u16(reader);
    if (len > PERSON_TEXT_BYTES_MAX)
        reader->ok = false;
    if (!reader->ok || len == 0)
        return (struct str){NULL, 0};
    struct str text = str_of_bytes(reader_take_bytes(reader, len));
    if (!is_plain_ascii(text) && !str_is_utf8(text))
        reader->ok = false;
    return text;
}

static void take_name(struct reader *reader, struct person_name *ret_name)
{
    ret_name->family = take_text(reader);
    ret_name->given = take_text(reader);
    ret_name->other = take_text(reader);
}

static struct day take_birth(struct reader *reader)
{
    struct day birth = {.year = reader_take_u16(reader)};
    birth.month = reader_take_u8(reader);
    birth.day = reader_take_u8(reader);
    birth.precision = (enum day_precision)take_within(reader, DAY_ABOUT);
    bool blank = birth.year == 0 && birth.month == 0 && birth.day == 0;
    if (birth.precision == DAY_UNKNOWN ? !blank : !day_is_valid(birth))
        reader->ok = false;
    return birth;
}

static void take_names(struct reader *reader, struct person *person)
{
    person->name_count = take_within(reader, PERSON_NAMES_MAX);
    for (size_t i = 0; i < person->name_count && reader->ok; i++) {
        uint8_t kind = take_within(reader, NAME_VARIANT);
        if (kind == 0)
            reader->ok = false;
        person->names[i].kind = (enum name_kind)kind;
        take_name(reader, &person->names[i]);
    }
}

static void take_places(struct reader *reader, struct person *person)
{
    person->place_count = take_within(reader, PERSON_PLACES_MAX);
    for (size_t i = 0; i < person->place_count && reader->ok; i++) {
        person->places[i].present = take_within(reader, 1) == 1;
        person->places[i].postcode = take_text(reader);
        person->places[i].line = take_text(reader);
        person->places[i].authority = take_text(reader);
    }
}

static void take_numbers(struct reader *reader, struct person *person)
{
    person->number_count = take_within(reader, PERSON_NUMBERS_MAX);
    for (size_t i = 0; i < person->number_count && reader->ok; i++) {
        uint8_t scheme = take_within(reader, NUMBERS_END - 1);
        if (scheme == NUMBER_NONE)
            reader->ok = false;
        person->numbers[i].scheme = (enum number_scheme)scheme;
        person->numbers[i].value = take_text(reader);
    }
}

enum fault person_unpack(struct bytes packed, struct person *ret_person)
{
    struct reader reader = reader_of(packed);
    struct person person = {0};
    if (reader_take_u8(&reader) != PERSON_FORMAT)
        return FAULT_CORRUPT;
    person.sex = (enum sex)take_within(&reader, SEX_NOT_SPECIFIED);
    person.birth = take_birth(&reader);
    take_names(&reader, &person);
    take_places(&reader, &person);
    take_numbers(&reader, &person);
    person.carer_count = take_within(&reader, PERSON_CARERS_MAX);
    for (size_t i = 0; i < person.carer_count && reader.ok; i++)
        take_name(&reader, &person.carers[i]);
    person.phone_count = take_within(&reader, PERSON_PHONES_MAX);
    for (size_t i = 0; i < person.phone_count && reader.ok; i++)
        person.phones[i] = take_text(&reader);
    if (!reader.ok || reader.rest.len != 0)
        return FAULT_CORRUPT;
    *ret_person = person;
    return FAULT_NONE;
}
