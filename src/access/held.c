#include "access/held.h"

#include <stdlib.h>

#include "access/enrolment.h"
#include "access/keys_inside.h"

static struct str standing_of(enum key_state state)
{
    switch (state) {
    case KEY_ACTIVE:
        return STR("In use");
    case KEY_FROZEN:
        return STR("Frozen: there may be a copy of it");
    case KEY_DISABLED:
    case KEY_TOLD:
        return STR("Disabled after too many failures");
    case KEY_RETIRED:
        break;
    }
    return STR("No longer in use");
}

/* The first that was registered first. */
static int older(const void *one, const void *other)
{
    const struct security_key *a = one, *b = other;
    return (a->made.us > b->made.us) - (a->made.us < b->made.us);
}

enum fault held_keys(struct access *access, struct db_tx *tx, struct id account, struct arena *arena,
                     struct held_key_view *ret_keys, size_t *ret_count)
{
    struct security_key keys[KEYS_MAX];
    size_t count = 0;
    enum fault fault;
    TRY(keys_of_account(access, tx, account, arena, keys, &count));
    qsort(keys, count, sizeof *keys, older);
    for (size_t i = 0; i < count; i++)
        ret_keys[i] = (struct held_key_view){.key = key_id(&keys[i].tag),
                                             .kind = HELD_KEY,
                                             .number = (int)i + 1,
                                             .made = keys[i].made,
                                             .used = keys[i].used,
                                             .standing = standing_of(keys[i].state),
                                             .in_use = keys[i].state == KEY_ACTIVE};
    *ret_count = count;
done:
    return fault;
}

/* What an account's app is called in a form. */
static struct id app_id(const struct access *access, struct id account)
{
    struct id id;
    vault_derive(access->vault, "authenticator app", id_bytes(&account), id.byte, sizeof id.byte);
    return id;
}

/* Those that their holder has set up are sealed under the instant when that was (enrolment_choose.c). */
static struct instant made_of(int64_t version)
{
    static const int64_t instants_from_us = INT64_C(1000000000000);
    return (struct instant){version > instants_from_us ? version : 0};
}

static struct day used_of(int64_t last_step)
{
    if (last_step <= 0)
        return (struct day){0};
    return day_of_instant((struct instant){last_step * TOTP_PERIOD_SECONDS * 1000000});
}

/* FAULT_ABSENT where there is none. */
static enum fault held_app(struct access *access, struct db_tx *tx, struct id account, struct arena *arena,
                           struct held_key_view *ret_app)
{
    const struct value in[] = {[BIND_authenticator_get_account_id] = value_id(account),
                               [BIND_authenticator_get_kind] = value_int(AUTHENTICATOR_TOKEN)};
    struct value out[GIVES_authenticator_get];
    enum fault fault;
    TRY(access_count(access, db_one(tx, SQL_authenticator_get, in, arena, out)));
    const int64_t state = out[GIVE_authenticator_get_state].number;
    if (state == AUTHENTICATOR_REVOKED)
        return FAULT_ABSENT;
    *ret_app =
        (struct held_key_view){.key = app_id(access, account),
                               .kind = HELD_APP,
                               .made = made_of(out[GIVE_authenticator_get_version].number),
                               .used = used_of(out[GIVE_authenticator_get_last_step].number),
                               .standing = standing_of(state == AUTHENTICATOR_ACTIVE ? KEY_ACTIVE : KEY_TOLD),
                               .in_use = state == AUTHENTICATOR_ACTIVE};
done:
    return fault;
}

enum fault access_held(struct access *access, struct db_tx *tx, struct account_id account,
                       struct arena *arena, struct held_view *ret_view)
{
    struct held_view view = {.count = 0};
    enum fault fault;
    TRY(held_keys(access, tx, account.id, arena, view.at, &view.count));
    fault = held_app(access, tx, account.id, arena, &view.at[view.count]);
    if (fault == FAULT_NONE)
        view.count++;
    else if (fault == FAULT_ABSENT)
        fault = FAULT_NONE;
    TRY(fault);
    for (size_t i = 0; i < view.count; i++)
        view.usable += view.at[i].in_use;
    *ret_view = view;
done:
    return fault;
}

static enum fault revoke_app(struct access *access, struct db_tx *tx, struct id account)
{
    const struct value in[] = {[BIND_authenticator_revoke_account_id] = value_id(account),
                               [BIND_authenticator_revoke_kind] = value_int(AUTHENTICATOR_TOKEN),
                               [BIND_authenticator_revoke_revoked] = value_int(AUTHENTICATOR_REVOKED)};
    int64_t changes = 0;
    enum fault fault = access_count(access, db_run(tx, SQL_authenticator_revoke, in, &changes));
    return fault == FAULT_NONE && changes != 1 ? FAULT_ABSENT : fault;
}

enum fault access_held_revoke(struct access *access, struct db_tx *tx, const struct account *account,
                              struct id held)
{
    const struct id id = account->account.id;
    enum fault fault;
    if (!id_equal(held, app_id(access, id)))
        return access_key_remove(access, tx, account, held);
    TRY(revoke_app(access, tx, id));
    TRY(access_sign_out_everywhere(access, tx, account));
done:
    return fault;
}

static enum fault find_frozen(struct access *access, struct db_tx *tx, enum held_kind kind,
                              struct db_rows **ret_rows)
{
    const struct value keys[] = {[BIND_security_key_frozen_disabled] = value_int(KEY_DISABLED),
                                 [BIND_security_key_frozen_most] = value_int(FROZEN_MAX)};
    const struct value apps[] = {[BIND_authenticator_frozen_disabled] = value_int(AUTHENTICATOR_DISABLED),
                                 [BIND_authenticator_frozen_most] = value_int(FROZEN_MAX)};
    return access_count(access, kind == HELD_KEY ? db_query(tx, SQL_security_key_frozen, keys, ret_rows)
                                                 : db_query(tx, SQL_authenticator_frozen, apps, ret_rows));
}

/* The two statements give the same column. */
_Static_assert((int)GIVE_security_key_frozen_account_id == (int)GIVE_authenticator_frozen_account_id &&
                   (int)GIVES_security_key_frozen == (int)GIVES_authenticator_frozen,
               "both are read alike");

enum fault access_frozen(struct access *access, struct db_tx *tx, enum held_kind kind,
                         struct account_id at[FROZEN_MAX], size_t *ret_count)
{
    struct value out[GIVES_security_key_frozen];
    struct db_rows *rows = NULL;
    size_t count = 0;
    enum fault fault;
    TRY(find_frozen(access, tx, kind, &rows));
    while (count < FROZEN_MAX && db_next(rows, out)) {
        if (!id_of_bytes(out[GIVE_security_key_frozen_account_id].bytes, &at[count].id))
            TRY(fault_note(FAULT_CORRUPT, "an account's id has a wrong length"));
        count++;
    }
done:
    fault = db_rows_end(rows, fault);
    if (fault == FAULT_NONE)
        *ret_count = count;
    return fault;
}

enum fault access_frozen_told(struct access *access, struct db_tx *tx, enum held_kind kind,
                              struct account_id account, bool *ret_first)
{
    const struct value keys[] = {[BIND_security_key_told_account_id] = value_id(account.id),
                                 [BIND_security_key_told_disabled] = value_int(KEY_DISABLED),
                                 [BIND_security_key_told_told] = value_int(KEY_TOLD)};
    const struct value apps[] = {[BIND_authenticator_told_account_id] = value_id(account.id),
                                 [BIND_authenticator_told_disabled] = value_int(AUTHENTICATOR_DISABLED),
                                 [BIND_authenticator_told_told] = value_int(AUTHENTICATOR_TOLD)};
    int64_t changes = 0;
    enum fault fault =
        access_count(access, kind == HELD_KEY ? db_run(tx, SQL_security_key_told, keys, &changes)
                                              : db_run(tx, SQL_authenticator_told, apps, &changes));
    if (fault == FAULT_NONE)
        *ret_first = changes > 0;
    return fault;
}
