#include "policy/policy.h"

/* An override practitioner sees as a practitioner until they override (R10). */
static enum role viewer_of(enum role role)
{
    return role == ROLE_override_practitioner ? ROLE_practitioner : role;
}

field_mask policy_sight(enum role role, enum record_state state)
{
    must(role < ROLES_END);
    must(state >= RECORD_LIVE && (int)state <= RECORD_STATES);
    enum role viewer = viewer_of(role);
    field_mask sight = 0;
#define SEE(seer, when, group)                                                                               \
    if (viewer == ROLE_##seer && state == RECORD_##when)                                                     \
        sight |= MASK(group);
#include "policy/disclosure.def"
#undef SEE
    return sight;
}

/* A sign-in at the machine is no sign-in to records, and the other way round. */
static bool strong_enough(enum strength held, enum strength needed)
{
    switch (needed) {
    case STRENGTH_PUBLIC:
        return true;
    case STRENGTH_TOKEN:
        return held == STRENGTH_TOKEN || held == STRENGTH_KEY;
    case STRENGTH_KEY:
        return held == STRENGTH_KEY;
    case STRENGTH_LOCAL:
        return held == STRENGTH_LOCAL;
    }
    return false;
}

/* Who is asking: nothing of it concerns a public page. */
static enum refusal refuse_caller(const struct operation_row *row, const struct facts *facts)
{
    if (row->strength == STRENGTH_PUBLIC)
        return REFUSAL_NONE;
    if (!facts->signed_in)
        return REFUSAL_NOT_SIGNED_IN;
    if (!facts->account_active || !facts->organisation_active) /* R3.3 */
        return REFUSAL_ACCOUNT;
    if (!facts->role_held || !policy_may(facts->role, facts->operation)) /* R2 */
        return REFUSAL_ROLE;
    if (!strong_enough(facts->strength, row->strength)) /* R3.2 */
        return REFUSAL_STRENGTH;
    return REFUSAL_NONE;
}

/* R5.1 */
static enum refusal refuse_reason(const struct operation_row *row, const struct facts *facts)
{
    switch (row->reason) {
    case REASON_NEED_NONE:
        return REFUSAL_NONE;
    case REASON_NEED_STATED:
        if (facts->reason == REASON_NONE)
            return REFUSAL_REASON;
        return policy_reason_needs_text(facts->reason) && !facts->reason_text_given ? REFUSAL_REASON
                                                                                    : REFUSAL_NONE;
    case REASON_NEED_LIVE:
        return facts->reason_live ? REFUSAL_NONE : REFUSAL_NO_LIVE_REASON;
    }
    return REFUSAL_REASON;
}

static enum refusal refuse(const struct operation_row *row, const struct facts *facts,
                           const field_mask *sight)
{
    enum refusal refusal = refuse_caller(row, facts);
    if (refusal != REFUSAL_NONE)
        return refusal;
    if (row->door == DOOR_WEB && row->method == METHOD_POST && !facts->form_token_valid)
        return REFUSAL_FORM_TOKEN;
    refusal = refuse_reason(row, facts);
    if (refusal != REFUSAL_NONE)
        return refusal;
    if (facts->state != 0 && sight[facts->state] == 0)
        return REFUSAL_RECORD;
    return REFUSAL_NONE;
}

static enum fault fault_of(enum refusal refusal)
{
    switch (refusal) {
    case REFUSAL_NONE:
        return FAULT_NONE;
    case REFUSAL_NOT_SIGNED_IN:
    case REFUSAL_ACCOUNT:
        return FAULT_SIGN_IN;
    case REFUSAL_STRENGTH:
    case REFUSAL_ROLE:
        return FAULT_REFUSED;
    case REFUSAL_FORM_TOKEN:
        return FAULT_STALE_FORM;
    case REFUSAL_REASON:
    case REFUSAL_NO_LIVE_REASON:
        return FAULT_REASON;
    case REFUSAL_RECORD:
        return FAULT_ABSENT;
    }
    return FAULT_REFUSED;
}

/* TOUR 3: facts in, decision out. */
struct decision decide(const struct facts *facts)
{
    const struct operation_row *row = policy_operation(facts->operation);
    must(facts->role < ROLES_END && facts->reason < REASONS_END && (int)facts->state <= RECORD_STATES);
    struct decision decision = {.operation = facts->operation};
    field_mask sight[RECORD_STATES + 1] = {0};
    if (row->strength != STRENGTH_PUBLIC) /* a public page shows no record, whoever reads it */
        for (enum record_state state = RECORD_LIVE; (int)state <= RECORD_STATES; state++)
            sight[state] = policy_sight(facts->role, state);
    decision.refusal = refuse(row, facts, sight);
    decision.fault = fault_of(decision.refusal);
    decision.permitted = decision.refusal == REFUSAL_NONE;
    if (decision.permitted)
        memcpy(decision.sight, sight, sizeof decision.sight);
    return decision;
}
