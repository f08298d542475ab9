/* Records that may be one child's: looked for over the whole index, proposed in pairs, never against a
 * decision. */
#include "ground.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine.h"
#include "match/duplicates.h"
#include "registry/duplicates.h"
#include "registry/merge.h"

static const char *const families[] = {"Marlowe", "Okafor", "Bevan", "Price", "Ap Huw", "Lindqvist"};
static const char *const givens[] = {"Tess", "Ngozi", "Carys", "Ellis", "Rhys", "Astrid"};
static const char *const births[] = {"2011-05-19", "2012-08-02", "2013-02-11",
                                     "2010-11-30", "2014-03-27", "2012-06-21"};
static const char *const postcodes[] = {"PL5 7DU", "LS1 4AB", "YO31 9XQ", "TS24 7AA", "DH1 3LE", "NR1 1EF"};
enum { PEOPLE = 6 };

static struct row person_row(int at, const char *record)
{
    struct row row = ground_child(record, families[at], givens[at], births[at]);
    row = row_with(row, COLUMN_address_1, "12 Harbour Terrace");
    return row_with(row, COLUMN_postcode, postcodes[at]);
}

/* All of them, once. */
static void load_people(struct ground *ground)
{
    struct row rows[PEOPLE];
    char records[PEOPLE][8];
    for (int i = 0; i < PEOPLE; i++) {
        (void)snprintf(records[i], sizeof records[i], "h%d", i);
        rows[i] = person_row(i, records[i]);
    }
    assert_int_equal(ground_feed(ground, DELTA(health, 1, rows), NULL), FAULT_NONE);
}

/* A second record of somebody, made as feeds made them before the first one's address was known: the row
 * comes with another birthday and place, and is then put right. */
static struct child_id load_again(struct ground *ground, int at, int64_t sequence)
{
    char record[12];
    (void)snprintf(record, sizeof record, "b%d", (int)sequence);
    struct row wrong[] = {ground_child(record, "Nobody", "Else", "2001-01-02")};
    struct row right[] = {person_row(at, record)};
    assert_int_equal(ground_feed(ground, DELTA(child_benefit, sequence, wrong), NULL), FAULT_NONE);
    struct child_id child = ground_named(ground, "Nobody", "Else");
    assert_int_equal(ground_feed(ground, DELTA(child_benefit, sequence + 1, right), NULL), FAULT_NONE);
    return child;
}

struct seeking {
    struct ground *ground;
    struct decider decider;
    struct proposal proposals[16];
    size_t count;
};

static enum fault list(struct db_tx *tx, void *context)
{
    struct seeking *seeking = context;
    const struct tag from = {{0}};
    return duplicates_list(tx, &seeking->decider, &from, 16, seeking->proposals, &seeking->count);
}

static struct seeking seek(struct ground *ground, int threads, struct duplicates_counts *ret_counts)
{
    struct seeking seeking = {.ground = ground};
    const struct intake_house house = ground_intake(ground);
    struct duplicates_counts counts;
    assert_int_equal(decider_open(ground->db, ground->vault, (struct account_id){{{3}}},
                                  (struct instant){ground->now_us}, &seeking.decider),
                     FAULT_NONE);
    assert_int_equal(duplicates_seek(&house, &seeking.decider, threads, &counts), FAULT_NONE);
    assert_int_equal(db_read(ground->db, list, &seeking), FAULT_NONE);
    if (ret_counts != NULL)
        *ret_counts = counts;
    return seeking;
}

static bool is_of(const struct proposal *proposal, struct child_id child)
{
    return id_equal(proposal->one.id, child.id) || id_equal(proposal->other.id, child.id);
}

static void pairs_are_found_and_forgotten(void **state)
{
    struct ground *ground = *state;
    struct duplicates_counts counts;
    load_people(ground);
    assert_int_equal(seek(ground, 1, &counts).count, 0);
    assert_int_equal(counts.people, PEOPLE);
    struct child_id again = load_again(ground, 3, 1);
    struct seeking seeking = seek(ground, 2, &counts);
    assert_int_equal(counts.people, PEOPLE + 1);
    assert_int_equal(counts.proposed, 1);
    assert_int_equal(seeking.count, 1);
    assert_true(is_of(&seeking.proposals[0], again));
    assert_true(seeking.proposals[0].weight > 0);
    /* Looked for again, it is the same proposal, found when it was found. */
    struct seeking second = seek(ground, 1, &counts);
    assert_int_equal(second.count, 1);
    assert_memory_equal(&second.proposals[0], &seeking.proposals[0], sizeof second.proposals[0]);
    /* Put right by its source, it is nobody's double any more. */
    const struct row other[] = {row_with(person_row(3, "b1"), COLUMN_given, "Gwendolen")};
    const struct row moved[] = {
        row_with(row_with(other[0], COLUMN_birth_date, "2009-09-09"), COLUMN_postcode, "EX1 1GE")};
    assert_int_equal(ground_feed(ground, DELTA(child_benefit, 3, moved), NULL), FAULT_NONE);
    assert_int_equal(seek(ground, 2, NULL).count, 0);
}

/* The evidence of a pair, from either side, for whoever decides. */
static void a_pair_is_weighed(void **state)
{
    struct ground *ground = *state;
    struct match_candidate candidate, back;
    load_people(ground);
    struct child_id again = load_again(ground, 2, 1);
    struct seeking seeking = seek(ground, 1, NULL);
    assert_int_equal(seeking.count, 1);
    const struct proposal *pair = &seeking.proposals[0];
    assert_int_equal(match_pair_weigh(ground->index, pair->one, pair->other, &candidate), FAULT_NONE);
    assert_int_equal(match_pair_weigh(ground->index, pair->other, pair->one, &back), FAULT_NONE);
    assert_int_equal(candidate.weight, pair->weight);
    assert_int_equal(back.weight, pair->weight);
    assert_true(candidate.reason_count >= 3); /* name, birth, place */
    assert_int_equal(match_pair_weigh(ground->index, again, (struct child_id){{{1}}}, &candidate),
                     FAULT_ABSENT);
}

struct merging {
    struct ground *ground;
    struct changes changes;
    struct decider decider;
    struct merge_order order;
    struct child_id one;
    struct child_id other;
    struct merge_outcome outcome;
};

static enum fault run_merge(struct db_tx *tx, void *context)
{
    struct merging *merging = context;
    struct noting noting = {.changes = &merging->changes};
    return merge_children(tx, &noting, &merging->order, merging->one, merging->other, &merging->outcome);
}

static enum fault run_split(struct db_tx *tx, void *context)
{
    struct merging *merging = context;
    struct noting noting = {.changes = &merging->changes};
    return merge_undo(tx, &noting, &merging->order, merging->outcome.other, &merging->outcome);
}

static void decided_pairs_come_no_more(void **state)
{
    struct ground *ground = *state;
    load_people(ground);
    (void)load_again(ground, 1, 1);
    struct seeking seeking = seek(ground, 1, NULL);
    assert_int_equal(seeking.count, 1);
    const struct permit_child_merge merge = ground_may_merge(ROLE_data_officer);
    const struct permit_child_split split = ground_may_split(ROLE_data_officer);
    struct merging merging = {.ground = ground,
                              .decider = seeking.decider,
                              .one = seeking.proposals[0].one,
                              .other = seeking.proposals[0].other};
    assert_int_equal(changes_open(ground->db, ground->vault, &merging.changes), FAULT_NONE);
    merging.order =
        (struct merge_order){.permit = &merge.permit, .decider = &merging.decider, .arena = ground->arena};
    assert_int_equal(db_write(ground->db, DB_FOREGROUND, run_merge, &merging), FAULT_NONE);
    const struct child_id both[] = {merging.one, merging.other};
    ground_refresh(ground, both, 2);
    assert_int_equal(seek(ground, 1, NULL).count, 0);
    merging.order.permit = &split.permit;
    assert_int_equal(db_write(ground->db, DB_FOREGROUND, run_split, &merging), FAULT_NONE);
    ground_refresh(ground, both, 2);
    assert_int_equal(match_counts(ground->index).people, PEOPLE + 1);
    assert_int_equal(seek(ground, 1, NULL).count, 0); /* known to be two */
}

/* Hidden pairs are proposed, but told to nobody in figures; sealed ones are not even proposed (R9.8). */
static void hidden_pairs(void **state)
{
    struct ground *ground = *state;
    struct duplicates_counts counts;
    load_people(ground);
    struct child_id again = load_again(ground, 0, 1);
    ground_set_state(ground, again, CHILD_LIVE, SHIELD_DECIDED);
    assert_int_equal(seek(ground, 1, &counts).count, 1);
    assert_int_equal(counts.proposed, 0);
    ground_set_state(ground, again, CHILD_SEALED, SHIELD_NONE);
    assert_int_equal(seek(ground, 1, &counts).count, 0);
    assert_int_equal(counts.proposed, 0);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM proposal"), 0);
}

/* Twins, and three records of one child: as many pairs as make them one. */
static void clusters(void **state)
{
    struct ground *ground = *state;
    load_people(ground);
    struct row twin[] = {row_with(person_row(0, "t1"), COLUMN_given, "Beatrix")};
    assert_int_equal(ground_feed(ground, DELTA(education, 1, twin), NULL), FAULT_NONE);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM child"), PEOPLE + 1);
    assert_int_equal(seek(ground, 2, NULL).count, 0);
    struct child_id second = load_again(ground, 4, 1), third = load_again(ground, 4, 3);
    struct seeking seeking = seek(ground, 2, NULL);
    assert_int_equal(seeking.count, 2);
    assert_true(is_of(&seeking.proposals[0], second) || is_of(&seeking.proposals[1], second));
    assert_true(is_of(&seeking.proposals[0], third) || is_of(&seeking.proposals[1], third));
}

/* The same pairs whatever the number of threads and the order of arrival. */
static void pairs_depend_on_people_alone(void **state)
{
    struct ground *ground = *state;
    struct match_pairs pairs[3];
    static const int threads[] = {1, 2, 8};
    load_people(ground);
    for (int i = 0; i < 4; i++)
        (void)load_again(ground, i, 1 + 2 * i);
    for (int i = 0; i < 3; i++) {
        if (i == 2)
            ground_reopen(ground); /* filled anew, in the order of ids */
        assert_int_equal(match_duplicates(ground->index, threads[i], &pairs[i]), FAULT_NONE);
        assert_int_equal(pairs[i].count, pairs[0].count);
        assert_int_equal(pairs[i].people, pairs[0].people);
        assert_int_equal(pairs[i].compared, pairs[0].compared);
        for (size_t k = 0; k < pairs[0].count; k++) {
            assert_memory_equal(&pairs[i].at[k].one, &pairs[0].at[k].one, sizeof(struct child_id));
            assert_memory_equal(&pairs[i].at[k].other, &pairs[0].at[k].other, sizeof(struct child_id));
            assert_int_equal(pairs[i].at[k].weight, pairs[0].at[k].weight);
        }
    }
    assert_true(pairs[0].count >= 4);
    for (int i = 0; i < 3; i++)
        free(pairs[i].at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_GROUND(pairs_are_found_and_forgotten),
        WITH_GROUND(a_pair_is_weighed),
        WITH_GROUND(decided_pairs_come_no_more),
        WITH_GROUND(hidden_pairs),
        WITH_GROUND(clusters),
        WITH_GROUND(pairs_depend_on_people_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
