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

#include "postgres.h"

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

static void rows_literals_and_what_rests(void **state)
{
    static const uint8_t content[] = {0, 1, 2, 255};
    char folder[] = "/tmp/contactpoint-engine-XXXXXX", path[64], sql[128];
    const struct engine_cell cell = {"thing", "content", "number = 2", 3};
    uint8_t read[sizeof content];
    size_t size, other_size;
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/test.db", folder);
    (void)engine_run(path, postgres_wanted() ? "CREATE TABLE thing (number bigint, content bytea)"
                                             : "CREATE TABLE thing (number bigint, content blob)");
    (void)snprintf(sql, sizeof sql, "INSERT INTO thing VALUES (1, NULL), (2, %s)",
                   engine_literal(content, sizeof content));
    assert_int_equal(engine_run(path, sql), 2);
    engine_value(path, "SELECT content FROM thing WHERE number = 2", read, sizeof read);
    assert_memory_equal(read, content, sizeof content);
    char *rows = engine_rows(path, "SELECT content FROM thing ORDER BY number", &size);
    assert_int_equal(size, 8 + 8 + sizeof content);
    engine_flip(path, &cell);
    char *others = engine_rows(path, "SELECT content FROM thing ORDER BY number", &other_size);
    assert_int_equal(other_size, size);
    assert_memory_equal(rows, others, size - 1);
    assert_int_equal((uint8_t)others[size - 1], 255 ^ 4);
    free(rows);
    free(others);
    assert_int_equal(engine_run_with(path, "UPDATE thing SET content = $1", "thornbush", 9), 2);
    char *resting = engine_resting(path, &size);
    assert_non_null(memmem(resting, size, "thornbush", 9));
    assert_null(memmem(resting, size, "thornbusk", 9));
    free(resting);
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
        cmocka_unit_test(rows_literals_and_what_rests),
        cmocka_unit_test(a_path_is_a_database_until_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
