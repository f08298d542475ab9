#include "policy/reference.h"

/* What an operation is, in the words of R2's table of classes. */
enum class {
    CLASS_OPEN = 1,    /* the public page and the two pages of signing in */
    CLASS_LOOKING,     /* search, view: reads about a child */
    CLASS_INVOLVEMENT, /* recording and ending one's own involvement */
    CLASS_OWN,         /* own account, own looks, leaving */
    CLASS_OWN_KEYS,    /* adding to what one proves oneself with: R3.2 */
    CLASS_SEARCH_FORM, /* the empty search form, asking for more: about nobody yet */
    CLASS_APPROVING,   /* a second person for who would open many: R5.7 */
    CLASS_ACCOUNTS,    /* accounts of other people */
    CLASS_USERS,       /* the life of other people's accounts: R3 */
    CLASS_EDGES,       /* organisations, reasons, policy */
    CLASS_MACHINE,     /* the operator's commands */
    CLASS_CASES,       /* duplicates, merge, split, rows that wait: R9.6, R14.4 */
    CLASS_SHIELDS,     /* decide, review, lift a shield; new identities: R9.2, R9.7, R9.8 */
    CLASS_OVERRIDDEN,  /* looking into an override: R10 */
    CLASS_OVERRIDING,  /* override a shield: R10 */
    CLASS_ALARMS,      /* answering alarms: R17.7 */
    CLASS_TEAM,        /* what waits for the team */
};

/* How an operation is asked for, and what becomes of the reason (R5.1). */
enum asked { BY_LINK = 1, BY_FORM, BY_COMMAND, INSIDE };
enum reasoned { REASONED_NOT = 1, REASONED_NOW, REASONED_BEFORE };
enum { OPERATIONS_ALIKE_MAX = 24 };

struct known {
    enum class class;
    enum asked asked;
    enum reasoned reasoned;
};

static const struct {
    struct known known;
    enum operation operations[OPERATIONS_ALIKE_MAX];
} known_of[] = {
    {{CLASS_OPEN, BY_LINK, REASONED_NOT},
     {OP_home, OP_sign_in_page, OP_sign_in_code_page, OP_enrol_page, OP_enrol_status}},
    {{CLASS_OPEN, BY_FORM, REASONED_NOT},
     {OP_sign_in_password, OP_sign_in_code, OP_sign_in_key_begin, OP_sign_in_key, OP_enrol_ask,
      OP_enrol_choose, OP_enrol_key_begin, OP_enrol_key}},
    {{CLASS_OWN, BY_FORM, REASONED_NOT},
     {OP_sign_out_everywhere, OP_step_up_begin, OP_step_up, OP_role_change, OP_terms_accept, OP_sign_out}},
    {{CLASS_OWN_KEYS, BY_LINK, REASONED_NOT}, {OP_key_page}},
    {{CLASS_OWN_KEYS, BY_FORM, REASONED_NOT}, {OP_key_ask, OP_key_begin, OP_key_add}},
    {{CLASS_OWN, BY_LINK, REASONED_NOT},
     {OP_step_up_page, OP_security_view, OP_terms_page, OP_account_view, OP_message_list, OP_message_view}},
    {{CLASS_SEARCH_FORM, BY_LINK, REASONED_NOT}, {OP_find_page, OP_more_page, OP_mediate_page}},
    {{CLASS_SEARCH_FORM, BY_FORM, REASONED_NOT}, {OP_more_ask, OP_mediate, OP_mediate_end}},
    {{CLASS_APPROVING, BY_LINK, REASONED_NOT}, {OP_approval_list, OP_approval_view}},
    {{CLASS_APPROVING, BY_FORM, REASONED_NOT}, {OP_approval_decide}},
    {{CLASS_LOOKING, BY_FORM, REASONED_NOW}, {OP_child_find, OP_child_reason}},
    {{CLASS_LOOKING, BY_LINK, REASONED_BEFORE}, {OP_child_results, OP_child_view, OP_child_details}},
    {{CLASS_INVOLVEMENT, BY_LINK, REASONED_BEFORE},
     {OP_involvement_page, OP_involvement_view, OP_shield_page, OP_ask_page}},
    {{CLASS_INVOLVEMENT, BY_FORM, REASONED_BEFORE},
     {OP_involvement_record, OP_involvement_end, OP_consent_withdraw, OP_shield_request, OP_ask_send}},
    {{CLASS_ACCOUNTS, BY_COMMAND, REASONED_NOT}, {OP_account_create, OP_account_suspend}},
    {{CLASS_OWN, BY_FORM, REASONED_NOT}, {OP_key_remove, OP_staff_facts_give, OP_message_answer}},
    {{CLASS_USERS, BY_LINK, REASONED_NOT},
     {OP_user_list, OP_user_view, OP_user_request_page, OP_user_key_page}},
    {{CLASS_USERS, BY_FORM, REASONED_NOT},
     {OP_user_filter, OP_user_request, OP_user_check, OP_user_admit, OP_user_suspend, OP_user_reinstate,
      OP_user_roles, OP_user_close, OP_user_key_revoke, OP_enrolment_approve}},
    {{CLASS_EDGES, BY_LINK, REASONED_NOT},
     {OP_organisation_list, OP_organisation_view, OP_organisation_create_page, OP_reasons_view,
      OP_policy_view}},
    {{CLASS_EDGES, BY_FORM, REASONED_NOT},
     {OP_organisation_filter, OP_organisation_create, OP_organisation_change}},
    {{CLASS_MACHINE, BY_COMMAND, REASONED_NOT},
     {OP_administrator_first, OP_administrator_codes, OP_administrator_approve, OP_feed_load, OP_vault_give,
      OP_vault_rotate, OP_duplicates_seek, OP_model_train, OP_match_explain}},
    {{CLASS_OVERRIDING, BY_LINK, REASONED_BEFORE}, {OP_override_page}},
    {{CLASS_OVERRIDING, BY_FORM, REASONED_BEFORE}, {OP_shield_override, OP_override_end}},
    {{CLASS_ALARMS, BY_LINK, REASONED_NOT}, {OP_alarm_list, OP_alarm_view}},
    {{CLASS_ALARMS, BY_FORM, REASONED_NOT}, {OP_alarm_close}},
    {{CLASS_TEAM, BY_LINK, REASONED_NOT}, {OP_manage_home}},
    {{CLASS_SHIELDS, BY_LINK, REASONED_NOT},
     {OP_shield_list, OP_shield_view, OP_seal_list, OP_seal_view, OP_request_list, OP_request_view}},
    {{CLASS_SHIELDS, BY_FORM, REASONED_NOT},
     {OP_shield_decide, OP_shield_review, OP_shield_lift, OP_shield_second, OP_seal_ask, OP_seal_second,
      OP_seal_open, OP_request_pass, OP_request_answer}},
    {{CLASS_OVERRIDDEN, BY_LINK, REASONED_NOT}, {OP_override_list, OP_override_view}},
    {{CLASS_OVERRIDDEN, BY_FORM, REASONED_NOT}, {OP_override_decide}},
    {{CLASS_CASES, BY_LINK, REASONED_NOT}, {OP_case_list, OP_case_view}},
    {{CLASS_CASES, BY_FORM, REASONED_NOT}, {OP_case_more, OP_case_decide}},
    {{CLASS_CASES, INSIDE, REASONED_NOT}, {OP_child_merge, OP_child_split}},
};

static struct known about(enum operation operation)
{
    for (size_t i = 0; i < sizeof known_of / sizeof *known_of; i++)
        for (size_t k = 0; k < OPERATIONS_ALIKE_MAX && known_of[i].operations[k] != OP_NONE; k++)
            if (known_of[i].operations[k] == operation)
                return known_of[i].known;
    return (struct known){0};
}

/* What is recorded of a child: R4.1 speaks of looking, so nobody does this for somebody else. */
static bool is_recorded_of_a_child(const struct known *known)
{
    return (known->class == CLASS_INVOLVEMENT || known->class == CLASS_OVERRIDING) && known->asked == BY_FORM;
}

/* What the second of two people does: R5.7, R9.7. */
static bool is_for_a_second(enum operation operation)
{
    return operation == OP_approval_decide || operation == OP_shield_second || operation == OP_seal_second;
}

/* R3.5 */
static bool needs_accreditation(enum operation operation, enum class class)
{
    return class == CLASS_LOOKING || class == CLASS_OVERRIDING || operation == OP_find_page ||
           operation == OP_shield_page || operation == OP_shield_request || operation == OP_mediate_page ||
           operation == OP_mediate;
}

/* What takes a security key, in R2's table. */
static bool takes_key(enum class class)
{
    return class == CLASS_CASES || class == CLASS_APPROVING || class == CLASS_USERS || class == CLASS_EDGES ||
           class == CLASS_SHIELDS || class == CLASS_OVERRIDDEN || class == CLASS_OVERRIDING ||
           class == CLASS_OWN_KEYS || class == CLASS_ALARMS;
}

#define ONE(role) (1U << ROLE_##role)
enum {
    WITH_CHILDREN = ONE(practitioner) | ONE(override_practitioner),
    TEAM = ONE(user_manager) | ONE(shielding_officer) | ONE(data_officer) | ONE(rights_officer) |
           ONE(audit_reviewer),
    SIGN_IN = WITH_CHILDREN | TEAM | ONE(national_administrator),
    MAKE_ACCOUNTS = ONE(user_manager) | ONE(national_administrator),
};

/* R2 */
static bool role_reaches(enum role role, enum class class)
{
    static const unsigned roles[] = {
        [CLASS_LOOKING] = WITH_CHILDREN,
        [CLASS_INVOLVEMENT] = WITH_CHILDREN,
        [CLASS_SEARCH_FORM] = WITH_CHILDREN,
        [CLASS_OWN] = SIGN_IN,
        [CLASS_OWN_KEYS] = SIGN_IN,
        [CLASS_ACCOUNTS] = MAKE_ACCOUNTS,
        [CLASS_USERS] = MAKE_ACCOUNTS,
        [CLASS_EDGES] = ONE(national_administrator),
        [CLASS_MACHINE] = ONE(operator),
        [CLASS_CASES] = ONE(shielding_officer) | ONE(data_officer),
        [CLASS_APPROVING] = ONE(user_manager) | ONE(shielding_officer),
        [CLASS_SHIELDS] = ONE(shielding_officer),
        [CLASS_OVERRIDDEN] = ONE(shielding_officer) | ONE(audit_reviewer),
        [CLASS_OVERRIDING] = ONE(override_practitioner),
        [CLASS_ALARMS] = ONE(audit_reviewer),
        [CLASS_TEAM] = TEAM,
    };
    return class == CLASS_OPEN || (roles[class] >> role & 1) != 0;
}

static const field_mask one_persons_own = MASK(OWN_SERVICES) | MASK(OWN_SENSITIVE) | MASK(OWN_NUMBERS);

static field_mask everything_but(field_mask hidden)
{
    return (((field_mask)1 << GROUPS_END) - 2) & ~hidden;
}

/* "Who sees what", column by column. */
static field_mask practitioner_sees(enum record_state state)
{
    field_mask kept_back = MASK(SENSITIVE) | MASK(NUMBERS) | MASK(CUSTODY);
    switch (state) {
    case RECORD_LIVE:
        return everything_but(kept_back);
    case RECORD_SHIELDED: /* R9.3, R7.6 */
        return MASK(IDENTITY) | MASK(OWN_SERVICES);
    case RECORD_DEAD: /* R12.2: what was, not what is */
        return everything_but(kept_back | MASK(SERVICES));
    case RECORD_ARCHIVED: /* R13.3 */
    case RECORD_SEALED:   /* R9.8 */
        return 0;
    }
    return 0;
}

static field_mask sees_of_any(enum role role, enum record_state state)
{
    return (WITH_CHILDREN >> role & 1) != 0 ? practitioner_sees(state) : 0;
}

static bool has_key(const struct facts *facts)
{
    return facts->strength == STRENGTH_KEY || (facts->demonstration && facts->strength == STRENGTH_TOKEN);
}

/* Of the one record that a request is about: O and C of the matrix. */
static field_mask sees_of_this(const struct facts *facts)
{
    bool overrides = facts->overriding && has_key(facts) && facts->role == ROLE_override_practitioner;
    bool own_case = facts->case_held && has_key(facts) && facts->role == ROLE_shielding_officer;
    if (overrides && facts->state == RECORD_SHIELDED) /* R10: and sensitive services stay one line */
        return practitioner_sees(RECORD_LIVE) & ~MASK(OWN_SENSITIVE);
    if (own_case && (facts->state == RECORD_LIVE || facts->state == RECORD_SHIELDED))
        return everything_but(one_persons_own);
    return sees_of_any(facts->role, facts->state);
}

static field_mask sees(const struct facts *facts, enum record_state state)
{
    field_mask one = facts->state == state ? sees_of_this(facts) : sees_of_any(facts->role, state);
    if (!facts->sensitive_held) /* R3.5, R8.3 */
        one &= ~MASK(OWN_SENSITIVE);
    if (!facts->mediated)
        return one;
    /* R4.1: limited to what both may see; "own" is each one's own. */
    return one & sees_of_any(facts->other_role, state) & ~one_persons_own;
}

/* Who asks, for whom, how strongly. */
static enum refusal against_caller(const struct facts *facts, const struct known *known)
{
    bool has_token = facts->strength == STRENGTH_TOKEN || facts->strength == STRENGTH_KEY;
    bool strong = known->class == CLASS_MACHINE ? facts->strength == STRENGTH_LOCAL
                  : takes_key(known->class)     ? has_key(facts)
                                                : has_token;
    if (known->class == CLASS_OPEN)
        return REFUSAL_NONE;
    if (!facts->signed_in)
        return REFUSAL_NOT_SIGNED_IN;
    if (!(facts->account_active && facts->organisation_active))
        return REFUSAL_ACCOUNT;
    if (!facts->role_held || !role_reaches(facts->role, known->class))
        return REFUSAL_ROLE;
    if (facts->mediated && (!role_reaches(facts->other_role, known->class) || is_recorded_of_a_child(known)))
        return REFUSAL_ROLE;
    if (needs_accreditation(facts->operation, known->class) && !facts->capability_held)
        return REFUSAL_CAPABILITY;
    return strong ? REFUSAL_NONE : REFUSAL_STRENGTH;
}

/* What is asked for, and why. */
static enum refusal against_request(const struct facts *facts, const struct known *known)
{
    bool about_children = known->class == CLASS_LOOKING || known->class == CLASS_INVOLVEMENT ||
                          known->class == CLASS_OVERRIDING;
    bool thin = facts->reason == REASON_NONE || (facts->reason == REASON_other && !facts->reason_text_given);
    if (known->asked == BY_FORM && !facts->form_token_valid)
        return REFUSAL_FORM_TOKEN;
    if (known->reasoned == REASONED_NOW && thin)
        return REFUSAL_REASON;
    if (known->reasoned == REASONED_BEFORE && !facts->reason_live)
        return REFUSAL_NO_LIVE_REASON;
    if (is_for_a_second(facts->operation) && !facts->second_given)
        return REFUSAL_SECOND;
    if (about_children && facts->limit_reached)
        return REFUSAL_LIMIT;
    if (facts->state != 0 && (known->class == CLASS_OPEN || sees(facts, facts->state) == 0))
        return REFUSAL_RECORD;
    return about_children && facts->own_child ? REFUSAL_OWN : REFUSAL_NONE;
}

/* What the door says: who is not (rightly) signed in signs in; what may not be seen is not there. */
static enum fault said_of(enum refusal refusal)
{
    bool by_signing_in = refusal == REFUSAL_NOT_SIGNED_IN || refusal == REFUSAL_ACCOUNT;
    bool by_reason = refusal == REFUSAL_REASON || refusal == REFUSAL_NO_LIVE_REASON;
    return by_signing_in                   ? FAULT_SIGN_IN
           : by_reason                     ? FAULT_REASON
           : refusal == REFUSAL_FORM_TOKEN ? FAULT_STALE_FORM
           : refusal == REFUSAL_RECORD     ? FAULT_ABSENT
           : refusal == REFUSAL_LIMIT      ? FAULT_TOO_MANY
                                           : FAULT_REFUSED;
}

struct decision reference_decide(const struct facts *facts)
{
    const struct known known = about(facts->operation);
    enum refusal refusal = against_caller(facts, &known);
    if (refusal == REFUSAL_NONE)
        refusal = against_request(facts, &known);
    if (refusal != REFUSAL_NONE)
        return (struct decision){
            .operation = facts->operation, .refusal = refusal, .fault = said_of(refusal)};
    struct decision decision = {.operation = facts->operation, .permitted = true};
    if (known.class != CLASS_OPEN)
        for (int state = 1; state <= RECORD_STATES; state++)
            decision.sight[state] = sees(facts, (enum record_state)state);
    return decision;
}
