/* What feeds may not undo, show or leave in clear: shields stand, look-alikes wait unseen (R9.5, R9.6). */
#include "ground.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine.h"

/* R9.5: a thousand times news of a shielded child, and the shield stands. */
static void case_32_shield_outlives_a_thousand_updates(void **state)
{
    enum { RECORDS = 50, BATCHES = 20 };
    struct ground *ground = *state;
    struct batch_counts counts;
    char records[RECORDS][12], address[40];
    struct row rows[RECORDS];
    for (int i = 0; i < RECORDS; i++) {
        (void)snprintf(records[i], sizeof records[i], "r%d", i);
        rows[i] = row_with(ground_rhys(), COLUMN_record, records[i]);
    }
    assert_int_equal(ground_feed(ground, DELTA(health, 1, rows), NULL), FAULT_NONE);
    struct child_id child = ground_only_child(ground);
    ground_set_state(ground, child, 1, SHIELD_DECIDED);
    for (int batch = 0; batch < BATCHES; batch++) {
        (void)snprintf(address, sizeof address, "%d Harbour Terrace", batch + 1);
        for (int i = 0; i < RECORDS; i++)
            rows[i].at[COLUMN_address_1] = str_of(address);
        assert_int_equal(ground_feed(ground, DELTA(health, batch + 2, rows), &counts), FAULT_NONE);
        assert_int_equal(counts.updated, RECORDS);
    }
    assert_int_equal(ground_children(ground), 1);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM claim"), RECORDS * (BATCHES + 1));
    assert_int_equal(ground_count(ground, "SELECT shield FROM child"), SHIELD_DECIDED);
    assert_int_equal(ground_count(ground, "SELECT state FROM child"), 1);
    struct match_outcome outcome;
    struct person person = {0};
    assert_int_equal(row_to_person(&rows[0], ground->arena, &person), FAULT_NONE);
    assert_int_equal(match_link(ground->index, &person, &outcome), FAULT_NONE);
    assert_int_equal(outcome.best[0].state, RECORD_SHIELDED); /* in the index too */
    ground_reopen(ground);
    const struct child *read = ground_read(ground, child);
    assert_int_equal(read->state, RECORD_SHIELDED);
    /* More claims than are read: those in force are among them. */
    assert_int_equal(read->claim_count, CHILD_CLAIMS_MAX);
    assert_str(child_authoritative(read, GROUP_WHEREABOUTS, COLUMN_address_1)->row.at[COLUMN_address_1],
               "20 Harbour Terrace");
}

/* R9.6: a row too like a hidden child makes no visible record; its receipt is that of any row. */
static void look_alike_is_held(void **state)
{
    struct ground *ground = *state;
    struct batch_counts held_counts, plain_counts;
    enum row_problem held_problems[2], plain_problems[2];
    const struct row health[] = {ground_rhys()};
    const struct row like[] = {
        row_with(ground_child("e1", "Ap Huw", "Rhys", "2014-03-27"), COLUMN_postcode, "YO31 9XQ"),
        ground_involvement("e1", "i1")};
    const struct row unlike[] = {
        row_with(ground_child("s1", "Marlowe", "Tess", "2011-05-19"), COLUMN_postcode, "PL5 7DU"),
        ground_involvement("s1", "i1")};
    assert_int_equal(ground_feed(ground, DELTA(health, 1, health), NULL), FAULT_NONE);
    ground_set_state(ground, ground_only_child(ground), 1, SHIELD_PROVISIONAL);
    struct feed held = *DELTA(education, 1, like), plain = *DELTA(social_care, 1, unlike);
    held.problems = held_problems;
    plain.problems = plain_problems;
    assert_int_equal(ground_feed(ground, &held, &held_counts), FAULT_NONE);
    assert_int_equal(ground_children(ground), 1);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch_waiting WHERE queue = 3"), 2);
    assert_int_equal(ground_feed(ground, &plain, &plain_counts), FAULT_NONE);
    assert_memory_equal(&held_counts, &plain_counts, sizeof held_counts);
    assert_memory_equal(held_problems, plain_problems, sizeof held_problems);
    assert_int_equal(held_problems[0], ROW_FINE);
    /* Sent again, it is unchanged like any other. */
    held.sequence = plain.sequence = 2;
    held.mode = plain.mode = BATCH_FULL;
    assert_int_equal(ground_feed(ground, &held, &held_counts), FAULT_NONE);
    assert_int_equal(ground_feed(ground, &plain, &plain_counts), FAULT_NONE);
    assert_memory_equal(&held_counts, &plain_counts, sizeof held_counts);
    assert_memory_equal(held_problems, plain_problems, sizeof held_problems);
    assert_int_equal(ground_children(ground), 2);
}

/* Personal data of rows, planned, waiting or applied, rest nowhere in clear. */
static void nothing_in_clear(void **state)
{
    struct ground *ground = *state;
    static const char *const needles[] = {"Ap Huw",       "TS24 7AA",     "9434765919",
                                          "943 476 5919", "Bridge House", "2014-03-27"};
    const struct row rows[] = {ground_rhys(), ground_involvement("r1", "i1"),
                               row_with(ground_rhys(), COLUMN_birth_date, "2014-03-32")};
    assert_int_equal(ground_feed_to(ground, DELTA(health, 1, rows), FEED_DECIDED, NULL), FAULT_NONE);
    for (int round = 0; round < 2; round++) {
        size_t size_bytes;
        char *resting = engine_resting(ground->db_path, &size_bytes);
        for (size_t i = 0; i < sizeof needles / sizeof needles[0]; i++)
            assert_null(memmem(resting, size_bytes, needles[i], strlen(needles[i])));
        free(resting);
        ground_reopen(ground);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_GROUND(case_32_shield_outlives_a_thousand_updates),
        WITH_GROUND(look_alike_is_held),
        WITH_GROUND(nothing_in_clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
