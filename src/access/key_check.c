/* A security key's assertion: all that can be checked before the transaction, then its use inside. */
#include "access/keys_inside.h"

struct webauthn_site key_site(const struct access *access, struct str origin)
{
    return (struct webauthn_site){.origin = origin,
                                  .roots = access->makers,
                                  .unattested = access->unattested,
                                  .now = access_now(access)};
}

struct reading {
    struct access *access;
    struct str ticket_text;      /* signing in */
    const struct caller *caller; /* stepping up, or NULL */
    struct bytes credential;
    struct arena *arena;
    struct ticket ticket;
    struct security_key key;
    bool found;
};

static enum fault read_key(struct db_tx *tx, void *context)
{
    struct reading *reading = context;
    struct tag tag = credential_tag(reading->access, reading->credential);
    enum fault fault = FAULT_NONE;
    if (reading->caller == NULL)
        TRY(ticket_read(reading->access, tx, reading->ticket_text, reading->arena, &reading->ticket));
    TRY(key_read(reading->access, tx, &tag, reading->arena, &reading->key, &reading->found));
done:
    return fault;
}

static enum fault take_answer(const struct key_answer *answer, struct arena *arena,
                              struct bytes *ret_credential, struct webauthn_assertion *ret_assertion)
{
    struct webauthn_assertion *assertion = ret_assertion;
    enum fault fault;
    TRY(base64_bytes(answer->credential, CREDENTIAL_ID_BYTES_MAX, arena, ret_credential));
    TRY(base64_bytes(answer->client_data, CLIENT_DATA_BYTES_MAX, arena, &assertion->client_data));
    TRY(base64_bytes(answer->authenticator_data, AUTHENTICATOR_DATA_BYTES_MAX, arena,
                     &assertion->authenticator_data));
    TRY(base64_bytes(answer->signature, SIGNATURE_BYTES_MAX, arena, &assertion->signature));
    TRY(base64_bytes(answer->user_handle, WEBAUTHN_HANDLE_BYTES, arena, &assertion->user_handle));
    /* One that was sent and cannot be read is not none. */
    if (answer->user_handle.len > 0 && assertion->user_handle.len == 0)
        assertion->user_handle.len = 1;
done:
    return fault;
}

/* The key is in use, this person's, and registered for this site. */
static bool is_theirs(const struct reading *reading, struct id account, struct str origin)
{
    return reading->found && reading->key.state == KEY_ACTIVE && id_equal(reading->key.account, account) &&
           str_equal(reading->key.rp_id, webauthn_rp_id(origin));
}

static enum fault check(struct reading *reading, struct str origin, const struct key_answer *answer,
                        struct key_verdict *ret_verdict)
{
    struct access *access = reading->access;
    struct key_verdict verdict = {.right = false};
    struct webauthn_assertion assertion = {0};
    uint8_t handle[WEBAUTHN_HANDLE_BYTES];
    enum fault fault;
    TRY(arena_open(SCRATCH_BYTES, &reading->arena));
    TRY(take_answer(answer, reading->arena, &reading->credential, &assertion));
    TRY(db_read(access->db, read_key, reading));
    const struct caller *caller = reading->caller;
    struct id account = caller != NULL ? caller->account.account.id : reading->ticket.account;
    struct webauthn_site site = key_site(access, origin);
    key_handle(access, account, handle);
    verdict.flaw = webauthn_assertion_check(&site, &assertion, &reading->key.key, handle, &verdict.proof);
    if (verdict.flaw == FLAW_MEMORY) {
        fault = FAULT_MEMORY;
        goto done;
    }
    verdict.password_right = caller != NULL || (reading->ticket.live && reading->ticket.password_right);
    verdict.right =
        verdict.flaw == FLAW_NONE && verdict.password_right && is_theirs(reading, account, origin);
    verdict.account.id = account;
    verdict.credential = reading->key.tag;
    verdict.owner.purpose = caller != NULL ? CHALLENGE_STEP_UP : CHALLENGE_SIGN_IN;
    verdict.owner.tag = caller != NULL ? caller->cookie : reading->ticket.tag;
    *ret_verdict = verdict;
done:
    arena_close(reading->arena);
    return fault;
}

enum fault access_key_check(struct access *access, struct str ticket, struct str origin,
                            const struct key_answer *answer, struct key_verdict *ret_verdict)
{
    struct reading reading = {.access = access, .ticket_text = ticket};
    return check(&reading, origin, answer, ret_verdict);
}

enum fault access_step_up_check(struct access *access, const struct caller *caller, struct str origin,
                                const struct key_answer *answer, struct key_verdict *ret_verdict)
{
    struct reading reading = {.access = access, .caller = caller};
    return check(&reading, origin, answer, ret_verdict);
}

/* §7.2 step 25, written last: the counter rises, or the key never counts; else there are two of it. */
static enum fault accept_counter(struct access *access, struct db_tx *tx, const struct key_verdict *verdict,
                                 bool *ret_accepted, bool *ret_frozen)
{
    const struct value used[] = {[BIND_security_key_used_credential_tag] = value_tag(verdict->credential),
                                 [BIND_security_key_used_account_id] = value_id(verdict->account.id),
                                 [BIND_security_key_used_active] = value_int(KEY_ACTIVE),
                                 [BIND_security_key_used_counter] = value_int(verdict->proof.counter),
                                 [BIND_security_key_used_used_day] =
                                     value_int(day_number(day_of_instant(access_now(access))))};
    const struct value freeze[] = {[BIND_security_key_freeze_credential_tag] = value_tag(verdict->credential),
                                   [BIND_security_key_freeze_account_id] = value_id(verdict->account.id),
                                   [BIND_security_key_freeze_active] = value_int(KEY_ACTIVE),
                                   [BIND_security_key_freeze_frozen] = value_int(KEY_FROZEN),
                                   [BIND_security_key_freeze_counter] = value_int(verdict->proof.counter)};
    int64_t accepted = 0, frozen = 0;
    enum fault fault;
    TRY(access_count(access, db_run(tx, SQL_security_key_used, used, &accepted)));
    if (accepted != 1)
        TRY(access_count(access, db_run(tx, SQL_security_key_freeze, freeze, &frozen)));
    *ret_accepted = accepted == 1;
    *ret_frozen = frozen == 1;
done:
    return fault;
}

static enum fault count_against(struct access *access, struct db_tx *tx, struct id account,
                                int64_t *ret_changes)
{
    const struct value in[] = {[BIND_security_key_failed_account_id] = value_id(account),
                               [BIND_security_key_failed_active] = value_int(KEY_ACTIVE),
                               [BIND_security_key_failed_failures_max] = value_int(KEY_FAILURES_MAX),
                               [BIND_security_key_failed_disabled] = value_int(KEY_DISABLED),
                               [BIND_security_key_failed_retired] = value_int(KEY_RETIRED)};
    return access_count(access, db_run(tx, SQL_security_key_failed, in, ret_changes));
}

/* Counts against the keys of the account whose password was right, else, and where it has none, against
 * nobody's: a guesser of passwords would be told by the rows that are written for the right one alone.  Each
 * failure misses once and writes once, a row for each key: nobody has one, most people one or two, side by
 * side. */
static enum fault count_failure(struct access *access, struct db_tx *tx, const struct key_verdict *verdict)
{
    const struct id none = decoy_account(access, &verdict->owner.tag);
    const bool somebodys = verdict->password_right && !id_is_zero(verdict->account.id);
    int64_t changes = 0, others = 0;
    enum fault fault;
    TRY(count_against(access, tx, somebodys ? verdict->account.id : none, &changes));
    TRY(count_against(access, tx, changes > 0 ? none : nobody_of(access, &verdict->owner.tag), &others));
    fault = FAULT_SIGN_IN;
done:
    return fault;
}

/* Burns the challenge, whatever else is right; then the counter.  FAULT_SIGN_IN as the header says. */
static enum fault use(struct access *access, struct db_tx *tx, const struct key_verdict *verdict, bool may,
                      struct arena *arena, bool *ret_frozen)
{
    bool valid = false, accepted = false;
    enum fault fault;
    *ret_frozen = false; /* a job may be run again */
    TRY(challenge_use(access, tx, &verdict->owner, verdict->proof.challenge, arena, &valid));
    if (valid && may && verdict->right)
        TRY(accept_counter(access, tx, verdict, &accepted, ret_frozen));
    if (!accepted)
        fault = count_failure(access, tx, verdict);
done:
    return fault;
}

enum fault access_key_session_start(struct access *access, struct db_tx *tx,
                                    const struct key_verdict *verdict, struct str ticket, enum role role,
                                    struct arena *arena, struct key_use *ret_use)
{
    struct ticket read;
    struct session_order order = {.ticket = &read, .role = role, .strength = STRENGTH_KEY};
    bool may = false;
    enum fault fault;
    *ret_use = (struct key_use){.frozen = false};
    TRY(ticket_read(access, tx, ticket, arena, &read));
    TRY(session_may_begin(access, tx, &read, role, &may));
    may = may && read.live && read.password_right && id_equal(read.account, verdict->account.id);
    TRY(use(access, tx, verdict, may, arena, &ret_use->frozen));
    TRY(session_begin(access, tx, &order, arena, &ret_use->cookie));
done:
    return fault;
}

enum fault access_step_up(struct access *access, struct db_tx *tx, const struct key_verdict *verdict,
                          const struct caller *caller, struct arena *arena, struct key_use *ret_use)
{
    enum fault fault;
    *ret_use = (struct key_use){.frozen = false};
    /* R4.1: the colleague has shown no key, and two are as strong as the weaker. */
    if (caller->mediated)
        return fault_note(FAULT_REFUSED, "end looking for your colleague first");
    TRY(use(access, tx, verdict, true, arena, &ret_use->frozen));
    TRY(session_strengthen(access, tx, caller, arena, &ret_use->cookie));
done:
    return fault;
}
