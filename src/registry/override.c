#include "registry/override.h"

#include "registry/family.h"

enum { DAY_S = 24 * 3600, DETAIL_BYTES_MAX = 1024, CLOCKS_DIFFER_SECONDS = 60 };

static const char *const outcome_names[OVERRIDE_OUTCOMES_END] = {
#define OUTCOME(name, label) [OVERRIDE_##name] = #name,
#include "registry/outcomes.def"
#undef OUTCOME
};
static const char *const outcome_labels[OVERRIDE_OUTCOMES_END] = {
#define OUTCOME(name, label) [OVERRIDE_##name] = label,
#include "registry/outcomes.def"
#undef OUTCOME
};

const char *override_outcome_name(enum override_outcome outcome)
{
    must(outcome < OVERRIDE_OUTCOMES_END);
    return outcome_names[outcome];
}

const char *override_outcome_label(enum override_outcome outcome)
{
    must(outcome < OVERRIDE_OUTCOMES_END);
    return outcome_labels[outcome];
}

enum override_outcome override_outcome_of(struct str name)
{
    for (int outcome = 1; outcome < OVERRIDE_OUTCOMES_END; outcome++)
        if (str_equal(name, str_of(outcome_names[outcome])))
            return (enum override_outcome)outcome;
    return OVERRIDE_NONE;
}

static struct value tag_value(const struct tag *tag)
{
    return value_bytes((struct bytes){tag->byte, sizeof tag->byte});
}

/* R10: two people are told at once, of two kinds of office. */
static enum fault raise_alarms(struct db_tx *tx, const struct override_order *order,
                               const struct matter *matter)
{
    static const enum role told[] = {ROLE_shielding_officer, ROLE_audit_reviewer};
    struct buffer detail = buffer_open(DETAIL_BYTES_MAX);
    enum fault fault = FAULT_NONE;
    buffer_put(&detail, STR("a shield was overridden; matter "));
    id_put(&detail, matter->matter.id);
    TRY(buffer_fault(&detail));
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        const struct alarm alarm = {.id = matter_alarm_id(order->matters, matter, ALARM_OVERRIDE, told[i]),
                                    .kind = ALARM_OVERRIDE,
                                    .addressed = told[i],
                                    .authority = matter->authority,
                                    .due_in = seconds(OVERRIDE_ALARM_SECONDS),
                                    .detail = buffer_str(&detail)};
        TRY(alarm_raise(tx, order->matters->vault, order->alarm_key, order->entropy, order->now, &alarm));
    }
done:
    buffer_close(&detail);
    return fault;
}

static enum fault investigate(struct db_tx *tx, const struct override_order *order, struct matter_id id,
                              const struct child_standing *standing)
{
    const struct matter matter = {.matter = id,
                                  .kind = MATTER_OVERRIDE,
                                  .state = MATTER_OPEN,
                                  .authority = standing->authority,
                                  .opened = order->now,
                                  .due = instant_after(order->now, seconds(OVERRIDE_REVIEW_DAYS * DAY_S)),
                                  .child = standing->child,
                                  .asker = order->account,
                                  .about = order->account};
    const struct matter_step step = {.at = order->now,
                                     .verb = STEP_ASKED,
                                     .account = order->account,
                                     .role = order->role,
                                     .name = order->name,
                                     .text = order->text};
    enum fault fault;
    TRY(matter_open(tx, order->matters, &matter, &step));
    TRY(raise_alarms(tx, order, &matter));
done:
    return fault;
}

enum fault override_begin(struct db_tx *tx, const struct permit_shield_override *permit,
                          const struct override_order *order, struct matter_id id, struct child_id child)
{
    must(permit->permit.operation == OP_shield_override);
    struct child_standing standing;
    struct matter before;
    enum fault fault;
    TRY(family_standing(tx, child, order->arena, &standing));
    if (standing.state != RECORD_SHIELDED)
        return FAULT_ABSENT;
    fault = matter_read(tx, order->matters, id, order->arena, &before);
    if (fault == FAULT_NONE) /* the very form that is being taken was taken before: its time goes on */
        return FAULT_NONE;
    if (fault != FAULT_ABSENT)
        return fault;
    const struct value in[] = {[BIND_overriding_put_session_tag] = tag_value(&order->session),
                               [BIND_overriding_put_child_id] = value_id(standing.child.id),
                               [BIND_overriding_put_until_us] =
                                   value_int(instant_after(order->now, seconds(OVERRIDE_SECONDS)).us)};
    TRY(db_run(tx, SQL_overriding_put, in, NULL));
    TRY(investigate(tx, order, id, &standing));
done:
    return fault;
}

enum fault override_live(struct db_tx *tx, struct tag session, struct instant now, struct arena *arena,
                         struct child_id *ret_child, struct instant *ret_until)
{
    const struct value in[] = {[BIND_overriding_get_session_tag] = tag_value(&session)};
    struct value out[GIVES_overriding_get];
    struct child_id child;
    enum fault fault;
    TRY(db_one(tx, SQL_overriding_get, in, arena, out));
    const int64_t until_us = out[GIVE_overriding_get_until_us].number;
    /* A clock that steps back to before it began ends it; no further back than clocks of servers differ. */
    if (now.us >= until_us || now.us < until_us - seconds(OVERRIDE_SECONDS + CLOCKS_DIFFER_SECONDS).us)
        return FAULT_ABSENT;
    if (!id_of_bytes(out[GIVE_overriding_get_child_id].bytes, &child.id))
        return FAULT_CORRUPT;
    *ret_child = child;
    *ret_until = (struct instant){until_us};
done:
    return fault;
}

enum fault override_leave(struct db_tx *tx, struct tag session)
{
    const struct value in[] = {[BIND_overriding_end_session_tag] = tag_value(&session)};
    return db_run(tx, SQL_overriding_end, in, NULL);
}

enum fault override_sweep(struct db_tx *tx, struct instant now)
{
    const struct value in[] = {[BIND_overriding_sweep_now_us] = value_int(now.us)};
    return db_run(tx, SQL_overriding_sweep, in, NULL);
}

enum fault override_decide(struct db_tx *tx, const struct permit_override_decide *permit,
                           const struct override_order *order, enum override_outcome outcome,
                           struct matter *matter)
{
    must(permit->permit.operation == OP_override_decide);
    must(outcome > OVERRIDE_NONE && outcome < OVERRIDE_OUTCOMES_END);
    const struct matter_step step = {.at = order->now,
                                     .verb = STEP_CLOSED,
                                     .account = order->account,
                                     .role = order->role,
                                     .name = order->name,
                                     .outcome = (uint8_t)outcome,
                                     .text = order->text};
    enum fault fault;
    if (matter->kind != MATTER_OVERRIDE || matter->state != MATTER_OPEN)
        return fault_note(FAULT_CONFLICT, "somebody else has decided this meanwhile: look at it again");
    if (id_equal(matter->about.id, order->account.id)) /* R2: nobody reviews their own */
        return fault_note(FAULT_REFUSED, "nobody reviews what they did themselves");
    matter->state = MATTER_CLOSED;
    TRY(matter_advance(tx, order->matters, matter, &step));
done:
    return fault;
}
