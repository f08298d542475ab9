/* Exchanging the master key through the service (security.md §6): who may, broken off at every step, under
 * load, with a second server. */
#include "service/rotate.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine.h"
#include "rotating.h"
#include "second.h"

enum { STEPS_MAX = 64, SHORTLY_US = 200000, AT_LAST_US = 60000000 };

static int64_t people;

static void add_children(struct house *house)
{
    people = house_load(house, SOURCE_child_benefit, rotating_rows(), ROTATING_CHILDREN).created;
    assert_true(people > 200);
}

static void test_an_operator_rotates(void **state)
{
    struct house *house = *state;
    struct rotation_report report = {0};
    unsigned newest = 0;
    size_t count;
    add_children(house);
    int64_t before = house_entries(house);
    assert_int_equal(rotate_as(house, "operator", NULL, &report), FAULT_NONE);
    assert_int_equal(report.master, 2);
    assert_true(report.seen > people); /* keys of the house too */
    assert_int_equal(report.rewrapped, report.seen);
    assert_int_equal(report.broken, 0);
    assert_int_equal(masters_in_file(house, &newest), 1);
    assert_int_equal(newest, 2);
    assert_int_equal(read_everybody(house, people, 2), 0);
    const struct audit_event *events = house_events(house, before, &count);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(events[i].event, EVENT_VAULT_ROTATED);
        assert_int_equal(events[i].role, ROLE_operator);
    }
    house_stop(house);
    house_start(house);
    assert_int_equal(read_everybody(house, people, 2), 0);
    /* There is somebody to tell what keys one has where the database is shared, and nowhere else. */
    assert_int_equal(house_count(house, "SELECT count(*) FROM meta WHERE name LIKE 'keys/%'"),
                     engine_is_postgres() ? 1 : 0);
    house_check_log(house);
}

static void test_nobody_else_does(void **state)
{
    struct house *house = *state;
    static const char *const logins[] = {"", "teacher", "administrator", "root"};
    struct rotation_report report = {0};
    unsigned newest = 0;
    for (size_t i = 0; i < sizeof logins / sizeof logins[0]; i++) {
        int64_t before = house_entries(house);
        assert_int_equal(rotate_as(house, logins[i], NULL, &report), FAULT_SIGN_IN);
        assert_int_equal(house_entries(house), before + 1);
    }
    assert_int_equal(masters_in_file(house, &newest), 1);
    assert_int_equal(newest, 1);
}

/* Kills its own process at the nth thing that it is told. */
struct reaper {
    int left;
};

static void reap(void *context, const char *step, int64_t done)
{
    struct reaper *reaper = context;
    (void)step;
    (void)done;
    if (--reaper->left == 0)
        (void)raise(SIGKILL);
}

/* True where the process was killed before it came to its end. */
static bool rotate_until(struct house *house, int step)
{
    struct reaper reaper = {.left = step};
    const struct rotation_teller teller = {reap, &reaper};
    struct rotation_report report;
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        house_start(house);
        _exit(rotate_as(house, "operator", &teller, &report) == FAULT_NONE ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) {
        assert_int_equal(WTERMSIG(status), SIGKILL);
        return true;
    }
    assert_int_equal(WEXITSTATUS(status), 0);
    return false;
}

/* As if as much time had passed as the dead one is believed to live. */
static void bury(struct house *house)
{
    if (!engine_is_postgres())
        return;
    (void)house_past(house, "UPDATE server SET until_us = 0 WHERE ended = 0");
    (void)house_past(house, "UPDATE lease SET until_us = 0");
}

/* No thread of a service may run where a process forks. */
static void case_77_interrupted_at_every_step(void **state)
{
    struct house *house = *state;
    unsigned newest = 0;
    int steps = 0;
    add_children(house);
    house_stop(house);
    for (int step = 1; rotate_until(house, step); step++) {
        struct rotation_report report = {0};
        assert_true(step < STEPS_MAX);
        bury(house);
        house_start(house);
        (void)read_everybody(house, people, 0); /* whatever wraps them is good */
        int masters = masters_in_file(house, &newest);
        assert_true(masters == 1 || masters == 2);
        assert_true(masters == 2 || read_everybody(house, people, newest) == 0);
        assert_int_equal(rotate_as(house, "operator", NULL, &report), FAULT_NONE);
        assert_int_equal(masters_in_file(house, &newest), 1);
        assert_int_equal(report.master, newest);
        assert_int_equal(read_everybody(house, people, newest), 0);
        house_stop(house);
        steps = step;
    }
    assert_true(steps >= 8);
    house_start(house);
    assert_int_equal(read_everybody(house, people, newest + 1), 0);
}

/* The keeper is told at every change of the key file whether it is whole; a killed one leaves only whole
 * files. */
static void test_what_a_killed_keeper_left_is_swept(void **state)
{
    struct house *house = *state;
    char path[128];
    house_stop(house);
    (void)snprintf(path, sizeof path, "%s/vault.key.next", house->folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "ContactPoint keys\n", 18), 18);
    (void)close(fd);
    house_start(house);
    assert_int_equal(access(path, F_OK), -1);
}

struct load {
    struct house *house;
    _Atomic bool stop;
    _Atomic int64_t rounds;
    pthread_t thread;
};

static void *go_on_reading(void *argument)
{
    struct load *load = argument;
    while (!load->stop) {
        (void)read_everybody(load->house, people, 0);
        load->rounds++;
    }
    return NULL;
}

/* Somebody reads everything anew between any two steps. */
static void await_round(void *context, const char *step, int64_t done)
{
    struct load *load = context;
    const int64_t seen = load->rounds;
    (void)step;
    (void)done;
    WAIT_UNTIL(load->rounds > seen, 60);
}

static void test_under_load(void **state)
{
    struct house *house = *state;
    struct load load = {.house = house};
    const struct rotation_teller teller = {await_round, &load};
    struct rotation_report report = {0};
    add_children(house);
    assert_int_equal(pthread_create(&load.thread, NULL, go_on_reading, &load), 0);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(rotate_as(house, "operator", &teller, &report), FAULT_NONE);
        assert_int_equal(report.master, 2 + i);
    }
    load.stop = true;
    assert_int_equal(pthread_join(load.thread, NULL), 0);
    assert_true(load.rounds > 2 * 8);
    house_check_log(house);
}

/* A second server that lacks the new master keeps the old one alive. */
static void test_another_server_first_needs_the_key(void **state)
{
    struct house *house = *state;
    struct rotation_report report = {0};
    unsigned newest = 0;
    if (!engine_is_postgres())
        skip();
    add_children(house);
    struct house *second = second_make(house);
    house_start(second);
    house->service->await_others_us = SHORTLY_US;
    assert_int_equal(rotate_as(house, "operator", NULL, &report), FAULT_CONFLICT);
    assert_non_null(strstr(fault_last_note(), "vault ask"));
    assert_int_equal(masters_in_file(house, &newest), 2);
    assert_int_equal(read_everybody(house, people, 1), 0);
    assert_int_equal(read_everybody(second, people, 1), 0);
    house_stop(second);
    second_copy_keys(house, second);
    house->service->await_others_us = AT_LAST_US;
    house_start(second);
    assert_int_equal(rotate_as(house, "operator", NULL, &report), FAULT_NONE);
    assert_int_equal(report.master, 2);
    assert_int_equal(read_everybody(second, people, 2), 0);
    assert_int_equal(masters_in_file(house, &newest), 1);
    assert_int_equal(masters_in_file(second, &newest), 2);
    house_stop(second);
    house_start(second); /* which forgets what nothing is wrapped under */
    assert_int_equal(masters_in_file(second, &newest), 1);
    second_forget(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(test_an_operator_rotates),
        WITH_HOUSE(test_nobody_else_does),
        WITH_HOUSE(case_77_interrupted_at_every_step),
        WITH_HOUSE(test_what_a_killed_keeper_left_is_swept),
        WITH_HOUSE(test_under_load),
        WITH_HOUSE(test_another_server_first_needs_the_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
