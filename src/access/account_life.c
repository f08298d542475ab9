#include "access/account_life.h"

#include "access/inside.h"
#include "access/organisations.h"

void access_order_checked(struct account_order *order, struct day day)
{
    for (int check = 1; check < CHECKS_END; check++)
        order->checks[check] = day;
}

static bool is_machine(const struct account *account)
{
    return account_holds(account, ROLE_operator);
}

/* Nobody stands above national administrators: what was never recorded does not stop them, what lapses does.
 */
static bool needs_record(const struct account *account)
{
    return !account_holds(account, ROLE_national_administrator);
}

static struct account_standing checks_standing(const struct account *account, struct day today)
{
    int days;
    for (int number = 1; number < CHECKS_END; number++) {
        enum account_check check = (enum account_check)number;
        enum notice notice = check_notice(check, account->checks[check], today, &days);
        if (notice == NOTICE_LAPSED)
            return (struct account_standing){HINDRANCE_LAPSED, check};
        if (notice == NOTICE_MISSING && needs_record(account))
            return (struct account_standing){HINDRANCE_MISSING, check};
    }
    return (struct account_standing){HINDRANCE_NONE, CHECK_NONE};
}

/* R3.6: counted from when it was last signed in with, or else from when it was made active. */
struct day access_account_unused_from(const struct access *access, const struct account *account)
{
    const int days_max = access->limits.unused_days_max;
    struct day last = account->admitted;
    if (account->used.precision == DAY_EXACT &&
        (last.precision != DAY_EXACT || day_number(account->used) > day_number(last)))
        last = account->used;
    if (days_max <= 0 || last.precision != DAY_EXACT)
        return (struct day){0};
    return day_of_number(day_number(last) + days_max);
}

static bool is_unused(const struct access *access, const struct account *account, struct day today)
{
    const struct day from = access_account_unused_from(access, account);
    return from.precision == DAY_EXACT && day_number(today) >= day_number(from);
}

static struct day today_of(const struct access *access)
{
    return day_of_instant(access_now(access));
}

struct account_standing access_account_standing(const struct access *access, const struct account *account)
{
    struct day today = today_of(access);
    switch (account->state) {
    case ACCOUNT_REQUESTED:
        return (struct account_standing){HINDRANCE_REQUESTED, CHECK_NONE};
    case ACCOUNT_SUSPENDED:
        return (struct account_standing){HINDRANCE_SUSPENDED, CHECK_NONE};
    case ACCOUNT_CLOSED:
        return (struct account_standing){HINDRANCE_CLOSED, CHECK_NONE};
    case ACCOUNT_ACTIVE:
        break;
    }
    if (is_machine(account)) /* is known by a login of the machine, and sees no child */
        return (struct account_standing){HINDRANCE_NONE, CHECK_NONE};
    struct account_standing standing = checks_standing(account, today);
    if (standing.hindrance == HINDRANCE_NONE && is_unused(access, account, today))
        standing.hindrance = HINDRANCE_UNUSED;
    return standing;
}

bool account_may_act(const struct access *access, const struct account *account)
{
    return access_account_standing(access, account).hindrance == HINDRANCE_NONE;
}

enum fault account_used(struct access *access, struct db_tx *tx, struct id account)
{
    const struct value in[] = {[BIND_account_used_set_account_id] = value_id(account),
                               [BIND_account_used_set_used_day] = value_int(day_number(today_of(access)))};
    return access_count(access, db_run(tx, SQL_account_used_set, in, NULL));
}

enum fault account_of_order(struct access *access, const struct account_order *order, struct arena *arena,
                            struct account *ret_account)
{
    struct account account = {.organisation = order->organisation,
                              .state = ACCOUNT_ACTIVE,
                              .version = 1,
                              .role_count = order->role_count};
    enum fault fault;
    account.account.id = id_new(access->entropy);
    TRY(arena_copy(arena, order->user_name, &account.user_name));
    TRY(arena_copy(arena, str_trim(order->full_name), &account.full_name));
    TRY(arena_copy(arena, str_trim(order->job), &account.job));
    TRY(arena_copy(arena, str_trim(order->phone), &account.phone));
    TRY(arena_copy(arena, str_trim(order->email), &account.email));
    TRY(arena_copy(arena, order->unix_user, &account.unix_user));
    memcpy(account.roles, order->roles, sizeof account.roles);
    memcpy(account.checks, order->checks, sizeof account.checks);
    account.admitted = today_of(access);
    if (!is_machine(&account) && checks_standing(&account, account.admitted).hindrance != HINDRANCE_NONE) {
        account.state = ACCOUNT_REQUESTED;
        account.admitted = (struct day){0};
    }
    *ret_account = account;
done:
    return fault;
}

enum fault account_write(struct access *access, struct db_tx *tx, const struct account *account)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    struct arena *arena = NULL;
    struct bytes sealed;
    int64_t changes = 0;
    enum fault fault;
    TRY(arena_open(SCRATCH_BYTES, &arena));
    TRY(account_put(&clear, account));
    struct seal_place place = account_place(&account->account.id, account->version + 1);
    TRY(access_seal(access, &place, &clear, arena, &sealed));
    const struct value in[] = {[BIND_account_state_set_account_id] = value_id(account->account.id),
                               [BIND_account_state_set_version] = value_int((int64_t)account->version),
                               [BIND_account_state_set_state] = value_int(account->state),
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

static enum fault end_sessions(struct access *access, struct db_tx *tx, const struct account *account)
{
    const struct value in[] = {[BIND_session_end_all_account_id] = value_id(account->account.id),
                               [BIND_session_end_all_ended_us] = value_int(access_now(access).us)};
    return access_count(access, db_run(tx, SQL_session_end_all, in, NULL));
}

static enum fault refuse_closed(const struct account *account)
{
    if (account->state != ACCOUNT_CLOSED)
        return FAULT_NONE;
    return fault_note(FAULT_CONFLICT, "this account is closed already");
}

/* R3.3 */
enum fault access_account_suspend(struct access *access, struct db_tx *tx, const struct account *account)
{
    struct account changed = *account;
    enum fault fault;
    TRY(refuse_closed(account));
    TRY(end_sessions(access, tx, account));
    if (account->state == ACCOUNT_SUSPENDED)
        goto done;
    changed.state = ACCOUNT_SUSPENDED;
    TRY(account_write(access, tx, &changed));
done:
    return fault;
}

enum fault access_account_get(struct access *access, struct db_tx *tx, struct account_id id,
                              struct arena *arena, struct account *ret_account)
{
    struct account_found found;
    enum fault fault = account_read(access, tx, id.id, arena, &found);
    if (fault != FAULT_NONE)
        return fault;
    if (!found.found)
        return FAULT_ABSENT;
    *ret_account = found.account;
    return FAULT_NONE;
}

static enum fault add_to_list(struct access *access, const struct value *out,
                              struct organisation_id organisation, struct arena *arena,
                              struct account_list *list)
{
    struct account *account = &list->accounts[list->count];
    *account = (struct account){.organisation = organisation};
    if (!id_of_bytes(out[GIVE_account_of_organisation_account_id].bytes, &account->account.id))
        return fault_note(FAULT_CORRUPT, "an account's id has a wrong length");
    account->state = (enum account_state)out[GIVE_account_of_organisation_state].number;
    account->version = (uint64_t)out[GIVE_account_of_organisation_version].number;
    account->used = account_used_day(&out[GIVE_account_of_organisation_used_day]);
    enum fault fault = account_open(access, out[GIVE_account_of_organisation_sealed].bytes, arena, account);
    if (fault == FAULT_NONE)
        list->count++;
    return fault;
}

/* The two statements give the same columns. */
_Static_assert((int)GIVES_account_of_organisation == (int)GIVES_account_without_organisation &&
                   (int)GIVE_account_of_organisation_sealed ==
                       (int)GIVE_account_without_organisation_sealed &&
                   (int)GIVE_account_of_organisation_used_day ==
                       (int)GIVE_account_without_organisation_used_day,
               "accounts are read alike");

enum fault access_account_list(struct access *access, struct db_tx *tx, struct organisation_id organisation,
                               bool closed_too, struct arena *arena, struct account_list *ret_list)
{
    struct account_list list = {.accounts =
                                    arena_take_array(arena, ACCOUNTS_LISTED_MAX, sizeof(struct account))};
    struct db_rows *rows = NULL;
    struct value out[GIVES_account_of_organisation];
    const struct value in[] = {[BIND_account_of_organisation_organisation_id] = value_id(organisation.id),
                               [BIND_account_of_organisation_left_out] =
                                   value_int(closed_too ? 0 : ACCOUNT_CLOSED),
                               [BIND_account_of_organisation_most] = value_int(ACCOUNTS_LISTED_MAX + 1)};
    bool without = id_is_zero(organisation.id);
    enum fault fault;
    if (list.accounts == NULL)
        return FAULT_MEMORY;
    if (without)
        fault = access_count(access, db_query(tx, SQL_account_without_organisation, NULL, &rows));
    else
        fault = access_count(access, db_query(tx, SQL_account_of_organisation, in, &rows));
    while (fault == FAULT_NONE && db_next(rows, out)) {
        if (!closed_too && out[GIVE_account_of_organisation_state].number == ACCOUNT_CLOSED)
            continue;
        if (list.count == ACCOUNTS_LISTED_MAX) {
            list.more = true;
            break;
        }
        fault = add_to_list(access, out, organisation, arena, &list);
    }
    fault = db_rows_end(rows, fault);
    if (fault == FAULT_NONE)
        *ret_list = list;
    return fault;
}

enum fault access_account_has_token(struct access *access, struct db_tx *tx, struct account_id id,
                                    bool *ret_has)
{
    struct arena *arena = NULL;
    struct value out[GIVES_authenticator_get];
    const struct value in[] = {[BIND_authenticator_get_account_id] = value_id(id.id),
                               [BIND_authenticator_get_kind] = value_int(AUTHENTICATOR_PASSWORD)};
    enum fault fault;
    TRY(arena_open(SCRATCH_BYTES, &arena));
    fault = access_count(access, db_one(tx, SQL_authenticator_get, in, arena, out));
    if (fault == FAULT_NONE || fault == FAULT_ABSENT) {
        *ret_has = fault == FAULT_NONE;
        fault = FAULT_NONE;
    }
done:
    arena_close(arena);
    return fault;
}

static enum fault insert_requested(struct access *access, struct db_tx *tx, const struct account *account,
                                   const struct tag *name, struct bytes sealed)
{
    struct value organisation =
        id_is_zero(account->organisation.id) ? value_null() : value_id(account->organisation.id);
    const struct value in[] = {[BIND_account_insert_account_id] = value_id(account->account.id),
                               [BIND_account_insert_name_tag] =
                                   value_bytes((struct bytes){name->byte, sizeof name->byte}),
                               [BIND_account_insert_organisation_id] = organisation,
                               [BIND_account_insert_state] = value_int(account->state),
                               [BIND_account_insert_version] = value_int((int64_t)account->version),
                               [BIND_account_insert_sealed] = value_bytes(sealed)};
    int64_t changes; /* asked for, so that a duplicate is told here and not at the commit */
    enum fault fault = access_count(access, db_run(tx, SQL_account_insert, in, &changes));
    if (fault == FAULT_DUPLICATE)
        return fault_note(FAULT_DUPLICATE, "this user name was used before: choose another");
    return fault;
}

/* Without any authenticator. */
static enum fault insert_bare(struct access *access, struct db_tx *tx, const struct account *account,
                              struct arena *arena)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    struct bytes sealed;
    struct tag name;
    enum fault fault;
    TRY(access_name_tag(access, account->user_name, &name));
    TRY(account_put(&clear, account));
    struct seal_place place = account_place(&account->account.id, account->version);
    TRY(access_seal(access, &place, &clear, arena, &sealed));
    TRY(insert_requested(access, tx, account, &name, sealed));
done:
    buffer_close(&clear);
    return fault;
}

enum fault access_account_request(struct access *access, struct db_tx *tx, const struct account_order *order,
                                  struct arena *arena, struct account_id *ret_account)
{
    struct account account;
    enum fault fault;
    TRY(order_check(order));
    TRY(access_organisation_allows(access, tx, order->organisation, order->roles, order->role_count));
    TRY(access_organisation_room(access, tx, order->organisation));
    TRY(account_of_order(access, order, arena, &account));
    account.state = ACCOUNT_REQUESTED;
    account.admitted = (struct day){0};
    TRY(insert_bare(access, tx, &account, arena));
    *ret_account = account.account;
done:
    return fault;
}

enum fault access_account_first(struct access *access, struct db_tx *tx, const struct account_order *order,
                                struct arena *arena, struct account_id *ret_account)
{
    struct account_order first = *order;
    struct account account;
    enum fault fault;
    first.organisation = (struct organisation_id){{{0}}};
    first.roles[0] = ROLE_national_administrator;
    first.role_count = 1;
    access_order_checked(&first, today_of(access));
    TRY(order_check(&first));
    TRY(account_of_order(access, &first, arena, &account));
    TRY(insert_bare(access, tx, &account, arena));
    *ret_account = account.account;
done:
    return fault;
}

enum fault access_account_check(struct access *access, struct db_tx *tx, const struct account *account,
                                enum account_check check, struct day done)
{
    struct account changed = *account;
    struct day today = today_of(access);
    int days;
    enum fault fault;
    must(check > CHECK_NONE && check < CHECKS_END && done.precision == DAY_EXACT);
    TRY(refuse_closed(account));
    if (day_number(done) > day_number(today))
        TRY(fault_note(FAULT_INVALID, "this day lies ahead: give the day on which it was done"));
    if (day_number(done) <= 0 || check_notice(check, done, today, &days) == NOTICE_LAPSED)
        TRY(fault_note(FAULT_INVALID, "this is too long ago to count: it must be done again first"));
    changed.checks[check] = done;
    TRY(account_write(access, tx, &changed));
done:
    return fault;
}

static enum fault make_active(struct access *access, struct db_tx *tx, const struct account *account)
{
    struct account changed = *account;
    struct day today = today_of(access);
    enum fault fault;
    if (checks_standing(account, today).hindrance != HINDRANCE_NONE)
        TRY(fault_note(FAULT_INVALID, "a check is missing or has run out: record it first"));
    TRY(access_organisation_allows(access, tx, account->organisation, account->roles, account->role_count));
    changed.state = ACCOUNT_ACTIVE;
    changed.admitted = today;
    changed.why = (struct str){0};
    TRY(account_write(access, tx, &changed));
done:
    return fault;
}

enum fault access_account_admit(struct access *access, struct db_tx *tx, const struct account *account)
{
    if (account->state != ACCOUNT_REQUESTED)
        return fault_note(FAULT_CONFLICT, "this account is not waiting to be admitted");
    return make_active(access, tx, account);
}

enum fault access_account_reinstate(struct access *access, struct db_tx *tx, const struct account *account)
{
    bool unused = account->state == ACCOUNT_ACTIVE && is_unused(access, account, today_of(access));
    if (account->state != ACCOUNT_SUSPENDED && !unused)
        return fault_note(FAULT_CONFLICT, "this account is neither suspended nor disabled");
    return make_active(access, tx, account);
}

/* R3.4 */
enum fault access_account_close(struct access *access, struct db_tx *tx, const struct account *account)
{
    struct account changed = *account;
    enum fault fault;
    TRY(refuse_closed(account));
    TRY(end_sessions(access, tx, account));
    changed.state = ACCOUNT_CLOSED;
    TRY(account_write(access, tx, &changed));
done:
    return fault;
}

enum fault access_account_roles(struct access *access, struct db_tx *tx, const struct account *account,
                                const enum role *roles, uint8_t role_count)
{
    struct account changed = *account;
    struct account_order order = {.user_name = account->user_name,
                                  .full_name = account->full_name,
                                  .job = account->job,
                                  .phone = account->phone,
                                  .email = account->email,
                                  .unix_user = account->unix_user,
                                  .organisation = account->organisation,
                                  .role_count = role_count};
    enum fault fault;
    TRY(refuse_closed(account));
    must(role_count <= ACCOUNT_ROLES_MAX);
    for (size_t i = 0; i < role_count; i++)
        order.roles[i] = roles[i];
    TRY(order_check(&order));
    TRY(access_organisation_allows(access, tx, account->organisation, roles, role_count));
    memcpy(changed.roles, order.roles, sizeof changed.roles);
    changed.role_count = role_count;
    TRY(account_write(access, tx, &changed));
done:
    return fault;
}
