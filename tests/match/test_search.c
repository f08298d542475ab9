/* match/search.c, match/seek.c: who is found, in what order, and by what (R5). */
#include "people.h"

static int open_index(void **state)
{
    struct match_index *index;
    assert_int_equal(match_open(&index), FAULT_NONE);
    struct person person = person_of("Okonkwo", "Jessica", "2007-03-27", SEX_FEMALE);
    add_name(&person, NAME_KNOWN_AS, "", "Jess");
    add_name(&person, NAME_FORMER, "Whitfield", "");
    add_place(&person, true, "LS6 1AB", "E08000035");
    add_place(&person, false, "BD1 4QT", "E08000032");
    add_number(&person, NUMBER_nhs, "9434765919");
    add_number(&person, NUMBER_upn, "P207000016049");
    add_number(&person, NUMBER_contactpoint, "7K4M2X9QRT5");
    put(index, 1, RECORD_LIVE, &person);
    person = person_of("O'Brien", "Se\xC3\xA1n", "2010-11-04", SEX_MALE);
    add_place(&person, true, "M1 1AE", "E08000003");
    put(index, 2, RECORD_LIVE, &person);
    person = person_of("\xC5\x81ukaszewicz", "Zo\xC3\xAB", "2011-01-12", SEX_FEMALE);
    put(index, 3, RECORD_LIVE, &person);
    person = person_of("Suharto", "", "2012-06-30", SEX_MALE);
    put(index, 4, RECORD_LIVE, &person);
    person = person_of("Smith-Jones", "Mary Jane", "2009-09-09", SEX_FEMALE);
    put(index, 5, RECORD_LIVE, &person);
    *state = index;
    return 0;
}

static int close_index(void **state)
{
    match_close(*state);
    return 0;
}

static void assert_first(const struct match_results *results, uint64_t child, bool exact)
{
    assert_false(results->too_many);
    assert_true(results->count >= 1);
    assert_int_equal(number_of(results->found[0].child), child);
    assert_int_equal(results->found[0].exact, exact);
}

static bool has_reason(const struct match_candidate *found, enum evidence evidence, enum agreement agreement)
{
    for (size_t i = 0; i < found->reason_count; i++) {
        if (found->reasons[i].evidence == evidence && found->reasons[i].agreement == agreement)
            return true;
    }
    return false;
}

static void finds_exactly_what_is_asked(void **state)
{
    struct match_query query = query_of("okonkwo", "JESSICA", "2007-03-27");
    struct match_results results = search_for(*state, &query);
    assert_first(&results, 1, true);
    assert_int_equal(results.count, 1);
    assert_true(has_reason(&results.found[0], EVIDENCE_NAME, AGREE_EXACT));
    assert_true(has_reason(&results.found[0], EVIDENCE_BIRTH, AGREE_EXACT));
    query = query_of("Okonkwo", "", "2007");
    results = search_for(*state, &query);
    assert_first(&results, 1, true);
    query = query_of("", "Jess", "2007-03");
    results = search_for(*state, &query);
    assert_first(&results, 1, true);
    query = query_of("Okonkwo", "", "");
    query.authority = STR("E08000035");
    results = search_for(*state, &query);
    assert_first(&results, 1, true);
    query.authority = STR("");
    query.postcode = STR("ls61ab");
    results = search_for(*state, &query);
    assert_first(&results, 1, true);
    query = query_of("", "Jessica", "");
    query.birth_earliest = day_of("2006-12-01");
    query.birth_latest = day_of("2007-12-01");
    results = search_for(*state, &query);
    assert_first(&results, 1, true);
}

static void finds_former_names_and_places(void **state)
{
    struct match_query query = query_of("Whitfield", "Jessica", "2007-03-27");
    struct match_results results = search_for(*state, &query);
    assert_first(&results, 1, true);
    assert_true(has_reason(&results.found[0], EVIDENCE_FORMER_NAME, AGREE_EXACT));
    query = query_of("Okonkwo", "", "");
    query.postcode = STR("BD1 4QT");
    results = search_for(*state, &query);
    assert_first(&results, 1, true);
    assert_true(has_reason(&results.found[0], EVIDENCE_FORMER_POSTCODE, AGREE_EXACT));
}

static void finds_by_number(void **state)
{
    struct match_query query = {.number_scheme = NUMBER_nhs, .number = STR("9434765919")};
    struct match_results results = search_for(*state, &query);
    assert_first(&results, 1, true);
    query.number_scheme = NUMBER_contactpoint;
    query.number = STR("7K4M2X9QRT5");
    results = search_for(*state, &query);
    assert_first(&results, 1, true);
    /* another body's number is not the caller's to search by */
    query.number_scheme = NUMBER_upn;
    query.number = STR("P207000016049");
    results = search_for(*state, &query);
    assert_int_equal(results.count, 0);
}

static void finds_what_is_misspelt(void **state)
{
    static const char *const ASKED[][3] = {
        {"Okonkow", "Jessica", "2007-03-27"}, {"Okonkwo", "Jesica", "2007-03-27"},
        {"Okonquo", "Gessica", "2007-03-27"}, {"Xkonkwo", "Yessicx", "2007-03-27"},
        {"Okonkwo", "Jessica", "2007-03-28"}, {"Okonkwo", "Jessica", "2006-03-27"},
        {"Jessica", "Okonkwo", "2007-03-27"}, {"Okonkwo", "Jessie", "2007-03-27"},
        {"Okonkwo", "", "2007-03-28"},        {"Okonkow", "Jessica", "2007"},
        {"Okonk", "Jessica", "2007-03-27"},
    };
    for (size_t i = 0; i < sizeof(ASKED) / sizeof(ASKED[0]); i++) {
        struct match_query query = query_of(ASKED[i][0], ASKED[i][1], ASKED[i][2]);
        struct match_results results = search_for(*state, &query);
        assert_first(&results, 1, false);
    }
    struct match_query query = query_of("Brien", "Sean", "2010-04-11");
    struct match_results results = search_for(*state, &query);
    assert_first(&results, 2, false);
    query = query_of("Okonkow", "Jessica", "");
    query.authority = STR("E08000035");
    results = search_for(*state, &query);
    assert_first(&results, 1, false);
    query = query_of("Okonkow", "", "");
    query.authority = STR("E08000035");
    results = search_for(*state, &query);
    assert_first(&results, 1, false);
    query = query_of("Okonkow", "", "2007");
    query.postcode = STR("LS6 1AC");
    results = search_for(*state, &query);
    assert_first(&results, 1, false);
}

static void finds_names_of_every_shape(void **state)
{
    static const struct {
        const char *family;
        const char *given;
        const char *birth;
        uint64_t child;
    } ASKED[] = {
        {"OBrien", "Sean", "2010-11-04", 2},
        {"o brien", "sean", "2010-11-04", 2},
        {"O\xE2\x80\x99"
         "Brien",
         "Sean", "2010-11-04", 2},
        {"Lukaszewicz", "Zoe", "2011-01-12", 3},
        {"Suharto", "", "2012-06-30", 4},
        {"", "Suharto", "2012-06-30", 4},
        {"Smith Jones", "Mary-Jane", "2009-09-09", 5},
        {"smithjones", "maryjane", "2009", 5},
    };
    for (size_t i = 0; i < sizeof(ASKED) / sizeof(ASKED[0]); i++) {
        struct match_query query = query_of(ASKED[i].family, ASKED[i].given, ASKED[i].birth);
        struct match_results results = search_for(*state, &query);
        assert_first(&results, ASKED[i].child, true);
    }
    struct match_query query = query_of("Jones", "Mary", "2009-09-09");
    struct match_results results = search_for(*state, &query);
    assert_first(&results, 5, false);
}

static void asks_for_enough(void **state)
{
    struct match_sight sight = practitioner();
    struct match_results results;
    struct match_query query = query_of("Okonkwo", "Jessica", "");
    assert_int_equal(match_search(*state, &query, &sight, &results), FAULT_INVALID);
    query = query_of("", "", "2007-03-27");
    assert_int_equal(match_search(*state, &query, &sight, &results), FAULT_INVALID);
    query = query_of("-'", "", "2007-03-27");
    assert_int_equal(match_search(*state, &query, &sight, &results), FAULT_INVALID);
    query = query_of("Okonkwo", "", "");
    query.postcode = STR("nowhere");
    assert_int_equal(match_search(*state, &query, &sight, &results), FAULT_INVALID);
    query = (struct match_query){.number = STR("9434765919")};
    assert_int_equal(match_search(*state, &query, &sight, &results), FAULT_INVALID);
}

static void gives_none_where_more_than_ten_are_exact(void **state)
{
    struct match_index *index = *state;
    struct match_query query = query_of("Namesake", "Tom", "2008-08-08");
    for (uint64_t i = 0; i < 11; i++) {
        struct person person = person_of("Namesake", "Tom", "2008-08-08", SEX_MALE);
        put(index, 100 + i, RECORD_LIVE, &person);
        struct match_results results = search_for(index, &query);
        assert_int_equal(results.count, i == 10 ? 0 : i + 1);
        assert_int_equal(results.too_many, i == 10);
        /* equal weights: by child id */
        for (size_t j = 0; j < results.count; j++)
            assert_int_equal(number_of(results.found[j].child), 100 + j);
    }
}

static void similar_ones_follow_exact_ones_where_asked(void **state)
{
    struct match_index *index = *state;
    struct person person = person_of("Okonkwa", "Jessica", "2007-03-27", SEX_FEMALE);
    put(index, 50, RECORD_LIVE, &person);
    struct match_query query = query_of("Okonkwo", "Jessica", "2007-03-27");
    struct match_results results = search_for(index, &query);
    assert_int_equal(results.count, 1);
    query.similar = true;
    results = search_for(index, &query);
    assert_int_equal(results.count, 2);
    assert_true(results.found[0].exact);
    assert_int_equal(number_of(results.found[1].child), 50);
    assert_false(results.found[1].exact);
}

static void a_pending_person_is_never_found(void **state)
{
    struct match_index *index = *state;
    struct person person = person_of("Pendlebury", "Ada", "2013-02-03", SEX_FEMALE);
    assert_int_equal(match_put(index, child_of(70), RECORD_LIVE, 1, true, &person), FAULT_NONE);
    struct match_query query = query_of("Pendlebury", "Ada", "2013-02-03");
    struct match_results results = search_for(index, &query);
    assert_int_equal(results.count, 0);
    assert_int_equal(match_put(index, child_of(70), RECORD_LIVE, 2, false, &person), FAULT_NONE);
    results = search_for(index, &query);
    assert_first(&results, 70, true);
    assert_int_equal(results.found[0].version, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_exactly_what_is_asked, open_index, close_index),
        cmocka_unit_test_setup_teardown(finds_former_names_and_places, open_index, close_index),
        cmocka_unit_test_setup_teardown(finds_by_number, open_index, close_index),
        cmocka_unit_test_setup_teardown(finds_what_is_misspelt, open_index, close_index),
        cmocka_unit_test_setup_teardown(finds_names_of_every_shape, open_index, close_index),
        cmocka_unit_test_setup_teardown(asks_for_enough, open_index, close_index),
        cmocka_unit_test_setup_teardown(gives_none_where_more_than_ten_are_exact, open_index, close_index),
        cmocka_unit_test_setup_teardown(similar_ones_follow_exact_ones_where_asked, open_index, close_index),
        cmocka_unit_test_setup_teardown(a_pending_person_is_never_found, open_index, close_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
