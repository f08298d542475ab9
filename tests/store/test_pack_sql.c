/* pack-sql: what it makes.
 * Arguments: the tool, and the folder src/store. */
#include "packing.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/statement.h"

static char output[1024 * 1024];

static void names_become_numbers_and_placeholders(void **state)
{
    (void)state;
    assert_int_equal(packing_run("-- All about boxes.\n"
                                 "-- name: box_put\n"
                                 "-- Writes a box.\n"
                                 "-- binds: box_id bytes, size int\n"
                                 "-- binds: label text?\n"
                                 "INSERT INTO box (label, size, box_id) -- why not\n"
                                 "VALUES ($label, $size, $box_id) ON CONFLICT (box_id) DO UPDATE\n"
                                 "SET size = $size, label = 'it''s; $size -- ?';\n"
                                 "\n"
                                 "-- name: box_all\n"
                                 "-- All boxes.\n"
                                 "-- gives: size int, label text?, many int\n"
                                 "SELECT size, label, count(*) AS many FROM box;\n"),
                     0);
    assert_string_equal(packing.messages, "");
    packing_read(scratch_path(&packing.scratch, "sql.h"), output, sizeof output);
    assert_says(output, "SQL_NONE = 0,\n    SQL_box_all,\n    SQL_box_put,\n    STATEMENTS_END");
    assert_says(output,
                "enum { BIND_box_put_box_id, BIND_box_put_size, BIND_box_put_label, BINDS_box_put };");
    assert_says(output, "enum { GIVES_box_put = 0 };");
    assert_says(output, "enum { GIVE_box_all_size, GIVE_box_all_label, GIVE_box_all_many, GIVES_box_all };");
    packing_read(scratch_path(&packing.scratch, "sql.c"), output, sizeof output);
    assert_says(
        output,
        "VALUES (?3, ?2, ?1) ON CONFLICT (box_id) DO UPDATE SET size = ?2, label = 'it''s; $size -- ?'\"");
    assert_says(output, "VALUES ($3, $2, $1) ON CONFLICT");
    assert_says(output, "box_id BLOB NOT NULL");
    assert_says(output, "box_id BYTEA NOT NULL");
    assert_says(output, "{\"label\", VALUE_TEXT, true}");
}

static void an_output_that_would_not_change_is_left(void **state)
{
    (void)state;
    const char *statements = "-- name: box_drop\n-- All go.\nDELETE FROM box;\n";
    struct stat before;
    struct stat after;
    assert_int_equal(packing_run(statements), 0);
    assert_int_equal(stat(scratch_path(&packing.scratch, "sql.c"), &before), 0);
    usleep(20000);
    assert_int_equal(packing_run(statements), 0);
    assert_int_equal(stat(scratch_path(&packing.scratch, "sql.c"), &after), 0);
    assert_memory_equal(&before.st_mtim, &after.st_mtim, sizeof before.st_mtim);
}

static void twins_share_a_name(void **state)
{
    (void)state;
    assert_int_equal(
        packing_run(
            "-- name: box_size\n-- Sizes.\n-- gives: size int\n-- only: sqlite\nSELECT size FROM box;\n"
            "-- name: box_size\n-- Sizes.\n-- gives: size int\n-- only: postgres\n"
            "SELECT size FROM box FOR UPDATE SKIP LOCKED;\n"),
        0);
    packing_read(scratch_path(&packing.scratch, "sql.c"), output, sizeof output);
    assert_says(output, "\"SELECT size FROM box\",\n    \"SELECT size FROM box FOR UPDATE SKIP LOCKED\"");
    assert_int_equal(
        packing_run(
            "-- name: box_size\n-- Sizes.\n-- gives: size int\n-- only: sqlite\nSELECT size FROM box;\n"
            "-- name: box_size\n-- Sizes.\n-- gives: size int?\n-- only: postgres\nSELECT size FROM box;\n"),
        1);
    assert_says(packing.messages, "its twin");
}

static void the_clock_is_each_engines_own(void **state)
{
    (void)state;
    assert_int_equal(packing_run("-- name: box_late\n-- Late.\n-- binds: for_us int\n"
                                 "DELETE FROM box WHERE size <= now_us() - $for_us;\n"),
                     0);
    packing_read(scratch_path(&packing.scratch, "sql.c"), output, sizeof output);
    assert_says(output, "size <= CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER) - ?1\"");
    assert_says(output, "size <= CAST(extract(epoch FROM statement_timestamp()) * 1000000 AS BIGINT) - $1\"");
}

/* src/store/schema.sql and distribution.sql are what results from the migrations and groups.def; `ninja
 * schema` writes them. */
static void what_ninja_schema_writes_is_committed(void **state)
{
    (void)state;
    static const char *const files[] = {"schema.sql", "distribution.sql"};
    static char committed[sizeof output];
    char path[4096];
    assert_int_equal(packing_run_on(packing.store_folder, "--schema", "schema.sql"), 0);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        packing_read(scratch_path(&packing.scratch, files[i]), output, sizeof output);
        snprintf(path, sizeof path, "%s/%s", packing.store_folder, files[i]);
        packing_read(path, committed, sizeof committed);
        if (strcmp(output, committed) != 0)
            fail_msg("src/store/%s is not what the migrations make: run `ninja schema` in the build folder",
                     files[i]);
    }
}

static size_t times(const char *text, const char *part)
{
    size_t count = 0;
    while ((text = strstr(text, part)) != NULL) {
        count++;
        text += strlen(part);
    }
    return count;
}

/* Each table is placed once, by the first column of its key where it is placed by a column. */
static void every_table_is_placed_once(void **state)
{
    (void)state;
    char path[4096];
    char whole[256];
    char spread_by[256];
    snprintf(path, sizeof path, "%s/distribution.sql", packing.store_folder);
    packing_read(path, output, sizeof output);
    for (size_t i = 0; i < sql_table_count; i++) {
        const struct sql_table *table = &sql_tables[i];
        snprintf(whole, sizeof whole, "\nSELECT create_reference_table('%s');\n", table->name);
        snprintf(spread_by, sizeof spread_by,
                 "\nSELECT create_distributed_table('%s', '%s', colocate_with => '", table->name,
                 table->columns[table->key[0]].name);
        if (times(output, whole) + times(output, spread_by) != 1)
            fail_msg("%s stands not once in src/store/distribution.sql", table->name);
    }
    assert_int_equal(times(output, "\nSELECT "), sql_table_count);
    assert_int_equal(times(output, "'child_id', colocate_with => 'child'"),
                     times(output, "'child_id', colocate_with") - 1);
}

static void bulk_statements_bring_what_copy_needs(void **state)
{
    (void)state;
    assert_int_equal(
        packing_run("-- name: box_add\n-- A box.\n-- bulk: yes\n-- binds: label text?, box_id bytes\n"
                    "INSERT INTO box (box_id, size, label) VALUES ($box_id, -7, $label);\n"
                    "-- name: box_first\n-- Boxes.\n-- bulk: yes\n-- binds: size int, box_id bytes\n"
                    "-- gives: box_id bytes\n"
                    "SELECT box_id FROM box WHERE box_id > $box_id AND size = $size;\n"),
        0);
    packing_read(scratch_path(&packing.scratch, "sql.c"), output, sizeof output);
    assert_says(output, "\"COPY box (box_id, size, label) FROM STDIN (FORMAT binary)\", copy_box_add, 3");
    assert_says(output, "copy_box_add[] = {{COPY_BIND, 1, 0}, {COPY_INT, 0, -7}, {COPY_BIND, 0, 0}, };");
    assert_says(output, "{\"COPY (SELECT box_id FROM box WHERE box_id > decode('\", 1},\n"
                        "    {\"', 'hex') AND size = CAST('\", 0},\n"
                        "    {\"' AS BIGINT)) TO STDOUT (FORMAT binary)\", 0},");
}

static void tables_are_listed_with_their_keys(void **state)
{
    (void)state;
    scratch_write(&packing.scratch, "migrations/0000.sql", packing_spread);
    scratch_write(&packing.scratch, "groups.def", packing_spread_groups);
    assert_int_equal(packing_run(""), 0);
    packing_read(scratch_path(&packing.scratch, "sql.c"), output, sizeof output);
    assert_says(output, "columns_town[] = {{\"name\", VALUE_TEXT, false}, {\"n\", VALUE_INT, false}, };");
    assert_says(output, "key_claim[] = {0, 1, };");
    assert_says(output, "{\"child\", columns_child, 3, key_child, 1},\n    {\"claim\", columns_claim, 2,");
    assert_says(output, "sql_table_count = 5;");
    assert_says(output, "place TEXT COLLATE \\\"C\\\");");
}

int main(int argc, char **argv)
{
    if (!packing_begin(argc, argv))
        return 2;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_become_numbers_and_placeholders, packing_set_up,
                                        packing_tear_down),
        cmocka_unit_test_setup_teardown(an_output_that_would_not_change_is_left, packing_set_up,
                                        packing_tear_down),
        cmocka_unit_test_setup_teardown(twins_share_a_name, packing_set_up, packing_tear_down),
        cmocka_unit_test_setup_teardown(the_clock_is_each_engines_own, packing_set_up, packing_tear_down),
        cmocka_unit_test_setup_teardown(what_ninja_schema_writes_is_committed, packing_set_up,
                                        packing_tear_down),
        cmocka_unit_test_setup_teardown(every_table_is_placed_once, packing_set_up, packing_tear_down),
        cmocka_unit_test_setup_teardown(bulk_statements_bring_what_copy_needs, packing_set_up,
                                        packing_tear_down),
        cmocka_unit_test_setup_teardown(tables_are_listed_with_their_keys, packing_set_up, packing_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
