/* Roles of one process at a time, and a server that has been ended. */
#include <time.h>

#include "store/check_inside.h"

enum {
    LONG_US = 60 * 1000 * 1000,
    SHORT_US = 20 * 1000,
    WAIT_NS = 60 * 1000 * 1000,
    LEASE_ARENA_BYTES = 16 * 1024,
};

/* A try to take or keep the role `check`. */
struct turn {
    struct id holder;
    int64_t for_us;
    int64_t fence;
    int64_t changes;
};

static enum fault take(struct db_tx *tx, void *context)
{
    struct turn *turn = context;
    const struct value in[BINDS_lease_take] = {
        [BIND_lease_take_name] = value_text(STR("check")),
        [BIND_lease_take_holder] = value_id(turn->holder),
        [BIND_lease_take_for_us] = value_int(turn->for_us),
    };
    struct value out[GIVES_lease_take];
    struct arena *arena = NULL;
    enum fault fault;
    TRY(arena_open(LEASE_ARENA_BYTES, &arena));
    TRY(db_one(tx, SQL_lease_take, in, arena, out));
    turn->fence = out[GIVE_lease_take_fence].number;
done:
    arena_close(arena);
    return fault;
}

static enum fault hold(struct db_tx *tx, void *context)
{
    struct turn *turn = context;
    const struct value in[BINDS_lease_hold] = {
        [BIND_lease_hold_name] = value_text(STR("check")),
        [BIND_lease_hold_holder] = value_id(turn->holder),
        [BIND_lease_hold_fence] = value_int(turn->fence),
        [BIND_lease_hold_for_us] = value_int(turn->for_us),
    };
    return db_run(tx, SQL_lease_hold, in, &turn->changes);
}

static enum fault leave(struct db_tx *tx, void *context)
{
    const struct turn *turn = context;
    const struct value in[BINDS_lease_leave] = {
        [BIND_lease_leave_name] = value_text(STR("check")),
        [BIND_lease_leave_holder] = value_id(turn->holder),
        [BIND_lease_leave_fence] = value_int(turn->fence),
    };
    return db_run(tx, SQL_lease_leave, in, NULL);
}

/* Whether a try to take the role has the answer that it must have. */
static enum fault expect_taken(struct check *check, struct db *db, struct turn *turn, bool taken,
                               const char *what)
{
    enum fault fault = db_write(db, DB_FOREGROUND, take, turn);
    if (fault != FAULT_NONE && fault != FAULT_ABSENT)
        return fault;
    if ((fault == FAULT_NONE) != taken)
        check_say(check, CHECK_FAILS, "a role %s", what);
    return FAULT_NONE;
}

static enum fault expect_held(struct check *check, struct db *db, struct turn *turn, bool held,
                              const char *what)
{
    enum fault fault = db_write(db, DB_FOREGROUND, hold, turn);
    if (fault == FAULT_NONE && (turn->changes == 1) != held)
        check_say(check, CHECK_FAILS, "a role %s", what);
    return fault;
}

static void wait_a_little(void)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = WAIT_NS}, NULL);
}

static enum fault try_role(struct check *check, struct db *first, struct db *second)
{
    struct turn a = {.holder = {.byte = "first"}, .for_us = LONG_US};
    struct turn b = {.holder = {.byte = "second"}, .for_us = SHORT_US};
    enum fault fault;
    TRY(expect_taken(check, first, &a, true, "that is nobody's was not given"));
    TRY(expect_taken(check, second, &b, false, "was given to two"));
    TRY(expect_held(check, first, &a, true, "was lost before its time"));
    TRY(db_write(first, DB_FOREGROUND, leave, &a));
    TRY(expect_taken(check, second, &b, true, "that was given back is not free"));
    if (b.fence <= a.fence)
        check_say(check, CHECK_FAILS, "a role passed on, and its fence did not rise");
    TRY(expect_held(check, first, &a, false, "was kept by whom it had left"));
    wait_a_little();
    TRY(expect_taken(check, first, &a, true, "whose time is over is not free"));
    TRY(expect_held(check, second, &b, false, "was kept by whom its time had left"));
done:
    return fault;
}

static enum fault end_late(struct db_tx *tx, void *context)
{
    struct turn *turn = context;
    const struct value server[] = {value_id(turn->holder)};
    enum fault fault;
    TRY(db_run(tx, SQL_server_end_late, server, &turn->changes));
    if (turn->changes == 1)
        TRY(db_run(tx, SQL_lane_end_of_server, server, NULL));
done:
    return fault;
}

/* A server whose lease has run out is ended by another: nothing that it still tries is kept. */
static enum fault try_fence(struct check *check, struct db *late, struct db *other)
{
    struct turn turn = {.holder = db_server_id(late)};
    int64_t kept = 0;
    enum fault fault;
    wait_a_little();
    TRY(db_write(other, DB_FOREGROUND, end_late, &turn));
    if (turn.changes != 1)
        check_say(check, CHECK_FAILS, "a server whose time is over could not be ended by another");
    fault = check_fact_set(late, "fenced", 1);
    if (fault != FAULT_FENCED)
        check_say(check, CHECK_FAILS, "a server that another had ended was answered %s to a write",
                  fault == FAULT_NONE ? "yes" : fault_last_note());
    TRY(check_fact_known(other, "fenced", &kept));
    if (kept != 0)
        check_say(check, CHECK_FAILS, "what a server wrote that another had ended was kept");
done:
    return fault;
}

enum fault check_leases(struct check *check)
{
    struct db *first = NULL;
    struct db *second = NULL;
    enum fault fault;
    TRY(check_open(check, 2, SHORT_US, &first));
    fault = check_open(check, 2, 0, &second);
    if (!db_is_shared(first)) {
        if (fault != FAULT_BUSY)
            check_say(check, CHECK_FAILS, "the file could be opened twice at once");
        TRY(try_role(check, first, first));
        goto done;
    }
    TRY(fault);
    TRY(try_role(check, first, second));
    TRY(try_fence(check, first, second));
done:;
    const char *note = fault_last_note();
    db_close(second);
    db_close(first);
    return fault == FAULT_NONE ? fault : fault_note(fault, note);
}
