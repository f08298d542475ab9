/* The log in a database: numbering, sealing, reading again, tampering. */
#include "audit/audit.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct house {
    char folder[64];
    char key_path[96];
    char db_path[96];
    struct vault *vault;
    struct db *db;
    struct audit *audit;
    struct arena *arena;
    uint64_t missing;
    struct child_id child;
    struct wrapped_key child_key;
    struct account_id actor;
    int64_t now_us;
};

static struct instant tick(void *context)
{
    struct house *house = context;
    house->now_us += 1000;
    return (struct instant){house->now_us};
}

static void open_all(struct house *house, bool create)
{
    assert_int_equal(vault_open(house->key_path, &house->vault), FAULT_NONE);
    assert_int_equal(db_open(house->db_path, create, 2, &house->db), FAULT_NONE);
    assert_int_equal(audit_open(house->db, house->vault, (struct clock){tick, house}, entropy_system(),
                                &house->audit, &house->missing),
                     FAULT_NONE);
}

static void close_all(struct house *house)
{
    audit_close(house->audit);
    db_close(house->db);
    vault_close(house->vault);
}

static enum fault insert_child_key(struct db_tx *tx, void *context)
{
    struct house *house = context;
    const struct value in[] = {
        [BIND_child_key_insert_child_id] = value_id(house->child.id),
        [BIND_child_key_insert_wrapped] =
            value_bytes((struct bytes){house->child_key.byte, sizeof house->child_key.byte}),
    };
    return db_run(tx, SQL_child_key_insert, in, NULL);
}

static int set_up(void **state)
{
    struct house *house = calloc(1, sizeof *house);
    snprintf(house->folder, sizeof house->folder, "/tmp/contactpoint-audit-XXXXXX");
    assert_non_null(mkdtemp(house->folder));
    snprintf(house->key_path, sizeof house->key_path, "%s/key", house->folder);
    snprintf(house->db_path, sizeof house->db_path, "%s/db", house->folder);
    house->now_us = INT64_C(1795243311000000); /* in November 2026 */
    house->child.id = id_new(entropy_system());
    house->actor.id = id_new(entropy_system());
    assert_int_equal(vault_create(house->key_path, entropy_system()), FAULT_NONE);
    open_all(house, true);
    assert_int_equal(house->missing, 0);
    assert_int_equal(vault_key_new(house->vault, &house->child_key), FAULT_NONE);
    assert_int_equal(db_write(house->db, DB_FOREGROUND, insert_child_key, house), FAULT_NONE);
    assert_int_equal(arena_open(8 << 20, &house->arena), FAULT_NONE);
    *state = house;
    return 0;
}

static void remove_file(const char *path, const char *suffix)
{
    char name[128];
    snprintf(name, sizeof name, "%s%s", path, suffix);
    unlink(name);
}

static int tear_down(void **state)
{
    struct house *house = *state;
    arena_close(house->arena);
    close_all(house);
    remove_file(house->key_path, "");
    remove_file(house->key_path, ".state");
    remove_file(house->db_path, "");
    remove_file(house->db_path, "-wal");
    remove_file(house->db_path, "-shm");
    remove_file(house->db_path, ".lock");
    assert_int_equal(rmdir(house->folder), 0);
    free(house);
    return 0;
}

static struct audit_event view_of(struct house *house)
{
    return (struct audit_event){.event = EVENT_CHILD_VIEWED,
                                .operation = OP_child_view,
                                .role = ROLE_practitioner,
                                .actor = house->actor,
                                .source = STR("192.0.2.7"),
                                .at = tick(house),
                                .reason = REASON_other,
                                .reason_text = STR("Asked to help\nwith school meals, Si\xc3\xa2n"),
                                .shown = STR("IDENTITY"),
                                .child = house->child};
}

/* No child, nobody known. */
static struct audit_event refusal_of(struct house *house)
{
    return (struct audit_event){.event = EVENT_REFUSED,
                                .operation = OP_find_page,
                                .source = STR("192.0.2.7"),
                                .at = tick(house),
                                .refusal = REFUSAL_NOT_SIGNED_IN,
                                .fault = FAULT_SIGN_IN};
}

struct append_job {
    struct audit *audit;
    const struct audit_sealed *sealed;
    uint64_t number;
    enum fault then; /* what the job answers after its entry */
};

static enum fault append(struct db_tx *tx, void *context)
{
    struct append_job *job = context;
    enum fault fault = audit_append(job->audit, tx, job->sealed, &job->number);
    return fault == FAULT_NONE ? job->then : fault;
}

static const struct audit_sealed *seal(struct house *house, const struct audit_event *event)
{
    const struct audit_sealed *sealed = NULL;
    const struct wrapped_key *key = id_is_zero(event->child.id) ? NULL : &house->child_key;
    assert_int_equal(audit_seal(house->audit, event, key, house->arena, &sealed), FAULT_NONE);
    return sealed;
}

static uint64_t write_entry(struct house *house, const struct audit_event *event)
{
    struct append_job job = {.audit = house->audit, .sealed = seal(house, event)};
    assert_int_equal(db_write(house->db, DB_FOREGROUND, append, &job), FAULT_NONE);
    audit_released(house->audit, job.number);
    return job.number;
}

static struct audit_check check(struct house *house)
{
    struct audit_check found;
    assert_int_equal(audit_check_all(house->audit, &found), FAULT_NONE);
    return found;
}

/* As a superuser would: past the program.  How many rows it changed. */
static int past(struct house *house, const char *sql)
{
    sqlite3 *raw = NULL;
    char *error = NULL;
    assert_int_equal(sqlite3_open(house->db_path, &raw), SQLITE_OK);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    if (sqlite3_exec(raw, sql, NULL, NULL, &error) != SQLITE_OK)
        fail_msg("%s", error);
    int changes = sqlite3_changes(raw);
    assert_int_equal(sqlite3_close(raw), SQLITE_OK);
    return changes;
}

static void tamper(struct house *house, const char *sql)
{
    assert_true(past(house, sql) > 0);
}

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
        assert_int_equal(job.number, expected);
        if (fault == FAULT_NONE) {
            audit_released(house->audit, job.number);
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
            audit_released(house->audit, job.number);
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
    assert_int_equal(job.number, 0);
    past(house, "ALTER TABLE elsewhere RENAME TO audit_entry");
    assert_int_equal(write_entry(house, &view), 1);
}

/* A disk of 2 MiB, seen by this process alone; false where the machine does not let us. */
static bool mount_small_disk(const char *folder)
{
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", folder, "tmpfs", 0, "size=2m,mode=0700") == 0;
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
            audit_released(house->audit, job.number);
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

/* Flips one bit of one stored byte; rows stand in the order of their numbers. */
static void flip(struct house *house, const char *column, int64_t row, int at)
{
    sqlite3 *raw = NULL;
    sqlite3_blob *blob = NULL;
    uint8_t byte = 0;
    assert_int_equal(sqlite3_open(house->db_path, &raw), SQLITE_OK);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    assert_int_equal(sqlite3_blob_open(raw, "main", "audit_entry", column, row, 1, &blob), SQLITE_OK);
    assert_int_equal(sqlite3_blob_read(blob, &byte, 1, at), SQLITE_OK);
    byte ^= 4;
    assert_int_equal(sqlite3_blob_write(blob, &byte, 1, at), SQLITE_OK);
    assert_int_equal(sqlite3_blob_close(blob), SQLITE_OK);
    assert_int_equal(sqlite3_close(raw), SQLITE_OK);
}

static void test_one_changed_byte_is_counted(void **state)
{
    struct house *house = *state;
    struct audit_event view = view_of(house);
    struct audit_event refusal = refusal_of(house);
    write_entry(house, &view);
    write_entry(house, &refusal);
    write_entry(house, &view);
    static const int places[] = {0, 1, 24, 25, 100, 150};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        flip(house, "sealed", 1 + (int64_t)i % 3, places[i]);
        assert_int_equal(check(house).broken, 1);
        flip(house, "sealed", 1 + (int64_t)i % 3, places[i]);
        assert_int_equal(check(house).broken, 0);
    }
    for (int at = 0; at < AUDIT_COMMITMENT_BYTES; at++)
        flip(house, "commitment", 1 + at % 3, at);
    assert_int_equal(check(house).broken, 3);
    assert_int_equal(check(house).entries, 3);
    assert_int_equal(check(house).gaps, 0);
}

static void test_changed_clear_columns_are_counted(void **state)
{
    struct house *house = *state;
    struct audit_event view = view_of(house);
    for (int i = 0; i < 6; i++)
        write_entry(house, &view);
    tamper(house, "UPDATE audit_entry SET at_us = at_us + 1 WHERE number = 1");
    assert_int_equal(check(house).broken, 1);
    tamper(house, "UPDATE audit_entry SET month = month + 1 WHERE number = 2");
    assert_int_equal(check(house).broken, 2);
    tamper(house, "UPDATE audit_entry SET actor_tag = NULL WHERE number = 3");
    assert_int_equal(check(house).broken, 3);
    tamper(house, "UPDATE audit_entry SET child_id = NULL WHERE number = 4");
    assert_int_equal(check(house).broken, 4);
    tamper(house, "UPDATE audit_entry SET entry_id = (SELECT entry_id FROM audit_entry WHERE number = 6) "
                  "WHERE number = 5");
    assert_int_equal(check(house).broken, 5);
    assert_int_equal(check(house).unreadable, 0);
}

static void test_deleted_inside_leaves_a_gap(void **state)
{
    struct house *house = *state;
    struct audit_event view = view_of(house);
    for (int i = 0; i < 4; i++)
        write_entry(house, &view);
    tamper(house, "DELETE FROM audit_entry WHERE number = 2");
    assert_int_equal(check(house).gaps, 1);
    tamper(house, "DELETE FROM audit_entry WHERE number = 4");
    assert_int_equal(check(house).gaps, 2);
    /* its number is not given again */
    assert_int_equal(write_entry(house, &view), 5);
    assert_int_equal(check(house).gaps, 2);
}

static void reopen(struct house *house)
{
    close_all(house);
    open_all(house, false);
}

static void test_deleted_last_row_is_missing_at_next_start(void **state)
{
    struct house *house = *state;
    struct audit_event view = view_of(house);
    for (int i = 0; i < 3; i++)
        write_entry(house, &view);
    reopen(house);
    assert_int_equal(house->missing, 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(write_entry(house, &view), i + 1);
    close_all(house);
    tamper(house, "DELETE FROM audit_entry WHERE rowid = (SELECT max(rowid) FROM audit_entry)");
    open_all(house, false);
    assert_int_equal(house->missing, 1);
    reopen(house);
    assert_int_equal(house->missing, 0);
    write_entry(house, &view);
    write_entry(house, &view);
    close_all(house);
    tamper(house, "DELETE FROM audit_entry");
    open_all(house, false);
    assert_int_equal(house->missing, 2);
}

static void test_entry_not_yet_released_is_no_alarm(void **state)
{
    struct house *house = *state;
    struct audit_event view = view_of(house);
    struct append_job job = {.audit = house->audit, .sealed = seal(house, &view)};
    write_entry(house, &view);
    assert_int_equal(db_write(house->db, DB_FOREGROUND, append, &job), FAULT_NONE);
    reopen(house); /* killed between commit and telling */
    assert_int_equal(house->missing, 0);
    assert_int_equal(check(house).entries, 2);
}

static void test_erased_child_is_unreadable(void **state)
{
    struct house *house = *state;
    struct audit_event view = view_of(house);
    struct audit_event refusal = refusal_of(house);
    write_entry(house, &view);
    write_entry(house, &refusal);
    tamper(house, "DELETE FROM child_key");
    struct audit_check found = check(house);
    assert_int_equal(found.entries, 2);
    assert_int_equal(found.unreadable, 1);
    assert_int_equal(found.broken + found.gaps, 0);
    tamper(house, "UPDATE audit_entry SET child_id = zeroblob(16) WHERE child_id IS NOT NULL");
    assert_int_equal(check(house).unreadable, 1);
    assert_int_equal(check(house).broken, 0);
}

static void test_months_have_their_own_keys(void **state)
{
    struct house *house = *state;
    struct audit_event refusal = refusal_of(house);
    write_entry(house, &refusal);
    for (int month = 0; month < 12; month++) { /* more than are remembered */
        refusal.at.us += INT64_C(31) * 24 * 3600 * 1000000;
        write_entry(house, &refusal);
    }
    assert_int_equal(check(house).broken, 0);
    reopen(house);
    assert_int_equal(check(house).broken, 0);
    assert_int_equal(check(house).entries, 13);
    tamper(house, "DELETE FROM house_key WHERE name = 'audit-2027-01'");
    reopen(house);
    assert_int_equal(check(house).broken, 1);
}

struct looks_job {
    struct house *house;
    struct account_id actor;
    size_t most;
    struct audit_event *events;
    size_t count;
};

static enum fault look(struct db_tx *tx, void *context)
{
    struct looks_job *job = context;
    return audit_own_looks(job->house->audit, tx, job->actor, job->most, job->house->arena, &job->events,
                           &job->count);
}

static void test_own_looks(void **state)
{
    struct house *house = *state;
    struct audit_event view = view_of(house);
    struct audit_event other = view_of(house);
    struct audit_event signed_in = {
        .event = EVENT_SIGNED_IN, .operation = OP_sign_in_code, .actor = house->actor, .at = tick(house)};
    other.actor.id = id_new(entropy_system());
    for (int i = 0; i < 5; i++) {
        view.at = tick(house);
        write_entry(house, &view);
        write_entry(house, &other);
        signed_in.at = tick(house);
        write_entry(house, &signed_in);
    }
    struct looks_job job = {.house = house, .actor = house->actor, .most = 3};
    assert_int_equal(db_read(house->db, look, &job), FAULT_NONE);
    assert_int_equal(job.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(job.events[i].event, EVENT_CHILD_VIEWED);
        assert_true(id_equal(job.events[i].child.id, house->child.id));
        assert_true(id_equal(job.events[i].actor.id, house->actor.id));
        assert_true(str_equal(job.events[i].reason_text, view.reason_text));
        assert_true(i == 0 || job.events[i].at.us < job.events[i - 1].at.us);
    }
    assert_int_equal(job.events[0].at.us, view.at.us);
    job.most = 100;
    assert_int_equal(db_read(house->db, look, &job), FAULT_NONE);
    assert_int_equal(job.count, 5);
    job.actor.id = id_new(entropy_system());
    assert_int_equal(db_read(house->db, look, &job), FAULT_NONE);
    assert_int_equal(job.count, 0);
    tamper(house, "DELETE FROM child_key");
    job.actor = house->actor;
    assert_int_equal(db_read(house->db, look, &job), FAULT_NONE);
    assert_int_equal(job.count, 0);
}

static void test_nothing_readable_on_the_disk(void **state)
{
    struct house *house = *state;
    struct audit_event view = view_of(house);
    char wal[128];
    view.asked = STR("Cerys Planted-Secret Vaughan");
    write_entry(house, &view);
    snprintf(wal, sizeof wal, "%s-wal", house->db_path);
    const char *const paths[] = {house->db_path, wal};
    for (int i = 0; i < 2; i++) {
        FILE *file = fopen(paths[i], "rb");
        assert_non_null(file);
        char *content = calloc(1, 8 << 20);
        size_t len = fread(content, 1, 8 << 20, file);
        assert_null(memmem(content, len, "Planted-Secret", 14));
        assert_null(memmem(content, len, "school meals", 12));
        fclose(file);
        free(content);
    }
}

#define WITH_HOUSE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

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
        cmocka_unit_test(case_54_full_disk_gives_a_fault),
        WITH_HOUSE(case_57_long_event_with_newlines_and_unicode),
        WITH_HOUSE(test_too_long_events_are_refused),
        WITH_HOUSE(test_one_changed_byte_is_counted),
        WITH_HOUSE(test_changed_clear_columns_are_counted),
        WITH_HOUSE(test_deleted_inside_leaves_a_gap),
        WITH_HOUSE(test_deleted_last_row_is_missing_at_next_start),
        WITH_HOUSE(test_entry_not_yet_released_is_no_alarm),
        WITH_HOUSE(test_erased_child_is_unreadable),
        WITH_HOUSE(test_months_have_their_own_keys),
        WITH_HOUSE(test_own_looks),
        WITH_HOUSE(test_nothing_readable_on_the_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
