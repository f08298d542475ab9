#include "access/inside.h"

#include <sodium.h>

struct seal_place authenticator_place(struct authenticator_row *row, struct id account,
                                      enum authenticator_kind kind, uint64_t version)
{
    memcpy(row->byte, account.byte, sizeof account.byte);
    row->byte[sizeof account.byte] = (uint8_t)kind;
    return (struct seal_place){.table = "authenticator",
                               .column = "sealed",
                               .row = {row->byte, sizeof row->byte},
                               .version = version};
}

enum { TOKEN_FORMAT = 1 };

void token_secrets_put(struct buffer *buffer, const struct token_secrets *secrets)
{
    buffer_put_u8(buffer, TOKEN_FORMAT);
    buffer_put_bytes(buffer, (struct bytes){secrets->secret, sizeof secrets->secret});
    argon_put(buffer, &secrets->pin);
}

bool token_secrets_take(struct bytes clear, struct token_secrets *ret_secrets)
{
    struct reader reader = reader_of(clear);
    struct argon_hash pin;
    uint8_t format = reader_take_u8(&reader);
    struct bytes secret = reader_take_bytes(&reader, TOTP_SECRET_BYTES);
    if (!reader.ok || format != TOKEN_FORMAT || !argon_take(&reader, &pin))
        return false;
    memcpy(ret_secrets->secret, secret.at, secret.len);
    ret_secrets->pin = pin;
    return true;
}

enum fault authenticator_read(struct access *access, struct db_tx *tx, struct id account,
                              enum authenticator_kind kind, struct arena *arena,
                              struct authenticator *ret_authenticator)
{
    struct authenticator_row row;
    struct authenticator read = {0};
    const struct value in[] = {[BIND_authenticator_get_account_id] = value_id(account),
                               [BIND_authenticator_get_kind] = value_int(kind)};
    struct value out[GIVES_authenticator_get];
    enum fault fault = access_count(access, db_one(tx, SQL_authenticator_get, in, arena, out));
    /* Not what nobody's row has: a password's hash costs what it costs today. */
    if (fault == FAULT_ABSENT || (fault == FAULT_NONE && is_nobody(access, &account))) {
        struct seal_place place = authenticator_place(&row, access->decoy.row, kind, 1);
        struct bytes sealed = kind == AUTHENTICATOR_PASSWORD ? access->decoy.password : access->decoy.token;
        TRY(access_unseal(access, &place, sealed, arena, &read.clear));
    } else {
        TRY(fault);
        read.found = true;
        read.state = (enum authenticator_state)out[GIVE_authenticator_get_state].number;
        read.last_step = out[GIVE_authenticator_get_last_step].number;
        struct seal_place place =
            authenticator_place(&row, account, kind, (uint64_t)out[GIVE_authenticator_get_version].number);
        TRY(access_unseal(access, &place, out[GIVE_authenticator_get_sealed].bytes, arena, &read.clear));
    }
    *ret_authenticator = read;
done:
    return fault;
}

enum fault authenticator_seal_password(struct access *access, const struct authenticator_order *order,
                                       struct str password, struct arena *arena, struct bytes *ret_sealed)
{
    struct authenticator_row row;
    struct argon_hash hash;
    uint8_t salt[ARGON_SALT_BYTES];
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    enum fault fault;
    access->entropy.fill(access->entropy.context, salt, sizeof salt);
    TRY(argon_make(access->argon, bytes_of(password), salt, &hash));
    argon_put(&clear, &hash);
    struct seal_place place =
        authenticator_place(&row, order->account, AUTHENTICATOR_PASSWORD, order->version);
    TRY(access_seal(access, &place, &clear, arena, ret_sealed));
done:
    buffer_close(&clear);
    return fault;
}

enum fault authenticator_seal_token(struct access *access, const struct authenticator_order *order,
                                    const struct account_secrets *secrets, struct arena *arena,
                                    struct bytes *ret_sealed)
{
    struct authenticator_row row;
    struct token_secrets token;
    uint8_t salt[ARGON_SALT_BYTES];
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    enum fault fault;
    memcpy(token.secret, secrets->totp_secret, sizeof token.secret);
    access->entropy.fill(access->entropy.context, salt, sizeof salt);
    TRY(argon_make(access->argon, bytes_of(secrets->pin), salt, &token.pin));
    token_secrets_put(&clear, &token);
    struct seal_place place = authenticator_place(&row, order->account, AUTHENTICATOR_TOKEN, order->version);
    TRY(access_seal(access, &place, &clear, arena, ret_sealed));
done:
    sodium_memzero(&token, sizeof token);
    buffer_close(&clear);
    return fault;
}

enum fault authenticator_insert(struct access *access, struct db_tx *tx,
                                const struct authenticator_order *order, enum authenticator_kind kind,
                                struct bytes sealed)
{
    const struct value in[] = {[BIND_authenticator_insert_account_id] = value_id(order->account),
                               [BIND_authenticator_insert_kind] = value_int(kind),
                               [BIND_authenticator_insert_state] = value_int(AUTHENTICATOR_ACTIVE),
                               [BIND_authenticator_insert_version] = value_int((int64_t)order->version),
                               [BIND_authenticator_insert_sealed] = value_bytes(sealed)};
    return access_count(access, db_run(tx, SQL_authenticator_insert, in, NULL));
}
