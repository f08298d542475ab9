#include "registry/carry.h"

#include "registry/bulk.h"
#include "registry/family.h"
#include "store/wrapping.h"

enum { SEALED_BYTES_MAX = 128 * 1024, CLEAR_BYTES_MAX = 64 * 1024 };

/* The statements of a chunk, in the order in which they are sent. */
enum part {
    PART_CHILD,
    PART_KEY,
    PART_CLAIM,
    PART_SUPERSEDE,
    PART_UPDATE,
    PART_TOUCH,
    PART_NEW_RECORD,
    PART_RECORD,
    PART_END,
    PART_WAITING,
    PARTS_END
};

static const struct {
    enum statement statement;
    size_t binds;
} parts[PARTS_END] = {
    [PART_CHILD] = {SQL_child_insert, BINDS_child_insert},
    [PART_KEY] = {SQL_child_key_insert, BINDS_child_key_insert},
    [PART_CLAIM] = {SQL_claim_insert, BINDS_claim_insert},
    [PART_SUPERSEDE] = {SQL_claim_supersede, BINDS_claim_supersede},
    [PART_UPDATE] = {SQL_child_update, BINDS_child_update},
    [PART_TOUCH] = {SQL_child_touch, BINDS_child_touch},
    [PART_NEW_RECORD] = {SQL_source_record_insert, BINDS_source_record_insert},
    [PART_RECORD] = {SQL_source_record_put, BINDS_source_record_put},
    [PART_END] = {SQL_source_record_end, BINDS_source_record_end},
    [PART_WAITING] = {SQL_batch_waiting_older, BINDS_batch_waiting_older},
};

/* One filling serves both. */
_Static_assert((int)BIND_source_record_insert_source == (int)BIND_source_record_put_source &&
                   (int)BIND_source_record_insert_number == (int)BIND_source_record_put_number &&
                   (int)BIND_source_record_insert_sealed == (int)BIND_source_record_put_sealed,
               "the two statements bind alike");

/* One run of a chunk. */
struct work {
    struct carry *carry;
    struct bulk bulks[PARTS_END];
    struct child_read *reads; /* of the children who are there */
    size_t read_count;
    size_t read_next;
    struct wrapped_key *keys; /* of those who are created */
    size_t key_next;
    struct buffer clear;
    struct buffer sealed;
};

/* One child of the chunk while its steps are taken. */
struct turn {
    const struct plan_step *steps;
    size_t step_count;
    bool created;
    const struct wrapped_key *key; /* where created */
    bool whole;                    /* what sources say of who it is changes */
    struct child child;
    struct claim *claims;
};

static bool is_for_nobody(const struct plan_step *step)
{
    return id_is_zero(step->record.child.id);
}

/* Seals into `sealed` and keeps it as long as the chunk. */
static enum fault seal(struct work *work, const struct wrapped_key *key, const struct seal_place *place,
                       struct bytes *ret_sealed)
{
    struct str copy;
    enum fault fault;
    TRY(buffer_fault(&work->clear));
    TRY(vault_seal(work->carry->house->vault, key, place, buffer_bytes(&work->clear), &work->sealed));
    TRY(arena_copy(work->carry->arena, buffer_str(&work->sealed), &copy));
    *ret_sealed = bytes_of(copy);
done:
    return fault;
}

/* What it waited with before waits no more: it is a child's now, or it was said anew. */
static void forget_waiting(struct work *work, const struct plan_step *step)
{
    struct value *in = bulk_row(&work->bulks[PART_WAITING]);
    in[BIND_batch_waiting_older_source] = value_int(step->source);
    in[BIND_batch_waiting_older_record] = value_int(step->record.number);
    in[BIND_batch_waiting_older_sequence] = value_int(step->sequence);
}

/* A record that is new gets the number of its place in the batch. */
static enum fault put_record(struct work *work, const struct plan_step *step)
{
    struct record record = step->record;
    struct str sealed;
    enum fault fault;
    bool fresh = record.number == 0;
    if (fresh)
        record.number = step->sequence << RECORD_NUMBER_BITS | step->position;
    else if (id_is_zero(step->old.id))
        forget_waiting(work, step);
    TRY(record_seal(work->carry->house->vault, work->carry->feed_key, step->source, &record, &work->sealed));
    TRY(arena_copy(work->carry->arena, buffer_str(&work->sealed), &sealed));
    struct value *in = bulk_row(&work->bulks[fresh ? PART_NEW_RECORD : PART_RECORD]);
    in[BIND_source_record_put_source] = value_int(step->source);
    in[BIND_source_record_put_number] = value_int(record.number);
    in[BIND_source_record_put_sealed] = value_bytes(bytes_of(sealed));
done:
    return fault;
}

static void end_record(struct work *work, const struct plan_step *step)
{
    if (is_for_nobody(step))
        forget_waiting(work, step);
    struct value *in = bulk_row(&work->bulks[PART_END]);
    in[BIND_source_record_end_source] = value_int(step->source);
    in[BIND_source_record_end_number] = value_int(step->record.number);
}

static enum fault add_claim(struct work *work, struct turn *turn, const struct plan_step *step)
{
    struct claim *claim = &turn->claims[turn->child.claim_count];
    struct bytes sealed;
    enum fault fault;
    *claim = (struct claim){.claim = step->record.claim,
                            .kind = (enum row_kind)step->record.kind,
                            .source = step->source,
                            .recorded = clock_now(work->carry->house->clock),
                            .row = step->row};
    const struct seal_place place = claim_place(&step->record.claim);
    buffer_clear(&work->clear);
    claim_pack(&work->clear, claim);
    TRY(seal(work, &turn->child.key, &place, &sealed));
    struct value *in = bulk_row(&work->bulks[PART_CLAIM]);
    in[BIND_claim_insert_child_id] = value_id(step->record.child.id);
    in[BIND_claim_insert_claim_id] = value_id(step->record.claim.id);
    in[BIND_claim_insert_sealed] = value_bytes(sealed);
    turn->child.claim_count++;
done:
    return fault;
}

static void supersede(struct work *work, struct turn *turn, const struct plan_step *step)
{
    int32_t month = month_of_instant(clock_now(work->carry->house->clock));
    struct value *in = bulk_row(&work->bulks[PART_SUPERSEDE]);
    in[BIND_claim_supersede_child_id] = value_id(step->record.child.id);
    in[BIND_claim_supersede_claim_id] = value_id(step->old.id);
    in[BIND_claim_supersede_superseded_month] = value_int(month);
    for (size_t i = 0; i < turn->child.claim_count; i++) {
        struct claim *claim = &turn->claims[i];
        if (id_equal(claim->claim.id, step->old.id) && !claim->superseded) {
            claim->superseded = true;
            claim->superseded_month = month;
        }
    }
}

static enum fault take_step(struct work *work, struct turn *turn, const struct plan_step *step)
{
    enum fault fault = FAULT_NONE;
    if (step->action == PLAN_END) {
        end_record(work, step);
        supersede(work, turn, step);
        return FAULT_NONE;
    }
    if (!id_is_zero(step->old.id))
        supersede(work, turn, step);
    TRY(add_claim(work, turn, step));
    TRY(put_record(work, step));
done:
    return fault;
}

static struct value text_or_null(struct str text)
{
    return text.len == 0 ? value_null() : value_text(text);
}

/* R11.1: where nobody says it any more, the one that was responsible stays so. */
static struct value responsible_authority(const struct child *child)
{
    const struct claim *claim = child_authoritative(child, GROUP_WHEREABOUTS, COLUMN_authority);
    return text_or_null(claim == NULL ? child->authority : claim->row.at[COLUMN_authority]);
}

static void write_new(struct work *work, const struct turn *turn, struct bytes linkage)
{
    const struct plan_step *step = turn->steps;
    struct value *child = bulk_row(&work->bulks[PART_CHILD]);
    child[BIND_child_insert_child_id] = value_id(step->record.child.id);
    child[BIND_child_insert_state] = value_int(RECORD_LIVE);
    child[BIND_child_insert_shield] = value_int(SHIELD_NONE);
    child[BIND_child_insert_authority] = responsible_authority(&turn->child);
    child[BIND_child_insert_linkage] = value_bytes(linkage);
    struct value *key = bulk_row(&work->bulks[PART_KEY]);
    key[BIND_child_key_insert_child_id] = value_id(step->record.child.id);
    key[BIND_child_key_insert_wrapped] = value_bytes((struct bytes){turn->key->byte, sizeof turn->key->byte});
}

static void write_changed(struct work *work, const struct turn *turn, struct bytes linkage)
{
    struct value *in = bulk_row(&work->bulks[PART_UPDATE]);
    in[BIND_child_update_child_id] = value_id(turn->steps->record.child.id);
    in[BIND_child_update_authority] = responsible_authority(&turn->child);
    in[BIND_child_update_linkage] = value_bytes(linkage);
    in[BIND_child_update_version] = value_int(turn->child.version);
}

/* The bundle again from every claim in force, so that the order of arrival leaves no trace in it. */
static enum fault rebundle(struct work *work, struct turn *turn, struct carried *carried)
{
    const struct seal_place place = linkage_place(&turn->steps->record.child);
    struct bytes linkage;
    enum fault fault;
    child_sort_claims(turn->claims, turn->child.claim_count);
    TRY(child_person(&turn->child, work->carry->arena, &carried->person));
    buffer_clear(&work->clear);
    person_pack(&work->clear, &carried->person);
    TRY(seal(work, &turn->child.key, &place, &linkage));
    if (turn->created)
        write_new(work, turn, linkage);
    else
        write_changed(work, turn, linkage);
    carried->reindex = true;
done:
    return fault;
}

static void touch(struct work *work, const struct turn *turn)
{
    struct value *in = bulk_row(&work->bulks[PART_TOUCH]);
    in[BIND_child_touch_child_id] = value_id(turn->steps->record.child.id);
}

/* Who it is before its steps: nobody yet, or as the store has it. */
static enum fault begin_turn(struct work *work, struct turn *turn)
{
    const struct plan_step *first = turn->steps;
    const struct child *held = NULL;
    if (turn->created) {
        turn->key = &work->keys[work->key_next++];
        turn->child = (struct child){.child = first->record.child,
                                     .state = RECORD_LIVE,
                                     .number = {first->number, sizeof first->number},
                                     .key = *turn->key};
    } else {
        const struct child_read *read = &work->reads[work->read_next++];
        if (read->fault != FAULT_NONE)
            return read->fault;
        held = read->child;
        turn->child = *held;
    }
    size_t count = turn->child.claim_count;
    turn->claims = arena_take_array(work->carry->arena, count + turn->step_count, sizeof *turn->claims);
    if (turn->claims == NULL)
        return FAULT_MEMORY;
    if (held != NULL && count > 0)
        memcpy(turn->claims, held->claims, count * sizeof *turn->claims);
    turn->child.claims = turn->claims;
    return FAULT_NONE;
}

/* R9.5: a feed leaves state and shield alone. */
static enum fault carry_turn(struct work *work, struct turn *turn)
{
    struct carried *carried = &work->carry->carried[work->carry->carried_count++];
    enum fault fault;
    TRY(begin_turn(work, turn));
    *carried = (struct carried){.child = turn->steps->record.child,
                                .state = turn->child.state,
                                .version = turn->child.version + 1,
                                .of_family = turn->child.columns.parts > 0 ||
                                             !id_is_zero(turn->child.columns.merged_into.id)};
    for (size_t i = 0; i < turn->step_count; i++)
        TRY(take_step(work, turn, &turn->steps[i]));
    if (turn->whole)
        TRY(rebundle(work, turn, carried));
    else
        touch(work, turn);
done:
    return fault;
}

/* The steps of one child stand together. */
static struct turn turn_at(const struct carry *carry, size_t from)
{
    struct turn turn = {.steps = &carry->steps[from]};
    turn.created = turn.steps->action == PLAN_CREATE;
    while (from + turn.step_count < carry->step_count &&
           id_equal(turn.steps[turn.step_count].record.child.id, turn.steps->record.child.id)) {
        const struct plan_step *step = &turn.steps[turn.step_count++];
        turn.whole = turn.whole || step->record.kind == ROW_CHILD;
    }
    return turn;
}

/* What a source says of a record that stands for no child yet (R9.6). */
static enum fault carry_held(struct work *work, const struct turn *turn)
{
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < turn->step_count; i++)
        if (turn->steps[i].action == PLAN_END)
            end_record(work, &turn->steps[i]);
        else
            TRY(put_record(work, &turn->steps[i]));
done:
    return fault;
}

/* In this transaction, so that no plan holds any, and under the master that is agreed on in it. */
static enum fault make_keys(struct db_tx *tx, struct work *work)
{
    const struct carry *carry = work->carry;
    size_t count = 0;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < carry->step_count; i++)
        count += carry->steps[i].action == PLAN_CREATE;
    work->keys = arena_take_array(carry->arena, count, sizeof *work->keys);
    if (work->keys == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < count; i++)
        TRY(vault_key_new(carry->house->vault, &work->keys[i]));
    for (size_t i = 0; i < count; i += WRAPPING_KEYS_MAX) {
        const size_t left = count - i, some = left < WRAPPING_KEYS_MAX ? left : WRAPPING_KEYS_MAX;
        TRY(wrapping_agree(tx, carry->house->vault, &work->keys[i], some));
    }
done:
    return fault;
}

static enum fault read_children(struct db_tx *tx, struct work *work)
{
    const struct carry *carry = work->carry;
    work->reads = arena_take_array(carry->arena, carry->step_count, sizeof *work->reads);
    if (work->reads == NULL)
        return FAULT_MEMORY;
    for (size_t at = 0; at < carry->step_count;) {
        const struct turn turn = turn_at(carry, at);
        if (!turn.created && !is_for_nobody(turn.steps))
            work->reads[work->read_count++] =
                (struct child_read){.id = turn.steps->record.child, .whole = turn.whole, .part = true};
        at += turn.step_count;
    }
    return child_read_some(tx, vault_for_linkage(carry->house->vault), work->reads, work->read_count,
                           carry->arena);
}

static enum fault carry_all(struct db_tx *tx, struct work *work)
{
    struct carry *carry = work->carry;
    enum fault fault = FAULT_NONE;
    for (int part = 0; part < PARTS_END; part++)
        TRY(bulk_open(&work->bulks[part], parts[part].statement, parts[part].binds, carry->step_count,
                      carry->arena));
    TRY(make_keys(tx, work));
    TRY(read_children(tx, work));
    for (size_t at = 0; at < carry->step_count;) {
        struct turn turn = turn_at(carry, at);
        TRY(is_for_nobody(turn.steps) ? carry_held(work, &turn) : carry_turn(work, &turn));
        at += turn.step_count;
    }
    for (int part = 0; part < PARTS_END; part++)
        TRY(bulk_send(tx, &work->bulks[part]));
done:
    return fault;
}

/* Where a record has taken others in, or was taken in, what is shown is the family's: written anew from all
 * its claims once they are there.  Few children are such. */
static enum fault carry_families(struct db_tx *tx, struct carry *carry)
{
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < carry->carried_count; i++) {
        struct carried *carried = &carry->carried[i];
        struct child *survivor = NULL;
        if (!carried->of_family)
            continue;
        TRY(family_rebundle(tx, vault_for_linkage(carry->house->vault).purpose, carried->child, carry->arena,
                            &survivor));
        *carried = (struct carried){.child = survivor->child,
                                    .state = survivor->state,
                                    .version = survivor->version,
                                    .reindex = true,
                                    .person = survivor->person};
    }
done:
    return fault;
}

enum fault carry_out(struct db_tx *tx, struct carry *carry)
{
    struct work work = {
        .carry = carry, .clear = buffer_open(CLEAR_BYTES_MAX), .sealed = buffer_open(SEALED_BYTES_MAX)};
    arena_reset(carry->arena);
    carry->carried_count = 0;
    enum fault fault = carry_all(tx, &work);
    if (fault == FAULT_NONE)
        fault = carry_families(tx, carry);
    buffer_close(&work.clear);
    buffer_close(&work.sealed);
    return fault;
}
