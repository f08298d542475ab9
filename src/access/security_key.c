/* Security keys as they rest: found by the tag of their credential id, all else sealed. */
#include "access/keys_inside.h"

enum { FORMAT = 1 };

static struct seal_place place_of(const struct tag *tag)
{
    return (struct seal_place){
        .table = "security_key", .column = "sealed", .row = {tag->byte, sizeof tag->byte}, .version = 1};
}

struct tag credential_tag(struct access *access, struct bytes credential)
{
    return vault_tag(access->vault, "credential id", credential);
}

struct id key_id(const struct tag *tag)
{
    struct id id;
    memcpy(id.byte, tag->byte, sizeof id.byte);
    return id;
}

void key_handle(struct access *access, struct id account, uint8_t handle[WEBAUTHN_HANDLE_BYTES])
{
    vault_derive(access->vault, "security key's user", id_bytes(&account), handle, WEBAUTHN_HANDLE_BYTES);
}

enum fault key_seal(struct access *access, const struct security_key *key, struct arena *arena,
                    struct bytes *ret_sealed)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    struct seal_place place = place_of(&key->tag);
    enum fault fault;
    buffer_put_u8(&clear, FORMAT);
    buffer_put_u8(&clear, (uint8_t)key->key.algorithm);
    buffer_put_bytes(&clear, (struct bytes){key->key.at, sizeof key->key.at});
    buffer_put_bytes(&clear, (struct bytes){key->model, sizeof key->model});
    buffer_put_u64(&clear, (uint64_t)key->made.us);
    buffer_put_field(&clear, key->credential);
    buffer_put_field(&clear, bytes_of(key->rp_id));
    TRY(access_seal(access, &place, &clear, arena, ret_sealed));
done:
    buffer_close(&clear);
    return fault;
}

static bool take(struct bytes clear, struct security_key *key)
{
    struct reader reader = reader_of(clear);
    uint8_t format = reader_take_u8(&reader);
    key->key.algorithm = (enum webauthn_algorithm)reader_take_u8(&reader);
    struct bytes point = reader_take_bytes(&reader, sizeof key->key.at);
    struct bytes model = reader_take_bytes(&reader, sizeof key->model);
    key->made.us = (int64_t)reader_take_u64(&reader);
    key->credential = reader_take_field(&reader);
    key->rp_id = str_of_bytes(reader_take_field(&reader));
    if (!reader.ok || format != FORMAT ||
        (key->key.algorithm != WEBAUTHN_ES256 && key->key.algorithm != WEBAUTHN_EDDSA))
        return false;
    memcpy(key->key.at, point.at, point.len);
    memcpy(key->model, model.at, model.len);
    return true;
}

enum fault key_open(struct access *access, struct bytes sealed, struct arena *arena, struct security_key *key)
{
    struct seal_place place = place_of(&key->tag);
    struct bytes clear;
    enum fault fault;
    TRY(access_unseal(access, &place, sealed, arena, &clear));
    if (!take(clear, key))
        fault = fault_note(FAULT_CORRUPT, "a security key is not in a form that this program knows");
done:
    return fault;
}

enum fault key_insert(struct access *access, struct db_tx *tx, const struct security_key *key,
                      struct arena *arena)
{
    struct bytes sealed;
    int64_t changes; /* asked for, so that a duplicate is told here and not at the commit */
    enum fault fault;
    TRY(key_seal(access, key, arena, &sealed));
    const struct value in[] = {[BIND_security_key_insert_credential_tag] = value_tag(key->tag),
                               [BIND_security_key_insert_account_id] = value_id(key->account),
                               [BIND_security_key_insert_state] = value_int(KEY_ACTIVE),
                               [BIND_security_key_insert_counter] = value_int(key->counter),
                               [BIND_security_key_insert_sealed] = value_bytes(sealed)};
    TRY(access_count(access, db_run(tx, SQL_security_key_insert, in, &changes)));
done:
    return fault;
}

enum fault key_read(struct access *access, struct db_tx *tx, const struct tag *tag, struct arena *arena,
                    struct security_key *ret_key, bool *ret_found)
{
    struct security_key key = {.tag = *tag};
    const struct value in[] = {[BIND_security_key_get_credential_tag] = value_tag(*tag)};
    struct value out[GIVES_security_key_get];
    enum fault fault = access_count(access, db_one(tx, SQL_security_key_get, in, arena, out));
    bool found = fault == FAULT_NONE;
    if (fault != FAULT_ABSENT)
        TRY(fault);
    if (found) {
        key.state = (enum key_state)out[GIVE_security_key_get_state].number;
        key.counter = out[GIVE_security_key_get_counter].number;
        found = id_of_bytes(out[GIVE_security_key_get_account_id].bytes, &key.account);
    } else {
        key.tag = access->decoy.key_tag;
    }
    TRY(key_open(access, found ? out[GIVE_security_key_get_sealed].bytes : access->decoy.key, arena, &key));
    *ret_key = key;
    *ret_found = found;
done:
    return fault;
}

static enum fault take_row(struct access *access, const struct value *out, struct id account,
                           struct arena *arena, struct security_key *ret_key)
{
    struct security_key key = {.account = account};
    struct bytes tag = out[GIVE_security_key_of_account_credential_tag].bytes;
    if (tag.len != sizeof key.tag.byte)
        return fault_note(FAULT_CORRUPT, "a security key's tag has a wrong length");
    memcpy(key.tag.byte, tag.at, tag.len);
    key.state = (enum key_state)out[GIVE_security_key_of_account_state].number;
    key.counter = out[GIVE_security_key_of_account_counter].number;
    key.used = account_used_day(&out[GIVE_security_key_of_account_used_day]);
    enum fault fault = key_open(access, out[GIVE_security_key_of_account_sealed].bytes, arena, &key);
    if (fault == FAULT_NONE)
        *ret_key = key;
    return fault;
}

enum fault keys_of_account(struct access *access, struct db_tx *tx, struct id account, struct arena *arena,
                           struct security_key *ret_keys, size_t *ret_count)
{
    const struct value in[] = {[BIND_security_key_of_account_account_id] = value_id(account)};
    struct value out[GIVES_security_key_of_account];
    struct db_rows *rows = NULL;
    size_t count = 0;
    enum fault fault = FAULT_NONE;
    TRY(access_count(access, db_query(tx, SQL_security_key_of_account, in, &rows)));
    while (db_next(rows, out)) {
        /* Those that are no longer used make room for those that are. */
        bool retired = out[GIVE_security_key_of_account_state].number == KEY_RETIRED;
        if (count == KEYS_MAX || retired)
            continue;
        TRY(take_row(access, out, account, arena, &ret_keys[count]));
        count++;
    }
done:
    fault = db_rows_end(rows, fault);
    if (fault == FAULT_NONE)
        *ret_count = count;
    return fault;
}
