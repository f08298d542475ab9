/* The officer's work on a question to the team: pass it on, pass the answer back (service.md, page 22). */
#include "service/requests.h"

enum fault do_request_list(struct conduct *conduct)
{
    const struct permit_request_list permit =
        permit_issue_request_list(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_request_list);
    return manage_list(conduct,
                       &(struct matters_page){EVENT_REQUESTS_LISTED, MATTER_BROKERING, requests_state_words});
}

enum fault do_request_view(struct conduct *conduct)
{
    const struct permit_request_view permit =
        permit_issue_request_view(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_request_view);
    conduct_display(conduct, &permit.permit);
    return requests_show(conduct);
}

/* One step of an officer on its way. */
struct working {
    struct conduct *conduct;
    struct broker_order order;
    const struct permit_request_pass *pass;
    const struct permit_request_answer *answer;
    struct id service;
    enum broker_outcome outcome;
    bool
        unfit; /* the service that was chosen cannot be asked, or the contact not be passed back (any more) */
};

static struct working begin(struct conduct *conduct, const char *text)
{
    return (struct working){.conduct = conduct,
                            .order = requests_order(conduct, conduct_field(conduct, text))};
}

static enum fault show_again(struct conduct *conduct)
{
    enum fault fault;
    conduct->answer->fault = FAULT_INVALID;
    TRY(requests_show(conduct));
    fault = FAULT_INVALID;
done:
    return fault;
}

/* The matter and its child as they stand inside the writing transaction. */
static enum fault read_both(struct db_tx *tx, const struct working *working, struct matter *matter,
                            struct child **ret_child)
{
    const struct conduct *conduct = working->conduct;
    const struct permit *permit = working->pass != NULL ? &working->pass->permit : &working->answer->permit;
    enum fault fault;
    TRY(manage_matter(tx, conduct, matter));
    TRY(child_read_whole(tx, vault_for_writing(conduct->service->vault, permit), matter->child,
                         conduct->arena, ret_child));
done:
    return fault;
}

static enum fault pass_now(struct db_tx *tx, void *context)
{
    struct working *working = context;
    const struct conduct *conduct = working->conduct;
    struct matter matter;
    struct child *child = NULL;
    struct str hindrance = {"", 0};
    enum fault fault;
    TRY(read_both(tx, working, &matter, &child));
    const struct claim *claim = broker_claim(child, working->service);
    if (claim != NULL)
        TRY(requests_hindrance(tx, conduct, claim, &hindrance));
    working->unfit = claim == NULL || hindrance.len > 0;
    if (working->unfit)
        return FAULT_INVALID;
    TRY(broker_pass(tx, working->pass, &working->order, child, claim, &matter));
done:
    return fault;
}

enum fault do_request_pass(struct conduct *conduct)
{
    const struct permit_request_pass permit =
        permit_issue_request_pass(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    struct working working = begin(conduct, "pass_text");
    enum fault fault;
    working.pass = &permit;
    conduct_display(conduct, &permit.permit);
    if (!id_parse(conduct_field(conduct, "service"), &working.service))
        conduct_error(conduct, "service", "Choose which service is asked");
    if (!conduct_says_something(working.order.text))
        conduct_error(conduct, "pass_text", "Say what the service is asked, in at least 10 characters");
    if (conduct->answer->error_count > 0)
        return show_again(conduct);
    fault = manage_write(conduct, EVENT_REQUEST_PASSED, pass_now, &working);
    if (fault == FAULT_INVALID && working.unfit) {
        conduct_error(conduct, "service", "Choose a service that may be asked");
        return show_again(conduct);
    }
    return fault;
}

static enum fault answer_now(struct db_tx *tx, void *context)
{
    struct working *working = context;
    struct matter matter;
    struct child *child = NULL;
    enum fault fault;
    TRY(read_both(tx, working, &matter, &child));
    working->unfit = working->outcome == BROKER_CONTACT &&
                     (matter.wanted != BROKER_REACHED || broker_claim(child, matter.other) == NULL);
    if (working->unfit)
        return FAULT_INVALID;
    TRY(broker_answer(tx, working->answer, &working->order, child, working->outcome, &matter));
done:
    return fault;
}

static enum broker_outcome outcome_of(struct str value)
{
    if (str_equal(value, STR("contact")))
        return BROKER_CONTACT;
    if (str_equal(value, STR("words")))
        return BROKER_WORDS;
    return str_equal(value, STR("none")) ? BROKER_NO_CONTACT : BROKER_NONE;
}

enum fault do_request_answer(struct conduct *conduct)
{
    const struct permit_request_answer permit = permit_issue_request_answer(
        &conduct->decision, conduct->caller.role, conduct->caller.account.account);
    struct working working = begin(conduct, "text");
    enum fault fault;
    working.answer = &permit;
    conduct_display(conduct, &permit.permit);
    working.outcome = outcome_of(conduct_field(conduct, "outcome"));
    if (working.outcome == BROKER_NONE)
        conduct_error(conduct, "outcome", "Choose what is passed back");
    if (!conduct_says_something(working.order.text))
        conduct_error(conduct, "text", "Write this, in at least 10 characters");
    if (conduct->answer->error_count > 0)
        return show_again(conduct);
    fault = manage_write(conduct, EVENT_REQUEST_ANSWERED, answer_now, &working);
    if (fault == FAULT_INVALID && working.unfit) {
        conduct_error(conduct, "outcome",
                      "Choose another answer: no service has said that it may be reached");
        return show_again(conduct);
    }
    return fault;
}
