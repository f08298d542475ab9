/* Asking the team about a child (R8.5; service.md, page 10): a question, a look at it before it is sent, and
 * where it stands.  R8.4: everything here is the same for every child, whatever its record holds. */
#include "service/messages.h"
#include "service/requests.h"

enum { WHO_BYTES_MAX = 1024 };

struct asking {
    struct conduct *conduct;
    const struct permit_ask_send *permit;
    struct broker_order order;
    struct child *child;
    struct matter matter; /* the caller's newest about the child; id zero: none */
};

static struct asking begin(struct conduct *conduct)
{
    return (struct asking){.conduct = conduct,
                           .order = requests_order(conduct, conduct_field(conduct, "text"))};
}

static enum fault read_asked(struct db_tx *tx, void *context)
{
    struct asking *asking = context;
    const struct conduct *conduct = asking->conduct;
    const struct child_id child = {conduct->ask->path_ids[0]};
    enum fault fault;
    asking->matter = (struct matter){0};
    TRY(child_read(tx, conduct->display, child, conduct->arena, &asking->child));
    fault = broker_of_asker(tx, &asking->order, child, &asking->matter);
    if (fault == FAULT_ABSENT)
        fault = FAULT_NONE;
done:
    return fault;
}

/* Who it is, and nothing more: the rest of a record would differ between records. */
static enum fault show_identity(struct conduct *conduct, const struct child *child, field_mask *ret_shown)
{
    field_mask identity[RECORD_STATES + 1] = {0};
    identity[child->state] = conduct->decision.sight[child->state] & MASK(IDENTITY);
    const struct disclosure shown = {&conduct->caller, identity, NULL, conduct->now, conduct->arena};
    *ret_shown = identity[child->state];
    return disclose_child(&shown, child, &conduct->answer->child);
}

static enum fault say_question(struct asking *asking, bool checks)
{
    struct conduct *conduct = asking->conduct;
    struct ask_view *view = arena_take(conduct->arena, sizeof *view);
    enum fault fault = FAULT_NONE;
    if (view == NULL)
        return FAULT_MEMORY;
    *view = (struct ask_view){.checks = checks};
    if (!id_is_zero(asking->matter.matter.id) && asking->matter.state != MATTER_CLOSED) {
        view->checks = false;
        view->asked = true;
        view->at = asking->matter.opened;
        view->reply_by = day_of_instant(asking->matter.due);
        TRY(messages_reference(conduct, asking->matter.matter.id, &view->reference));
    }
    conduct->answer->question = view;
done:
    return fault;
}

/* The form, the same with what was wrong, the look before it is sent, or how it stands. */
static enum fault show_page(struct conduct *conduct, bool checks)
{
    struct asking asking = begin(conduct);
    struct entries entries = {0};
    field_mask shown = 0;
    enum fault fault;
    TRY(db_read(conduct->service->db, read_asked, &asking));
    TRY(show_identity(conduct, asking.child, &shown));
    TRY(say_question(&asking, checks));
    TRY(entries_add(conduct, &entries, EVENT_FORM_SHOWN, asking.child->child, &asking.child->key, shown));
    TRY(conduct_commit(conduct, &entries, manage_cover, conduct));
done:
    return fault;
}

enum fault do_ask_page(struct conduct *conduct)
{
    const struct permit_ask_page permit =
        permit_issue_ask_page(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_ask_page);
    conduct_display(conduct, &permit.permit);
    return show_page(conduct, false);
}

/* As a service may be told who asks: name, work, organisation and telephone. */
static enum fault say_who(const struct conduct *conduct, struct str *ret_who)
{
    const struct account *account = &conduct->caller.account;
    const struct str parts[] = {account->full_name, account->job, conduct->caller.organisation.name,
                                account->phone};
    struct buffer who = buffer_open(WHO_BYTES_MAX);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].len == 0)
            continue;
        if (buffer_str(&who).len > 0)
            buffer_put(&who, STR(", "));
        buffer_put(&who, parts[i]);
    }
    enum fault fault = buffer_fault(&who);
    if (fault == FAULT_NONE)
        fault = arena_copy(conduct->arena, buffer_str(&who), ret_who);
    buffer_close(&who);
    return fault;
}

static enum fault send(struct db_tx *tx, void *context)
{
    struct asking *asking = context;
    enum fault fault;
    TRY(manage_cover(tx, asking->conduct));
    TRY(broker_ask(tx, asking->permit, &asking->order, asking->child->child, &asking->matter));
done:
    return fault;
}

static enum fault check_form(struct conduct *conduct)
{
    const struct str named = conduct_field(conduct, "named");
    if (!conduct_says_something(conduct_field(conduct, "text")))
        conduct_error(conduct, "text", "Say what you need, in at least 10 characters");
    if (!str_equal(named, STR("yes")) && !str_equal(named, STR("no")))
        conduct_error(conduct, "named", "Choose whether it may be said that you ask");
    return conduct->answer->error_count > 0 ? FAULT_INVALID : FAULT_NONE;
}

enum fault do_ask_send(struct conduct *conduct)
{
    const struct permit_ask_send permit =
        permit_issue_ask_send(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    struct asking asking = begin(conduct);
    struct entries entries = {0};
    enum fault fault;
    asking.permit = &permit;
    conduct_display(conduct, &permit.permit);
    if (check_form(conduct) != FAULT_NONE) {
        conduct->answer->fault = FAULT_INVALID;
        TRY(show_page(conduct, false));
        return FAULT_INVALID;
    }
    if (conduct_field(conduct, "sure").len == 0)
        return show_page(conduct, true);
    if (str_equal(conduct_field(conduct, "named"), STR("yes")))
        TRY(say_who(conduct, &asking.order.more));
    TRY(db_read(conduct->service->db, read_asked, &asking));
    TRY(entries_add(conduct, &entries, EVENT_CONTACT_ASKED, asking.child->child, &asking.child->key, 0));
    TRY(conduct_commit(conduct, &entries, send, &asking));
    conduct->answer->opened = asking.child->child;
    conduct->answer->recorded = true;
done:
    return fault;
}
