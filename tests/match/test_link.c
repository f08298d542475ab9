/* match/link.c: outcomes of R14.3 and R9.6. */
#include "people.h"

static int open_index(void **state)
{
    struct match_index *index;
    assert_int_equal(match_open(&index), FAULT_NONE);
    *state = index;
    return 0;
}

static int close_index(void **state)
{
    match_close(*state);
    return 0;
}

static struct person jessica(void)
{
    struct person person = person_of("Okonkwo", "Jessica", "2007-03-27", SEX_FEMALE);
    add_place(&person, true, "LS6 1AB", "E08000035");
    add_number(&person, NUMBER_nhs, "9434765919");
    return person;
}

static void assert_outcome(struct match_index *index, const struct person *person,
                           enum match_outcome_kind kind, uint64_t first)
{
    struct match_outcome outcome = link_of(index, person);
    assert_int_equal(outcome.kind, kind);
    if (first == 0)
        assert_int_equal(outcome.count, 0);
    else
        assert_int_equal(number_of(outcome.best[0].child), first);
}

static void an_empty_index_knows_nobody(void **state)
{
    struct person person = jessica();
    assert_outcome(*state, &person, MATCH_NONE, 0);
}

static void name_date_and_place_are_sure(void **state)
{
    struct person person = jessica();
    put(*state, 1, RECORD_LIVE, &person);
    struct person row = person_of("OKONKWO", "Jessica", "2007-03-27", 0);
    add_place(&row, true, "ls61ab", "");
    assert_outcome(*state, &row, MATCH_SURE, 1);
    /* a slip of the pen; a nickname; day and month the other way round */
    row.names[0].given = STR("Jesica");
    assert_outcome(*state, &row, MATCH_SURE, 1);
    row.names[0].given = STR("Jess");
    assert_outcome(*state, &row, MATCH_SURE, 1);
    row = person_of("Okonkwo", "Jessica", "2007-03-27", SEX_FEMALE);
    add_number(&row, NUMBER_nhs, "9434765919");
    assert_outcome(*state, &row, MATCH_SURE, 1);
    /* the number and a placeholder: born yesterday, named today */
    row.names[0].given = STR("Baby");
    assert_outcome(*state, &row, MATCH_SURE, 1);
}

static void name_and_date_alone_are_never_sure(void **state)
{
    struct person person = person_of("Quillfeather", "Xanthippe", "2007-03-27", SEX_FEMALE);
    put(*state, 1, RECORD_LIVE, &person);
    assert_outcome(*state, &person, MATCH_POSSIBLE, 1);
    add_place(&person, true, "LS6 1AB", "E08000035");
    assert_outcome(*state, &person, MATCH_POSSIBLE, 1);
}

static void namesakes_are_many(void **state)
{
    struct person person = person_of("Quillfeather", "Xanthippe", "2007-03-27", SEX_FEMALE);
    put(*state, 1, RECORD_LIVE, &person);
    put(*state, 2, RECORD_LIVE, &person);
    assert_outcome(*state, &person, MATCH_MANY, 1);
    struct match_outcome outcome = link_of(*state, &person);
    assert_int_equal(outcome.count, 2);
}

static void a_stranger_is_nobody(void **state)
{
    struct person person = jessica();
    put(*state, 1, RECORD_LIVE, &person);
    struct person row = person_of("Okonkwo", "Daniel", "2010-05-06", SEX_MALE);
    add_place(&row, true, "LS6 1AB", "E08000035"); /* her brother */
    add_number(&row, NUMBER_nhs, "4010232137");
    assert_outcome(*state, &row, MATCH_NONE, 0);
}

static void twins_never_merge(void **state)
{
    struct person person = jessica();
    put(*state, 1, RECORD_LIVE, &person);
    struct person row = person_of("Okonkwo", "Daniel", "2007-03-27", SEX_MALE);
    add_place(&row, true, "LS6 1AB", "E08000035");
    assert_outcome(*state, &row, MATCH_NONE, 0);
    row = person_of("Okonkwo", "Chidera", "2007-03-27", SEX_FEMALE);
    add_place(&row, true, "LS6 1AB", "E08000035");
    add_number(&row, NUMBER_child_benefit, "CHB12345678AB");
    assert_outcome(*state, &row, MATCH_NONE, 0);
    row.names[0].given = STR("Twin 2");
    assert_outcome(*state, &row, MATCH_POSSIBLE, 1);
    /* alike, yet not a slip */
    row.names[0].given = STR("Jessamy");
    struct match_outcome outcome = link_of(*state, &row);
    assert_int_not_equal(outcome.kind, MATCH_SURE);
}

static void a_number_against_name_and_date_is_possible(void **state)
{
    struct person person = jessica();
    put(*state, 1, RECORD_LIVE, &person);
    struct person row = person_of("Featherstone", "Marcus", "2012-12-01", SEX_MALE);
    add_number(&row, NUMBER_nhs, "9434765919");
    assert_outcome(*state, &row, MATCH_POSSIBLE, 1);
    row = person_of("Okonkwo", "Daniel", "2007-03-27", SEX_MALE);
    add_number(&row, NUMBER_nhs, "9434765919");
    assert_outcome(*state, &row, MATCH_POSSIBLE, 1);
    /* all agrees but the number */
    row = person_of("Okonkwo", "Jessica", "2007-03-27", SEX_FEMALE);
    add_place(&row, true, "LS6 1AB", "E08000035");
    add_number(&row, NUMBER_nhs, "4010232137");
    assert_outcome(*state, &row, MATCH_POSSIBLE, 1);
}

static void a_shielded_child_is_updated_or_holds(void **state)
{
    struct person person = jessica();
    put(*state, 1, RECORD_SHIELDED, &person);
    assert_outcome(*state, &person, MATCH_SURE, 1);
    static const char *const LOOK_ALIKES[][4] = {
        {"Okonkwo", "Jessica", "2007-03-27", ""},          {"Okonkow", "Jesica", "2007-03-27", ""},
        {"Okonkwo", "Jessica", "2007-03-26", ""},          {"Okonkwa", "Jessika", "2007-03-27", "LS6 1AB"},
        {"Whitfield", "Jessica", "2007-03-27", "LS6 1AB"}, {"Okonkwo", "Jess", "2007-03-27", "M1 1AE"},
        {"Jessica", "Okonkwo", "2007-03-27", ""},          {"Okonkwo", "Baby", "2007-03-27", "LS6 1AB"},
        {"Okonkow", "Jesica", "2007-03-26", "LS6 1AB"},
    };
    for (size_t i = 0; i < sizeof(LOOK_ALIKES) / sizeof(LOOK_ALIKES[0]); i++) {
        struct person row = person_of(LOOK_ALIKES[i][0], LOOK_ALIKES[i][1], LOOK_ALIKES[i][2], 0);
        if (LOOK_ALIKES[i][3][0] != '\0')
            add_place(&row, true, LOOK_ALIKES[i][3], "");
        struct match_outcome outcome = link_of(*state, &row);
        if (outcome.kind != MATCH_SURE)
            assert_int_equal(outcome.kind, MATCH_HELD);
        assert_int_equal(number_of(outcome.best[0].child), 1);
    }
    struct person stranger = person_of("Pemberton", "Alice", "2009-01-30", SEX_FEMALE);
    assert_outcome(*state, &stranger, MATCH_NONE, 0);
}

static void a_sealed_record_never_links(void **state)
{
    struct person person = jessica();
    put(*state, 1, RECORD_SEALED, &person);
    assert_outcome(*state, &person, MATCH_HELD, 1);
}

static void pending_people_are_linked_to(void **state)
{
    struct person person = jessica();
    assert_int_equal(match_put(*state, child_of(1), RECORD_LIVE, 1, true, &person), FAULT_NONE);
    assert_outcome(*state, &person, MATCH_SURE, 1);
}

static void nothing_to_go_by_is_not_nobody(void **state)
{
    struct person person = {0};
    assert_outcome(*state, &person, MATCH_POSSIBLE, 0);
    person = person_of("Okonkwo", "Jessica", "", 0);
    assert_outcome(*state, &person, MATCH_POSSIBLE, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_empty_index_knows_nobody, open_index, close_index),
        cmocka_unit_test_setup_teardown(name_date_and_place_are_sure, open_index, close_index),
        cmocka_unit_test_setup_teardown(name_and_date_alone_are_never_sure, open_index, close_index),
        cmocka_unit_test_setup_teardown(namesakes_are_many, open_index, close_index),
        cmocka_unit_test_setup_teardown(a_stranger_is_nobody, open_index, close_index),
        cmocka_unit_test_setup_teardown(twins_never_merge, open_index, close_index),
        cmocka_unit_test_setup_teardown(a_number_against_name_and_date_is_possible, open_index, close_index),
        cmocka_unit_test_setup_teardown(a_shielded_child_is_updated_or_holds, open_index, close_index),
        cmocka_unit_test_setup_teardown(a_sealed_record_never_links, open_index, close_index),
        cmocka_unit_test_setup_teardown(pending_people_are_linked_to, open_index, close_index),
        cmocka_unit_test_setup_teardown(nothing_to_go_by_is_not_nobody, open_index, close_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
