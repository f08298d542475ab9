/* Two servers on one database: what one changes the other finds; who is hidden on one is found on neither;
 * feeds make nobody twice (architecture.md §6, R9, R14). */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "../postgres.h"
#include "engine.h"
#include "registry/child.h"
#include "registry/shield.h"
#include "second.h"
#include "service/load.h"

enum { LEASE_S = 2, SHARED_CHILDREN = 60, BATCHES = 6, SHIELD_ROUNDS = 200, SEARCHERS = 2, BUSY = 6 };

/* The house of a test, and one more server. */
struct pair {
    struct house *first;
    struct house *second;
};

static int set_up(void **state)
{
    struct pair *pair = calloc(1, sizeof *pair);
    assert_non_null(pair);
    pair->first = house_open();
    house_stop(pair->first);
    second_lease(pair->first, LEASE_S);
    house_start(pair->first);
    pair->second = second_make(pair->first);
    house_start(pair->second);
    *state = pair;
    return 0;
}

static int tear_down(void **state)
{
    struct pair *pair = *state;
    second_forget(pair->second);
    house_close(pair->first);
    free(pair);
    return 0;
}
#define WITH_PAIR(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

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

static uint64_t people(struct house *house)
{
    return match_counts(house->service->index).people;
}

static void load_one(struct house *house, const char *record, const char *family)
{
    const struct row row = house_child(record, family, "Rhys", "2014-03-27");
    const struct feed feed = {.source = SOURCE_health, .mode = BATCH_DELTA, .rows = &row, .row_count = 1};
    struct batch_counts counts;
    assert_int_equal(load(house, &feed, &counts), FAULT_NONE);
    house->sequences[SOURCE_health]++;
}

static void test_what_one_loads_the_other_finds(void **state)
{
    struct pair *pair = *state;
    load_one(pair->first, "r1", "Ap Huw");
    WAIT_UNTIL(people(pair->second) == 1, 1);
    pair->second->sequences[SOURCE_health] = 1;
    load_one(pair->second, "r2", "Wisniewska");
    WAIT_UNTIL(people(pair->first) == 2, 1);
    const struct seat teacher = house_sign_in(pair->second, "teacher", ROLE_practitioner);
    const char *const fields[] = {"reason", "working", "family", "Ap Huw", "birth_year", "2014", NULL};
    assert_int_equal(house_list(&teacher, fields)->count, 1);
    house_check_log(pair->first);
}

/* A server that starts reads what is there; the rest it follows. */
static void test_a_late_server_has_all(void **state)
{
    struct pair *pair = *state;
    house_stop(pair->second);
    load_one(pair->first, "r1", "Ap Huw");
    load_one(pair->first, "r2", "Wisniewska");
    house_start(pair->second);
    assert_int_equal(people(pair->second), 2);
    load_one(pair->first, "r3", "Pattern");
    WAIT_UNTIL(people(pair->second) == 3, 1);
}

/* R7: whoever writes on one server and asks another is never shown what was before. */
static void test_own_writes_are_seen(void **state)
{
    struct pair *pair = *state;
    load_one(pair->first, "r1", "Ap Huw");
    struct child_id child = house_child_id(pair->first, "Ap Huw", "Rhys");
    struct seat here = house_sign_in(pair->first, "teacher", ROLE_practitioner);
    struct seat there = {pair->second, here.cookie};
    atomic_store(&pair->second->now_us, atomic_load(&pair->first->now_us));
    const char *const reason[] = {"reason", "working", NULL};
    const char *const fields[] = {"service",    "Youth club", "kind",         "youth_work", "job",
                                  "Worker",     "phone",      "01632 960456", "from_day",   "1",
                                  "from_month", "3",          "from_year",    "2026",       NULL};
    const struct request why = {
        .operation = OP_child_reason, .path_ids = {child.id}, .path_id_count = 1, .fields = reason};
    const struct request record = {
        .operation = OP_involvement_record, .path_ids = {child.id}, .path_id_count = 1, .fields = fields};
    assert_int_equal(house_ask(&here, &why)->fault, FAULT_NONE);
    assert_int_equal(house_ask(&here, &record)->fault, FAULT_NONE);
    uint64_t before = follow_counts(pair->second->service->follow).polls;
    struct answer *view = house_view(&there, child);
    assert_int_equal(view->fault, FAULT_NONE);
    assert_int_equal(view->child->service_count, 1);
    assert_true(follow_counts(pair->second->service->follow).polls > before);
    assert_int_equal(house_count(pair->first, "SELECT count(*) FROM session WHERE wrote IS NOT NULL"), 1);
}

struct loading {
    struct house *house;
    const struct feed *feeds;
    int count;
    enum fault fault;
    pthread_t thread;
};

/* Each again for as long as another server is loading. */
static void *load_until_done(void *argument)
{
    struct loading *loading = argument;
    struct batch_counts counts;
    for (int i = 0; i < loading->count && loading->fault == FAULT_NONE; i++)
        while ((loading->fault = load(loading->house, &loading->feeds[i], &counts)) == FAULT_BUSY)
            (void)poll(NULL, 0, 2);
    return NULL;
}

static void load_both(struct loading loading[2])
{
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&loading[i].thread, NULL, load_until_done, &loading[i]), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(loading[i].thread, NULL), 0);
}

/* Children of whom no two are alike. */
static void fill_rows(struct row rows[SHARED_CHILDREN], char text[SHARED_CHILDREN][4][32], const char *prefix)
{
    static const char *const starts[] = {"Bran", "Osk",  "Tell", "Wim", "Yar",
                                         "Quen", "Pold", "Huv",  "Zab", "Dric"};
    static const char *const ends[] = {"dorf", "unna", "igge", "aspel", "ottin", "ymeer"};
    static const char *const givens[] = {"Rhys", "Zofia", "Amara", "Tomos", "Leila", "Ewan", "Priya"};
    for (size_t i = 0; i < SHARED_CHILDREN; i++) {
        struct day birth = day_of_number(day_number((struct day){2010, 1, 1, DAY_EXACT}) + (int32_t)(41 * i));
        (void)snprintf(text[i][0], sizeof text[i][0], "%s%zu", prefix, i);
        (void)snprintf(text[i][1], sizeof text[i][1], "%s%s", starts[i % 10], ends[i / 10]);
        (void)snprintf(text[i][2], sizeof text[i][2], "%04u-%02u-%02u", birth.year, birth.month, birth.day);
        (void)snprintf(text[i][3], sizeof text[i][3], "NE%zu %zuAA", 1 + i / 9, 1 + i % 9);
        rows[i] = house_child(text[i][0], text[i][1], givens[i % 7], text[i][2]);
        rows[i].at[COLUMN_postcode] = str_of(text[i][3]);
    }
}

static void case_70_one_batch_on_two_servers_is_loaded_once(void **state)
{
    static struct row rows[SHARED_CHILDREN];
    static char text[SHARED_CHILDREN][4][32];
    struct pair *pair = *state;
    fill_rows(rows, text, "r");
    const struct feed feed = {
        .source = SOURCE_health, .mode = BATCH_FULL, .rows = rows, .row_count = SHARED_CHILDREN};
    struct loading loading[2] = {{.house = pair->first, .feeds = &feed, .count = 1},
                                 {.house = pair->second, .feeds = &feed, .count = 1}};
    load_both(loading);
    assert_true((loading[0].fault == FAULT_NONE && loading[1].fault == FAULT_DUPLICATE) ||
                (loading[1].fault == FAULT_NONE && loading[0].fault == FAULT_DUPLICATE));
    assert_int_equal(house_count(pair->first, "SELECT count(*) FROM child"), SHARED_CHILDREN);
    assert_int_equal(house_count(pair->first, "SELECT count(*) FROM claim"), SHARED_CHILDREN);
    assert_int_equal(house_count(pair->first, "SELECT count(*) FROM source_record"), SHARED_CHILDREN);
    assert_int_equal(house_count(pair->first, "SELECT count(*) FROM batch"), 1);
    WAIT_UNTIL(people(pair->first) == SHARED_CHILDREN && people(pair->second) == SHARED_CHILDREN, 2);
}

/* Two sources with the same children, in small batches from two servers at the same time: whichever batch
 * comes first makes a child, and nobody is made twice. */
static void test_two_sources_on_two_servers_make_nobody_twice(void **state)
{
    static const enum source sources[2] = {SOURCE_health, SOURCE_education};
    static struct row rows[2][SHARED_CHILDREN];
    static char text[2][SHARED_CHILDREN][4][32];
    enum { BATCH_ROWS = SHARED_CHILDREN / BATCHES };
    struct pair *pair = *state;
    struct feed feeds[2][BATCHES];
    struct loading loading[2] = {{.house = pair->first, .feeds = feeds[0], .count = BATCHES},
                                 {.house = pair->second, .feeds = feeds[1], .count = BATCHES}};
    for (int i = 0; i < 2; i++) {
        fill_rows(rows[i], text[i], policy_source_name(sources[i]));
        for (int k = 0; k < BATCHES; k++)
            feeds[i][k] = (struct feed){.source = sources[i],
                                        .mode = BATCH_DELTA,
                                        .rows = rows[i] + (ptrdiff_t)k * BATCH_ROWS,
                                        .row_count = BATCH_ROWS,
                                        .sequence = k + 1};
    }
    load_both(loading);
    assert_int_equal(loading[0].fault, FAULT_NONE);
    assert_int_equal(loading[1].fault, FAULT_NONE);
    assert_int_equal(house_count(pair->first, "SELECT count(*) FROM child"), SHARED_CHILDREN);
    assert_int_equal(house_count(pair->first, "SELECT count(*) FROM claim"), 2 * SHARED_CHILDREN);
    WAIT_UNTIL(people(pair->first) == SHARED_CHILDREN && people(pair->second) == SHARED_CHILDREN, 2);
}

/* Somebody who writes without a pause about one child after the other. */
struct busy {
    struct house *house;
    const struct child_id *children;
    struct stream stream;
    atomic_bool *over;
    int64_t written;
    pthread_t thread;
};

struct writing {
    struct busy *busy;
    struct child_id child;
};

/* As a page that records something does: it reads what is claimed of a child, and raises its version. */
static enum fault write_about(struct db_tx *tx, void *context)
{
    const struct writing *writing = context;
    struct service *service = writing->busy->house->service;
    struct arena *arena = NULL;
    struct child *child = NULL;
    enum fault fault;
    const struct value in[] = {[BIND_child_touch_child_id] = value_id(writing->child.id)};
    TRY(arena_open(1024 * 1024, &arena));
    TRY(child_read_whole(tx, vault_for_linkage(service->vault).purpose, writing->child, arena, &child));
    TRY(db_run(tx, SQL_child_touch, in, NULL));
done:
    arena_close(arena);
    return fault;
}

static void *write_on(void *argument)
{
    struct busy *busy = argument;
    while (!atomic_load(busy->over)) {
        struct writing writing = {busy, busy->children[stream_below(&busy->stream, SHARED_CHILDREN)]};
        busy->written +=
            db_write(busy->house->service->db, DB_FOREGROUND, write_about, &writing) == FAULT_NONE;
    }
    return NULL;
}

/* News of all of them at once, while they are written about: in one transaction it would lose each race. */
static void test_a_feed_gets_through_to_children_who_are_written_about(void **state)
{
    static struct row rows[SHARED_CHILDREN];
    static char text[SHARED_CHILDREN][4][32];
    struct child_id children[SHARED_CHILDREN];
    struct pair *pair = *state;
    struct busy busy[BUSY];
    atomic_bool over = false;
    struct batch_counts counts;
    fill_rows(rows, text, "r");
    (void)house_load(pair->second, SOURCE_health, rows, SHARED_CHILDREN);
    for (size_t i = 0; i < SHARED_CHILDREN; i++) {
        children[i] = house_child_id(pair->second, text[i][1], rows[i].at[COLUMN_given].at);
        rows[i].at[COLUMN_gp_name] = STR("Seaview Surgery");
    }
    for (int i = 0; i < BUSY; i++) {
        busy[i] = (struct busy){.house = i % 2 == 0 ? pair->second : pair->first,
                                .children = children,
                                .stream = stream_of((uint64_t)i + 1),
                                .over = &over};
        assert_int_equal(pthread_create(&busy[i].thread, NULL, write_on, &busy[i]), 0);
    }
    const struct feed feed = {.source = SOURCE_health,
                              .mode = BATCH_DELTA,
                              .rows = rows,
                              .row_count = SHARED_CHILDREN,
                              .sequence = 2};
    const enum fault fault = load(pair->first, &feed, &counts);
    atomic_store(&over, true);
    for (int i = 0; i < BUSY; i++) {
        assert_int_equal(pthread_join(busy[i].thread, NULL), 0);
        assert_true(busy[i].written > 0);
    }
    assert_int_equal(fault, FAULT_NONE);
    assert_int_equal(counts.updated, SHARED_CHILDREN);
    assert_int_equal(house_count(pair->first, "SELECT count(*) FROM batch WHERE state = 3"), 2);
    assert_int_equal(house_count(pair->first, "SELECT count(*) FROM claim"), 2 * SHARED_CHILDREN);
}

/* Searches by a hidden field on one server while the child is shielded on another. */
struct searcher {
    struct seat seat;
    struct arena *arena;
    atomic_int *acknowledged; /* the last round whose shield is acknowledged */
    atomic_int *round;
    atomic_int *asked; /* searches of this round that have ended */
    atomic_bool *over;
    int64_t found; /* before it was hidden */
    int64_t wrong;
    pthread_t thread;
};

/* A shielded child is not found by its postcode. */
static const char *const by_postcode[] = {"reason", "working", "given", "Rhys", "postcode", "NE1 1AA", NULL};

static bool finds(struct searcher *searcher)
{
    const struct request find = {.operation = OP_child_find, .fields = by_postcode};
    arena_reset(searcher->arena);
    struct answer *found = house_ask_in(&searcher->seat, &find, searcher->arena);
    assert_int_equal(found->fault, FAULT_NONE);
    const struct request list = {
        .operation = OP_child_results, .path_ids = {found->search.id}, .path_id_count = 1};
    struct answer *listed = house_ask_in(&searcher->seat, &list, searcher->arena);
    assert_int_equal(listed->fault, FAULT_NONE);
    return listed->results->count > 0;
}

static void *search_on(void *argument)
{
    struct searcher *searcher = argument;
    while (!atomic_load(searcher->over)) {
        int round = atomic_load(searcher->round);
        bool hidden = atomic_load(searcher->acknowledged) == round;
        bool found = finds(searcher);
        if (atomic_load(searcher->round) == round)
            searcher->wrong += hidden && found;
        searcher->found += !hidden && found;
        atomic_fetch_add(searcher->asked, 1);
    }
    return NULL;
}

struct shielding {
    struct house *house;
    struct child_id child;
    enum shield shield;
    struct noting noting;
};

static enum fault put_shield(struct db_tx *tx, void *context)
{
    struct shielding *shielding = context;
    shielding->noting = (struct noting){.changes = &shielding->house->service->changes};
    if (shielding->shield != SHIELD_NONE)
        return shield_put(tx, &shielding->noting, shielding->child, shielding->shield);
    const struct value in[] = {[BIND_child_shield_lift_child_id] = value_id(shielding->child.id)};
    struct value out[GIVES_child_shield_lift]; /* as if two people had */
    enum fault fault;
    TRY(db_one(tx, SQL_child_shield_lift, in, shielding->house->arena, out));
    TRY(change_note(tx, &shielding->noting, &shielding->child, 1));
done:
    return fault;
}

static void shield(struct house *house, struct child_id child, enum shield to)
{
    struct shielding shielding = {.house = house, .child = child, .shield = to};
    assert_int_equal(db_write(house->service->db, DB_FOREGROUND, put_shield, &shielding), FAULT_NONE);
    assert_true(shielding.noting.mark.number > 0);
    assert_int_equal(shield_confirm(house->service->follow, child, &shielding.noting.mark), FAULT_NONE);
}

static int rounds(void)
{
    const char *more = getenv("CONTACTPOINT_SHIELD_ROUNDS");
    int64_t count = SHIELD_ROUNDS;
    if (more != NULL)
        assert_true(str_to_int(str_of(more), 1, 1000000, &count));
    return (int)count;
}

static void test_a_hidden_child_is_found_nowhere_once_acknowledged(void **state)
{
    static const char *const names[SEARCHERS] = {"teacher", "visitor"};
    struct pair *pair = *state;
    struct searcher searchers[SEARCHERS];
    atomic_int acknowledged = -1, round = 0, asked = 0;
    atomic_bool over = false;
    struct row row = house_child("r1", "Ap Huw", "Rhys", "2014-03-27");
    row.at[COLUMN_postcode] = STR("NE1 1AA");
    (void)house_load(pair->second, SOURCE_health, &row, 1);
    struct child_id child = house_child_id(pair->second, "Ap Huw", "Rhys");
    for (int i = 0; i < SEARCHERS; i++) {
        searchers[i] = (struct searcher){.seat = house_sign_in(pair->second, names[i], ROLE_practitioner),
                                         .acknowledged = &acknowledged,
                                         .round = &round,
                                         .asked = &asked,
                                         .over = &over};
        assert_int_equal(arena_open(64 * 1024 * 1024, &searchers[i].arena), FAULT_NONE);
        assert_int_equal(pthread_create(&searchers[i].thread, NULL, search_on, &searchers[i]), 0);
    }
    for (int i = 0; i < rounds(); i++) {
        shield(pair->first, child, SHIELD_DECIDED);
        atomic_store(&acknowledged, i);
        int before = atomic_load(&asked);
        WAIT_UNTIL(atomic_load(&asked) >= before + 2 * SEARCHERS, 10);
        atomic_store(&round, i + 1);
        shield(pair->first, child, SHIELD_NONE);
        before = atomic_load(&asked);
        WAIT_UNTIL(atomic_load(&asked) >= before + SEARCHERS, 10);
    }
    atomic_store(&over, true);
    int64_t found = 0;
    for (int i = 0; i < SEARCHERS; i++) {
        assert_int_equal(pthread_join(searchers[i].thread, NULL), 0);
        assert_int_equal(searchers[i].wrong, 0);
        found += searchers[i].found;
        arena_close(searchers[i].arena);
    }
    assert_true(found > 0);
}

/* Nothing is kept that every server has, and no server that is gone. */
static void test_what_all_have_is_forgotten(void **state)
{
    struct pair *pair = *state;
    load_one(pair->first, "r1", "Ap Huw");
    WAIT_UNTIL(people(pair->second) == 1, 1);
    WAIT_UNTIL(house_count(pair->first, "SELECT count(*) FROM change") == 0, 3 * LEASE_S + 3);
    house_stop(pair->second);
    WAIT_UNTIL(house_count(pair->first, "SELECT count(*) FROM server") == 1, 3 * LEASE_S + 3);
    assert_int_equal(house_count(pair->first, "SELECT count(*) FROM lane WHERE ended = 1"), 0);
    load_one(pair->first, "r2", "Wisniewska");
    WAIT_UNTIL(house_count(pair->first, "SELECT count(*) FROM change") == 0, 3 * LEASE_S + 3);
    house_start(pair->second);
    assert_int_equal(people(pair->second), 2);
}

static void note_fenced(void *context)
{
    atomic_fetch_add((atomic_int *)context, 1);
}

/* A server that was ended answers nothing, and says so once to whoever started it. */
static void test_who_was_ended_answers_nothing(void **state)
{
    struct pair *pair = *state;
    atomic_int told = 0;
    load_one(pair->first, "r1", "Ap Huw");
    house_stop(pair->second);
    struct service_settings settings = house_settings(pair->second);
    settings.fenced = note_fenced;
    settings.fenced_context = &told;
    assert_int_equal(service_open(&settings, &pair->second->service), FAULT_NONE);
    const struct seat teacher = house_sign_in(pair->second, "teacher", ROLE_practitioner);
    const char *const fields[] = {"reason", "working", "family", "Ap Huw", "birth_year", "2014", NULL};
    assert_int_equal(house_list(&teacher, fields)->count, 1);
    const struct id ended = db_server_id(pair->second->service->db);
    assert_int_equal(engine_run_with(pair->first->db_path, "UPDATE lane SET ended = 1 WHERE server_id = $1",
                                     ended.byte, sizeof ended.byte),
                     4);
    int64_t entries = house_entries(pair->first);
    assert_int_equal(house_find(&teacher, fields)->fault, FAULT_FENCED);
    assert_int_equal(house_find(&teacher, fields)->fault, FAULT_FENCED);
    WAIT_UNTIL(atomic_load(&told) == 1, LEASE_S + 1);
    assert_int_equal(house_entries(pair->first), entries);
    const struct row row = house_child("r2", "Wisniewska", "Zofia", "2014-03-27");
    const struct feed feed = {.source = SOURCE_health, .mode = BATCH_DELTA, .rows = &row, .row_count = 1};
    struct batch_counts counts;
    assert_int_equal(load(pair->second, &feed, &counts), FAULT_FENCED);
    house_stop(pair->second);
    house_start(pair->second); /* its next life is another server */
    assert_int_equal(house_list(&teacher, fields)->count, 1);
    assert_int_equal(atomic_load(&told), 1);
}

/* Case 64: one server's clock is a day off.  Sessions end rather than live longer; leases and the index do
 * not care. */
static void clock_off(struct pair *pair, int64_t by_s, const char *other)
{
    struct seat here = house_sign_in(pair->first, "teacher", ROLE_practitioner);
    struct seat there = {pair->second, here.cookie};
    atomic_store(&pair->second->now_us, atomic_load(&pair->first->now_us) + by_s * 1000000);
    const struct request page = {.operation = OP_find_page};
    assert_int_equal(house_ask(&there, &page)->fault, FAULT_SIGN_IN);
    assert_int_equal(house_ask(&here, &page)->fault, FAULT_NONE);
    house_wait(pair->first, 16 * 60); /* idle here, whatever the other did meanwhile */
    assert_int_equal(house_ask(&here, &page)->fault, FAULT_SIGN_IN);
    struct seat of_there = house_sign_in(pair->second, other, ROLE_practitioner);
    assert_int_equal(house_ask(&of_there, &page)->fault, FAULT_NONE);
    struct seat of_there_here = {pair->first, of_there.cookie};
    assert_int_equal(house_ask(&of_there_here, &page)->fault, FAULT_SIGN_IN);
}

static void case_64_a_clock_that_is_a_day_off(void **state)
{
    struct pair *pair = *state;
    clock_off(pair, 24 * 3600, "visitor");
    load_one(pair->second, "r1", "Ap Huw");
    WAIT_UNTIL(people(pair->first) == 1, 1);
    clock_off(pair, -24 * 3600, "worker");
    pair->first->sequences[SOURCE_health] = 1;
    load_one(pair->first, "r2", "Wisniewska");
    WAIT_UNTIL(people(pair->second) == 2, 1);
}

/* What is taken away on one server is gone at the next request on the other: nothing about a session is
 * remembered. */
static void case_17_a_session_that_ended_here_is_over_there(void **state)
{
    struct pair *pair = *state;
    const struct request page = {.operation = OP_find_page};
    const struct seat here = house_sign_in(pair->first, "visitor", ROLE_practitioner);
    const struct seat there = {pair->second, here.cookie};
    assert_int_equal(house_ask(&there, &page)->fault, FAULT_NONE);
    assert_int_equal(house_ask(&here, &(struct request){.operation = OP_sign_out_everywhere})->fault,
                     FAULT_NONE);
    assert_int_equal(house_ask(&there, &page)->fault, FAULT_SIGN_IN);

    const struct seat practice = house_sign_in(pair->first, "worker", ROLE_practitioner);
    const char *const fields[] = {"role", "override_practitioner", NULL};
    const struct answer *changed =
        house_ask(&practice, &(struct request){.operation = OP_role_change, .fields = fields});
    assert_int_equal(changed->fault, FAULT_NONE);
    const struct seat old = {pair->second, practice.cookie}, new = {pair->second, changed->cookie};
    assert_int_equal(house_ask(&old, &page)->fault, FAULT_SIGN_IN);
    assert_int_equal(house_ask(&new, &page)->fault, FAULT_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_PAIR(case_17_a_session_that_ended_here_is_over_there),
        WITH_PAIR(test_what_one_loads_the_other_finds),
        WITH_PAIR(test_a_late_server_has_all),
        WITH_PAIR(test_own_writes_are_seen),
        WITH_PAIR(case_70_one_batch_on_two_servers_is_loaded_once),
        WITH_PAIR(test_two_sources_on_two_servers_make_nobody_twice),
        WITH_PAIR(test_a_feed_gets_through_to_children_who_are_written_about),
        WITH_PAIR(test_a_hidden_child_is_found_nowhere_once_acknowledged),
        WITH_PAIR(test_what_all_have_is_forgotten),
        WITH_PAIR(test_who_was_ended_answers_nothing),
        WITH_PAIR(case_64_a_clock_that_is_a_day_off),
    };
    postgres_or_skip();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
