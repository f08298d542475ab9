/* Records that are closed behind a new identity (R9.8). */
#include "registry/sealing.h"

#include "match/number.h"
#include "service/identity.h"
#include "service/manage.h"

/* A step on its way; the permit is the operation's own. */
struct sealing {
    struct conduct *conduct;
    struct shield_order order;
    union {
        struct permit_seal_ask ask;
        struct permit_seal_second second;
        struct permit_seal_open open;
    } permit;
    struct sealing_ask asked;
    struct sealing_outcome outcome;
    bool agreed;
    char number[NUMBER_BYTES_MAX];
    size_t number_len;
    struct child *read[2]; /* of an entry that was opened: old, new */
    struct identity identity;
};

static struct sealing *begin(struct conduct *conduct)
{
    struct sealing *sealing = arena_take(conduct->arena, sizeof *sealing);
    must(sealing != NULL); /* a request's arena always has room for it */
    *sealing = (struct sealing){.conduct = conduct, .order = manage_order(conduct)};
    return sealing;
}

static struct str phase_words(const struct matter *matter)
{
    if (matter->state == MATTER_CLOSED)
        return STR("Declined: the record was not closed");
    switch ((enum sealing_phase)matter->wanted) {
    case SEALING_ASKED:
        return STR("A second person must agree that the record is closed");
    case SEALING_SEALED:
        return STR("Closed behind a new identity");
    case SEALING_OPENING:
        return STR("A second person must agree that the entry is opened");
    }
    return (struct str){"", 0};
}

static struct str outcome_words(const struct matter_step *step)
{
    return step->outcome == SEALING_OPENING ? STR("To open the entry") : STR("To close the record");
}

static void describe(const struct conduct *conduct, const struct matter *matter, struct matter_view *view)
{
    const bool own = id_equal(matter->first.id, conduct->caller.account.account.id);
    view->state = phase_words(matter);
    view->overdue = false;
    view->to_decide = matter->state == MATTER_OPEN && matter->wanted == SEALING_SEALED;
    view->own = matter->state == MATTER_SECOND && own;
    view->to_second = matter->state == MATTER_SECOND && !own;
    if (matter->state == MATTER_SECOND)
        view->wanted =
            matter->wanted == SEALING_ASKED ? STR("close the record for good") : STR("open the entry");
}

static enum fault show_one(struct conduct *conduct)
{
    return manage_show(conduct, &(struct matter_page){EVENT_SEALING_VIEWED, describe, outcome_words, false});
}

static enum fault show_again(struct conduct *conduct)
{
    enum fault fault;
    conduct->answer->fault = FAULT_INVALID;
    TRY(show_one(conduct));
    fault = FAULT_INVALID;
done:
    return fault;
}

enum fault do_seal_list(struct conduct *conduct)
{
    const struct permit_seal_list permit =
        permit_issue_seal_list(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_seal_list);
    return manage_list(conduct, &(struct matters_page){EVENT_SEALINGS_LISTED, MATTER_SEALING, phase_words});
}

enum fault do_seal_view(struct conduct *conduct)
{
    const struct permit_seal_view permit =
        permit_issue_seal_view(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_seal_view);
    conduct_display(conduct, &permit.permit);
    return show_one(conduct);
}

/* The record of the new identity, by its ContactPoint number: live, shielded or not. */
static enum fault find_new(struct conduct *conduct, struct sealing *sealing)
{
    const struct match_query query = {.number_scheme = NUMBER_contactpoint,
                                      .number = {sealing->number, sealing->number_len}};
    struct match_sight sight = {.own_scheme = {false}};
    struct match_results results;
    enum fault fault;
    sight.mask[RECORD_LIVE] = sight.mask[RECORD_SHIELDED] = MASK(IDENTITY);
    TRY(match_search(conduct->service->index, &query, &sight, &results));
    if (results.count != 1 || !results.found[0].exact)
        return FAULT_ABSENT;
    sealing->asked.new = results.found[0].child;
done:
    return fault;
}

static enum fault read_form(struct conduct *conduct, struct sealing *sealing)
{
    const struct str typed = conduct_field(conduct, "number");
    enum fault fault = FAULT_NONE;
    sealing->order.text = conduct_field(conduct, "seal_reason");
    if (!conduct_says_something(sealing->order.text))
        conduct_error(conduct, "seal_reason", "Say why, in at least 10 characters");
    if (number_recognise(typed, sealing->number, &sealing->number_len) != NUMBER_contactpoint) {
        conduct_error(conduct, "number", "Enter the ContactPoint number of the record with the new identity");
        return FAULT_INVALID;
    }
    fault = find_new(conduct, sealing);
    if (fault == FAULT_ABSENT) {
        conduct_error(conduct, "number", "Check the number: no record has it");
        fault = FAULT_INVALID;
    }
    return fault == FAULT_NONE && conduct->answer->error_count > 0 ? FAULT_INVALID : fault;
}

static enum fault ask_now(struct db_tx *tx, void *context)
{
    struct sealing *sealing = context;
    struct conduct *conduct = sealing->conduct;
    struct matter shield;
    enum fault fault;
    TRY(manage_matter(tx, conduct, &shield));
    sealing->asked.old = shield.child;
    TRY(sealing_ask(tx, &sealing->permit.ask, &sealing->order, &conduct->service->sealing_key,
                    &sealing->asked));
done:
    return fault;
}

/* Asked for on the page of the record's shield. */
enum fault do_seal_ask(struct conduct *conduct)
{
    struct sealing *sealing = begin(conduct);
    enum fault fault;
    sealing->permit.ask =
        permit_issue_seal_ask(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    conduct_display(conduct, &sealing->permit.ask.permit);
    fault = read_form(conduct, sealing);
    if (fault == FAULT_INVALID)
        return manage_shield_again(conduct);
    TRY(fault);
    TRY(manage_form_id(conduct, "sealing of a form", &sealing->asked.id.id));
    TRY(manage_form_id(conduct, "entry of a form", &sealing->asked.entry));
    TRY(manage_write(conduct, EVENT_SEALING_ASKED, ask_now, sealing));
done:
    return fault;
}

static enum fault second_now(struct db_tx *tx, void *context)
{
    struct sealing *sealing = context;
    struct conduct *conduct = sealing->conduct;
    struct matter matter;
    enum fault fault;
    TRY(lease_hold(tx, sealing->identity.lease));
    TRY(manage_matter(tx, conduct, &matter));
    TRY(sealing_second(tx, &conduct->noting, &sealing->permit.second, &sealing->order,
                       &conduct->service->sealing_key, &matter, sealing->agreed, &sealing->outcome));
done:
    return fault;
}

static enum fault read_both(struct db_tx *tx, void *context)
{
    struct sealing *sealing = context;
    struct conduct *conduct = sealing->conduct;
    enum fault fault;
    /* The second of two people has opened the link: both numbers are said, also of the record that is closed.
     */
    const struct vault_purpose purpose =
        vault_for_writing(conduct->service->vault, &sealing->permit.second.permit);
    TRY(child_read(tx, purpose, sealing->outcome.old, conduct->arena, &sealing->read[0]));
    TRY(child_read(tx, purpose, sealing->outcome.new, conduct->arena, &sealing->read[1]));
done:
    return fault;
}

static enum fault number_text(struct conduct *conduct, const struct child *child, struct str *ret_text)
{
    struct buffer text = buffer_open(NUMBER_BYTES_MAX * 2);
    number_put(&text, NUMBER_contactpoint, child->number);
    enum fault fault = buffer_fault(&text);
    if (fault == FAULT_NONE)
        fault = arena_copy(conduct->arena, buffer_str(&text), ret_text);
    buffer_close(&text);
    return fault;
}

/* What the entry says, to the second of the two who have opened it, once; each record has an entry in the
 * log.
 */
static enum fault show_link(struct conduct *conduct, struct sealing *sealing)
{
    struct identity_link_view *link = arena_take(conduct->arena, sizeof *link);
    struct entries entries = {0};
    enum fault fault;
    if (link == NULL)
        return FAULT_MEMORY;
    TRY(db_read(conduct->service->db, read_both, sealing));
    TRY(number_text(conduct, sealing->read[0], &link->old_number));
    TRY(number_text(conduct, sealing->read[1], &link->new_number));
    TRY(show_one(conduct));
    for (int i = 0; i < 2; i++)
        TRY(entries_add(conduct, &entries, EVENT_SEALING_OPENED, sealing->read[i]->child,
                        &sealing->read[i]->key, 0));
    TRY(conduct_commit(conduct, &entries, NULL, NULL));
    conduct->answer->matter->link = link;
    conduct->answer->recorded = false; /* the answer is this page, and no other leads to it */
done:
    return fault;
}

enum fault do_seal_second(struct conduct *conduct)
{
    struct sealing *sealing = begin(conduct);
    enum fault fault;
    sealing->permit.second =
        permit_issue_seal_second(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    conduct_display(conduct, &sealing->permit.second.permit);
    sealing->agreed = manage_agrees(conduct);
    if (!conduct_says_something(sealing->order.text))
        conduct_error(conduct, "text", "Say why, in at least 10 characters");
    if (conduct->answer->error_count > 0)
        return show_again(conduct);
    /* No feed that is being loaded means the record otherwise. */
    TRY(identity_take(conduct->service, conduct->caller.account.account, &sealing->identity));
    fault = manage_write(conduct, EVENT_SEALING_SECOND_GIVEN, second_now, sealing);
    identity_leave(&sealing->identity);
    TRY(fault);
    if (!id_is_zero(sealing->outcome.new.id))
        return show_link(conduct, sealing);
    if (sealing->outcome.sealed) {
        conduct_leave(conduct);
        TRY(shield_confirm(conduct->service->follow, conduct->matter_record, &conduct->noting.mark));
    }
done:
    return fault;
}

static enum fault open_now(struct db_tx *tx, void *context)
{
    struct sealing *sealing = context;
    struct matter matter;
    enum fault fault;
    TRY(manage_matter(tx, sealing->conduct, &matter));
    TRY(sealing_open(tx, &sealing->permit.open, &sealing->order, &matter));
done:
    return fault;
}

enum fault do_seal_open(struct conduct *conduct)
{
    struct sealing *sealing = begin(conduct);
    sealing->permit.open =
        permit_issue_seal_open(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    conduct_display(conduct, &sealing->permit.open.permit);
    if (!conduct_says_something(sealing->order.text)) {
        conduct_error(conduct, "text", "Say why, in at least 10 characters");
        return show_again(conduct);
    }
    return manage_write(conduct, EVENT_SEALING_OPEN_ASKED, open_now, sealing);
}
