/* The log read again: tampering, erasure, months, one's own looks. */
#include "engine.h"
#include "house.h"

/* Flips one bit of one stored byte of the entry with that number. */
static void flip(struct house *house, const char *column, int number, size_t at)
{
    char where[32];
    snprintf(where, sizeof where, "number = %d", number);
    engine_flip(house->db_path, &(struct engine_cell){"audit_entry", column, where, at});
}

static void test_one_changed_byte_is_counted(void **state)
{
    struct house *house = *state;
    struct audit_event view = view_of(house);
    struct audit_event refusal = refusal_of(house);
    write_entry(house, &view);
    write_entry(house, &refusal);
    write_entry(house, &view);
    static const size_t places[] = {0, 1, 24, 25, 100, 150};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        flip(house, "sealed", 1 + (int)i % 3, places[i]);
        assert_int_equal(check(house).broken, 1);
        flip(house, "sealed", 1 + (int)i % 3, places[i]);
        assert_int_equal(check(house).broken, 0);
    }
    for (int at = 0; at < AUDIT_COMMITMENT_BYTES; at++)
        flip(house, "commitment", 1 + at % 3, (size_t)at);
    assert_int_equal(check(house).broken, 3);
    assert_int_equal(check(house).entries, 3);
    assert_int_equal(check(house).gaps, 0);
}

static void test_changed_clear_columns_are_counted(void **state)
{
    struct house *house = *state;
    struct audit_event view = view_of(house);
    for (int i = 0; i < 6; i++)
        write_entry(house, &view);
    tamper(house, "UPDATE audit_entry SET at_us = at_us + 1 WHERE number = 1");
    assert_int_equal(check(house).broken, 1);
    tamper(house, "UPDATE audit_entry SET month = month + 1 WHERE number = 2");
    assert_int_equal(check(house).broken, 2);
    tamper(house, "UPDATE audit_entry SET actor_tag = NULL WHERE number = 3");
    assert_int_equal(check(house).broken, 3);
    tamper(house, "UPDATE audit_entry SET child_id = NULL WHERE number = 4");
    assert_int_equal(check(house).broken, 4);
    tamper(house, "UPDATE audit_entry SET entry_id = (SELECT entry_id FROM audit_entry WHERE number = 6) "
                  "WHERE number = 5");
    assert_int_equal(check(house).broken, 5);
    assert_int_equal(check(house).unreadable, 0);
}

static void test_deleted_inside_leaves_a_gap(void **state)
{
    struct house *house = *state;
    struct audit_event view = view_of(house);
    for (int i = 0; i < 4; i++)
        write_entry(house, &view);
    tamper(house, "DELETE FROM audit_entry WHERE number = 2");
    assert_int_equal(check(house).gaps, 1);
    tamper(house, "DELETE FROM audit_entry WHERE number = 4");
    assert_int_equal(check(house).gaps, 2);
    /* its number is not given again */
    assert_int_equal(write_entry(house, &view), 5);
    assert_int_equal(check(house).gaps, 2);
}

static void test_deleted_last_row_is_missing_at_next_start(void **state)
{
    struct house *house = *state;
    struct audit_event view = view_of(house);
    for (int i = 0; i < 3; i++)
        write_entry(house, &view);
    reopen(house);
    assert_int_equal(house->missing, 0);
    for (int i = 0; i < 3; i++) {
        view.at = tick(house);
        assert_int_equal(write_entry(house, &view), i + 1);
    }
    close_all(house);
    tamper(house, "DELETE FROM audit_entry WHERE at_us = (SELECT max(at_us) FROM audit_entry)");
    open_all(house, false);
    assert_int_equal(house->missing, 1);
    reopen(house);
    assert_int_equal(house->missing, 0);
    write_entry(house, &view);
    write_entry(house, &view);
    close_all(house);
    tamper(house, "DELETE FROM audit_entry");
    open_all(house, false);
    assert_int_equal(house->missing, 2);
}

static void test_entry_not_yet_released_is_no_alarm(void **state)
{
    struct house *house = *state;
    struct audit_event view = view_of(house);
    struct append_job job = {.audit = house->audit, .sealed = seal(house, &view)};
    write_entry(house, &view);
    assert_int_equal(db_write(house->db, DB_FOREGROUND, append, &job), FAULT_NONE);
    reopen(house); /* killed between commit and telling */
    assert_int_equal(house->missing, 0);
    assert_int_equal(check(house).entries, 2);
}

static void test_erased_child_is_unreadable(void **state)
{
    struct house *house = *state;
    struct audit_event view = view_of(house);
    struct audit_event refusal = refusal_of(house);
    write_entry(house, &view);
    write_entry(house, &refusal);
    tamper(house, "DELETE FROM child_key");
    struct audit_check found = check(house);
    assert_int_equal(found.entries, 2);
    assert_int_equal(found.unreadable, 1);
    assert_int_equal(found.broken + found.gaps, 0);
    static const uint8_t zeros[16];
    assert_int_equal(engine_run_with(house->db_path,
                                     "UPDATE audit_entry SET child_id = $1 WHERE child_id IS NOT NULL", zeros,
                                     sizeof zeros),
                     1);
    assert_int_equal(check(house).unreadable, 1);
    assert_int_equal(check(house).broken, 0);
}

static void test_months_have_their_own_keys(void **state)
{
    struct house *house = *state;
    struct audit_event refusal = refusal_of(house);
    write_entry(house, &refusal);
    for (int month = 0; month < 12; month++) { /* more than are remembered */
        refusal.at.us += INT64_C(31) * 24 * 3600 * 1000000;
        write_entry(house, &refusal);
    }
    assert_int_equal(check(house).broken, 0);
    reopen(house);
    assert_int_equal(check(house).broken, 0);
    assert_int_equal(check(house).entries, 13);
    tamper(house, "DELETE FROM house_key WHERE name = 'audit-2027-01'");
    reopen(house);
    assert_int_equal(check(house).broken, 1);
}

struct looks_job {
    struct house *house;
    struct account_id actor;
    size_t most;
    struct audit_event *events;
    size_t count;
};

static enum fault look(struct db_tx *tx, void *context)
{
    struct looks_job *job = context;
    return audit_own_looks(job->house->audit, tx, job->actor, job->most, job->house->arena, &job->events,
                           &job->count);
}

static void test_own_looks(void **state)
{
    struct house *house = *state;
    struct audit_event view = view_of(house);
    struct audit_event other = view_of(house);
    struct audit_event signed_in = {
        .event = EVENT_SIGNED_IN, .operation = OP_sign_in_code, .actor = house->actor, .at = tick(house)};
    other.actor.id = id_new(entropy_system());
    for (int i = 0; i < 5; i++) {
        view.at = tick(house);
        write_entry(house, &view);
        write_entry(house, &other);
        signed_in.at = tick(house);
        write_entry(house, &signed_in);
    }
    struct looks_job job = {.house = house, .actor = house->actor, .most = 3};
    assert_int_equal(db_read(house->db, look, &job), FAULT_NONE);
    assert_int_equal(job.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(job.events[i].event, EVENT_CHILD_VIEWED);
        assert_true(id_equal(job.events[i].child.id, house->child.id));
        assert_true(id_equal(job.events[i].actor.id, house->actor.id));
        assert_true(str_equal(job.events[i].reason_text, view.reason_text));
        assert_true(i == 0 || job.events[i].at.us < job.events[i - 1].at.us);
    }
    assert_int_equal(job.events[0].at.us, view.at.us);
    job.most = 100;
    assert_int_equal(db_read(house->db, look, &job), FAULT_NONE);
    assert_int_equal(job.count, 5);
    job.actor.id = id_new(entropy_system());
    assert_int_equal(db_read(house->db, look, &job), FAULT_NONE);
    assert_int_equal(job.count, 0);
    tamper(house, "DELETE FROM child_key");
    job.actor = house->actor;
    assert_int_equal(db_read(house->db, look, &job), FAULT_NONE);
    assert_int_equal(job.count, 0);
}

static void test_nothing_readable_on_the_disk(void **state)
{
    struct house *house = *state;
    struct audit_event view = view_of(house);
    size_t size;
    view.asked = STR("Cerys Planted-Secret Vaughan");
    write_entry(house, &view);
    char *resting = engine_resting(house->db_path, &size);
    assert_non_null(memmem(resting, size, house->child.id.byte, sizeof house->child.id.byte));
    assert_null(memmem(resting, size, "Planted-Secret", 14));
    assert_null(memmem(resting, size, "school meals", 12));
    free(resting);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(test_one_changed_byte_is_counted),
        WITH_HOUSE(test_changed_clear_columns_are_counted),
        WITH_HOUSE(test_deleted_inside_leaves_a_gap),
        WITH_HOUSE(test_deleted_last_row_is_missing_at_next_start),
        WITH_HOUSE(test_entry_not_yet_released_is_no_alarm),
        WITH_HOUSE(test_erased_child_is_unreadable),
        WITH_HOUSE(test_months_have_their_own_keys),
        WITH_HOUSE(test_own_looks),
        WITH_HOUSE(test_nothing_readable_on_the_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
