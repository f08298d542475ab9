/* One child with two records (R14.4): which id stays, where the other leads, what becomes of shields, and
 * that a split leaves both as if they had never been one. */
#include "ground.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine.h"
#include "registry/merge.h"
#include "registry/shield.h"

struct deciding {
    struct ground *ground;
    struct changes changes;
    struct decider decider;
    struct merge_order order;
    struct child_id one;
    struct child_id other;
    enum fault after; /* what the transaction fails with once all is done */
    struct merge_outcome outcome;
};

static void decide_on(struct ground *ground, const struct permit *permit, struct deciding *deciding)
{
    *deciding = (struct deciding){.ground = ground};
    assert_int_equal(changes_open(ground->db, ground->vault, &deciding->changes), FAULT_NONE);
    assert_int_equal(decider_open(ground->db, ground->vault, permit->account,
                                  (struct instant){ground->now_us}, &deciding->decider),
                     FAULT_NONE);
    deciding->order = (struct merge_order){.permit = permit,
                                           .decider = &deciding->decider,
                                           .arena = ground->arena,
                                           .hidden = permit->role == ROLE_shielding_officer};
}

static enum fault run_merge(struct db_tx *tx, void *context)
{
    struct deciding *deciding = context;
    struct noting noting = {.changes = &deciding->changes};
    enum fault fault =
        merge_children(tx, &noting, &deciding->order, deciding->one, deciding->other, &deciding->outcome);
    return fault == FAULT_NONE ? deciding->after : fault;
}

static enum fault run_undo(struct db_tx *tx, void *context)
{
    struct deciding *deciding = context;
    struct noting noting = {.changes = &deciding->changes};
    enum fault fault = merge_undo(tx, &noting, &deciding->order, deciding->one, &deciding->outcome);
    return fault == FAULT_NONE ? deciding->after : fault;
}

static enum fault merge_as(struct ground *ground, enum role role, struct child_id one, struct child_id other,
                           struct merge_outcome *ret_outcome)
{
    const struct permit_child_merge permit = ground_may_merge(role);
    struct deciding deciding;
    decide_on(ground, &permit.permit, &deciding);
    deciding.one = one;
    deciding.other = other;
    enum fault fault = db_write(ground->db, DB_FOREGROUND, run_merge, &deciding);
    if (fault == FAULT_NONE)
        ground_refresh(ground, (const struct child_id[]){deciding.outcome.survivor, deciding.outcome.other},
                       2);
    if (ret_outcome != NULL)
        *ret_outcome = deciding.outcome;
    return fault;
}

static enum fault split_as(struct ground *ground, enum role role, struct child_id part)
{
    const struct permit_child_split permit = ground_may_split(role);
    struct deciding deciding;
    decide_on(ground, &permit.permit, &deciding);
    deciding.one = part;
    enum fault fault = db_write(ground->db, DB_FOREGROUND, run_undo, &deciding);
    if (fault == FAULT_NONE)
        ground_refresh(ground, (const struct child_id[]){deciding.outcome.survivor, deciding.outcome.other},
                       2);
    return fault;
}

struct two {
    struct child_id rhys;
    struct child_id reece;
};

static struct two load_two(struct ground *ground)
{
    const struct row health[] = {ground_rhys()}, school[] = {ground_reece(), ground_involvement("e1", "i1")};
    assert_int_equal(ground_feed(ground, DELTA(health, 1, health), NULL), FAULT_NONE);
    assert_int_equal(ground_feed(ground, DELTA(education, 1, school), NULL), FAULT_NONE);
    return (struct two){ground_named(ground, "Ap Huw", "Rhys"), ground_named(ground, "Huws", "Reece")};
}

static void every_id_and_number_leads_to_the_survivor(void **state)
{
    struct ground *ground = *state;
    const struct two two = load_two(ground);
    struct merge_outcome outcome;
    struct str number_of_reece = ground_read(ground, two.reece)->number;
    struct str number_of_rhys = ground_read(ground, two.rhys)->number;
    assert_int_equal(merge_as(ground, ROLE_data_officer, two.reece, two.rhys, &outcome), FAULT_NONE);
    ground_assert_child(outcome.survivor, two.rhys); /* whom the oldest source record stands with */
    ground_assert_child(outcome.other, two.reece);
    assert_int_equal(outcome.state, RECORD_LIVE);
    assert_false(outcome.newly_hidden);
    for (int round = 0; round < 2; round++) {
        const struct child *child = ground_read(ground, two.reece);
        ground_assert_child(child->child, two.rhys);
        assert_int_equal(child->claim_count, 3);
        assert_int_equal(child->part_count, 2);
        assert_memory_equal(child->number.at, number_of_rhys.at, number_of_rhys.len);
        assert_int_equal(match_counts(ground->index).people, 1);
        ground_assert_child(ground_find_number(ground, NUMBER_contactpoint, number_of_reece), two.rhys);
        ground_assert_child(ground_find_number(ground, NUMBER_contactpoint, number_of_rhys), two.rhys);
        ground_assert_child(ground_find_number(ground, NUMBER_upn, STR("P207000016049")), two.rhys);
        assert_int_equal(match_version(ground->index, two.reece), 0);
        ground_reopen(ground); /* an index made anew has the same */
    }
    assert_int_equal(merge_as(ground, ROLE_data_officer, two.reece, two.rhys, NULL), FAULT_DUPLICATE);
}

/* What the sources of either say later is said of the one child, and stands with the record it came to. */
static void feeds_reach_both_records(void **state)
{
    struct ground *ground = *state;
    const struct two two = load_two(ground);
    struct batch_counts counts;
    assert_int_equal(merge_as(ground, ROLE_data_officer, two.rhys, two.reece, NULL), FAULT_NONE);
    const struct row school[] = {row_with(ground_reece(), COLUMN_known_as, "Riki"),
                                 ground_involvement("e1", "i2")};
    const struct row health[] = {row_with(ground_rhys(), COLUMN_postcode, "YO31 9XQ")};
    assert_int_equal(ground_feed(ground, DELTA(education, 2, school), &counts), FAULT_NONE);
    assert_int_equal(counts.updated, 1);
    assert_int_equal(ground_feed(ground, DELTA(health, 2, health), &counts), FAULT_NONE);
    assert_int_equal(counts.updated, 1);
    const struct child *child = ground_read(ground, two.rhys);
    assert_int_equal(child->claim_count, 6);
    bool known_as = false;
    for (size_t i = 0; i < child->person.name_count; i++)
        known_as = known_as || str_equal(child->person.names[i].given, STR("Riki"));
    assert_true(known_as);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM child WHERE merged_into IS NULL"), 1);
    assert_int_equal(split_as(ground, ROLE_data_officer, two.reece), FAULT_NONE);
    assert_int_equal(ground_read(ground, two.rhys)->claim_count, 2);
    assert_int_equal(ground_read(ground, two.reece)->claim_count, 4);
    ground_assert_child(ground_read(ground, two.reece)->child, two.reece);
    assert_int_equal(match_counts(ground->index).people, 2);
    assert_int_equal(ground_read(ground, two.rhys)->person.name_count, 1);
}

/* R9.5, and the shield stays with both until somebody decides. */
static void case_36_a_merge_is_as_hidden_as_the_more_hidden_of_both(void **state)
{
    struct ground *ground = *state;
    const struct two two = load_two(ground);
    struct merge_outcome outcome;
    ground_set_state(ground, two.reece, CHILD_LIVE, SHIELD_PROVISIONAL);
    /* To the data officer she is not there. */
    assert_int_equal(merge_as(ground, ROLE_data_officer, two.rhys, two.reece, NULL), FAULT_ABSENT);
    assert_int_equal(merge_as(ground, ROLE_shielding_officer, two.rhys, two.reece, &outcome), FAULT_NONE);
    ground_assert_child(outcome.survivor, two.rhys);
    assert_int_equal(outcome.state, RECORD_SHIELDED);
    assert_true(outcome.newly_hidden);
    assert_int_equal(ground_read(ground, two.reece)->state, RECORD_SHIELDED);
    assert_int_equal(split_as(ground, ROLE_data_officer, two.reece), FAULT_ABSENT);
    assert_int_equal(split_as(ground, ROLE_shielding_officer, two.reece), FAULT_NONE);
    assert_int_equal(ground_read(ground, two.rhys)->state, RECORD_SHIELDED);
    assert_int_equal(ground_read(ground, two.reece)->state, RECORD_SHIELDED);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM child WHERE shield = 1"), 2);
}

struct shielding {
    struct ground *ground;
    struct changes changes;
    struct child_id child;
    enum shield shield;
};

static enum fault put_shield(struct db_tx *tx, void *context)
{
    struct shielding *shielding = context;
    struct noting noting = {.changes = &shielding->changes};
    return shield_put(tx, &noting, shielding->child, shielding->shield);
}

/* A shield that comes while they are one, by whichever id, is both records'. */
static void a_shield_is_the_persons(void **state)
{
    struct ground *ground = *state;
    const struct two two = load_two(ground);
    assert_int_equal(merge_as(ground, ROLE_data_officer, two.rhys, two.reece, NULL), FAULT_NONE);
    struct shielding shielding = {.ground = ground, .child = two.reece, .shield = SHIELD_DECIDED};
    assert_int_equal(changes_open(ground->db, ground->vault, &shielding.changes), FAULT_NONE);
    assert_int_equal(db_write(ground->db, DB_FOREGROUND, put_shield, &shielding), FAULT_NONE);
    assert_int_equal(ground_read(ground, two.rhys)->state, RECORD_SHIELDED);
    assert_int_equal(split_as(ground, ROLE_shielding_officer, two.reece), FAULT_NONE);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM child WHERE shield = 2"), 2);
}

static void sealed_records_are_never_merged(void **state)
{
    struct ground *ground = *state;
    const struct two two = load_two(ground);
    ground_set_state(ground, two.reece, CHILD_SEALED, SHIELD_NONE);
    assert_int_equal(merge_as(ground, ROLE_shielding_officer, two.rhys, two.reece, NULL), FAULT_REFUSED);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM part"), 0);
    const struct child_id nobody = {{{7}}};
    assert_int_equal(merge_as(ground, ROLE_data_officer, two.rhys, nobody, NULL), FAULT_ABSENT);
    assert_int_equal(split_as(ground, ROLE_data_officer, two.rhys), FAULT_ABSENT);
    assert_int_equal(split_as(ground, ROLE_data_officer, nobody), FAULT_ABSENT);
}

/* Everything that rests of the children, opened: all that a split must bring back. */
static struct buffer picture(struct ground *ground)
{
    struct buffer all = buffer_open(16 * 1024 * 1024);
    size_t size_bytes = 0;
    static const char *const rows[] = {
        "SELECT child_id, state, shield, authority, merged_into, parts FROM child ORDER BY child_id",
        "SELECT child_id, wrapped FROM child_key ORDER BY child_id",
        "SELECT child_id, claim_id, superseded_month, sealed FROM claim ORDER BY child_id, claim_id",
        "SELECT tag, child_id FROM identifier_owner ORDER BY tag",
        "SELECT source, number, sealed FROM source_record ORDER BY source, number",
        "SELECT child_id, part_id FROM part ORDER BY child_id, part_id"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t *at = engine_rows(ground->db_path, rows[i], &size_bytes);
        buffer_put_field(&all, (struct bytes){at, size_bytes});
        free(at);
    }
    uint8_t *ids =
        engine_rows(ground->db_path, "SELECT child_id FROM child WHERE merged_into IS NULL ORDER BY child_id",
                    &size_bytes);
    for (size_t at = 0; at < size_bytes; at += 24) {
        struct child_id child;
        memcpy(child.id.byte, ids + at + 8, sizeof child.id.byte);
        struct buffer packed = buffer_open(64 * 1024);
        person_pack(&packed, &ground_read(ground, child)->person);
        buffer_put_field(&all, buffer_bytes(&packed));
        buffer_close(&packed);
    }
    free(ids);
    assert_int_equal(buffer_fault(&all), FAULT_NONE);
    return all;
}

static void put_outcome(struct buffer *all, const struct match_outcome *outcome)
{
    buffer_put_u8(all, (uint8_t)outcome->kind);
    for (size_t i = 0; i < outcome->count; i++) {
        buffer_put_bytes(all, id_bytes(&outcome->best[i].child.id));
        buffer_put_u32(all, (uint32_t)outcome->best[i].weight);
        buffer_put_u8(all, (uint8_t)outcome->best[i].state);
        buffer_put_u8(all, outcome->best[i].reason_count);
        for (size_t k = 0; k < outcome->best[i].reason_count; k++)
            buffer_put_u32(all, (uint32_t)outcome->best[i].reasons[k].weight);
    }
}

/* What the index answers to each of these rows. */
static struct buffer answers(struct ground *ground, const struct row *rows, size_t count)
{
    struct buffer all = buffer_open(1024 * 1024);
    for (size_t i = 0; i < count; i++) {
        struct person person = {0};
        struct match_outcome outcome;
        assert_int_equal(row_to_person(&rows[i], ground->arena, &person), FAULT_NONE);
        assert_int_equal(match_link(ground->index, &person, &outcome), FAULT_NONE);
        put_outcome(&all, &outcome);
    }
    assert_int_equal(buffer_fault(&all), FAULT_NONE);
    return all;
}

static void assert_same_bytes(struct buffer *one, struct buffer *other)
{
    assert_int_equal(one->len, other->len);
    assert_memory_equal(one->at, other->at, one->len);
    buffer_close(one);
    buffer_close(other);
}

enum { CROWD = 8 };

static struct child_id load_crowd(struct ground *ground, struct row rows[CROWD], struct child_id ids[CROWD])
{
    static char records[CROWD][8], given[CROWD][12], births[CROWD][16];
    static const char *const postcodes[] = {"TS24 7AA", "LS1 4AB", "YO31 9XQ", "PL5 7DU"};
    static const char *const families[] = {"Marlowe", "Okafor", "Bevan", "Price"};
    for (int i = 0; i < CROWD; i++) {
        (void)snprintf(records[i], sizeof records[i], "c%d", i);
        (void)snprintf(given[i], sizeof given[i], "Given%c", 'a' + i);
        (void)snprintf(births[i], sizeof births[i], "2012-0%d-1%d", i + 1, i);
        rows[i] = ground_child(records[i], families[i % 4], given[i], births[i]);
        rows[i] = row_with(rows[i], COLUMN_postcode, postcodes[i / 2]);
        rows[i] = i % 3 == 0 ? rows[i] : row_with(rows[i], COLUMN_authority, "E06000001");
        const struct row one[] = {rows[i]};
        assert_int_equal(ground_feed(ground, DELTA(health, i + 1, one), NULL), FAULT_NONE);
        ids[i] = ground_named(ground, families[i % 4], given[i]);
    }
    return ids[0];
}

static struct child_id survivor_of(struct ground *ground, struct child_id child)
{
    return ground_read(ground, child)->child;
}

/* Any order of merges, merges of merged records too, undone in any order: rows and answers as they were. */
static void splits_undo_merges_exactly(void **state)
{
    struct ground *ground = *state;
    struct row rows[CROWD];
    struct child_id ids[CROWD], taken[CROWD];
    uint32_t seed = 20261121;
    (void)load_crowd(ground, rows, ids);
    struct buffer before = picture(ground), answered = answers(ground, rows, CROWD);
    for (int round = 0; round < 6; round++) {
        size_t count = 0;
        for (int i = 0; i < CROWD; i++) {
            seed = seed * 1664525u + 1013904223u;
            struct child_id one = ids[seed >> 8 & 7], other = ids[seed >> 16 & 7];
            struct merge_outcome outcome;
            if (id_equal(survivor_of(ground, one).id, survivor_of(ground, other).id))
                continue;
            assert_int_equal(merge_as(ground, ROLE_data_officer, one, other, &outcome), FAULT_NONE);
            taken[count++] = outcome.other;
            ground_assert_child(survivor_of(ground, outcome.other), outcome.survivor);
        }
        assert_true(count > 0);
        assert_int_equal(match_counts(ground->index).people, CROWD - count);
        while (count > 0) {
            seed = seed * 1664525u + 1013904223u;
            size_t at = (seed >> 8) % count;
            assert_int_equal(split_as(ground, ROLE_data_officer, taken[at]), FAULT_NONE);
            taken[at] = taken[--count];
        }
        if (round == 3)
            ground_reopen(ground);
        struct buffer now = picture(ground), answered_now = answers(ground, rows, CROWD);
        assert_int_equal(now.len, before.len);
        assert_memory_equal(now.at, before.at, now.len);
        assert_int_equal(answered_now.len, answered.len);
        assert_memory_equal(answered_now.at, answered.at, answered.len);
        buffer_close(&now);
        buffer_close(&answered_now);
    }
    buffer_close(&before);
    buffer_close(&answered);
}

/* Nothing of a decision is kept whose transaction fails at its end: the entry's, say. */
static void all_or_nothing(void **state)
{
    struct ground *ground = *state;
    const struct two two = load_two(ground);
    const struct permit_child_merge may_merge = ground_may_merge(ROLE_data_officer);
    const struct permit_child_split may_split = ground_may_split(ROLE_data_officer);
    struct deciding deciding;
    struct buffer before = picture(ground);
    decide_on(ground, &may_merge.permit, &deciding);
    deciding.one = two.rhys;
    deciding.other = two.reece;
    deciding.after = FAULT_CONFLICT;
    assert_int_equal(db_write(ground->db, DB_FOREGROUND, run_merge, &deciding), FAULT_CONFLICT);
    struct buffer after = picture(ground);
    assert_same_bytes(&before, &after);
    assert_int_equal(merge_as(ground, ROLE_data_officer, two.rhys, two.reece, NULL), FAULT_NONE);
    before = picture(ground);
    decide_on(ground, &may_split.permit, &deciding);
    deciding.one = two.reece;
    deciding.after = FAULT_CONFLICT;
    assert_int_equal(db_write(ground->db, DB_FOREGROUND, run_undo, &deciding), FAULT_CONFLICT);
    after = picture(ground);
    assert_same_bytes(&before, &after);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM never_same"), 0);
}

/* A practitioner ends, under the survivor, what was recorded with the record that was taken in. */
static void involvements_end_where_they_stand(void **state)
{
    struct ground *ground = *state;
    const struct two two = load_two(ground);
    const struct claim_id claim = {{{10}}};
    ground_record_involvement(ground, two.reece, claim);
    assert_int_equal(merge_as(ground, ROLE_data_officer, two.rhys, two.reece, NULL), FAULT_NONE);
    ground_end_involvement(ground, two.rhys, claim);
    assert_int_equal(ground_read(ground, two.rhys)->claim_count, 5);
    assert_int_equal(split_as(ground, ROLE_data_officer, two.reece), FAULT_NONE);
    assert_int_equal(ground_read(ground, two.rhys)->claim_count, 1);
    assert_int_equal(ground_read(ground, two.reece)->claim_count, 4);
}

/* After a split the two are known to be two, until they are merged again. */
static void a_split_is_remembered(void **state)
{
    struct ground *ground = *state;
    const struct two two = load_two(ground);
    struct decisions *decisions = NULL;
    for (int round = 0; round < 2; round++) {
        assert_int_equal(merge_as(ground, ROLE_data_officer, two.rhys, two.reece, NULL), FAULT_NONE);
        assert_int_equal(decisions_read(ground->db, ground->vault, &decisions), FAULT_NONE);
        assert_false(decisions_are_two(decisions, two.rhys, two.reece));
        ground_assert_child(decisions_survivor(decisions, two.reece), two.rhys);
        decisions_close(decisions);
        assert_int_equal(split_as(ground, ROLE_data_officer, two.reece), FAULT_NONE);
        assert_int_equal(decisions_read(ground->db, ground->vault, &decisions), FAULT_NONE);
        assert_true(decisions_are_two(decisions, two.reece, two.rhys));
        ground_assert_child(decisions_survivor(decisions, two.reece), two.reece);
        decisions_close(decisions);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_GROUND(every_id_and_number_leads_to_the_survivor),
        WITH_GROUND(feeds_reach_both_records),
        WITH_GROUND(case_36_a_merge_is_as_hidden_as_the_more_hidden_of_both),
        WITH_GROUND(a_shield_is_the_persons),
        WITH_GROUND(sealed_records_are_never_merged),
        WITH_GROUND(splits_undo_merges_exactly),
        WITH_GROUND(all_or_nothing),
        WITH_GROUND(involvements_end_where_they_stand),
        WITH_GROUND(a_split_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
