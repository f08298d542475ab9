/* `contactpoint match train` and `match explain` as an operator runs them on an instance that is not served:
 * what they print, what is left in the state folder, and the one clear line that whatever is wrong gets. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine.h"
#include "ran.h"
#include "registry/child.h"
#include "service/inside.h"
#include "yard.h"

static char program[PATH_MAX];
static struct yard yard = {.folder = "/tmp/yard-XXXXXX"};

/* In the yard's folder, where the state folder is `state`. */
static const struct ran *run(const char *line)
{
    return ran_whole(ran_cut(program, line), NULL);
}

static const char *succeeds(const char *line)
{
    const struct ran *ran = run(line);
    ran_assert_done(ran);
    return ran->wrote;
}

/* What is wrong stands in the last line of standard error; nothing is written. */
static void fails(int status, const char *line, const char *says)
{
    const struct ran *ran = run(line);
    if (ran->status != status || strstr(ran->said, "contactpoint: ") == NULL ||
        strstr(ran->said, says) == NULL || ran->wrote[0] != '\0')
        fail_msg("%s: exit %d: %s%s", line, ran->status, ran->said, ran->wrote);
}

static void load(const char *path)
{
    char line[512];
    (void)snprintf(line, sizeof line, "feed load --state state %s", path);
    (void)succeeds(line);
}

/* Rows of children: record, family, given, birth, postcode. */
static void load_draft(const char *source, int64_t sequence, const char *const (*children)[5], int64_t count)
{
    char rows[4096] = "";
    size_t len = 0;
    for (int64_t i = 0; i < count; i++) {
        const char *const *child = children[i];
        len += (size_t)snprintf(rows + len, sizeof rows - len,
                                "child,%s,%s,%s,,,,,M,%s,,,,,,,1 Sea Lane,,Hartlepool,%s,,E06000001",
                                child[0], child[1], child[2], child[3], child[4]);
        for (int k = COLUMN_authority + 1; k < COLUMNS_END; k++)
            rows[len++] = ',';
        rows[len++] = '\n';
    }
    load(yard_draft(
        &yard,
        &(struct draft){
            .source = source, .sequence = sequence, .mode = "delta", .rows = {rows, len}, .count = count}));
}

/* Rhys has two records: the second was made before its source said who he is.  Carys is his sister. */
static void load_family(void)
{
    static const char *const health[][5] = {{"h1", "Ap Huw", "Rhys", "2014-03-27", "TS24 7AA"},
                                            {"h2", "Ap Huw", "Carys", "2012-08-02", "TS24 7AA"}};
    static const char *const wrong[][5] = {{"b1", "Nobody", "Else", "2009-01-02", "LS1 4AB"}};
    static const char *const right[][5] = {{"b1", "Ap Huw", "Rhys", "2014-03-27", "TS24 7AA"}};
    load_draft("health", 2, health, 2);
    load_draft("child_benefit", 2, wrong, 1);
    load_draft("child_benefit", 3, right, 1);
}

static int enter(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(yard.folder));
    (void)snprintf(yard.state, sizeof yard.state, "%s/state", yard.folder);
    assert_int_equal(arena_open(1024 * 1024, &yard.arena), FAULT_NONE);
    assert_int_equal(chdir(yard.folder), 0);
    (void)succeeds("demonstration --state state");
    (void)succeeds("generate --children 900 --seed 7 --out feeds");
    for (size_t i = 0; i < YARD_FEEDS; i++) {
        char path[64];
        (void)snprintf(path, sizeof path, "feeds/%s", yard_feeds[i]);
        load(path);
    }
    load_family();
    return 0;
}

static int leave(void **state)
{
    (void)state;
    assert_int_equal(chdir("/"), 0);
    yard_close(&yard);
    return 0;
}

/* The ContactPoint numbers of those of that name, in the order of their ids. */
struct reading {
    struct service *service;
    const char *given;
    uint8_t *ids; /* as engine_rows has them */
    size_t size_bytes;
    char numbers[2][16];
    struct child_id children[2];
    size_t count;
};

static enum fault read_names(struct db_tx *tx, void *context)
{
    struct reading *reading = context;
    enum fault fault = FAULT_NONE;
    for (size_t at = 0; at < reading->size_bytes && fault == FAULT_NONE; at += 24) {
        struct child *child = NULL;
        struct child_id id;
        memcpy(id.id.byte, reading->ids + at + 8, sizeof id.id.byte);
        arena_reset(yard.arena);
        fault = child_read(tx, vault_for_linkage(reading->service->vault).purpose, id, yard.arena, &child);
        if (fault != FAULT_NONE || !str_equal(child->person.names[0].given, str_of(reading->given)) ||
            !str_equal(child->person.names[0].family, STR("Ap Huw")))
            continue;
        reading->children[reading->count] = id;
        (void)snprintf(reading->numbers[reading->count++], sizeof reading->numbers[0], "%.*s",
                       (int)child->number.len, child->number.at);
    }
    return fault;
}

static struct reading numbers_of(const char *given)
{
    char path[2 * YARD_PATH_BYTES];
    struct reading reading = {.given = given};
    (void)snprintf(path, sizeof path, "%s/contactpoint.db", yard.state);
    reading.ids = engine_rows(path, "SELECT child_id FROM child ORDER BY child_id", &reading.size_bytes);
    reading.service = yard_service(&yard);
    assert_int_equal(db_read(reading.service->db, read_names, &reading), FAULT_NONE);
    service_close(reading.service);
    free(reading.ids);
    return reading;
}

static const char *explain(const char *one, const char *other)
{
    static char line[128];
    (void)snprintf(line, sizeof line, "match explain --state state %s %s", one, other);
    return line;
}

static int64_t entries(void)
{
    return yard_count(&yard, "SELECT count(*) FROM audit_entry");
}

static void test_two_records_of_one_child(void **state)
{
    (void)state;
    const struct reading rhys = numbers_of("Rhys");
    assert_int_equal(rhys.count, 2);
    int64_t before = entries();
    const char *wrote = succeeds(explain(rhys.numbers[0], rhys.numbers[1]));
    assert_says(wrote, "name: same");
    assert_says(wrote, "date of birth: same");
    assert_says(wrote, "all together");
    assert_says(wrote, "one child: ");
    assert_null(strstr(wrote, "number: ")); /* each record's own, which says nothing */
    assert_null(strstr(wrote, "Rhys"));
    assert_null(strstr(wrote, "2014"));
    assert_int_equal(entries(), before + 2); /* one under each child's key */
}

static void test_a_brother_and_a_sister(void **state)
{
    (void)state;
    const struct reading rhys = numbers_of("Rhys"), carys = numbers_of("Carys");
    assert_int_equal(carys.count, 1);
    const char *wrote = succeeds(explain(rhys.numbers[0], carys.numbers[0]));
    assert_says(wrote, "date of birth: different");
    assert_says(wrote, ": two children (none).");
    (void)succeeds(explain(rhys.numbers[0], rhys.numbers[0]));
}

static void test_wrong_arguments(void **state)
{
    (void)state;
    const struct reading carys = numbers_of("Carys");
    fails(2, "match explain --state state", "NUMBER");
    fails(2, "match explain --state state 7K4M2X9QRT5", "NUMBER");
    fails(1, explain(carys.numbers[0], "7K4M2X9QRT5"),
          "no open record has one of these ContactPoint numbers");
    fails(1, explain("nonsense", carys.numbers[0]), "no open record has one of these ContactPoint numbers");
    fails(2, "match train --state state more", "more");
    fails(1, "match train --state state --seed many", "--seed must be a whole number");
    fails(1, "match train --state absent", "there is no state folder here");
}

/* A shielded record explains nothing, in the words for one that is not there. */
static void test_a_shielded_record_shows_nothing(void **state)
{
    (void)state;
    const struct reading rhys = numbers_of("Rhys");
    char sql[160];
    (void)snprintf(sql, sizeof sql, "UPDATE child SET shield = 2, version = version + 1 WHERE child_id = %s",
                   engine_literal(rhys.children[1].id.byte, sizeof rhys.children[1].id.byte));
    assert_int_equal(yard_past(&yard, sql), 1);
    fails(1, explain(rhys.numbers[0], rhys.numbers[1]),
          "no open record has one of these ContactPoint numbers");
    (void)snprintf(sql, sizeof sql, "UPDATE child SET shield = 0, version = version + 1 WHERE child_id = %s",
                   engine_literal(rhys.children[1].id.byte, sizeof rhys.children[1].id.byte));
    assert_int_equal(yard_past(&yard, sql), 1);
    (void)succeeds(explain(rhys.numbers[0], rhys.numbers[1]));
}

static const char *model(void)
{
    return get_file("state/match.model");
}

/* What was learnt is text without rare names, the same from the same records, and counts from then on. */
static void test_training(void **state)
{
    (void)state;
    static char first[RAN_TEXT_BYTES];
    const struct reading rhys = numbers_of("Rhys");
    int64_t before = entries();
    assert_says(succeeds("match train --state state"), "Learnt from ");
    assert_int_equal(entries(), before + 1);
    (void)snprintf(first, sizeof first, "%s", model());
    assert_int_equal(strncmp(first, "contactpoint model 1\n", 21), 0);
    assert_null(strstr(first, "huw")); /* nobody else bears it */
    (void)succeeds("match train --state state --seed 1");
    assert_string_equal(model(), first);
    (void)succeeds(explain(rhys.numbers[0], rhys.numbers[1]));
}

static void put_model(const char *text)
{
    put_file("state/match.model", text);
}

/* Every command that links says what is wrong with the model, and that it can be trained again or left out.
 */
static void test_a_broken_model(void **state)
{
    (void)state;
    const struct reading carys = numbers_of("Carys");
    static char whole[RAN_TEXT_BYTES];
    (void)succeeds("match train --state state");
    (void)snprintf(whole, sizeof whole, "%s", model());
    static const char *const broken[] = {"", "contactpoint model 2\n",
                                         "contactpoint model 1\nweight prior much\n", "no model at all\n"};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        put_model(broken[i]);
        fails(1, explain(carys.numbers[0], carys.numbers[0]), "match.model");
        fails(1, "match train --state state", "match.model");
    }
    whole[strlen(whole) / 2] = '\0'; /* cut off half way */
    put_model(whole);
    fails(1, explain(carys.numbers[0], carys.numbers[0]), "match.model");
    assert_int_equal(unlink("state/match.model"), 0);
    (void)succeeds(explain(carys.numbers[0], carys.numbers[0]));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_records_of_one_child),
        cmocka_unit_test(test_a_brother_and_a_sister),
        cmocka_unit_test(test_wrong_arguments),
        cmocka_unit_test(test_a_shielded_record_shows_nothing),
        cmocka_unit_test(test_training),
        cmocka_unit_test(test_a_broken_model),
    };
    if (argc != 2 || realpath(argv[1], program) == NULL) /* the tests go elsewhere */
        return 2;
    return cmocka_run_group_tests(tests, enter, leave);
}
