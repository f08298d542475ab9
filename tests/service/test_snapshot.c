/* service/snapshot.c: an index from one run to the next answers as one that was rebuilt, and yields to a
 * rebuild on any doubt. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine.h"
#include "registry/shield.h"
#include "second.h"
#include "service/load.h"
#include "service/snapshot.h"
#include "service/snapshot_file.h"

enum { CHILDREN = 40, CROWD = 6000, FILE_BYTES_MAX = 8 << 20, CUTS = 60, FLIPS = 200 };

struct text {
    uint8_t *at;
    size_t len;
};

static const char *path_in(const struct house *house, const char *file)
{
    static char path[2][160];
    static int turn;
    turn = 1 - turn;
    (void)snprintf(path[turn], sizeof path[turn], "%s/%s", house->folder, file);
    return path[turn];
}

static void write_settings(const struct house *house, const char *snapshot)
{
    FILE *file = fopen(path_in(house, "contactpoint.conf"), "we");
    assert_non_null(file);
    assert_true(fprintf(file, "[store]\nconnections = 4\nsnapshot = %s\n", snapshot) > 0);
    assert_int_equal(fclose(file), 0);
}

static bool has_snapshot(const struct house *house)
{
    assert_int_not_equal(access(path_in(house, "match.snapshot.new"), F_OK), 0);
    return access(path_in(house, "match.snapshot"), F_OK) == 0;
}

static struct text read_snapshot(const struct house *house)
{
    struct text text = {malloc(FILE_BYTES_MAX), 0};
    FILE *file = fopen(path_in(house, "match.snapshot"), "re");
    assert_non_null(text.at);
    assert_non_null(file);
    text.len = fread(text.at, 1, FILE_BYTES_MAX, file);
    assert_true(text.len > 0 && text.len < FILE_BYTES_MAX);
    assert_int_equal(fclose(file), 0);
    return text;
}

static void write_snapshot(const struct house *house, struct text text)
{
    FILE *file = fopen(path_in(house, "match.snapshot"), "we");
    assert_non_null(file);
    assert_int_equal(fwrite(text.at, 1, text.len, file), text.len);
    assert_int_equal(fclose(file), 0);
}

static struct row child_row(int number, char text[3][32])
{
    static const char *const starts[] = {"Bran", "Osk",  "Tell", "Wim", "Yar",
                                         "Quen", "Pold", "Huv",  "Zab", "Dric"};
    static const char *const ends[] = {"dorf", "unna", "igge", "aspel"};
    struct day birth = day_of_number(day_number((struct day){2010, 1, 1, DAY_EXACT}) + 41 * number);
    (void)snprintf(text[0], sizeof text[0], "r%d", number);
    (void)snprintf(text[1], sizeof text[1], "%s%s", starts[number % 10], ends[number / 10 % 4]);
    (void)snprintf(text[2], sizeof text[2], "%04u-%02u-%02u", birth.year, birth.month, birth.day);
    return house_child(text[0], text[1], "Rhys", text[2]);
}

static int set_up(void **state)
{
    static struct row rows[CHILDREN];
    static char texts[CHILDREN][3][32];
    struct house *house = house_open();
    for (int i = 0; i < CHILDREN; i++)
        rows[i] = child_row(i, texts[i]);
    (void)house_load(house, SOURCE_health, rows, CHILDREN);
    house_stop(house);
    write_settings(house, "yes");
    house_start(house);
    *state = house;
    return 0;
}
#define WITH_CHILDREN(test) cmocka_unit_test_setup_teardown(test, set_up, house_tear_down)

static struct match_results search(struct house *house, const char *family)
{
    struct match_sight sight = {0};
    struct match_results results;
    const struct match_query query = {
        .family = str_of(family), .given = STR("Rhys"), .birth = {0}, .authority = {0}, .similar = true};
    struct match_query with_year = query;
    with_year.birth_earliest = (struct day){2009, 1, 1, DAY_EXACT};
    with_year.birth_latest = (struct day){2016, 1, 1, DAY_EXACT};
    memset(sight.mask, 0xFF, sizeof sight.mask);
    assert_int_equal(match_search(house->service->index, &with_year, &sight, &results), FAULT_NONE);
    return results;
}

static void assert_same(const struct match_results *a, const struct match_results *b)
{
    assert_int_equal(a->count, b->count);
    assert_true(a->count > 0);
    for (size_t i = 0; i < a->count; i++) {
        assert_true(id_equal(a->found[i].child.id, b->found[i].child.id));
        assert_int_equal(a->found[i].state, b->found[i].state);
        assert_int_equal(a->found[i].version, b->found[i].version);
        assert_int_equal(a->found[i].weight, b->found[i].weight);
    }
}

static uint64_t people(struct house *house)
{
    return match_counts(house->service->index).people;
}

static void test_it_answers_as_one_that_was_rebuilt(void **state)
{
    struct house *house = *state;
    static struct match_results rebuilt[CHILDREN];
    char text[3][32];
    assert_false(house->service->from_snapshot);
    assert_false(has_snapshot(house));
    for (int i = 0; i < CHILDREN; i++) {
        (void)child_row(i, text);
        rebuilt[i] = search(house, text[1]);
    }
    for (int run = 0; run < 2; run++) {
        house_stop(house);
        assert_true(has_snapshot(house));
        house_start(house);
        assert_true(house->service->from_snapshot);
        assert_false(has_snapshot(house));
        assert_int_equal(people(house), CHILDREN);
        for (int i = 0; i < CHILDREN; i++) {
            (void)child_row(i, text);
            const struct match_results results = search(house, text[1]);
            assert_same(&results, &rebuilt[i]);
        }
    }
    struct row row = house_child("s1", "Wisniewska", "Rhys", "2014-03-27");
    (void)house_load(house, SOURCE_health, &row, 1);
    house_stop(house);
    house_start(house);
    assert_true(house->service->from_snapshot);
    assert_int_equal(search(house, "Wisniewska").count, 1);
    house_check_log(house);
}

static void test_there_is_none_unless_it_is_wanted(void **state)
{
    struct house *house = *state;
    house_stop(house);
    assert_true(has_snapshot(house));
    write_settings(house, "no");
    house_start(house);
    assert_false(house->service->from_snapshot);
    assert_false(has_snapshot(house));
    house_stop(house);
    assert_false(has_snapshot(house));
    house_start(house);
    assert_int_equal(people(house), CHILDREN);
}

static void test_settings_say_yes_or_no(void **state)
{
    struct house *house = *state;
    house_stop(house);
    write_settings(house, "perhaps");
    struct service_settings settings = house_settings(house);
    assert_int_equal(service_open(&settings, &house->service), FAULT_INVALID);
    assert_string_equal(fault_last_note(), "contactpoint.conf: snapshot is yes or no");
    write_settings(house, "yes");
    house_start(house);
}

/* Started with this as its snapshot, the house rebuilds, and the file is gone. */
static void assert_rebuilds(struct house *house)
{
    house_start(house);
    assert_false(house->service->from_snapshot);
    assert_false(has_snapshot(house));
    assert_int_equal(people(house), CHILDREN);
}

static void test_what_is_broken_is_rebuilt(void **state)
{
    struct house *house = *state;
    for (int how = 0; how < 6; how++) {
        house_stop(house);
        struct text text = read_snapshot(house);
        if (how == 0)
            text.len = text.len / 2;
        else if (how == 1)
            text.at[text.len - 100] ^= 1;
        else if (how == 2)
            text.at[text.len++] = 0;
        else if (how == 3)
            text.at[20] ^= 1; /* the wrapped key */
        else if (how == 4)
            text.at[150] ^= 1; /* the head */
        else
            text.len = 0;
        write_snapshot(house, text);
        free(text.at);
        assert_rebuilds(house);
    }
    house_stop(house);
    assert_int_equal(unlink(path_in(house, "match.snapshot")), 0);
    assert_rebuilds(house);
    house_stop(house);
    assert_int_equal(unlink(path_in(house, "match.snapshot")), 0);
    assert_int_equal(symlink("contactpoint.conf", path_in(house, "match.snapshot")), 0);
    assert_rebuilds(house);
}

static void test_another_model_is_rebuilt(void **state)
{
    struct house *house = *state;
    struct model_file model;
    model_file_ship(&model);
    model.weights.prior += 1024;
    house_stop(house);
    assert_int_equal(model_keep(house->folder, &model), FAULT_NONE);
    assert_rebuilds(house);
    house_stop(house);
    house_start(house);
    assert_true(house->service->from_snapshot);
    house_stop(house);
    assert_int_equal(unlink(path_in(house, "match.model")), 0);
    assert_rebuilds(house);
}

static void test_a_killed_process_leaves_none(void **state)
{
    struct house *house = *state;
    house_stop(house);
    struct text text = read_snapshot(house);
    house_start(house);
    FILE *file = fopen(path_in(house, "match.snapshot.new"), "we");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    snapshot_forget(house->folder);
    assert_false(has_snapshot(house));
    house_stop(house);
    write_snapshot(house, text); /* one that was used already */
    free(text.at);
    assert_rebuilds(house);
}

/* Rows in memory as a feed, loaded through the service as an operator does. */
struct rows {
    struct house *house;
    struct batch_header header;
    const struct row *rows;
    size_t count;
};

static enum fault open_rows(void *context, const struct batch_header **ret_header)
{
    struct rows *rows = context;
    *ret_header = &rows->header;
    return FAULT_NONE;
}

static enum fault each_row(void *context, load_take take, void *take_context)
{
    struct rows *rows = context;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < rows->count; i++)
        TRY(take(take_context, (int64_t)i + 1, &rows->rows[i], ROW_FINE));
done:
    return fault;
}

static enum fault load(struct house *house, const struct feed *feed, struct batch_counts *ret_counts)
{
    struct rows rows = {house, house_header(house, feed), feed->rows, feed->row_count};
    const struct ask ask = {.operation = OP_feed_load, .unix_user = STR("operator"), .source = STR("local")};
    const struct load_source source = {.open = open_rows, .each = each_row, .context = &rows};
    fault_clear_note();
    return service_load(house->service, &ask, &source, ret_counts);
}

/* Noted for others, as house_load is not. */
static void load_one(struct house *house, const char *record, const char *family)
{
    const struct row row = house_child(record, family, "Rhys", "2014-03-27");
    const struct feed feed = {
        .source = SOURCE_health, .mode = BATCH_DELTA, .rows = &row, .row_count = 1, .sequence = 2};
    struct batch_counts counts;
    assert_int_equal(load(house, &feed, &counts), FAULT_NONE);
}

struct shielding {
    struct house *house;
    struct child_id child;
    struct noting noting;
};

static enum fault put_shield(struct db_tx *tx, void *context)
{
    struct shielding *shielding = context;
    shielding->noting = (struct noting){.changes = &shielding->house->service->changes};
    return shield_put(tx, &shielding->noting, shielding->child, SHIELD_DECIDED);
}

static void shield(struct house *house, struct child_id child)
{
    struct shielding shielding = {.house = house, .child = child};
    assert_int_equal(db_write(house->service->db, DB_FOREGROUND, put_shield, &shielding), FAULT_NONE);
    assert_int_equal(shield_confirm(house->service->follow, child, &shielding.noting.mark), FAULT_NONE);
}

static enum record_state state_of(struct house *house, const char *family, struct child_id child)
{
    const struct match_results results = search(house, family);
    for (size_t i = 0; i < results.count; i++)
        if (id_equal(results.found[i].child.id, child.id))
            return results.found[i].state;
    return 0;
}

/* An older snapshot, put back, shows nobody who was hidden since; the newer one has it. */
static void test_a_shield_put_since_is_honoured(void **state)
{
    struct house *house = *state;
    const struct child_id child = house_child_id(house, "Branunna", "Rhys");
    assert_int_equal(state_of(house, "Branunna", child), RECORD_LIVE);
    house_stop(house);
    struct text old = read_snapshot(house);
    house_start(house);
    assert_true(house->service->from_snapshot);
    shield(house, child);
    house_stop(house);
    struct text new = read_snapshot(house);
    write_snapshot(house, old);
    assert_rebuilds(house);
    assert_int_equal(state_of(house, "Branunna", child), RECORD_SHIELDED);
    house_stop(house);
    house_start(house);
    assert_true(house->service->from_snapshot);
    assert_int_equal(state_of(house, "Branunna", child), RECORD_SHIELDED);
    free(old.at);
    free(new.at);
}

/* SQLite: whoever else touched the file; PostgreSQL: whoever kept house meanwhile. */
static void test_a_database_that_went_on_is_rebuilt(void **state)
{
    struct house *house = *state;
    house_stop(house);
    if (engine_is_postgres())
        assert_int_equal(house_past(house, "UPDATE lease SET fence = fence + 1 WHERE name = 'clock'"), 1);
    else
        assert_true(house_past(house, "UPDATE child SET version = version + 1") > 0);
    assert_rebuilds(house);
    if (!engine_is_postgres())
        return;
    shield(house, house_child_id(house, "Branunna", "Rhys"));
    house_stop(house);
    assert_true(house_past(house, "UPDATE lane SET changes = changes - 1 WHERE changes > 0") > 0);
    assert_rebuilds(house);
}

static const char hold_clock[] = "UPDATE lease SET until_us = 4102444800000000 WHERE name = 'clock'";

/* While nobody keeps house, what another server changes is still noted. */
static void test_what_another_server_changed_is_followed(void **state)
{
    struct house *house = *state;
    if (!engine_is_postgres())
        return;
    const struct child_id child = house_child_id(house, "Branunna", "Rhys");
    struct house *second = second_make(house);
    house_stop(house);
    assert_int_equal(house_past(house, hold_clock), 1);
    write_settings(second, "no");
    house_start(second);
    assert_false(second->service->from_snapshot);
    load_one(second, "s1", "Wisniewska");
    shield(second, child);
    house_stop(second);
    house_start(house);
    assert_true(house->service->from_snapshot);
    assert_int_equal(people(house), CHILDREN + 1);
    assert_int_equal(search(house, "Wisniewska").count, 1);
    assert_int_equal(state_of(house, "Branunna", child), RECORD_SHIELDED);
    second_forget(second);
}

/* Where the other server keeps house, it forgets what this one would need. */
static void test_what_was_forgotten_is_rebuilt(void **state)
{
    struct house *house = *state;
    if (!engine_is_postgres())
        return;
    struct house *second = second_make(house);
    house_stop(house);
    write_settings(second, "no");
    house_start(second);
    load_one(second, "s1", "Wisniewska");
    WAIT_UNTIL(house_count(house, "SELECT count(*) FROM change") == 0, 30);
    house_start(house);
    assert_false(house->service->from_snapshot);
    assert_int_equal(people(house), CHILDREN + 1);
    house_stop(house);
    assert_false(has_snapshot(house)); /* the second keeps house */
    house_start(house);
    second_forget(second);
}

static enum fault read_file(struct house *house, struct bytes expected)
{
    char path[160];
    struct buffer position = buffer_open(2 * SNAPSHOT_POSITION_BYTES_MAX);
    struct match_index *index = NULL;
    (void)snprintf(path, sizeof path, "%s", path_in(house, "match.snapshot"));
    assert_int_equal(match_open(&index), FAULT_NONE);
    const struct snapshot_file file = {.path = path, .vault = house->service->vault, .index = index};
    const enum fault fault = snapshot_file_read(&file, expected, &position);
    if (fault == FAULT_NONE)
        assert_int_equal(match_counts(index).people, match_counts(house->service->index).people);
    match_close(index);
    buffer_close(&position);
    return fault;
}

static void assert_refused(struct house *house, struct text text)
{
    write_snapshot(house, text);
    const enum fault fault = read_file(house, (struct bytes){0});
    assert_true(fault == FAULT_CORRUPT || fault == FAULT_KEY);
}

/* People of whom the store knows nothing, so that the index takes several pieces of a snapshot. */
static void crowd_index(struct match_index *index)
{
    char family[16], given[16];
    for (uint32_t i = 0; i < CROWD; i++) {
        (void)snprintf(family, sizeof family, "Kel%c%c%c", 'a' + (int)(i % 26), 'a' + (int)(i / 26 % 26),
                       'a' + (int)(i / 676 % 26));
        (void)snprintf(given, sizeof given, "Mor%c%c", 'a' + (int)(i / 7 % 26), 'a' + (int)(i % 26));
        struct person person = {
            .sex = SEX_MALE,
            .birth = {(uint16_t)(2006 + i % 15), (uint8_t)(1 + i % 12), (uint8_t)(1 + i % 28), DAY_EXACT},
            .name_count = 1};
        person.names[0] = (struct person_name){NAME_CURRENT, str_of(family), str_of(given), {NULL, 0}};
        struct child_id child = {0};
        memcpy(child.id.byte, &i, sizeof i);
        assert_int_equal(match_put(index, child, RECORD_LIVE, 1, false, &person), FAULT_NONE);
    }
}

/* Of the file alone: every cut and every changed byte is told, also pieces in another order. */
static void test_no_byte_of_the_file_can_change(void **state)
{
    struct house *house = *state;
    char path[160];
    (void)snprintf(path, sizeof path, "%s", path_in(house, "match.snapshot"));
    const struct snapshot_file file = {
        .path = path, .vault = house->service->vault, .index = house->service->index};
    crowd_index(house->service->index);
    assert_int_equal(snapshot_file_write(&file, bytes_of(STR("here"))), FAULT_NONE);
    assert_int_equal(read_file(house, (struct bytes){0}), FAULT_NONE);
    assert_int_equal(read_file(house, bytes_of(STR("here"))), FAULT_NONE);
    assert_int_equal(read_file(house, bytes_of(STR("there"))), FAULT_CORRUPT);
    struct text text = read_snapshot(house);
    const size_t whole = text.len, piece = vault_sealed_bytes(SNAPSHOT_PIECE_BYTES);
    for (size_t i = 0; i < CUTS; i++)
        assert_refused(house, (struct text){text.at, i * (whole - 1) / (CUTS - 1)});
    for (size_t i = 0; i < FLIPS; i++) {
        size_t at = i < 130 ? i : i * (whole - 1) / (FLIPS - 1);
        text.at[at] ^= 4;
        assert_refused(house, text);
        text.at[at] ^= 4;
    }
    const size_t head = ((size_t)text.at[92] << 24 | (size_t)text.at[93] << 16 | (size_t)text.at[94] << 8 |
                         (size_t)text.at[95]) +
                        96;
    assert_true(head + 2 * piece < whole);
    uint8_t *first = text.at + head, *kept = malloc(piece);
    assert_non_null(kept);
    memcpy(kept, first, piece);
    memmove(first, first + piece, piece);
    memcpy(first + piece, kept, piece);
    assert_refused(house, text);
    memcpy(first, kept, piece);
    assert_refused(house, text); /* the first twice */
    free(kept);
    free(text.at);
}

/* Nobody's name stands in it. */
static void test_nothing_stands_in_clear(void **state)
{
    struct house *house = *state;
    house_stop(house);
    struct text text = read_snapshot(house);
    assert_null(memmem(text.at, text.len, "tellaspel", 9));
    assert_null(memmem(text.at, text.len, "brandorf", 8));
    assert_null(memmem(text.at, text.len, "BRANDORF", 8));
    free(text.at);
    house_start(house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CHILDREN(test_it_answers_as_one_that_was_rebuilt),
        WITH_CHILDREN(test_there_is_none_unless_it_is_wanted),
        WITH_CHILDREN(test_settings_say_yes_or_no),
        WITH_CHILDREN(test_what_is_broken_is_rebuilt),
        WITH_CHILDREN(test_another_model_is_rebuilt),
        WITH_CHILDREN(test_a_killed_process_leaves_none),
        WITH_CHILDREN(test_a_shield_put_since_is_honoured),
        WITH_CHILDREN(test_a_database_that_went_on_is_rebuilt),
        WITH_CHILDREN(test_what_another_server_changed_is_followed),
        WITH_CHILDREN(test_what_was_forgotten_is_rebuilt),
        WITH_CHILDREN(test_no_byte_of_the_file_can_change),
        WITH_CHILDREN(test_nothing_stands_in_clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
