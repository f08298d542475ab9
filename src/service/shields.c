/* Shields: asked for by practitioners, decided, reviewed and lifted by officers (R9). */
#include "registry/family.h"
#include "service/manage.h"
#include "service/messages.h"

/* What the form says; notes errors.  Words are needed with every decision, a ground where one is given. */
static enum fault check_words(struct conduct *conduct, const struct shield_order *order, bool grounded)
{
    if (grounded && order->ground == GROUND_NONE)
        conduct_error(conduct, "ground", "Choose the ground");
    if (!conduct_says_something(order->text))
        conduct_error(conduct, "text", "Say why, in at least 10 characters");
    return conduct->answer->error_count > 0 ? FAULT_INVALID : FAULT_NONE;
}

static void offer_grounds(struct conduct *conduct)
{
    static const struct choice_view choices[GROUNDS_END - 1] = {
#define GROUND(name, label) [GROUND_##name - 1] = {#name, label},
#include "registry/grounds.def"
#undef GROUND
    };
    conduct->answer->choices = choices;
    conduct->answer->choice_count = GROUNDS_END - 1;
}

/* Asking: the same page twice, empty and with what was wrong. */
struct asking {
    struct conduct *conduct;
    const struct permit_shield_request *permit;
    struct shield_order order;
    struct matter_id id;
    struct child *child;
};

static enum fault read_asked(struct db_tx *tx, void *context)
{
    struct asking *asking = context;
    const struct conduct *conduct = asking->conduct;
    const struct child_id child = {conduct->ask->path_ids[0]};
    return child_read(tx, conduct->display, child, conduct->arena, &asking->child);
}

static enum fault show_identity(struct conduct *conduct, const struct child *child)
{
    const struct disclosure disclosure = {&conduct->caller, conduct->decision.sight, NULL, conduct->now,
                                          conduct->arena};
    field_mask identity[RECORD_STATES + 1];
    for (int state = 0; state <= RECORD_STATES; state++)
        identity[state] = conduct->decision.sight[state] & MASK(IDENTITY);
    struct disclosure shown = disclosure;
    shown.sight = identity;
    return disclose_child(&shown, child, &conduct->answer->child);
}

/* The page shows who the child is, so its entry names the child. */
static enum fault show_form(struct conduct *conduct)
{
    struct asking asking = {.conduct = conduct};
    struct entries entries = {0};
    enum fault fault;
    offer_grounds(conduct);
    TRY(db_read(conduct->service->db, read_asked, &asking));
    TRY(show_identity(conduct, asking.child));
    TRY(entries_add(conduct, &entries, EVENT_FORM_SHOWN, asking.child->child, &asking.child->key,
                    conduct->decision.sight[asking.child->state] & MASK(IDENTITY)));
    TRY(conduct_commit(conduct, &entries, manage_cover, conduct));
done:
    return fault;
}

enum fault do_shield_page(struct conduct *conduct)
{
    const struct permit_shield_page permit =
        permit_issue_shield_page(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_shield_page);
    conduct_display(conduct, &permit.permit);
    return show_form(conduct);
}

static enum fault request(struct db_tx *tx, void *context)
{
    struct asking *asking = context;
    struct conduct *conduct = asking->conduct;
    enum fault fault;
    TRY(manage_cover(tx, conduct));
    TRY(shield_request(tx, &conduct->noting, asking->permit, &asking->order, asking->id,
                       asking->child->child));
done:
    return fault;
}

/* R9.2: provisional from this moment; acknowledged once no server shows the child otherwise. */
enum fault do_shield_request(struct conduct *conduct)
{
    const struct permit_shield_request permit = permit_issue_shield_request(
        &conduct->decision, conduct->caller.role, conduct->caller.account.account);
    struct asking asking = {.conduct = conduct, .permit = &permit, .order = manage_order(conduct)};
    struct entries entries = {0};
    enum fault fault;
    conduct_display(conduct, &permit.permit);
    if (check_words(conduct, &asking.order, true) != FAULT_NONE) {
        conduct->answer->fault = FAULT_INVALID;
        TRY(show_form(conduct));
        return FAULT_INVALID;
    }
    TRY(manage_form_id(conduct, "shield of a form", &asking.id.id));
    TRY(db_read(conduct->service->db, read_asked, &asking));
    TRY(entries_add(conduct, &entries, EVENT_SHIELD_REQUESTED, asking.child->child, &asking.child->key, 0));
    TRY(conduct_commit(conduct, &entries, request, &asking));
    conduct_leave(conduct);
    TRY(shield_confirm(conduct->service->follow, asking.child->child, &conduct->noting.mark));
    conduct->answer->opened = asking.child->child;
    conduct->answer->recorded = true;
done:
    return fault;
}

/* The list, and one of them. */
static struct str phase_words(const struct matter *matter)
{
    switch ((enum shield_phase)matter->wanted) {
    case SHIELD_ASKED:
        return STR("To be decided");
    case SHIELD_KEPT:
        return STR("Shielded, to be reviewed");
    case SHIELD_REFUSING:
        return STR("A second person must agree that the request is refused");
    case SHIELD_LIFTING:
        return STR("A second person must agree that the shield is lifted");
    }
    return (struct str){"", 0};
}

static struct str state_words(const struct matter *matter)
{
    return matter->state == MATTER_CLOSED ? STR("Closed: nothing is shielded because of it")
                                          : phase_words(matter);
}

/* A step's outcome is a ground, but where two people are concerned. */
static struct str outcome_words(const struct matter_step *step)
{
    const bool of_two = step->verb == STEP_SECOND_ASKED || step->verb == STEP_SECOND_GIVEN ||
                        step->verb == STEP_SECOND_DECLINED;
    if (of_two)
        return step->outcome == SHIELD_REFUSING ? STR("To refuse the request") : STR("To lift the shield");
    if (step->outcome == GROUND_NONE || step->outcome >= GROUNDS_END)
        return (struct str){"", 0};
    return str_of(shield_ground_label((enum shield_ground)step->outcome));
}

static void describe(const struct conduct *conduct, const struct matter *matter, struct matter_view *view)
{
    const struct account_id self = conduct->caller.account.account;
    const bool own = id_equal(matter->first.id, self.id);
    const bool asked = matter->state == MATTER_OPEN && matter->wanted == SHIELD_ASKED;
    view->state = state_words(matter);
    view->to_decide = asked && !id_equal(matter->asker.id, self.id);
    view->to_review = matter->state == MATTER_OPEN && matter->wanted == SHIELD_KEPT;
    view->own = (matter->state == MATTER_SECOND && own) || (asked && !view->to_decide);
    view->to_second = matter->state == MATTER_SECOND && !own;
    if (matter->state == MATTER_SECOND)
        view->wanted = matter->wanted == SHIELD_REFUSING ? STR("refuse the request") : STR("lift the shield");
}

enum fault do_shield_list(struct conduct *conduct)
{
    const struct permit_shield_list permit =
        permit_issue_shield_list(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_shield_list);
    return manage_list(conduct, &(struct matters_page){EVENT_SHIELDS_LISTED, MATTER_SHIELD, state_words});
}

static enum fault show_one(struct conduct *conduct)
{
    offer_grounds(conduct);
    return manage_show(conduct, &(struct matter_page){EVENT_SHIELD_VIEWED, describe, outcome_words, true});
}

enum fault do_shield_view(struct conduct *conduct)
{
    const struct permit_shield_view permit =
        permit_issue_shield_view(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_shield_view);
    conduct_display(conduct, &permit.permit);
    return show_one(conduct);
}

/* One step of an officer on its way; the permit is the operation's own. */
struct deciding {
    struct conduct *conduct;
    struct shield_order order;
    union {
        struct permit_shield_decide decide;
        struct permit_shield_review review;
        struct permit_shield_lift lift;
        struct permit_shield_second second;
    } permit;
    bool agreed;
    bool shown; /* the shield is gone */
};

enum fault manage_shield_again(struct conduct *conduct)
{
    enum fault fault;
    conduct->answer->fault = FAULT_INVALID;
    TRY(show_one(conduct));
    fault = FAULT_INVALID;
done:
    return fault;
}

static struct deciding begin(struct conduct *conduct)
{
    return (struct deciding){.conduct = conduct, .order = manage_order(conduct)};
}

static bool chose(struct conduct *conduct, const char *field, const char *value)
{
    return str_equal(conduct_field(conduct, field), str_of(value));
}

static enum fault decide_now(struct db_tx *tx, void *context)
{
    struct deciding *deciding = context;
    struct conduct *conduct = deciding->conduct;
    struct matter matter;
    enum fault fault;
    TRY(manage_matter(tx, conduct, &matter));
    TRY(deciding->agreed
            ? shield_keep(tx, &conduct->noting, &deciding->permit.decide, &deciding->order, &matter)
            : shield_refuse(tx, &deciding->permit.decide, &deciding->order, &matter));
    if (deciding->agreed)
        TRY(tell_askers(tx, conduct, &matter, MESSAGE_SHIELD_KEPT));
done:
    return fault;
}

enum fault do_shield_decide(struct conduct *conduct)
{
    struct deciding deciding = begin(conduct);
    enum fault fault;
    deciding.permit.decide =
        permit_issue_shield_decide(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    conduct_display(conduct, &deciding.permit.decide.permit);
    deciding.agreed = chose(conduct, "outcome", "confirm");
    if (!deciding.agreed && !chose(conduct, "outcome", "refuse"))
        conduct_error(conduct, "outcome", "Choose whether the record stays shielded");
    if (check_words(conduct, &deciding.order, deciding.agreed) != FAULT_NONE)
        return manage_shield_again(conduct);
    if (deciding.agreed && !conduct_says_something(deciding.order.more)) {
        conduct_error(conduct, "advice", "Say whose advice you took, in at least 10 characters");
        return manage_shield_again(conduct);
    }
    TRY(manage_write(conduct, EVENT_SHIELD_DECIDED, decide_now, &deciding));
    if (deciding.agreed) { /* hidden already; others learn of the new version */
        conduct_leave(conduct);
        TRY(shield_confirm(conduct->service->follow, conduct->matter_record, &conduct->noting.mark));
    }
done:
    return fault;
}

static enum fault review_now(struct db_tx *tx, void *context)
{
    struct deciding *deciding = context;
    struct matter matter;
    enum fault fault;
    TRY(manage_matter(tx, deciding->conduct, &matter));
    TRY(shield_review(tx, &deciding->permit.review, &deciding->order, &matter));
done:
    return fault;
}

enum fault do_shield_review(struct conduct *conduct)
{
    struct deciding deciding = begin(conduct);
    deciding.permit.review =
        permit_issue_shield_review(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    conduct_display(conduct, &deciding.permit.review.permit);
    if (check_words(conduct, &deciding.order, true) != FAULT_NONE)
        return manage_shield_again(conduct);
    return manage_write(conduct, EVENT_SHIELD_REVIEWED, review_now, &deciding);
}

static enum fault lift_now(struct db_tx *tx, void *context)
{
    struct deciding *deciding = context;
    struct matter matter;
    enum fault fault;
    TRY(manage_matter(tx, deciding->conduct, &matter));
    TRY(shield_lift(tx, &deciding->permit.lift, &deciding->order, &matter));
done:
    return fault;
}

enum fault do_shield_lift(struct conduct *conduct)
{
    struct deciding deciding = begin(conduct);
    deciding.permit.lift =
        permit_issue_shield_lift(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    conduct_display(conduct, &deciding.permit.lift.permit);
    deciding.order.text = conduct_field(conduct, "lift_reason");
    if (!conduct_says_something(deciding.order.text))
        conduct_error(conduct, "lift_reason", "Say why, in at least 10 characters");
    if (conduct->answer->error_count > 0)
        return manage_shield_again(conduct);
    return manage_write(conduct, EVENT_SHIELD_LIFT_ASKED, lift_now, &deciding);
}

static enum fault second_now(struct db_tx *tx, void *context)
{
    struct deciding *deciding = context;
    struct conduct *conduct = deciding->conduct;
    struct matter matter;
    enum fault fault;
    TRY(manage_matter(tx, conduct, &matter));
    const bool refusing = matter.wanted == SHIELD_REFUSING;
    TRY(shield_second(tx, &conduct->noting, &deciding->permit.second, &deciding->order, &matter,
                      deciding->agreed, &deciding->shown));
    if (deciding->agreed)
        TRY(tell_askers(tx, conduct, &matter, refusing ? MESSAGE_SHIELD_REFUSED : MESSAGE_SHIELD_LIFTED));
done:
    return fault;
}

/* R9.7 */
enum fault do_shield_second(struct conduct *conduct)
{
    struct deciding deciding = begin(conduct);
    enum fault fault;
    deciding.permit.second =
        permit_issue_shield_second(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    conduct_display(conduct, &deciding.permit.second.permit);
    deciding.agreed = manage_agrees(conduct);
    if (check_words(conduct, &deciding.order, false) != FAULT_NONE)
        return manage_shield_again(conduct);
    TRY(manage_write(conduct, EVENT_SHIELD_SECOND_GIVEN, second_now, &deciding));
    if (deciding.shown)
        TRY(follow_refresh(conduct->service->follow, &conduct->matter_record, 1));
done:
    return fault;
}
