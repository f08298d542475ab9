/* match/explain.c: the weights of a pair sum up, and nothing is told of hidden records. */
#include "people.h"

#include "match/explain.h"

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

static void put_numbered(struct match_index *index, uint64_t child, enum record_state state,
                         const char *given, const char *number)
{
    struct person person = person_of("Okonkwo", given, "2007-03-27", SEX_FEMALE);
    add_place(&person, true, "LS6 1AB", "E08000035");
    add_number(&person, NUMBER_contactpoint, number);
    assert_int_equal(match_put(index, child_of(child), state, 1, false, &person), FAULT_NONE);
}

static int32_t sum_of(const struct match_explained *explained)
{
    int32_t sum = explained->prior;
    for (size_t i = 0; i < explained->pair.reason_count; i++)
        sum += explained->pair.reasons[i].weight;
    return sum;
}

static void the_weights_of_a_pair_sum_up(void **state)
{
    struct match_explained explained;
    put_numbered(*state, 1, RECORD_LIVE, "Jessica", "7K4M2X9QRT5");
    put_numbered(*state, 2, RECORD_LIVE, "Jessica", "8K4M2X9QRT5");
    put_numbered(*state, 3, RECORD_LIVE, "Bartholomew", "9K4M2X9QRT5");
    assert_int_equal(match_explain(*state, child_of(1), child_of(2), &explained), FAULT_NONE);
    assert_int_equal(sum_of(&explained) + explained.rest, explained.pair.weight);
    assert_true(explained.pair.reason_count >= 4);
    assert_int_equal(number_of(explained.pair.child), 2);
    assert_int_equal(explained.kind, MATCH_SURE); /* that each has a ContactPoint number says nothing */
    assert_int_equal(match_explain(*state, child_of(1), child_of(3), &explained), FAULT_NONE);
    assert_int_equal(explained.kind, MATCH_NONE); /* twins */
    assert_string_equal(match_outcome_name(explained.kind), "none");
    for (size_t i = 0; i < explained.pair.reason_count; i++) {
        assert_non_null(match_evidence_name(explained.pair.reasons[i].evidence));
        assert_non_null(match_agreement_name(explained.pair.reasons[i].agreement));
    }
}

static void a_number_leads_to_its_record(void **state)
{
    struct child_id child;
    put_numbered(*state, 1, RECORD_LIVE, "Jessica", "7K4M2X9QRT5");
    assert_int_equal(match_number_child(*state, NUMBER_contactpoint, STR("7K4M2X9QRT5"), &child), FAULT_NONE);
    assert_int_equal(number_of(child), 1);
    assert_int_equal(match_number_child(*state, NUMBER_contactpoint, STR("8K4M2X9QRT5"), &child),
                     FAULT_ABSENT);
    assert_int_equal(match_number_child(*state, NUMBER_nhs, STR("7K4M2X9QRT5"), &child), FAULT_ABSENT);
}

static void hidden_records_are_as_if_not_there(void **state)
{
    static const enum record_state HIDDEN[] = {RECORD_SHIELDED, RECORD_SEALED};
    struct match_explained explained;
    struct child_id child;
    put_numbered(*state, 1, RECORD_LIVE, "Jessica", "7K4M2X9QRT5");
    for (size_t i = 0; i < sizeof(HIDDEN) / sizeof(HIDDEN[0]); i++) {
        put_numbered(*state, 2, HIDDEN[i], "Jessica", "8K4M2X9QRT5");
        assert_int_equal(match_explain(*state, child_of(1), child_of(2), &explained), FAULT_ABSENT);
        assert_int_equal(match_explain(*state, child_of(2), child_of(1), &explained), FAULT_ABSENT);
        assert_int_equal(match_number_child(*state, NUMBER_contactpoint, STR("8K4M2X9QRT5"), &child),
                         FAULT_ABSENT);
    }
    assert_int_equal(match_explain(*state, child_of(1), child_of(9), &explained), FAULT_ABSENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_weights_of_a_pair_sum_up, open_index, close_index),
        cmocka_unit_test_setup_teardown(a_number_leads_to_its_record, open_index, close_index),
        cmocka_unit_test_setup_teardown(hidden_records_are_as_if_not_there, open_index, close_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
