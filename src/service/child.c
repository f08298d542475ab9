/* One child: who works with it, its details, and one's own involvement (R7). */
#include "registry/family.h"
#include "registry/involvement.h"
#include "service/looks.h"
#include "service/messages.h"
#include "service/operations.h"
#include "service/requests.h"

enum { FORM_BYTES_MAX = 64 * 1024 };

/* A record on its way to being shown: read, disclosed, then entered. */
struct showing {
    struct conduct *conduct;
    struct child *child;
    struct freshness freshness;
};

static struct child_id asked_child(const struct conduct *conduct)
{
    return (struct child_id){conduct->ask->path_ids[0]};
}

static enum fault read_whole(struct db_tx *tx, void *context)
{
    struct showing *showing = context;
    struct conduct *conduct = showing->conduct;
    enum fault fault;
    TRY(child_read_whole(tx, conduct->display, asked_child(conduct), conduct->arena, &showing->child));
    TRY(freshness_read(tx, conduct->arena, &showing->freshness));
done:
    return fault;
}

static enum fault disclose(struct showing *showing, struct child_view **ret_view)
{
    struct conduct *conduct = showing->conduct;
    const struct disclosure disclosure = {&conduct->caller, conduct->decision.sight, &showing->freshness,
                                          conduct->now, conduct->arena};
    return disclose_child(&disclosure, showing->child, ret_view);
}

/* FAULT_CONFLICT where the record's state is no longer what was disclosed, or another has taken it in. */
static enum fault same_state(struct db_tx *tx, const struct showing *showing)
{
    const struct child *child = showing->child;
    struct child_standing standing;
    enum fault fault;
    TRY(family_standing(tx, child->child, showing->conduct->arena, &standing));
    if (standing.state != child->state || !id_equal(standing.child.id, child->child.id))
        fault = FAULT_CONFLICT;
done:
    return fault;
}

/* Inside the entry's transaction: the state still stands, and the reason covers this record from now on
 * (R5.1). */
static enum fault confirm(struct db_tx *tx, void *context)
{
    const struct showing *showing = context;
    enum fault fault;
    TRY(same_state(tx, showing));
    TRY(looks_count(tx, showing->conduct, showing->child->child));
    TRY(stated_open(tx, &showing->conduct->stated, showing->child->child));
done:
    return fault;
}

static field_mask shown_of(const struct showing *showing)
{
    return showing->conduct->decision.sight[showing->child->state];
}

/* Reads, discloses, enters and releases: what every page about one child does. */
static enum fault show(struct conduct *conduct, enum event event, struct child_view **ret_view,
                       struct child **ret_child)
{
    struct showing showing = {.conduct = conduct};
    struct child_view *view = NULL;
    struct entries entries = {0};
    enum fault fault;
    TRY(db_read(conduct->service->db, read_whole, &showing));
    TRY(disclose(&showing, &view));
    TRY(entries_add(conduct, &entries, event, showing.child->child, &showing.child->key, shown_of(&showing)));
    fault = conduct_commit(conduct, &entries, confirm, &showing);
    if (fault == FAULT_REFUSED) /* another request of this session was faster in opening a record */
        return conduct_refuse(conduct, REFUSAL_NO_LIVE_REASON, FAULT_REASON);
    if (fault == FAULT_TOO_MANY)
        return conduct_refuse(conduct, REFUSAL_LIMIT, fault);
    TRY(fault);
    *ret_view = view;
    if (ret_child != NULL)
        *ret_child = showing.child;
done:
    return fault;
}

enum fault do_child_view(struct conduct *conduct)
{
    const struct permit_child_view permit =
        permit_issue_child_view(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_child_view);
    conduct_display(conduct, &permit.permit);
    return show(conduct, EVENT_CHILD_VIEWED, &conduct->answer->child, NULL);
}

enum fault do_child_details(struct conduct *conduct)
{
    const struct permit_child_details permit =
        permit_issue_child_details(&conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_child_details);
    conduct_display(conduct, &permit.permit);
    return show(conduct, EVENT_CHILD_DETAILS_VIEWED, &conduct->answer->child, NULL);
}

/* The form is filled with what is known of the caller already. */
static struct contact_view own_contact(const struct conduct *conduct)
{
    const struct caller *caller = &conduct->caller;
    struct contact_view contact = {.organisation = caller->organisation.name,
                                   .person = caller->account.full_name,
                                   .job = caller->account.job,
                                   .phone = caller->account.phone,
                                   .email = caller->account.email,
                                   .from = day_of_instant(conduct->now)};
    if (caller->organisation.service != SERVICE_NONE)
        contact.kind = str_of(policy_service_name(caller->organisation.service));
    return contact;
}

/* R3.5: sensitive services are recorded by organisations that are accredited for it. */
static bool offers_sensitive(const struct conduct *conduct)
{
    return (conduct->caller.organisation.capabilities & (1U << CAPABILITY_sensitive_service)) != 0;
}

static enum fault fill_involvement(struct conduct *conduct, const struct child_view *child,
                                   struct contact_view contact)
{
    struct involvement_view *view = arena_take(conduct->arena, sizeof *view);
    if (view == NULL)
        return FAULT_MEMORY;
    view->child = *child;
    view->contact = contact;
    view->offers_sensitive = offers_sensitive(conduct);
    conduct->answer->involvement = view;
    return FAULT_NONE;
}

enum fault do_involvement_page(struct conduct *conduct)
{
    const struct permit_involvement_page permit = permit_issue_involvement_page(
        &conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_involvement_page);
    conduct_display(conduct, &permit.permit);
    struct child_view *view = NULL;
    enum fault fault;
    TRY(show(conduct, EVENT_FORM_SHOWN, &view, NULL));
    TRY(fill_involvement(conduct, view, own_contact(conduct)));
done:
    return fault;
}

static const struct contact_view *own_service(const struct child_view *view, struct id claim)
{
    for (size_t i = 0; i < view->service_count; i++)
        if (view->services[i].own && id_equal(view->services[i].claim.id, claim))
            return &view->services[i];
    return NULL;
}

enum fault do_involvement_view(struct conduct *conduct)
{
    const struct permit_involvement_view permit = permit_issue_involvement_view(
        &conduct->decision, conduct->caller.role, conduct->caller.account.account);
    must(permit.permit.operation == OP_involvement_view);
    conduct_display(conduct, &permit.permit);
    struct child_view *view = NULL;
    enum fault fault;
    TRY(show(conduct, EVENT_FORM_SHOWN, &view, NULL));
    const struct contact_view *own = own_service(view, conduct->ask->path_ids[1]);
    fault = own == NULL ? FAULT_ABSENT : fill_involvement(conduct, view, *own);
done:
    return fault;
}

struct writing {
    struct showing showing;
    struct involvement_order order;
    const struct permit_involvement_record *record;
    const struct permit_involvement_end *end;
    const struct permit_consent_withdraw *withdraw;
};

static struct vault_purpose purpose_of(const struct writing *writing)
{
    const struct permit *permit = writing->record != NULL ? &writing->record->permit
                                  : writing->end != NULL  ? &writing->end->permit
                                                          : &writing->withdraw->permit;
    return vault_for_writing(writing->showing.conduct->service->vault, permit);
}

/* R8.2: nothing that leans on the consent goes on: a question that was passed on under it ends with it. */
static enum fault withdraw(struct db_tx *tx, const struct writing *writing, const struct child *child)
{
    struct conduct *conduct = writing->showing.conduct;
    const struct broker_order order = requests_order(conduct, (struct str){"", 0});
    const struct claim_id claim = {conduct->ask->path_ids[1]};
    enum fault fault;
    TRY(involvement_withdraw(tx, &conduct->noting, writing->withdraw, child, &writing->order, claim));
    TRY(broker_withdraw(tx, writing->withdraw, &order, child, claim.id));
done:
    return fault;
}

/* Reads the record again inside the transaction, so that what is decided on is what is changed. */
static enum fault write_involvement(struct db_tx *tx, void *context)
{
    struct writing *writing = context;
    struct conduct *conduct = writing->showing.conduct;
    struct child *child = NULL;
    enum fault fault;
    TRY(confirm(tx, &writing->showing));
    TRY(child_read_whole(tx, purpose_of(writing), asked_child(conduct), conduct->arena, &child));
    struct claim_id old = {conduct->ask->path_ids[1]};
    if (writing->record != NULL)
        TRY(involvement_record(tx, &conduct->noting, writing->record, child, &writing->order));
    if (writing->record != NULL)
        TRY(tell_further_service(tx, conduct, child, &writing->order));
    if (writing->end != NULL)
        TRY(involvement_end(tx, &conduct->noting, writing->end, child, &writing->order, old));
    if (writing->withdraw != NULL)
        TRY(withdraw(tx, writing, child));
done:
    return fault;
}

static enum fault day_text(struct conduct *conduct, struct day day, struct str *ret)
{
    struct buffer text = buffer_open(32);
    day_put(&text, day);
    enum fault fault = buffer_fault(&text);
    if (fault == FAULT_NONE)
        fault = arena_copy(conduct->arena, buffer_str(&text), ret);
    buffer_close(&text);
    return fault;
}

/* The same form sent twice is the same claim, whichever server takes it: who has no answer may send it again
 * (security.md, case 65).  Its token is of that form alone. */
static enum fault name_claim(const struct conduct *conduct, struct writing *writing)
{
    struct buffer form = buffer_open(FORM_BYTES_MAX);
    struct id *id = &writing->order.claim.id;
    buffer_put(&form, conduct->ask->form_token);
    for (uint8_t i = 0; i < conduct->ask->path_id_count; i++)
        buffer_put_bytes(&form, id_bytes(&conduct->ask->path_ids[i]));
    row_pack(&form, &writing->order.row);
    enum fault fault = buffer_fault(&form);
    if (fault == FAULT_NONE)
        vault_derive(conduct->service->vault, "claim of a form", buffer_bytes(&form), id->byte,
                     sizeof id->byte);
    buffer_close(&form);
    return fault;
}

/* The consent of the same form is the same consent too. */
static void name_consent(const struct conduct *conduct, struct involvement_order *order)
{
    if (order->consent.giver != 0)
        vault_derive(conduct->service->vault, "consent of a claim", id_bytes(&order->claim.id),
                     order->consent.id.byte, sizeof order->consent.id.byte);
}

/* FAULT_DUPLICATE and FAULT_INVALID are entered by the caller, with the form that says why. */
static enum fault commit_writing(struct conduct *conduct, struct writing *writing, enum event event)
{
    struct entries entries = {0};
    enum fault fault;
    writing->order.recorder = conduct->caller.account.account;
    writing->order.organisation = conduct->caller.organisation.organisation;
    TRY(name_claim(conduct, writing));
    name_consent(conduct, &writing->order);
    writing->order.at = conduct->now;
    writing->showing.conduct = conduct;
    TRY(db_read(conduct->service->db, read_whole, &writing->showing));
    TRY(entries_add(conduct, &entries, event, writing->showing.child->child, &writing->showing.child->key,
                    MASK(OWN_SERVICES)));
    fault = conduct_commit(conduct, &entries, write_involvement, writing);
    if (fault == FAULT_REFUSED)
        return conduct_refuse(conduct, REFUSAL_NO_LIVE_REASON, FAULT_REASON);
    if (fault == FAULT_TOO_MANY)
        return conduct_refuse(conduct, REFUSAL_LIMIT, fault);
    if (fault == FAULT_ABSENT || fault == FAULT_CONFLICT)
        return conduct_refuse(conduct, REFUSAL_NONE, fault);
    conduct->answer->recorded = fault == FAULT_NONE;
    conduct->answer->opened = asked_child(conduct);
done:
    return fault;
}

/* Checks what a form says of an involvement; notes errors in the answer. */
static enum fault read_record_form(struct conduct *conduct, struct row *row)
{
    enum fault fault = FAULT_NONE;
    struct day from = form_day(conduct, "from", false);
    row->at[COLUMN_service_kind] = conduct_field(conduct, "kind");
    row->at[COLUMN_service] = conduct_field(conduct, "service");
    row->at[COLUMN_practitioner] = conduct->caller.account.full_name;
    row->at[COLUMN_job] = conduct_field(conduct, "job");
    row->at[COLUMN_phone] = conduct_field(conduct, "phone");
    row->at[COLUMN_email] = conduct_field(conduct, "email");
    enum service_kind kind = policy_service_of(row->at[COLUMN_service_kind]);
    if (kind == SERVICE_NONE || (policy_service_sensitive(kind) && !offers_sensitive(conduct)))
        conduct_error(conduct, "kind", "Choose the kind of service from the list");
    if (from.precision == DAY_EXACT && day_number(from) > day_number(day_of_instant(conduct->now)))
        conduct_error(conduct, "from", "Enter a day that is not in the future");
    TRY(day_text(conduct, from, &row->at[COLUMN_from]));
done:
    return fault;
}

/* The page again, with its errors.  It shows the child, so its one entry names the child, with the fault. */
static enum fault show_form_again(struct conduct *conduct, struct contact_view contact)
{
    struct child_view *view = NULL;
    enum fault fault;
    conduct->answer->fault = FAULT_INVALID;
    TRY(show(conduct, EVENT_FORM_SHOWN, &view, NULL));
    const struct contact_view *own =
        conduct->ask->operation == OP_involvement_end ? own_service(view, conduct->ask->path_ids[1]) : NULL;
    TRY(fill_involvement(conduct, view, own != NULL ? *own : contact));
    fault = FAULT_INVALID;
done:
    return fault;
}

/* What a form says of the consent (R8.1, R8.2); notes errors in the answer. */
static void read_consent_form(struct conduct *conduct, struct consent *consent)
{
    *consent = (struct consent){.giver = consent_giver_of(conduct_field(conduct, "consent_giver")),
                                .way = consent_way_of(conduct_field(conduct, "consent_way")),
                                .scope = consent_scope_of(conduct_field(conduct, "consent_scope")),
                                .given = form_day(conduct, "agreed", false),
                                .name = conduct_field(conduct, "consent_name"),
                                .because = conduct_field(conduct, "consent_because")};
    if (consent->giver == 0)
        conduct_error(conduct, "consent_giver", "Choose who has agreed");
    if (consent->giver != CONSENT_HARM && consent->name.len == 0)
        conduct_error(conduct, "consent_name", "Enter who has agreed");
    if (consent->given.precision != DAY_EXACT ||
        day_number(consent->given) > day_number(day_of_instant(conduct->now)))
        conduct_error(conduct, "agreed", "Enter the day, which is not in the future");
    if (consent->way == 0)
        conduct_error(conduct, "consent_way", "Choose how it was agreed or decided");
    if (!conduct_says_something(consent->because))
        conduct_error(conduct, "consent_because", "Say why, in at least 10 characters");
    if (consent->scope == 0)
        conduct_error(conduct, "consent_scope", "Choose what was agreed to");
}

static const struct choice_view consent_givers[] = {
#define GIVER(name, value, label) {value, label},
#define WAY(name, value, label)
#define SCOPE(name, value, label)
#include "registry/consents.def"
#undef GIVER
#undef WAY
#undef SCOPE
};
static const struct choice_view consent_ways[] = {
#define GIVER(name, value, label)
#define WAY(name, value, label) {value, label},
#define SCOPE(name, value, label)
#include "registry/consents.def"
#undef GIVER
#undef WAY
#undef SCOPE
};
static const struct choice_view consent_scopes[] = {
#define GIVER(name, value, label)
#define WAY(name, value, label)
#define SCOPE(name, value, label) {value, label},
#include "registry/consents.def"
#undef GIVER
#undef WAY
#undef SCOPE
};
static const struct consent_choices consent_choices = {
    consent_givers,         consent_ways,         consent_scopes,
    CONSENT_GIVERS_END - 1, CONSENT_WAYS_END - 1, CONSENT_SCOPES_END - 1,
};

/* The next question of the same form, or the same again with its errors. */
static enum fault ask_consent(struct conduct *conduct)
{
    struct child_view *view = NULL;
    enum fault why = conduct->answer->error_count > 0 ? FAULT_INVALID : FAULT_NONE;
    enum fault fault;
    conduct->answer->fault = why;
    TRY(show(conduct, EVENT_FORM_SHOWN, &view, NULL));
    TRY(fill_involvement(conduct, view, own_contact(conduct)));
    conduct->answer->involvement->consent = &consent_choices;
    fault = why;
done:
    return fault;
}

enum fault do_involvement_record(struct conduct *conduct)
{
    const struct permit_involvement_record permit = permit_issue_involvement_record(
        &conduct->decision, conduct->caller.role, conduct->caller.account.account);
    struct writing writing = {.record = &permit};
    enum fault fault;
    conduct_display(conduct, &permit.permit);
    TRY(read_record_form(conduct, &writing.order.row));
    if (conduct->answer->error_count > 0)
        return show_form_again(conduct, own_contact(conduct));
    if (policy_service_sensitive(policy_service_of(writing.order.row.at[COLUMN_service_kind]))) {
        if (conduct_field(conduct, "consent").len == 0)
            return ask_consent(conduct);
        read_consent_form(conduct, &writing.order.consent);
        if (conduct->answer->error_count > 0)
            return ask_consent(conduct);
    }
    fault = commit_writing(conduct, &writing, EVENT_INVOLVEMENT_RECORDED);
    if (fault == FAULT_DUPLICATE)
        conduct_error(conduct, "service",
                      "You are already recorded as working with this child for this service");
    if (fault == FAULT_DUPLICATE || fault == FAULT_INVALID)
        fault = show_form_again(conduct, own_contact(conduct));
done:
    return fault;
}

enum fault do_consent_withdraw(struct conduct *conduct)
{
    const struct permit_consent_withdraw permit = permit_issue_consent_withdraw(
        &conduct->decision, conduct->caller.role, conduct->caller.account.account);
    struct writing writing = {.withdraw = &permit};
    enum fault fault;
    conduct_display(conduct, &permit.permit);
    TRY(day_text(conduct, day_of_instant(conduct->now), &writing.order.row.at[COLUMN_to]));
    fault = commit_writing(conduct, &writing, EVENT_CONSENT_WITHDRAWN);
done:
    return fault;
}

enum fault do_involvement_end(struct conduct *conduct)
{
    const struct permit_involvement_end permit = permit_issue_involvement_end(
        &conduct->decision, conduct->caller.role, conduct->caller.account.account);
    struct writing writing = {.end = &permit};
    struct day to = form_day(conduct, "to", false);
    enum fault fault;
    conduct_display(conduct, &permit.permit);
    if (to.precision == DAY_EXACT && day_number(to) > day_number(day_of_instant(conduct->now)))
        conduct_error(conduct, "to", "Enter a day that is not in the future");
    if (conduct->answer->error_count > 0)
        return show_form_again(conduct, own_contact(conduct));
    TRY(day_text(conduct, to, &writing.order.row.at[COLUMN_to]));
    fault = commit_writing(conduct, &writing, EVENT_INVOLVEMENT_ENDED);
    if (fault == FAULT_INVALID) {
        conduct_error(conduct, "to", "Enter a day that is not before the start");
        fault = show_form_again(conduct, own_contact(conduct));
    }
done:
    return fault;
}
