/* The one thread that writes: waiting jobs run each under a savepoint and are committed in groups, so that
 * many callers share one wait for the disk.  Between groups it copies the log back into the database. */
#include "store/sqlite.h"

#include <string.h>
#include <unistd.h>

#include "base/log.h"

static void put_last(struct queue *queue, struct ticket *ticket)
{
    ticket->next = NULL;
    if (queue->last == NULL)
        queue->first = ticket;
    else
        queue->last->next = ticket;
    queue->last = ticket;
}

static struct ticket *take_first(struct queue *queue)
{
    struct ticket *ticket = queue->first;
    if (ticket == NULL)
        return NULL;
    queue->first = ticket->next;
    if (queue->first == NULL)
        queue->last = NULL;
    return ticket;
}

/* A failed write or sync leaves unknown what the disk holds, and asking again may be answered with a false
 * yes: so nothing is acknowledged, and the process ends; whoever starts it again begins from what the log
 * proves. */
static _Noreturn void stop_process(int code)
{
    log_event("store.disk_failed", LOG_INT("sqlite", code));
    _exit(DB_EXIT_STORAGE);
}

struct group {
    struct queue run; /* in order */
    int64_t began_us;
    int jobs;
    bool background;
    uint64_t numbers[DB_SERIES_END]; /* given to the jobs so far, from the writer's */
};

/* What failed all of a group: every job of it is told so. */
static void fail_group(struct group *group, enum fault fault)
{
    const char *note = fault_last_note();
    for (struct ticket *ticket = group->run.first; ticket != NULL; ticket = ticket->next) {
        ticket->fault = fault;
        ticket->note = note;
    }
}

/* False where SQLite gave up the whole transaction. */
static bool run_job(struct connection *connection, struct group *group, struct ticket *ticket)
{
    struct sqlite_tx tx = sqlite_tx_of(connection, 0);
    memcpy(tx.base.numbers, group->numbers, sizeof tx.base.numbers);
    fault_clear_note();
    enum fault fault = connection_fault(connection_step(connection->savepoint));
    bool saved = fault == FAULT_NONE;
    if (saved) {
        fault = ticket->job(&tx.base, ticket->context);
        must(tx.rows_open == 0);
    }
    ticket->fault = fault;
    ticket->note = fault_last_note();
    if (!saved || sqlite3_get_autocommit(connection->sqlite))
        return false;
    if (fault != FAULT_NONE && connection_step(connection->undo) != SQLITE_OK)
        return false;
    if (fault == FAULT_NONE)
        memcpy(group->numbers, tx.base.numbers, sizeof group->numbers);
    return connection_step(connection->release) == SQLITE_OK;
}

/* The next job that may join the group, taken off its queue. */
static struct ticket *next_of_group(struct writer *writer, struct group *group)
{
    pthread_mutex_lock(&writer->lock);
    struct ticket *ticket = NULL;
    bool room = group->background
                    ? group->jobs == 0
                    : group->jobs < DB_GROUP_JOBS_MAX &&
                          (group->jobs == 0 || clock_monotonic_us() - group->began_us < DB_GROUP_US_MAX);
    if (room)
        ticket = take_first(group->background ? &writer->background : &writer->foreground);
    if (ticket != NULL)
        writer->waiting--;
    pthread_mutex_unlock(&writer->lock);
    return ticket;
}

/* Runs what joins; false where the transaction is lost. */
static bool run_jobs(struct writer *writer, struct group *group)
{
    struct ticket *ticket;
    while ((ticket = next_of_group(writer, group)) != NULL) {
        put_last(&group->run, ticket);
        group->jobs++;
        if (!run_job(&writer->connection, group, ticket))
            return false;
    }
    return true;
}

/* Without a transaction nothing may run: what would have run is told so. */
static void refuse_jobs(struct writer *writer, struct group *group)
{
    struct ticket *ticket;
    while ((ticket = next_of_group(writer, group)) != NULL) {
        put_last(&group->run, ticket);
        group->jobs++;
    }
}

static void abandon(struct writer *writer, struct group *group, enum fault fault)
{
    fail_group(group, fault);
    if (!sqlite3_get_autocommit(writer->connection.sqlite))
        connection_step(writer->connection.rollback);
}

/* The fault for which SQLite gave up a whole transaction is that of its last job, and never that job's own
 * refusal. */
static enum fault fault_of_lost(const struct group *group)
{
    enum fault fault = group->run.last->fault;
    if (fault == FAULT_MEMORY || fault == FAULT_CORRUPT || fault == FAULT_BUSY)
        return fault;
    return FAULT_STORAGE;
}

/* Everything from BEGIN to COMMIT of one group; false where nothing of it is kept. */
static bool commit_group(struct writer *writer, struct group *group)
{
    struct connection *connection = &writer->connection;
    memcpy(group->numbers, writer->numbers, sizeof group->numbers);
    int code = connection_step(connection->begin);
    if (code != SQLITE_OK) {
        refuse_jobs(writer, group);
        abandon(writer, group, connection_fault(code));
        return false;
    }
    if (!run_jobs(writer, group)) {
        abandon(writer, group, fault_of_lost(group));
        return false;
    }
    code = connection_step(connection->commit);
    if ((code & 0xff) == SQLITE_IOERR)
        stop_process(code);
    if (code != SQLITE_OK) {
        abandon(writer, group, connection_fault(code));
        return false;
    }
    memcpy(writer->numbers, group->numbers, sizeof writer->numbers);
    return true;
}

static void wake(struct group *group)
{
    struct ticket *ticket;
    while ((ticket = take_first(&group->run)) != NULL)
        sem_post(&ticket->done); /* its memory is the caller's again */
}

static void run_group(struct writer *writer, bool background)
{
    struct group group = {.background = background, .began_us = clock_monotonic_us()};
    bool committed = commit_group(writer, &group);
    int64_t took_us = clock_monotonic_us() - group.began_us;
    pthread_mutex_lock(&writer->lock);
    writer->counts.commits += committed ? 1 : 0;
    writer->counts.jobs += (uint64_t)group.jobs;
    if (background && took_us > writer->counts.background_us_max)
        writer->counts.background_us_max = took_us;
    pthread_mutex_unlock(&writer->lock);
    writer->groups_since_background = background ? 0 : writer->groups_since_background + 1;
    wake(&group);
}

static void checkpoint(struct writer *writer, int mode)
{
    int left = 0;
    int code = sqlite3_wal_checkpoint_v2(writer->connection.sqlite, NULL, mode, &left, NULL);
    if ((code & 0xff) == SQLITE_IOERR)
        stop_process(code);
    /* A full disk leaves everything in the log, where it is safe. */
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY)
        log_event("store.checkpoint_failed", LOG_INT("sqlite", code));
}

/* The log starts again from its head only when no reader is in it; when it has grown to its bound, readers
 * are asked to pause.  A reader that takes long is not waited for: asked again after as much again. */
static void restart_log(struct sqlite_db *db)
{
    struct writer *writer = &db->writer;
    if (readers_pause(&db->readers)) {
        checkpoint(writer, SQLITE_CHECKPOINT_TRUNCATE);
        writer->connection.wal_pages = 0;
        writer->wal_pages_tried = 0;
    } else {
        writer->wal_pages_tried = writer->connection.wal_pages;
    }
    readers_resume(&db->readers);
}

/* Few copies of many pages while feeds load alone; short pauses while people wait. */
static int pages_to_copy(const struct writer *writer, bool background, bool idle)
{
    if (background && clock_monotonic_us() - writer->foreground_us > DB_ALONE_US)
        return DB_WAL_PAGES_BULK;
    return idle ? DB_WAL_PAGES_IDLE : DB_WAL_PAGES_BUSY;
}

static void keep_log_short(struct sqlite_db *db, int *copied_pages, int pages_due)
{
    struct writer *writer = &db->writer;
    int pages = writer->connection.wal_pages;
    if (pages < *copied_pages) { /* it has started again from its head */
        *copied_pages = 0;
        writer->wal_pages_tried = 0;
    }
    if (pages - writer->wal_pages_tried >= writer->wal_pages_max) {
        restart_log(db);
        *copied_pages = 0;
    } else if (pages - *copied_pages >= pages_due) {
        checkpoint(writer, SQLITE_CHECKPOINT_PASSIVE);
        *copied_pages = pages;
    }
}

enum turn { TURN_END = 1, TURN_FOREGROUND, TURN_BACKGROUND };

/* Waits for work.  Background has its turn when no foreground job waits, or has waited long enough. */
static enum turn next_turn(struct writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    while (writer->waiting == 0 && !writer->closing)
        pthread_cond_wait(&writer->work, &writer->lock);
    bool foreground = writer->foreground.first != NULL;
    bool background = writer->background.first != NULL;
    pthread_mutex_unlock(&writer->lock);
    if (!foreground && !background)
        return TURN_END;
    if (background && (!foreground || writer->groups_since_background >= DB_GROUPS_BEFORE_BACKGROUND))
        return TURN_BACKGROUND;
    return TURN_FOREGROUND;
}

static bool is_idle(struct writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    bool idle = writer->waiting == 0;
    pthread_mutex_unlock(&writer->lock);
    return idle;
}

static void *write_until_closed(void *context)
{
    struct sqlite_db *db = context;
    struct writer *writer = &db->writer;
    int copied_pages = 0;
    enum turn turn;
    while ((turn = next_turn(writer)) != TURN_END) {
        bool background = turn == TURN_BACKGROUND;
        run_group(writer, background);
        if (!background)
            writer->foreground_us = clock_monotonic_us();
        keep_log_short(db, &copied_pages, pages_to_copy(writer, background, is_idle(writer)));
    }
    return NULL;
}

enum fault writer_start(struct sqlite_db *db)
{
    if (pthread_create(&db->writer.thread, NULL, write_until_closed, db) != 0)
        return fault_note(FAULT_SYSTEM, "no thread can be started: raise the limit of threads");
    db->writer.started = true;
    return FAULT_NONE;
}

void writer_stop(struct sqlite_db *db)
{
    struct writer *writer = &db->writer;
    if (!writer->started)
        return;
    pthread_mutex_lock(&writer->lock);
    writer->closing = true;
    pthread_mutex_unlock(&writer->lock);
    pthread_cond_signal(&writer->work);
    pthread_join(writer->thread, NULL);
    writer->started = false;
}

static enum fault join_queue(struct writer *writer, enum db_urgency urgency, struct ticket *ticket)
{
    enum fault fault = FAULT_NONE;
    pthread_mutex_lock(&writer->lock);
    if (writer->closing) {
        fault = fault_note(FAULT_CANCELLED, "the database is being closed");
    } else if (writer->waiting >= writer->waiting_max) {
        fault = fault_note(FAULT_BUSY, "too many writes wait for the disk");
        writer->counts.refused++;
    } else {
        put_last(urgency == DB_FOREGROUND ? &writer->foreground : &writer->background, ticket);
        writer->waiting++;
        pthread_cond_signal(&writer->work); /* under the lock: once the job has run, the writer may be gone */
    }
    pthread_mutex_unlock(&writer->lock);
    return fault;
}

enum fault sqlite_write(struct db *base, enum db_urgency urgency, db_job job, void *context)
{
    struct sqlite_db *db = (struct sqlite_db *)base;
    must(!pthread_equal(pthread_self(), db->writer.thread)); /* a job that waits for a job */
    struct ticket ticket = {.job = job, .context = context};
    sem_init(&ticket.done, 0, 0);
    enum fault fault = join_queue(&db->writer, urgency, &ticket);
    if (fault == FAULT_NONE) {
        while (sem_wait(&ticket.done) != 0) {
            /* a signal */
        }
        fault = ticket.fault;
        if (fault != FAULT_NONE)
            fault = fault_note(fault, ticket.note);
    }
    sem_destroy(&ticket.done);
    return fault;
}

struct db_counts sqlite_counts(struct db *base)
{
    struct writer *writer = &((struct sqlite_db *)base)->writer;
    pthread_mutex_lock(&writer->lock);
    struct db_counts counts = writer->counts;
    pthread_mutex_unlock(&writer->lock);
    return counts;
}
