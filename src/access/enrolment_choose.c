/* What the holder of an approved request chooses: password, PIN, token, security keys. */
#include <sodium.h>

#include "access/enrolment_inside.h"

struct enrolment_prepared {
    struct tag tag; /* of the request */
    struct authenticator_order order;
    struct bytes sealed_password;
    struct bytes sealed_token;
    int64_t step; /* of the code that proved the token */
};

struct reading {
    struct access *access;
    struct str ticket;
    struct arena *arena;
    struct enrolment enrolment;
    struct account_found found;
};

static enum fault read_request(struct db_tx *tx, void *context)
{
    struct reading *reading = context;
    enum fault fault;
    const struct enrolment_at at = {.ticket = reading->ticket};
    TRY(enrolment_read(reading->access, tx, &at, reading->arena, &reading->enrolment));
    TRY(account_read(reading->access, tx, reading->enrolment.account, reading->arena, &reading->found));
done:
    return fault;
}

/* Each with the field that it is about. */
static enum fault check_choice(struct access *access, const struct enrolment_choice *choice,
                               struct str user_name, struct arena *arena, struct account_secrets *secrets,
                               const char **ret_field)
{
    bool right = false;
    enum fault fault;
    *ret_field = "password";
    TRY(password_normal(choice->password, arena, &secrets->password));
    TRY(password_allowed(access->blocklist, secrets->password, user_name, arena));
    *ret_field = "again";
    if (!str_equal(choice->password, choice->again)) {
        fault = fault_note(FAULT_INVALID, "the two passwords differ: type the same one twice");
        goto done;
    }
    *ret_field = "pin";
    TRY(pin_allowed(str_trim(choice->pin)));
    secrets->pin = str_trim(choice->pin);
    *ret_field = "code";
    TRY(totp_check_code((struct bytes){secrets->totp_secret, sizeof secrets->totp_secret},
                        totp_step(access_now(access)), str_trim(choice->code), &right));
    if (!right)
        fault =
            fault_note(FAULT_INVALID,
                       "this is not the code that your token shows now: wait for the next and enter that");
done:
    return fault;
}

enum fault access_enrolment_prepare(struct access *access, struct str ticket,
                                    const struct enrolment_choice *choice, struct arena *arena,
                                    struct enrolment_prepared **ret_prepared, const char **ret_field)
{
    struct reading reading = {.access = access, .ticket = ticket, .arena = arena};
    struct account_secrets secrets = {0};
    struct enrolment_prepared *prepared = arena_take(arena, sizeof *prepared);
    enum fault fault;
    *ret_field = NULL;
    if (prepared == NULL)
        return FAULT_MEMORY;
    TRY(db_read(access->db, read_request, &reading));
    if (reading.enrolment.state != ENROLMENT_APPROVED || !reading.found.found ||
        reading.found.account.state == ACCOUNT_CLOSED) {
        fault = FAULT_SIGN_IN;
        goto done;
    }
    enrolment_secret(access, &reading.enrolment.id, secrets.totp_secret);
    TRY(check_choice(access, choice, reading.found.account.user_name, arena, &secrets, ret_field));
    /* No account had a version like this before: they count from 1. */
    prepared->order = (struct authenticator_order){.account = reading.enrolment.account,
                                                   .version = (uint64_t)access_now(access).us};
    prepared->tag = reading.enrolment.tag;
    prepared->step = totp_step(access_now(access));
    TRY(authenticator_seal_password(access, &prepared->order, secrets.password, arena,
                                    &prepared->sealed_password));
    TRY(authenticator_seal_token(access, &prepared->order, &secrets, arena, &prepared->sealed_token));
    *ret_prepared = prepared;
done:
    sodium_memzero(&secrets, sizeof secrets);
    return fault;
}

/* What the account had before is worth nothing from here on. */
static enum fault take_away(struct access *access, struct db_tx *tx, struct id account)
{
    const struct value forget[] = {[BIND_authenticator_forget_account_id] = value_id(account)};
    const struct value retire[] = {[BIND_security_key_retire_account_id] = value_id(account),
                                   [BIND_security_key_retire_retired] = value_int(KEY_RETIRED)};
    const struct value clear[] = {[BIND_account_failures_clear_account_id] = value_id(account)};
    const struct value end[] = {[BIND_session_end_all_account_id] = value_id(account),
                                [BIND_session_end_all_ended_us] = value_int(access_now(access).us)};
    const struct value withdraw[] = {[BIND_enrolment_withdraw_account_id] = value_id(account),
                                     [BIND_enrolment_withdraw_done] = value_int(ENROLMENT_DONE),
                                     [BIND_enrolment_withdraw_key_done] = value_int(ENROLMENT_KEY_DONE)};
    enum fault fault;
    TRY(access_count(access, db_run(tx, SQL_authenticator_forget, forget, NULL)));
    TRY(access_count(access, db_run(tx, SQL_security_key_retire, retire, NULL)));
    TRY(access_count(access, db_run(tx, SQL_account_failures_clear, clear, NULL)));
    TRY(access_count(access, db_run(tx, SQL_session_end_all, end, NULL)));
    TRY(access_count(access, db_run(tx, SQL_enrolment_withdraw, withdraw, NULL)));
done:
    return fault;
}

static enum fault bind_secrets(struct access *access, struct db_tx *tx,
                               const struct enrolment_prepared *prepared)
{
    const struct value step[] = {[BIND_authenticator_step_account_id] = value_id(prepared->order.account),
                                 [BIND_authenticator_step_kind] = value_int(AUTHENTICATOR_TOKEN),
                                 [BIND_authenticator_step_active] = value_int(AUTHENTICATOR_ACTIVE),
                                 [BIND_authenticator_step_step] = value_int(prepared->step)};
    enum fault fault;
    TRY(authenticator_insert(access, tx, &prepared->order, AUTHENTICATOR_PASSWORD,
                             prepared->sealed_password));
    TRY(authenticator_insert(access, tx, &prepared->order, AUTHENTICATOR_TOKEN, prepared->sealed_token));
    TRY(access_count(access, db_run(tx, SQL_authenticator_step, step, NULL))); /* no code works twice */
done:
    return fault;
}

enum fault access_enrolment_choose(struct access *access, struct db_tx *tx, struct str ticket,
                                   const struct enrolment_prepared *prepared, struct arena *arena)
{
    const struct enrolment_at at = {.ticket = ticket};
    struct enrolment enrolment;
    int64_t changes = 0;
    enum fault fault;
    TRY(enrolment_read(access, tx, &at, arena, &enrolment));
    const struct value in[] = {[BIND_enrolment_done_tag] = value_tag(prepared->tag),
                               [BIND_enrolment_done_approved] = value_int(ENROLMENT_APPROVED),
                               [BIND_enrolment_done_done] = value_int(ENROLMENT_DONE),
                               [BIND_enrolment_done_done_us] = value_int(access_now(access).us)};
    TRY(access_count(access, db_run(tx, SQL_enrolment_done, in, &changes)));
    if (changes != 1) {
        fault = FAULT_SIGN_IN;
        goto done;
    }
    TRY(take_away(access, tx, prepared->order.account));
    TRY(bind_secrets(access, tx, prepared));
done:
    return fault;
}
