/* One record in which two children were mixed up (R14.4): what is parted, what goes along, which side keeps
 * the id, and that a merge takes it back. */
#include "ground.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine.h"
#include "registry/split.h"
#include "store/house_key.h"

/* A school sends Rhys's particulars for Reece, and mends that later: one record has both. */
static struct child_id mix_up(struct ground *ground)
{
    const struct row health[] = {ground_rhys(), ground_involvement("r1", "h1")};
    const struct row wrong[] = {row_with(ground_rhys(), COLUMN_record, "e1"), ground_involvement("e1", "i1")};
    const struct row right[] = {ground_reece()};
    assert_int_equal(ground_feed(ground, DELTA(health, 1, health), NULL), FAULT_NONE);
    assert_int_equal(ground_feed(ground, DELTA(education, 1, wrong), NULL), FAULT_NONE);
    assert_int_equal(ground_feed(ground, DELTA(education, 2, right), NULL), FAULT_NONE);
    return ground_only_child(ground);
}

/* The claim in force of a source that is a child's row. */
static struct claim_id claim_of(struct ground *ground, struct child_id child, enum source source)
{
    const struct child *read = ground_read(ground, child);
    for (size_t i = 0; i < read->claim_count; i++)
        if (read->claims[i].source == source && read->claims[i].kind == ROW_CHILD &&
            !read->claims[i].superseded)
            return read->claims[i].claim;
    fail_msg("no such claim");
    return (struct claim_id){{{0}}};
}

struct deciding {
    struct ground *ground;
    struct intake_house house;
    struct wrapped_key feed_key;
    struct changes changes;
    struct decider decider;
    struct split_order order;
    struct split split;
    struct merge_order merge;
    struct child_id one;
    struct child_id other;
    enum fault after; /* what the transaction fails with once all is done */
    struct merge_outcome outcome;
};

static void decide_on(struct ground *ground, const struct permit *permit, struct deciding *deciding)
{
    *deciding = (struct deciding){.ground = ground, .house = ground_intake(ground)};
    assert_int_equal(house_key_get(ground->db, ground->vault, STR("feed"), &deciding->feed_key), FAULT_NONE);
    assert_int_equal(changes_open(ground->db, ground->vault, &deciding->changes), FAULT_NONE);
    assert_int_equal(decider_open(ground->db, ground->vault, permit->account,
                                  (struct instant){ground->now_us}, &deciding->decider),
                     FAULT_NONE);
}

static enum fault run_split(struct db_tx *tx, void *context)
{
    struct deciding *deciding = context;
    struct noting noting = {.changes = &deciding->changes};
    enum fault fault = split_record(tx, &noting, &deciding->split, &deciding->outcome);
    return fault == FAULT_NONE ? deciding->after : fault;
}

static enum fault run_merge(struct db_tx *tx, void *context)
{
    struct deciding *deciding = context;
    struct noting noting = {.changes = &deciding->changes};
    return merge_children(tx, &noting, &deciding->merge, deciding->one, deciding->other, &deciding->outcome);
}

struct choice {
    enum role role;
    struct child_id child;
    const struct claim_id *chosen;
    size_t count;
    enum fault after;
};

static enum fault split(struct ground *ground, const struct choice *choice, struct merge_outcome *ret_outcome)
{
    const struct permit_child_split permit = ground_may_split(choice->role);
    struct deciding deciding;
    decide_on(ground, &permit.permit, &deciding);
    deciding.order = (struct split_order){.permit = &permit,
                                          .house = &deciding.house,
                                          .decider = &deciding.decider,
                                          .feed_key = &deciding.feed_key,
                                          .arena = ground->arena,
                                          .hidden = choice->role == ROLE_shielding_officer,
                                          .child = choice->child,
                                          .chosen = choice->chosen,
                                          .chosen_count = choice->count};
    deciding.after = choice->after;
    enum fault fault = split_look(&deciding.order, &deciding.split);
    if (fault == FAULT_NONE)
        fault = db_write(ground->db, DB_FOREGROUND, run_split, &deciding);
    if (fault == FAULT_NONE)
        ground_refresh(ground, (const struct child_id[]){deciding.outcome.survivor, deciding.outcome.other},
                       2);
    if (ret_outcome != NULL)
        *ret_outcome = deciding.outcome;
    return fault;
}

/* Splits one source's records from the rest. */
static enum fault split_source(struct ground *ground, enum role role, struct child_id child,
                               enum source source, struct merge_outcome *ret_outcome)
{
    const struct claim_id chosen[] = {claim_of(ground, child, source)};
    return split(ground, &(struct choice){role, child, chosen, 1, FAULT_NONE}, ret_outcome);
}

static struct merge_outcome merge(struct ground *ground, enum role role, struct child_id one,
                                  struct child_id other)
{
    const struct permit_child_merge permit = ground_may_merge(role);
    struct deciding deciding;
    decide_on(ground, &permit.permit, &deciding);
    deciding.merge = (struct merge_order){.permit = &permit.permit,
                                          .decider = &deciding.decider,
                                          .arena = ground->arena,
                                          .hidden = role == ROLE_shielding_officer};
    deciding.one = one;
    deciding.other = other;
    assert_int_equal(db_write(ground->db, DB_FOREGROUND, run_merge, &deciding), FAULT_NONE);
    ground_refresh(ground, (const struct child_id[]){one, other}, 2);
    return deciding.outcome;
}

static void assert_named(const struct child *child, const char *given)
{
    assert_int_equal(child->person.name_count, 1);
    assert_true(str_equal(child->person.names[0].given, str_of(given)));
}

static int64_t owned_by(struct ground *ground, struct child_id child)
{
    char sql[160];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM identifier_owner WHERE child_id = %s",
                   engine_literal(child.id.byte, sizeof child.id.byte));
    return ground_count(ground, sql);
}

static void what_is_chosen_becomes_a_record_of_its_own(void **state)
{
    struct ground *ground = *state;
    const struct child_id mixed = mix_up(ground);
    struct merge_outcome outcome;
    assert_int_equal(ground_read(ground, mixed)->claim_count, 5);
    struct str number = ground_read(ground, mixed)->number;
    assert_int_equal(split_source(ground, ROLE_data_officer, mixed, SOURCE_education, &outcome), FAULT_NONE);
    ground_assert_child(outcome.survivor, mixed);
    for (int round = 0; round < 2; round++) {
        const struct child *kept = ground_read(ground, mixed), *fresh = ground_read(ground, outcome.other);
        assert_int_equal(kept->claim_count, 2);
        assert_named(kept, "Rhys");
        assert_memory_equal(kept->number.at, number.at, number.len);
        assert_int_equal(fresh->claim_count, 3); /* what the school has said since, and the involvement */
        assert_named(fresh, "Reece");
        assert_str(kept->authority, "E06000001");
        assert_str(fresh->authority, "E08000035");
        assert_memory_not_equal(fresh->number.at, number.at, number.len);
        ground_assert_child(ground_find_number(ground, NUMBER_contactpoint, fresh->number), outcome.other);
        ground_assert_child(ground_find_number(ground, NUMBER_upn, STR("P207000016049")), outcome.other);
        ground_assert_child(ground_find_number(ground, NUMBER_nhs, STR("9434765919")), mixed);
        assert_int_equal(match_counts(ground->index).people, 2);
        ground_reopen(ground); /* an index made anew has the same */
    }
    assert_int_equal(owned_by(ground, mixed), 2); /* its own number and the NHS number, which both said */
    assert_int_equal(owned_by(ground, outcome.other), 2);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM claim WHERE superseded_month IS NOT NULL"),
                     1);
}

/* Its sources find it there, and they are never taken for one again. */
static void sources_find_the_new_record(void **state)
{
    struct ground *ground = *state;
    const struct child_id mixed = mix_up(ground);
    struct merge_outcome outcome;
    struct batch_counts counts;
    struct decisions *decisions = NULL;
    assert_int_equal(split_source(ground, ROLE_data_officer, mixed, SOURCE_education, &outcome), FAULT_NONE);
    const struct row school[] = {row_with(ground_reece(), COLUMN_known_as, "Riki"),
                                 row_with(ground_involvement("e1", "i1"), COLUMN_to, "2026-11-01"),
                                 ground_involvement("e1", "i2")};
    const struct row health[] = {row_with(ground_rhys(), COLUMN_postcode, "YO31 9XQ")};
    assert_int_equal(ground_feed(ground, DELTA(education, 3, school), &counts), FAULT_NONE);
    assert_int_equal(counts.updated, 2);
    assert_int_equal(counts.created, 1);
    assert_int_equal(ground_feed(ground, DELTA(health, 2, health), &counts), FAULT_NONE);
    assert_int_equal(counts.updated, 1);
    assert_int_equal(ground_read(ground, mixed)->claim_count, 3);
    assert_int_equal(ground_read(ground, outcome.other)->claim_count, 6);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM child"), 2);
    assert_int_equal(decisions_read(ground->db, ground->vault, &decisions), FAULT_NONE);
    assert_true(decisions_are_two(decisions, mixed, outcome.other));
    decisions_close(decisions);
}

/* linkage.md §2: whoever has the oldest source record keeps the id; so a merge gives back the same one. */
static void the_oldest_record_keeps_the_id_and_a_merge_takes_it_back(void **state)
{
    struct ground *ground = *state;
    const struct child_id mixed = mix_up(ground);
    struct merge_outcome outcome;
    struct decisions *decisions = NULL;
    assert_int_equal(split_source(ground, ROLE_data_officer, mixed, SOURCE_health, &outcome), FAULT_NONE);
    assert_named(ground_read(ground, mixed), "Rhys");
    assert_named(ground_read(ground, outcome.other), "Reece");
    struct str number = ground_read(ground, outcome.other)->number;
    const struct merge_outcome again = merge(ground, ROLE_data_officer, outcome.other, mixed);
    ground_assert_child(again.survivor, mixed);
    assert_int_equal(ground_read(ground, mixed)->claim_count, 5);
    ground_assert_child(ground_find_number(ground, NUMBER_contactpoint, number), mixed);
    assert_int_equal(match_counts(ground->index).people, 1);
    assert_int_equal(decisions_read(ground->db, ground->vault, &decisions), FAULT_NONE);
    assert_false(decisions_are_two(decisions, mixed, outcome.other));
    decisions_close(decisions);
}

/* R9.5 */
static void case_36_both_sides_of_a_split_stay_as_hidden(void **state)
{
    struct ground *ground = *state;
    const struct child_id mixed = mix_up(ground);
    struct merge_outcome outcome;
    ground_set_state(ground, mixed, CHILD_DEAD, SHIELD_DECIDED);
    assert_int_equal(split_source(ground, ROLE_data_officer, mixed, SOURCE_education, NULL), FAULT_ABSENT);
    assert_int_equal(split_source(ground, ROLE_shielding_officer, mixed, SOURCE_education, &outcome),
                     FAULT_NONE);
    assert_int_equal(outcome.state, RECORD_SHIELDED);
    assert_int_equal(ground_read(ground, outcome.other)->state, RECORD_SHIELDED);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM child WHERE shield = 2 AND state = 3"), 2);
    const struct merge_outcome again = merge(ground, ROLE_shielding_officer, mixed, outcome.other);
    assert_int_equal(again.state, RECORD_SHIELDED);
}

static void *resting(struct ground *ground, size_t *ret_size_bytes)
{
    return engine_rows(
        ground->db_path,
        "SELECT child.child_id, child.version, claim.claim_id, claim.sealed FROM child JOIN claim "
        "ON claim.child_id = child.child_id ORDER BY child.child_id, claim.claim_id",
        ret_size_bytes);
}

static void what_cannot_be_split_stays(void **state)
{
    struct ground *ground = *state;
    const struct child_id mixed = mix_up(ground);
    const struct claim_id all[] = {claim_of(ground, mixed, SOURCE_education),
                                   claim_of(ground, mixed, SOURCE_health)};
    const struct claim_id unknown[] = {{{{7}}}};
    size_t before_bytes = 0, after_bytes = 0;
    uint8_t *before = resting(ground, &before_bytes);
    assert_int_equal(split(ground, &(struct choice){ROLE_data_officer, mixed, all, 2, FAULT_NONE}, NULL),
                     FAULT_REFUSED);
    assert_int_equal(split(ground, &(struct choice){ROLE_data_officer, mixed, unknown, 1, FAULT_NONE}, NULL),
                     FAULT_ABSENT);
    assert_int_equal(split(ground, &(struct choice){ROLE_data_officer, mixed, all, 1, FAULT_CONFLICT}, NULL),
                     FAULT_CONFLICT); /* the entry's transaction fails at its end */
    const struct child_id nobody = {{{8}}};
    assert_int_equal(split(ground, &(struct choice){ROLE_data_officer, nobody, all, 1, FAULT_NONE}, NULL),
                     FAULT_ABSENT);
    uint8_t *after = resting(ground, &after_bytes);
    assert_int_equal(after_bytes, before_bytes);
    assert_memory_equal(after, before, before_bytes);
    free(before);
    free(after);
    ground_set_state(ground, mixed, CHILD_SEALED, SHIELD_NONE);
    assert_int_equal(split_source(ground, ROLE_shielding_officer, mixed, SOURCE_education, NULL),
                     FAULT_REFUSED);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM child"), 1);
}

/* A merge is taken back as one, not record by record. */
static void a_merged_record_is_not_split(void **state)
{
    struct ground *ground = *state;
    const struct child_id mixed = mix_up(ground);
    struct merge_outcome outcome;
    assert_int_equal(split_source(ground, ROLE_data_officer, mixed, SOURCE_education, &outcome), FAULT_NONE);
    (void)merge(ground, ROLE_data_officer, mixed, outcome.other);
    const struct claim_id chosen[] = {claim_of(ground, mixed, SOURCE_education)};
    const struct child_id either[] = {mixed, outcome.other};
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            split(ground, &(struct choice){ROLE_data_officer, either[i], chosen, 1, FAULT_NONE}, NULL),
            FAULT_REFUSED);
}

/* A practitioner's involvement stays, or goes along where it is chosen too. */
static void a_practitioners_words_go_along_where_they_are_chosen(void **state)
{
    struct ground *ground = *state;
    const struct child_id mixed = mix_up(ground);
    struct merge_outcome outcome;
    const struct claim_id own[] = {{{{10}}}};
    ground_record_involvement(ground, mixed, own[0]);
    assert_int_equal(split(ground, &(struct choice){ROLE_data_officer, mixed, own, 1, FAULT_NONE}, NULL),
                     FAULT_REFUSED); /* nobody would be named there */
    const struct claim_id chosen[] = {claim_of(ground, mixed, SOURCE_education), own[0]};
    assert_int_equal(
        split(ground, &(struct choice){ROLE_data_officer, mixed, chosen, 2, FAULT_NONE}, &outcome),
        FAULT_NONE);
    assert_int_equal(ground_read(ground, mixed)->claim_count, 2);
    assert_int_equal(ground_read(ground, outcome.other)->claim_count, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_GROUND(what_is_chosen_becomes_a_record_of_its_own),
        WITH_GROUND(sources_find_the_new_record),
        WITH_GROUND(the_oldest_record_keeps_the_id_and_a_merge_takes_it_back),
        WITH_GROUND(case_36_both_sides_of_a_split_stay_as_hidden),
        WITH_GROUND(what_cannot_be_split_stays),
        WITH_GROUND(a_merged_record_is_not_split),
        WITH_GROUND(a_practitioners_words_go_along_where_they_are_chosen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
