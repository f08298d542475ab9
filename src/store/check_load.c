/* Many connections at once, connections that are lost, and what a durable commit takes. */
#include <linux/magic.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <time.h>

#include "store/check_inside.h"

enum {
    WRITES_EACH = 20,
    TIMED_US = 1000 * 1000,
    SAMPLES_MAX = 20000,
    TROUBLED = 4, /* threads whose connections are ended */
    ENDINGS = 6,
    ENDING_PAUSE_NS = 150 * 1000 * 1000,
    SWIFT_SQLITE_US = 30, /* faster than a disk takes anything in */
    SWIFT_POSTGRES_US = 120,
    SQL_BYTES_MAX = 256,
    NAME_BYTES = 32,
};

struct worker {
    struct db *db;
    int number;
    int64_t until_us;    /* 0: WRITES_EACH times */
    atomic_bool *stop;   /* NULL: none */
    int64_t done;        /* acknowledged */
    int64_t unknown;     /* of which it was not known whether they were kept */
    int64_t *samples_us; /* NULL: not measured */
    enum fault fault;
    const char *note;
};

static bool goes_on(const struct worker *worker)
{
    if (worker->stop != NULL)
        return !atomic_load(worker->stop);
    if (worker->until_us > 0)
        return clock_monotonic_us() < worker->until_us;
    return worker->done < WRITES_EACH;
}

struct adding {
    const char *name;
};

static enum fault add_one(struct db_tx *tx, void *context)
{
    const struct adding *adding = context;
    int64_t number = 0;
    enum fault fault;
    TRY(check_fact_read(tx, adding->name, &number));
    TRY(check_fact_write(tx, adding->name, number + 1));
done:
    return fault;
}

static void *work(void *context)
{
    struct worker *worker = context;
    char name[NAME_BYTES];
    (void)snprintf(name, sizeof name, "worker-%d", worker->number);
    struct adding adding = {name};
    while (goes_on(worker) && worker->fault == FAULT_NONE) {
        int64_t began_us = clock_monotonic_us();
        enum fault fault = db_write(worker->db, DB_FOREGROUND, add_one, &adding);
        if (fault == FAULT_BUSY && worker->stop != NULL) {
            worker->unknown++;
            continue;
        }
        worker->fault = fault;
        worker->note = fault_last_note();
        if (worker->samples_us != NULL && worker->done < SAMPLES_MAX)
            worker->samples_us[worker->done] = clock_monotonic_us() - began_us;
        worker->done += fault == FAULT_NONE;
    }
    return NULL;
}

static int start(struct worker *workers, pthread_t *threads, int count)
{
    int started = 0;
    while (started < count && pthread_create(&threads[started], NULL, work, &workers[started]) == 0)
        started++;
    return started;
}

/* Whether each worker's number is what was acknowledged; said where not. */
static enum fault compare(struct check *check, struct db *db, const struct worker *workers, int count)
{
    enum fault fault = FAULT_NONE;
    for (int i = 0; i < count; i++) {
        char name[NAME_BYTES];
        int64_t kept = 0;
        (void)snprintf(name, sizeof name, "worker-%d", i);
        if (workers[i].fault != FAULT_NONE)
            check_say(check, CHECK_FAILS, "with %d connections a write was refused: %s", count,
                      workers[i].note);
        TRY(check_fact_known(db, name, &kept));
        if (kept < workers[i].done || kept > workers[i].done + workers[i].unknown)
            check_say(check, CHECK_FAILS, "%lld writes were acknowledged, and %lld kept",
                      (long long)workers[i].done, (long long)kept);
        TRY(check_fact_set(db, name, 0));
    }
done:
    return fault;
}

static enum fault run_workers(struct check *check, struct db *db, struct worker *workers, int count)
{
    pthread_t threads[CHECK_CONNECTIONS];
    int started = start(workers, threads, count);
    for (int i = 0; i < started; i++)
        (void)pthread_join(threads[i], NULL);
    if (started < count)
        return fault_note(FAULT_SYSTEM, "no thread can be started: raise the limit of threads");
    return compare(check, db, workers, count);
}

static enum fault try_connections(struct check *check, int count)
{
    struct worker workers[CHECK_CONNECTIONS];
    struct db *db = NULL;
    enum fault fault = check_open(check, count, 0, &db);
    if (fault != FAULT_NONE) {
        check_say(check, CHECK_LACKS, "%d connections: %s", count, fault_last_note());
        return FAULT_NONE;
    }
    for (int i = 0; i < count; i++)
        workers[i] = (struct worker){.db = db, .number = i};
    fault = run_workers(check, db, workers, count);
    db_close(db);
    return fault;
}

enum fault check_connections(struct check *check)
{
    enum fault fault = FAULT_NONE;
    int known = 1;
    for (int count = 1; count <= CHECK_CONNECTIONS && check->verdict == CHECK_PASSES; count *= 2) {
        check->connections = CHECK_CONNECTIONS;
        TRY(try_connections(check, count));
        known = check->verdict == CHECK_PASSES ? count : known;
        if (check_stopped(check))
            TRY(FAULT_CANCELLED);
    }
done:
    check->connections = known;
    return fault;
}

/* Ends the connections that bear our name, but this one.  False where the engine does not let us. */
static bool end_connections(struct check *check, struct raw *raw, int64_t *ended)
{
    char sql[SQL_BYTES_MAX];
    int64_t count = 0;
    (void)snprintf(
        sql, sizeof sql,
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = '%s' "
        "AND pid <> pg_backend_pid()",
        check->place.name);
    if (raw_number(raw, sql, &count) != FAULT_NONE) {
        check_say(check, CHECK_LACKS,
                  "connections cannot be ended on purpose, so that this was not tried: %s", raw_says(raw));
        return false;
    }
    *ended += count;
    return true;
}

static enum fault trouble(struct check *check, struct db *db, struct raw *raw)
{
    struct worker workers[TROUBLED];
    pthread_t threads[TROUBLED];
    atomic_bool stop = false;
    int64_t ended = 0;
    bool may = true;
    for (int i = 0; i < TROUBLED; i++)
        workers[i] = (struct worker){.db = db, .number = i, .stop = &stop};
    int started = start(workers, threads, TROUBLED);
    for (int i = 0; i < ENDINGS && may; i++) {
        (void)nanosleep(&(struct timespec){.tv_nsec = ENDING_PAUSE_NS}, NULL);
        may = end_connections(check, raw, &ended);
    }
    (void)nanosleep(&(struct timespec){.tv_nsec = ENDING_PAUSE_NS}, NULL);
    atomic_store(&stop, true);
    for (int i = 0; i < started; i++)
        (void)pthread_join(threads[i], NULL);
    if (may && ended == 0)
        check_say(check, CHECK_LACKS, "no connection was found to be ended, so that this was not tried");
    check_figure(check, "check.connections.ended", (double)ended, "connections");
    return compare(check, db, workers, started);
}

enum fault check_retry(struct check *check)
{
    struct db *db = NULL;
    struct raw *raw = NULL;
    enum fault fault;
    if (!check->place.postgres) {
        check_say(check, CHECK_PASSES, "a file has no connections to lose");
        return FAULT_NONE;
    }
    TRY(check_open(check, TROUBLED, 0, &db));
    TRY(raw_open(check_place_connection(&check->place), true, &raw));
    TRY(trouble(check, db, raw));
done:;
    const char *note = fault_last_note();
    raw_close(raw);
    db_close(db);
    return fault == FAULT_NONE ? fault : fault_note(fault, note);
}

static int by_number(const void *a, const void *b)
{
    const int64_t first = *(const int64_t *)a, second = *(const int64_t *)b;
    return first < second ? -1 : first > second;
}

/* One after the other, and how long each took. */
static enum fault time_alone(struct check *check, struct db *db, int64_t *samples_us)
{
    struct worker worker = {.db = db, .until_us = clock_monotonic_us() + TIMED_US, .samples_us = samples_us};
    enum fault fault = run_workers(check, db, &worker, 1);
    int64_t count = worker.done < SAMPLES_MAX ? worker.done : SAMPLES_MAX;
    if (fault != FAULT_NONE || count == 0)
        return fault;
    qsort(samples_us, (size_t)count, sizeof samples_us[0], by_number);
    const int64_t middle_us = samples_us[count / 2];
    check_figure(check, "check.commit.p50", (double)middle_us, "us");
    check_figure(check, "check.commit.p99", (double)samples_us[count * 99 / 100], "us");
    check_figure(check, "check.commit.rate.1", (double)worker.done * 1e6 / TIMED_US, "commits/s");
    if (middle_us < (check->place.postgres ? SWIFT_POSTGRES_US : SWIFT_SQLITE_US))
        check_say(
            check, CHECK_WARNS,
            "a commit takes %lld us, less than disks need: look whether they keep what they acknowledge",
            (long long)middle_us);
    return fault;
}

static enum fault time_together(struct check *check, struct db *db)
{
    static const char *const names[CHECK_CONNECTIONS + 1] = {[2] = "check.commit.rate.2",
                                                             [4] = "check.commit.rate.4",
                                                             [8] = "check.commit.rate.8",
                                                             [16] = "check.commit.rate.16"};
    struct worker workers[CHECK_CONNECTIONS];
    const int64_t until_us = clock_monotonic_us() + TIMED_US;
    const char *name = names[check->connections];
    int64_t done = 0;
    if (name == NULL)
        return FAULT_NONE; /* there is one connection */
    for (int i = 0; i < check->connections; i++)
        workers[i] = (struct worker){.db = db, .number = i, .until_us = until_us};
    enum fault fault = run_workers(check, db, workers, check->connections);
    for (int i = 0; i < check->connections; i++)
        done += workers[i].done;
    if (fault == FAULT_NONE)
        check_figure(check, name, (double)done * 1e6 / TIMED_US, "commits/s");
    return fault;
}

/* What the engine says of itself; one that does not know the question is not asked further. */
static enum fault ask_settings(struct check *check)
{
    static const struct {
        const char *ask;
        const char *says;
    } settings[] = {
        {"SHOW fsync", "fsync is off: set it to on"},
        {"SHOW full_page_writes", "full_page_writes is off: set it to on"},
        {"SHOW synchronous_commit",
         "synchronous_commit is off for others than this program, which asks for it: set it to on"},
    };
    struct buffer text = buffer_open(SQL_BYTES_MAX);
    struct raw *raw = NULL;
    enum fault fault;
    TRY(raw_open(check_place_connection(&check->place), false, &raw));
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        buffer_clear(&text);
        if (raw_ask(raw, settings[i].ask, &text) == FAULT_NONE && str_equal(buffer_str(&text), STR("off")))
            check_say(check, CHECK_WARNS, "%s", settings[i].says);
    }
done:
    raw_close(raw);
    buffer_close(&text);
    return fault;
}

static void ask_disk(struct check *check)
{
    struct statfs disk;
    if (statfs(check_place_connection(&check->place), &disk) != 0)
        return;
    if (disk.f_type == TMPFS_MAGIC || disk.f_type == RAMFS_MAGIC)
        check_say(check, CHECK_WARNS, "the file stands in memory, not on a disk: choose another folder");
}

enum fault check_durable(struct check *check)
{
    int64_t *samples_us = calloc(SAMPLES_MAX, sizeof samples_us[0]);
    struct db *db = NULL;
    enum fault fault = samples_us == NULL ? FAULT_MEMORY : FAULT_NONE;
    TRY(fault);
    if (check->place.postgres)
        TRY(ask_settings(check));
    else
        ask_disk(check);
    TRY(check_open(check, CHECK_CONNECTIONS, 0, &db));
    TRY(time_alone(check, db, samples_us));
    if (check_stopped(check))
        TRY(FAULT_CANCELLED);
    TRY(time_together(check, db));
done:;
    const char *note = fault_last_note();
    db_close(db);
    free(samples_us);
    return fault == FAULT_NONE ? fault : fault_note(fault, note);
}
