/* Making an account: secrets drawn and hashed first, outside any transaction, then three rows inside one. */
#include "access/inside.h"

#include <sodium.h>

struct account_prepared {
    struct account account;
    struct tag name;
    struct bytes sealed_account;
    struct bytes sealed_password;
    struct bytes sealed_token;
};

enum { DRAWN_PASSWORD_CHARACTERS = 20 };

/* About 100 bits, in four groups that can be read aloud. */
static enum fault draw_password(struct access *access, struct arena *arena, struct str *ret_password)
{
    enum { GROUP = 5, LEN = DRAWN_PASSWORD_CHARACTERS + DRAWN_PASSWORD_CHARACTERS / GROUP - 1 };
    struct str drawn;
    enum fault fault;
    TRY(access_draw(access, DRAWN_PASSWORD_CHARACTERS, arena, &drawn));
    char *text = arena_take(arena, LEN + 1);
    if (text == NULL)
        return FAULT_MEMORY;
    size_t len = 0;
    for (size_t i = 0; i < drawn.len; i++) {
        if (i > 0 && i % GROUP == 0)
            text[len++] = '-';
        text[len++] = drawn.at[i];
    }
    *ret_password = (struct str){text, len};
done:
    return fault;
}

static enum fault draw_pin(struct access *access, struct arena *arena, struct str *ret_pin)
{
    char *pin = arena_take(arena, PIN_DIGITS_MIN + 1);
    if (pin == NULL)
        return FAULT_MEMORY;
    /* Bytes from 250 on would favour some digits. */
    do {
        for (size_t i = 0; i < PIN_DIGITS_MIN;) {
            uint8_t random;
            access->entropy.fill(access->entropy.context, &random, 1);
            if (random < 250)
                pin[i++] = (char)('0' + random % 10);
        }
    } while (pin_allowed((struct str){pin, PIN_DIGITS_MIN}) != FAULT_NONE);
    fault_clear_note();
    *ret_pin = (struct str){pin, PIN_DIGITS_MIN};
    return FAULT_NONE;
}

static enum fault choose_secrets(struct access *access, const struct account_order *order,
                                 struct arena *arena, struct account_secrets *secrets)
{
    enum fault fault;
    if (order->password.len > 0) {
        TRY(password_normal(order->password, arena, &secrets->password));
        TRY(password_allowed(access->blocklist, secrets->password, order->user_name, arena));
    } else {
        TRY(draw_password(access, arena, &secrets->password));
    }
    if (order->pin.len > 0) {
        TRY(pin_allowed(order->pin));
        TRY(arena_copy(arena, order->pin, &secrets->pin));
    } else {
        TRY(draw_pin(access, arena, &secrets->pin));
    }
    access->entropy.fill(access->entropy.context, secrets->totp_secret, sizeof secrets->totp_secret);
done:
    return fault;
}

static enum fault seal_account(struct access *access, struct arena *arena, struct account_prepared *prepared)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    enum fault fault;
    TRY(account_put(&clear, &prepared->account));
    struct seal_place place = account_place(&prepared->account.account.id, prepared->account.version);
    TRY(access_seal(access, &place, &clear, arena, &prepared->sealed_account));
done:
    buffer_close(&clear);
    return fault;
}

enum fault access_account_prepare(struct access *access, const struct account_order *order,
                                  struct arena *arena, struct account_prepared **ret_prepared,
                                  struct account_secrets *ret_secrets)
{
    struct account_secrets secrets = {0};
    enum fault fault;
    struct account_prepared *prepared = arena_take(arena, sizeof *prepared);
    if (prepared == NULL)
        return FAULT_MEMORY;
    TRY(order_check(order));
    TRY(choose_secrets(access, order, arena, &secrets));
    TRY(account_of_order(access, order, arena, &prepared->account));
    secrets.account = prepared->account.account;
    TRY(access_name_tag(access, order->user_name, &prepared->name));
    TRY(seal_account(access, arena, prepared));
    const struct authenticator_order made = {.account = prepared->account.account.id, .version = 1};
    TRY(authenticator_seal_password(access, &made, secrets.password, arena, &prepared->sealed_password));
    TRY(authenticator_seal_token(access, &made, &secrets, arena, &prepared->sealed_token));
    *ret_prepared = prepared;
    *ret_secrets = secrets;
done:
    sodium_memzero(&secrets, sizeof secrets);
    return fault;
}

static enum fault insert_account(struct access *access, struct db_tx *tx,
                                 const struct account_prepared *prepared)
{
    const struct account *account = &prepared->account;
    struct value organisation =
        id_is_zero(account->organisation.id) ? value_null() : value_id(account->organisation.id);
    const struct value in[] = {[BIND_account_insert_account_id] = value_id(account->account.id),
                               [BIND_account_insert_name_tag] = value_bytes(
                                   (struct bytes){prepared->name.byte, sizeof prepared->name.byte}),
                               [BIND_account_insert_organisation_id] = organisation,
                               [BIND_account_insert_state] = value_int(account->state),
                               [BIND_account_insert_version] = value_int((int64_t)account->version),
                               [BIND_account_insert_sealed] = value_bytes(prepared->sealed_account)};
    int64_t changes; /* asked for, so that a duplicate is told here and not at the commit */
    enum fault fault = access_count(access, db_run(tx, SQL_account_insert, in, &changes));
    if (fault == FAULT_DUPLICATE)
        return fault_note(FAULT_DUPLICATE, "this user name was used before: choose another");
    return fault;
}

/* The organisation exists; a login of the machine belongs to one operator. */
static enum fault check_world(struct access *access, struct db_tx *tx, const struct account *account)
{
    struct arena *arena = NULL;
    struct organisation organisation;
    struct account other;
    enum fault fault;
    TRY(arena_open(SCRATCH_BYTES, &arena));
    if (!id_is_zero(account->organisation.id)) {
        fault = access_organisation_get(access, tx, account->organisation, arena, &organisation);
        if (fault == FAULT_ABSENT)
            fault = fault_note(FAULT_INVALID, "there is no such organisation: make it first");
        TRY(fault);
    }
    if (account->unix_user.len > 0) {
        fault = account_of_machine(access, tx, ROLE_operator, account->unix_user, arena, &other);
        if (fault == FAULT_NONE)
            fault =
                fault_note(FAULT_DUPLICATE, "this login of the machine belongs to another operator already");
        else if (fault == FAULT_ABSENT)
            fault = FAULT_NONE;
        TRY(fault);
    }
done:
    arena_close(arena);
    return fault;
}

enum fault access_account_insert(struct access *access, struct db_tx *tx,
                                 const struct account_prepared *prepared)
{
    const struct authenticator_order made = {.account = prepared->account.account.id, .version = 1};
    enum fault fault;
    TRY(check_world(access, tx, &prepared->account));
    TRY(insert_account(access, tx, prepared));
    TRY(authenticator_insert(access, tx, &made, AUTHENTICATOR_PASSWORD, prepared->sealed_password));
    TRY(authenticator_insert(access, tx, &made, AUTHENTICATOR_TOKEN, prepared->sealed_token));
done:
    return fault;
}
