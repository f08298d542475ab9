/* Transactions: a job from BEGIN to COMMIT, again where another was in the way or the connection was lost,
 * and finding out what became of a COMMIT that nobody answered.
 *
 * Each transaction of a lane first changes the lane's row: that numbers it, keeps out a lane that another
 * server has ended, and holds the row's lock.  COMMIT is sent only when the lock is known to be held; so
 * whoever locks the row afterwards knows that nothing of the lane is under way, and reads from `commits`
 * whether the last was kept. */
#include "store/postgres.h"

#include <string.h>
#include <time.h>

#include "base/random.h"

static _Thread_local bool writing;

/* One caller of postgres_write. */
struct call {
    struct wire *wire;
    db_job job;
    void *context;
    int64_t began_us;
    int64_t until_us;
    uint64_t committing; /* the number of the transaction under way */
    bool sent;           /* its COMMIT */
    int runs;
    int duplicates;
    enum fault fault;
    const char *note;
};

struct postgres_tx postgres_tx_of(struct wire *wire, int lane)
{
    return (struct postgres_tx){
        .base = {.driver = &postgres_driver, .lane = lane}, .wire = wire, .begun = true};
}

static void start_afresh(struct wire *wire)
{
    wire->failure = (struct failure){.setback = SETBACK_NONE};
    wire->lane_seen = false;
    wire->committed = false;
}

enum fault postgres_ready(struct wire *wire, int64_t until_us)
{
    start_afresh(wire);
    if (wire->pq == NULL) {
        enum fault fault = pool_connect(wire, until_us);
        if (fault != FAULT_NONE)
            return fault;
    }
    wire->wait_until_us = until_us;
    return FAULT_NONE;
}

static void end_transaction(struct wire *wire)
{
    if (!wire->lost && wire->failure.setback != SETBACK_NONE)
        postgres_roll_back(wire);
    if (wire->lost)
        wire_close(wire);
}

enum fault run_plain(struct wire *wire, db_job job, void *context)
{
    struct postgres_tx tx = postgres_tx_of(wire, -1);
    start_afresh(wire);
    postgres_send_own(wire, OWN_BEGIN_PLAIN, AWAIT_RUN);
    enum fault fault = job(&tx.base, context);
    const char *note = fault_last_note();
    must(tx.open_rows == 0);
    if (fault != FAULT_NONE && wire->failure.setback == SETBACK_NONE) {
        postgres_roll_back(wire);
        end_transaction(wire);
        return fault_note(fault, note);
    }
    if (postgres_send_own(wire, OWN_COMMIT, AWAIT_COMMIT))
        postgres_take_all(wire);
    wire->unknown = false; /* of the lane, of which this is none */
    fault = wire->committed ? FAULT_NONE : postgres_fault(wire);
    end_transaction(wire);
    return fault;
}

struct lane_state {
    struct id lane;
    uint64_t commits;
};

static enum fault read_lane(struct db_tx *tx, void *context)
{
    struct lane_state *state = context;
    const struct value settle[BINDS_lane_settle] = {[BIND_lane_settle_lane_id] = value_id(state->lane)};
    const struct value get[BINDS_lane_get] = {[BIND_lane_get_lane_id] = value_id(state->lane)};
    struct value out[GIVES_lane_get];
    enum fault fault;
    TRY(db_run(tx, SQL_lane_settle, settle, NULL));
    TRY(db_one(tx, SQL_lane_get, get, NULL, out));
    state->commits = (uint64_t)out[GIVE_lane_get_commits].number;
done:
    return fault;
}

/* After a connection was lost: nothing of the lane is under way any more, and it is known what it has kept.
 */
static enum fault lane_ready(struct wire *wire)
{
    const bool unknown = wire->unknown;
    struct lane_state state = {.lane = wire->db->base.lanes[wire->lane]};
    if (wire->settled)
        return FAULT_NONE;
    enum fault fault = run_plain(wire, read_lane, &state);
    wire->unknown = unknown;
    if (fault == FAULT_ABSENT)
        return fault_note(FAULT_FENCED, "another server has ended and forgotten this one: start it again");
    if (fault != FAULT_NONE)
        return fault;
    if (unknown && state.commits == wire->commits + 1) {
        memcpy(wire->numbers, wire->unknown_numbers, sizeof wire->numbers);
        wire->commits++;
    } else if (state.commits != wire->commits) {
        return fault_note(FAULT_STORAGE,
                          "the database has lost what it had acknowledged: was a standby made the leader "
                          "that was not synchronous? Start again, and compare with its log");
    }
    wire->unknown = false;
    wire->settled = true;
    start_afresh(wire);
    return FAULT_NONE;
}

static void commit(struct call *call, const struct postgres_tx *tx)
{
    struct wire *wire = call->wire;
    if (!wire->lane_seen && !postgres_take_all(wire))
        return;
    memcpy(wire->unknown_numbers, tx->base.numbers, sizeof wire->unknown_numbers);
    call->sent = true;
    wire->unknown = postgres_send_own(wire, OWN_COMMIT, AWAIT_COMMIT) || wire->lost;
    if (wire->unknown)
        postgres_take_all(wire);
    if (!wire->committed)
        return;
    memcpy(wire->numbers, wire->unknown_numbers, sizeof wire->numbers);
    wire->commits++;
    wire->unknown = false;
}

static enum fault run_transaction(struct call *call)
{
    struct wire *wire = call->wire;
    struct postgres_tx tx = postgres_tx_of(wire, wire->lane);
    const struct value in[BINDS_lane_begin] = {
        [BIND_lane_begin_lane_id] = value_id(wire->db->base.lanes[wire->lane]),
        [BIND_lane_begin_commits] = value_int((int64_t)wire->commits + 1),
    };
    memcpy(tx.base.numbers, wire->numbers, sizeof tx.base.numbers);
    call->committing = wire->commits + 1;
    call->sent = false;
    call->runs++;
    if (postgres_send_own(wire, OWN_BEGIN_WRITE, AWAIT_RUN))
        postgres_send(wire, SQL_lane_begin, in, AWAIT_LANE);
    enum fault fault = call->job(&tx.base, call->context);
    const char *note = fault_last_note();
    must(tx.open_rows == 0);
    if (fault != FAULT_NONE && wire->failure.setback == SETBACK_NONE) {
        postgres_roll_back(wire);
        wire->failure = (struct failure){SETBACK_FAULT, fault, note}; /* the job's own */
    } else if (wire->failure.setback == SETBACK_NONE) {
        commit(call, &tx);
    } else if (fault == wire->failure.fault) {
        wire->failure.note = note; /* the job has seen the failure, and may have said more about it */
    }
    return wire->committed ? FAULT_NONE : postgres_fault(wire);
}

/* False where it is to be run again. */
static bool is_final(struct call *call)
{
    struct wire *wire = call->wire;
    const enum setback setback = wire->committed ? SETBACK_NONE : wire->failure.setback;
    call->note = fault_last_note();
    end_transaction(wire);
    switch (setback) {
    case SETBACK_NONE:
    case SETBACK_FAULT:
    case SETBACK_DENIED:
        return true;
    case SETBACK_DUPLICATE: /* a race that was lost may show so: its second run sees the other's row */
        return call->duplicates++ > 0;
    case SETBACK_ENDED: /* whoever slept learns by running again whether another has ended its server
                           meanwhile */
        call->until_us += call->runs == 1 ? clock_monotonic_us() - call->began_us : 0;
        break;
    case SETBACK_RACE:
    case SETBACK_LOST:
        break;
    }
    return clock_monotonic_us() >= call->until_us;
}

static bool run_once(struct call *call)
{
    struct wire *wire = call->wire;
    call->fault = postgres_ready(wire, call->until_us);
    call->note = fault_last_note();
    if (call->fault != FAULT_NONE)
        return true;
    call->fault = lane_ready(wire);
    if (call->fault == FAULT_NONE && call->sent && wire->commits == call->committing)
        return true; /* it was kept, as is now known */
    if (call->fault == FAULT_NONE)
        call->fault = run_transaction(call);
    return is_final(call);
}

/* Transactions that were in each other's way are not to meet again. */
static void pause_before(int run)
{
    uint32_t random = 0;
    const struct entropy entropy = entropy_system();
    entropy.fill(entropy.context, &random, sizeof random);
    const uint32_t most_us = run < 6 ? 1000U << run : 50000U;
    const struct timespec pause = {.tv_nsec = (long)(random % most_us) * 1000};
    nanosleep(&pause, NULL);
}

enum fault postgres_write(struct db *base, enum db_urgency urgency, db_job job, void *context)
{
    struct postgres_db *db = (struct postgres_db *)base;
    const int64_t began_us = clock_monotonic_us();
    struct call call = {
        .job = job, .context = context, .began_us = began_us, .until_us = began_us + db->patience_us};
    must(!writing); /* a job that waits for a job */
    enum fault fault = pool_take(db, urgency, call.until_us, &call.wire);
    if (fault != FAULT_NONE)
        return fault;
    writing = true;
    while (!run_once(&call))
        pause_before(call.runs);
    writing = false;
    const bool unknown = call.sent && call.wire->unknown;
    struct db_counts counted = {.jobs = 1, .commits = call.fault == FAULT_NONE};
    counted.rerun = call.runs > 1 ? (uint64_t)call.runs - 1 : 0;
    if (urgency == DB_BACKGROUND)
        counted.background_us_max = clock_monotonic_us() - began_us;
    pool_give_back(db, urgency, call.wire, &counted);
    if (call.fault != FAULT_NONE && unknown)
        return fault_note(FAULT_BUSY,
                          "the database does not answer, and whether it has recorded this is not known yet");
    return call.fault == FAULT_NONE ? FAULT_NONE : fault_note(call.fault, call.note);
}

/* Nobody waits for the end of a transaction that only read. */
static void end_read(struct wire *wire, const struct postgres_tx *tx)
{
    if (tx->begun && wire->failure.setback == SETBACK_NONE && postgres_send_own(wire, OWN_COMMIT, AWAIT_END))
        postgres_ask(wire);
    end_transaction(wire);
}

enum fault postgres_read(struct db *base, db_job job, void *context)
{
    struct postgres_db *db = (struct postgres_db *)base;
    const int64_t until_us = clock_monotonic_us() + db->patience_us;
    const struct db_counts counted = {.jobs = 0};
    struct wire *wire = NULL;
    must(!writing); /* a job that waits for a second connection while others wait for its own */
    enum fault fault = pool_take(db, DB_FOREGROUND, until_us, &wire);
    if (fault != FAULT_NONE)
        return fault;
    fault = postgres_ready(wire, until_us);
    if (fault == FAULT_NONE) {
        struct postgres_tx tx = postgres_tx_of(wire, -1);
        tx.reads = true;
        tx.begun = false;
        tx.until_us = until_us;
        fault = job(&tx.base, context);
        must(tx.open_rows == 0);
        if (fault == FAULT_NONE)
            fault = postgres_fault(wire);
        const char *note = fault_last_note();
        end_read(wire, &tx);
        if (fault != FAULT_NONE)
            fault_note(fault, note);
    }
    pool_give_back(db, DB_FOREGROUND, wire, &counted);
    return fault;
}
