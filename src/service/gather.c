#include "service/gather.h"

#include "registry/family.h"
#include "service/approvals.h"
#include "service/looks.h"
#include "service/manage.h"
#include "service/messages.h"
#include "service/operations.h"
#include "service/own_child.h"

/* R3.5 */
static bool is_accredited(const struct caller *caller, enum capability capability)
{
    return (caller->organisation.capabilities >> capability & 1) != 0;
}

bool gather_capability_held(enum operation operation, const struct caller *caller)
{
    enum capability needed = policy_needs(operation);
    return needed == CAPABILITY_NONE || is_accredited(caller, needed);
}

struct facts facts_of(enum operation operation, const struct caller *caller)
{
    return (struct facts){.operation = operation,
                          .signed_in = caller->signed_in,
                          .strength = caller->signed_in ? caller->strength : STRENGTH_PUBLIC,
                          .role = caller->role,
                          .role_held = caller->role_held,
                          .account_active = caller->account_active,
                          .organisation_active = caller->organisation_active,
                          .capability_held = gather_capability_held(operation, caller),
                          .sensitive_held = is_accredited(caller, CAPABILITY_sensitive_service),
                          .mediated = caller->mediated,
                          .other_role = caller->other_role,
                          .form_token_valid = true};
}

struct str gather_token_key(const struct conduct *conduct)
{
    switch (conduct->ask->operation) {
    case OP_sign_in_page:
    case OP_sign_in_password:
    case OP_enrol_page:
    case OP_enrol_ask:
    case OP_home:
        return (struct str){"", 0};
    case OP_sign_in_code_page:
    case OP_sign_in_code:
    case OP_sign_in_key_begin:
    case OP_sign_in_key:
    case OP_enrol_status:
    case OP_enrol_choose:
    case OP_enrol_key_begin:
    case OP_enrol_key:
        return conduct->ask->ticket;
    default:
        return conduct->ask->cookie;
    }
}

static bool form_token_valid(const struct conduct *conduct)
{
    const struct operation_row *row = policy_operation(conduct->ask->operation);
    if (row->method != METHOD_POST)
        return true;
    return conduct->ask->same_site &&
           access_form_token_valid(conduct->service->access, gather_token_key(conduct),
                                   conduct->ask->form_token);
}

static bool needs_live_reason(const struct conduct *conduct)
{
    return policy_operation(conduct->ask->operation)->reason == REASON_NEED_LIVE;
}

/* The stated reason that a request leans on: its own search, or the session's newest. */
static enum fault read_stated(struct db_tx *tx, struct conduct *conduct)
{
    struct service *service = conduct->service;
    struct search_id search = {{{0}}};
    enum fault fault;
    if (conduct->ask->operation == OP_child_results || conduct->ask->operation == OP_child_find) {
        search.id = conduct->ask->path_ids[0];
        if (conduct->ask->operation == OP_child_find &&
            !id_parse(conduct_field(conduct, "again"), &search.id))
            return FAULT_NONE;
        fault = stated_get(tx, service->vault, &service->search_key, search, conduct->caller.session,
                           conduct->arena, &conduct->stated);
    } else {
        fault = stated_newest(tx, service->vault, &service->search_key, conduct->caller.session,
                              conduct->arena, &conduct->stated);
    }
    if (fault == FAULT_ABSENT)
        return FAULT_NONE;
    conduct->has_stated = fault == FAULT_NONE;
    return fault;
}

/* R5.1: that search, and the one record opened from it: one that it finds, until one is open. */
static bool covers(struct conduct *conduct)
{
    struct child_id child = {conduct->ask->path_ids[0]};
    if (!conduct->has_stated)
        return false;
    if (conduct->ask->operation == OP_child_results)
        return conduct->stated.has_query;
    if (!id_is_zero(conduct->stated.opened.id))
        return id_equal(conduct->stated.opened.id, child.id);
    return find_finds(conduct, &conduct->stated.query, child);
}

/* The id that was asked for leads to the record that has taken it in (R14.4): from here on that one is asked
 * for. */
static enum fault follow_merge(struct conduct *conduct, struct child_id survivor)
{
    if (id_equal(conduct->ask->path_ids[0], survivor.id))
        return FAULT_NONE;
    struct ask *ask = arena_take(conduct->arena, sizeof *ask);
    if (ask == NULL)
        return FAULT_MEMORY;
    *ask = *conduct->ask;
    ask->path_ids[0] = survivor.id;
    conduct->ask = ask;
    return FAULT_NONE;
}

/* What decides about the one record concerned; 0 where there is no such child. */
static enum fault read_state(struct db_tx *tx, struct conduct *conduct)
{
    struct child_standing standing;
    const struct child_id asked = {conduct->ask->path_ids[0]};
    enum fault fault = family_standing(tx, asked, conduct->arena, &standing);
    if (fault == FAULT_ABSENT)
        return FAULT_NONE;
    TRY(fault);
    conduct->state = standing.state;
    TRY(follow_merge(conduct, standing.child));
done:
    return fault;
}

static bool is_about_one_child(enum operation operation)
{
    return policy_operation(operation)->subject == SUBJECT_CHILD && operation != OP_child_find &&
           operation != OP_child_results;
}

bool gather_looks_at_children(const struct conduct *conduct)
{
    enum subject subject = policy_operation(conduct->ask->operation)->subject;
    return subject == SUBJECT_CHILD || subject == SUBJECT_CASE || subject == SUBJECT_MATTER;
}

static bool leans_on_a_reason(const struct conduct *conduct)
{
    return policy_operation(conduct->ask->operation)->subject == SUBJECT_CHILD;
}

enum fault gather_read(struct db_tx *tx, void *context)
{
    struct conduct *conduct = context;
    enum fault fault;
    TRY(access_caller(conduct->service->access, tx, conduct->ask->cookie, conduct->arena, &conduct->caller));
    if (conduct->caller.signed_in && leans_on_a_reason(conduct))
        TRY(read_stated(tx, conduct));
    if (conduct->caller.signed_in && is_about_one_child(conduct->ask->operation))
        TRY(read_state(tx, conduct));
    TRY(manage_read(tx, conduct));
    TRY(approvals_read(tx, conduct));
    if (conduct->caller.signed_in)
        TRY(looks_read(tx, conduct));
    if (conduct->caller.signed_in)
        TRY(own_child_read(tx, conduct));
    if (conduct->caller.signed_in)
        TRY(messages_count(tx, conduct));
done:
    return fault;
}

/* The reason of a form, or the one that a repeated search or a live reason brings along. */
static void take_reason(struct conduct *conduct)
{
    conduct->reason = policy_reason_of(conduct_field(conduct, "reason"));
    conduct->reason_text = conduct_field(conduct, "reason_text");
    if (conduct->has_stated && (needs_live_reason(conduct) || conduct->ask->operation == OP_child_find)) {
        conduct->reason = conduct->stated.reason;
        conduct->reason_text = conduct->stated.reason_text;
    }
}

struct facts gather_facts(struct conduct *conduct)
{
    struct facts facts = facts_of(conduct->ask->operation, &conduct->caller);
    facts.form_token_valid = form_token_valid(conduct);
    facts.demonstration = conduct->service->demonstration;
    facts.limit_reached = conduct->look.too_many;
    facts.own_child = conduct->service->refuses_own_child && conduct->own.shown;
    take_reason(conduct);
    facts.reason = conduct->reason;
    facts.reason_text_given = conduct_says_something(conduct->reason_text);
    facts.reason_live = leans_on_a_reason(conduct) && covers(conduct);
    if (conduct->caller.signed_in && is_about_one_child(conduct->ask->operation))
        facts.state =
            conduct->state == 0 ? RECORD_SEALED : conduct->state; /* absent and hidden answer alike */
    manage_facts(conduct, &facts);
    approvals_facts(conduct, &facts);
    return facts;
}
