/* pack-sql: what it refuses, with file, line and reason.
 * Arguments: the tool, and the folder src/store. */
#include "packing.h"

#include <stdio.h>
#include <unistd.h>

static void broken_blocks_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *block;
        const char *message;
    } blocks[] = {
        {"-- name: a\n-- A.\n-- binds: size int\nDELETE FROM box WHERE size = $other AND size = $size;",
         "box.sql:4: `$other` is not listed"},
        {"-- name: a\n-- A.\n-- binds: size int, label text\nDELETE FROM box WHERE size = $size;",
         "box.sql:1: `a` lists `label`"},
        {"-- name: a\n-- A.\nDELETE FROM box;\n-- name: a\n-- A.\nDELETE FROM box;",
         "box.sql:4: `a` stands already at"},
        {"-- name: a\n-- A.\n-- gives: size int\nSELECT size::int AS size FROM box;",
         "write CAST(x AS type)"},
        {"-- name: a\n-- A.\nDELETE FROM box WHERE size = ?;", "a `?` parameter"},
        {"-- name: a\n-- A.\nDELETE FROM box WHERE size = ?1;", "a `?` parameter"},
        {"-- name: a\n-- A.\nDELETE FROM box WHERE size = $1;", "`$1` is not listed"},
        {"-- name: a\nDELETE FROM box;", "box.sql:1: `a` has no comment"},
        {"-- name: a\n-- A.\nDELETE FROM box; DELETE FROM box;", "more than one statement"},
        {"-- name: a\n-- A.\nDELETE FROM box", "does not end with `;`"},
        {"-- name: a\n-- A.\n", "has no statement"},
        {"-- name: a\n-- A.\n-- binds: label text\nDELETE FROM box WHERE label = 'x' || $label;",
         "`||` in a statement that binds"},
        {"-- name: a\n-- A.\nDROP TABLE box;", "begins with `DROP`"},
        {"-- name: a\n-- A.\nPRAGMA user_version;", "begins with `PRAGMA`"},
        {"-- name: A\n-- A.\nDELETE FROM box;", "is not a name"},
        {"DELETE FROM box;", "without a `-- name:`"},
        {"-- name: a\n-- A.\n-- binds: size integer\nDELETE FROM box WHERE size = $size;",
         "unknown kind `integer`"},
        {"-- name: a\n-- A.\n-- binds: size\nDELETE FROM box WHERE size = $size;", "expected `name kind`"},
        {"-- name: a\n-- A.\n-- binds: size int, size int\nDELETE FROM box WHERE size = $size;",
         "listed twice"},
        {"-- name: a\n-- A.\n-- only: oracle\nDELETE FROM box;", "`only` is sqlite or postgres"},
        {"-- name: a\n-- A.\nSELECT size FROM box;", "has no `-- gives:`"},
        {"-- name: a\n-- A.\n-- gives: size int\nDELETE FROM box;", "gives no rows"},
        {"-- name: a\n-- A.\n-- gives: size int\nSELECT * FROM box;", "`*` as columns"},
        {"-- name: a\n-- A.\n-- gives: size int\nSELECT \"size\" FROM box;", "is not portable"},
        {"-- name: a\n-- A.\n-- gives: size int\nSELECT colour AS size FROM box;",
         "SQLite refuses `a`: no such column: colour"},
        {"-- name: a\n-- A.\n-- gives: size int\nSELECT size, label FROM box;", "gives 2 columns"},
        {"-- name: a\n-- A.\n-- gives: size int, label text\nSELECT label, size FROM box;",
         "column 1 of `a` is `label`"},
        {"-- name: a\n-- A.\n-- gives: size text\nSELECT size FROM box;", "is BIGINT in the schema"},
        {"-- name: a\n-- A.\nDELETE FROM box WHERE label = 'x;", "without its closing quote"},
    };
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        assert_int_equal(packing_run(blocks[i].block), 1);
        assert_says(packing.messages, blocks[i].message);
        assert_int_equal(access(scratch_path(&packing.scratch, "sql.c"), F_OK), -1);
    }
}

static void broken_migrations_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *migration;
        const char *message;
    } migrations[] = {
        {"CREATE TABLE box (box_id BLOB);", "0000.sql:1: `BLOB` in a migration: write BYTES"},
        {"CREATE TABLE box (box_id BYTES);\nCOMMIT;", "0000.sql:2: `COMMIT` in a migration"},
        {"CREATE TABLE box (", "SQLite refuses this migration"},
        {"CREATE TABLE box (box_id BYTES NOT NULL PRIMARY KEY);\ncreate table a (b BIGINT);",
         "0000.sql:2: a statement of a migration begins with"},
        {"CREATE TABLE box (box_id BIGINT PRIMARY KEY AUTOINCREMENT);", "`AUTOINCREMENT` in a migration"},
        {"CREATE TABLE box (box_id BIGSERIAL PRIMARY KEY);", "no sequences in keys"},
        {"CREATE SEQUENCE box_number;", "no sequences in keys"},
        {"CREATE TABLE box (box_id BIGINT GENERATED ALWAYS AS IDENTITY);", "`IDENTITY` in a migration"},
        {"CREATE TRIGGER a AFTER INSERT ON box BEGIN SELECT 1; END;", "`TRIGGER` in a migration"},
        {"CREATE VIEW a AS SELECT 1;", "`VIEW` in a migration"},
        {"CREATE TABLE box (box_id BYTES NOT NULL PRIMARY KEY) WITHOUT ROWID;", "only one of the engines"},
        {"CREATE TABLE IF NOT EXISTS box (box_id BYTES);", "a migration runs once"},
        {"LISTEN change;", "`LISTEN` in a migration"},
        {"INSERT INTO box (size) VALUES ('1'::bigint);", "0000.sql:1: `::` in a migration is not portable"},
        {"CREATE TABLE box (\"box_id\" BYTES);", "`\"` in a migration is not portable"},
    };
    scratch_write(&packing.scratch, "sql/box.sql", "");
    for (size_t i = 0; i < sizeof migrations / sizeof migrations[0]; i++) {
        scratch_write(&packing.scratch, "migrations/0000.sql", migrations[i].migration);
        assert_int_equal(packing_run_on(packing.scratch.folder, "sql.h", "sql.c"), 1);
        assert_says(packing.messages, migrations[i].message);
    }
    scratch_write(&packing.scratch, "migrations/0000.sql", packing_box);
    scratch_write(&packing.scratch, "migrations/0002.sql", "");
    assert_int_equal(packing_run_on(packing.scratch.folder, "sql.h", "sql.c"), 1);
    assert_says(packing.messages, "0001 was expected");
}

/* Writes migration, groups and statements, and expects one of them to be refused. */
static void assert_refused(const char *schema, const char *placed, const char *statements,
                           const char *message)
{
    scratch_write(&packing.scratch, "migrations/0000.sql", schema);
    scratch_write(&packing.scratch, "groups.def", placed);
    assert_int_equal(packing_run(statements), 1);
    assert_says(packing.messages, message);
}

static void a_schema_that_cannot_be_spread_is_refused(void **state)
{
    (void)state;
    static const char child[] = "CREATE TABLE child (child_id BYTES NOT NULL PRIMARY KEY);\n";
    static const struct {
        const char *table;
        const char *groups;
        const char *message;
    } schemas[] = {
        {"CREATE TABLE a (a_id BYTES NOT NULL PRIMARY KEY);", "",
         "0000.sql:2: `a` has no line in groups.def"},
        {"", "GROUP(a, LOG, \"gone\")", "groups.def:2: `a` is no table of the schema"},
        {"", "GROUP(child, LOG, \"why\")", "groups.def:2: `child` stands here twice"},
        {"", "GROUP(child, BIG, \"why\")", "groups.def:2: expected GROUP(table, group"},
        {"", "GROUP(child, LOG, \"\")", "groups.def:2: expected GROUP(table, group"},
        {"CREATE TABLE a (size BIGINT);", "GROUP(a, LOG, \"why\")", "`a` has no primary key"},
        {"CREATE TABLE a (a_id BYTES PRIMARY KEY);", "GROUP(a, LOG, \"why\")",
         "`a.a_id` is in the primary key: write NOT NULL"},
        {"CREATE TABLE a (a_id BYTES NOT NULL PRIMARY KEY, size FLOAT);", "GROUP(a, LOG, \"why\")",
         "`a.size` is FLOAT: write BYTES, BIGINT or TEXT"},
        {"CREATE TABLE a (a_id BYTES NOT NULL PRIMARY KEY, at_us BIGINT DEFAULT CURRENT_TIMESTAMP);",
         "GROUP(a, LOG, \"why\")", "`a.at_us` has a default that is no literal"},
        {"CREATE TABLE a (a_id BYTES NOT NULL, child_id BYTES NOT NULL, PRIMARY KEY (a_id, child_id));",
         "GROUP(a, CHILD, \"why\")", "child_id must lead its primary key"},
        {"CREATE TABLE a (child_id BYTES NOT NULL, a_id BYTES NOT NULL UNIQUE, PRIMARY KEY (child_id, "
         "a_id));",
         "GROUP(a, CHILD, \"why\")", "does not begin with `child_id`"},
        {"CREATE TABLE a (child_id BYTES NOT NULL PRIMARY KEY, n BIGINT);\nCREATE UNIQUE INDEX a_n ON a (n, "
         "child_id);",
         "GROUP(a, CHILD, \"why\")", "does not begin with `child_id`"},
        {"CREATE TABLE a (a_id BYTES NOT NULL PRIMARY KEY, n BIGINT UNIQUE);", "GROUP(a, GLOBAL, \"why\")",
         "a unique constraint of `a` does not begin with `a_id`"},
        {"CREATE TABLE a (child_id BYTES NOT NULL PRIMARY KEY);", "GROUP(a, LOG, \"why\")",
         "groups.def must say CHILD"},
        {"CREATE TABLE a (a_id BYTES NOT NULL PRIMARY KEY, child_id BYTES);", "GROUP(a, REFERENCE, \"why\")",
         "has a row for each child_id"},
        {"CREATE TABLE a (a_id BYTES NOT NULL PRIMARY KEY, c BYTES REFERENCES child (child_id));",
         "GROUP(a, GLOBAL, \"why\")", "a foreign key of `a` points to `child`"},
        {"CREATE TABLE a (child_id BYTES NOT NULL PRIMARY KEY, c BYTES REFERENCES child (child_id));",
         "GROUP(a, CHILD, \"why\")", "a foreign key of `a` points to `child`"},
    };
    for (size_t i = 0; i < sizeof schemas / sizeof schemas[0]; i++) {
        char schema[2048];
        char placed[1024];
        snprintf(schema, sizeof schema, "%s%s", child, schemas[i].table);
        snprintf(placed, sizeof placed, "GROUP(child, CHILD, \"why\")\n%s\n", schemas[i].groups);
        assert_refused(schema, placed, "", schemas[i].message);
    }
}

static void statements_that_keep_to_one_child_pass(void **state)
{
    (void)state;
    scratch_write(&packing.scratch, "migrations/0000.sql", packing_spread);
    scratch_write(&packing.scratch, "groups.def", packing_spread_groups);
    assert_int_equal(
        packing_run(
            "-- name: a\n-- A.\n-- binds: child_id bytes, n int\n"
            "INSERT INTO claim (n, child_id) VALUES (coalesce($n, 1), $child_id) ON CONFLICT DO NOTHING;\n"
            "-- name: b\n-- B.\n-- binds: child_id bytes\n-- gives: n int\n"
            "SELECT claim.n FROM child JOIN claim ON claim.child_id = child.child_id\n"
            "JOIN town ON town.name = child.place WHERE child.child_id = $child_id ORDER BY claim.n;\n"
            "-- name: c\n-- C.\n-- binds: child_id bytes\n-- gives: n int\n"
            "SELECT n FROM claim WHERE child_id = $child_id AND EXISTS\n"
            "  (SELECT state FROM child WHERE child_id = $child_id);\n"
            "-- name: d\n-- D.\n-- wide: nobody waits for it\n-- gives: tag bytes\n"
            "SELECT owner.tag FROM child JOIN owner ON owner.child_id = child.child_id\n"
            "ORDER BY child.place DESC NULLS LAST, owner.tag;\n"
            "-- name: e\n-- E.\n-- binds: lane bytes\n"
            "DELETE FROM entry WHERE lane = $lane\n"
            "  AND n < (SELECT CAST(sum(first.n) AS BIGINT) FROM entry AS first WHERE first.lane = "
            "$lane);\n"),
        0);
    assert_string_equal(packing.messages, "");
}

static void statements_that_reach_too_far_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *statement;
        const char *message;
    } statements[] = {
        {"UPDATE child SET state = 1;", "box.sql:1: `a` must say child_id = $child_id"},
        {"-- binds: first bytes\nDELETE FROM claim WHERE child_id = $first;", "`a` must say child_id ="},
        {"-- binds: child_id bytes\nDELETE FROM claim WHERE child_id > $child_id;",
         "`a` must say child_id ="},
        {"-- binds: child_id bytes\nDELETE FROM claim WHERE child_id = $child_id AND n IN\n"
         "(SELECT state FROM child WHERE child_id > claim.n);",
         "`a` must say child_id = $child_id of each"},
        {"-- wide: x\n-- gives: n int\nSELECT claim.n FROM claim JOIN child ON child.state = claim.n;",
         "`a` joins a child's tables by something else"},
        {"-- binds: first bytes\nINSERT INTO child (child_id, state) VALUES ($first, 1);",
         "`a` must put $child_id into child_id"},
        {"-- binds: child_id bytes\nINSERT INTO child (state, child_id) SELECT 1, $child_id;",
         "`a` must put $child_id into child_id"},
        {"-- binds: child_id bytes\n-- gives: tag bytes\nSELECT owner.tag FROM child JOIN owner ON "
         "owner.child_id = child.child_id WHERE child.child_id = $child_id;",
         "`a` joins `child` (CHILD) and `owner` (GLOBAL), which stand apart"},
        {"-- gives: tag bytes\nSELECT owner.tag FROM owner JOIN entry ON entry.lane = owner.tag;",
         "`a` joins `owner` (GLOBAL) and `entry` (LOG)"},
        {"DELETE FROM town WHERE n IN (SELECT n FROM entry);",
         "`a` writes `town` (REFERENCE) by what `entry`"},
        {"-- gives: n int\nSELECT entry.n FROM entry, town;", "`a` has a `,` behind FROM"},
        {"-- wide:\nUPDATE child SET state = 1;", "`-- wide:` says why"},
    };
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        char block[1024];
        snprintf(block, sizeof block, "-- name: a\n-- A.\n%s\n", statements[i].statement);
        assert_refused(packing_spread, packing_spread_groups, block, statements[i].message);
    }
}

static void statements_of_one_engine_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *statement;
        const char *message;
    } statements[] = {
        {"-- only: sqlite\nDELETE FROM town;",
         "`a` is for one engine only: its twin for the other is missing"},
        {"-- gives: n int\nSELECT max(random()) AS n FROM town;",
         "`random` in `a`: a function that one engine"},
        {"-- gives: n int\nSELECT sum(n) AS n FROM town;", "write CAST(sum(…) AS BIGINT)"},
        {"-- gives: n int\nSELECT CAST(n AS INTEGER) AS n FROM town;", "`INTEGER` in `a`: write BIGINT"},
        {"-- binds: n int\nDELETE FROM town WHERE n IS $n;", "`IS` in `a`: write IS NULL"},
        {"DELETE FROM town WHERE name LIKE 'a%';", "`LIKE` in `a`"},
        {"DELETE FROM town WHERE n == 1;", "`==` in `a`: write ="},
        {"INSERT OR REPLACE INTO town (name, n) VALUES ('a', 1);", "write ON CONFLICT"},
        {"DELETE FROM town WHERE n < clock_timestamp();", "write now_us()"},
        {"-- gives: tag bytes\nSELECT tag FROM owner WHERE rowid = 1;",
         "rows are found by their primary key"},
        {"-- gives: n int\nSELECT pg_advisory_lock(n) AS n FROM town;", "no advisory locks"},
        {"-- gives: n int\nSELECT nextval(name) AS n FROM town;", "no sequences"},
        {"-- gives: n int\nSELECT pg_notify(name, name) AS n FROM town;", "no LISTEN/NOTIFY"},
        {"-- binds: child_id bytes\n-- gives: state int\n"
         "SELECT state FROM child WHERE child_id = $child_id ORDER BY place;",
         "`place` in `a`: it may be NULL: say NULLS FIRST or NULLS LAST"},
    };
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        char block[1024];
        snprintf(block, sizeof block, "-- name: a\n-- A.\n%s\n", statements[i].statement);
        assert_refused(packing_spread, packing_spread_groups, block, statements[i].message);
    }
    assert_refused(packing_spread, packing_spread_groups,
                   "-- name: a\n-- A.\n-- only: sqlite\nDELETE FROM town;\n"
                   "-- name: a\n-- A.\n-- only: postgres\nDELETE FROM town WHERE pg_try_advisory_lock(n);\n",
                   "no advisory locks");
}

static void bulk_statements_that_copy_cannot_do_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *statement;
        const char *message;
    } statements[] = {
        {"-- binds: box_id bytes\nINSERT INTO box (box_id, size) VALUES ($box_id, 1 + 1);",
         "every value is a"},
        {"-- binds: box_id bytes\nINSERT INTO box (box_id, size) VALUES ($box_id, 1) ON CONFLICT DO NOTHING;",
         "nothing behind it"},
        {"-- binds: box_id bytes\n-- gives: size int\n"
         "INSERT INTO box (box_id, size) VALUES ($box_id, 1) RETURNING size;",
         "nothing behind it"},
        {"-- binds: box_id bytes\nINSERT INTO box (box_id, size, label) VALUES ($box_id, 1, 'a');",
         "every value is a"},
        {"-- binds: box_id bytes\nINSERT INTO box (box_id, size, label) VALUES ($box_id, 1, 2);",
         "what it puts into `box.label` is not of the column's type"},
        {"-- binds: box_id int\nINSERT INTO box (box_id, size) VALUES ($box_id, 1);",
         "what it puts into `box.box_id` is not"},
        {"-- binds: box_id bytes\nINSERT INTO box (box_id, size) VALUES ($box_id, NULL);",
         "what it puts into `box.size` is not"},
        {"DELETE FROM box;", "only a plain INSERT or SELECT can be"},
        {"-- binds: label text\n-- gives: size int\nSELECT size FROM box WHERE label = $label;",
         "its binds must be int or bytes"},
        {"-- binds: size int?\n-- gives: size int\nSELECT size FROM box WHERE size = $size;",
         "its binds must be int or bytes, and never NULL"},
        {"-- gives: size int\nSELECT size + 1 AS size FROM box;", "`size` is an expression"},
    };
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        char block[1024];
        snprintf(block, sizeof block, "-- name: a\n-- A.\n-- bulk: yes\n%s\n", statements[i].statement);
        assert_int_equal(packing_run(block), 1);
        assert_says(packing.messages, statements[i].message);
    }
    assert_int_equal(packing_run("-- name: a\n-- A.\n-- bulk: no\nDELETE FROM box;"), 1);
    assert_says(packing.messages, "`bulk` is yes or absent");
}

int main(int argc, char **argv)
{
    if (!packing_begin(argc, argv))
        return 2;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(broken_blocks_are_refused, packing_set_up, packing_tear_down),
        cmocka_unit_test_setup_teardown(broken_migrations_are_refused, packing_set_up, packing_tear_down),
        cmocka_unit_test_setup_teardown(a_schema_that_cannot_be_spread_is_refused, packing_set_up,
                                        packing_tear_down),
        cmocka_unit_test_setup_teardown(statements_that_keep_to_one_child_pass, packing_set_up,
                                        packing_tear_down),
        cmocka_unit_test_setup_teardown(statements_that_reach_too_far_are_refused, packing_set_up,
                                        packing_tear_down),
        cmocka_unit_test_setup_teardown(statements_of_one_engine_are_refused, packing_set_up,
                                        packing_tear_down),
        cmocka_unit_test_setup_teardown(bulk_statements_that_copy_cannot_do_are_refused, packing_set_up,
                                        packing_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
