/* Case 71 through the service: a page of the database is damaged on its disk.  What stands on it is refused,
 * or left out of lists; everybody else is served, by a server that runs and by one that is started. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../postgres.h"
#include "base/log.h"
#include "engine.h"
#include "house.h"

enum {
    CHILDREN = 900,
    PAGE_BYTES = 8192,  /* PostgreSQL's */
    ON_A_PAGE_MAX = 60, /* children */
    ON_AN_INDEX_PAGE_MAX = 500,
    BESIDE_MAX = 4,
    ARENA_BYTES = 16 * 1024 * 1024,
    PATH_BYTES = 600,
};

static struct house *house;
static struct arena *arena;
static char texts[CHILDREN][4][32];
static struct child_id everybody[CHILDREN];
static bool refused[CHILDREN];

static void put_word(char at[32], struct stream *stream)
{
    static const char *const syllables[] = {"ban", "dor", "fel", "gim", "hul", "kas", "lem", "mor", "nip",
                                            "pol", "ras", "sut", "tev", "vim", "wox", "yed", "zar", "cul"};
    enum { COUNT = sizeof syllables / sizeof syllables[0] };
    (void)snprintf(at, 32, "%s%s%s", syllables[stream_below(stream, COUNT)],
                   syllables[stream_below(stream, COUNT)], syllables[stream_below(stream, COUNT)]);
}

static int set_up(void **state)
{
    (void)state;
    static struct row rows[CHILDREN];
    struct stream stream = stream_of(71);
    house = house_open();
    for (int i = 0; i < CHILDREN; i++) {
        (void)snprintf(texts[i][0], 32, "d%d", i);
        put_word(texts[i][1], &stream);
        put_word(texts[i][2], &stream);
        (void)snprintf(texts[i][3], 32, "20%02d-%02d-%02d", 10 + (int)stream_below(&stream, 12),
                       1 + (int)stream_below(&stream, 12), 1 + (int)stream_below(&stream, 28));
        rows[i] = house_child(texts[i][0], texts[i][1], texts[i][2], texts[i][3]);
    }
    assert_int_equal(house_load(house, SOURCE_health, rows, CHILDREN).created, CHILDREN);
    for (int i = 0; i < CHILDREN; i++)
        everybody[i] = house_child_id(house, texts[i][1], texts[i][2]);
    log_to(-1);
    return arena_open(ARENA_BYTES, &arena) == FAULT_NONE ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    arena_close(arena);
    house_close(house);
    return 0;
}

static void write_at(const char *path, off_t at, const void *bytes, size_t size_bytes)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, size_bytes, at), (ssize_t)size_bytes);
    assert_int_equal(close(fd), 0);
}

/* Of a table or an index; while the cluster is down. */
static void damage_page(const char *relation, off_t page)
{
    char sql[128], path[PATH_BYTES];
    size_t size_bytes = 0;
    (void)engine_run(house->db_path, "CHECKPOINT");
    (void)snprintf(sql, sizeof sql, "SELECT pg_relation_filepath('%s')", relation);
    char *rows = engine_rows(house->db_path, sql, &size_bytes);
    (void)snprintf(path, sizeof path, "%s/data/%.*s", postgres_folder(), (int)(size_bytes - sizeof(uint64_t)),
                   rows + sizeof(uint64_t));
    free(rows);
    postgres_stop();
    write_at(path, page * PAGE_BYTES + PAGE_BYTES / 2, "no page of ours", 15);
    postgres_start();
}

/* Where these bytes stand in the file. */
static off_t find_in_file(const char *path, const void *bytes, size_t size_bytes)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    off_t size = lseek(fd, 0, SEEK_END);
    assert_true(size > 0);
    char *content = malloc((size_t)size);
    assert_non_null(content);
    assert_int_equal(pread(fd, content, (size_t)size, 0), size);
    (void)close(fd);
    const char *found = memmem(content, (size_t)size, bytes, size_bytes);
    off_t at = found == NULL ? -1 : found - content;
    free(content);
    return at;
}

/* SQLite's page with one child's bundle: one bit of the bundle, or all of the page. */
static void damage_file(bool whole_page)
{
    static const uint8_t nothing[4096];
    size_t size_bytes = 0;
    house_stop(house);
    free(engine_rows(house->db_path, "PRAGMA wal_checkpoint(TRUNCATE)", &size_bytes));
    char *rows =
        engine_rows(house->db_path, "SELECT linkage FROM child ORDER BY child_id LIMIT 1", &size_bytes);
    off_t at = find_in_file(house->db_path, rows + sizeof(uint64_t) + 8, 64);
    free(rows);
    assert_true(at > 0);
    off_t page = at / (off_t)sizeof nothing * (off_t)sizeof nothing;
    write_at(house->db_path, whole_page ? page : at, nothing, whole_page ? sizeof nothing : 16);
    house_start(house);
}

static struct answer *ask(const struct seat *seat, const struct request *request)
{
    arena_reset(arena);
    return house_ask_in(seat, request, arena);
}

static enum fault view(const struct seat *seat, struct child_id child)
{
    static const char *const fields[] = {"reason", "working", NULL};
    enum fault fault =
        ask(seat,
            &(struct request){
                .operation = OP_child_reason, .path_ids = {child.id}, .path_id_count = 1, .fields = fields})
            ->fault;
    if (fault != FAULT_NONE)
        return fault;
    return ask(seat,
               &(struct request){.operation = OP_child_view, .path_ids = {child.id}, .path_id_count = 1})
        ->fault;
}

static bool lists(const struct seat *seat, int nth)
{
    char year[5];
    (void)snprintf(year, sizeof year, "%.4s", texts[nth][3]);
    const char *const fields[] = {"reason",      "working",    "family", texts[nth][1], "given",
                                  texts[nth][2], "birth_year", year,     NULL};
    const struct answer *answer = ask(seat, &(struct request){.operation = OP_child_find, .fields = fields});
    if (answer->fault != FAULT_NONE)
        fail_msg("search: %s", fault_name(answer->fault));
    struct search_id search = answer->search;
    answer = ask(
        seat, &(struct request){.operation = OP_child_results, .path_ids = {search.id}, .path_id_count = 1});
    if (answer->fault != FAULT_NONE)
        fail_msg("list: %s", fault_name(answer->fault));
    for (size_t i = 0; i < answer->results->count; i++)
        if (id_equal(answer->results->rows[i].child.id, everybody[nth].id))
            return true;
    return false;
}

/* Everybody is shown, or refused because of the page; whoever is shown is listed too, but for those beside a
 * damaged page of an index, whom only their own id finds. */
static int look_at_all(int unlisted_max)
{
    struct seat seat = house_sign_in(house, "visitor", ROLE_practitioner);
    int count = 0, unlisted = 0;
    for (int i = 0; i < CHILDREN; i++) {
        if (i % 100 == 99) /* a session ends when it rests, and the clock goes fast here */
            seat = house_sign_in(house, "visitor", ROLE_practitioner);
        enum fault fault = view(&seat, everybody[i]);
        if (fault != FAULT_NONE && fault != FAULT_CORRUPT && fault != FAULT_ABSENT)
            fail_msg("%d of %d: %s %s", i, (int)CHILDREN, fault_name(fault), fault_last_note());
        refused[i] = fault != FAULT_NONE;
        count += refused[i];
        unlisted += !lists(&seat, i) && !refused[i];
    }
    assert_in_range(unlisted, 0, unlisted_max);
    return count;
}

static void expect_refused(const char *name, int most, int unlisted_max)
{
    int running = look_at_all(0);
    house_stop(house);
    house_start(house);
    int started = look_at_all(unlisted_max);
    print_message("%s: %d of %d refused by a server that runs, %d by one that is started\n", name, running,
                  (int)CHILDREN, started);
    assert_in_range(running, 1, most);
    assert_in_range(started, 1, most);
}

static void case_71_a_page_of_children_is_damaged(void **state)
{
    (void)state;
    if (engine_is_postgres())
        damage_page("child", 3);
    else
        damage_file(false);
    expect_refused("a page of children", ON_A_PAGE_MAX, 0);
}

static void case_71_a_page_of_an_index_is_damaged(void **state)
{
    (void)state;
    if (engine_is_postgres())
        damage_page("child_pkey", 2);
    else
        damage_file(true);
    expect_refused(engine_is_postgres() ? "a page of an index" : "a whole page",
                   engine_is_postgres() ? ON_AN_INDEX_PAGE_MAX : ON_A_PAGE_MAX, BESIDE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(case_71_a_page_of_children_is_damaged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(case_71_a_page_of_an_index_is_damaged, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
