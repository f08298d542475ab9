/* What an officer sees of a question: its record's sensitive services, and what both sides have said (R8.5).
 */
#include "service/messages.h"
#include "service/requests.h"

enum { WORDS_BYTES_MAX = 512 };

struct showing {
    struct conduct *conduct;
    struct matter matter;
    struct matter_step *steps;
    size_t step_count;
    struct child *child;
    struct request_view *view;
};

struct broker_order requests_order(const struct conduct *conduct, struct str text)
{
    return (struct broker_order){.matters = &conduct->service->matters,
                                 .messages = &conduct->service->messages,
                                 .arena = conduct->arena,
                                 .account = conduct->caller.account.account,
                                 .role = conduct->caller.role,
                                 .name = conduct->caller.account.full_name,
                                 .now = conduct->now,
                                 .text = text};
}

struct str requests_state_words(const struct matter *matter)
{
    if (matter->state == MATTER_CLOSED)
        return matter->wanted == BROKER_WITHDRAWN
                   ? STR("Ended: the consent was withdrawn, and the asker told that there is no contact")
                   : STR("Answered");
    switch ((enum broker_phase)matter->wanted) {
    case BROKER_ASKED:
        return STR("To be looked at");
    case BROKER_PASSED:
        return STR("A service has been asked");
    case BROKER_REACHED:
    case BROKER_DECLINED:
        return STR("A service has answered: to be passed back");
    case BROKER_WITHDRAWN:
        break;
    }
    return (struct str){"", 0};
}

static struct str outcome_words(const struct matter_step *step)
{
    if (step->verb != STEP_ANSWERED && step->verb != STEP_TOLD && step->verb != STEP_WITHDRAWN)
        return (struct str){"", 0};
    switch ((enum broker_outcome)step->outcome) {
    case BROKER_CONTACT:
        return STR("May be reached");
    case BROKER_WORDS:
        return STR("The team's own words");
    case BROKER_NO_CONTACT:
        return STR("No contact");
    case BROKER_NONE:
        break;
    }
    return (struct str){"", 0};
}

static void describe(const struct conduct *conduct, const struct matter *matter, struct matter_view *view)
{
    (void)conduct;
    view->state = requests_state_words(matter);
    view->to_decide = matter->state == MATTER_OPEN;
}

/* R3.5, R3.1: somebody who may sign in, of an organisation that is accredited for it still. */
static enum fault can_be_told(struct db_tx *tx, const struct conduct *conduct, struct account_id id,
                              bool *ret_can)
{
    struct access *access = conduct->service->access;
    struct account account;
    struct organisation organisation;
    enum fault fault = access_account_get(access, tx, id, conduct->arena, &account);
    *ret_can = false;
    if (fault == FAULT_ABSENT)
        return FAULT_NONE;
    TRY(fault);
    fault = access_organisation_get(access, tx, account.organisation, conduct->arena, &organisation);
    if (fault == FAULT_ABSENT)
        return FAULT_NONE;
    TRY(fault);
    *ret_can = access_account_standing(access, &account).hindrance == HINDRANCE_NONE && organisation.active &&
               (organisation.capabilities >> CAPABILITY_sensitive_service & 1) != 0;
done:
    return fault;
}

enum fault requests_hindrance(struct db_tx *tx, const struct conduct *conduct, const struct claim *claim,
                              struct str *ret_hindrance)
{
    bool can = false;
    enum fault fault;
    TRY(can_be_told(tx, conduct, claim->recorder, &can));
    if (claim->consent.scope != CONSENT_TO_CONTACT)
        *ret_hindrance = STR("The consent does not reach so far: it may not be asked.");
    else if (!broker_may_ask(claim))
        *ret_hindrance = STR("It has ended.");
    else if (!can)
        *ret_hindrance = STR("Nobody of it can be reached here now.");
    else
        *ret_hindrance = (struct str){"", 0};
done:
    return fault;
}

/* Only what the officer's view discloses is offered. */
static enum fault list_services(struct db_tx *tx, struct showing *showing)
{
    struct conduct *conduct = showing->conduct;
    const struct child_view *child = conduct->answer->matter->child;
    struct request_view *view = showing->view;
    enum fault fault = FAULT_NONE;
    view->service_count = 0;
    view->may_pass = false;
    if (child == NULL)
        return FAULT_NONE;
    view->services = arena_take_array(conduct->arena, child->service_count + 1, sizeof *view->services);
    if (view->services == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < child->service_count; i++) {
        const struct contact_view *contact = &child->services[i];
        const struct claim *claim = broker_claim(showing->child, contact->claim.id);
        if (!contact->sensitive || claim == NULL)
            continue;
        struct request_service_view *service = &view->services[view->service_count++];
        *service = (struct request_service_view){.claim = claim->claim.id, .contact = *contact};
        TRY(requests_hindrance(tx, conduct, claim, &service->hindrance));
        view->may_pass = view->may_pass || service->hindrance.len == 0;
    }
done:
    return fault;
}

static enum fault read_beside(struct db_tx *tx, void *context)
{
    struct showing *showing = context;
    struct conduct *conduct = showing->conduct;
    enum fault fault;
    TRY(manage_matter(tx, conduct, &showing->matter));
    TRY(matter_steps(tx, &conduct->service->matters, &showing->matter, conduct->arena, &showing->steps,
                     &showing->step_count));
    TRY(child_read_whole(tx, conduct->display, showing->matter.child, conduct->arena, &showing->child));
    TRY(list_services(tx, showing));
done:
    return fault;
}

static enum fault join(const struct conduct *conduct, struct str one, struct str other, struct str *ret_both)
{
    struct buffer both = buffer_open(WORDS_BYTES_MAX);
    buffer_put(&both, one);
    buffer_put(&both, STR(". "));
    buffer_put(&both, other);
    enum fault fault = buffer_fault(&both);
    if (fault == FAULT_NONE)
        fault = arena_copy(conduct->arena, buffer_str(&both), ret_both);
    buffer_close(&both);
    return fault;
}

/* R8.2: what a service has said leaves every view with its consent, and so does who said it. */
static void leave_out_withdrawn(const struct showing *showing)
{
    struct matter_view *view = showing->conduct->answer->matter;
    if (id_is_zero(showing->matter.other) || broker_claim(showing->child, showing->matter.other) != NULL)
        return;
    for (size_t i = 0; i < view->step_count && i < showing->step_count; i++) {
        const enum step_verb verb = showing->steps[i].verb;
        if (verb == STEP_ANSWERED)
            view->steps[i] = (struct step_view){.at = view->steps[i].at, .what = STR("Withdrawn")};
        if (verb == STEP_PASSED_ON || (verb == STEP_TOLD && showing->steps[i].outcome == BROKER_CONTACT))
            view->steps[i].text = (struct str){"", 0};
    }
}

/* What stands beside a step's words is of a question's own kind, and no advice. */
static enum fault say_beside(const struct showing *showing)
{
    const struct conduct *conduct = showing->conduct;
    struct matter_view *view = conduct->answer->matter;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < view->step_count && i < showing->step_count; i++) {
        struct step_view *step = &view->steps[i];
        if (showing->steps[i].verb == STEP_ASKED)
            step->ground = step->more.len > 0 ? STR("the service may be told who asks")
                                              : STR("the service may not be told who asks");
        if (showing->steps[i].verb == STEP_ANSWERED && step->more.len > 0)
            TRY(join(conduct, step->ground, step->more, &step->ground));
        step->more = (struct str){"", 0};
    }
done:
    return fault;
}

static void say_both_sides(const struct showing *showing)
{
    struct request_view *view = showing->view;
    view->open = showing->matter.state == MATTER_OPEN;
    if (showing->step_count > 0)
        view->question = showing->steps[0].text;
    view->may_reach = view->open && showing->matter.wanted == BROKER_REACHED &&
                      broker_claim(showing->child, showing->matter.other) != NULL;
    for (size_t i = 0; view->may_reach && i < showing->step_count; i++)
        if (showing->steps[i].verb == STEP_ANSWERED)
            view->reached = showing->steps[i].text;
}

enum fault requests_show(struct conduct *conduct)
{
    const struct matter_page page = {EVENT_REQUEST_VIEWED, describe, outcome_words, true};
    struct showing showing = {.conduct = conduct, .view = arena_take(conduct->arena, sizeof *showing.view)};
    enum fault fault;
    if (showing.view == NULL)
        return FAULT_MEMORY;
    for (int state = 0; state <= RECORD_STATES; state++) /* no more of the record than the question needs */
        conduct->decision.sight[state] &= MASK(IDENTITY) | MASK(SENSITIVE) | MASK(SENSITIVE_MARK);
    TRY(manage_show(conduct, &page));
    TRY(db_read(conduct->service->db, read_beside, &showing));
    leave_out_withdrawn(&showing);
    TRY(say_beside(&showing));
    say_both_sides(&showing);
    TRY(messages_reference(conduct, showing.matter.matter.id, &showing.view->reference));
    conduct->answer->request = showing.view;
done:
    return fault;
}
