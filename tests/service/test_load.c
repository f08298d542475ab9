/* Loading a feed through the service: who may, one at a time, and what is entered (R2, R14). */
#include "service/load.h"

#include <unistd.h>

#include "house.h"

/* Rows in memory as a source. */
struct rows {
    struct house *house;
    struct feed feed;
    struct batch_header header;
    enum fault opening; /* what open answers */
    enum fault reading; /* what each answers in the end */
    int64_t opened;
    int64_t problems;
    int nice;               /* of the thread that reads */
    struct service *second; /* a load to try while this one reads */
    enum fault second_fault;
};

static enum fault open_rows(void *context, const struct batch_header **ret_header)
{
    struct rows *rows = context;
    rows->opened++;
    if (rows->opening == FAULT_NONE)
        *ret_header = &rows->header;
    return rows->opening;
}

static enum fault load(struct rows *rows, const char *login, struct batch_counts *ret_counts);

static enum fault each_row(void *context, load_take take, void *take_context)
{
    struct rows *rows = context;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < rows->feed.row_count; i++)
        TRY(take(take_context, (int64_t)i + 1, &rows->feed.rows[i], ROW_FINE));
    rows->nice = nice(0);
    if (rows->second != NULL) {
        struct rows other = {.house = rows->house, .header = rows->header};
        struct batch_counts counts;
        other.header.source = SOURCE_education;
        rows->second_fault = load(&other, "operator", &counts);
        assert_int_equal(other.opened, 0);
    }
    fault = rows->reading;
done:
    return fault;
}

static void on_problem(void *context, int64_t row_number, enum row_problem problem)
{
    struct rows *rows = context;
    assert_true(row_number > 0 && problem != ROW_FINE);
    rows->problems++;
}

static enum fault load(struct rows *rows, const char *login, struct batch_counts *ret_counts)
{
    const struct ask ask = {.operation = OP_feed_load, .unix_user = str_of(login), .source = STR("local")};
    const struct load_source source = {
        .open = open_rows, .each = each_row, .problem = on_problem, .context = rows};
    fault_clear_note();
    return service_load(rows->house->service, &ask, &source, ret_counts);
}

/* Two children, one of whom has no date of birth. */
static struct rows rows_of(struct house *house, struct row at[2])
{
    at[0] = house_child("r1", "Ap Huw", "Rhys", "2014-03-27");
    at[1] = house_child("r2", "Wiśniewska", "Zofia", "");
    struct rows rows = {.house = house,
                        .feed = {.source = SOURCE_health, .mode = BATCH_FULL, .rows = at, .row_count = 2}};
    rows.header = house_header(house, &rows.feed);
    return rows;
}

static const struct audit_event *one_event(struct house *house, int64_t before)
{
    size_t count;
    const struct audit_event *events = house_events(house, before, &count);
    assert_int_equal(count, 1);
    return events;
}

static void test_an_operator_loads(void **state)
{
    struct house *house = *state;
    struct row at[2];
    struct rows rows = rows_of(house, at);
    struct batch_counts counts = {0};
    int64_t before = house_entries(house);
    assert_int_equal(load(&rows, "operator", &counts), FAULT_NONE);
    assert_int_equal(counts.created, 1);
    assert_int_equal(counts.quarantined, 1);
    assert_int_equal(rows.problems, 1);
    assert_int_equal(rows.nice, 10);
    assert_int_equal(nice(0), 0);
    const struct audit_event *event = one_event(house, before);
    assert_int_equal(event->event, EVENT_FEED_LOADED);
    assert_int_equal(event->role, ROLE_operator);
    assert_int_equal(event->fault, FAULT_NONE);
    assert_str(event->asked,
               "source health, sequence 1, full, rows 2, removals 0; created 1, updated 0, unchanged 0, "
               "waiting 0, quarantined 1, ended 0");
    before = house_entries(house);
    assert_int_equal(load(&rows, "operator", &counts), FAULT_DUPLICATE);
    assert_int_equal(counts.created, 0);
    assert_int_equal(one_event(house, before)->event, EVENT_FEED_LOADED);
    assert_int_equal(one_event(house, before)->fault, FAULT_DUPLICATE);
    house_check_log(house);
}

/* Not even the file is looked at. */
static void test_nobody_else_does(void **state)
{
    struct house *house = *state;
    static const char *const logins[] = {"", "teacher", "manager", "root", "Operator"};
    struct row at[2];
    struct rows rows = rows_of(house, at);
    struct batch_counts counts;
    for (size_t i = 0; i < sizeof logins / sizeof logins[0]; i++) {
        int64_t before = house_entries(house);
        assert_int_equal(load(&rows, logins[i], &counts), FAULT_SIGN_IN);
        assert_non_null(strstr(fault_last_note(), "no operator's here"));
        assert_int_equal(rows.opened, 0);
        assert_int_equal(one_event(house, before)->refusal, REFUSAL_NOT_SIGNED_IN);
    }
}

static void test_one_at_a_time(void **state)
{
    struct house *house = *state;
    struct row at[2];
    struct rows rows = rows_of(house, at);
    struct batch_counts counts;
    rows.second = house->service;
    int64_t before = house_entries(house);
    assert_int_equal(load(&rows, "operator", &counts), FAULT_NONE);
    assert_int_equal(rows.second_fault, FAULT_BUSY);
    assert_int_equal(house_entries(house), before + 2);
}

/* What the source finds wrong comes back as it is; nothing is kept but the entry. */
static void test_a_source_that_fails(void **state)
{
    struct house *house = *state;
    struct row at[2];
    struct rows rows = rows_of(house, at);
    struct batch_counts counts;
    rows.opening = FAULT_MALFORMED;
    int64_t before = house_entries(house);
    assert_int_equal(load(&rows, "operator", &counts), FAULT_MALFORMED);
    assert_int_equal(one_event(house, before)->fault, FAULT_MALFORMED);
    rows.opening = FAULT_NONE;
    rows.reading = FAULT_CONFLICT;
    before = house_entries(house);
    assert_int_equal(load(&rows, "operator", &counts), FAULT_CONFLICT);
    assert_int_equal(one_event(house, before)->fault, FAULT_CONFLICT);
    assert_int_equal(house_count(house, "SELECT count(*) FROM batch"), 0);
    assert_int_equal(house_count(house, "SELECT count(*) FROM batch_plan"), 0);
    assert_int_equal(house_count(house, "SELECT count(*) FROM child"), 0);
    rows.reading = FAULT_NONE;
    assert_int_equal(load(&rows, "operator", &counts), FAULT_NONE);
    assert_int_equal(counts.created, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(test_an_operator_loads),
        WITH_HOUSE(test_nobody_else_does),
        WITH_HOUSE(test_one_at_a_time),
        WITH_HOUSE(test_a_source_that_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
