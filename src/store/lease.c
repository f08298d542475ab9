#include "store/lease.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { ARENA_BYTES = 4096, HOLDS_PER_LENGTH = 3, SECOND_US = 1000000 };

struct lease {
    struct db *db;
    struct str name;
    struct id holder;
    int64_t fence;
    int64_t length_us;
    pthread_t thread;
    pthread_mutex_t lock; /* guards `leaving` */
    pthread_cond_t changed;
    bool leaving;
};

static struct str name_of(enum lease_role role)
{
    switch (role) {
    case LEASE_FEED:
        return STR("feed");
    case LEASE_CLOCK:
        return STR("clock");
    case LEASE_SEQUENCER:
        return STR("sequencer");
    }
    must(false);
    return (struct str){"", 0};
}

/* Only one process opens a database that is not shared: it always is the same holder. */
static struct id holder_of(const struct db *db)
{
    return db_is_shared(db) ? db_server_id(db) : (struct id){{0}};
}

static enum fault take(struct db_tx *tx, void *context)
{
    struct lease *lease = context;
    struct arena *arena = NULL;
    enum fault fault;
    TRY(arena_open(ARENA_BYTES, &arena));
    const struct value in[] = {[BIND_lease_take_name] = value_text(lease->name),
                               [BIND_lease_take_holder] = value_id(lease->holder),
                               [BIND_lease_take_for_us] = value_int(lease->length_us)};
    struct value out[GIVES_lease_take];
    fault = db_one(tx, SQL_lease_take, in, arena, out);
    if (fault == FAULT_NONE)
        lease->fence = out[GIVE_lease_take_fence].number;
    else if (fault == FAULT_ABSENT)
        fault = fault_note(FAULT_BUSY, "another server has this role: wait until it is done");
done:
    arena_close(arena);
    return fault;
}

enum fault lease_hold(struct db_tx *tx, const struct lease *lease)
{
    int64_t changed = 0;
    const struct value in[] = {[BIND_lease_hold_name] = value_text(lease->name),
                               [BIND_lease_hold_holder] = value_id(lease->holder),
                               [BIND_lease_hold_fence] = value_int(lease->fence),
                               [BIND_lease_hold_for_us] = value_int(lease->length_us)};
    enum fault fault = db_run(tx, SQL_lease_hold, in, &changed);
    if (fault == FAULT_NONE && changed == 0)
        fault = fault_note(FAULT_FENCED, "another server has taken this role over");
    return fault;
}

static enum fault hold(struct db_tx *tx, void *context)
{
    return lease_hold(tx, context);
}

/* True when it is to leave; false after a part of the lease's length. */
static bool wait_part(struct lease *lease)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t us = until.tv_sec * SECOND_US + until.tv_nsec / 1000 + lease->length_us / HOLDS_PER_LENGTH;
    until = (struct timespec){us / SECOND_US, us % SECOND_US * 1000};
    (void)pthread_mutex_lock(&lease->lock);
    int waited = 0;
    while (!lease->leaving && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&lease->changed, &lease->lock, &until);
    bool leaving = lease->leaving;
    (void)pthread_mutex_unlock(&lease->lock);
    return leaving;
}

/* The work may pause for longer than the lease: this thread alone tells that the holder is alive. */
static void *keep(void *argument)
{
    struct lease *lease = argument;
    while (!wait_part(lease))
        if (db_write(lease->db, DB_FOREGROUND, hold, lease) == FAULT_FENCED)
            break; /* whoever leans on it finds out by itself */
    return NULL;
}

static enum fault start(struct lease *lease)
{
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&lease->lock, NULL);
    (void)pthread_cond_init(&lease->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    if (pthread_create(&lease->thread, NULL, keep, lease) == 0)
        return FAULT_NONE;
    (void)pthread_cond_destroy(&lease->changed);
    (void)pthread_mutex_destroy(&lease->lock);
    return fault_note(FAULT_SYSTEM, "no thread can be started: raise the limit of threads");
}

static enum fault leave(struct db_tx *tx, void *context)
{
    const struct lease *lease = context;
    const struct value in[] = {[BIND_lease_leave_name] = value_text(lease->name),
                               [BIND_lease_leave_holder] = value_id(lease->holder),
                               [BIND_lease_leave_fence] = value_int(lease->fence)};
    return db_run(tx, SQL_lease_leave, in, NULL);
}

enum fault lease_take(struct db *db, enum lease_role role, int64_t length_us, struct lease **ret_lease)
{
    struct lease *lease = calloc(1, sizeof *lease);
    enum fault fault;
    if (lease == NULL)
        return FAULT_MEMORY;
    must(length_us > 0);
    lease->db = db;
    lease->name = name_of(role);
    lease->holder = holder_of(db);
    lease->length_us = length_us;
    TRY(db_write(db, DB_FOREGROUND, take, lease));
    fault = start(lease);
    if (fault != FAULT_NONE) {
        (void)!db_write(db, DB_FOREGROUND, leave, lease); /* or it runs out */
        goto done;
    }
    *ret_lease = lease;
    return FAULT_NONE;
done:
    free(lease);
    return fault;
}

void lease_leave(struct lease *lease)
{
    if (lease == NULL)
        return;
    (void)pthread_mutex_lock(&lease->lock);
    lease->leaving = true;
    (void)pthread_cond_signal(&lease->changed);
    (void)pthread_mutex_unlock(&lease->lock);
    (void)pthread_join(lease->thread, NULL);
    (void)!db_write(lease->db, DB_FOREGROUND, leave, lease); /* or it runs out */
    (void)pthread_cond_destroy(&lease->changed);
    (void)pthread_mutex_destroy(&lease->lock);
    free(lease);
}

struct lease_mark lease_mark_of(const struct lease *lease)
{
    return (struct lease_mark){lease->holder, lease->fence};
}

enum fault lease_was_last(struct db_tx *tx, enum lease_role role, const struct lease_mark *mark,
                          bool *ret_last)
{
    int64_t changed = 0;
    const struct value in[] = {[BIND_lease_leave_name] = value_text(name_of(role)),
                               [BIND_lease_leave_holder] = value_id(mark->holder),
                               [BIND_lease_leave_fence] = value_int(mark->fence)};
    enum fault fault = db_run(tx, SQL_lease_leave, in, &changed); /* it has been left: only its row counts */
    if (fault == FAULT_NONE)
        *ret_last = changed == 1;
    return fault;
}

struct left {
    struct str name;
    int64_t us;
};

static enum fault read_left(struct db_tx *tx, void *context)
{
    struct left *left = context;
    struct arena *arena = NULL;
    enum fault fault;
    TRY(arena_open(ARENA_BYTES, &arena));
    const struct value in[] = {[BIND_lease_left_name] = value_text(left->name)};
    struct value out[GIVES_lease_left];
    fault = db_one(tx, SQL_lease_left, in, arena, out);
    left->us = fault == FAULT_NONE ? out[GIVE_lease_left_left_us].number : 0;
    if (fault == FAULT_ABSENT)
        fault = FAULT_NONE;
done:
    arena_close(arena);
    return fault;
}

enum fault lease_left(struct db *db, enum lease_role role, int64_t *ret_left_us)
{
    struct left left = {name_of(role), 0};
    enum fault fault = db_read(db, read_left, &left);
    if (fault == FAULT_NONE)
        *ret_left_us = left.us;
    return fault;
}
