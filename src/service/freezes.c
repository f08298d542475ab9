#include "service/freezes.h"

#include "access/held.h"
#include "service/staff_told.h"

enum { ARENA_BYTES = 32 * 1024 * 1024, TEXT_BYTES_MAX = 1024 };

/* One account, or the next few of one kind. */
struct round {
    struct service *service;
    struct instant now;
    struct arena *arena;
    enum held_kind kind;
    struct account_id found[FROZEN_MAX];
    size_t count;
    struct account_id at;
};

static enum fault find(struct db_tx *tx, void *context)
{
    struct round *round = context;
    return access_frozen(round->service->access, tx, round->kind, round->found, &round->count);
}

/* Keys and an app that are frozen in the same round are told of one by one. */
static int64_t number_of(const struct round *round)
{
    enum { KINDS = 4 };
    return round->now.us / KINDS * KINDS + round->kind;
}

static enum fault tell_holder(struct db_tx *tx, const struct round *round, const struct account *account)
{
    const struct message message = {
        .recipient = account->account,
        .kind = MESSAGE_FROZEN,
        .sent = round->now,
        .cause = account->account.id,
        .number = number_of(round),
        .text = round->kind == HELD_KEY
                    ? STR("Your security keys were frozen: nobody can sign in with them any more. To have "
                          "them back, set up how you sign in anew.")
                    : STR("Your PIN and authenticator app were frozen: nobody can sign in with them any "
                          "more. To have them back, set up how you sign in anew."),
    };
    return message_send(tx, &round->service->messages, &message);
}

static enum fault managers_of(struct db_tx *tx, const struct round *round, const struct account *account,
                              struct managers *ret_managers)
{
    struct access *access = round->service->access;
    struct account_list colleagues = {.count = 0}, administrators;
    enum fault fault = FAULT_NONE;
    if (!id_is_zero(account->organisation.id))
        TRY(access_account_list(access, tx, account->organisation, false, round->arena, &colleagues));
    TRY(access_account_list(access, tx, (struct organisation_id){{{0}}}, false, round->arena,
                            &administrators));
    managers_choose(access, account, &colleagues, &administrators, ret_managers);
done:
    return fault;
}

static enum fault tell_managers(struct db_tx *tx, const struct round *round, const struct account *account)
{
    struct buffer text = buffer_open(TEXT_BYTES_MAX);
    struct managers managers;
    enum fault fault;
    TRY(managers_of(tx, round, account, &managers));
    buffer_put(&text, account->full_name);
    buffer_put(&text, STR(" ("));
    buffer_put(&text, account->user_name);
    buffer_put(&text, round->kind == HELD_KEY ? STR("): the security keys were frozen.")
                                              : STR("): PIN and authenticator app were frozen."));
    buffer_put(&text, STR(" The page of the account says what they can still sign in with, and lets them "
                          "set that up anew."));
    TRY(buffer_fault(&text));
    const struct staff_news news = {.kind = MESSAGE_STAFF_FROZEN,
                                    .cause = account->account.id,
                                    .number = number_of(round),
                                    .at = round->now,
                                    .text = buffer_str(&text)};
    TRY(managers_tell(tx, round->service, &managers, &news));
done:
    buffer_close(&text);
    return fault;
}

/* What is nobody's, or a closed account's, is passed over. */
static enum fault tell(struct db_tx *tx, void *context)
{
    struct round *round = context;
    struct access *access = round->service->access;
    struct account account;
    bool first = false;
    enum fault fault;
    arena_reset(round->arena);
    TRY(access_frozen_told(access, tx, round->kind, round->at, &first));
    if (!first)
        return FAULT_NONE;
    fault = access_account_get(access, tx, round->at, round->arena, &account);
    if (fault == FAULT_ABSENT || (fault == FAULT_NONE && account.state == ACCOUNT_CLOSED))
        return FAULT_NONE;
    TRY(fault);
    TRY(tell_holder(tx, round, &account));
    TRY(tell_managers(tx, round, &account));
done:
    return fault;
}

static enum fault go_round(struct round *round)
{
    enum fault fault;
    do {
        TRY(db_read(round->service->db, find, round));
        for (size_t i = 0; i < round->count; i++) {
            round->at = round->found[i];
            TRY(db_write(round->service->db, DB_BACKGROUND, tell, round));
        }
    } while (round->count == FROZEN_MAX);
done:
    return fault;
}

enum fault freezes_keep(struct service *service)
{
    struct round round = {.service = service, .now = clock_now(service->clock)};
    enum fault fault;
    TRY(arena_open(ARENA_BYTES, &round.arena));
    round.kind = HELD_KEY;
    TRY(go_round(&round));
    round.kind = HELD_APP;
    TRY(go_round(&round));
done:
    arena_close(round.arena);
    return fault;
}
