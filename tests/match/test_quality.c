/* How well the feeds of an invented population are linked: bounds looser than bench/quality_bench reports, at
 * a size that takes seconds. */
#include "../../bench/quality_judge.h"
#include "../../bench/quality_trial.h"
#include "people.h"

enum { CHILDREN = 6000, SEED = 31 };

static struct people people;
static struct trial trial;
static struct judge judge;

static int open_trial(void **state)
{
    (void)state;
    struct people_order order = {.children = CHILDREN, .seed = SEED};
    assert_int_equal(people_open(&order, &people), FAULT_NONE);
    assert_int_equal(trial_open(&people, NULL, &trial), FAULT_NONE);
    judge.people = &people;
    trial.judge = &judge;
    trial.tell = judge_event;
    assert_int_equal(trial_feed(&trial), FAULT_NONE);
    assert_int_equal(trial_probe(&trial, SEED), FAULT_NONE);
    return 0;
}

static int close_trial(void **state)
{
    (void)state;
    trial_close(&trial);
    people_close(&people);
    return 0;
}

/* R14.3: what is linked without anybody's help is right, twins are never merged. */
static void hardly_a_link_is_wrong(void **state)
{
    (void)state;
    print_message("%u of %u links wrong\n", (unsigned)judge.wrong, (unsigned)judge.kinds[MATCH_SURE]);
    assert_true(judge.kinds[MATCH_SURE] > CHILDREN);
    assert_true(judge.wrong * 2000 <= judge.kinds[MATCH_SURE]);
    assert_true(judge.twins > 300);
    assert_int_equal(judge.twins_merged, 0);
    assert_int_equal(judge.siblings_merged, 0);
    assert_int_equal(judge.namesakes_merged, 0);
}

static void nearly_all_rows_are_linked(void **state)
{
    (void)state;
    uint64_t waiting = judge.kinds[MATCH_POSSIBLE] + judge.kinds[MATCH_MANY];
    print_message("%u of %u linked, %u of %u wait\n", (unsigned)judge.known.right, (unsigned)judge.known.rows,
                  (unsigned)waiting, (unsigned)judge.rows);
    assert_true(judge.known.right * 100 >= judge.known.rows * 97);
    assert_true(waiting * 1000 <= judge.rows * 15);
    assert_true(judge.doubled * 500 <= judge.known.rows);
}

/* No origin of names is linked much worse than all are. */
static void names_of_every_origin_are_linked(void **state)
{
    (void)state;
    for (size_t i = 0; judge.origins[i].name != NULL; i++) {
        const struct share *share = &judge.origins[i].share;
        if (share->rows >= 100)
            assert_true(share->right * 100 >= share->rows * 94);
    }
}

/* R9.6: at least 99.9 % of look-alikes with one to three errors, at most 0.05 % of all other rows. */
static void look_alikes_of_hidden_children_are_held(void **state)
{
    (void)state;
    for (size_t errors = 1; errors <= 3; errors++) {
        assert_true(judge.lookalikes[0][errors].asked >= 40);
        assert_int_equal(judge.lookalikes[0][errors].caught, judge.lookalikes[0][errors].asked);
        assert_int_equal(judge.lookalikes[0][errors].wrong, 0);
        assert_int_equal(judge.lookalikes[1][errors].wrong, 0);
    }
    assert_true(judge.visible_held * 2000 <= judge.visible);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hardly_a_link_is_wrong),
        cmocka_unit_test(nearly_all_rows_are_linked),
        cmocka_unit_test(names_of_every_origin_are_linked),
        cmocka_unit_test(look_alikes_of_hidden_children_are_held),
    };
    return cmocka_run_group_tests(tests, open_trial, close_trial);
}
