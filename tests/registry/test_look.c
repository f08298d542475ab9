/* How much somebody looks (R5.7): by account, by the hour and by the day, and what a second person's approval
 * changes. */
#include "ground.h"

#include <stdlib.h>

#include "engine.h"
#include "registry/look.h"

enum { MINUTE_S = 60, HOUR_S = 3600, DAY_S = 24 * HOUR_S };

static const struct look_limits limits = {
    .children_per_hour = 3, .children_per_day = 5, .searches_per_hour = 2, .guesses_per_day = 2};

struct looker {
    struct ground *ground;
    struct look look;
    struct look_answer answer;
    struct allowance allowance;
};

static struct looker looker_of(struct ground *ground, uint8_t account)
{
    return (struct looker){.ground = ground,
                           .look = {.account = {{{account}}}, .kind = LOOK_CHILD, .at = {ground->now_us}}};
}

static enum fault ask(struct db_tx *tx, void *context)
{
    struct looker *looker = context;
    return look_ask(tx, looker->ground->vault, &limits, &looker->look, looker->ground->arena,
                    &looker->answer);
}

static enum fault count(struct db_tx *tx, void *context)
{
    const struct looker *looker = context;
    return look_count(tx, looker->ground->vault, &looker->look);
}

static enum fault sweep(struct db_tx *tx, void *context)
{
    const struct looker *looker = context;
    return look_sweep(tx, looker->look.at);
}

static enum fault request(struct db_tx *tx, void *context)
{
    const struct looker *looker = context;
    return allowance_ask(tx, looker->ground->vault, looker->look.account, looker->allowance.matter);
}

static enum fault give(struct db_tx *tx, void *context)
{
    const struct looker *looker = context;
    return allowance_give(tx, looker->ground->vault, looker->look.account, &looker->allowance);
}

static enum fault get(struct db_tx *tx, void *context)
{
    struct looker *looker = context;
    return allowance_get(tx, looker->ground->vault, looker->look.account, looker->ground->arena,
                         &looker->allowance);
}

static void wait_for(struct looker *looker, int64_t wait_s)
{
    looker->look.at = instant_after(looker->look.at, seconds(wait_s));
}

static bool too_many(struct looker *looker, uint8_t child)
{
    looker->look.child = (struct child_id){{{child}}};
    assert_int_equal(db_read(looker->ground->db, ask, looker), FAULT_NONE);
    return looker->answer.too_many;
}

/* Opens one where that is not too many. */
static bool opens(struct looker *looker, uint8_t child)
{
    if (too_many(looker, child))
        return false;
    assert_int_equal(db_write(looker->ground->db, DB_FOREGROUND, count, looker), FAULT_NONE);
    return true;
}

static void different_children_in_an_hour(void **state)
{
    struct looker looker = looker_of(*state, 1), other = looker_of(*state, 2);
    assert_true(opens(&looker, 1));
    assert_false(looker.answer.many);
    assert_true(opens(&looker, 2));
    assert_true(opens(&looker, 3));
    assert_true(looker.answer.many);
    assert_true(opens(&looker, 2)); /* again: it is the same child */
    assert_false(opens(&looker, 4));
    assert_true(opens(&other, 4)); /* somebody else's looks are their own */
    wait_for(&looker, HOUR_S - 1);
    assert_false(opens(&looker, 4));
    assert_true(opens(&looker, 3)); /* which counts from now */
    wait_for(&looker, 1);
    assert_true(opens(&looker, 4)); /* 1 and 2 were an hour ago */
    assert_true(opens(&looker, 1));
    assert_false(opens(&looker, 2));
}

static void different_children_in_a_day(void **state)
{
    struct looker looker = looker_of(*state, 1);
    for (uint8_t child = 1; child <= 5; child++) {
        assert_true(opens(&looker, child));
        wait_for(&looker, HOUR_S);
    }
    assert_false(opens(&looker, 6));
    assert_true(opens(&looker, 5));
    wait_for(&looker, DAY_S - 5 * HOUR_S);
    assert_true(opens(&looker, 6)); /* the first was a day ago */
    assert_false(opens(&looker, 7));
}

static void guesses_are_counted_by_themselves(void **state)
{
    struct looker looker = looker_of(*state, 1);
    assert_true(opens(&looker, 1));
    assert_true(opens(&looker, 2));
    looker.look.kind = LOOK_GUESS;
    assert_true(opens(&looker, 1));
    assert_true(opens(&looker, 2));
    assert_false(opens(&looker, 3));
    looker.look.kind = LOOK_CHILD;
    assert_true(opens(&looker, 3));
}

/* A second person's approval: counting begins anew, for as long as was said. */
static void an_approval_begins_anew(void **state)
{
    struct looker looker = looker_of(*state, 1);
    struct db *db = looker.ground->db;
    for (uint8_t child = 1; child <= 3; child++)
        assert_true(opens(&looker, child));
    assert_false(opens(&looker, 4));
    assert_int_equal(db_read(db, get, &looker), FAULT_ABSENT);
    looker.allowance.matter.byte[0] = 9;
    assert_int_equal(db_write(db, DB_FOREGROUND, give, &looker), FAULT_CONFLICT);
    assert_int_equal(db_write(db, DB_FOREGROUND, request, &looker), FAULT_NONE);
    assert_false(opens(&looker, 4)); /* asking is not being allowed */
    looker.allowance.from = looker.look.at;
    looker.allowance.until = instant_after(looker.look.at, seconds(30 * MINUTE_S));
    assert_int_equal(db_write(db, DB_FOREGROUND, give, &looker), FAULT_NONE);
    wait_for(&looker, MINUTE_S);
    for (uint8_t child = 4; child <= 6; child++)
        assert_true(opens(&looker, child));
    assert_false(opens(&looker, 7));
    wait_for(&looker, 29 * MINUTE_S); /* it has ended: all of this hour counts again */
    assert_true(too_many(&looker, 6));
    struct looker read = looker;
    assert_int_equal(db_read(db, get, &read), FAULT_NONE);
    assert_int_equal(read.allowance.until.us, looker.allowance.until.us);
    assert_int_equal(read.allowance.matter.byte[0], 9);
}

/* Nobody who has the database learns who opened whom; and after a day nothing is left. */
static void kept_as_hashes_for_a_day(void **state)
{
    struct looker looker = looker_of(*state, 1), other = looker_of(*state, 2);
    assert_true(opens(&looker, 1));
    assert_true(opens(&other, 1));
    assert_int_equal(ground_count(*state, "SELECT count(DISTINCT thing) FROM look"), 2);
    wait_for(&looker, DAY_S);
    assert_int_equal(db_write(looker.ground->db, DB_FOREGROUND, sweep, &looker), FAULT_NONE);
    assert_int_equal(ground_count(*state, "SELECT count(*) FROM look"), 2);
    wait_for(&looker, 1);
    assert_int_equal(db_write(looker.ground->db, DB_FOREGROUND, sweep, &looker), FAULT_NONE);
    assert_int_equal(ground_count(*state, "SELECT count(*) FROM look"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_GROUND(different_children_in_an_hour),     WITH_GROUND(different_children_in_a_day),
        WITH_GROUND(guesses_are_counted_by_themselves), WITH_GROUND(an_approval_begins_anew),
        WITH_GROUND(kept_as_hashes_for_a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
