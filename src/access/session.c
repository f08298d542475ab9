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
    caller->account_active = account->state == ACCOUNT_ACTIVE;
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
    if (session_tag(access, cookie, &caller.session)) {
        const struct value in[] = {[BIND_session_get_tag] = value_bytes(
                                       (struct bytes){caller.session.byte, sizeof caller.session.byte})};
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
    *ret_caller = caller;
done:
    return fault;
}

enum fault access_session_touch(struct access *access, struct db_tx *tx, const struct caller *caller)
{
    if (!caller->signed_in || !caller->touch_due)
        return FAULT_NONE;
    const struct value in[] = {[BIND_session_touch_tag] = value_bytes(
                                   (struct bytes){caller->session.byte, sizeof caller->session.byte}),
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
    const struct value in[] = {[BIND_session_wrote_tag] = value_bytes(
                                   (struct bytes){caller->session.byte, sizeof caller->session.byte}),
                               [BIND_session_wrote_wrote] = value_bytes((struct bytes){wrote, sizeof wrote})};
    return access_count(access, db_run(tx, SQL_session_wrote, in, NULL));
}

enum fault access_session_end(struct access *access, struct db_tx *tx, const struct caller *caller)
{
    if (!caller->signed_in)
        return FAULT_NONE;
    const struct value in[] = {[BIND_session_end_tag] = value_bytes(
                                   (struct bytes){caller->session.byte, sizeof caller->session.byte}),
                               [BIND_session_end_ended_us] = value_int(access_now(access).us)};
    return access_count(access, db_run(tx, SQL_session_end, in, NULL));
}

static enum fault insert_session(struct access *access, struct db_tx *tx, struct id account, enum role role,
                                 struct id session)
{
    struct tag tag = vault_tag(access->vault, "session", id_bytes(&session));
    const struct value in[] = {[BIND_session_insert_tag] =
                                   value_bytes((struct bytes){tag.byte, sizeof tag.byte}),
                               [BIND_session_insert_account_id] = value_id(account),
                               [BIND_session_insert_role] = value_int(role),
                               [BIND_session_insert_strength] = value_int(STRENGTH_TOKEN),
                               [BIND_session_insert_started_us] = value_int(access_now(access).us)};
    return access_count(access, db_run(tx, SQL_session_insert, in, NULL));
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

/* Counts against the account whose password was right, else against a decoy, at the same cost. */
static enum fault count_failure(struct access *access, struct db_tx *tx, const struct ticket *ticket)
{
    struct id account =
        ticket->live && ticket->password_right ? ticket->account : decoy_account(access, &ticket->tag);
    const struct value in[] = {[BIND_authenticator_failed_account_id] = value_id(account),
                               [BIND_authenticator_failed_kind] = value_int(AUTHENTICATOR_TOKEN),
                               [BIND_authenticator_failed_failures_max] = value_int(TOKEN_FAILURES_MAX),
                               [BIND_authenticator_failed_disabled] = value_int(AUTHENTICATOR_DISABLED)};
    enum fault fault = access_count(access, db_run(tx, SQL_authenticator_failed, in, NULL));
    return fault == FAULT_NONE ? FAULT_SIGN_IN : fault;
}

static enum fault begin(struct access *access, struct db_tx *tx, const struct ticket *ticket, enum role role,
                        struct id session)
{
    const struct value burn[] = {[BIND_ticket_burn_tag] =
                                     value_bytes((struct bytes){ticket->tag.byte, sizeof ticket->tag.byte})};
    const struct value clear[] = {[BIND_account_failures_clear_account_id] = value_id(ticket->account)};
    enum fault fault;
    TRY(access_count(access, db_run(tx, SQL_ticket_burn, burn, NULL)));
    TRY(access_count(access, db_run(tx, SQL_account_failures_clear, clear, NULL)));
    TRY(insert_session(access, tx, ticket->account, role, session));
done:
    return fault;
}

/* The account as it is now, not as it was when the ticket was issued. */
static enum fault may_begin(struct access *access, struct db_tx *tx, const struct ticket *ticket,
                            enum role role, bool *ret_may)
{
    struct arena *arena = NULL;
    struct account_found found;
    struct id account = id_is_zero(ticket->account) ? decoy_account(access, &ticket->tag) : ticket->account;
    enum fault fault;
    TRY(arena_open(SCRATCH_BYTES, &arena));
    TRY(account_read(access, tx, account, arena, &found));
    *ret_may = found.found && found.account.state == ACCOUNT_ACTIVE && account_holds(&found.account, role);
done:
    arena_close(arena);
    return fault;
}

enum fault access_session_start(struct access *access, struct db_tx *tx, const struct code_verdict *verdict,
                                struct str ticket, enum role role, struct arena *arena,
                                struct str *ret_cookie)
{
    struct ticket read;
    struct buffer text = buffer_open(64);
    struct str cookie;
    bool may = false;
    bool accepted = false;
    enum fault fault;
    TRY(ticket_read(access, tx, ticket, arena, &read));
    TRY(may_begin(access, tx, &read, role, &may));
    may = may && read.live && read.password_right && verdict->right &&
          id_equal(read.account, verdict->account.id);
    if (may)
        TRY(accept_step(access, tx, verdict, &accepted));
    if (!accepted) {
        fault = count_failure(access, tx, &read);
        goto done;
    }
    struct id session = id_new(access->entropy);
    TRY(begin(access, tx, &read, role, session));
    id_put(&text, session);
    TRY(buffer_fault(&text));
    TRY(arena_copy(arena, buffer_str(&text), &cookie));
    *ret_cookie = cookie;
done:
    buffer_close(&text);
    return fault;
}
