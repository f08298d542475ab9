#include "access/inside.h"

/* Accounts of format 1 had neither checks nor days. */
enum { FORMAT = 2, FORMAT_WITHOUT_CHECKS = 1 };

struct seal_place account_place(const struct id *account, uint64_t version)
{
    return (struct seal_place){
        .table = "account", .column = "sealed", .row = id_bytes(account), .version = version};
}

static void put_day(struct buffer *buffer, struct day day)
{
    buffer_put_u32(buffer, day.precision == DAY_EXACT ? (uint32_t)day_number(day) : 0);
}

/* 0, the first day of 1970, stands for none: nobody was checked then. */
static struct day take_day(struct reader *reader)
{
    uint32_t number = reader_take_u32(reader);
    const struct day last = {2199, 12, 31, DAY_EXACT};
    return number == 0 || number > (uint32_t)day_number(last) ? (struct day){0}
                                                              : day_of_number((int32_t)number);
}

static void put_checks(struct buffer *buffer, const struct account *account)
{
    buffer_put_u8(buffer, CHECKS_END - 1);
    for (int check = 1; check < CHECKS_END; check++) {
        buffer_put_field(buffer, bytes_of(str_of(check_name((enum account_check)check))));
        put_day(buffer, account->checks[check]);
    }
    put_day(buffer, account->admitted);
    buffer_put_field(buffer, bytes_of(account->why));
}

/* A check that this program does not know is left out. */
static void take_checks(struct reader *reader, struct account *account)
{
    uint8_t count = reader_take_u8(reader);
    for (size_t i = 0; i < count && reader->ok; i++) {
        enum account_check check = check_of(str_of_bytes(reader_take_field(reader)));
        struct day done = take_day(reader);
        if (check != CHECK_NONE)
            account->checks[check] = done;
    }
    account->admitted = take_day(reader);
    account->why = str_of_bytes(reader_take_field(reader));
}

/* Roles and checks rest by name: their numbers follow roles.def and checks.def and may change with them. */
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
    put_checks(buffer, account);
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
    if (format != FORMAT_WITHOUT_CHECKS)
        take_checks(&reader, account);
    if (!reader.ok || (format != FORMAT && format != FORMAT_WITHOUT_CHECKS))
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
    if (fault == FAULT_ABSENT || (fault == FAULT_NONE && is_nobody(access, &id))) {
        struct seal_place place = account_place(&access->decoy.row, 1);
        TRY(access_unseal(access, &place, access->decoy.account, arena, &clear));
        TRY(account_take(clear, &read.account));
    } else {
        TRY(fault);
        read.found = true;
        read.failures = out[GIVE_account_get_failures].number;
        read.account.state = (enum account_state)out[GIVE_account_get_state].number;
        read.account.version = (uint64_t)out[GIVE_account_get_version].number;
        read.account.used = account_used_day(&out[GIVE_account_get_used_day]);
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
    account.used = account_used_day(&out[GIVE_account_by_name_used_day]);
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
    account.used = account_used_day(&out[GIVE_account_without_organisation_used_day]);
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
        caller.account_active = account_may_act(access, &caller.account);
        caller.organisation_active = true;
        caller.started = access_now(access);
        caller.seen = caller.started;
    } else if (fault != FAULT_ABSENT) {
        return fault;
    }
    *ret_caller = caller;
    return FAULT_NONE;
}
