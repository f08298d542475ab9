#include "service/own_child.h"

#include "access/staff_fact.h"
#include "registry/alarm.h"

enum { DUE_S = 24 * 3600 };

static bool is_about_one(const struct conduct *conduct)
{
    enum operation operation = conduct->ask->operation;
    return policy_operation(operation)->subject == SUBJECT_CHILD && operation != OP_child_find &&
           operation != OP_child_results;
}

/* The person without what the caller does not see: were a hidden name to decide, a refusal would tell it. */
static struct person shown_of(const struct person *person, field_mask mask)
{
    struct person shown = *person;
    shown.name_count = 0;
    for (size_t i = 0; i < person->name_count; i++) {
        const enum name_kind kind = person->names[i].kind;
        if (kind == NAME_CURRENT || kind == NAME_KNOWN_AS || (mask & MASK(FORMER_NAMES)) != 0)
            shown.names[shown.name_count++] = person->names[i];
    }
    return shown;
}

static enum fault compare(struct db_tx *tx, struct conduct *conduct, struct account_id account,
                          field_mask mask)
{
    const struct permit_staff_facts permit = permit_issue_staff_facts(MISUSE_OWN_CHILD);
    struct access *access = conduct->service->access;
    struct child *child = NULL;
    bool shown = false, known = false;
    enum fault fault;
    TRY(child_read(tx, vault_for_misuse(conduct->service->vault, &permit),
                   (struct child_id){conduct->ask->path_ids[0]}, conduct->arena, &child));
    const struct person visible = shown_of(&child->person, mask);
    TRY(access_staff_facts_own_child(access, tx, &permit, account, &visible, &shown));
    TRY(access_staff_facts_own_child(access, tx, &permit, account, &child->person, &known));
    conduct->own.shown = conduct->own.shown || shown;
    conduct->own.known = conduct->own.known || known;
done:
    return fault;
}

enum fault own_child_read(struct db_tx *tx, struct conduct *conduct)
{
    const struct account_id both[] = {conduct->caller.account.account, conduct->caller.other.account};
    field_mask mask = conduct->state == 0 ? 0 : policy_sight(conduct->caller.role, conduct->state);
    enum fault fault = FAULT_NONE;
    conduct->own.shown = conduct->own.known = false;
    if (!is_about_one(conduct) || mask == 0)
        return FAULT_NONE;
    for (int i = 0; i < (conduct->caller.mediated ? 2 : 1); i++) {
        bool given = false;
        TRY(access_staff_facts_given(conduct->service->access, tx, both[i], &given));
        if (given)
            TRY(compare(tx, conduct, both[i], mask));
    }
done:
    return fault;
}

static enum fault raise(struct db_tx *tx, const struct conduct *conduct, struct child_id child)
{
    struct service *service = conduct->service;
    const struct alarm alarm = {.kind = ALARM_OWN_CHILD,
                                .addressed = ROLE_audit_reviewer,
                                .authority = conduct->caller.organisation.authority,
                                .due_in = seconds(DUE_S),
                                .account = conduct->caller.account.account,
                                .child = child,
                                .detail = STR("somebody has opened a child of their own family")};
    return alarm_raise(tx, service->vault, &service->alarm_key, service->entropy, conduct->now, &alarm);
}

enum fault own_child_alarm(struct db_tx *tx, struct conduct *conduct, struct child_id child)
{
    const struct look look = {conduct->caller.account.account, LOOK_OWN, child, conduct->now};
    bool told = false;
    enum fault fault;
    if (!conduct->own.shown && !conduct->own.known)
        return FAULT_NONE;
    TRY(look_seen(tx, conduct->service->vault, &look, conduct->arena, &told));
    if (told)
        goto done;
    TRY(look_count(tx, conduct->service->vault, &look));
    TRY(raise(tx, conduct, child));
done:
    return fault;
}
