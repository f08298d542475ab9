/* Who is told of what somebody else has done. */
#include "registry/family.h"
#include "service/messages.h"

enum { TOLD_MAX = 64, REFERENCE_LEN = 8, REFERENCE_BYTES_MAX = 64 };

static bool is_sensitive(struct str kind)
{
    enum service_kind service = policy_service_of(kind);
    return service == SERVICE_NONE || policy_service_sensitive(service);
}

/* Somebody who works with the child now, openly. */
static bool works_with(const struct claim *claim)
{
    return claim->kind == ROW_INVOLVEMENT && claim->source == SOURCE_NONE && !claim->superseded &&
           claim->row.at[COLUMN_to].len == 0 && !id_is_zero(claim->recorder.id) &&
           !is_sensitive(claim->row.at[COLUMN_service_kind]);
}

enum fault tell_further_service(struct db_tx *tx, const struct conduct *conduct, const struct child *child,
                                const struct involvement_order *order)
{
    size_t told = 0;
    enum fault fault = FAULT_NONE;
    if (child->state != RECORD_LIVE || is_sensitive(order->row.at[COLUMN_service_kind]))
        return FAULT_NONE; /* R7.6, R12.2 */
    for (size_t i = 0; i < child->claim_count && told < TOLD_MAX; i++) {
        const struct claim *claim = &child->claims[i];
        if (!works_with(claim) || id_equal(claim->recorder.id, order->recorder.id))
            continue;
        const struct message message = {.recipient = claim->recorder,
                                        .kind = MESSAGE_FURTHER_SERVICE,
                                        .sent = order->at,
                                        .child = child->child,
                                        .state = child->state,
                                        .cause = order->claim.id};
        TRY(message_send(tx, &conduct->service->messages, &message));
        told++;
    }
done:
    return fault;
}

enum fault tell_askers(struct db_tx *tx, const struct conduct *conduct, struct matter *matter,
                       enum message_kind kind)
{
    const struct matter_step step = {.at = conduct->now, .verb = STEP_TOLD};
    struct matter_step *steps = NULL;
    struct child_standing standing;
    size_t count = 0, told = 0;
    enum fault fault;
    TRY(matter_steps(tx, &conduct->service->matters, matter, conduct->arena, &steps, &count));
    TRY(family_standing(tx, matter->child, conduct->arena, &standing));
    for (size_t i = 0; i < count && told < TOLD_MAX; i++) {
        if (steps[i].verb != STEP_ASKED || id_is_zero(steps[i].account.id))
            continue;
        const struct message message = {.recipient = steps[i].account,
                                        .kind = kind,
                                        .sent = conduct->now,
                                        .child = standing.child,
                                        .state = standing.state,
                                        .cause = matter->matter.id,
                                        .number = matter->version};
        TRY(message_send(tx, &conduct->service->messages, &message));
        told++;
    }
    if (told > 0)
        TRY(matter_add(tx, &conduct->service->matters, matter, &step));
done:
    return fault;
}

enum fault tell_overrider(struct db_tx *tx, const struct conduct *conduct, const struct matter *matter,
                          struct str outcome)
{
    struct child_standing standing;
    enum fault fault;
    TRY(family_standing(tx, matter->child, conduct->arena, &standing));
    const struct message message = {.recipient = matter->about,
                                    .kind = MESSAGE_OVERRIDE_CLOSED,
                                    .sent = conduct->now,
                                    .child = standing.child,
                                    .state = standing.state,
                                    .cause = matter->matter.id,
                                    .text = outcome};
    TRY(message_send(tx, &conduct->service->messages, &message));
done:
    return fault;
}

enum fault messages_reference(struct conduct *conduct, struct id matter, struct str *ret_text)
{
    struct buffer id = buffer_open(REFERENCE_BYTES_MAX), text = buffer_open(REFERENCE_BYTES_MAX);
    enum fault fault;
    id_put(&id, matter);
    TRY(buffer_fault(&id));
    const struct str whole = buffer_str(&id);
    must(whole.len > REFERENCE_LEN);
    for (size_t i = whole.len - REFERENCE_LEN; i < whole.len; i++) {
        const char c = whole.at[i];
        if (i == whole.len - REFERENCE_LEN / 2)
            buffer_put_char(&text, '-');
        buffer_put_char(&text, c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c);
    }
    TRY(buffer_fault(&text));
    TRY(arena_copy(conduct->arena, buffer_str(&text), ret_text));
done:
    buffer_close(&id);
    buffer_close(&text);
    return fault;
}
