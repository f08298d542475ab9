/* match/person.c: packing is exact, unpacking survives anything. */
#include <stdlib.h>

#include "people.h"

static struct person full_person(void)
{
    struct person person = person_of("Okonkwo", "Jessica", "2007-03-27", SEX_FEMALE);
    person.names[0].other = STR("Ad\xC3\xA9");
    add_name(&person, NAME_KNOWN_AS, "", "Jess");
    add_name(&person, NAME_FORMER, "Whitfield", "");
    add_name(&person, NAME_VARIANT, "Okonkwo-Whitfield", "Jessica");
    add_place(&person, true, "LS6 1AB", "E08000035");
    person.places[0].line = STR("12 Cardigan Road");
    add_place(&person, false, "", "");
    add_number(&person, NUMBER_nhs, "9434765919");
    person.carers[0] = (struct person_name){NAME_CURRENT, STR("Okonkwo"), STR("Grace"), {NULL, 0}};
    person.carer_count = 1;
    person.phones[0] = STR("07700 900123");
    person.phone_count = 1;
    return person;
}

static void what_is_packed_is_unpacked(void **state)
{
    (void)state;
    struct person person = full_person();
    struct buffer packed = buffer_open(1 << 16);
    struct buffer again = buffer_open(1 << 16);
    struct person unpacked;
    person_pack(&packed, &person);
    assert_int_equal(person_unpack(buffer_bytes(&packed), &unpacked), FAULT_NONE);
    assert_true(str_equal(unpacked.names[0].other, STR("Ad\xC3\xA9")));
    assert_int_equal(unpacked.names[3].kind, NAME_VARIANT);
    assert_int_equal(unpacked.names[1].family.len, 0);
    assert_true(day_equal(unpacked.birth, person.birth));
    assert_true(str_equal(unpacked.places[0].line, STR("12 Cardigan Road")));
    assert_false(unpacked.places[1].present);
    person_pack(&again, &unpacked);
    assert_true(str_equal(buffer_str(&packed), buffer_str(&again)));
    buffer_close(&packed);
    buffer_close(&again);
    person = (struct person){0};
    packed = buffer_open(100);
    person_pack(&packed, &person);
    assert_int_equal(person_unpack(buffer_bytes(&packed), &unpacked), FAULT_NONE);
    assert_int_equal(unpacked.name_count, 0);
    buffer_close(&packed);
}

static void long_text_is_cut_before_a_character(void **state)
{
    (void)state;
    char text[PERSON_TEXT_BYTES_MAX + 2];
    memset(text, 'a', sizeof(text));
    memcpy(text + PERSON_TEXT_BYTES_MAX - 1, "\xC3\xA9", 2);
    struct person person = {.name_count = 1};
    person.names[0] = (struct person_name){NAME_CURRENT, {text, sizeof(text)}, {NULL, 0}, {NULL, 0}};
    struct buffer packed = buffer_open(1 << 16);
    struct person unpacked;
    person_pack(&packed, &person);
    assert_int_equal(person_unpack(buffer_bytes(&packed), &unpacked), FAULT_NONE);
    assert_int_equal(unpacked.names[0].family.len, PERSON_TEXT_BYTES_MAX - 1);
    buffer_close(&packed);
}

/* A copy of its own, so that reading beyond the end is noticed. */
static enum fault unpack_copy(const uint8_t *at, size_t len)
{
    uint8_t *copy = malloc(len == 0 ? 1 : len);
    struct person unpacked;
    assert_non_null(copy);
    memcpy(copy, at, len);
    enum fault fault = person_unpack((struct bytes){copy, len}, &unpacked);
    if (fault == FAULT_NONE) {
        struct buffer again = buffer_open(1 << 17);
        person_pack(&again, &unpacked);
        assert_int_equal(again.len, len);
        assert_memory_equal(again.at, copy, len);
        buffer_close(&again);
    } else {
        assert_int_equal(fault, FAULT_CORRUPT);
    }
    free(copy);
    return fault;
}

static void broken_bytes_are_corrupt(void **state)
{
    (void)state;
    struct person person = full_person();
    struct buffer packed = buffer_open(1 << 16);
    person_pack(&packed, &person);
    for (size_t len = 0; len < packed.len; len++)
        assert_int_equal(unpack_copy((const uint8_t *)packed.at, len), FAULT_CORRUPT);
    buffer_put_u8(&packed, 0);
    assert_int_equal(unpack_copy((const uint8_t *)packed.at, packed.len), FAULT_CORRUPT);
    struct stream stream = stream_of(11);
    uint8_t bytes[2048];
    for (int i = 0; i < 20000; i++) {
        memcpy(bytes, packed.at, packed.len);
        for (uint64_t j = stream_below(&stream, 4) + 1; j > 0; j--)
            bytes[stream_below(&stream, packed.len - 1)] = (uint8_t)stream_next(&stream);
        (void)unpack_copy(bytes, packed.len - 1);
        size_t len = stream_below(&stream, 64);
        for (size_t j = 0; j < len; j++)
            bytes[j] = (uint8_t)stream_below(&stream, 6);
        (void)unpack_copy(bytes, len);
    }
    buffer_close(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_packed_is_unpacked),
        cmocka_unit_test(long_text_is_cut_before_a_character),
        cmocka_unit_test(broken_bytes_are_corrupt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
