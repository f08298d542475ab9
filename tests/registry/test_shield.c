/* R9.5 in the store: what everybody writes a child with can only raise a shield, and never opens what is
 * sealed. */
#include "ground.h"

#include <stdio.h>

#include "registry/shield.h"
#include "store/statement.h"

struct writing {
    struct ground *ground;
    struct changes changes;
    struct child_id child;
    enum shield shield;
    int64_t state;
};

static struct child_id load_one(struct ground *ground)
{
    const struct row row = ground_child("r1", "Ap Huw", "Rhys", "2014-03-27");
    const struct feed feed = {
        .source = SOURCE_health, .sequence = 1, .mode = BATCH_DELTA, .rows = &row, .row_count = 1};
    assert_int_equal(ground_feed(ground, &feed, NULL), FAULT_NONE);
    return ground_only_child(ground);
}

static enum fault put(struct db_tx *tx, void *context)
{
    struct writing *writing = context;
    struct noting noting = {.changes = &writing->changes};
    return shield_put(tx, &noting, writing->child, writing->shield);
}

/* As a merge or a split writes it. */
static enum fault put_standing(struct db_tx *tx, void *context)
{
    const struct writing *writing = context;
    const struct value in[] = {[BIND_child_standing_put_child_id] = value_id(writing->child.id),
                               [BIND_child_standing_put_state] = value_int(writing->state),
                               [BIND_child_standing_put_shield] = value_int(writing->shield),
                               [BIND_child_standing_put_authority] = value_null()};
    return db_run(tx, SQL_child_standing_put, in, NULL);
}

static struct writing writing_of(struct ground *ground)
{
    struct writing writing = {.ground = ground, .child = load_one(ground), .state = CHILD_LIVE};
    assert_int_equal(changes_open(ground->db, ground->vault, &writing.changes), FAULT_NONE);
    return writing;
}

static void a_shield_that_is_put_again_never_falls(void **state)
{
    static const enum shield puts[] = {SHIELD_PROVISIONAL, SHIELD_DECIDED, SHIELD_PROVISIONAL, SHIELD_NONE};
    static const int64_t then[] = {1, 2, 2, 2};
    struct writing writing = writing_of(*state);
    for (size_t i = 0; i < sizeof puts / sizeof puts[0]; i++) {
        writing.shield = puts[i];
        assert_int_equal(db_write(writing.ground->db, DB_FOREGROUND, put, &writing), FAULT_NONE);
        assert_int_equal(ground_count(writing.ground, "SELECT shield FROM child"), then[i]);
    }
}

static void no_standing_weakens_it_or_opens_what_is_sealed(void **state)
{
    struct writing writing = writing_of(*state);
    ground_set_state(writing.ground, writing.child, CHILD_SEALED, SHIELD_DECIDED);
    writing.shield = SHIELD_NONE;
    assert_int_equal(db_write(writing.ground->db, DB_FOREGROUND, put_standing, &writing), FAULT_NONE);
    assert_int_equal(ground_count(writing.ground, "SELECT shield FROM child"), SHIELD_DECIDED);
    assert_int_equal(ground_count(writing.ground, "SELECT state FROM child"), CHILD_SEALED);
}

static bool is_one_of(const char *name, const char *const *names)
{
    while (*names != NULL && strcmp(name, *names) != 0)
        names++;
    return *names != NULL;
}

/* Whoever adds a statement that writes a shield comes by here. */
static void these_statements_write_a_shield_and_no_others(void **state)
{
    static const char *const known[] = {"child_insert",       "child_shield_put", "child_shield_lift",
                                        "child_standing_put", "copy_write_child", NULL};
    (void)state;
    for (int i = 0; i < STATEMENTS_END; i++) {
        const struct sql_statement *statement = &sql_statements[i];
        const char *text = statement->sqlite != NULL ? statement->sqlite : statement->postgres;
        if (text == NULL)
            continue;
        const bool inserts = strstr(text, "INSERT INTO child (") != NULL;
        const bool sets = strstr(text, "UPDATE child SET") != NULL && strstr(text, "shield") != NULL;
        if ((inserts || sets) && !is_one_of(statement->name, known))
            fail_msg("%s writes a shield: may it?", statement->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_GROUND(a_shield_that_is_put_again_never_falls),
        WITH_GROUND(no_standing_weakens_it_or_opens_what_is_sealed),
        cmocka_unit_test(these_statements_write_a_shield_and_no_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
