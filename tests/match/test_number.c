/* match/number.c: forms, checks, and that the kinds exclude one another. */
#include "people.h"

static void expect(enum number_scheme scheme, const char *typed, const char *normalised)
{
    char at[NUMBER_BYTES_MAX];
    size_t len = 0;
    bool right = number_normalise(scheme, str_of(typed), at, &len);
    assert_int_equal(right, normalised != NULL);
    if (normalised == NULL)
        return;
    assert_int_equal(len, strlen(normalised));
    assert_memory_equal(at, normalised, len);
}

static void nhs_numbers(void **state)
{
    (void)state;
    expect(NUMBER_nhs, "943 476 5919", "9434765919");
    expect(NUMBER_nhs, " 943-476-5919 ", "9434765919");
    expect(NUMBER_nhs,
           "943\xC2\xA0"
           "476\xE2\x80\x93"
           "5919",
           "9434765919");
    expect(NUMBER_nhs, "9434765918", NULL);
    expect(NUMBER_nhs, "943476591", NULL);
    expect(NUMBER_nhs, "94347659190", NULL);
    expect(NUMBER_nhs, "943476591X", NULL);
    /* passes the sum; never issued */
    expect(NUMBER_nhs, "4444444444", NULL);
    expect(NUMBER_nhs, "0000000000", NULL);
    expect(NUMBER_nhs, "", NULL);
    expect(NUMBER_nhs, "  -  ", NULL);
    expect(NUMBER_nhs, "943/476/5919", NULL);
}

static void pupil_and_learner_numbers(void **state)
{
    (void)state;
    expect(NUMBER_upn, "p207000016049", "P207000016049");
    expect(NUMBER_upn, "Q207000016049", NULL);
    expect(NUMBER_upn, "P20700001604", NULL);
    expect(NUMBER_upn, "P20700001604S", NULL);
    expect(NUMBER_upn, "P20700001604I", NULL); /* no letter of a UPN */
    expect(NUMBER_uln, "1000000043", "1000000043");
    expect(NUMBER_uln, "1000000044", NULL);
    expect(NUMBER_uln, "0000000000", NULL);
}

static void contactpoint_numbers(void **state)
{
    (void)state;
    struct stream stream = stream_of(2);
    for (int i = 0; i < 2000; i++) {
        char fresh[CONTACTPOINT_NUMBER_LEN];
        char at[NUMBER_BYTES_MAX];
        size_t len;
        number_contactpoint_new(entropy_of_stream(&stream), fresh);
        struct str number = {fresh, sizeof(fresh)};
        assert_int_equal(number_recognise(number, at, &len), NUMBER_contactpoint);
        assert_null(memchr(fresh, 'U', sizeof(fresh)));
        struct buffer shown = buffer_open(64);
        number_put(&shown, NUMBER_contactpoint, number);
        assert_int_equal(shown.len, 16);
        assert_int_equal(number_recognise(buffer_str(&shown), at, &len), NUMBER_contactpoint);
        assert_int_equal(len, sizeof(fresh));
        assert_memory_equal(at, fresh, len);
        /* every other character in every place is noticed */
        size_t place = (size_t)i % CONTACTPOINT_NUMBER_LEN;
        fresh[place] = fresh[place] == '7' ? '8' : '7';
        assert_false(number_normalise(NUMBER_contactpoint, number, at, &len));
        buffer_close(&shown);
    }
    expect(NUMBER_contactpoint, "cp-7k4m2-x9qrt-", NULL);
    expect(NUMBER_contactpoint, "7K4M2X9QRTU", NULL);
}

static void misread_characters_of_a_contactpoint_number(void **state)
{
    (void)state;
    struct stream stream = stream_of(5);
    int seen = 0;
    for (int i = 0; i < 400; i++) {
        char fresh[CONTACTPOINT_NUMBER_LEN];
        char misread[CONTACTPOINT_NUMBER_LEN];
        char at[NUMBER_BYTES_MAX];
        size_t len;
        number_contactpoint_new(entropy_of_stream(&stream), fresh);
        for (size_t j = 0; j < sizeof(fresh); j++) {
            misread[j] = fresh[j] == '1' ? (i % 2 == 0 ? 'I' : 'l') : fresh[j] == '0' ? 'o' : fresh[j];
            seen += misread[j] != fresh[j];
        }
        assert_true(number_normalise(NUMBER_contactpoint, (struct str){misread, sizeof(misread)}, at, &len));
        assert_memory_equal(at, fresh, sizeof(fresh));
    }
    assert_true(seen > 100);
}

static void other_numbers(void **state)
{
    (void)state;
    expect(NUMBER_child_benefit, "chb 12345678 ab", "CHB12345678AB");
    expect(NUMBER_child_benefit, "CHB1234567AB", NULL);
    expect(NUMBER_child_benefit, "CHC12345678AB", NULL);
    expect(NUMBER_youth_justice, "yj-17 004", "YJ17004");
    expect(NUMBER_social_care, "12345678901234567890", "12345678901234567890");
    expect(NUMBER_social_care, "123456789012345678901", NULL);
    expect(NUMBER_social_care, "ab_1", NULL);
    expect(NUMBER_social_care, "1234567890123456789012345678901234567890", NULL);
}

static void the_check_decides_the_kind(void **state)
{
    (void)state;
    char at[NUMBER_BYTES_MAX];
    size_t len;
    assert_int_equal(number_recognise(STR("943 476 5919"), at, &len), NUMBER_nhs);
    assert_int_equal(number_recognise(STR("1000000043"), at, &len), NUMBER_uln);
    assert_int_equal(number_recognise(STR("P207000016049"), at, &len), NUMBER_upn);
    assert_int_equal(number_recognise(STR("CHB12345678AB"), at, &len), NUMBER_child_benefit);
    assert_int_equal(number_recognise(STR("YJ17004"), at, &len), NUMBER_NONE);
    assert_int_equal(number_recognise(STR(""), at, &len), NUMBER_NONE);
    struct stream stream = stream_of(3);
    for (int i = 0; i < 20000; i++) {
        char ten[11];
        char once[NUMBER_BYTES_MAX];
        for (size_t j = 0; j < 10; j++)
            ten[j] = (char)('0' + stream_below(&stream, 10));
        struct str text = {ten, 10};
        assert_false(number_normalise(NUMBER_nhs, text, once, &len) &&
                     number_normalise(NUMBER_uln, text, once, &len));
    }
}

static void numbers_as_people_read_them(void **state)
{
    (void)state;
    struct buffer shown = buffer_open(64);
    number_put(&shown, NUMBER_nhs, STR("9434765919"));
    buffer_put_char(&shown, '|');
    number_put(&shown, NUMBER_contactpoint, STR("7K4M2X9QRT5"));
    buffer_put_char(&shown, '|');
    number_put(&shown, NUMBER_upn, STR("P207000016049"));
    assert_true(str_equal(buffer_str(&shown), STR("943 476 5919|CP-7K4M2-X9QRT-5|P207000016049")));
    buffer_close(&shown);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nhs_numbers),
        cmocka_unit_test(pupil_and_learner_numbers),
        cmocka_unit_test(contactpoint_numbers),
        cmocka_unit_test(misread_characters_of_a_contactpoint_number),
        cmocka_unit_test(other_numbers),
        cmocka_unit_test(the_check_decides_the_kind),
        cmocka_unit_test(numbers_as_people_read_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
