#include "service/rotate.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "service/operations.h"
#include "service/operator.h"
#include "service/rotate_state.h"

enum { ASKED_BYTES_MAX = 128, PASSES_MAX = 8, WAIT_MS = 50 };

/* One rotation on its way. */
struct rotating {
    struct conduct conduct;
    struct answer answer;
    const struct rotation_teller *teller;
    struct rotation_state state; /* as the database has it */
    struct rotation_state next;  /* what a transaction under way makes of it */
    struct rotation_report report;
};

static void tell(const struct rotating *rotating, const char *step, int64_t done)
{
    if (rotating->teller != NULL && rotating->teller->told != NULL)
        rotating->teller->told(rotating->teller->context, step, done);
}

static enum fault write_next(struct db_tx *tx, void *context)
{
    const struct rotating *rotating = context;
    return rotation_step(tx, &rotating->state, &rotating->next);
}

/* The next state, and one entry that tells of it. */
static enum fault enter(struct rotating *rotating, const char *what, const struct rotation_state *next)
{
    struct conduct *conduct = &rotating->conduct;
    char text[ASKED_BYTES_MAX];
    enum fault fault;
    int len = snprintf(text, sizeof text, "%s %" PRIu32 ", keys wrapped anew %" PRId64, what,
                       next->wrapping.master, rotating->report.rewrapped);
    must(len > 0 && (size_t)len < sizeof text);
    rotating->next = *next;
    TRY(arena_copy(conduct->arena, (struct str){text, (size_t)len}, &conduct->asked));
    TRY(conduct_enter(conduct, EVENT_VAULT_ROTATED, write_next, rotating));
    rotating->state = *next;
done:
    return fault;
}

/* Everybody goes on wrapping under the present master until all have the new one. */
static enum fault begin(struct rotating *rotating)
{
    struct vault_masters masters;
    struct rotation_state next = {.wrapping = rotating->state.wrapping, .phase = ROTATION_ADD};
    enum fault fault;
    TRY(vault_masters(rotating->conduct.service->vault, &masters));
    if (next.wrapping.master == 0)
        next.wrapping.master = masters.wrapping;
    TRY(enter(rotating, "begun while wrapping under", &next));
    tell(rotating, "begun", 0);
done:
    return fault;
}

/* Until all other servers have the newest master, for as long as a dead one is believed to live. */
static enum fault await_others(struct rotating *rotating, const struct vault_masters *masters)
{
    struct service *service = rotating->conduct.service;
    const int64_t until_us = clock_monotonic_us() + service->await_others_us;
    struct rotation_others others;
    enum fault fault;
    for (;;) {
        TRY(rotation_others(service->db, masters, rotating->state.check, &others));
        if (others.all)
            break;
        if (clock_monotonic_us() > until_us)
            TRY(fault_note(FAULT_CONFLICT,
                           "another server lacks the new master key: bring it there with vault ask, give and "
                           "take, as docs/several-servers.md says; then run this again"));
        (void)poll(NULL, 0, WAIT_MS);
    }
done:
    return fault;
}

static bool is_drawn(const struct rotating *rotating, const struct vault_masters *masters)
{
    return rotating->state.drawn &&
           memcmp(rotating->state.check, masters->check[masters->count - 1], VAULT_CHECK_BYTES) == 0;
}

/* Nothing is wrapped yet under a master that was drawn, so that another may stand in for one that was lost;
 * but not for one that a living server has. */
static enum fault check_lost(struct rotating *rotating, const struct vault_masters *masters)
{
    struct rotation_others others = {0};
    enum fault fault;
    if (!rotating->state.drawn)
        return FAULT_NONE;
    TRY(rotation_others(rotating->conduct.service->db, masters, rotating->state.check, &others));
    if (others.drawn)
        fault = fault_note(FAULT_CONFLICT,
                           "another server has drawn the new master key: run this there, or bring that one's "
                           "keys here with vault ask, give and take, as docs/several-servers.md says");
done:
    return fault;
}

/* Two servers may each draw a master of the same number; the one that the database knows will wrap. */
static enum fault draw(struct rotating *rotating, struct vault_masters *masters)
{
    struct service *service = rotating->conduct.service;
    struct rotation_state *next = &rotating->next;
    uint32_t number = 0;
    enum fault fault = FAULT_NONE;
    if (is_drawn(rotating, masters))
        return FAULT_NONE;
    TRY(check_lost(rotating, masters));
    if (masters->number[masters->count - 1] == rotating->state.wrapping.master)
        TRY(vault_master_add(service->vault, &number));
    tell(rotating, "added", 0);
    TRY(vault_masters(service->vault, masters));
    *next = rotating->state;
    next->drawn = true;
    memcpy(next->check, masters->check[masters->count - 1], sizeof next->check);
    TRY(db_write(service->db, DB_FOREGROUND, write_next, rotating));
    rotating->state = *next;
    tell(rotating, "drawn", 0);
done:
    return fault;
}

/* The commit of the last step waits for every transaction that is writing a key under the old master
 * (store/wrapping.h): what comes after it finds all of them, and there will be no more. */
static enum fault add(struct rotating *rotating)
{
    struct service *service = rotating->conduct.service;
    struct rotation_state next = {.phase = ROTATION_WRAP};
    struct vault_masters masters;
    enum fault fault;
    TRY(vault_masters(service->vault, &masters));
    TRY(draw(rotating, &masters));
    TRY(rotate_follow(service, false)); /* the others hear of what this one has */
    TRY(await_others(rotating, &masters));
    next.wrapping.master = masters.number[masters.count - 1];
    next.wrapping.checked = true;
    memcpy(next.wrapping.check, rotating->state.check, sizeof next.wrapping.check);
    TRY(enter(rotating, "wrapping from now on under", &next));
    tell(rotating, "switched", 0);
done:
    return fault;
}

static enum fault keep_place(struct db_tx *tx, void *context, const struct rewrap_place *place)
{
    struct rotating *rotating = context;
    rotating->next = rotating->state;
    rotating->next.place = *place;
    return rotation_step(tx, &rotating->state, &rotating->next);
}

static void tell_seen(void *context, int64_t seen)
{
    tell(context, "wrapped", seen);
}

/* What was kept with the place stands now. */
static void tell_kept(void *context, int64_t seen)
{
    struct rotating *rotating = context;
    rotating->state = rotating->next;
    tell(rotating, "wrapped", seen);
}

/* The way through the whole database, which goes on where it was broken off. */
static enum fault wrap_most(struct rotating *rotating)
{
    struct service *service = rotating->conduct.service;
    struct rewrap pass = {.db = service->db,
                          .vault = service->vault,
                          .master = rotating->state.wrapping.master,
                          .place = rotating->state.place,
                          .keep = keep_place,
                          .told = tell_kept,
                          .context = rotating};
    enum fault fault;
    rotating->next = rotating->state;
    TRY(rewrap_pass(&pass));
    rotating->report.rewrapped += pass.counts.rewrapped;
done:
    return fault;
}

/* Whole passes, until one finds nothing: only then do old masters leave the key file. */
static enum fault wrap_rest(struct rotating *rotating)
{
    struct service *service = rotating->conduct.service;
    const uint32_t master = rotating->state.wrapping.master;
    enum fault fault = FAULT_NONE;
    for (int passes = 0; passes < PASSES_MAX; passes++) {
        struct rewrap rest = {.db = service->db,
                              .vault = service->vault,
                              .master = master,
                              .told = tell_seen,
                              .context = rotating};
        TRY(rewrap_pass(&rest));
        rotating->report.seen = rest.counts.seen;
        rotating->report.broken = rest.counts.broken;
        rotating->report.rewrapped += rest.counts.rewrapped;
        if (rest.counts.rewrapped + rest.counts.left == 0) {
            tell(rotating, "checked", rotating->report.seen);
            TRY(vault_masters_drop(service->vault, master));
            return FAULT_NONE;
        }
    }
    fault = fault_note(FAULT_BUSY, "keys were still found under the old master: run this again");
done:
    return fault;
}

static enum fault wrap(struct rotating *rotating)
{
    const struct rotation_state next = {.wrapping = rotating->state.wrapping, .phase = ROTATION_NONE};
    enum fault fault;
    TRY(rotate_follow(rotating->conduct.service, false));
    TRY(wrap_most(rotating));
    TRY(wrap_rest(rotating));
    tell(rotating, "dropped", rotating->report.seen);
    TRY(enter(rotating, "all wrapped under", &next));
    tell(rotating, "ended", rotating->report.seen);
done:
    return fault;
}

static enum fault rotate(struct rotating *rotating, const struct permit_vault_rotate *held)
{
    enum fault fault;
    must(held->permit.operation == OP_vault_rotate);
    TRY(rotation_read(rotating->conduct.service->db, &rotating->state));
    if (rotating->state.phase == ROTATION_NONE)
        TRY(begin(rotating));
    if (rotating->state.phase == ROTATION_ADD)
        TRY(add(rotating));
    TRY(wrap(rotating));
    rotating->report.master = rotating->state.wrapping.master;
done:
    return fault;
}

enum fault service_vault_rotate(struct service *service, const struct ask *ask,
                                const struct rotation_teller *teller, struct arena *arena,
                                struct rotation_report *ret_report)
{
    struct rotating *rotating = arena_take(arena, sizeof *rotating);
    enum fault fault;
    must(ask->operation == OP_vault_rotate);
    if (rotating == NULL)
        return FAULT_MEMORY;
    *rotating = (struct rotating){.teller = teller};
    rotating->conduct = (struct conduct){.service = service,
                                         .ask = ask,
                                         .arena = arena,
                                         .answer = &rotating->answer,
                                         .now = clock_now(service->clock),
                                         .act = id_new(service->entropy)};
    TRY(operator_permit(&rotating->conduct,
                        "this login is no operator's here: an operator rotates the keys"));
    const struct permit_vault_rotate held = permit_issue_vault_rotate(
        &rotating->conduct.decision, rotating->conduct.caller.role, rotating->conduct.caller.account.account);
    fault = rotate(rotating, &held);
    if (fault != FAULT_NONE)
        return operator_refuse(&rotating->conduct, REFUSAL_NONE, fault);
    *ret_report = rotating->report;
done:
    return fault;
}

static enum fault publish(struct service *service, const struct vault_masters *masters)
{
    const uint32_t newest = masters->number[masters->count - 1];
    if (!db_is_shared(service->db) || service->published == newest)
        return FAULT_NONE;
    enum fault fault = rotation_publish(service->db, masters);
    if (fault == FAULT_NONE)
        service->published = newest;
    return fault;
}

/* Two masters may have one number, where two servers drew one and what one of them drew was lost. */
static enum fault check_master(const struct vault_masters *masters, const struct wrapping *wrapping)
{
    for (uint32_t i = 0; wrapping->checked && i < masters->count; i++)
        if (masters->number[i] == wrapping->master &&
            memcmp(masters->check[i], wrapping->check, VAULT_CHECK_BYTES) != 0)
            return fault_note(FAULT_KEY, "this server's master key has the number of the one that the others "
                                         "wrap under, and is another: bring theirs with contactpoint vault "
                                         "ask, give and take");
    return FAULT_NONE;
}

static enum fault follow(struct service *service, bool starting)
{
    struct rotation_state state;
    struct vault_masters masters;
    enum fault fault;
    TRY(rotation_read(service->db, &state));
    TRY(vault_masters(service->vault, &masters));
    TRY(check_master(&masters, &state.wrapping));
    if (state.wrapping.master != 0 && masters.wrapping != state.wrapping.master) {
        TRY(vault_wrap_under(service->vault, state.wrapping.master));
        log_event("keys.wrapped_under", LOG_INT("master", state.wrapping.master));
    }
    TRY(publish(service, &masters));
    if (starting && state.phase == ROTATION_NONE && masters.number[0] < state.wrapping.master)
        TRY(vault_masters_drop(service->vault, state.wrapping.master));
done:
    return fault;
}

/* One at a time, so that what one has read before is not done after what the next has read. */
enum fault rotate_follow(struct service *service, bool starting)
{
    (void)pthread_mutex_lock(&service->following);
    enum fault fault = follow(service, starting);
    (void)pthread_mutex_unlock(&service->following);
    return fault;
}

enum fault rotate_sweep(struct service *service)
{
    return rotation_sweep(service->db);
}

void rotate_leave(struct service *service)
{
    if (service->published != 0)
        (void)!rotation_withdraw(service->db);
}
