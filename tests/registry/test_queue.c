/* Rows that wait for an officer (R9.6, R14.3): listed, decided the same or different, remembered. */
#include "ground.h"

#include "engine.h"
#include "registry/merge.h"
#include "registry/settle.h"

/* Of the same name and birthday, living elsewhere. */
static struct row alike(void)
{
    return row_with(ground_child("e1", "Ap Huw", "Rhys", "2014-03-27"), COLUMN_postcode, "YO31 9XQ");
}

/* A decision on its way. */
struct deciding {
    struct ground *ground;
    struct changes changes;
    struct queue_keys keys;
    struct decider decider;
    struct permit_case_decide permit;
    struct intake_house house;
    struct settlement settlement;
    enum waiting_queue queue;
    struct waiting_row rows[QUEUE_ROWS_MAX];
    size_t count;
    struct child_id child;
    const struct child_id *others;
    size_t other_count;
    struct child_id became;
};

static void open_deciding(struct ground *ground, enum waiting_queue queue, struct deciding *deciding)
{
    enum role role = queue == QUEUE_SHIELDING_OFFICER ? ROLE_shielding_officer : ROLE_data_officer;
    *deciding = (struct deciding){.ground = ground, .queue = queue};
    deciding->permit = ground_may_decide(role);
    deciding->house = ground_intake(ground);
    assert_int_equal(changes_open(ground->db, ground->vault, &deciding->changes), FAULT_NONE);
    assert_int_equal(queue_keys_open(ground->db, ground->vault, &deciding->keys), FAULT_NONE);
    deciding->keys.purpose = vault_for_linkage(ground->vault).purpose;
    assert_int_equal(decider_open(ground->db, ground->vault, deciding->permit.permit.account,
                                  (struct instant){ground->now_us}, &deciding->decider),
                     FAULT_NONE);
    deciding->settlement = (struct settlement){.permit = &deciding->permit,
                                               .house = &deciding->house,
                                               .keys = &deciding->keys,
                                               .decider = &deciding->decider,
                                               .arena = ground->arena,
                                               .hidden = queue == QUEUE_SHIELDING_OFFICER};
}

static enum fault list(struct db_tx *tx, void *context)
{
    struct deciding *deciding = context;
    return queue_list(tx, &deciding->keys, deciding->queue, &(struct waiting_place){.source = 0},
                      QUEUE_ROWS_MAX, deciding->ground->arena, deciding->rows, &deciding->count);
}

static size_t waiting(struct ground *ground, enum waiting_queue queue)
{
    struct deciding deciding;
    open_deciding(ground, queue, &deciding);
    assert_int_equal(db_read(ground->db, list, &deciding), FAULT_NONE);
    return deciding.count;
}

static enum fault read_first(struct db_tx *tx, void *context)
{
    struct deciding *deciding = context;
    return queue_read(tx, &deciding->keys, &deciding->rows[0].place, deciding->ground->arena,
                      &deciding->settlement.row);
}

/* The first row that waits, ready to be decided. */
static void take_first(struct ground *ground, enum waiting_queue queue, struct deciding *deciding)
{
    open_deciding(ground, queue, deciding);
    assert_int_equal(db_read(ground->db, list, deciding), FAULT_NONE);
    assert_true(deciding->count > 0);
    assert_int_equal(db_read(ground->db, read_first, deciding), FAULT_NONE);
}

static enum fault same(struct db_tx *tx, void *context)
{
    struct deciding *deciding = context;
    struct noting noting = {.changes = &deciding->changes};
    return settle_same(tx, &noting, &deciding->settlement, deciding->child, &deciding->became);
}

static enum fault different(struct db_tx *tx, void *context)
{
    struct deciding *deciding = context;
    struct noting noting = {.changes = &deciding->changes};
    return settle_different(tx, &noting, &deciding->settlement, deciding->others, deciding->other_count,
                            &deciding->became);
}

static enum fault decide_same(struct deciding *deciding, struct child_id child)
{
    deciding->child = child;
    enum fault fault = db_write(deciding->ground->db, DB_FOREGROUND, same, deciding);
    if (fault == FAULT_NONE)
        ground_refresh(deciding->ground, &deciding->became, 1);
    return fault;
}

static enum fault decide_different(struct deciding *deciding, const struct child_id *other)
{
    deciding->others = other;
    deciding->other_count = 1;
    enum fault fault = db_write(deciding->ground->db, DB_FOREGROUND, different, deciding);
    if (fault == FAULT_NONE)
        ground_refresh(deciding->ground, &deciding->became, 1);
    return fault;
}

/* Rhys, hidden, and a row with an involvement that is held because of him. */
static struct child_id hold_one(struct ground *ground)
{
    const struct row health[] = {ground_rhys()}, school[] = {alike(), ground_involvement("e1", "i1")};
    assert_int_equal(ground_feed(ground, DELTA(health, 1, health), NULL), FAULT_NONE);
    struct child_id child = ground_only_child(ground);
    ground_set_state(ground, child, CHILD_LIVE, SHIELD_DECIDED);
    assert_int_equal(ground_feed(ground, DELTA(education, 1, school), NULL), FAULT_NONE);
    assert_int_equal(ground_children(ground), 1);
    assert_int_equal(waiting(ground, QUEUE_SHIELDING_OFFICER), 1); /* the involvement waits with it */
    assert_int_equal(waiting(ground, QUEUE_DATA_OFFICER), 0);
    return child;
}

static void the_same_child_keeps_its_shield(void **state)
{
    struct ground *ground = *state;
    struct deciding deciding;
    struct batch_counts counts;
    struct child_id child = hold_one(ground);
    take_first(ground, QUEUE_SHIELDING_OFFICER, &deciding);
    assert_str(deciding.settlement.row.row.at[COLUMN_postcode], "YO31 9XQ");
    assert_int_equal(deciding.settlement.row.reason, ROW_HELD);
    assert_int_equal(decide_same(&deciding, child), FAULT_NONE);
    assert_int_equal(waiting(ground, QUEUE_SHIELDING_OFFICER), 0);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch_waiting"), 0);
    const struct child *read = ground_read(ground, child);
    assert_int_equal(read->state, RECORD_SHIELDED);
    assert_int_equal(read->claim_count, 3);
    assert_int_equal(read->person.place_count, 2);
    /* From now on its source's words reach the child, and ends are ends. */
    const struct row news[] = {row_with(alike(), COLUMN_school_name, "Northgate School"),
                               row_with(ground_involvement("e1", "i1"), COLUMN_to, "2026-11-01")};
    assert_int_equal(ground_feed(ground, DELTA(education, 2, news), &counts), FAULT_NONE);
    assert_int_equal(counts.updated, 2);
    assert_int_equal(ground_read(ground, child)->claim_count, 5);
    assert_int_equal(ground_read(ground, child)->state, RECORD_SHIELDED);
    /* Decided already. */
    assert_int_equal(decide_same(&deciding, child), FAULT_CONFLICT);
    assert_int_equal(ground_read(ground, child)->claim_count, 5);
}

static void a_different_child_is_made_and_remembered(void **state)
{
    struct ground *ground = *state;
    struct deciding deciding;
    struct batch_counts counts;
    struct decisions *decisions = NULL;
    struct child_id child = hold_one(ground);
    take_first(ground, QUEUE_SHIELDING_OFFICER, &deciding);
    assert_int_equal(decide_different(&deciding, &child), FAULT_NONE);
    assert_int_equal(ground_children(ground), 2);
    assert_int_equal(waiting(ground, QUEUE_SHIELDING_OFFICER), 0);
    struct child_id made = deciding.became;
    assert_int_equal(ground_read(ground, made)->state, RECORD_LIVE);
    assert_int_equal(ground_read(ground, made)->claim_count, 2);
    assert_int_equal(ground_read(ground, made)->number.len, 11);
    assert_int_equal(ground_read(ground, child)->claim_count, 1);
    assert_int_equal(ground_read(ground, child)->state, RECORD_SHIELDED);
    assert_int_equal(match_counts(ground->index).people, 2);
    assert_int_equal(decisions_read(ground->db, ground->vault, &decisions), FAULT_NONE);
    assert_true(decisions_are_two(decisions, made, child));
    const struct child_id *apart = NULL;
    assert_int_equal(decisions_apart(decisions, &deciding.settlement.row.record.tag, &apart), 1);
    assert_memory_equal(&apart[0], &child, sizeof child);
    decisions_close(decisions);
    /* The source's further words reach the new child. */
    const struct row news[] = {row_with(alike(), COLUMN_school_name, "Northgate School")};
    assert_int_equal(ground_feed(ground, DELTA(education, 2, news), &counts), FAULT_NONE);
    assert_int_equal(counts.updated, 1);
    assert_int_equal(ground_read(ground, made)->claim_count, 3);
    /* Ended by its source, and said again: not held because of the same child again. */
    struct feed none = {.source = SOURCE_education, .sequence = 3, .mode = BATCH_FULL, .removals = 2};
    assert_int_equal(ground_feed(ground, &none, NULL), FAULT_NONE);
    const struct row again[] = {row_with(alike(), COLUMN_postcode, "PL5 7DU")};
    assert_int_equal(ground_feed(ground, DELTA(education, 4, again), &counts), FAULT_NONE);
    assert_int_equal(waiting(ground, QUEUE_SHIELDING_OFFICER), 0);
    /* Another source's record of the same look is a new question. */
    const struct row benefit[] = {row_with(alike(), COLUMN_record, "b1")};
    assert_int_equal(ground_feed(ground, DELTA(child_benefit, 1, benefit), &counts), FAULT_NONE);
    assert_int_equal(ground_read(ground, child)->claim_count, 1);
}

/* The receipt of a held row is that of any, whatever was decided, and whenever. */
static void receipts_tell_nothing(void **state)
{
    struct ground *ground = *state;
    struct deciding deciding;
    struct batch_counts held, plain;
    const struct row unlike[] = {
        row_with(ground_child("s1", "Marlowe", "Tess", "2011-05-19"), COLUMN_postcode, "PL5 7DU"),
        ground_involvement("s1", "i1")};
    struct child_id child = hold_one(ground);
    assert_int_equal(ground_feed(ground, DELTA(social_care, 1, unlike), NULL), FAULT_NONE);
    for (int64_t sequence = 2; sequence < 6; sequence++) {
        struct row school[] = {alike(), ground_involvement("e1", "i1")};
        struct row social[] = {unlike[0], unlike[1]};
        if (sequence == 3 || sequence == 5)
            school[0].at[COLUMN_address_1] = social[0].at[COLUMN_address_1] = STR("1 Harbour Terrace");
        assert_int_equal(ground_feed(ground, DELTA(education, sequence, school), &held), FAULT_NONE);
        assert_int_equal(ground_feed(ground, DELTA(social_care, sequence, social), &plain), FAULT_NONE);
        assert_memory_equal(&held, &plain, sizeof held);
        if (sequence == 3) {
            assert_int_equal(waiting(ground, QUEUE_SHIELDING_OFFICER), 1);
            take_first(ground, QUEUE_SHIELDING_OFFICER, &deciding);
            assert_str(deciding.settlement.row.row.at[COLUMN_address_1],
                       "1 Harbour Terrace"); /* the newest */
            assert_int_equal(decide_different(&deciding, &child), FAULT_NONE);
        }
    }
}

static void the_data_officers_rows(void **state)
{
    struct ground *ground = *state;
    struct deciding deciding;
    struct batch_counts counts;
    const struct row health[] = {ground_rhys()}, school[] = {alike(), ground_involvement("e1", "i1")};
    assert_int_equal(ground_feed(ground, DELTA(health, 1, health), NULL), FAULT_NONE);
    struct child_id child = ground_only_child(ground);
    for (int64_t sequence = 1; sequence < 4; sequence++) { /* waits anew each time, as one */
        assert_int_equal(ground_feed(ground, DELTA(education, sequence, school), &counts), FAULT_NONE);
        assert_int_equal(counts.waiting, 2);
        assert_int_equal(waiting(ground, QUEUE_DATA_OFFICER), 1);
        assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch_waiting"), 2);
    }
    take_first(ground, QUEUE_DATA_OFFICER, &deciding);
    assert_int_equal(decide_same(&deciding, child), FAULT_NONE);
    assert_int_equal(ground_read(ground, child)->claim_count, 3);
    assert_int_equal(waiting(ground, QUEUE_DATA_OFFICER), 0);
    assert_int_equal(ground_feed(ground, DELTA(education, 4, school), &counts), FAULT_NONE);
    assert_int_equal(counts.unchanged, 2);
    ground_reopen(ground);
    assert_int_equal(ground_feed(ground, DELTA(education, 5, school), &counts), FAULT_NONE);
    assert_int_equal(counts.unchanged, 2);
    /* Twice the same source's record never stands there. */
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM source_record"), 3);
}

/* What a later batch can tell apart by itself waits no more; nor what the source no longer says. */
static void rows_settle_themselves(void **state)
{
    struct ground *ground = *state;
    struct batch_counts counts;
    struct deciding deciding;
    const struct row health[] = {ground_rhys()}, school[] = {alike(), ground_involvement("e1", "i1")};
    assert_int_equal(ground_feed(ground, DELTA(health, 1, health), NULL), FAULT_NONE);
    assert_int_equal(ground_feed(ground, DELTA(education, 1, school), NULL), FAULT_NONE);
    take_first(ground, QUEUE_DATA_OFFICER, &deciding);
    const struct row told[] = {row_with(alike(), COLUMN_nhs_number, "943 476 5919"),
                               ground_involvement("e1", "i1")};
    assert_int_equal(ground_feed(ground, DELTA(education, 2, told), &counts), FAULT_NONE);
    assert_int_equal(counts.waiting, 0);
    assert_int_equal(waiting(ground, QUEUE_DATA_OFFICER), 0);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM batch_waiting"), 0);
    assert_int_equal(ground_read(ground, ground_only_child(ground))->claim_count, 3);
    assert_int_equal(db_read(ground->db, read_first, &deciding), FAULT_ABSENT);
    assert_int_equal(decide_same(&deciding, ground_only_child(ground)), FAULT_CONFLICT);
    const struct row social[] = {
        row_with(row_with(alike(), COLUMN_record, "s1"), COLUMN_postcode, "PL5 7DU")};
    assert_int_equal(ground_feed(ground, DELTA(social_care, 1, social), NULL), FAULT_NONE);
    assert_int_equal(waiting(ground, QUEUE_DATA_OFFICER), 1);
    struct feed none = {.source = SOURCE_social_care, .sequence = 2, .mode = BATCH_FULL, .removals = 1};
    assert_int_equal(ground_feed(ground, &none, NULL), FAULT_NONE);
    assert_int_equal(waiting(ground, QUEUE_DATA_OFFICER), 0);
}

/* R9.8, and nobody decides on whom they may not see. */
static void who_may_not_be_chosen(void **state)
{
    struct ground *ground = *state;
    struct deciding deciding;
    struct child_id child = hold_one(ground);
    take_first(ground, QUEUE_SHIELDING_OFFICER, &deciding);
    deciding.settlement.hidden = false;
    assert_int_equal(decide_same(&deciding, child), FAULT_ABSENT);
    assert_int_equal(decide_same(&deciding, (struct child_id){{{5}}}), FAULT_ABSENT);
    ground_set_state(ground, child, CHILD_SEALED, SHIELD_NONE);
    take_first(ground, QUEUE_SHIELDING_OFFICER, &deciding);
    assert_int_equal(decide_same(&deciding, child), FAULT_REFUSED);
    assert_int_equal(waiting(ground, QUEUE_SHIELDING_OFFICER), 1);
    assert_int_equal(decide_different(&deciding, &child), FAULT_NONE);
    assert_int_equal(ground_children(ground), 2);
}

/* A batch that is planned and not decided shows nobody anything. */
static void planned_rows_are_not_listed(void **state)
{
    struct ground *ground = *state;
    const struct row health[] = {ground_rhys()}, school[] = {alike()};
    assert_int_equal(ground_feed(ground, DELTA(health, 1, health), NULL), FAULT_NONE);
    assert_int_equal(ground_feed_to(ground, DELTA(education, 1, school), FEED_PLANNED, NULL), FAULT_NONE);
    assert_int_equal(waiting(ground, QUEUE_DATA_OFFICER), 0);
    assert_int_equal(ground_feed_to(ground, DELTA(education, 1, school), FEED_DECIDED, NULL), FAULT_NONE);
    ground_reopen(ground);
    assert_int_equal(waiting(ground, QUEUE_DATA_OFFICER), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_GROUND(the_same_child_keeps_its_shield), WITH_GROUND(a_different_child_is_made_and_remembered),
        WITH_GROUND(receipts_tell_nothing),           WITH_GROUND(the_data_officers_rows),
        WITH_GROUND(rows_settle_themselves),          WITH_GROUND(who_may_not_be_chosen),
        WITH_GROUND(planned_rows_are_not_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
