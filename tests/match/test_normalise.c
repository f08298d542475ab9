/* match/normalise.c, phonetic.c, lexicon.c: text as linkage compares it. */
#include "people.h"

#include "match/latin.h"
#include "match/normalise.h"
#include "match/phonetic.h"

static void names_are_folded(void **state)
{
    (void)state;
    static const char *const NAMES[][2] = {
        {"Smith", "smith"},
        {"  O'Brien ", "o brien"},
        {"O\xE2\x80\x99"
         "Brien",
         "o brien"},
        {"Smith-Jones", "smith jones"},
        {"Zo\xC3\xAB", "zoe"},
        {"Zoe\xCC\x88", "zoe"}, /* e and a combining diaeresis */
        {"Llywelyn \xC5\xB4yn", "llywelyn wyn"},
        {"\xC5\x81ukasz", "lukasz"},
        {"Wo\xC5\xBAniak", "wozniak"},
        {"Stra\xC3\x9F"
         "er",
         "strasser"},
        {"\xD0\x98\xD0\xB2\xD0\xB0\xD0\xBD", "ivan"}, /* Cyrillic */
        {"\xD9\x85\xD8\xAD\xD9\x85\xD8\xAF", "mhmd"}, /* Arabic writes no short vowels */
        {"\xCE\x94\xCE\xB7\xCE\xBC\xCE\xAE\xCF\x84\xCF\x81\xCE\xB7\xCF\x82", "demetres"},
        {"", ""},
        {"' - '", ""},
        {"\xF0\x9F\x8E\x88", ""}, /* a balloon */
    };
    for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
        struct name name;
        normalise_name(str_of(NAMES[i][0]), PART_GIVEN, &name);
        if (!str_equal((struct str){name.text, name.len}, str_of(NAMES[i][1])))
            fail_msg("%s became %.*s", NAMES[i][0], (int)name.len, name.text);
        struct name again;
        normalise_again((struct str){name.text, name.len}, PART_GIVEN, &again);
        assert_int_equal(again.code_count, name.code_count);
        assert_memory_equal(again.codes, name.codes, sizeof(name.codes));
        assert_int_equal(again.letters, name.letters);
    }
}

/* A character that is not listed makes the transliterator answer for the whole text. */
static void listed_characters_are_as_asked_in_full(void **state)
{
    (void)state;
    for (unsigned c = 0x80; c < 0x2028; c = c == 0x24F ? 0x2010 : c + 1) {
        char text[16] = "a";
        size_t len = 1;
        for (size_t twice = 0; twice < 2; twice++) {
            if (c < 0x800) {
                text[len++] = (char)(0xC0 | c >> 6);
            } else {
                text[len++] = (char)(0xE0 | c >> 12);
                text[len++] = (char)(0x80 | (c >> 6 & 63));
            }
            text[len++] = (char)(0x80 | (c & 63));
            text[len++] = 's';
        }
        memcpy(text + len, "\xC9\x93", 2); /* a b with a hook */
        char listed[LATIN_BYTES_MAX], asked[LATIN_BYTES_MAX];
        size_t listed_len, asked_len;
        assert_true(latin_of((struct str){text, len}, listed, &listed_len));
        assert_true(latin_of((struct str){text, len + 2}, asked, &asked_len));
        if (asked_len != listed_len + 1 || memcmp(asked, listed, listed_len) != 0)
            fail_msg("U+%04X: %.*s, not %.*s", c, (int)listed_len, listed, (int)asked_len, asked);
    }
}

static void long_names_are_bounded(void **state)
{
    (void)state;
    char text[4000];
    struct name name;
    memset(text, 'a', sizeof(text));
    normalise_name((struct str){text, sizeof(text)}, PART_FAMILY, &name);
    assert_int_equal(name.len, NAME_BYTES_MAX);
    for (size_t i = 0; i + 2 <= sizeof(text); i += 2)
        memcpy(text + i, "\xC3\xA6", 2); /* two letters for one */
    normalise_name((struct str){text, sizeof(text)}, PART_FAMILY, &name);
    assert_int_equal(name.len, NAME_BYTES_MAX);
    for (size_t i = 0; i + 3 <= sizeof(text); i += 3)
        memcpy(text + i, "\xE4\xB8\xAD", 3); /* a cut in mid-character */
    normalise_name((struct str){text, sizeof(text)}, PART_FAMILY, &name);
    assert_true(name.len > 0);
}

static void placeholders_are_no_names(void **state)
{
    (void)state;
    static const char *const MISSING[] = {"Baby",     "BABY BOY", "Baby 2",        "twin 1",
                                          "Twin One", "unknown",  "Not known",     "INFANT",
                                          "NK 1",     "test",     "Baby of Sarah", "123"};
    static const char *const REAL[] = {"Babette", "Winnie", "Testa", "Una", "Noname Jones", "Mary"};
    struct name name;
    for (size_t i = 0; i < sizeof(MISSING) / sizeof(MISSING[0]); i++) {
        normalise_name(str_of(MISSING[i]), PART_GIVEN, &name);
        assert_true(name.placeholder);
    }
    for (size_t i = 0; i < sizeof(REAL) / sizeof(REAL[0]); i++) {
        normalise_name(str_of(REAL[i]), PART_GIVEN, &name);
        assert_false(name.placeholder);
    }
}

static void common_names_weigh_less(void **state)
{
    (void)state;
    struct name smith;
    struct name rare;
    normalise_name(STR("Smith"), PART_FAMILY, &smith);
    normalise_name(STR("Quillfeather"), PART_FAMILY, &rare);
    assert_true(smith.family_weight < rare.family_weight);
    normalise_name(STR("O'Brien"), PART_FAMILY, &smith);
    assert_true(smith.family_weight < rare.family_weight);
}

static bool share_a_code(const char *a, const char *b, enum name_part part)
{
    struct name x;
    struct name y;
    normalise_name(str_of(a), part, &x);
    normalise_name(str_of(b), part, &y);
    for (size_t i = 0; i < x.code_count; i++) {
        for (size_t j = 0; j < y.code_count; j++) {
            if (x.codes[i] == y.codes[j])
                return true;
        }
    }
    return false;
}

static void names_that_sound_alike_share_a_code(void **state)
{
    (void)state;
    static const char *const ALIKE[][2] = {
        {"Catherine", "Kathryn"},
        {"Stephen", "Steven"},
        {"Hussain", "Husain"},
        {"Mohammed", "Muhammad"},
        {"Mohammed", "mhmd"},
        {"Shaun", "Sean"},
        {"Philips", "Filips"},
        {"Wright", "Rite"},
        {"Knight", "Night"},
        {"Yusuf", "Jusuf"},
        {"Geoffrey", "Jeffrey"},
        {"Ellie", "Eleanor"},
        {"Bob", "Robert"},
        {"Bill", "Will"},
        {"Hannah", "Anna"},
        {"Smith-Jones", "Jones"},
        {"van der Berg", "Vanderberg"},
    };
    for (size_t i = 0; i < sizeof(ALIKE) / sizeof(ALIKE[0]); i++) {
        if (!share_a_code(ALIKE[i][0], ALIKE[i][1], PART_GIVEN))
            print_message("%s / %s\n", ALIKE[i][0], ALIKE[i][1]);
        assert_true(share_a_code(ALIKE[i][0], ALIKE[i][1], PART_GIVEN));
    }
    assert_false(share_a_code("Smith", "Jones", PART_FAMILY));
    assert_false(share_a_code("Bill", "Will", PART_FAMILY)); /* nicknames are given names' own */
    assert_int_equal(phonetic_code(STR("")), 0);
}

static void similarity_of_names(void **state)
{
    (void)state;
    assert_int_equal(phonetic_similarity(STR("martha"), STR("martha")), 1000);
    assert_in_range(phonetic_similarity(STR("martha"), STR("marhta")), 960, 962);
    assert_in_range(phonetic_similarity(STR("dixon"), STR("dicksonx")), 812, 814);
    assert_int_equal(phonetic_similarity(STR("abc"), STR("xyz")), 0);
    assert_int_equal(phonetic_similarity(STR(""), STR("xyz")), 0);
    assert_int_equal(phonetic_edits(STR("jessica"), STR("jesisca"), 2), 1);
    assert_int_equal(phonetic_edits(STR("jessica"), STR("jesica"), 2), 1);
    assert_int_equal(phonetic_edits(STR("kitten"), STR("sitting"), 3), 3);
    assert_int_equal(phonetic_edits(STR("kitten"), STR("sitting"), 2), 3);
    assert_int_equal(phonetic_edits(STR(""), STR("ab"), 2), 2);
}

static void postcodes(void **state)
{
    (void)state;
    uint32_t ls = normalise_postcode(STR("LS6 1AB"));
    assert_true(ls != 0);
    assert_int_equal(normalise_postcode(STR(" ls61ab ")), ls);
    assert_int_equal(postcode_sector(normalise_postcode(STR("LS6 1ZZ"))), postcode_sector(ls));
    assert_int_not_equal(postcode_sector(normalise_postcode(STR("LS6 2AB"))), postcode_sector(ls));
    assert_int_equal(postcode_district(normalise_postcode(STR("LS6 2AB"))), postcode_district(ls));
    assert_int_not_equal(postcode_district(normalise_postcode(STR("LS16 1AB"))), postcode_district(ls));
    assert_int_equal(postcode_area(normalise_postcode(STR("LS16 1AB"))), postcode_area(ls));
    assert_int_not_equal(postcode_area(normalise_postcode(STR("L6 1AB"))), postcode_area(ls));
    static const char *const RIGHT[] = {"M1 1AE", "B33 8TH", "CR2 6XH", "DN55 1PT", "W1A 1HQ", "EC1A 1BB"};
    for (size_t i = 0; i < 6; i++)
        assert_int_not_equal(normalise_postcode(str_of(RIGHT[i])), 0);
    static const char *const WRONG[] = {"",
                                        "LS6",
                                        "LS6 1A",
                                        "LS6 1A1",
                                        "LSX6 1AB",
                                        "1LS 1AB",
                                        "ZZ99 3WZ",
                                        "LS6 1AB LS6",
                                        "L\xC3\xA9"
                                        "6 1AB"};
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(normalise_postcode(str_of(WRONG[i])), 0);
}

static void telephones(void **state)
{
    (void)state;
    uint64_t a;
    uint64_t b;
    assert_true(normalise_phone(STR("07700 900123"), &a));
    assert_true(normalise_phone(STR("+44 (0)7700 900123"), &b));
    assert_int_equal(a, b);
    assert_false(normalise_phone(STR("900123"), &b));
    assert_false(normalise_phone(STR("none"), &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_folded),
        cmocka_unit_test(listed_characters_are_as_asked_in_full),
        cmocka_unit_test(long_names_are_bounded),
        cmocka_unit_test(placeholders_are_no_names),
        cmocka_unit_test(common_names_weigh_less),
        cmocka_unit_test(names_that_sound_alike_share_a_code),
        cmocka_unit_test(similarity_of_names),
        cmocka_unit_test(postcodes),
        cmocka_unit_test(telephones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
