#include "registry/follow_struct.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"

enum {
    SECOND_US = 1000000,
    RENEWALS_PER_LEASE = 3,
    LEAVING_EVERY_US = 5000, /* how often it is asked whether an epoch has passed */
    SEEN_BYTES_MAX = 64 * 1024,
};

static struct timespec moment_of(int64_t monotonic_us)
{
    return (struct timespec){monotonic_us / SECOND_US, monotonic_us % SECOND_US * 1000};
}

/* The turn to bring the index forward; false where it does not come until then. */
static bool take_turn(struct follow *follow, int64_t until_us)
{
    struct timespec until = moment_of(until_us);
    int waited = 0;
    (void)pthread_mutex_lock(&follow->lock);
    while (follow->reading && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&follow->changed, &follow->lock, &until);
    bool taken = !follow->reading;
    follow->reading = true;
    (void)pthread_mutex_unlock(&follow->lock);
    return taken;
}

static void wait_turn(struct follow *follow)
{
    (void)pthread_mutex_lock(&follow->lock);
    while (follow->reading)
        (void)pthread_cond_wait(&follow->changed, &follow->lock);
    follow->reading = true;
    (void)pthread_mutex_unlock(&follow->lock);
}

static void end_turn(struct follow *follow)
{
    (void)pthread_mutex_lock(&follow->lock);
    follow->reading = false;
    (void)pthread_cond_broadcast(&follow->changed);
    (void)pthread_mutex_unlock(&follow->lock);
}

struct telling {
    struct follow *follow;
    struct buffer seen;
    bool serving;
};

static enum fault write_row(struct db_tx *tx, void *context)
{
    const struct telling *telling = context;
    const struct id server = db_server_id(telling->follow->db);
    int64_t changed = 0;
    const struct value in[] = {
        [BIND_server_renew_server_id] = value_id(server),
        [BIND_server_renew_for_us] = value_int(telling->follow->house.lease_us),
        [BIND_server_renew_seen] =
            telling->serving ? value_bytes(buffer_bytes(&telling->seen)) : value_null(),
    };
    enum fault fault = db_run(tx, SQL_server_renew, in, &changed);
    if (fault == FAULT_NONE && changed == 0)
        fault = fault_note(FAULT_FENCED, "another server has ended this one: start it again");
    return fault;
}

/* Where renewing came late, it did so for everybody: from now on everybody has a lease's time to come back.
 */
static void note_renewal(struct follow *follow)
{
    int64_t now_us = clock_monotonic_us();
    (void)pthread_mutex_lock(&follow->lock);
    if (now_us - follow->renewed_us > follow->house.lease_us)
        follow->steady_us = now_us;
    follow->renewed_us = now_us;
    (void)pthread_mutex_unlock(&follow->lock);
}

enum fault follow_tell(struct follow *follow)
{
    struct telling telling = {.follow = follow, .seen = buffer_open(SEEN_BYTES_MAX)};
    enum fault fault;
    (void)pthread_mutex_lock(&follow->telling);
    (void)pthread_mutex_lock(&follow->lock);
    telling.serving = follow->serving;
    vector_put(&telling.seen, &follow->told);
    (void)pthread_mutex_unlock(&follow->lock);
    TRY(buffer_fault(&telling.seen));
    TRY(db_write(follow->db, DB_FOREGROUND, write_row, &telling));
    note_renewal(follow);
done:
    (void)pthread_mutex_unlock(&follow->telling);
    buffer_close(&telling.seen);
    return fault;
}

/* What the index has now is told once nobody is under way who looked in it before; true where it is time. */
static bool advance(struct follow *follow)
{
    bool due = false;
    (void)pthread_mutex_lock(&follow->lock);
    if (follow->serving && !follow->is_leaving && !vector_equal(&follow->vector, &follow->told)) {
        follow->is_leaving = vector_copy(&follow->leaving, &follow->vector) == FAULT_NONE;
        follow->leaving_epoch = epoch_next(&follow->epoch);
    }
    if (follow->is_leaving && epoch_passed(&follow->epoch, follow->leaving_epoch)) {
        struct vector old = follow->told;
        follow->told = follow->leaving;
        follow->leaving = old;
        follow->is_leaving = false;
        due = true;
    }
    int64_t age_us = clock_monotonic_us() - follow->renewed_us;
    due = due || age_us >= follow->house.lease_us / RENEWALS_PER_LEASE;
    (void)pthread_mutex_unlock(&follow->lock);
    return due;
}

/* Children that could not be read when they should have been. */
static enum fault read_later(struct follow *follow)
{
    enum fault fault = FAULT_NONE;
    (void)pthread_mutex_lock(&follow->lock);
    size_t count = follow->later_count;
    struct child_id *children = follow->later;
    follow->later = NULL;
    follow->later_count = follow->later_room = 0;
    (void)pthread_mutex_unlock(&follow->lock);
    if (count > 0) {
        fault = follow_refresh(follow, children, count); /* keeps them for later where it fails */
        free(children);
    }
    return fault;
}

static bool is_serving(struct follow *follow)
{
    (void)pthread_mutex_lock(&follow->lock);
    bool serving = follow->serving;
    (void)pthread_mutex_unlock(&follow->lock);
    return serving;
}

/* One round of the thread: nothing is told where the index could not be brought forward, so that a server
 * that cannot follow is ended by those who can. */
static enum fault follow_round(struct follow *follow, bool *ret_more)
{
    enum fault fault = FAULT_NONE;
    *ret_more = false;
    if (is_serving(follow)) {
        TRY(read_later(follow));
        wait_turn(follow);
        fault = follow_step(follow, ret_more);
        end_turn(follow);
        TRY(fault);
    }
    if (advance(follow))
        TRY(follow_tell(follow));
done:
    return fault;
}

/* Between rounds: waits, and sees epochs pass. */
static enum fault wait_round(struct follow *follow)
{
    int64_t until_us = clock_monotonic_us() + FOLLOW_EVERY_MS * 1000;
    enum fault fault = FAULT_NONE;
    bool closing = false;
    while (!closing && clock_monotonic_us() < until_us && fault == FAULT_NONE) {
        (void)pthread_mutex_lock(&follow->lock);
        int64_t next_us = follow->is_leaving ? clock_monotonic_us() + LEAVING_EVERY_US : until_us;
        struct timespec next = moment_of(next_us < until_us ? next_us : until_us);
        if (!follow->closing)
            (void)pthread_cond_timedwait(&follow->changed, &follow->lock, &next);
        closing = follow->closing;
        bool leaving = follow->is_leaving;
        (void)pthread_mutex_unlock(&follow->lock);
        if (leaving && !closing && advance(follow))
            fault = follow_tell(follow);
    }
    return fault;
}

static bool is_closing(struct follow *follow)
{
    (void)pthread_mutex_lock(&follow->lock);
    bool closing = follow->closing;
    (void)pthread_mutex_unlock(&follow->lock);
    return closing;
}

static void *run(void *argument)
{
    struct follow *follow = argument;
    bool late = false;
    while (!is_closing(follow)) {
        bool more = false;
        enum fault fault = follow_round(follow, &more);
        if (!more && fault != FAULT_FENCED) {
            enum fault waited = wait_round(follow);
            fault = fault == FAULT_NONE ? waited : fault;
        }
        if (fault == FAULT_FENCED) {
            log_event("server.fenced");
            if (follow->house.fenced != NULL)
                follow->house.fenced(follow->house.context);
            break;
        }
        if (fault != FAULT_NONE && !late)
            log_event("follow.late", LOG_FAULT("fault", fault));
        late = fault != FAULT_NONE;
    }
    return NULL;
}

static void init(struct follow *follow, const struct follow_house *house)
{
    pthread_condattr_t attributes;
    follow->house = *house;
    follow->db = house->changes->db;
    follow->renewed_us = follow->steady_us = clock_monotonic_us();
    epoch_open(&follow->epoch);
    (void)pthread_mutex_init(&follow->telling, NULL);
    (void)pthread_mutex_init(&follow->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&follow->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
}

enum fault follow_open(const struct follow_house *house, struct follow **ret_follow)
{
    struct follow *follow = calloc(1, sizeof *follow);
    enum fault fault = FAULT_NONE;
    if (follow == NULL)
        return FAULT_MEMORY;
    init(follow, house);
    if (db_is_shared(follow->db)) {
        TRY(follow_read_lanes(follow));
        TRY(follow_tell(follow));
        if (pthread_create(&follow->thread, NULL, run, follow) != 0)
            TRY(fault_note(FAULT_SYSTEM, "no thread can be started: raise the limit of threads"));
        follow->started = true;
    }
    *ret_follow = follow;
    return FAULT_NONE;
done:
    follow_close(follow);
    return fault;
}

/* What is committed before the row says that this server answers is read before it answers: so whoever did
 * not wait for it need not have. */
enum fault follow_begin(struct follow *follow)
{
    enum fault fault;
    if (!db_is_shared(follow->db))
        return FAULT_NONE;
    wait_turn(follow);
    TRY(follow_catch_up(follow, INT64_MAX));
    (void)pthread_mutex_lock(&follow->lock);
    fault = vector_copy(&follow->told, &follow->vector);
    follow->serving = fault == FAULT_NONE;
    (void)pthread_mutex_unlock(&follow->lock);
    TRY(fault);
    TRY(follow_tell(follow));
    TRY(follow_catch_up(follow, INT64_MAX));
done:
    end_turn(follow);
    return fault;
}

void follow_close(struct follow *follow)
{
    if (follow == NULL)
        return;
    (void)pthread_mutex_lock(&follow->lock);
    follow->closing = true;
    (void)pthread_cond_broadcast(&follow->changed);
    (void)pthread_mutex_unlock(&follow->lock);
    if (follow->started)
        (void)pthread_join(follow->thread, NULL);
    vector_close(&follow->vector);
    vector_close(&follow->leaving);
    vector_close(&follow->told);
    free(follow->later);
    (void)pthread_cond_destroy(&follow->changed);
    (void)pthread_mutex_destroy(&follow->lock);
    (void)pthread_mutex_destroy(&follow->telling);
    epoch_close(&follow->epoch);
    free(follow);
}

void follow_enter(struct follow *follow, struct epoch_guest *guest)
{
    epoch_enter(&follow->epoch, guest);
}

void follow_leave(struct follow *follow, struct epoch_guest *guest)
{
    epoch_leave(&follow->epoch, guest);
}

enum fault follow_now(struct follow *follow)
{
    int64_t until_us = clock_monotonic_us() + FOLLOW_PATIENCE_MS * 1000;
    if (!db_is_shared(follow->db))
        return FAULT_NONE;
    if (!take_turn(follow, until_us))
        return fault_note(FAULT_BUSY, "the index of this server is behind: try again in a moment");
    enum fault fault = follow_catch_up(follow, until_us);
    end_turn(follow);
    return fault;
}

static bool has(struct follow *follow, const struct change_mark *mark)
{
    for (int lane = 0; lane < db_lanes(follow->db); lane++)
        if (id_equal(db_lane_id(follow->db, lane), mark->lane))
            return true;
    (void)pthread_mutex_lock(&follow->lock);
    bool has = vector_get(&follow->vector, mark->lane) >= mark->number;
    (void)pthread_mutex_unlock(&follow->lock);
    return has;
}

/* After follow_now a lane that is still behind is one that was forgotten, because everybody has all of it. */
enum fault follow_to(struct follow *follow, const struct change_mark *mark)
{
    if (mark->number == 0 || !db_is_shared(follow->db) || has(follow, mark))
        return FAULT_NONE;
    return follow_now(follow);
}

static enum fault keep_for_later(struct follow *follow, const struct child_id *children, size_t count)
{
    enum fault fault = FAULT_NONE;
    (void)pthread_mutex_lock(&follow->lock);
    if (follow->later_count + count > follow->later_room) {
        size_t room = 2 * (follow->later_count + count);
        struct child_id *more = reallocarray(follow->later, room, sizeof *more);
        if (more == NULL) {
            fault = FAULT_MEMORY;
            goto done;
        }
        follow->later = more;
        follow->later_room = room;
    }
    memcpy(follow->later + follow->later_count, children, count * sizeof *children);
    follow->later_count += count;
done:
    (void)pthread_mutex_unlock(&follow->lock);
    return fault;
}

enum fault follow_refresh(struct follow *follow, const struct child_id *children, size_t count)
{
    wait_turn(follow);
    enum fault fault = follow_read_again(follow, children, count);
    end_turn(follow);
    if (fault != FAULT_NONE && keep_for_later(follow, children, count) != FAULT_NONE)
        return FAULT_MEMORY;
    return fault;
}

struct follow_counts follow_counts(struct follow *follow)
{
    (void)pthread_mutex_lock(&follow->lock);
    struct follow_counts counts = follow->counts;
    (void)pthread_mutex_unlock(&follow->lock);
    return counts;
}
