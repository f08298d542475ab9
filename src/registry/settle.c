#include "registry/settle.h"

#include "registry/carry.h"
#include "registry/family.h"
#include "registry/plan.h"

/* What a decision carries out: the child's row first, then the involvements that waited with it. */
struct carrying {
    const struct settlement *settlement;
    struct plan_step *steps;
    size_t count;
    struct carried carried;
};

static enum fault check_newest(struct db_tx *tx, const struct settlement *settlement)
{
    bool newest = false;
    enum fault fault = queue_is_newest(tx, &settlement->row, &newest);
    if (fault == FAULT_NONE && !newest)
        return fault_note(FAULT_CONFLICT, "the source has said this record anew: look at it again");
    return fault;
}

static void put_step(struct carrying *carrying, const struct waiting_row *row, struct child_id child)
{
    struct plan_step *step = &carrying->steps[carrying->count++];
    *step = (struct plan_step){.action = PLAN_CLAIM,
                               .source = row->place.source,
                               .sequence = row->place.sequence,
                               .record = row->record,
                               .row = row->row};
    step->record.child = child;
    step->record.claim.id = id_new(carrying->settlement->house->entropy);
    step->record.fate = RECORD_KNOWN;
}

static enum fault put_steps(struct db_tx *tx, struct carrying *carrying, struct child_id child)
{
    const struct settlement *settlement = carrying->settlement;
    struct waiting_row *followers = NULL;
    size_t count = 0;
    enum fault fault;
    TRY(queue_followers(tx, settlement->keys, &settlement->row, settlement->arena, &followers, &count));
    carrying->steps = arena_take_array(settlement->arena, count + 1, sizeof *carrying->steps);
    if (carrying->steps == NULL)
        return FAULT_MEMORY;
    put_step(carrying, &settlement->row, child);
    for (size_t i = 0; i < count; i++)
        put_step(carrying, &followers[i], child);
done:
    return fault;
}

/* Whose the numbers are, and that nothing waits any more. */
static enum fault put_rest(struct db_tx *tx, const struct carrying *carrying, const struct plan_step *step)
{
    struct tag tags[PLAN_TAGS_MAX];
    size_t count = 0;
    enum fault fault;
    const struct value settled[] = {[BIND_batch_waiting_settled_source] = value_int(step->source),
                                    [BIND_batch_waiting_settled_record] = value_int(step->record.number)};
    TRY(db_run(tx, SQL_batch_waiting_settled, settled, NULL));
    TRY(plan_tags(carrying->settlement->keys->vault, step, carrying->settlement->arena, tags, &count));
    for (size_t i = 0; i < count; i++) {
        const struct value in[] = {[BIND_identifier_owner_insert_tag] =
                                       value_bytes((struct bytes){tags[i].byte, TAG_BYTES}),
                                   [BIND_identifier_owner_insert_child_id] = value_id(step->record.child.id)};
        TRY(db_run(tx, SQL_identifier_owner_insert, in, NULL));
    }
done:
    return fault;
}

static enum fault carry_steps(struct db_tx *tx, struct noting *noting, struct carrying *carrying)
{
    const struct settlement *settlement = carrying->settlement;
    struct arena *arena = NULL;
    struct carry carry = {.house = settlement->house,
                          .feed_key = &settlement->keys->feed_key,
                          .steps = carrying->steps,
                          .step_count = carrying->count};
    enum { CARRY_ARENA_BYTES = 64 * 1024 * 1024 };
    enum fault fault;
    TRY(arena_open(CARRY_ARENA_BYTES, &arena));
    carry.arena = arena;
    carry.carried = arena_take_array(settlement->arena, carrying->count, sizeof *carry.carried);
    if (carry.carried == NULL) {
        fault = FAULT_MEMORY;
        goto done;
    }
    TRY(carry_out(tx, &carry));
    for (size_t i = 0; i < carrying->count; i++)
        TRY(put_rest(tx, carrying, &carrying->steps[i]));
    for (size_t i = 0; i < carry.carried_count; i++)
        TRY(change_note(tx, noting, &carry.carried[i].child, 1));
done:
    arena_close(arena);
    return fault;
}

enum fault settle_same(struct db_tx *tx, struct noting *noting, const struct settlement *settlement,
                       struct child_id child, struct child_id *ret_child)
{
    must(settlement->permit->permit.operation == OP_case_decide);
    struct carrying carrying = {.settlement = settlement};
    struct child_standing standing;
    enum fault fault;
    TRY(check_newest(tx, settlement));
    TRY(family_standing(tx, child, settlement->arena, &standing));
    if (standing.state == RECORD_SEALED && settlement->hidden)
        return fault_note(FAULT_REFUSED,
                          "a sealed record is closed: what resembles it is a different child, or goes on "
                          "waiting (R9.8)");
    if (standing.state == RECORD_SEALED || (standing.state == RECORD_SHIELDED && !settlement->hidden))
        return FAULT_ABSENT;
    TRY(put_steps(tx, &carrying, standing.child));
    TRY(carry_steps(tx, noting, &carrying));
    *ret_child = standing.child;
done:
    return fault;
}

enum fault settle_apart(struct db_tx *tx, const struct settlement *settlement, const struct child_id *others,
                        size_t count)
{
    must(settlement->permit->permit.operation == OP_case_decide);
    enum fault fault;
    TRY(check_newest(tx, settlement));
    for (size_t i = 0; i < count; i++)
        TRY(decision_never_same(tx, settlement->decider, who_record(&settlement->row.record.tag),
                                who_child(others[i])));
done:
    return fault;
}

enum fault settle_different(struct db_tx *tx, struct noting *noting, const struct settlement *settlement,
                            const struct child_id *others, size_t count, struct child_id *ret_child)
{
    const struct child_id child = {id_new(settlement->house->entropy)};
    struct carrying carrying = {.settlement = settlement};
    enum fault fault;
    TRY(settle_apart(tx, settlement, others, count));
    for (size_t i = 0; i < count; i++)
        TRY(decision_never_same(tx, settlement->decider, who_child(child), who_child(others[i])));
    TRY(put_steps(tx, &carrying, child));
    carrying.steps[0].action = PLAN_CREATE;
    number_contactpoint_new(settlement->house->entropy, carrying.steps[0].number);
    TRY(carry_steps(tx, noting, &carrying));
    *ret_child = child;
done:
    return fault;
}
