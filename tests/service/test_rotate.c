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
#include "registry/child.h"
#include "second.h"
#include "vault/rotation.h"

enum { CHILDREN = 300, STEPS_MAX = 64, LEASE_S = 2 };

static struct row rows[CHILDREN];
static char texts[CHILDREN][3][32];
static int64_t people;

/* Unlike each other, so that few are taken for one child. */
static void invent(size_t i)
{
    static const char *const syllables[] = {"ba", "de",  "fi", "go",  "lu", "mo",
                                            "ri", "sta", "ve", "wyn", "ka", "pel"};
    struct stream stream = stream_of(77 + i);
    (void)snprintf(texts[i][0], sizeof texts[i][0], "R-%zu", i);
    (void)snprintf(texts[i][1], sizeof texts[i][1], "%s%s%s%s", syllables[stream_below(&stream, 12)],
                   syllables[stream_below(&stream, 12)], syllables[stream_below(&stream, 12)],
                   syllables[stream_below(&stream, 12)]);
    (void)snprintf(texts[i][2], sizeof texts[i][2], "20%02u-%02u-%02u",
                   10 + (unsigned)stream_below(&stream, 12), 1 + (unsigned)stream_below(&stream, 12),
                   1 + (unsigned)stream_below(&stream, 28));
    rows[i] = house_child(texts[i][0], texts[i][1], "Gwen", texts[i][2]);
}

static void add_children(struct house *house)
{
    for (size_t i = 0; i < CHILDREN; i++)
        invent(i);
    people = house_load(house, SOURCE_child_benefit, rows, CHILDREN).created;
    assert_true(people > 200);
}

/* Leases of a shared database are short. */
static void hurry(struct house *house)
{
    if (!engine_is_postgres())
        return;
    house_stop(house);
    second_lease(house, LEASE_S);
    house_start(house);
}

static enum fault rotate(struct house *house, const char *login, const struct rotation_teller *teller,
                         struct rotation_report *ret_report)
{
    const struct ask ask = {.operation = OP_vault_rotate, .unix_user = str_of(login), .source = STR("local")};
    fault_clear_note();
    return service_vault_rotate(house->service, &ask, teller, house->arena, ret_report);
}

/* How many masters the key file has, and the number of the newest. */
static int masters_in_file(const struct house *house, unsigned *ret_newest)
{
    char path[128], line[128];
    int count = 0;
    (void)snprintf(path, sizeof path, "%s/vault.key", house->folder);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        count += sscanf(line, "master %u ", ret_newest) == 1;
    assert_int_equal(fclose(file), 0);
    return count;
}

struct reading {
    struct house *house;
    struct arena *arena;
    int64_t opened;
    int64_t under; /* a master that must wrap all; 0: any */
    int64_t elsewhere;
};

static enum fault read_all(struct db_tx *tx, void *context)
{
    struct reading *reading = context;
    struct db_rows *found = NULL;
    struct value out[GIVES_child_all];
    struct buffer clear = buffer_open(64 * 1024);
    enum fault fault;
    const uint8_t beyond[17] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    const struct value in[] = {[BIND_child_all_first] = value_bytes((struct bytes){beyond, 0}),
                               [BIND_child_all_beyond] = value_bytes((struct bytes){beyond, sizeof beyond})};
    reading->opened = reading->elsewhere = 0;
    TRY(db_query(tx, SQL_child_all, in, &found));
    while (db_next(found, out)) {
        struct wrapped_key key;
        struct child_id child;
        assert_int_equal(out[GIVE_child_all_wrapped].bytes.len, sizeof key.byte);
        memcpy(key.byte, out[GIVE_child_all_wrapped].bytes.at, sizeof key.byte);
        assert_true(id_of_bytes(out[GIVE_child_all_child_id].bytes, &child.id));
        const struct seal_place place = linkage_place(&child);
        TRY(vault_unseal(reading->house->service->vault, &key, &place, out[GIVE_child_all_linkage].bytes,
                         &clear));
        reading->opened++;
        reading->elsewhere += vault_master_of(&key) != (uint32_t)reading->under;
    }
done:
    buffer_close(&clear);
    return db_rows_end(found, fault);
}

static struct reading read_everybody(struct house *house, unsigned under)
{
    struct reading reading = {.house = house, .under = under};
    enum fault fault = db_read(house->service->db, read_all, &reading);
    if (fault != FAULT_NONE)
        fail_msg("a child does not open: %s %s", fault_name(fault), fault_last_note());
    assert_int_equal(reading.opened, people);
    return reading;
}

static void test_an_operator_rotates(void **state)
{
    struct house *house = *state;
    struct rotation_report report = {0};
    unsigned newest = 0;
    size_t count;
    add_children(house);
    int64_t before = house_entries(house);
    assert_int_equal(rotate(house, "operator", NULL, &report), FAULT_NONE);
    assert_int_equal(report.master, 2);
    assert_true(report.seen > people); /* keys of the house too */
    assert_int_equal(report.rewrapped, report.seen);
    assert_int_equal(report.broken, 0);
    assert_int_equal(masters_in_file(house, &newest), 1);
    assert_int_equal(newest, 2);
    assert_int_equal(read_everybody(house, 2).elsewhere, 0);
    const struct audit_event *events = house_events(house, before, &count);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(events[i].event, EVENT_VAULT_ROTATED);
        assert_int_equal(events[i].role, ROLE_operator);
    }
    house_stop(house);
    house_start(house);
    assert_int_equal(read_everybody(house, 2).elsewhere, 0);
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
        assert_int_equal(rotate(house, logins[i], NULL, &report), FAULT_SIGN_IN);
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
        _exit(rotate(house, "operator", &teller, &report) == FAULT_NONE ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) {
        assert_int_equal(WTERMSIG(status), SIGKILL);
        return true;
    }
    assert_int_equal(WEXITSTATUS(status), 0);
    return false;
}

/* No thread of a service may run where a process forks. */
static void case_77_interrupted_at_every_step(void **state)
{
    struct house *house = *state;
    unsigned newest = 0;
    int steps = 0;
    hurry(house);
    add_children(house);
    house_stop(house);
    for (int step = 1; rotate_until(house, step); step++) {
        struct rotation_report report = {0};
        assert_true(step < STEPS_MAX);
        house_start(house);
        struct reading reading = read_everybody(house, 0); /* whatever wraps them is good */
        int masters = masters_in_file(house, &newest);
        assert_true(masters == 1 || masters == 2);
        assert_true(masters == 2 || read_everybody(house, newest).elsewhere == 0);
        (void)reading;
        enum fault fault = FAULT_BUSY; /* for as long as the dead one's leases live */
        for (int tries = 0; tries < 10 && fault == FAULT_BUSY; tries++) {
            fault = rotate(house, "operator", NULL, &report);
            if (fault == FAULT_BUSY)
                (void)poll(NULL, 0, 1000);
        }
        assert_int_equal(fault, FAULT_NONE);
        assert_int_equal(masters_in_file(house, &newest), 1);
        assert_int_equal(report.master, newest);
        assert_int_equal(read_everybody(house, newest).elsewhere, 0);
        house_stop(house);
        steps = step;
    }
    assert_true(steps >= 8);
    house_start(house);
    assert_int_equal(read_everybody(house, newest + 1).elsewhere, 0);
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
    int64_t rounds;
    pthread_t thread;
};

static void *go_on_reading(void *argument)
{
    struct load *load = argument;
    while (!load->stop) {
        (void)read_everybody(load->house, 0);
        load->rounds++;
    }
    return NULL;
}

static void test_under_load(void **state)
{
    struct house *house = *state;
    struct load load = {.house = house};
    struct rotation_report report = {0};
    hurry(house);
    add_children(house);
    assert_int_equal(pthread_create(&load.thread, NULL, go_on_reading, &load), 0);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(rotate(house, "operator", NULL, &report), FAULT_NONE);
        assert_int_equal(report.master, 2 + i);
    }
    load.stop = true;
    assert_int_equal(pthread_join(load.thread, NULL), 0);
    assert_true(load.rounds > 2);
    house_check_log(house);
}

/* A plan holds keys that are wrapped already: nothing is dropped while a feed is under way. */
static void test_not_beside_a_feed(void **state)
{
    struct house *house = *state;
    struct rotation_report report = {0};
    unsigned newest = 0;
    assert_int_equal(pthread_mutex_lock(&house->service->loading), 0);
    assert_int_equal(rotate(house, "operator", NULL, &report), FAULT_BUSY);
    assert_int_equal(pthread_mutex_unlock(&house->service->loading), 0);
    assert_int_equal(masters_in_file(house, &newest), 2);
    assert_int_equal(rotate(house, "operator", NULL, &report), FAULT_NONE);
    assert_int_equal(report.master, 2);
    assert_int_equal(masters_in_file(house, &newest), 1);
}

/* A second server that lacks the new master keeps the old one alive. */
static void test_another_server_first_needs_the_key(void **state)
{
    struct house *house = *state;
    struct rotation_report report = {0};
    unsigned newest = 0;
    if (!engine_is_postgres())
        skip();
    hurry(house);
    add_children(house);
    struct house *second = second_make(house);
    house_start(second);
    assert_int_equal(rotate(house, "operator", NULL, &report), FAULT_CONFLICT);
    assert_non_null(strstr(fault_last_note(), "vault ask"));
    assert_int_equal(masters_in_file(house, &newest), 2);
    assert_int_equal(read_everybody(house, 1).elsewhere, 0);
    assert_int_equal(read_everybody(second, 1).elsewhere, 0);
    house_stop(second);
    second_copy_keys(house, second);
    house_start(second);
    assert_int_equal(rotate(house, "operator", NULL, &report), FAULT_NONE);
    assert_int_equal(report.master, 2);
    assert_int_equal(read_everybody(second, 2).elsewhere, 0);
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
        WITH_HOUSE(test_not_beside_a_feed),
        WITH_HOUSE(test_another_server_first_needs_the_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
