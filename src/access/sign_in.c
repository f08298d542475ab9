/* The two checks of signing in that cost Argon2 work, outside any transaction (security.md §3,
 * "Enumeration"): whoever is asked for, present or not, the same statements run, the same number of
 * ciphertexts are opened and one password is hashed. */
#include "access/inside.h"

#include <sodium.h>

struct password_read {
    struct access *access;
    struct tag user_name;
    struct arena *arena;
    struct id account; /* zero where nobody has that name */
    struct organisation_id organisation;
    struct authenticator authenticator;
};

/* Whether somebody has the name.  As much is found and missed in either case: after a name that somebody has
 * one that nobody has is looked for, and after a name that nobody has, that of a row which is there. */
static enum fault find_account(struct password_read *read, struct db_tx *tx, struct id *ret_account)
{
    const struct tag *asked = &read->user_name, other = nobody_name(read->access, asked);
    struct tag none = other;
    struct value out[GIVES_account_by_name];
    const struct value first[] = {[BIND_account_by_name_name_tag] = value_tag(*asked)};
    enum fault fault = access_count(read->access, db_one(tx, SQL_account_by_name, first, read->arena, out));
    bool found = fault == FAULT_NONE && id_of_bytes(out[GIVE_account_by_name_account_id].bytes, ret_account);
    if (fault != FAULT_NONE && fault != FAULT_ABSENT)
        return fault;
    if (found)
        (void)id_of_bytes(out[GIVE_account_by_name_organisation_id].bytes, &read->organisation.id);
    none.byte[TAG_BYTES - 1] ^= 1;
    const struct value second[] = {[BIND_account_by_name_name_tag] = value_tag(*(found ? &none : &other))};
    fault = access_count(read->access, db_one(tx, SQL_account_by_name, second, read->arena, out));
    if (fault != FAULT_NONE && fault != FAULT_ABSENT)
        return fault;
    return found ? FAULT_NONE : FAULT_ABSENT;
}

static enum fault read_password(struct db_tx *tx, void *context)
{
    struct password_read *read = context;
    struct id account;
    enum fault fault = find_account(read, tx, &account);
    bool found = fault == FAULT_NONE;
    if (!found && fault != FAULT_ABSENT)
        return fault;
    if (!found)
        account = nobody_of(read->access, &read->user_name);
    fault = authenticator_read(read->access, tx, account, AUTHENTICATOR_PASSWORD, read->arena,
                               &read->authenticator);
    if (fault == FAULT_NONE)
        read->account = found ? account : (struct id){{0}};
    return fault;
}

enum fault access_password_check(struct access *access, struct str user_name, struct str password,
                                 struct password_verdict *ret_verdict)
{
    struct password_read read = {.access = access};
    struct argon_hash hash;
    struct str normal;
    bool right = false;
    enum fault fault;
    TRY(argon_admits(access->argon));
    TRY(arena_open(SCRATCH_BYTES, &read.arena));
    TRY(password_normal(password, read.arena, &normal));
    TRY(access_name_tag(access, user_name, &read.user_name));
    TRY(db_read(access->db, read_password, &read));
    struct reader reader = reader_of(read.authenticator.clear);
    if (!argon_take(&reader, &hash)) {
        fault = fault_note(FAULT_CORRUPT, "a password's hash is not in a form that this program knows");
        goto done;
    }
    TRY(argon_verify(access->argon, bytes_of(normal), &hash, &right));
    *ret_verdict = (struct password_verdict){.right = right && read.authenticator.found,
                                             .account.id = read.account,
                                             .organisation = read.organisation,
                                             .user_name = read.user_name};
done:
    arena_close(read.arena);
    return fault;
}

bool access_source_waits(struct access *access, struct str source)
{
    return throttle_waits(access->throttle, source, (struct organisation_id){{{0}}}, access_now(access));
}

void access_sign_in_failed(struct access *access, struct str source, struct organisation_id organisation)
{
    throttle_failed(access->throttle, source, organisation, access_now(access));
}

void access_password_offered(struct access *access, struct str source, struct password_verdict *verdict)
{
    verdict->held = throttle_waits(access->throttle, source, verdict->organisation, access_now(access));
    verdict->right = verdict->right && !verdict->held;
    if (!verdict->right)
        access_sign_in_failed(access, source, verdict->organisation);
}

struct code_read {
    struct access *access;
    struct str text;
    struct arena *arena;
    struct ticket ticket;
    struct authenticator authenticator;
};

static enum fault read_code(struct db_tx *tx, void *context)
{
    struct code_read *read = context;
    enum fault fault;
    TRY(ticket_read(read->access, tx, read->text, read->arena, &read->ticket));
    struct id account =
        id_is_zero(read->ticket.account) ? nobody_of(read->access, &read->ticket.tag) : read->ticket.account;
    TRY(authenticator_read(read->access, tx, account, AUTHENTICATOR_TOKEN, read->arena,
                           &read->authenticator));
done:
    return fault;
}

enum { PIN_BYTES_MAX = 64, CODE_BYTES_MAX = 64 };

enum fault access_code_check(struct access *access, struct str ticket, struct str pin, struct str code,
                             struct code_verdict *ret_verdict)
{
    struct code_read read = {.access = access, .text = ticket};
    struct token_secrets secrets = {0};
    bool pin_right = false, code_right = false;
    enum fault fault;
    if (pin.len > PIN_BYTES_MAX || code.len > CODE_BYTES_MAX)
        return fault_note(FAULT_TOO_LARGE, "the PIN or the code is too long");
    TRY(argon_admits(access->argon));
    TRY(arena_open(SCRATCH_BYTES, &read.arena));
    TRY(db_read(access->db, read_code, &read));
    if (!token_secrets_take(read.authenticator.clear, &secrets)) {
        fault = fault_note(FAULT_CORRUPT, "a token's secret is not in a form that this program knows");
        goto done;
    }
    TRY(argon_verify(access->argon, bytes_of(str_trim(pin)), &secrets.pin, &pin_right));
    /* Only the step of this moment, by the server's clock. */
    int64_t step = totp_step(access_now(access));
    TRY(totp_check_code((struct bytes){secrets.secret, sizeof secrets.secret}, step, str_trim(code),
                        &code_right));
    bool may = read.ticket.live && read.ticket.password_right && read.authenticator.found &&
               read.authenticator.state == AUTHENTICATOR_ACTIVE;
    *ret_verdict = (struct code_verdict){.right = pin_right && code_right && may,
                                         .account.id = read.ticket.account,
                                         .step = step,
                                         .password_right = read.ticket.live && read.ticket.password_right};
done:
    sodium_memzero(&secrets, sizeof secrets);
    arena_close(read.arena);
    return fault;
}

enum fault access_demonstration_code(struct access *access, struct db_tx *tx, struct str user_name,
                                     struct arena *arena, struct str *ret_code)
{
    struct account account;
    struct authenticator authenticator;
    struct token_secrets secrets = {0};
    struct buffer code = buffer_open(64);
    enum fault fault;
    TRY(access_account_find(access, tx, user_name, arena, &account));
    TRY(authenticator_read(access, tx, account.account.id, AUTHENTICATOR_TOKEN, arena, &authenticator));
    if (!authenticator.found || !token_secrets_take(authenticator.clear, &secrets)) {
        fault = fault_note(FAULT_CORRUPT, "this account has no token");
        goto done;
    }
    TRY(totp_put_code(&code, (struct bytes){secrets.secret, sizeof secrets.secret},
                      totp_step(access_now(access))));
    TRY(buffer_fault(&code));
    TRY(arena_copy(arena, buffer_str(&code), ret_code));
done:
    sodium_memzero(&secrets, sizeof secrets);
    buffer_close(&code);
    return fault;
}
