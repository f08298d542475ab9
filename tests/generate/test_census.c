#include "generate/census.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "generate/files.h"

enum { CHILDREN = 3000, PARTS = 3 };

static struct census *open_census(uint32_t part, uint32_t parts)
{
    const struct census_order order = {.children = CHILDREN, .seed = 5, .part = part, .parts = parts};
    struct census *census = NULL;
    assert_int_equal(census_open(&order, &census), FAULT_NONE);
    return census;
}

/* The rows of one source as the census gives them, one after the other. */
struct reading {
    struct census *census;
    enum source source;
    const struct census_child *child;
    size_t next;
    uint64_t rows;
};

static const struct census_row *next_row(struct reading *reading)
{
    for (;;) {
        while (reading->child != NULL && reading->next < reading->child->row_count)
            if (reading->child->rows[reading->next++].source == reading->source)
                return &reading->child->rows[reading->next - 1];
        reading->child = census_next(reading->census);
        reading->next = 0;
        if (reading->child == NULL)
            return NULL;
    }
}

static enum fault compare_row(void *context, const struct csv_record *record)
{
    struct reading *reading = context;
    if (record->number == 1 || !str_equal(record->fields[0], STR("child")))
        return FAULT_NONE;
    const struct census_row *row = next_row(reading);
    assert_non_null(row);
    assert_int_equal(record->field_count, CENSUS_COLUMNS);
    for (size_t i = 0; i < CENSUS_COLUMNS; i++)
        assert_true(str_equal(record->fields[i], row->at[i]));
    reading->rows++;
    return FAULT_NONE;
}

static void the_census_has_the_rows_of_the_feeds(void **state)
{
    (void)state;
    struct population population;
    population_open(CHILDREN, 5, NULL, &population);
    for (int i = 0; i < SOURCES_END - 1; i++) {
        struct reading reading = {.census = open_census(0, 0), .source = (enum source)(i + 1)};
        file_records(&population, file_names[i], compare_row, &reading);
        assert_int_equal(reading.rows, population.report.child_rows[i + 1]);
        assert_null(next_row(&reading));
        census_close(reading.census);
    }
    population_close(&population);
}

static void every_child_is_given_once_in_order(void **state)
{
    (void)state;
    struct census *census = open_census(0, 0);
    const struct census_child *child;
    uint32_t number = 0, twins = 0;
    while ((child = census_next(census)) != NULL) {
        assert_int_equal(child->number, ++number);
        assert_true(child->family.len > 0 && child->given.len > 0);
        assert_true(child->postcode.len > 0 && child->address.len > 0);
        assert_int_equal(child->authority.len, 9);
        assert_int_equal(child->birth.precision, DAY_EXACT);
        assert_true(child->sex == SEX_FEMALE || child->sex == SEX_MALE);
        twins += child->twin != 0;
    }
    assert_int_equal(number, CHILDREN);
    assert_true(twins > 0);
    assert_null(census_next(census));
    census_close(census);
}

static void parts_share_the_children(void **state)
{
    (void)state;
    static uint8_t given[CHILDREN + 1];
    static char families[CHILDREN + 1][64];
    memset(given, 0, sizeof given);
    struct census *whole = open_census(0, 0);
    const struct census_child *child;
    while ((child = census_next(whole)) != NULL)
        memcpy(families[child->number], child->family.at, child->family.len < 64 ? child->family.len : 64);
    census_close(whole);
    for (uint32_t part = 0; part < PARTS; part++) {
        struct census *census = open_census(part, PARTS);
        size_t count = 0;
        while ((child = census_next(census)) != NULL) {
            given[child->number]++;
            count++;
            assert_memory_equal(families[child->number], child->family.at,
                                child->family.len < 64 ? child->family.len : 64);
        }
        assert_true(count > 0 || part == PARTS - 1);
        census_close(census);
    }
    for (size_t i = 1; i <= CHILDREN; i++)
        assert_int_equal(given[i], 1);
}

static void another_year_errs_otherwise(void **state)
{
    (void)state;
    struct census *census = open_census(0, 0);
    const struct census_child *child;
    size_t rows = 0, alike = 0;
    while ((child = census_next(census)) != NULL) {
        struct census_row first = child->rows[0];
        char name[2][256] = {{0}};
        if (child->row_count == 0)
            continue;
        size_t count = child->row_count;
        memcpy(name[0], first.at[3].at, first.at[3].len);
        child = census_again(census, 1);
        assert_int_equal(child->row_count, count);
        assert_int_equal(child->rows[0].source, first.source);
        memcpy(name[1], child->rows[0].at[3].at, child->rows[0].at[3].len);
        rows++;
        alike += strcmp(name[0], name[1]) == 0 && first.slips == child->rows[0].slips;
        child = census_again(census, 0);
        assert_int_equal(child->rows[0].slips, first.slips);
    }
    assert_in_range(alike, rows / 2, rows - 1);
    census_close(census);
}

static void a_wrong_order_is_refused(void **state)
{
    (void)state;
    struct census *census = NULL;
    struct census_order order = {.children = 0};
    assert_int_equal(census_open(&order, &census), FAULT_INVALID);
    order = (struct census_order){.children = 10, .reference = "/nowhere"};
    assert_int_equal(census_open(&order, &census), FAULT_ABSENT);
    assert_null(census);
    census_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_census_has_the_rows_of_the_feeds),
        cmocka_unit_test(every_child_is_given_once_in_order),
        cmocka_unit_test(parts_share_the_children),
        cmocka_unit_test(another_year_errs_otherwise),
        cmocka_unit_test(a_wrong_order_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
