/* What a child's page offers, and what became of a shield that its reader has asked for (R9.2, R9.7). */
#include "service/manage.h"

static const int64_t MINUTE_US = INT64_C(60) * 1000000;

struct offering {
    struct conduct *conduct;
    struct matter matter;
    struct matter_step *steps;
    size_t count;
};

static bool may(const struct conduct *conduct, enum operation operation)
{
    const struct facts facts = facts_of(operation, &conduct->caller);
    return policy_may(conduct->caller.role, operation) &&
           (policy_needs(operation) == CAPABILITY_NONE || facts.capability_held);
}

static enum fault read_request(struct db_tx *tx, void *context)
{
    struct offering *offering = context;
    struct conduct *conduct = offering->conduct;
    const struct matters *matters = &conduct->service->matters;
    const struct child_id child = {conduct->ask->path_ids[0]};
    enum fault fault =
        matter_last_of_child(tx, matters, MATTER_SHIELD, child, conduct->arena, &offering->matter);
    if (fault == FAULT_NONE)
        fault =
            matter_steps(tx, matters, &offering->matter, conduct->arena, &offering->steps, &offering->count);
    return fault == FAULT_ABSENT ? FAULT_NONE : fault;
}

/* The last time that this caller asked; NULL where they never did. */
static const struct matter_step *own_request(const struct offering *offering)
{
    const struct account_id self = offering->conduct->caller.account.account;
    for (size_t i = offering->count; i-- > 0;)
        if (offering->steps[i].verb == STEP_ASKED && id_equal(offering->steps[i].account.id, self.id))
            return &offering->steps[i];
    return NULL;
}

static struct str state_words(const struct offering *offering)
{
    const struct matter_step *last = &offering->steps[offering->count - 1];
    while (last > offering->steps && last->verb == STEP_TOLD) /* what was done stands before */
        last--;
    switch ((enum shield_phase)offering->matter.wanted) {
    case SHIELD_ASKED:
    case SHIELD_REFUSING:
        if (offering->matter.state != MATTER_CLOSED)
            return STR("The shielding officer has not decided yet. Until then it is shielded.");
        break;
    case SHIELD_KEPT:
    case SHIELD_LIFTING:
        if (offering->matter.state != MATTER_CLOSED)
            return STR("The shielding officer has agreed.");
        break;
    }
    return last->verb == STEP_SECOND_GIVEN && last->outcome == SHIELD_REFUSING
               ? STR("Two officers have refused this: the record is not shielded because of it.")
               : STR("Two officers have lifted the shield since.");
}

enum fault manage_offer(struct conduct *conduct)
{
    struct answer *answer = conduct->answer;
    struct offering offering = {.conduct = conduct};
    enum fault fault;
    if (conduct->ask->operation != OP_child_view && conduct->ask->operation != OP_child_details)
        return FAULT_NONE;
    answer->may_shield = may(conduct, OP_shield_page);
    answer->may_override = may(conduct, OP_override_page);
    if (!id_is_zero(conduct->overridden.id)) { /* it is this record: another has been left by now */
        const int64_t left_us = conduct->overridden_until.us - conduct->now.us;
        answer->overriding_until = conduct->overridden_until;
        answer->overriding_minutes = (left_us + MINUTE_US - 1) / MINUTE_US;
    }
    TRY(db_read(conduct->service->db, read_request, &offering));
    const struct matter_step *own = own_request(&offering);
    if (own == NULL)
        return FAULT_NONE;
    answer->shield_line = arena_take(conduct->arena, sizeof *answer->shield_line);
    if (answer->shield_line == NULL)
        return FAULT_MEMORY;
    *answer->shield_line = (struct shield_line_view){.asked = own->at, .state = state_words(&offering)};
done:
    return fault;
}
