/* Servers that die, or stand still, while they load a feed: another finishes or undoes it by itself, within
 * the lease's time and a second; whoever wakes up afterwards can write nothing (case 65). */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../postgres.h"
#include "second.h"
#include "service/load.h"

enum { LEASE_S = 2, CHILDREN = 400, PAUSE_ROW = 50, RUN_OUT_S = LEASE_S + 1, FROZEN_MORE_S = 30 };

/* Where the other server's load is left. */
enum stop { STOP_PLANNING = 1, STOP_APPLYING };

/* The other server, in a process of its own. */
struct other {
    pid_t pid;
    int tells; /* one byte when it has come to where it stops, one with the fault of its load */
};

struct loading {
    struct house *house;
    struct batch_header header;
    enum stop stop;
    bool frozen; /* stops itself, to be woken; otherwise waits to be killed */
    bool stopped;
    int tells;
};

struct scene {
    struct house *first;
    struct house *second;
    struct other other;
};

static struct row rows[CHILDREN];
static char texts[CHILDREN][3][32];

static void fill_rows(void)
{
    static const char *const starts[] = {"Bran", "Osk",  "Tell", "Wim", "Yar",
                                         "Quen", "Pold", "Huv",  "Zab", "Dric"};
    static const char *const ends[] = {"dorf", "unna", "igge", "aspel", "ottin", "ymeer", "olk", "and"};
    static const char *const givens[] = {"Rhys", "Zofia", "Amara", "Tomos", "Leila", "Ewan", "Priya"};
    for (size_t i = 0; i < CHILDREN; i++) {
        struct day birth = day_of_number(day_number((struct day){2009, 1, 1, DAY_EXACT}) + (int32_t)(13 * i));
        (void)snprintf(texts[i][0], sizeof texts[i][0], "r%zu", i);
        (void)snprintf(texts[i][1], sizeof texts[i][1], "%s%s", starts[i % 10], ends[i / 10 % 8]);
        (void)snprintf(texts[i][2], sizeof texts[i][2], "%04u-%02u-%02u", birth.year, birth.month, birth.day);
        rows[i] = house_child(texts[i][0], texts[i][1], givens[i % 7], texts[i][2]);
    }
}

static void tell(const struct loading *loading, uint8_t what)
{
    if (write(loading->tells, &what, 1) != 1)
        _exit(3);
}

static void stop_here(struct loading *loading)
{
    if (loading->stopped)
        return;
    loading->stopped = true;
    tell(loading, 0);
    if (loading->frozen)
        (void)raise(SIGSTOP);
    else
        for (;;)
            (void)pause();
}

static enum fault open_rows(void *context, const struct batch_header **ret_header)
{
    struct loading *loading = context;
    *ret_header = &loading->header;
    return FAULT_NONE;
}

static enum fault each_row(void *context, load_take take, void *take_context)
{
    struct loading *loading = context;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < CHILDREN; i++) {
        if (loading->stop == STOP_PLANNING && i == PAUSE_ROW)
            stop_here(loading);
        TRY(take(take_context, (int64_t)i + 1, &rows[i], ROW_FINE));
    }
done:
    return fault;
}

static void on_progress(void *context, const char *phase, int64_t done, int64_t of)
{
    struct loading *loading = context;
    (void)of;
    if (loading->stop == STOP_APPLYING && strcmp(phase, "applying") == 0 && done > 0)
        stop_here(loading);
}

static enum fault load(struct loading *loading)
{
    const struct ask ask = {.operation = OP_feed_load, .unix_user = STR("operator"), .source = STR("local")};
    const struct load_source source = {
        .open = open_rows, .each = each_row, .progress = on_progress, .context = loading};
    struct batch_counts counts;
    fault_clear_note();
    return service_load(loading->house->service, &ask, &source, &counts);
}

static struct batch_header header_of(struct house *house)
{
    const struct feed feed = {
        .source = SOURCE_health, .mode = BATCH_FULL, .rows = rows, .row_count = CHILDREN};
    return house_header(house, &feed);
}

static _Noreturn void run_other(struct house *house, enum stop stop, bool frozen, int tells)
{
    struct loading loading = {.house = house, .stop = stop, .frozen = frozen, .tells = tells};
    loading.header = header_of(house);
    house_start(house);
    tell(&loading, (uint8_t)load(&loading));
    for (;;)
        (void)pause();
}

/* What it tells next; fails after a time. */
static uint8_t hear(const struct other *other)
{
    uint8_t what = 0;
    struct pollfd ready = {.fd = other->tells, .events = POLLIN};
    int readable;
    do
        readable = poll(&ready, 1, 60000);
    while (readable < 0 && errno == EINTR);
    assert_int_equal(readable, 1);
    assert_int_equal(read(other->tells, &what, 1), 1);
    return what;
}

/* Starts the other server's load, and returns when it has come to its stop. */
static void begin_other(struct scene *scene, enum stop stop, bool frozen)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    scene->other.pid = fork();
    assert_true(scene->other.pid >= 0);
    if (scene->other.pid == 0) {
        (void)close(ends[0]);
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        run_other(scene->second, stop, frozen, ends[1]);
    }
    (void)close(ends[1]);
    scene->other.tells = ends[0];
    assert_int_equal(hear(&scene->other), 0);
}

static void end_other(struct scene *scene)
{
    pid_t pid = scene->other.pid;
    scene->other.pid = 0;
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    (void)close(scene->other.tells);
}

static int set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    fill_rows();
    scene->first = house_open();
    house_stop(scene->first); /* no thread of a service may run where a process forks */
    second_lease(scene->first, LEASE_S);
    scene->second = second_make(scene->first);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    if (scene->other.pid != 0)
        end_other(scene);
    second_forget(scene->second);
    house_close(scene->first);
    free(scene);
    return 0;
}
#define WITH_SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static int64_t count(struct scene *scene, const char *sql)
{
    return house_count(scene->first, sql);
}

static void check_all_once(struct scene *scene)
{
    assert_int_equal(count(scene, "SELECT count(*) FROM batch WHERE state = 3"), 1);
    assert_int_equal(count(scene, "SELECT count(*) FROM child"), CHILDREN);
    assert_int_equal(count(scene, "SELECT count(*) FROM claim"), CHILDREN);
    assert_int_equal(count(scene, "SELECT count(*) FROM source_record"), CHILDREN);
    assert_int_equal(count(scene, "SELECT count(*) FROM batch_plan"), 0);
    WAIT_UNTIL(match_counts(scene->first->service->index).people == CHILDREN, 2);
    assert_int_equal(match_counts(scene->first->service->index).pending, 0);
}

static void test_what_the_dead_planned_is_undone(void **state)
{
    struct scene *scene = *state;
    begin_other(scene, STOP_PLANNING, false);
    house_start(scene->first);
    assert_int_equal(count(scene, "SELECT count(*) FROM batch"), 1); /* its holder lives: it is left alone */
    end_other(scene);
    WAIT_UNTIL(count(scene, "SELECT count(*) FROM batch") == 0, RUN_OUT_S);
    assert_int_equal(count(scene, "SELECT count(*) FROM batch_plan"), 0);
    assert_int_equal(count(scene, "SELECT count(*) FROM child"), 0);
}

static void test_what_the_dead_decided_is_finished(void **state)
{
    struct scene *scene = *state;
    begin_other(scene, STOP_APPLYING, false);
    house_start(scene->first);
    assert_int_equal(count(scene, "SELECT count(*) FROM batch WHERE state = 2"), 1);
    end_other(scene);
    WAIT_UNTIL(count(scene, "SELECT count(*) FROM batch WHERE state = 3") == 1, RUN_OUT_S + 1);
    check_all_once(scene);
    house_check_log(scene->first);
}

/* What keys a server has stands in `meta` while it lives: one that died has not taken it back. */
static void test_what_the_dead_said_of_its_keys_is_forgotten(void **state)
{
    static const char said[] = "SELECT count(*) FROM meta WHERE name LIKE 'keys/%'";
    struct scene *scene = *state;
    begin_other(scene, STOP_PLANNING, false);
    house_start(scene->first);
    WAIT_UNTIL(count(scene, said) == 2, RUN_OUT_S);
    end_other(scene);
    WAIT_UNTIL(count(scene, said) == 1, 2 * RUN_OUT_S);
    assert_int_equal(count(scene, "SELECT count(*) FROM server WHERE ended = 0"), 1);
    house_stop(scene->first);
    assert_int_equal(count(scene, said), 0);
}

/* It stands still while its lease passes; when it wakes, nothing of what it still tries is kept. */
static void wake_up(struct scene *scene)
{
    assert_int_equal(kill(scene->other.pid, SIGCONT), 0);
    assert_int_equal(hear(&scene->other), FAULT_FENCED);
    end_other(scene);
}

static void case_65_who_slept_while_planning_is_fenced(void **state)
{
    struct scene *scene = *state;
    struct loading loading = {.house = scene->first};
    begin_other(scene, STOP_PLANNING, true);
    house_start(scene->first);
    loading.header = header_of(scene->first);
    WAIT_UNTIL(count(scene, "SELECT count(*) FROM batch") == 0, RUN_OUT_S + FROZEN_MORE_S);
    enum fault fault;
    while ((fault = load(&loading)) == FAULT_BUSY) /* until who has undone it leaves the feed */
        (void)poll(NULL, 0, 10);
    assert_int_equal(fault, FAULT_NONE);
    wake_up(scene);
    check_all_once(scene);
}

static void case_65_who_slept_while_applying_is_fenced(void **state)
{
    struct scene *scene = *state;
    begin_other(scene, STOP_APPLYING, true);
    house_start(scene->first);
    WAIT_UNTIL(count(scene, "SELECT count(*) FROM batch WHERE state = 3") == 1, RUN_OUT_S + FROZEN_MORE_S);
    wake_up(scene);
    check_all_once(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SCENE(test_what_the_dead_planned_is_undone),
        WITH_SCENE(test_what_the_dead_decided_is_finished),
        WITH_SCENE(test_what_the_dead_said_of_its_keys_is_forgotten),
        WITH_SCENE(case_65_who_slept_while_planning_is_fenced),
        WITH_SCENE(case_65_who_slept_while_applying_is_fenced),
    };
    postgres_or_skip();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
