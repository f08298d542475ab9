#include "generate/reference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void small_decimals_are_read_exactly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t millionths;
    } good[] = {{"0.01302", 13020}, {"3e-05", 30},       {"1", 1000000}, {"93836.0", 93836000000},
                {"0.0000001", 0},   {"1.5e-01", 150000}, {"0", 0}};
    static const char *const bad[] = {"", "x", "1.2.3", "-1", "1e5", "1e-", "1e-x", "12345678901234567890"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        uint64_t got = 1;
        assert_true(reference_millionths(str_of(good[i].text), &got));
        assert_int_equal(got, good[i].millionths);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint64_t got = 1;
        assert_false(reference_millionths(str_of(bad[i]), &got));
        assert_int_equal(got, 1);
    }
}

static enum fault count(void *context, const struct csv_record *record)
{
    uint64_t *rows = context;
    assert_int_equal(record->field_count, 2);
    (*rows)++;
    return FAULT_NONE;
}

static enum fault read_text(const char *text, uint64_t *rows)
{
    char folder[] = "/tmp/contactpoint-reference-XXXXXX";
    char path[64];
    *rows = 0;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/table.csv", folder);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    enum fault fault = reference_read(&(struct reference_table){folder, "table.csv", "a,b", count, rows});
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
    return fault;
}

static void tables_are_read_and_others_refused(void **state)
{
    (void)state;
    uint64_t rows;
    assert_int_equal(read_text("a,b\r\n1,2\r\n\"3,4\",5\r\n", &rows), FAULT_NONE);
    assert_int_equal(rows, 2);
    assert_int_equal(read_text("a,c\n1,2\n", &rows), FAULT_MALFORMED);
    assert_non_null(strstr(fault_last_note(), "other columns than expected"));
    assert_int_equal(read_text("a\n1\n", &rows), FAULT_MALFORMED);
    assert_int_equal(read_text("a,b\n1,2,3\n", &rows), FAULT_MALFORMED);
    assert_int_equal(read_text("a,b\n1,\xFF\n", &rows), FAULT_MALFORMED);
    assert_int_equal(reference_read(&(struct reference_table){"/nonexistent", "t.csv", "a", count, &rows}),
                     FAULT_ABSENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_decimals_are_read_exactly),
        cmocka_unit_test(tables_are_read_and_others_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
