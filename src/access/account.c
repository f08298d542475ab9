#include "access/inside.h"

enum { FORMAT = 1, ROLE_NAME_BYTES_MAX = 40 };

struct seal_place account_place(const struct id *account, uint64_t version)
{
    return (struct seal_place){
        .table = "account", .column = "sealed", .row = id_bytes(account), .version = version};
}

/* Roles rest by name: their numbers follow roles.def and may change with it. */
enum fault account_put(struct buffer *buffer, const struct account *account)
{
    buffer_put_u8(buffer, FORMAT);
    buffer_put_field(buffer, bytes_of(account->user_name));
    buffer_put_field(buffer, bytes_of(account->full_name));
    buffer_put_field(buffer, bytes_of(account->job));
    buffer_put_field(buffer, bytes_of(account->phone));
    buffer_put_field(buffer, bytes_of(account->email));
    buffer_put_field(buffer, bytes_of(account->unix_user));
    buffer_put_u8(buffer, account->role_count);
    for (size_t i = 0; i < account->role_count; i++)
        buffer_put_field(buffer, bytes_of(str_of(policy_role_name(account->roles[i]))));
    return buffer_fault(buffer);
}

enum fault account_take(struct bytes clear, struct account *account)
{
    struct reader reader = reader_of(clear);
    uint8_t format = reader_take_u8(&reader);
    account->user_name = str_of_bytes(reader_take_field(&reader));
    account->full_name = str_of_bytes(reader_take_field(&reader));
    account->job = str_of_bytes(reader_take_field(&reader));
    account->phone = str_of_bytes(reader_take_field(&reader));
    account->email = str_of_bytes(reader_take_field(&reader));
    account->unix_user = str_of_bytes(reader_take_field(&reader));
    uint8_t role_count = reader_take_u8(&reader);
    account->role_count = 0;
    for (size_t i = 0; i < role_count && reader.ok; i++) {
        enum role role = policy_role_of(str_of_bytes(reader_take_field(&reader)));
        /* A role that this program does not know gives no power. */
        if (role != ROLE_NONE && account->role_count < ACCOUNT_ROLES_MAX)
            account->roles[account->role_count++] = role;
    }
    if (!reader.ok || format != FORMAT)
        return fault_note(FAULT_CORRUPT, "an account is not in a form that this program knows");
    return FAULT_NONE;
}

bool account_holds(const struct account *account, enum role role)
{
    for (size_t i = 0; i < account->role_count; i++) {
        if (account->roles[i] == role)
            return true;
    }
    return false;
}

enum fault account_open(struct access *access, struct bytes sealed, struct arena *arena,
                        struct account *account)
{
    struct seal_place place = account_place(&account->account.id, account->version);
    struct bytes clear;
    enum fault fault;
    TRY(access_unseal(access, &place, sealed, arena, &clear));
    TRY(account_take(clear, account));
done:
    return fault;
}

enum fault account_read(struct access *access, struct db_tx *tx, struct id id, struct arena *arena,
                        struct account_found *ret_found)
{
    struct account_found read = {.account.account.id = id};
    struct bytes clear;
    const struct value in[] = {[BIND_account_get_account_id] = value_id(id)};
    struct value out[GIVES_account_get];
    enum fault fault = access_count(access, db_one(tx, SQL_account_get, in, arena, out));
    if (fault == FAULT_ABSENT) {
        struct seal_place place = account_place(&access->decoy.row, 1);
        TRY(access_unseal(access, &place, access->decoy.account, arena, &clear));
        TRY(account_take(clear, &read.account));
    } else {
        TRY(fault);
        read.found = true;
        read.failures = out[GIVE_account_get_failures].number;
        read.account.state = (enum account_state)out[GIVE_account_get_state].number;
        read.account.version = (uint64_t)out[GIVE_account_get_version].number;
        (void)id_of_bytes(out[GIVE_account_get_organisation_id].bytes, &read.account.organisation.id);
        TRY(account_open(access, out[GIVE_account_get_sealed].bytes, arena, &read.account));
    }
    *ret_found = read;
done:
    return fault;
}

enum fault access_name_tag(struct access *access, struct str user_name, struct tag *ret_tag)
{
    char lower[USER_NAME_CHARACTERS_MAX * 4];
    struct str name = str_trim(user_name);
    if (name.len > sizeof lower)
        return fault_note(FAULT_TOO_LARGE, "the user name is too long");
    for (size_t i = 0; i < name.len; i++)
        lower[i] = name.at[i] >= 'A' && name.at[i] <= 'Z' ? (char)(name.at[i] - 'A' + 'a') : name.at[i];
    *ret_tag = vault_tag(access->vault, "user name", bytes_of((struct str){lower, name.len}));
    return FAULT_NONE;
}

enum fault access_account_find(struct access *access, struct db_tx *tx, struct str user_name,
                               struct arena *arena, struct account *ret_account)
{
    struct tag tag;
    struct account account = {0};
    enum fault fault;
    TRY(access_name_tag(access, user_name, &tag));
    const struct value in[] = {[BIND_account_by_name_name_tag] =
                                   value_bytes((struct bytes){tag.byte, sizeof tag.byte})};
    struct value out[GIVES_account_by_name];
    TRY(access_count(access, db_one(tx, SQL_account_by_name, in, arena, out)));
    if (!id_of_bytes(out[GIVE_account_by_name_account_id].bytes, &account.account.id)) {
        fault = fault_note(FAULT_CORRUPT, "an account's id has a wrong length");
        goto done;
    }
    account.state = (enum account_state)out[GIVE_account_by_name_state].number;
    account.version = (uint64_t)out[GIVE_account_by_name_version].number;
    (void)id_of_bytes(out[GIVE_account_by_name_organisation_id].bytes, &account.organisation.id);
    TRY(account_open(access, out[GIVE_account_by_name_sealed].bytes, arena, &account));
    *ret_account = account;
done:
    return fault;
}

static enum fault open_row(struct access *access, const struct value *out, struct arena *arena,
                           struct account *ret_account)
{
    struct account account = {0};
    enum fault fault;
    if (!id_of_bytes(out[GIVE_account_without_organisation_account_id].bytes, &account.account.id))
        return fault_note(FAULT_CORRUPT, "an account's id has a wrong length");
    account.state = (enum account_state)out[GIVE_account_without_organisation_state].number;
    account.version = (uint64_t)out[GIVE_account_without_organisation_version].number;
    TRY(account_open(access, out[GIVE_account_without_organisation_sealed].bytes, arena, &account));
    *ret_account = account;
done:
    return fault;
}

enum fault account_of_machine(struct access *access, struct db_tx *tx, enum role role, struct str unix_user,
                              struct arena *arena, struct account *ret_account)
{
    struct db_rows *rows = NULL;
    struct value out[GIVES_account_without_organisation];
    struct account account = {0};
    bool found = false;
    enum fault fault = FAULT_NONE;
    TRY(access_count(access, db_query(tx, SQL_account_without_organisation, NULL, &rows)));
    while (!found && db_next(rows, out)) {
        TRY(open_row(access, out, arena, &account));
        found =
            account_holds(&account, role) && (unix_user.len == 0 || str_equal(unix_user, account.unix_user));
    }
done:
    fault = db_rows_end(rows, fault);
    if (fault == FAULT_NONE && !found)
        fault = FAULT_ABSENT;
    if (fault == FAULT_NONE)
        *ret_account = account;
    return fault;
}

static enum fault end_sessions(struct access *access, struct db_tx *tx, const struct account *account)
{
    const struct value in[] = {[BIND_session_end_all_account_id] = value_id(account->account.id),
                               [BIND_session_end_all_ended_us] = value_int(access_now(access).us)};
    return access_count(access, db_run(tx, SQL_session_end_all, in, NULL));
}

/* R3.3 */
enum fault access_account_suspend(struct access *access, struct db_tx *tx, const struct account *account)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    struct arena *arena = NULL;
    struct bytes sealed;
    int64_t changes = 0;
    enum fault fault;
    if (account->state == ACCOUNT_CLOSED) {
        fault = fault_note(FAULT_CONFLICT, "this account is closed already");
        goto done;
    }
    TRY(end_sessions(access, tx, account));
    if (account->state == ACCOUNT_SUSPENDED)
        goto done;
    TRY(arena_open(SCRATCH_BYTES, &arena));
    TRY(account_put(&clear, account));
    struct seal_place place = account_place(&account->account.id, account->version + 1);
    TRY(access_seal(access, &place, &clear, arena, &sealed));
    const struct value in[] = {[BIND_account_state_set_account_id] = value_id(account->account.id),
                               [BIND_account_state_set_version] = value_int((int64_t)account->version),
                               [BIND_account_state_set_state] = value_int(ACCOUNT_SUSPENDED),
                               [BIND_account_state_set_new_version] =
                                   value_int((int64_t)account->version + 1),
                               [BIND_account_state_set_sealed] = value_bytes(sealed)};
    TRY(access_count(access, db_run(tx, SQL_account_state_set, in, &changes)));
    if (changes != 1)
        fault = fault_note(FAULT_CONFLICT, "this account was changed at the same moment: look at it again");
done:
    arena_close(arena);
    buffer_close(&clear);
    return fault;
}

enum fault access_operator(struct access *access, struct db_tx *tx, struct str unix_user, struct arena *arena,
                           struct caller *ret_caller)
{
    struct caller caller = {.strength = STRENGTH_PUBLIC};
    enum fault fault = FAULT_ABSENT;
    if (unix_user.len > 0)
        fault = account_of_machine(access, tx, ROLE_operator, unix_user, arena, &caller.account);
    if (fault == FAULT_NONE) {
        caller.signed_in = true;
        caller.strength = STRENGTH_LOCAL;
        caller.role = ROLE_operator;
        caller.role_held = true;
        caller.account_active = caller.account.state == ACCOUNT_ACTIVE;
        caller.organisation_active = true;
        caller.started = access_now(access);
        caller.seen = caller.started;
    } else if (fault != FAULT_ABSENT) {
        return fault;
    }
    *ret_caller = caller;
    return FAULT_NONE;
}
