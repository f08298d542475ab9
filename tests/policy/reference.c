#include "policy/reference.h"

/* What an operation is, in the words of R2's table of classes. */
enum class {
    CLASS_OPEN = 1,    /* the public page and the two pages of signing in */
    CLASS_LOOKING,     /* search, view: reads about a child */
    CLASS_INVOLVEMENT, /* recording and ending one's own involvement */
    CLASS_OWN,         /* own account, own looks, leaving */
    CLASS_SEARCH_FORM, /* the empty search form: about nobody yet */
    CLASS_ACCOUNTS,    /* accounts of other people */
    CLASS_MACHINE,     /* the operator's commands */
    CLASS_CASES,       /* duplicates, merge, split, rows that wait: R9.6, R14.4 */
};

/* How an operation is asked for. */
enum asked {
    ASKED_BY_LINK = 1,
    ASKED_BY_FORM,
    ASKED_BY_COMMAND,
    ASKED_INSIDE,
};

/* R5.1: what becomes of the reason. */
enum reasoned {
    REASONED_NOT = 1,
    REASONED_NOW,
    REASONED_BEFORE,
};

struct known {
    enum class class;
    enum asked asked;
    enum reasoned reasoned;
};

static struct known about(enum operation operation)
{
    switch (operation) {
    case OP_home:
    case OP_sign_in_page:
    case OP_sign_in_code_page:
        return (struct known){CLASS_OPEN, ASKED_BY_LINK, REASONED_NOT};
    case OP_sign_in_password:
    case OP_sign_in_code:
        return (struct known){CLASS_OPEN, ASKED_BY_FORM, REASONED_NOT};
    case OP_sign_out:
        return (struct known){CLASS_OWN, ASKED_BY_FORM, REASONED_NOT};
    case OP_account_view:
        return (struct known){CLASS_OWN, ASKED_BY_LINK, REASONED_NOT};
    case OP_find_page:
        return (struct known){CLASS_SEARCH_FORM, ASKED_BY_LINK, REASONED_NOT};
    case OP_child_find:
    case OP_child_reason:
        return (struct known){CLASS_LOOKING, ASKED_BY_FORM, REASONED_NOW};
    case OP_child_results:
    case OP_child_view:
    case OP_child_details:
        return (struct known){CLASS_LOOKING, ASKED_BY_LINK, REASONED_BEFORE};
    case OP_involvement_page:
    case OP_involvement_view:
        return (struct known){CLASS_INVOLVEMENT, ASKED_BY_LINK, REASONED_BEFORE};
    case OP_involvement_record:
    case OP_involvement_end:
        return (struct known){CLASS_INVOLVEMENT, ASKED_BY_FORM, REASONED_BEFORE};
    case OP_account_create:
    case OP_account_suspend:
        return (struct known){CLASS_ACCOUNTS, ASKED_BY_COMMAND, REASONED_NOT};
    case OP_administrator_first:
    case OP_feed_load:
    case OP_vault_give:
    case OP_duplicates_seek:
    case OP_model_train:
    case OP_match_explain:
        return (struct known){CLASS_MACHINE, ASKED_BY_COMMAND, REASONED_NOT};
    case OP_case_list:
    case OP_case_view:
    case OP_case_decide:
    case OP_child_merge:
    case OP_child_split:
        return (struct known){CLASS_CASES, ASKED_INSIDE, REASONED_NOT};
    case OP_NONE:
    case OPERATIONS_END:
        break;
    }
    return (struct known){0};
}

/* R2 */
static bool role_reaches(enum role role, enum class class)
{
    bool works_with_children = role == ROLE_practitioner || role == ROLE_override_practitioner;
    bool signs_in = works_with_children || role == ROLE_user_manager || role == ROLE_shielding_officer ||
                    role == ROLE_data_officer || role == ROLE_rights_officer || role == ROLE_audit_reviewer ||
                    role == ROLE_national_administrator;
    switch (class) {
    case CLASS_OPEN:
        return true;
    case CLASS_LOOKING:
    case CLASS_INVOLVEMENT:
    case CLASS_SEARCH_FORM:
        return works_with_children;
    case CLASS_OWN:
        return signs_in;
    case CLASS_ACCOUNTS:
        return role == ROLE_user_manager || role == ROLE_national_administrator;
    case CLASS_MACHINE:
        return role == ROLE_operator;
    case CLASS_CASES:
        return role == ROLE_shielding_officer || role == ROLE_data_officer;
    }
    return false;
}

static field_mask everything_but(field_mask hidden)
{
    field_mask all = 0;
    for (int group = 1; group < GROUPS_END; group++)
        all |= (field_mask)1 << group;
    return all & ~hidden;
}

/* "Who sees what": the columns of a practitioner before any override. */
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

static field_mask sees(enum role role, enum record_state state)
{
    return role == ROLE_practitioner || role == ROLE_override_practitioner ? practitioner_sees(state) : 0;
}

static struct decision refused(const struct facts *facts, enum refusal refusal, enum fault fault)
{
    return (struct decision){.operation = facts->operation, .refusal = refusal, .fault = fault};
}

struct decision reference_decide(const struct facts *facts)
{
    struct known known = about(facts->operation);
    bool open = known.class == CLASS_OPEN;
    bool at_the_machine = facts->strength == STRENGTH_LOCAL;
    if (!open) {
        if (!facts->signed_in)
            return refused(facts, REFUSAL_NOT_SIGNED_IN, FAULT_SIGN_IN);
        if (!(facts->account_active && facts->organisation_active))
            return refused(facts, REFUSAL_ACCOUNT, FAULT_SIGN_IN);
        if (!facts->role_held || !role_reaches(facts->role, known.class))
            return refused(facts, REFUSAL_ROLE, FAULT_REFUSED);
        bool has_key = facts->strength == STRENGTH_KEY;
        bool strong = known.class == CLASS_MACHINE ? at_the_machine
                      : known.class == CLASS_CASES ? has_key
                                                   : has_key || facts->strength == STRENGTH_TOKEN;
        if (!strong)
            return refused(facts, REFUSAL_STRENGTH, FAULT_REFUSED);
    }
    if (known.asked == ASKED_BY_FORM && !facts->form_token_valid)
        return refused(facts, REFUSAL_FORM_TOKEN, FAULT_STALE_FORM);
    bool thin = facts->reason == REASON_NONE || (facts->reason == REASON_other && !facts->reason_text_given);
    if (known.reasoned == REASONED_NOW && thin)
        return refused(facts, REFUSAL_REASON, FAULT_REASON);
    if (known.reasoned == REASONED_BEFORE && !facts->reason_live)
        return refused(facts, REFUSAL_NO_LIVE_REASON, FAULT_REASON);
    bool about_a_record = facts->state != 0;
    if (about_a_record && (open || sees(facts->role, facts->state) == 0))
        return refused(facts, REFUSAL_RECORD, FAULT_ABSENT);
    struct decision decision = {.operation = facts->operation, .permitted = true};
    if (!open)
        for (int state = 1; state <= RECORD_STATES; state++)
            decision.sight[state] = sees(facts->role, (enum record_state)state);
    return decision;
}
