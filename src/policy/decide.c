#include "policy/policy.h"

static const bool seen[VIEWERS_END][RECORD_STATES + 1][GROUPS_END] = {
    [VIEWER_NOBODY] = {{false}},
#define VIEWER(name, label)
#define SEE(viewer, state, group) [VIEWER_##viewer][RECORD_##state][GROUP_##group] = true,
#include "policy/disclosure.def"
#undef VIEWER
#undef SEE
};

field_mask policy_sight_of(enum viewer viewer, enum record_state state)
{
    must(viewer < VIEWERS_END);
    must(state >= RECORD_LIVE && (int)state <= RECORD_STATES);
    field_mask sight = 0;
    for (int group = 1; group < GROUPS_END; group++)
        sight |= (field_mask)seen[viewer][state][group] << group;
    return sight;
}

/* Of any record.  An override practitioner sees as a practitioner until they override (R10), an officer no
 * record but those of their cases (R2). */
static enum viewer viewer_of(enum role role)
{
    bool works_with_children = role == ROLE_practitioner || role == ROLE_override_practitioner;
    return works_with_children ? VIEWER_practitioner : VIEWER_NOBODY;
}

field_mask policy_sight(enum role role, enum record_state state)
{
    must(role < ROLES_END);
    return policy_sight_of(viewer_of(role), state);
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

/* On a demonstration anybody can try every role, without a key (security.md §3). */
static bool has_key(const struct facts *facts)
{
    return strong_enough(facts->strength, STRENGTH_KEY) ||
           (facts->demonstration && strong_enough(facts->strength, STRENGTH_TOKEN));
}

/* Of the one record concerned. */
static enum viewer viewer_of_record(const struct facts *facts)
{
    if (facts->role == ROLE_override_practitioner && facts->overriding && facts->state == RECORD_SHIELDED &&
        has_key(facts))
        return VIEWER_overrider;
    if (facts->role == ROLE_shielding_officer && facts->case_held && has_key(facts))
        return VIEWER_officer;
    return viewer_of(facts->role);
}

/* What a case or an override adds is seen of the one record alone, and never searched by. */
static field_mask sight_in(const struct facts *facts, enum record_state state)
{
    enum viewer viewer = state == facts->state ? viewer_of_record(facts) : viewer_of(facts->role);
    field_mask sight = policy_sight_of(viewer, state);
    if (!facts->sensitive_held) /* R3.5, R8.3 */
        sight &= ~MASK(OWN_SENSITIVE);
    if (facts->mediated) /* R4.1: what both may see, and what is one person's own is not the other's */
        sight &= policy_sight(facts->other_role, state) &
                 ~(MASK(OWN_SERVICES) | MASK(OWN_SENSITIVE) | MASK(OWN_NUMBERS));
    return sight;
}

/* Whether the role, and where mediated the other's too, may do this.  Nobody writes of a child in another's
 * place. */
static bool roles_may(const struct operation_row *row, const struct facts *facts)
{
    if (!facts->role_held || !policy_may(facts->role, facts->operation))
        return false;
    if (!facts->mediated)
        return true;
    return policy_may(facts->other_role, facts->operation) &&
           !(row->subject == SUBJECT_CHILD && row->effect == EFFECT_WRITES);
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
    if (!roles_may(row, facts)) /* R2 */
        return REFUSAL_ROLE;
    if (policy_needs(facts->operation) != CAPABILITY_NONE && !facts->capability_held) /* R3.5 */
        return REFUSAL_CAPABILITY;
    bool strong =
        row->strength == STRENGTH_KEY ? has_key(facts) : strong_enough(facts->strength, row->strength);
    return strong ? REFUSAL_NONE : REFUSAL_STRENGTH; /* R3.2 */
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
    if (policy_takes_second(facts->operation) && !facts->second_given) /* R9.7 */
        return REFUSAL_SECOND;
    /* Before the record: whether there is one is no answer to somebody who may open no more. */
    if (row->subject == SUBJECT_CHILD && facts->limit_reached) /* R5.7 */
        return REFUSAL_LIMIT;
    if (facts->state != 0 && sight[facts->state] == 0)
        return REFUSAL_RECORD;
    if (row->subject == SUBJECT_CHILD && facts->own_child) /* R17.3 */
        return REFUSAL_OWN;
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
    case REFUSAL_CAPABILITY:
    case REFUSAL_SECOND:
    case REFUSAL_OWN:
        return FAULT_REFUSED;
    case REFUSAL_LIMIT:
        return FAULT_TOO_MANY;
    case REFUSAL_FORM_TOKEN:
        return FAULT_STALE_FORM;
    case REFUSAL_REASON:
    case REFUSAL_NO_LIVE_REASON:
        return FAULT_REASON;
    case REFUSAL_RECORD:
        return FAULT_ABSENT;
    case REFUSALS_END:
        break;
    }
    return FAULT_REFUSED;
}

/* TOUR 3: facts in, decision out. */
struct decision decide(const struct facts *facts)
{
    const struct operation_row *row = policy_operation(facts->operation);
    must(facts->role < ROLES_END && facts->reason < REASONS_END && (int)facts->state <= RECORD_STATES);
    must(facts->other_role < ROLES_END);
    struct decision decision = {.operation = facts->operation};
    field_mask sight[RECORD_STATES + 1] = {0};
    if (row->strength != STRENGTH_PUBLIC) /* a public page shows no record, whoever reads it */
        for (enum record_state state = RECORD_LIVE; (int)state <= RECORD_STATES; state++)
            sight[state] = sight_in(facts, state);
    decision.refusal = refuse(row, facts, sight);
    decision.fault = fault_of(decision.refusal);
    decision.permitted = decision.refusal == REFUSAL_NONE;
    if (decision.permitted)
        memcpy(decision.sight, sight, sizeof decision.sight);
    return decision;
}
