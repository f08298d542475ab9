#include "service/staff_told.h"

#include "service/signing.h"
#include "service/users.h"

enum { TOLD_BYTES_MAX = 1024 };

static bool holds(const struct account *account, enum role role)
{
    for (size_t i = 0; i < account->role_count; i++)
        if (account->roles[i] == role)
            return true;
    return false;
}

static bool only_practises(const struct account *account)
{
    for (size_t i = 0; i < account->role_count; i++)
        if (!users_is_practice(account->roles[i]))
            return false;
    return true;
}

static void choose_among(const struct account_list *list, enum role role, const struct account *but,
                         struct managers *managers)
{
    for (size_t i = 0; i < list->count && managers->count < MANAGERS_TOLD_MAX; i++) {
        const struct account *one = &list->accounts[i];
        if (one->state == ACCOUNT_ACTIVE && holds(one, role) &&
            (but == NULL || !id_equal(one->account.id, but->account.id)))
            managers->at[managers->count++] = one->account;
    }
}

/* Those whose own account stands still can do nothing about it. */
static void keep_able(const struct access *access, const struct account_list *list, struct managers *managers)
{
    size_t kept = 0;
    for (size_t i = 0; i < managers->count; i++)
        for (size_t k = 0; k < list->count; k++)
            if (id_equal(list->accounts[k].account.id, managers->at[i].id) &&
                access_account_standing(access, &list->accounts[k]).hindrance == HINDRANCE_NONE)
                managers->at[kept++] = list->accounts[k].account;
    managers->count = kept;
}

void managers_choose(const struct access *access, const struct account *account,
                     const struct account_list *colleagues, const struct account_list *administrators,
                     struct managers *ret_managers)
{
    struct managers managers = {.count = 0};
    if (account == NULL || only_practises(account))
        choose_among(colleagues, ROLE_user_manager, account, &managers);
    keep_able(access, colleagues, &managers);
    if (account == NULL || managers.count == 0)
        choose_among(administrators, ROLE_national_administrator, account, &managers);
    *ret_managers = managers;
}

enum fault managers_tell(struct db_tx *tx, const struct service *service, const struct managers *managers,
                         const struct staff_news *news)
{
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < managers->count; i++) {
        const struct message message = {.recipient = managers->at[i],
                                        .kind = news->kind,
                                        .sent = news->at,
                                        .cause = news->cause,
                                        .number = news->number,
                                        .text = news->text};
        TRY(message_send(tx, &service->messages, &message));
    }
done:
    return fault;
}

static void leave_out(struct managers *managers, struct account_id account)
{
    size_t kept = 0;
    for (size_t i = 0; i < managers->count; i++)
        if (!id_equal(managers->at[i].id, account.id))
            managers->at[kept++] = managers->at[i];
    managers->count = kept;
}

static enum fault managers_of(struct db_tx *tx, const struct conduct *conduct, const struct account *account,
                              struct managers *ret_managers)
{
    struct access *access = conduct->service->access;
    struct account_list colleagues = {.count = 0}, administrators;
    enum fault fault;
    if (!id_is_zero(account->organisation.id))
        TRY(access_account_list(access, tx, account->organisation, false, conduct->arena, &colleagues));
    TRY(access_account_list(access, tx, (struct organisation_id){{{0}}}, false, conduct->arena,
                            &administrators));
    managers_choose(access, account, &colleagues, &administrators, ret_managers);
    leave_out(ret_managers, conduct->caller.account.account);
done:
    return fault;
}

/* R3.3: the manager is told. */
enum fault staff_told_suspended(struct db_tx *tx, struct conduct *conduct, const struct account *account)
{
    struct buffer text = buffer_open(TOLD_BYTES_MAX);
    struct managers managers;
    enum fault fault;
    TRY(signing_tell(
        conduct, tx, account->account,
        STR("Your account was suspended. Whoever manages it can tell you why, and may reinstate it.")));
    TRY(managers_of(tx, conduct, account, &managers));
    buffer_put(&text, account->full_name);
    buffer_put(&text, STR(" ("));
    buffer_put(&text, account->user_name);
    buffer_put(&text, STR("): the account was suspended."));
    TRY(buffer_fault(&text));
    const struct staff_news news = {.kind = MESSAGE_STAFF_STOPPED,
                                    .cause = account->account.id,
                                    .number = conduct->now.us,
                                    .at = conduct->now,
                                    .text = buffer_str(&text)};
    TRY(managers_tell(tx, conduct->service, &managers, &news));
done:
    buffer_close(&text);
    return fault;
}
