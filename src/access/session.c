#include "access/inside.h"

/* Sessions: the id is in the browser alone, its tag in the row; each request reads session, account and
 * organisation again, so that whatever was taken away is gone at once. */

static bool session_tag(struct access *access, struct str cookie, struct tag *ret_tag)
{
    struct id id;
    if (!id_parse(cookie, &id))
        return false;
    *ret_tag = vault_tag(access->vault, "session", id_bytes(&id));
    return true;
}

/* A clock that jumps forward ends sessions; one that jumps back lengthens none. */
static bool is_live(struct instant now, int64_t started_us, int64_t seen_us)
{
    int64_t age = seconds_between(started_us, now.us);
    int64_t idle = seconds_between(seen_us, now.us);
    return age < SESSION_SECONDS && idle < SESSION_IDLE_SECONDS && age >= -CLOCK_STEP_SECONDS &&
           idle >= -CLOCK_STEP_SECONDS;
}

/* FAULT_ABSENT where the session is no longer live. */
static enum fault take_session(struct access *access, const struct value *out, struct caller *caller)
{
    struct instant now = access_now(access);
    int64_t started_us = out[GIVE_session_get_started_us].number;
    int64_t seen_us = out[GIVE_session_get_seen_us].number;
    if (out[GIVE_session_get_ended_us].kind != VALUE_NULL || !is_live(now, started_us, seen_us) ||
        !id_of_bytes(out[GIVE_session_get_account_id].bytes, &caller->account.account.id))
        return FAULT_ABSENT;
    caller->strength = (enum strength)out[GIVE_session_get_strength].number;
    caller->role = (enum role)out[GIVE_session_get_role].number;
    caller->started = (struct instant){started_us};
    caller->seen = (struct instant){seen_us};
    caller->touch_due = seconds_between(seen_us, now.us) >= SESSION_TOUCH_SECONDS;
    if (out[GIVE_session_get_wrote].kind == VALUE_BYTES)
        (void)change_mark_of_bytes(out[GIVE_session_get_wrote].bytes, &caller->wrote);
    if (out[GIVE_session_get_other_account_id].kind == VALUE_BYTES) {
        caller->mediated =
            id_of_bytes(out[GIVE_session_get_other_account_id].bytes, &caller->other.account.id);
        caller->other_role = (enum role)out[GIVE_session_get_other_role].number;
    }
    struct bytes first = out[GIVE_session_get_first_tag].bytes;
    if (first.len == sizeof caller->session.byte)
        memcpy(caller->session.byte, first.at, first.len);
    return FAULT_NONE;
}

static enum fault take_account(struct access *access, const struct value *out, struct arena *arena,
                               struct caller *caller)
{
    struct account *account = &caller->account;
    enum fault fault;
    if (out[GIVE_session_get_account].kind == VALUE_NULL)
        return fault_note(FAULT_CORRUPT, "a session belongs to an account that does not exist");
    account->state = (enum account_state)out[GIVE_session_get_account_state].number;
    account->version = (uint64_t)out[GIVE_session_get_account_version].number;
    if (out[GIVE_session_get_organisation_id].kind == VALUE_BYTES)
        (void)id_of_bytes(out[GIVE_session_get_organisation_id].bytes, &account->organisation.id);
    TRY(account_open(access, out[GIVE_session_get_account].bytes, arena, account));
    caller->signed_in = true;
    account->used = day_of_instant(caller->seen);
    caller->account_active = account_may_act(access, account);
    caller->role_held = account_holds(account, caller->role);
done:
    return fault;
}

static enum fault take_organisation(struct access *access, const struct value *out, struct arena *arena,
                                    struct caller *caller)
{
    struct organisation *organisation = &caller->organisation;
    enum fault fault;
    if (id_is_zero(caller->account.organisation.id)) {
        caller->organisation_active =
            caller->role == ROLE_national_administrator || caller->role == ROLE_operator;
        return FAULT_NONE;
    }
    if (out[GIVE_session_get_organisation].kind == VALUE_NULL)
        return FAULT_NONE; /* none that is active */
    organisation->organisation = caller->account.organisation;
    organisation->version = (uint64_t)out[GIVE_session_get_organisation_version].number;
    TRY(organisation_open(access, out[GIVE_session_get_organisation_state].number,
                          out[GIVE_session_get_organisation].bytes, arena, organisation));
    caller->organisation_active = organisation->active;
done:
    return fault;
}

enum fault access_caller(struct access *access, struct db_tx *tx, struct str cookie, struct arena *arena,
                         struct caller *ret_caller)
{
    const struct caller nobody = {.strength = STRENGTH_PUBLIC};
    struct caller caller = nobody;
    struct value out[GIVES_session_get];
    enum fault fault = FAULT_ABSENT;
    if (session_tag(access, cookie, &caller.cookie)) {
        caller.session = caller.cookie;
        const struct value in[] = {[BIND_session_get_tag] = value_tag(caller.cookie)};
        fault = access_count(access, db_one(tx, SQL_session_get, in, arena, out));
    }
    if (fault == FAULT_NONE)
        fault = take_session(access, out, &caller);
    if (fault == FAULT_ABSENT) {
        *ret_caller = nobody;
        return FAULT_NONE;
    }
    TRY(fault);
    TRY(take_account(access, out, arena, &caller));
    TRY(take_organisation(access, out, arena, &caller));
    if (caller.mediated)
        TRY(mediate_read(access, tx, arena, &caller));
    *ret_caller = caller;
done:
    return fault;
}

enum fault access_session_touch(struct access *access, struct db_tx *tx, const struct caller *caller)
{
    if (!caller->signed_in || !caller->touch_due)
        return FAULT_NONE;
    const struct value in[] = {[BIND_session_touch_tag] = value_tag(caller->cookie),
                               [BIND_session_touch_seen_us] = value_int(access_now(access).us)};
    return access_count(access, db_run(tx, SQL_session_touch, in, NULL));
}

enum fault access_session_wrote(struct access *access, struct db_tx *tx, const struct caller *caller,
                                const struct change_mark *mark)
{
    uint8_t wrote[CHANGE_MARK_BYTES];
    if (!caller->signed_in || mark->number == 0)
        return FAULT_NONE;
    change_mark_put(mark, wrote);
    const struct value in[] = {[BIND_session_wrote_tag] = value_tag(caller->cookie),
                               [BIND_session_wrote_wrote] = value_bytes((struct bytes){wrote, sizeof wrote})};
    return access_count(access, db_run(tx, SQL_session_wrote, in, NULL));
}

enum fault access_session_end(struct access *access, struct db_tx *tx, const struct caller *caller)
{
    if (!caller->signed_in)
        return FAULT_NONE;
    const struct value in[] = {[BIND_session_end_tag] = value_tag(caller->cookie),
                               [BIND_session_end_ended_us] = value_int(access_now(access).us)};
    return access_count(access, db_run(tx, SQL_session_end, in, NULL));
}

static enum fault insert_session(struct access *access, struct db_tx *tx,
                                 const struct session_beginning *beginning, struct arena *arena,
                                 struct str *ret_cookie)
{
    struct id id = id_new(access->entropy);
    struct tag tag = vault_tag(access->vault, "session", id_bytes(&id));
    const struct caller *caller = beginning->caller;
    struct tag first = caller != NULL ? caller->session : tag;
    uint8_t wrote[CHANGE_MARK_BYTES];
    struct str cookie;
    enum fault fault;
    change_mark_put(&beginning->wrote, wrote);
    const struct value in[] = {
        [BIND_session_insert_tag] = value_tag(tag),
        [BIND_session_insert_account_id] = value_id(beginning->account),
        [BIND_session_insert_role] = value_int(beginning->role),
        [BIND_session_insert_strength] = value_int(beginning->strength),
        [BIND_session_insert_started_us] = value_int(beginning->started.us),
        [BIND_session_insert_seen_us] = value_int(access_now(access).us),
        [BIND_session_insert_first_tag] = value_tag(first),
        [BIND_session_insert_wrote] =
            beginning->wrote.number > 0 ? value_bytes((struct bytes){wrote, sizeof wrote}) : value_null(),
        [BIND_session_insert_other_account_id] =
            id_is_zero(beginning->other) ? value_null() : value_id(beginning->other),
        [BIND_session_insert_other_role] =
            id_is_zero(beginning->other) ? value_null() : value_int(beginning->other_role),
    };
    TRY(access_id_text(id, arena, &cookie));
    TRY(access_count(access, db_run(tx, SQL_session_insert, in, NULL)));
    *ret_cookie = cookie;
done:
    return fault;
}

/* RFC 6238 §5.2: a code is accepted once; whoever comes second changes no row. */
static enum fault accept_step(struct access *access, struct db_tx *tx, const struct code_verdict *verdict,
                              bool *ret_accepted)
{
    int64_t changes = 0;
    const struct value in[] = {[BIND_authenticator_step_account_id] = value_id(verdict->account.id),
                               [BIND_authenticator_step_kind] = value_int(AUTHENTICATOR_TOKEN),
                               [BIND_authenticator_step_active] = value_int(AUTHENTICATOR_ACTIVE),
                               [BIND_authenticator_step_step] = value_int(verdict->step)};
    enum fault fault = access_count(access, db_run(tx, SQL_authenticator_step, in, &changes));
    if (fault == FAULT_NONE)
        *ret_accepted = changes == 1;
    return fault;
}

/* Counts against the account whose password was right, else against nobody's, at the same cost. */
static enum fault count_failure(struct access *access, struct db_tx *tx, const struct ticket *ticket)
{
    struct id account =
        ticket->live && ticket->password_right ? ticket->account : nobody_of(access, &ticket->tag);
    const struct value in[] = {[BIND_authenticator_failed_account_id] = value_id(account),
                               [BIND_authenticator_failed_kind] = value_int(AUTHENTICATOR_TOKEN),
                               [BIND_authenticator_failed_active] = value_int(AUTHENTICATOR_ACTIVE),
                               [BIND_authenticator_failed_failures_max] = value_int(TOKEN_FAILURES_MAX),
                               [BIND_authenticator_failed_disabled] = value_int(AUTHENTICATOR_DISABLED)};
    enum fault fault = access_count(access, db_run(tx, SQL_authenticator_failed, in, NULL));
    return fault == FAULT_NONE ? FAULT_SIGN_IN : fault;
}

enum fault session_begin(struct access *access, struct db_tx *tx, const struct session_order *order,
                         struct arena *arena, struct str *ret_cookie)
{
    const struct value burn[] = {[BIND_ticket_burn_tag] = value_tag(order->ticket->tag)};
    const struct value clear[] = {[BIND_account_failures_clear_account_id] =
                                      value_id(order->ticket->account)};
    const struct session_beginning beginning = {.account = order->ticket->account,
                                                .role = order->role,
                                                .strength = order->strength,
                                                .started = access_now(access)};
    enum fault fault;
    TRY(access_count(access, db_run(tx, SQL_ticket_burn, burn, NULL)));
    TRY(access_count(access, db_run(tx, SQL_account_failures_clear, clear, NULL)));
    TRY(account_used(access, tx, order->ticket->account));
    TRY(insert_session(access, tx, &beginning, arena, ret_cookie));
done:
    return fault;
}

/* The account as it is now, not as it was when the ticket was issued. */
enum fault session_may_begin(struct access *access, struct db_tx *tx, const struct ticket *ticket,
                             enum role role, bool *ret_may)
{
    struct arena *arena = NULL;
    struct account_found found;
    struct id account = id_is_zero(ticket->account) ? nobody_of(access, &ticket->tag) : ticket->account;
    enum fault fault;
    TRY(arena_open(SCRATCH_BYTES, &arena));
    TRY(account_read(access, tx, account, arena, &found));
    *ret_may = found.found && account_may_act(access, &found.account) && account_holds(&found.account, role);
done:
    arena_close(arena);
    return fault;
}

enum fault session_prove(struct access *access, struct db_tx *tx, const struct code_verdict *verdict,
                         struct str text, enum role role, struct arena *arena, struct ticket *ret_ticket)
{
    struct ticket read;
    bool may = false;
    bool accepted = false;
    enum fault fault;
    TRY(ticket_read(access, tx, text, arena, &read));
    TRY(session_may_begin(access, tx, &read, role, &may));
    may = may && read.live && read.password_right && verdict->right &&
          id_equal(read.account, verdict->account.id);
    if (may)
        TRY(accept_step(access, tx, verdict, &accepted));
    if (!accepted) {
        fault = count_failure(access, tx, &read);
        goto done;
    }
    *ret_ticket = read;
done:
    return fault;
}

enum fault access_session_start(struct access *access, struct db_tx *tx, const struct code_verdict *verdict,
                                struct str ticket, enum role role, struct arena *arena,
                                struct str *ret_cookie)
{
    struct ticket read;
    const struct session_order order = {.ticket = &read, .role = role, .strength = STRENGTH_TOKEN};
    enum fault fault;
    TRY(session_prove(access, tx, verdict, ticket, role, arena, &read));
    TRY(session_begin(access, tx, &order, arena, ret_cookie));
done:
    return fault;
}

enum fault session_go_on(struct access *access, struct db_tx *tx, const struct session_beginning *beginning,
                         const struct caller *caller, struct arena *arena, struct str *ret_cookie)
{
    struct session_beginning going_on = *beginning;
    enum fault fault;
    going_on.wrote = caller->wrote; /* no server answers it from before */
    TRY(insert_session(access, tx, &going_on, arena, ret_cookie));
    TRY(access_session_end(access, tx, caller));
done:
    return fault;
}

enum fault session_strengthen(struct access *access, struct db_tx *tx, const struct caller *caller,
                              struct arena *arena, struct str *ret_cookie)
{
    const struct session_beginning beginning = {.account = caller->account.account.id,
                                                .role = caller->role,
                                                .strength = STRENGTH_KEY,
                                                .started = caller->started,
                                                .caller = caller};
    return session_go_on(access, tx, &beginning, caller, arena, ret_cookie);
}

/* R2: what belongs to the session stays behind, so that no role's sight reaches into another's work. */
enum fault access_role_change(struct access *access, struct db_tx *tx, const struct caller *caller,
                              enum role role, struct arena *arena, struct str *ret_cookie)
{
    const struct session_beginning beginning = {.account = caller->account.account.id,
                                                .role = role,
                                                .strength = caller->strength,
                                                .started = caller->started};
    if (!account_holds(&caller->account, role))
        return fault_note(FAULT_INVALID, "choose a role that you hold");
    return session_go_on(access, tx, &beginning, caller, arena, ret_cookie);
}

enum fault access_sign_out_everywhere(struct access *access, struct db_tx *tx, const struct account *account)
{
    const struct value in[] = {[BIND_session_end_all_account_id] = value_id(account->account.id),
                               [BIND_session_end_all_ended_us] = value_int(access_now(access).us)};
    return access_count(access, db_run(tx, SQL_session_end_all, in, NULL));
}
