#include "service/rotate.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>

#include "base/log.h"
#include "service/identity.h"
#include "service/operations.h"
#include "service/operator.h"
#include "service/rotate_state.h"

enum {
    ASKED_BYTES_MAX = 128,
    GRACE_MS = 500, /* for requests that have a key, wrapped before, and have not written it yet */
    PASSES_MAX = 8,
    WAIT_MS = 500,
};

/* One rotation on its way. */
struct rotating {
    struct conduct conduct;
    struct answer answer;
    const struct rotation_teller *teller;
    struct rotation_state state;
    struct rotation_report report;
};

static void tell(const struct rotating *rotating, const char *step, int64_t done)
{
    if (rotating->teller != NULL && rotating->teller->told != NULL)
        rotating->teller->told(rotating->teller->context, step, done);
}

static enum fault write_state(struct db_tx *tx, void *context)
{
    const struct rotating *rotating = context;
    return rotation_write(tx, &rotating->state);
}

/* One entry, in the transaction of the step that it tells of. */
static enum fault enter(struct rotating *rotating, const char *what)
{
    struct conduct *conduct = &rotating->conduct;
    struct entries entries = {0};
    char text[ASKED_BYTES_MAX];
    enum fault fault;
    int len = snprintf(text, sizeof text, "%s %" PRIu32 ", keys wrapped anew %" PRId64, what,
                       rotating->state.master, rotating->report.rewrapped);
    must(len > 0 && (size_t)len < sizeof text);
    TRY(arena_copy(conduct->arena, (struct str){text, (size_t)len}, &conduct->asked));
    TRY(entries_add(conduct, &entries, EVENT_VAULT_ROTATED, (struct child_id){{{0}}}, NULL, 0));
    TRY(conduct_commit(conduct, &entries, write_state, rotating));
done:
    return fault;
}

/* Everybody goes on wrapping under the present master until all have the new one. */
static enum fault begin(struct rotating *rotating)
{
    struct vault_masters masters;
    enum fault fault;
    TRY(vault_masters(rotating->conduct.service->vault, &masters));
    rotating->state = (struct rotation_state){.master = masters.wrapping, .phase = ROTATION_ADD};
    TRY(enter(rotating, "begun while wrapping under"));
    tell(rotating, "begun", 0);
done:
    return fault;
}

/* Until all other servers have it, or wrap under it, for as long as a dead one is believed to live. */
static enum fault await_others(struct rotating *rotating, uint32_t master, bool wrapping, const char *note)
{
    struct service *service = rotating->conduct.service;
    const int64_t until_us = clock_monotonic_us() + 2 * service->lease_us;
    bool all = false;
    enum fault fault;
    for (;;) {
        TRY(rotation_all_have(service->db, master, wrapping, &all));
        if (all)
            break;
        if (clock_monotonic_us() > until_us)
            TRY(fault_note(FAULT_CONFLICT, note));
        (void)poll(NULL, 0, WAIT_MS);
    }
done:
    return fault;
}

static enum fault add(struct rotating *rotating)
{
    struct service *service = rotating->conduct.service;
    struct vault_masters masters;
    uint32_t newest;
    enum fault fault;
    TRY(vault_masters(service->vault, &masters));
    newest = masters.number[masters.count - 1];
    if (newest == rotating->state.master)
        TRY(vault_master_add(service->vault, &newest));
    tell(rotating, "added", 0);
    TRY(await_others(
        rotating, newest, false,
        "another server lacks the new master key: bring it there with vault ask, give and take, as "
        "docs/several-servers.md says; then run this again"));
    rotating->state = (struct rotation_state){.master = newest, .phase = ROTATION_WRAP};
    TRY(enter(rotating, "wrapping from now on under"));
    tell(rotating, "switched", 0);
done:
    return fault;
}

static enum fault keep_place(struct db_tx *tx, void *context, const struct rewrap_place *place)
{
    struct rotating *rotating = context;
    rotating->state.place = *place;
    return rotation_write(tx, &rotating->state);
}

static void tell_seen(void *context, int64_t seen)
{
    tell(context, "wrapped", seen);
}

/* Keys also lie in a feed's plan, so that no feed may be under way: then passes, until one finds nothing. */
static enum fault wrap_rest(struct rotating *rotating)
{
    struct service *service = rotating->conduct.service;
    struct identity identity;
    enum fault fault;
    TRY(identity_take(service, rotating->conduct.caller.account.account, &identity));
    for (int pass = 0; pass < PASSES_MAX; pass++) {
        struct rewrap rest = {.db = service->db,
                              .vault = service->vault,
                              .master = rotating->state.master,
                              .told = tell_seen,
                              .context = rotating};
        fault = rewrap_pass(&rest);
        rotating->report.seen = rest.counts.seen;
        rotating->report.broken = rest.counts.broken;
        rotating->report.rewrapped += rest.counts.rewrapped;
        if (fault != FAULT_NONE || rest.counts.rewrapped == 0)
            break;
        fault = fault_note(FAULT_BUSY, "keys were still being made under the old master: run this again");
    }
    if (fault == FAULT_NONE) {
        tell(rotating, "checked", rotating->report.seen);
        fault = vault_masters_drop(service->vault, rotating->state.master);
    }
    identity_leave(&identity);
done:
    return fault;
}

static enum fault wrap(struct rotating *rotating)
{
    struct service *service = rotating->conduct.service;
    enum fault fault;
    TRY(rotate_follow(service, false));
    struct rewrap pass = {.db = service->db,
                          .vault = service->vault,
                          .master = rotating->state.master,
                          .place = rotating->state.place,
                          .keep = keep_place,
                          .told = tell_seen,
                          .context = rotating};
    TRY(rewrap_pass(&pass));
    rotating->report.rewrapped += pass.counts.rewrapped;
    TRY(await_others(rotating, rotating->state.master, true,
                     "another server does not wrap under the new master key yet: see that it runs, then run "
                     "this again"));
    (void)poll(NULL, 0, db_is_shared(service->db) ? (int)(service->lease_us / 1000) : GRACE_MS);
    TRY(wrap_rest(rotating));
    tell(rotating, "dropped", rotating->report.seen);
    rotating->state = (struct rotation_state){.master = rotating->state.master, .phase = ROTATION_NONE};
    TRY(enter(rotating, "all wrapped under"));
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
    rotating->report.master = rotating->state.master;
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
    if (!db_is_shared(service->db) ||
        (service->published[0] == newest && service->published[1] == masters->wrapping))
        return FAULT_NONE;
    enum fault fault = rotation_publish(service->db, masters);
    if (fault == FAULT_NONE) {
        service->published[0] = newest;
        service->published[1] = masters->wrapping;
    }
    return fault;
}

enum fault rotate_follow(struct service *service, bool starting)
{
    struct rotation_state state;
    struct vault_masters masters;
    enum fault fault;
    TRY(rotation_read(service->db, &state));
    TRY(vault_masters(service->vault, &masters));
    if (state.master != 0 && masters.wrapping != state.master) {
        TRY(vault_wrap_under(service->vault, state.master));
        log_event("keys.wrapped_under", LOG_INT("master", state.master));
        TRY(vault_masters(service->vault, &masters));
    }
    TRY(publish(service, &masters));
    if (starting && state.phase == ROTATION_NONE && masters.number[0] < state.master)
        TRY(vault_masters_drop(service->vault, state.master));
done:
    return fault;
}

void rotate_leave(struct service *service)
{
    if (service->published[0] != 0)
        (void)!rotation_withdraw(service->db);
}
