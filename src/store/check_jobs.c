/* Jobs that fail, jobs at the same moment, readings at one moment. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "store/check_inside.h"

enum { ROUNDS = 6, COUNTERS = 8, COUNTS_EACH = 25, MEET_MS = 150, NAME_BYTES = 32, ACKNOWLEDGED = 100 };

/* Where two jobs wait for each other, so that both have read before either writes; not for long, since an
 * engine may well let one wait for the other's end. */
struct meeting {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int present;
};

static void meet(struct meeting *meeting)
{
    struct timespec until;
    int waited = 0;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += MEET_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&meeting->lock);
    meeting->present++;
    pthread_cond_broadcast(&meeting->changed);
    while (meeting->present < 2 && waited == 0)
        waited = pthread_cond_timedwait(&meeting->changed, &meeting->lock, &until);
    pthread_mutex_unlock(&meeting->lock);
}

/* One of two jobs at the same moment, in a thread of its own. */
struct rival {
    struct db *db;
    db_job job;
    struct meeting *meeting;
    int number; /* 0 or 1 */
    int round;
    bool met;
    enum fault fault;
    const char *note;
};

static void meet_once(struct rival *rival)
{
    if (!rival->met)
        meet(rival->meeting);
    rival->met = true;
}

static void *run_rival(void *context)
{
    struct rival *rival = context;
    rival->fault = db_write(rival->db, DB_FOREGROUND, rival->job, rival);
    rival->note = fault_last_note();
    return NULL;
}

static enum fault run_rivals(struct db *db, db_job job, int round)
{
    struct meeting meeting = {.present = 0};
    struct rival rivals[2];
    pthread_t thread;
    pthread_mutex_init(&meeting.lock, NULL);
    pthread_cond_init(&meeting.changed, NULL);
    for (int i = 0; i < 2; i++)
        rivals[i] = (struct rival){.db = db, .job = job, .meeting = &meeting, .number = i, .round = round};
    enum fault fault = FAULT_NONE;
    if (pthread_create(&thread, NULL, run_rival, &rivals[1]) != 0) {
        fault = fault_note(FAULT_SYSTEM, "no thread can be started: raise the limit of threads");
    } else {
        (void)run_rival(&rivals[0]);
        (void)pthread_join(thread, NULL);
    }
    for (int i = 0; i < 2 && fault == FAULT_NONE; i++) {
        if (rivals[i].fault != FAULT_NONE)
            fault = fault_note(rivals[i].fault, rivals[i].note);
    }
    pthread_cond_destroy(&meeting.changed);
    pthread_mutex_destroy(&meeting.lock);
    return fault;
}

/* Each turns its own off where both are on: one of the two must stay on. */
static enum fault turn_off(struct db_tx *tx, void *context)
{
    struct rival *rival = context;
    int64_t here = 0, there = 0;
    enum fault fault;
    TRY(check_fact_read(tx, rival->number == 0 ? "skew-0" : "skew-1", &here));
    TRY(check_fact_read(tx, rival->number == 0 ? "skew-1" : "skew-0", &there));
    meet_once(rival);
    if (here == 1 && there == 1)
        TRY(check_fact_write(tx, rival->number == 0 ? "skew-0" : "skew-1", 0));
done:
    return fault;
}

static enum fault try_skew(struct check *check, struct db *db, int round)
{
    int64_t first = 0, second = 0;
    enum fault fault;
    TRY(check_fact_set(db, "skew-0", 1));
    TRY(check_fact_set(db, "skew-1", 1));
    TRY(run_rivals(db, turn_off, round));
    TRY(check_fact_known(db, "skew-0", &first));
    TRY(check_fact_known(db, "skew-1", &second));
    if (first + second != 1)
        check_say(check, CHECK_FAILS,
                  "write skew: each of two jobs leant on what the other changed, and both were kept");
done:
    return fault;
}

static enum fault add_one(struct db_tx *tx, void *context)
{
    struct rival *rival = context;
    int64_t number = 0;
    enum fault fault;
    TRY(check_fact_read(tx, "update", &number));
    meet_once(rival);
    TRY(check_fact_write(tx, "update", number + 1));
done:
    return fault;
}

static enum fault try_lost_update(struct check *check, struct db *db, int round)
{
    int64_t before = 0, after = 0;
    enum fault fault;
    TRY(check_fact_known(db, "update", &before));
    TRY(run_rivals(db, add_one, round));
    TRY(check_fact_known(db, "update", &after));
    if (after != before + 2)
        check_say(check, CHECK_FAILS, "lost update: two jobs added one each, and %lld was added",
                  (long long)(after - before));
done:
    return fault;
}

/* Adds a row where none of its kind is there: the other must see it, although it was not there to be read. */
static enum fault add_first(struct db_tx *tx, void *context)
{
    struct rival *rival = context;
    char prefix[NAME_BYTES], name[2 * NAME_BYTES];
    struct value row[GIVES_copy_read_meta];
    struct db_rows *rows = NULL;
    int found = 0;
    enum fault fault;
    (void)snprintf(prefix, sizeof prefix, "phantom-%d-", rival->round);
    (void)snprintf(name, sizeof name, "%s%d", prefix, rival->number);
    const struct value in[] = {[BIND_copy_read_meta_name] = value_text(str_of(prefix))};
    TRY(db_query(tx, SQL_copy_read_meta, in, &rows));
    while (db_next(rows, row))
        found += str_starts(str_of_bytes(row[GIVE_copy_read_meta_name].bytes), str_of(prefix));
    TRY(db_rows_close(rows));
    meet_once(rival);
    if (found == 0)
        TRY(check_fact_write(tx, name, 1));
done:
    return fault;
}

static enum fault try_phantom(struct check *check, struct db *db, int round)
{
    char name[2][NAME_BYTES];
    int64_t first = 0, second = 0;
    enum fault fault;
    for (int i = 0; i < 2; i++)
        (void)snprintf(name[i], sizeof name[i], "phantom-%d-%d", round, i);
    TRY(run_rivals(db, add_first, round));
    TRY(check_fact_known(db, name[0], &first));
    TRY(check_fact_known(db, name[1], &second));
    if (first + second != 1)
        check_say(check, CHECK_FAILS,
                  "phantom: two jobs each found nothing and added the first, and both were kept");
done:
    return fault;
}

static enum fault count_up(struct db_tx *tx, void *context)
{
    int64_t number = 0;
    enum fault fault;
    (void)context;
    TRY(check_fact_read(tx, "counter", &number));
    TRY(check_fact_write(tx, "counter", number + 1));
done:
    return fault;
}

struct counter {
    struct db *db;
    int counted;
    enum fault fault;
    const char *note;
};

static void *count_many(void *context)
{
    struct counter *counter = context;
    for (int i = 0; i < COUNTS_EACH && counter->fault == FAULT_NONE; i++) {
        counter->fault = db_write(counter->db, DB_FOREGROUND, count_up, NULL);
        counter->note = fault_last_note();
        counter->counted += counter->fault == FAULT_NONE;
    }
    return NULL;
}

static enum fault try_counter(struct check *check, struct db *db)
{
    struct counter counters[COUNTERS];
    pthread_t threads[COUNTERS];
    int64_t counted = 0, acknowledged = 0;
    int started = 0;
    enum fault fault = FAULT_NONE;
    for (; started < COUNTERS; started++) {
        counters[started] = (struct counter){.db = db};
        if (pthread_create(&threads[started], NULL, count_many, &counters[started]) != 0)
            break;
    }
    for (int i = 0; i < started; i++) {
        (void)pthread_join(threads[i], NULL);
        acknowledged += counters[i].counted;
        if (counters[i].fault != FAULT_NONE)
            check_say(check, CHECK_FAILS, "%d jobs that count one number up at once: %s", COUNTERS,
                      counters[i].note);
    }
    TRY(check_fact_known(db, "counter", &counted));
    if (counted != acknowledged)
        check_say(check, CHECK_FAILS, "%lld times a number was counted up, and it is %lld",
                  (long long)acknowledged, (long long)counted);
done:
    return fault;
}

enum fault check_serial(struct check *check)
{
    struct db *db = NULL;
    enum fault fault;
    TRY(check_open(check, COUNTERS, 0, &db));
    /* Where one thread writes, jobs never meet: once is enough. */
    const int rounds = db_is_shared(db) ? ROUNDS : 1;
    for (int round = 0; round < rounds; round++) {
        TRY(try_skew(check, db, round));
        TRY(try_lost_update(check, db, round));
        TRY(try_phantom(check, db, round));
        if (check_stopped(check))
            TRY(FAULT_CANCELLED);
        if (check->verdict > CHECK_PASSES)
            break;
    }
    TRY(try_counter(check, db));
    check_figure(check, "check.jobs.rerun", (double)db_counts(db).rerun, "jobs");
done:;
    const char *note = fault_last_note();
    db_close(db);
    return fault == FAULT_NONE ? fault : fault_note(fault, note);
}

static enum fault write_and_fail(struct db_tx *tx, void *context)
{
    enum fault fault;
    (void)context;
    TRY(check_fact_write(tx, "failed", 1));
    fault = FAULT_REFUSED;
done:
    return fault;
}

/* The second statement is refused by the engine, after the first was done. */
static enum fault write_and_break(struct db_tx *tx, void *context)
{
    static const uint8_t wrapped[1] = {1};
    const struct value in[BINDS_house_key_add] = {
        [BIND_house_key_add_name] = value_text(STR("twice")),
        [BIND_house_key_add_wrapped] = value_bytes((struct bytes){wrapped, sizeof wrapped}),
    };
    enum fault fault;
    (void)context;
    TRY(check_fact_write(tx, "broken", 1));
    TRY(db_run(tx, SQL_house_key_add, in, NULL));
    TRY(db_run(tx, SQL_house_key_add, in, NULL));
done:
    return fault;
}

static enum fault expect_nothing(struct check *check, struct db *db, const char *name, const char *what)
{
    int64_t number = 0;
    enum fault fault = check_fact_known(db, name, &number);
    if (fault == FAULT_NONE && number != 0)
        check_say(check, CHECK_FAILS, "%s, and what it wrote was kept", what);
    return fault;
}

enum fault check_rollback(struct check *check)
{
    struct db *db = NULL;
    enum fault fault;
    TRY(check_open(check, 1, 0, &db));
    fault = db_write(db, DB_FOREGROUND, write_and_fail, NULL);
    if (fault != FAULT_REFUSED)
        check_say_fault(check, fault, "a job that answered REFUSED was answered");
    TRY(expect_nothing(check, db, "failed", "a job failed"));
    fault = db_write(db, DB_FOREGROUND, write_and_break, NULL);
    if (fault != FAULT_DUPLICATE)
        check_say_fault(check, fault, "a job that wrote a row twice was answered");
    TRY(expect_nothing(check, db, "broken", "a job broke a key"));
    TRY(check_fact_set(db, "after", 1)); /* and the connection goes on */
done:
    db_close(db);
    return fault;
}

struct writing {
    struct db *db;
    enum fault fault;
};

static enum fault write_both(struct db_tx *tx, void *context)
{
    enum fault fault;
    (void)context;
    TRY(check_fact_write(tx, "moment-0", 2));
    TRY(check_fact_write(tx, "moment-1", 2));
done:
    return fault;
}

static void *write_meanwhile(void *context)
{
    struct writing *writing = context;
    writing->fault = db_write(writing->db, DB_FOREGROUND, write_both, NULL);
    return NULL;
}

struct looking {
    struct db *db;
    int64_t before;
    int64_t after;
};

static enum fault look_twice(struct db_tx *tx, void *context)
{
    struct looking *looking = context;
    struct writing writing = {.db = looking->db};
    pthread_t thread;
    enum fault fault;
    TRY(check_fact_read(tx, "moment-0", &looking->before));
    if (pthread_create(&thread, NULL, write_meanwhile, &writing) != 0)
        return fault_note(FAULT_SYSTEM, "no thread can be started: raise the limit of threads");
    (void)pthread_join(thread, NULL);
    TRY(writing.fault);
    TRY(check_fact_read(tx, "moment-1", &looking->after));
done:
    return fault;
}

enum fault check_snapshot(struct check *check)
{
    struct looking looking = {.before = 0};
    int64_t number = 0;
    enum fault fault;
    TRY(check_open(check, 4, 0, &looking.db));
    TRY(check_fact_set(looking.db, "moment-0", 1));
    TRY(check_fact_set(looking.db, "moment-1", 1));
    TRY(db_read(looking.db, look_twice, &looking));
    if (looking.before != 1 || looking.after != 1)
        check_say(check, CHECK_FAILS,
                  "one reading saw %lld, and later what another had written meanwhile: %lld",
                  (long long)looking.before, (long long)looking.after);
    for (int64_t i = 1; i <= ACKNOWLEDGED; i++) {
        TRY(check_fact_set(looking.db, "acknowledged", i));
        TRY(check_fact_known(looking.db, "acknowledged", &number));
        if (number != i) {
            check_say(check, CHECK_FAILS, "%lld was acknowledged, and read was %lld", (long long)i,
                      (long long)number);
            break;
        }
    }
done:
    db_close(looking.db);
    return fault;
}
