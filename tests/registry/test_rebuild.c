/* The index from the store, and small tables: authorities, freshness, ranks. */
#include "ground.h"

#include "engine.h"
#include "registry/authority.h"
#include "registry/freshness.h"
#include "registry/rebuild.h"

#include <stdio.h>

enum { PEOPLE = 64 };

/* Some people, told apart by their numbers. */
static void settle(struct ground *ground)
{
    static char records[PEOPLE][8], families[PEOPLE][16], births[PEOPLE][16];
    struct row rows[PEOPLE];
    for (int i = 0; i < PEOPLE; i++) {
        (void)snprintf(records[i], sizeof records[i], "r%d", i);
        (void)snprintf(families[i], sizeof families[i], "%c%cle%cmo%c", 'A' + i % 8, 'a' + i % 7, 'a' + i % 5,
                       'a' + i / 3);
        (void)snprintf(births[i], sizeof births[i], "20%02d-%02d-%02d", 4 + i % 20, 1 + i % 12, 1 + i % 28);
        rows[i] = ground_child(records[i], families[i], records[i], births[i]);
    }
    const struct feed feed = {
        .source = SOURCE_health, .sequence = 1, .mode = BATCH_DELTA, .rows = rows, .row_count = PEOPLE};
    assert_int_equal(ground_feed(ground, &feed, NULL), FAULT_NONE);
}

static void same_for_every_number_of_threads(void **state)
{
    struct ground *ground = *state;
    settle(ground);
    int64_t children = ground_count(ground, "SELECT count(*) FROM child");
    assert_in_range(children, PEOPLE / 2, PEOPLE);
    for (int threads = 0; threads <= 20; threads++) {
        struct match_index *index = NULL;
        int64_t found = 0, broken = 0;
        assert_int_equal(match_open(&index), FAULT_NONE);
        assert_int_equal(rebuild_index(ground->db, ground->vault, index, threads, &found, &broken),
                         FAULT_NONE);
        assert_int_equal(found, children);
        assert_int_equal(broken, 0);
        assert_int_equal(match_counts(index).people, children);
        match_close(index);
    }
}

/* A bundle that does not open is left out; the others stand (case 71). */
static void broken_bundles_are_left_out(void **state)
{
    struct ground *ground = *state;
    settle(ground);
    int64_t children = ground_count(ground, "SELECT count(*) FROM child");
    struct match_index *index = NULL;
    int64_t found = 0, broken = 0;
    static const uint8_t zeros[4096];
    int64_t linkage_bytes = ground_count(ground, "SELECT max(length(linkage)) FROM child");
    assert_in_range(linkage_bytes, 1, sizeof zeros);
    assert_int_equal(engine_run_with(ground->db_path,
                                     "UPDATE child SET linkage = $1 WHERE child_id IN "
                                     "(SELECT child_id FROM child ORDER BY child_id LIMIT 3)",
                                     zeros, (size_t)linkage_bytes),
                     3);
    assert_int_equal(engine_run_with(ground->db_path,
                                     "UPDATE child_key SET wrapped = $1 WHERE child_id IN "
                                     "(SELECT child_id FROM child ORDER BY child_id DESC LIMIT 2)",
                                     zeros, sizeof(struct wrapped_key)),
                     2);
    assert_int_equal(match_open(&index), FAULT_NONE);
    assert_int_equal(rebuild_index(ground->db, ground->vault, index, 4, &found, &broken), FAULT_NONE);
    assert_int_equal(broken, 5);
    assert_int_equal(found, children - 5);
    match_close(index);
}

/* A ciphertext moved to another child's row does not open. */
static void bundle_of_another_child(void **state)
{
    struct ground *ground = *state;
    settle(ground);
    struct match_index *index = NULL;
    int64_t found = 0, broken = 0;
    assert_true(ground_past(ground,
                            "UPDATE child SET linkage = (SELECT other.linkage FROM child AS other "
                            "ORDER BY other.child_id LIMIT 1)",
                            NULL) > 1);
    assert_int_equal(match_open(&index), FAULT_NONE);
    assert_int_equal(rebuild_index(ground->db, ground->vault, index, 2, &found, &broken), FAULT_NONE);
    assert_int_equal(found, 1);
    match_close(index);
}

static void authorities(void **state)
{
    (void)state;
    size_t count;
    const struct authority *all = authority_all(&count);
    assert_true(count > 140);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(authority_name(str_of(all[i].code)), all[i].name);
        assert_true(i == 0 || strcmp(all[i - 1].name, all[i].name) <= 0);
    }
    assert_null(authority_name(STR("E99999999")));
    assert_null(authority_name(STR("")));
}

static void late_sources(void **state)
{
    (void)state;
    const struct day today = {2026, 11, 20, DAY_EXACT};
    struct freshness freshness = {0};
    assert_false(freshness_is_late(&freshness, SOURCE_health, today)); /* never heard of: not late */
    freshness.as_of[SOURCE_health] = day_of_number(day_number(today) - FRESHNESS_DAYS_MAX);
    assert_false(freshness_is_late(&freshness, SOURCE_health, today));
    freshness.as_of[SOURCE_health] = day_of_number(day_number(today) - FRESHNESS_DAYS_MAX - 1);
    assert_true(freshness_is_late(&freshness, SOURCE_health, today));
}

/* Every state and shield means one of five things, and the most restrictive wins. */
static void states(void **state)
{
    (void)state;
    assert_int_equal(child_record_state(1, SHIELD_NONE), RECORD_LIVE);
    assert_int_equal(child_record_state(1, SHIELD_PROVISIONAL), RECORD_SHIELDED);
    assert_int_equal(child_record_state(1, SHIELD_DECIDED), RECORD_SHIELDED);
    assert_int_equal(child_record_state(3, SHIELD_NONE), RECORD_DEAD);
    assert_int_equal(child_record_state(3, SHIELD_DECIDED), RECORD_SHIELDED);
    assert_int_equal(child_record_state(2, SHIELD_DECIDED), RECORD_ARCHIVED);
    assert_int_equal(child_record_state(4, SHIELD_DECIDED), RECORD_SEALED);
}

/* Each source has a rank of its own in each group that is ranked; practitioners come last. */
static void ranks(void **state)
{
    (void)state;
    static const enum field_group groups[] = {GROUP_IDENTITY, GROUP_WHEREABOUTS, GROUP_CARERS,
                                              GROUP_EDUCATION, GROUP_PRIMARY_CARE};
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        unsigned seen = 0;
        for (int source = 1; source < SOURCES_END; source++)
            seen |= 1u << child_rank(groups[i], (enum source)source);
        assert_int_equal(seen, ((1u << SOURCES_END) - 1) & ~1u);
        assert_int_equal(child_rank(groups[i], SOURCE_NONE), SOURCES_END);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_GROUND(same_for_every_number_of_threads),
        WITH_GROUND(broken_bundles_are_left_out),
        WITH_GROUND(bundle_of_another_child),
        cmocka_unit_test(authorities),
        cmocka_unit_test(late_sources),
        cmocka_unit_test(states),
        cmocka_unit_test(ranks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
