#include "service/looks.h"

#include "registry/alarm.h"
#include "service/own_child.h"
#include "service/staff_told.h"

enum { GUESSING_DUE_S = 3600 };

static struct look look_of(const struct conduct *conduct, enum look_kind kind, struct child_id child)
{
    return (struct look){conduct->caller.account.account, kind, child, conduct->now};
}

static bool is_about_one(const struct conduct *conduct)
{
    enum operation operation = conduct->ask->operation;
    return policy_operation(operation)->subject == SUBJECT_CHILD && operation != OP_child_find &&
           operation != OP_child_results;
}

static enum fault ask_search(struct db_tx *tx, struct conduct *conduct)
{
    const struct look look = look_of(conduct, LOOK_CHILD, (struct child_id){{{0}}});
    return look_ask_search(tx, conduct->service->vault, &conduct->service->looks, &look, conduct->arena,
                           &conduct->look);
}

/* Of two who look together each one's limit counts (R4.1): nobody goes beyond theirs through a colleague. */
static enum fault ask_child(struct db_tx *tx, struct conduct *conduct, struct child_id child)
{
    struct service *service = conduct->service;
    struct look look = look_of(conduct, LOOK_CHILD, child);
    struct look_answer other = {0};
    enum fault fault;
    TRY(look_ask(tx, service->vault, &service->looks, &look, conduct->arena, &conduct->look));
    if (!conduct->caller.mediated)
        return FAULT_NONE;
    look.account = conduct->caller.other.account;
    TRY(look_ask(tx, service->vault, &service->looks, &look, conduct->arena, &other));
    conduct->look.too_many = conduct->look.too_many || other.too_many;
    conduct->look.many = conduct->look.many || other.many;
done:
    return fault;
}

static enum fault count_child(struct db_tx *tx, const struct conduct *conduct, struct child_id child)
{
    struct look look = look_of(conduct, LOOK_CHILD, child);
    enum fault fault;
    TRY(look_count(tx, conduct->service->vault, &look));
    look.account = conduct->caller.other.account;
    if (conduct->caller.mediated)
        TRY(look_count(tx, conduct->service->vault, &look));
done:
    return fault;
}

enum fault looks_read(struct db_tx *tx, struct conduct *conduct)
{
    if (conduct->ask->operation == OP_child_find)
        return ask_search(tx, conduct);
    if (is_about_one(conduct))
        return ask_child(tx, conduct, (struct child_id){conduct->ask->path_ids[0]});
    return FAULT_NONE;
}

enum fault looks_count(struct db_tx *tx, struct conduct *conduct, struct child_id child)
{
    enum fault fault;
    TRY(ask_child(tx, conduct, child)); /* once more: others may have been counted since */
    if (conduct->look.too_many)
        return FAULT_TOO_MANY;
    TRY(count_child(tx, conduct, child));
    TRY(own_child_alarm(tx, conduct, child));
done:
    return fault;
}

enum fault looks_check_search(struct db_tx *tx, struct conduct *conduct)
{
    enum fault fault = FAULT_NONE;
    /* Where each transaction reads what others write, they stand in each other's way: only near the limit. */
    bool again = conduct->look.many || !db_is_shared(conduct->service->db);
    if (conduct->ask->operation == OP_child_find && again)
        TRY(ask_search(tx, conduct));
    fault = conduct->look.too_many ? FAULT_TOO_MANY : FAULT_NONE;
done:
    return fault;
}

/* Of a hidden record it is told no more than of one that there never was. */
bool looks_guessed(const struct conduct *conduct, enum refusal refusal)
{
    if ((refusal != REFUSAL_RECORD && refusal != REFUSAL_NO_LIVE_REASON) || !is_about_one(conduct) ||
        conduct->ask->path_id_count == 0)
        return false;
    return conduct->state == 0 || policy_sight(conduct->caller.role, conduct->state) == 0;
}

static enum fault lock(struct db_tx *tx, struct conduct *conduct)
{
    struct service *service = conduct->service;
    const struct alarm alarm = {.kind = ALARM_GUESSING,
                                .addressed = ROLE_audit_reviewer,
                                .authority = conduct->caller.organisation.authority,
                                .due_in = seconds(GUESSING_DUE_S),
                                .account = conduct->caller.account.account,
                                .detail = STR("children's ids were guessed, and the account is locked")};
    enum fault fault;
    fault = access_account_suspend(service->access, tx, &conduct->caller.account);
    if (fault == FAULT_NONE)
        fault = staff_told_suspended(tx, conduct, &conduct->caller.account);
    if (fault == FAULT_CONFLICT) /* changed at this moment: the next guess locks it */
        fault = FAULT_NONE;
    TRY(fault);
    TRY(alarm_raise(tx, service->vault, &service->alarm_key, service->entropy, conduct->now, &alarm));
done:
    return fault;
}

enum fault looks_count_guess(struct db_tx *tx, void *context)
{
    struct conduct *conduct = context;
    struct service *service = conduct->service;
    const struct look look = look_of(conduct, LOOK_GUESS, (struct child_id){conduct->ask->path_ids[0]});
    struct look_answer answer = {0};
    enum fault fault;
    TRY(look_ask(tx, service->vault, &service->looks, &look, conduct->arena, &answer));
    TRY(look_count(tx, service->vault, &look));
    if (answer.too_many)
        TRY(lock(tx, conduct));
done:
    return fault;
}
