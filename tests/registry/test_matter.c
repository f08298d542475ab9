/* Matters and their timelines (registry/matter.h). */
#include "ground.h"

#include "registry/matter.h"

static const struct account_id asker = {{{1}}}, officer = {{{2}}};

struct table {
    struct ground *ground;
    struct matters matters;
    struct matter matter;
    struct matter_step step;
    struct matter found[MATTER_LIST_MAX];
    size_t count;
    struct matter_step *steps;
    size_t step_count;
    struct matter_counts counts;
    const struct matter_place *after;
    struct str authority;
    int64_t moved;
};

static struct table table_of(struct ground *ground)
{
    struct table table = {.ground = ground, .authority = STR("E06000001")};
    assert_int_equal(matters_open(ground->db, ground->vault, &table.matters), FAULT_NONE);
    return table;
}

static struct child_id load_one(struct ground *ground)
{
    struct row row = ground_child("r1", "Ap Huw", "Rhys", "2014-03-27");
    row.at[COLUMN_authority] = STR("E06000001");
    const struct feed feed = {
        .source = SOURCE_health, .sequence = 1, .mode = BATCH_DELTA, .rows = &row, .row_count = 1};
    assert_int_equal(ground_feed(ground, &feed, NULL), FAULT_NONE);
    return ground_only_child(ground);
}

static enum fault open_it(struct db_tx *tx, void *context)
{
    const struct table *table = context;
    return matter_open(tx, &table->matters, &table->matter, &table->step);
}

static void open_one(struct table *table, uint8_t first, struct child_id child, int64_t due_us)
{
    table->matter = (struct matter){.matter = {{{first, 1}}},
                                    .kind = MATTER_SHIELD,
                                    .state = MATTER_OPEN,
                                    .authority = table->authority,
                                    .opened = {table->ground->now_us + first},
                                    .due = {due_us},
                                    .child = child,
                                    .asker = asker,
                                    .wanted = 1};
    table->step = (struct matter_step){.at = {table->ground->now_us},
                                       .verb = STEP_ASKED,
                                       .account = asker,
                                       .role = ROLE_practitioner,
                                       .name = STR("Gwen Sample"),
                                       .outcome = 1,
                                       .text = STR("he has found the last address"),
                                       .more = STR("the police")};
    assert_int_equal(db_write(table->ground->db, DB_FOREGROUND, open_it, table), FAULT_NONE);
}

static enum fault read_it(struct db_tx *tx, void *context)
{
    struct table *table = context;
    enum fault fault;
    TRY(matter_read(tx, &table->matters, table->matter.matter, table->ground->arena, &table->matter));
    TRY(matter_steps(tx, &table->matters, &table->matter, table->ground->arena, &table->steps,
                     &table->step_count));
done:
    return fault;
}

static enum fault advance_it(struct db_tx *tx, void *context)
{
    struct table *table = context;
    return matter_advance(tx, &table->matters, &table->matter, &table->step);
}

static void a_matter_and_its_steps_come_back(void **state)
{
    struct ground *ground = *state;
    struct table table = table_of(ground);
    const struct child_id child = load_one(ground);
    open_one(&table, 1, child, 500);
    assert_int_equal(db_read(ground->db, read_it, &table), FAULT_NONE);
    assert_int_equal(table.matter.version, 1);
    assert_memory_equal(&table.matter.child, &child, sizeof child);
    assert_memory_equal(&table.matter.asker, &asker, sizeof asker);
    assert_str(table.matter.authority, "E06000001");
    table.matter.state = MATTER_SECOND;
    table.matter.first = officer;
    table.step = (struct matter_step){
        .at = {7}, .verb = STEP_SECOND_ASKED, .account = officer, .role = ROLE_shielding_officer};
    assert_int_equal(db_write(ground->db, DB_FOREGROUND, advance_it, &table), FAULT_NONE);
    assert_int_equal(db_read(ground->db, read_it, &table), FAULT_NONE);
    assert_int_equal(table.matter.version, 2);
    assert_int_equal(table.matter.state, MATTER_SECOND);
    assert_memory_equal(&table.matter.first, &officer, sizeof officer);
    assert_int_equal(table.step_count, 2);
    assert_str(table.steps[0].text, "he has found the last address");
    assert_str(table.steps[0].more, "the police");
    assert_str(table.steps[0].name, "Gwen Sample");
    assert_int_equal(table.steps[1].verb, STEP_SECOND_ASKED);
}

/* Two officers at once. */
static void whoever_is_second_is_told(void **state)
{
    struct ground *ground = *state;
    struct table table = table_of(ground);
    open_one(&table, 1, load_one(ground), 500);
    assert_int_equal(db_read(ground->db, read_it, &table), FAULT_NONE);
    struct table other = table;
    assert_int_equal(db_write(ground->db, DB_FOREGROUND, advance_it, &table), FAULT_NONE);
    assert_int_equal(db_write(ground->db, DB_FOREGROUND, advance_it, &other), FAULT_CONFLICT);
    assert_int_equal(ground_count(ground, "SELECT count(*) FROM matter_step"), 2);
    other.matter.matter.id.byte[0] = 77;
    assert_int_equal(db_read(ground->db, read_it, &other), FAULT_ABSENT);
}

/* Erasing the child leaves nothing of what was said about it. */
static void steps_die_with_the_childs_key(void **state)
{
    struct ground *ground = *state;
    struct table table = table_of(ground);
    open_one(&table, 1, load_one(ground), 500);
    assert_int_equal(ground_past(ground, "DELETE FROM child_key", NULL), 1);
    assert_int_equal(db_read(ground->db, read_it, &table), FAULT_NONE);
    assert_int_equal(table.step_count, 0);
}

/* A row that was changed, or stands for another matter, does not open. */
static void what_was_tampered_with_does_not_open(void **state)
{
    struct ground *ground = *state;
    struct table table = table_of(ground);
    open_one(&table, 1, load_one(ground), 500);
    assert_int_equal(ground_past(ground, "UPDATE matter SET version = 2", NULL), 1);
    assert_int_equal(db_read(ground->db, read_it, &table), FAULT_CORRUPT);
}

static enum fault list_it(struct db_tx *tx, void *context)
{
    struct table *table = context;
    enum fault fault;
    TRY(matter_list(tx, &table->matters, MATTER_SHIELD, table->authority, table->after, table->ground->arena,
                    table->found, &table->count));
    TRY(matter_count(tx, MATTER_SHIELD, table->authority, (struct instant){600}, table->ground->arena,
                     &table->counts));
done:
    return fault;
}

static void due_first_and_ones_own(void **state)
{
    struct ground *ground = *state;
    struct table table = table_of(ground);
    const struct child_id child = load_one(ground);
    open_one(&table, 1, child, 700);
    open_one(&table, 2, child, 500);
    open_one(&table, 3, child, 600);
    table.authority = STR("E06000002");
    open_one(&table, 4, child, 100);
    table.authority = STR("E06000001");
    assert_int_equal(db_read(ground->db, list_it, &table), FAULT_NONE);
    assert_int_equal(table.count, 3);
    assert_int_equal(table.found[0].matter.id.byte[0], 2);
    assert_int_equal(table.found[1].matter.id.byte[0], 3);
    assert_int_equal(table.found[2].matter.id.byte[0], 1);
    assert_int_equal(table.counts.open, 3);
    assert_int_equal(table.counts.overdue, 2);
    const struct matter_place after = {table.found[0].due, table.found[0].matter};
    table.after = &after;
    assert_int_equal(db_read(ground->db, list_it, &table), FAULT_NONE);
    assert_int_equal(table.count, 2);
    table.after = NULL;
    table.authority = (struct str){"", 0}; /* an officer of no authority has none */
    assert_int_equal(db_read(ground->db, list_it, &table), FAULT_NONE);
    assert_int_equal(table.count, 0);
}

static enum fault travel_it(struct db_tx *tx, void *context)
{
    struct table *table = context;
    struct matter_id from = {{{0}}};
    return matter_travel(tx, &table->matters, (struct instant){9}, &from, &table->moved);
}

/* R11.2 */
static void matters_travel_with_the_child(void **state)
{
    struct ground *ground = *state;
    struct table table = table_of(ground);
    open_one(&table, 1, load_one(ground), 500);
    assert_int_equal(db_write(ground->db, DB_BACKGROUND, travel_it, &table), FAULT_NONE);
    assert_int_equal(table.moved, 0);
    assert_int_equal(ground_past(ground, "UPDATE child SET authority = 'E06000002'", NULL), 1);
    assert_int_equal(db_write(ground->db, DB_BACKGROUND, travel_it, &table), FAULT_NONE);
    assert_int_equal(table.moved, 1);
    assert_int_equal(db_read(ground->db, read_it, &table), FAULT_NONE);
    assert_str(table.matter.authority, "E06000002");
    assert_int_equal(table.steps[1].verb, STEP_TRAVELLED);
}

static enum fault of_child(struct db_tx *tx, void *context)
{
    struct table *table = context;
    return matter_of_child(tx, &table->matters, MATTER_SHIELD, table->matter.child, table->ground->arena,
                           &table->found[0]);
}

static void the_open_one_of_a_child_is_found(void **state)
{
    struct ground *ground = *state;
    struct table table = table_of(ground);
    table.matter.child = load_one(ground);
    assert_int_equal(db_read(ground->db, of_child, &table), FAULT_ABSENT);
    open_one(&table, 1, table.matter.child, 500);
    assert_int_equal(db_read(ground->db, of_child, &table), FAULT_NONE);
    assert_int_equal(db_read(ground->db, read_it, &table), FAULT_NONE);
    table.matter.state = MATTER_CLOSED;
    assert_int_equal(db_write(ground->db, DB_FOREGROUND, advance_it, &table), FAULT_NONE);
    assert_int_equal(db_read(ground->db, of_child, &table), FAULT_ABSENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_GROUND(a_matter_and_its_steps_come_back), WITH_GROUND(whoever_is_second_is_told),
        WITH_GROUND(steps_die_with_the_childs_key),    WITH_GROUND(what_was_tampered_with_does_not_open),
        WITH_GROUND(due_first_and_ones_own),           WITH_GROUND(matters_travel_with_the_child),
        WITH_GROUND(the_open_one_of_a_child_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
