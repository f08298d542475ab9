/* Batches of feeds (R14): taken in whole or not at all, once, in order; rows that wait. */
#include "ground.h"

static void created_updated_unchanged(void **state)
{
    struct ground *ground = *state;
    struct batch_counts counts;
    struct row rows[] = {ground_rhys(), ground_carys(), ground_involvement("r1", "i1")};
    assert_int_equal(ground_feed(ground, DELTA(health, 1, rows), &counts), FAULT_NONE);
    ground_assert_counts(counts, 3, 0, 0);
    assert_int_equal(ground_children(ground), 2);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM source_record"), 3);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch_plan"), 0);
    assert_int_equal(match_counts(ground->index).people, 2);
    assert_int_equal(match_counts(ground->index).pending, 0);
    rows[1] = row_with(rows[1], COLUMN_gp_name, "Seaview Surgery");
    rows[2] = row_with(rows[2], COLUMN_to, "2026-11-01");
    assert_int_equal(ground_feed(ground, DELTA(health, 2, rows), &counts), FAULT_NONE);
    ground_assert_counts(counts, 0, 2, 1);
    assert_int_equal(ground_children(ground), 2);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM claim"), 5);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM claim WHERE superseded_month IS NULL"), 3);
}

/* Another source's word of the same child joins the record, by number or by name, date and address. */
static void sources_meet(void **state)
{
    struct ground *ground = *state;
    struct batch_counts counts;
    const struct row health[] = {ground_rhys()};
    const struct row school[] = {
        row_with(row_with(ground_rhys(), COLUMN_nhs_number, ""), COLUMN_upn, "P207000016049")};
    const struct row benefit[] = {row_with(ground_rhys(), COLUMN_postcode, "YO31 9XQ")};
    assert_int_equal(ground_feed(ground, DELTA(health, 1, health), &counts), FAULT_NONE);
    assert_int_equal(ground_feed(ground, DELTA(education, 1, school), &counts), FAULT_NONE);
    ground_assert_counts(counts, 0, 1, 0);
    assert_int_equal(ground_feed(ground, DELTA(child_benefit, 1, benefit), &counts), FAULT_NONE);
    ground_assert_counts(counts, 0, 1, 0);
    const struct child *child = ground_read(ground, ground_only_child(ground));
    assert_int_equal(child->claim_count, 3);
    assert_int_equal(child->person.number_count, 3); /* NHS, UPN and ours, each once */
    assert_int_equal(child->number.len, 11);
    assert_int_equal(child->person.place_count, 2);
    const struct claim *address = child_authoritative(child, GROUP_WHEREABOUTS, COLUMN_postcode);
    assert_int_equal(address->source, SOURCE_child_benefit); /* ranked first for addresses */
    assert_int_equal(child_authoritative(child, GROUP_IDENTITY, COLUMN_family)->source, SOURCE_health);
    assert_null(child_authoritative(child, GROUP_EDUCATION, COLUMN_school_code));
}

/* R14.3: a name and a date of birth alone make no match; the row waits. */
static void possible_waits(void **state)
{
    struct ground *ground = *state;
    struct batch_counts counts;
    enum row_problem problems[2];
    const struct row health[] = {ground_rhys()};
    const struct row social[] = {ground_child("s1", "Ap Huw", "Rhys", "2014-03-27"),
                                 ground_involvement("s1", "i1")};
    struct feed feed = *DELTA(social_care, 1, social);
    feed.problems = problems;
    assert_int_equal(ground_feed(ground, DELTA(health, 1, health), NULL), FAULT_NONE);
    assert_int_equal(ground_feed(ground, &feed, &counts), FAULT_NONE);
    ground_assert_counts(counts, 0, 0, 0);
    assert_int_equal(counts.waiting, 2);
    assert_int_equal(problems[0], ROW_POSSIBLE);
    assert_int_equal(problems[1], ROW_POSSIBLE); /* with its child */
    assert_int_equal(ground_children(ground), 1);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch_waiting WHERE queue = 2"), 2);
    assert_int_equal(ground_read(ground, ground_only_child(ground))->claim_count, 1);
}

static void quarantine(void **state)
{
    struct ground *ground = *state;
    struct batch_counts counts;
    enum row_problem problems[5];
    const struct row rows[] = {
        ground_rhys(), row_with(ground_carys(), COLUMN_birth_date, "2012-02-30"), ground_rhys(),
        ground_involvement("r9", "i1"),
        row_with(ground_involvement("r1", "i1"), COLUMN_service_kind, "mental_health")};
    struct feed feed = *DELTA(health, 1, rows);
    feed.problems = problems;
    assert_int_equal(ground_feed(ground, &feed, &counts), FAULT_NONE);
    ground_assert_counts(counts, 1, 0, 0);
    assert_int_equal(counts.quarantined, 4);
    assert_int_equal(problems[0], ROW_FINE);
    assert_int_equal(problems[1], ROW_BIRTH_IMPOSSIBLE);
    assert_int_equal(problems[2], ROW_DUPLICATE_ROW);
    assert_int_equal(problems[3], ROW_CHILD_UNKNOWN);
    assert_int_equal(problems[4], ROW_SERVICE_SENSITIVE);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch_waiting WHERE queue = 1"), 4);
}

static void sequence_rules(void **state)
{
    struct ground *ground = *state;
    const struct row rows[] = {ground_rhys()}, others[] = {ground_carys()};
    assert_int_equal(ground_feed(ground, DELTA(health, 2, rows), NULL), FAULT_CONFLICT); /* a gap */
    assert_int_equal(ground_feed(ground, DELTA(health, 1, rows), NULL), FAULT_NONE);
    assert_int_equal(ground_feed(ground, DELTA(health, 1, rows), NULL), FAULT_DUPLICATE);
    assert_int_equal(ground_feed(ground, DELTA(health, 1, others), NULL), FAULT_CONFLICT);
    assert_int_equal(ground_feed(ground, DELTA(health, 3, others), NULL), FAULT_CONFLICT);
    assert_int_equal(ground_feed(ground, DELTA(education, 2, others), NULL), FAULT_CONFLICT);
    struct feed full = *DELTA(health, 7, rows);
    full.mode = BATCH_FULL; /* needs nothing before it */
    assert_int_equal(ground_feed(ground, &full, NULL), FAULT_NONE);
    assert_int_equal(ground_feed(ground, DELTA(health, 5, others), NULL), FAULT_CONFLICT);
    assert_int_equal(ground_feed(ground, DELTA(health, 8, others), NULL), FAULT_NONE);
    assert_int_equal(ground_children(ground), 2);
}

/* In a full batch absence ends what the source said; in a delta it says nothing (R14.2). */
static void absence(void **state)
{
    struct ground *ground = *state;
    struct batch_counts counts;
    const struct row both[] = {ground_rhys(), ground_carys(), ground_involvement("r1", "i1")};
    const struct row one[] = {ground_rhys()};
    assert_int_equal(ground_feed(ground, DELTA(health, 1, both), NULL), FAULT_NONE);
    assert_int_equal(ground_feed(ground, DELTA(health, 2, one), &counts), FAULT_NONE);
    assert_int_equal(counts.ended, 0);
    struct feed full = *DELTA(health, 3, one);
    full.mode = BATCH_FULL;
    assert_int_equal(ground_feed(ground, &full, NULL), FAULT_REFUSED); /* more than announced (R14.5) */
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch"), 2);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch_plan"), 0);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM claim WHERE superseded_month IS NULL"), 3);
    full.removals = 2;
    assert_int_equal(ground_feed(ground, &full, &counts), FAULT_NONE);
    assert_int_equal(counts.ended, 2);
    assert_int_equal(counts.unchanged, 1);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM claim WHERE superseded_month IS NULL"), 1);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM source_record"), 1);
    assert_int_equal(ground_children(ground), 2); /* nobody is forgotten by it */
    ground_reopen(ground);
    assert_int_equal(match_counts(ground->index).people, 2);
    /* Said again later, it is the same child's once more: who it is was not forgotten. */
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM child WHERE authority IS NULL"), 0);
    const struct row again[] = {ground_carys()};
    assert_int_equal(ground_feed(ground, DELTA(health, 4, again), &counts), FAULT_NONE);
    ground_assert_counts(counts, 0, 1, 0);
    assert_int_equal(ground_children(ground), 2);
}

/* What another source or a practitioner says is not ended by one source's absence (R6.3). */
static void absence_ends_own_words_alone(void **state)
{
    struct ground *ground = *state;
    const struct row health[] = {ground_rhys(), ground_carys()}, school[] = {ground_rhys()};
    const struct row rest[] = {ground_carys()};
    assert_int_equal(ground_feed(ground, DELTA(health, 1, health), NULL), FAULT_NONE);
    assert_int_equal(ground_feed(ground, DELTA(education, 1, school), NULL), FAULT_NONE);
    struct feed full = *DELTA(health, 2, rest);
    full.mode = BATCH_FULL;
    full.removals = 1;
    assert_int_equal(ground_feed(ground, &full, NULL), FAULT_NONE);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM claim WHERE superseded_month IS NULL"), 2);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM source_record WHERE source = 3"), 1);
}

/* A child whom this very batch has made can be meant by its later rows, but is found by nobody before. */
static void rows_of_one_batch_meet(void **state)
{
    struct ground *ground = *state;
    struct batch_counts counts;
    const struct row rows[] = {ground_rhys(), row_with(ground_rhys(), COLUMN_record, "another-record")};
    assert_int_equal(ground_feed(ground, DELTA(health, 1, rows), &counts), FAULT_NONE);
    ground_assert_counts(counts, 1, 1, 0);
    assert_int_equal(ground_read(ground, ground_only_child(ground))->claim_count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_GROUND(created_updated_unchanged),
        WITH_GROUND(sources_meet),
        WITH_GROUND(possible_waits),
        WITH_GROUND(quarantine),
        WITH_GROUND(sequence_rules),
        WITH_GROUND(absence),
        WITH_GROUND(absence_ends_own_words_alone),
        WITH_GROUND(rows_of_one_batch_meet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
