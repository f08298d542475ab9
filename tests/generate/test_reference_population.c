/* A population from the reference folder named by CONTACTPOINT_REFERENCE; skipped where there is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "generate/files.h"

enum { CHILDREN = 3000, MESON_SKIPPED = 77 };

static const char *reference;

struct tally {
    size_t postcode;
    size_t authority;
    uint64_t placed;
    uint64_t schooled;
};

static enum fault look(void *context, const struct csv_record *record)
{
    struct tally *tally = context;
    if (record->number == 1 || !str_equal(record->fields[0], STR("child")))
        return FAULT_NONE;
    struct str authority = record->fields[tally->authority];
    assert_int_equal(authority.len, 9);
    assert_int_equal(authority.at[0], 'E');
    tally->placed += record->fields[tally->postcode].len >= 6;
    tally->schooled += record->fields[column_of("school_code")].len == 6;
    return FAULT_NONE;
}

static void real_tables_make_a_population(void **state)
{
    (void)state;
    struct population population;
    struct population again;
    population_open(CHILDREN, 1, reference, &population);
    population_open(CHILDREN, 1, reference, &again);
    for (int i = 0; i < FILES; i++) {
        struct bytes first = file_read(&population, file_names[i]);
        struct bytes second = file_read(&again, file_names[i]);
        assert_int_equal(first.len, second.len);
        assert_memory_equal(first.at, second.at, first.len);
        free((void *)first.at);
        free((void *)second.at);
    }
    struct tally tally = {.postcode = column_of("postcode"), .authority = column_of("authority")};
    file_records(&population, "education.csv", look, &tally);
    assert_true(tally.placed > CHILDREN * 6 / 10);
    assert_true(tally.schooled > CHILDREN * 6 / 10);
    population_close(&again);
    population_close(&population);
}

int main(void)
{
    reference = getenv("CONTACTPOINT_REFERENCE");
    if (reference == NULL || reference[0] == '\0') {
        printf("skipped: CONTACTPOINT_REFERENCE names no reference folder\n");
        return MESON_SKIPPED;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(real_tables_make_a_population)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
