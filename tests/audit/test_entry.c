/* Entries in a database: sealing, numbering, and stores that refuse. */
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine.h"
#include "house.h"

static void test_entries_are_numbered_and_open_again(void **state)
{
    struct house *house = *state;
    struct audit_event view = view_of(house);
    struct audit_event refusal = refusal_of(house);
    assert_int_equal(write_entry(house, &view), 1);
    assert_int_equal(write_entry(house, &refusal), 2);
    assert_int_equal(write_entry(house, &view), 3);
    struct audit_check found = check(house);
    assert_int_equal(found.entries, 3);
    assert_int_equal(found.broken + found.unreadable + found.gaps, 0);
}

/* A job that appends and then faults leaves no gap. */
static void test_dense_under_rollbacks(void **state)
{
    struct house *house = *state;
    struct audit_event view = view_of(house);
    uint64_t expected = 1;
    for (int i = 0; i < 40; i++) {
        struct append_job job = {.audit = house->audit, .sealed = seal(house, &view)};
        job.then = i % 3 == 0 ? FAULT_CONFLICT : FAULT_NONE;
        enum fault fault = db_write(house->db, DB_FOREGROUND, append, &job);
        assert_int_equal(fault, job.then);
        assert_int_equal(job.place.number, expected);
        if (fault == FAULT_NONE) {
            audit_released(house->audit, job.place);
            expected++;
        }
    }
    struct audit_check found = check(house);
    assert_int_equal(found.entries, expected - 1);
    assert_int_equal(found.gaps + found.broken, 0);
}

struct racer {
    struct house *house;
    struct arena *arena;
};

static void *race(void *context)
{
    struct racer *racer = context;
    struct house *house = racer->house;
    for (int i = 0; i < 25; i++) {
        struct audit_event view = {.event = EVENT_CHILD_VIEWED,
                                   .operation = OP_child_view,
                                   .actor = house->actor,
                                   .at = {INT64_C(1795243312000000)},
                                   .child = house->child};
        struct append_job job = {.audit = house->audit, .then = i % 4 == 0 ? FAULT_ABSENT : FAULT_NONE};
        if (audit_seal(house->audit, &view, &house->child_key, racer->arena, &job.sealed) != FAULT_NONE)
            return "seal";
        if (db_write(house->db, DB_FOREGROUND, append, &job) != job.then)
            return "write";
        if (job.then == FAULT_NONE)
            audit_released(house->audit, job.place);
    }
    return NULL;
}

static void test_dense_with_threads_in_groups(void **state)
{
    struct house *house = *state;
    pthread_t threads[4];
    struct racer racers[4];
    for (int i = 0; i < 4; i++) {
        racers[i].house = house;
        assert_int_equal(arena_open(1 << 20, &racers[i].arena), FAULT_NONE);
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        assert_null(failed);
        arena_close(racers[i].arena);
    }
    struct audit_check found = check(house);
    assert_int_equal(found.entries, 4 * 18);
    assert_int_equal(found.gaps + found.broken, 0);
}

static void case_54_store_that_refuses_gives_a_fault(void **state)
{
    struct house *house = *state;
    struct audit_event view = view_of(house);
    struct append_job job = {.audit = house->audit, .sealed = seal(house, &view)};
    past(house, "ALTER TABLE audit_entry RENAME TO elsewhere");
    assert_int_not_equal(db_write(house->db, DB_FOREGROUND, append, &job), FAULT_NONE);
    past(house, "ALTER TABLE elsewhere RENAME TO audit_entry");
    assert_int_equal(write_entry(house, &view), 1);
}

/* A disk of 3 MiB, seen by this process alone; false where the machine does not let us. */
static bool mount_small_disk(const char *folder)
{
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", folder, "tmpfs", 0, "size=3m,mode=0700") == 0;
}

static size_t fill(const char *path, size_t most)
{
    static const char zeros[4096];
    size_t filled = 0;
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    setvbuf(file, NULL, _IONBF, 0);
    while (filled < most && fwrite(zeros, 1, sizeof zeros, file) == sizeof zeros)
        filled += sizeof zeros;
    fclose(file);
    return filled;
}

static void append_to_full_disk(struct house *house)
{
    struct audit_event view = view_of(house);
    char ballast[128];
    uint64_t written = 0;
    enum fault fault = FAULT_NONE;
    snprintf(ballast, sizeof ballast, "%s/ballast", house->folder);
    assert_true(fill(ballast, 4 << 20) > 0);
    for (int i = 0; i < 200 && fault == FAULT_NONE; i++) {
        struct append_job job = {.audit = house->audit, .sealed = seal(house, &view)};
        fault = db_write(house->db, DB_FOREGROUND, append, &job);
        if (fault == FAULT_NONE) {
            audit_released(house->audit, job.place);
            written++;
        }
    }
    assert_int_equal(fault, FAULT_STORAGE);
    unlink(ballast);
    struct audit_check found = check(house);
    assert_int_equal(found.entries, written);
    assert_int_equal(write_entry(house, &view), written + 1);
    assert_int_equal(check(house).gaps, 0);
}

/* In a process of its own, since a disk is mounted for it. */
static void case_54_full_disk_gives_a_fault(void **state)
{
    (void)state;
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        execl("/proc/self/exe", "test_audit", "on-a-small-disk", (char *)NULL);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_on_a_small_disk(void **state)
{
    void *house = NULL;
    (void)state;
    if (!mount_small_disk("/tmp")) {
        print_message("skipped: case_54_full_disk: this machine does not let a test mount a small disk\n");
        return;
    }
    assert_int_equal(set_up(&house), 0);
    append_to_full_disk(house);
    assert_int_equal(tear_down(&house), 0);
}

static void case_57_long_event_with_newlines_and_unicode(void **state)
{
    struct house *house = *state;
    struct audit_event view = view_of(house);
    char *text = malloc(61440);
    for (size_t i = 0; i < 61440; i++)
        text[i] = "Si\xc3\xa2n\n"[i % 6];
    view.asked = (struct str){text, 61440};
    assert_int_equal(write_entry(house, &view), 1);
    struct audit_check found = check(house);
    assert_int_equal(found.entries, 1);
    assert_int_equal(found.broken, 0);
    assert_int_equal(past(house, "UPDATE audit_entry SET number = 1 WHERE length(commitment) = 33"), 1);
    free(text);
}

static void test_too_long_events_are_refused(void **state)
{
    struct house *house = *state;
    struct audit_event view = view_of(house);
    struct buffer packed = buffer_open(1 << 20);
    const struct audit_sealed *sealed = NULL;
    char *text = calloc(1, AUDIT_EVENT_BYTES_MAX + 1);
    audit_event_pack(&packed, &view);
    view.asked = (struct str){text, AUDIT_EVENT_BYTES_MAX - packed.len};
    assert_int_equal(write_entry(house, &view), 1);
    static const size_t more[] = {1, 1000, 70000};
    for (size_t i = 0; i < 3; i++) {
        view.asked = (struct str){text, AUDIT_EVENT_BYTES_MAX - packed.len + more[i]};
        assert_int_equal(audit_seal(house->audit, &view, &house->child_key, house->arena, &sealed),
                         FAULT_TOO_LARGE);
    }
    assert_null(sealed);
    assert_int_equal(check(house).broken, 0);
    free(text);
    buffer_close(&packed);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest small_disk[] = {cmocka_unit_test(test_on_a_small_disk)};
    if (argc > 1 && strcmp(argv[1], "on-a-small-disk") == 0)
        return cmocka_run_group_tests(small_disk, NULL, NULL);
    const struct CMUnitTest tests[] = {
        WITH_HOUSE(test_entries_are_numbered_and_open_again),
        WITH_HOUSE(test_dense_under_rollbacks),
        WITH_HOUSE(test_dense_with_threads_in_groups),
        WITH_HOUSE(case_54_store_that_refuses_gives_a_fault),
        WITH_HOUSE(case_57_long_event_with_newlines_and_unicode),
        WITH_HOUSE(test_too_long_events_are_refused),
    };
    /* The disk of a file; PostgreSQL's is filled in tests/store/. */
    const struct CMUnitTest disk[] = {cmocka_unit_test(case_54_full_disk_gives_a_fault)};
    int failed = engine_is_postgres() ? 0 : cmocka_run_group_tests(disk, NULL, NULL);
    return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
