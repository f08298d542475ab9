#include "registry/broker.h"

#include "registry/family.h"

enum { DAY_S = 24 * 3600, ASKED_MAX = 1000, CAUSE_BYTES_MAX = 128 };

static struct matter_step step_of(const struct broker_order *order, enum step_verb verb, uint8_t outcome)
{
    return (struct matter_step){.at = order->now,
                                .verb = verb,
                                .account = order->account,
                                .role = order->role,
                                .name = order->name,
                                .outcome = outcome,
                                .text = order->text,
                                .more = order->more};
}

static enum fault too_late(void)
{
    return fault_note(FAULT_CONFLICT, "somebody else has answered this meanwhile: look at it again");
}

/* The nth question of one asker about one record: nobody else's leads to it, so that asking finds out nothing
 * about who else has asked, and two at once make the same. */
static enum fault name_nth(const struct broker_order *order, struct child_id child, uint32_t nth,
                           struct matter_id *ret_id)
{
    struct buffer cause = buffer_open(CAUSE_BYTES_MAX);
    buffer_put_bytes(&cause, id_bytes(&order->account.id));
    buffer_put_bytes(&cause, id_bytes(&child.id));
    buffer_put_u32(&cause, nth);
    enum fault fault = buffer_fault(&cause);
    if (fault == FAULT_NONE)
        vault_derive(order->matters->vault, "question of an asker", buffer_bytes(&cause), ret_id->id.byte,
                     sizeof ret_id->id.byte);
    buffer_close(&cause);
    return fault;
}

/* The newest about that very record, and which number the next one has. */
static enum fault newest_of_record(struct db_tx *tx, const struct broker_order *order, struct child_id record,
                                   struct matter *newest, uint32_t *ret_next)
{
    struct matter_id id;
    enum fault fault;
    for (uint32_t nth = 0; nth < ASKED_MAX; nth++) {
        struct matter found;
        TRY(name_nth(order, record, nth, &id));
        fault = matter_read(tx, order->matters, id, order->arena, &found);
        if (fault == FAULT_ABSENT) {
            *ret_next = nth;
            return FAULT_NONE;
        }
        TRY(fault);
        if (id_is_zero(newest->matter.id) || found.opened.us > newest->opened.us)
            *newest = found;
    }
    fault = fault_note(FAULT_TOO_MANY, "this child has been asked about too often: speak to your local team");
done:
    return fault;
}

/* About any record that is the child's: two that have become one were asked about as two. */
static enum fault newest_of_family(struct db_tx *tx, const struct broker_order *order,
                                   const struct child_standing *standing, struct matter *newest,
                                   uint32_t *ret_next)
{
    struct family family;
    uint32_t next = 0;
    enum fault fault;
    TRY(family_read(tx, standing->child, &family));
    *newest = (struct matter){0};
    for (size_t i = 0; i < family.count; i++)
        TRY(newest_of_record(tx, order, family.ids[i], newest, i == 0 ? ret_next : &next));
done:
    return fault;
}

enum fault broker_of_asker(struct db_tx *tx, const struct broker_order *order, struct child_id child,
                           struct matter *ret_matter)
{
    struct child_standing standing;
    struct matter newest;
    uint32_t next = 0;
    enum fault fault;
    TRY(family_standing(tx, child, order->arena, &standing));
    TRY(newest_of_family(tx, order, &standing, &newest, &next));
    if (id_is_zero(newest.matter.id))
        return FAULT_ABSENT;
    *ret_matter = newest;
done:
    return fault;
}

enum fault broker_ask(struct db_tx *tx, const struct permit_ask_send *permit,
                      const struct broker_order *order, struct child_id child, struct matter *ret_matter)
{
    must(permit->permit.operation == OP_ask_send);
    const struct matter_step step = step_of(order, STEP_ASKED, 0);
    struct child_standing standing;
    struct matter newest;
    uint32_t next = 0;
    enum fault fault;
    TRY(family_standing(tx, child, order->arena, &standing));
    TRY(newest_of_family(tx, order, &standing, &newest, &next));
    if (!id_is_zero(newest.matter.id) && newest.state != MATTER_CLOSED) {
        *ret_matter = newest;
        return FAULT_NONE;
    }
    newest = (struct matter){.kind = MATTER_BROKERING,
                             .state = MATTER_OPEN,
                             .authority = standing.authority,
                             .opened = order->now,
                             .due = instant_after(order->now, seconds(BROKER_ANSWER_DAYS * DAY_S)),
                             .version = 1,
                             .child = standing.child,
                             .asker = order->account,
                             .wanted = BROKER_ASKED};
    TRY(name_nth(order, standing.child, next, &newest.matter));
    TRY(matter_open(tx, order->matters, &newest, &step));
    *ret_matter = newest;
done:
    return fault;
}

static bool is_sensitive(const struct claim *claim)
{
    enum service_kind kind = policy_service_of(claim->row.at[COLUMN_service_kind]);
    return kind != SERVICE_NONE && policy_service_sensitive(kind);
}

const struct claim *broker_claim(const struct child *child, struct id claim)
{
    for (size_t i = 0; i < child->claim_count; i++) {
        const struct claim *one = &child->claims[i];
        if (id_equal(one->claim.id, claim) && one->kind == ROW_INVOLVEMENT && is_sensitive(one) &&
            one->consented)
            return one;
    }
    return NULL;
}

bool broker_may_ask(const struct claim *claim)
{
    return !claim->superseded && claim->row.at[COLUMN_to].len == 0 && !id_is_zero(claim->recorder.id) &&
           claim->consent.scope == CONSENT_TO_CONTACT;
}

static struct message message_of(const struct broker_order *order, const struct matter *matter,
                                 const struct child *child, enum message_kind kind)
{
    return (struct message){.kind = kind,
                            .sent = order->now,
                            .child = child->child,
                            .state = child->state,
                            .cause = matter->matter.id,
                            .number = matter->version,
                            .text = order->text};
}

/* Who asks stands with the question, where the asker allows that the service be told. */
static enum fault read_question(struct db_tx *tx, const struct broker_order *order,
                                const struct matter *matter, struct matter_step *ret_step)
{
    struct matter_step *steps = NULL;
    size_t count = 0;
    enum fault fault;
    TRY(matter_steps(tx, order->matters, matter, order->arena, &steps, &count));
    if (count == 0)
        fault = FAULT_ABSENT;
    else
        *ret_step = steps[0];
done:
    return fault;
}

enum fault broker_pass(struct db_tx *tx, const struct permit_request_pass *permit,
                       const struct broker_order *order, const struct child *child, const struct claim *claim,
                       struct matter *matter)
{
    must(permit->permit.operation == OP_request_pass);
    const struct matter_step step = step_of(order, STEP_PASSED_ON, 0);
    struct matter_step question;
    enum fault fault;
    if (matter->kind != MATTER_BROKERING || matter->state != MATTER_OPEN)
        return too_late();
    must(broker_may_ask(claim));
    TRY(read_question(tx, order, matter, &question));
    matter->wanted = BROKER_PASSED;
    matter->other = claim->claim.id;
    matter->about = claim->recorder;
    TRY(matter_advance(tx, order->matters, matter, &step));
    struct message message = message_of(order, matter, child, MESSAGE_QUESTION);
    message.recipient = claim->recorder;
    message.about = claim->claim.id;
    message.more = question.more;
    TRY(message_send(tx, order->messages, &message));
done:
    return fault;
}

enum fault broker_reply(struct db_tx *tx, const struct permit_message_answer *permit,
                        const struct broker_order *order, struct id claim, bool may_be_reached,
                        struct matter *matter)
{
    must(permit->permit.operation == OP_message_answer);
    const struct matter_step step =
        step_of(order, STEP_ANSWERED, (uint8_t)(may_be_reached ? BROKER_CONTACT : BROKER_NO_CONTACT));
    enum fault fault;
    if (matter->kind != MATTER_BROKERING || matter->state != MATTER_OPEN || matter->wanted != BROKER_PASSED ||
        !id_equal(matter->about.id, order->account.id) || !id_equal(matter->other, claim))
        return too_late();
    matter->wanted = (uint8_t)(may_be_reached ? BROKER_REACHED : BROKER_DECLINED);
    TRY(matter_advance(tx, order->matters, matter, &step));
done:
    return fault;
}

/* R8.4: "no contact" is a message without a word of its own, whatever it comes from. */
static struct message answer_of(const struct broker_order *order, const struct matter *matter,
                                const struct child *child, enum broker_outcome outcome)
{
    static const enum message_kind kinds[] = {[BROKER_CONTACT] = MESSAGE_REACHED,
                                              [BROKER_WORDS] = MESSAGE_TEAM_WORDS,
                                              [BROKER_NO_CONTACT] = MESSAGE_NO_CONTACT};
    struct message message = message_of(order, matter, child, kinds[outcome]);
    message.recipient = matter->asker;
    if (outcome == BROKER_NO_CONTACT)
        message.text = (struct str){"", 0};
    if (outcome == BROKER_CONTACT)
        message.about = matter->other;
    return message;
}

enum fault broker_answer(struct db_tx *tx, const struct permit_request_answer *permit,
                         const struct broker_order *order, const struct child *child,
                         enum broker_outcome outcome, struct matter *matter)
{
    must(permit->permit.operation == OP_request_answer && outcome != BROKER_NONE);
    const struct matter_step step = step_of(order, STEP_TOLD, (uint8_t)outcome);
    enum fault fault;
    if (matter->kind != MATTER_BROKERING || matter->state != MATTER_OPEN)
        return too_late();
    if (outcome == BROKER_CONTACT &&
        (matter->wanted != BROKER_REACHED || broker_claim(child, matter->other) == NULL))
        return too_late();
    matter->state = MATTER_CLOSED;
    TRY(matter_advance(tx, order->matters, matter, &step));
    const struct message message = answer_of(order, matter, child, outcome);
    TRY(message_send(tx, order->messages, &message));
done:
    return fault;
}

/* The consent of a claim of that id; zero where there is none. */
static struct id consent_of(const struct child *child, struct id claim)
{
    for (size_t i = 0; i < child->claim_count; i++)
        if (id_equal(child->claims[i].claim.id, claim))
            return child->claims[i].consent.id;
    return (struct id){{0}};
}

/* The service itself closes it: who has taken back what stands nowhere beside it. */
static enum fault end_withdrawn(struct db_tx *tx, const struct broker_order *order, const struct child *child,
                                struct matter *matter)
{
    const struct matter_step step = {
        .at = order->now, .verb = STEP_WITHDRAWN, .outcome = (uint8_t)BROKER_NO_CONTACT};
    enum fault fault;
    matter->state = MATTER_CLOSED;
    matter->wanted = BROKER_WITHDRAWN;
    TRY(matter_advance(tx, order->matters, matter, &step));
    const struct message message = answer_of(order, matter, child, BROKER_NO_CONTACT);
    TRY(message_send(tx, order->messages, &message));
done:
    return fault;
}

static enum fault withdraw_of_record(struct db_tx *tx, const struct broker_order *order,
                                     const struct child *child, struct child_id record, struct id consent)
{
    struct matter_search search = {.kind = MATTER_BROKERING, .record = record};
    struct matter *found = arena_take_array(order->arena, MATTER_LIST_MAX, sizeof *found);
    size_t count = 0;
    enum fault fault;
    if (found == NULL)
        return FAULT_MEMORY;
    do {
        TRY(matter_open_about(tx, order->matters, &search, order->arena, found, &count));
        for (size_t i = 0; i < count; i++)
            if (!id_is_zero(found[i].other) && id_equal(consent_of(child, found[i].other), consent))
                TRY(end_withdrawn(tx, order, child, &found[i]));
        if (count > 0)
            search.after = found[count - 1].matter;
    } while (count == MATTER_LIST_MAX);
done:
    return fault;
}

enum fault broker_withdraw(struct db_tx *tx, const struct permit_consent_withdraw *permit,
                           const struct broker_order *order, const struct child *child, struct id claim)
{
    must(permit->permit.operation == OP_consent_withdraw);
    const struct id consent = consent_of(child, claim);
    struct family family;
    enum fault fault;
    if (id_is_zero(consent))
        return FAULT_NONE;
    TRY(family_read(tx, child->child, &family));
    for (size_t i = 0; i < family.count; i++)
        TRY(withdraw_of_record(tx, order, child, family.ids[i], consent));
done:
    return fault;
}
