/* Overriding a shield, and the investigation that it starts (R10). */
#include "registry/override.h"

#include "access/account_life.h"

#include "service/manage.h"
#include "service/messages.h"
#include "service/staff_told.h"

struct overriding {
    struct conduct *conduct;
    const struct permit_shield_override *permit;
    struct override_order order;
    struct matter_id id;
    struct child *child;
};

static struct override_order order_of(const struct conduct *conduct)
{
    return (struct override_order){.matters = &conduct->service->matters,
                                   .arena = conduct->arena,
                                   .session = conduct->caller.session,
                                   .account = conduct->caller.account.account,
                                   .role = conduct->caller.role,
                                   .name = conduct->caller.account.full_name,
                                   .now = conduct->now,
                                   .text = conduct_field(conduct, "text"),
                                   .alarm_key = &conduct->service->alarm_key,
                                   .entropy = conduct->service->entropy};
}

static enum fault read_child(struct db_tx *tx, void *context)
{
    struct overriding *overriding = context;
    const struct conduct *conduct = overriding->conduct;
    const struct child_id child = {conduct->ask->path_ids[0]};
    return child_read(tx, conduct->display, child, conduct->arena, &overriding->child);
}

static enum fault show_identity(struct conduct *conduct, const struct child *child)
{
    field_mask identity[RECORD_STATES + 1] = {0};
    identity[child->state] = conduct->decision.sight[child->state] & MASK(IDENTITY);
    const struct disclosure shown = {&conduct->caller, identity, NULL, conduct->now, conduct->arena};
    return disclose_child(&shown, child, &conduct->answer->child);
}

/* What the page says is true of shielded records alone; of others it is absent. */
static enum fault show_page(struct conduct *conduct)
{
    struct overriding overriding = {.conduct = conduct};
    struct entries entries = {0};
    enum fault fault;
    TRY(db_read(conduct->service->db, read_child, &overriding));
    if (overriding.child->state != RECORD_SHIELDED)
        return conduct_refuse(conduct, REFUSAL_NONE, FAULT_ABSENT);
    TRY(show_identity(conduct, overriding.child));
    TRY(entries_add(conduct, &entries, EVENT_FORM_SHOWN, overriding.child->child, &overriding.child->key,
                    conduct->decision.sight[overriding.child->state] & MASK(IDENTITY)));
    TRY(conduct_commit(conduct, &entries, manage_cover, conduct));
done:
    return fault;
}

enum fault do_override_page(struct conduct *conduct)
{
    const struct permit_override_page permit =
        permit_issue_override_page(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_override_page);
    conduct_display(conduct, &permit.permit);
    return show_page(conduct);
}

static enum fault begin(struct db_tx *tx, void *context)
{
    struct overriding *overriding = context;
    enum fault fault;
    TRY(manage_cover(tx, overriding->conduct));
    TRY(override_begin(tx, overriding->permit, &overriding->order, overriding->id, overriding->child->child));
done:
    return fault;
}

enum fault do_shield_override(struct conduct *conduct)
{
    const struct permit_shield_override permit = permit_issue_shield_override(
        &conduct->decision, conduct->caller.role, conduct->caller.account.account);
    struct overriding overriding = {.conduct = conduct, .permit = &permit, .order = order_of(conduct)};
    struct entries entries = {0};
    enum fault fault;
    conduct_display(conduct, &permit.permit);
    if (!conduct_says_something(overriding.order.text)) {
        conduct_error(conduct, "text", "Say why, in at least 10 characters");
        conduct->answer->fault = FAULT_INVALID;
        TRY(show_page(conduct));
        return FAULT_INVALID;
    }
    TRY(manage_form_id(conduct, "override of a form", &overriding.id.id));
    TRY(db_read(conduct->service->db, read_child, &overriding));
    TRY(entries_add(conduct, &entries, EVENT_SHIELD_OVERRIDDEN, overriding.child->child,
                    &overriding.child->key, 0));
    fault = conduct_commit(conduct, &entries, begin, &overriding);
    if (fault == FAULT_ABSENT)
        return conduct_refuse(conduct, REFUSAL_NONE, FAULT_ABSENT);
    TRY(fault);
    conduct->answer->opened = overriding.child->child;
    conduct->answer->recorded = true;
done:
    return fault;
}

/* Inside the entry's transaction: whoever has left may leave again. */
static enum fault leave(struct db_tx *tx, void *context)
{
    struct conduct *conduct = context;
    enum fault fault;
    TRY(manage_cover(tx, conduct));
    TRY(override_leave(tx, conduct->caller.session));
done:
    return fault;
}

enum fault do_override_end(struct conduct *conduct)
{
    const struct permit_override_end permit =
        permit_issue_override_end(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    struct overriding overriding = {.conduct = conduct};
    struct entries entries = {0};
    enum fault fault;
    must(permit.permit.operation == OP_override_end);
    conduct_display(conduct, &permit.permit);
    TRY(db_read(conduct->service->db, read_child, &overriding));
    TRY(entries_add(conduct, &entries, EVENT_OVERRIDE_ENDED, overriding.child->child, &overriding.child->key,
                    0));
    TRY(conduct_commit(conduct, &entries, leave, conduct));
    conduct->answer->opened = overriding.child->child;
    conduct->answer->recorded = true;
done:
    return fault;
}

static struct str state_words(const struct matter *matter)
{
    return matter->state == MATTER_CLOSED ? STR("Closed") : STR("To be explained");
}

static struct str outcome_words(const struct matter_step *step)
{
    if (step->verb != STEP_CLOSED || step->outcome == OVERRIDE_NONE || step->outcome >= OVERRIDE_OUTCOMES_END)
        return (struct str){"", 0};
    return str_of(override_outcome_label((enum override_outcome)step->outcome));
}

static void describe(const struct conduct *conduct, const struct matter *matter, struct matter_view *view)
{
    view->state = state_words(matter);
    view->own = id_equal(matter->about.id, conduct->caller.account.account.id);
    view->to_decide = matter->state == MATTER_OPEN && !view->own;
}

enum fault do_override_list(struct conduct *conduct)
{
    const struct permit_override_list permit =
        permit_issue_override_list(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_override_list);
    return manage_list(conduct, &(struct matters_page){EVENT_OVERRIDES_LISTED, MATTER_OVERRIDE, state_words});
}

static void offer_outcomes(struct conduct *conduct)
{
    static const struct choice_view choices[OVERRIDE_OUTCOMES_END - 1] = {
#define OUTCOME(name, label) [OVERRIDE_##name - 1] = {#name, label},
#include "registry/outcomes.def"
#undef OUTCOME
    };
    conduct->answer->choices = choices;
    conduct->answer->choice_count = OVERRIDE_OUTCOMES_END - 1;
}

static enum fault show_one(struct conduct *conduct)
{
    offer_outcomes(conduct);
    const bool sees = conduct->caller.role == ROLE_shielding_officer;
    return manage_show(conduct, &(struct matter_page){EVENT_OVERRIDE_VIEWED, describe, outcome_words, sees});
}

enum fault do_override_view(struct conduct *conduct)
{
    const struct permit_override_view permit =
        permit_issue_override_view(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_override_view);
    conduct_display(conduct, &permit.permit);
    return show_one(conduct);
}

struct investigating {
    struct conduct *conduct;
    struct override_order order;
    struct permit_override_decide permit;
    enum override_outcome outcome;
};

static enum fault suspend(struct db_tx *tx, struct conduct *conduct, struct account_id id)
{
    struct access *access = conduct->service->access;
    struct account account;
    enum fault fault;
    TRY(access_account_get(access, tx, id, conduct->arena, &account));
    account.why = STR("an override of a shield was not explained");
    TRY(access_account_suspend(access, tx, &account));
    TRY(staff_told_suspended(tx, conduct, &account));
done:
    return fault;
}

/* R10: unexplained, the account is suspended in the same transaction, and its sessions end. */
static enum fault decide_now(struct db_tx *tx, void *context)
{
    struct investigating *investigating = context;
    struct conduct *conduct = investigating->conduct;
    struct matter matter;
    enum fault fault;
    TRY(manage_matter(tx, conduct, &matter));
    TRY(override_decide(tx, &investigating->permit, &investigating->order, investigating->outcome, &matter));
    if (investigating->outcome == OVERRIDE_suspend)
        TRY(suspend(tx, conduct, matter.about));
    TRY(tell_overrider(tx, conduct, &matter, str_of(override_outcome_label(investigating->outcome))));
done:
    return fault;
}

enum fault do_override_decide(struct conduct *conduct)
{
    struct investigating investigating = {.conduct = conduct, .order = order_of(conduct)};
    enum fault fault;
    investigating.permit = permit_issue_override_decide(&conduct->decision, conduct->caller.role,
                                                        conduct->caller.account.account);
    conduct_display(conduct, &investigating.permit.permit);
    investigating.outcome = override_outcome_of(conduct_field(conduct, "outcome"));
    if (investigating.outcome == OVERRIDE_NONE)
        conduct_error(conduct, "outcome", "Choose what the investigation has come to");
    if (!conduct_says_something(investigating.order.text))
        conduct_error(conduct, "text", "Say why, in at least 10 characters");
    if (conduct->answer->error_count > 0) {
        conduct->answer->fault = FAULT_INVALID;
        TRY(show_one(conduct));
        return FAULT_INVALID;
    }
    TRY(manage_write(conduct, EVENT_OVERRIDE_DECIDED, decide_now, &investigating));
done:
    return fault;
}
