/* The helper that other tests stand on, on whichever engine this run is for. */
#include "engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* after the four that it needs */
#include <cmocka.h>

static void bytes_go_in_and_a_number_comes_out(void **state)
{
    char folder[] = "/tmp/contactpoint-engine-XXXXXX", path[64];
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/test.db", folder);
    (void)engine_run(path, "CREATE TABLE thing (number bigint, content text)");
    assert_int_equal(engine_run(path, "INSERT INTO thing VALUES (7, 'a'), (8, 'b')"), 2);
    assert_int_equal(engine_run_with(path, "DELETE FROM thing WHERE number = length($1)", "\0seven.", 7), 1);
    assert_int_equal(engine_number(path, "SELECT number FROM thing"), 8);
    engine_forget(path);
    (void)unlink(path);
    assert_int_equal(rmdir(folder), 0);
}

static void a_path_is_a_database_until_forgotten(void **state)
{
    char first[1024];
    (void)state;
    (void)snprintf(first, sizeof first, "%s", engine_connection("/nowhere/first.db"));
    bool is_postgres = strcmp(first, "/nowhere/first.db") != 0;
    assert_string_equal(engine_connection("/nowhere/first.db"), first);
    assert_string_not_equal(engine_connection("/nowhere/second.db"), first);
    engine_forget("/nowhere/first.db");
    assert_int_equal(strcmp(engine_connection("/nowhere/first.db"), first) != 0, is_postgres);
    engine_forget("/nowhere/first.db");
    engine_forget("/nowhere/second.db");
    engine_forget("/nowhere/third.db");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_go_in_and_a_number_comes_out),
        cmocka_unit_test(a_path_is_a_database_until_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
