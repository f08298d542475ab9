#include "registry/split.h"

#include "registry/plan.h"
#include "store/wrapping.h"

enum { CLEAR_BYTES_MAX = 64 * 1024, SEALED_BYTES_MAX = 128 * 1024, LINKS_MAX = CHILD_CLAIMS_MAX };

/* A source's record that stands for the child. */
struct split_link {
    enum source source;
    struct record record;
};

/* The record on its way to be two. */
struct splitting {
    struct db_tx *tx;
    const struct split *split;
    struct child *child;
    bool moves[CHILD_CLAIMS_MAX]; /* of each of its claims, whether it goes to the new record */
};

static bool is_out_of_reach(const struct split_order *order, enum record_state state)
{
    return state == RECORD_SHIELDED && !order->hidden;
}

static struct vault_purpose purpose_of(const struct split_order *order)
{
    return vault_for_writing(order->house->vault, &order->permit->permit);
}

struct look {
    const struct split_order *order;
    struct split_link *links;
    size_t count;
    struct buffer clear;
};

static enum fault take_link(struct look *look, enum source source, const struct value *out)
{
    struct split_link link = {.source = source, .record.number = out[GIVE_source_record_all_number].number};
    enum fault fault;
    TRY(record_unseal(look->order->house->vault, look->order->feed_key, source,
                      out[GIVE_source_record_all_sealed].bytes, &look->clear, &link.record));
    if (!id_equal(link.record.child.id, look->order->child.id))
        return FAULT_NONE;
    if (look->count == LINKS_MAX)
        return fault_note(FAULT_REFUSED, "too many records of sources stand for this child");
    look->links[look->count++] = link;
done:
    return fault;
}

/* Nothing in clear says which records stand for a child, so all of the source are opened. */
static enum fault look_through(struct db_tx *tx, struct look *look, enum source source)
{
    struct db_rows *rows = NULL;
    struct value out[GIVES_source_record_all];
    const struct value in[] = {[BIND_source_record_all_source] = value_int(source)};
    enum fault fault;
    TRY(db_query(tx, SQL_source_record_all, in, &rows));
    while (db_next(rows, out))
        TRY(take_link(look, source, out));
done:
    fault = db_rows_end(rows, fault);
    return fault;
}

static enum fault look_at(struct db_tx *tx, void *context)
{
    struct look *look = context;
    const struct split_order *order = look->order;
    struct child *child = NULL;
    bool seen[SOURCES_END] = {false};
    enum fault fault;
    look->count = 0;
    TRY(child_read_whole(tx, purpose_of(order), order->child, order->arena, &child));
    if (is_out_of_reach(order, child->state))
        return FAULT_ABSENT;
    for (size_t i = 0; i < child->claim_count; i++) {
        enum source source = child->claims[i].source;
        if (source == SOURCE_NONE || seen[source])
            continue;
        seen[source] = true;
        TRY(look_through(tx, look, source));
    }
done:
    return fault;
}

enum fault split_look(const struct split_order *order, struct split *ret_split)
{
    struct split split = {.order = order, .fresh = {id_new(order->house->entropy)}};
    struct look look = {.order = order, .clear = buffer_open(CLEAR_BYTES_MAX)};
    enum fault fault;
    look.links = arena_take_array(order->arena, LINKS_MAX, sizeof *look.links);
    if (look.links == NULL) {
        fault = FAULT_MEMORY;
        goto done;
    }
    TRY(db_read(order->house->db, look_at, &look));
    TRY(vault_key_new(order->house->vault, &split.key));
    number_contactpoint_new(order->house->entropy, split.number);
    split.links = look.links;
    split.link_count = look.count;
    *ret_split = split;
done:
    buffer_close(&look.clear);
    return fault;
}

static bool stand_together(const struct claim *one, const struct claim *other)
{
    if (one->source != other->source)
        return false;
    if (one->source != SOURCE_NONE)
        return str_equal(one->row.at[COLUMN_record], other->row.at[COLUMN_record]);
    return id_equal(one->recorder.id, other->recorder.id) && one->kind == other->kind &&
           str_equal(one->row.at[COLUMN_service], other->row.at[COLUMN_service]);
}

/* Marks the claims that stand with a chosen one. */
static enum fault choose(struct splitting *splitting)
{
    const struct split_order *order = splitting->split->order;
    const struct child *child = splitting->child;
    for (size_t i = 0; i < order->chosen_count; i++) {
        const struct claim *chosen = NULL;
        for (size_t k = 0; k < child->claim_count && chosen == NULL; k++)
            if (id_equal(child->claims[k].claim.id, order->chosen[i].id))
                chosen = &child->claims[k];
        if (chosen == NULL)
            return FAULT_ABSENT;
        for (size_t k = 0; k < child->claim_count; k++)
            splitting->moves[k] = splitting->moves[k] || stand_together(chosen, &child->claims[k]);
    }
    return FAULT_NONE;
}

static bool names_somebody(const struct splitting *splitting, bool moves)
{
    for (size_t i = 0; i < splitting->child->claim_count; i++)
        if (splitting->moves[i] == moves && splitting->child->claims[i].kind == ROW_CHILD)
            return true;
    return false;
}

/* Where the chosen side has the oldest source record it keeps the id, and the rest moves. */
static void keep_oldest(struct splitting *splitting)
{
    const struct child *child = splitting->child;
    int64_t oldest_us[2] = {INT64_MAX, INT64_MAX};
    for (size_t i = 0; i < child->claim_count; i++) {
        int64_t *least = &oldest_us[splitting->moves[i] ? 1 : 0];
        if (child->claims[i].source != SOURCE_NONE && child->claims[i].recorded.us < *least)
            *least = child->claims[i].recorded.us;
    }
    for (size_t i = 0; oldest_us[1] < oldest_us[0] && i < child->claim_count; i++)
        splitting->moves[i] = !splitting->moves[i];
}

static enum fault read_splitting(struct splitting *splitting)
{
    const struct split_order *order = splitting->split->order;
    enum fault fault;
    TRY(child_read_alone(splitting->tx, purpose_of(order), order->child, order->arena, &splitting->child));
    const struct child *child = splitting->child;
    if (is_out_of_reach(order, child->state))
        return FAULT_ABSENT;
    if (child->state == RECORD_SEALED)
        return fault_note(FAULT_REFUSED, "a sealed record is closed: it is never split (R9.8)");
    if (child->columns.parts > 0 || !id_is_zero(child->columns.merged_into.id))
        return fault_note(FAULT_REFUSED,
                          "records have been merged into one: take the merge back first, then choose");
    if (child->claim_count >= CHILD_CLAIMS_MAX)
        return fault_note(FAULT_REFUSED, "this record has more history than can be moved at once");
    TRY(choose(splitting));
    if (!names_somebody(splitting, true) || !names_somebody(splitting, false))
        return fault_note(FAULT_REFUSED, "something must say who each of the two children is: choose the "
                                         "records of sources that are the other child's, and not all");
    keep_oldest(splitting);
done:
    return fault;
}

/* A claim is bound to itself, not to its child: under the new record's key it is the same claim. */
static enum fault move_claim(const struct splitting *splitting, const struct claim *claim,
                             struct buffer *clear, struct buffer *sealed)
{
    const struct split *split = splitting->split;
    const struct seal_place place = claim_place(&claim->claim);
    enum fault fault;
    buffer_clear(clear);
    claim_pack(clear, claim);
    TRY(buffer_fault(clear));
    TRY(vault_seal(split->order->house->vault, &split->key, &place, buffer_bytes(clear), sealed));
    const struct value from[] = {[BIND_claim_remove_child_id] = value_id(splitting->child->child.id),
                                 [BIND_claim_remove_claim_id] = value_id(claim->claim.id)};
    TRY(db_run(splitting->tx, SQL_claim_remove, from, NULL));
    const struct value to[] = {[BIND_claim_moved_insert_child_id] = value_id(split->fresh.id),
                               [BIND_claim_moved_insert_claim_id] = value_id(claim->claim.id),
                               [BIND_claim_moved_insert_superseded_month] =
                                   claim->superseded ? value_int(claim->superseded_month) : value_null(),
                               [BIND_claim_moved_insert_sealed] = value_bytes(buffer_bytes(sealed))};
    TRY(db_run(splitting->tx, SQL_claim_moved_insert, to, NULL));
done:
    return fault;
}

static enum fault move_claims(const struct splitting *splitting)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX), sealed = buffer_open(SEALED_BYTES_MAX);
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < splitting->child->claim_count; i++)
        if (splitting->moves[i])
            TRY(move_claim(splitting, &splitting->child->claims[i], &clear, &sealed));
done:
    buffer_close(&clear);
    buffer_close(&sealed);
    return fault;
}

/* One side as a record of its own. */
static enum fault side_of(const struct splitting *splitting, bool moves, struct child *side)
{
    const struct child *child = splitting->child;
    struct claim *claims =
        arena_take_array(splitting->split->order->arena, child->claim_count, sizeof *claims);
    size_t count = 0;
    if (claims == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < child->claim_count; i++)
        if (splitting->moves[i] == moves)
            claims[count++] = child->claims[i];
    *side = (struct child){.child = moves ? splitting->split->fresh : child->child,
                           .authority = child->authority, /* R11.1: until somebody says otherwise */
                           .claims = claims,
                           .claim_count = count};
    return FAULT_NONE;
}

/* R9.5: as hidden as the record was, and as closed. */
static enum fault insert_fresh(const struct splitting *splitting, struct child *fresh)
{
    const struct split *split = splitting->split;
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX), sealed = buffer_open(SEALED_BYTES_MAX);
    const struct seal_place place = linkage_place(&split->fresh);
    enum fault fault;
    fresh->number = (struct str){split->number, sizeof split->number};
    TRY(child_person(fresh, split->order->arena, &fresh->person));
    person_pack(&clear, &fresh->person);
    TRY(buffer_fault(&clear));
    TRY(vault_seal(split->order->house->vault, &split->key, &place, buffer_bytes(&clear), &sealed));
    const struct value child[] = {[BIND_child_insert_child_id] = value_id(split->fresh.id),
                                  [BIND_child_insert_state] = value_int(splitting->child->columns.state),
                                  [BIND_child_insert_shield] = value_int(splitting->child->columns.shield),
                                  [BIND_child_insert_authority] = family_authority(fresh),
                                  [BIND_child_insert_linkage] = value_bytes(buffer_bytes(&sealed))};
    TRY(db_run(splitting->tx, SQL_child_insert, child, NULL));
    struct wrapped_key wrapped = split->key; /* made before this transaction */
    TRY(wrapping_agree(splitting->tx, split->order->house->vault, &wrapped, 1));
    const struct value key[] = {[BIND_child_key_insert_child_id] = value_id(split->fresh.id),
                                [BIND_child_key_insert_wrapped] =
                                    value_bytes((struct bytes){wrapped.byte, sizeof wrapped.byte})};
    TRY(db_run(splitting->tx, SQL_child_key_insert, key, NULL));
done:
    buffer_close(&clear);
    buffer_close(&sealed);
    return fault;
}

/* All numbers that a side's claims ever said; texts in the arena. */
static enum fault said_of(const struct child *side, struct arena *arena, struct person *said)
{
    enum fault fault = FAULT_NONE;
    *said = (struct person){0};
    for (size_t i = side->claim_count; i-- > 0;)
        if (side->claims[i].kind == ROW_CHILD)
            TRY(row_to_person(&side->claims[i].row, arena, said));
done:
    return fault;
}

static bool has_number(const struct person *person, const struct person_number *number)
{
    for (size_t i = 0; i < person->number_count; i++)
        if (person->numbers[i].scheme == number->scheme && str_equal(person->numbers[i].value, number->value))
            return true;
    return false;
}

/* Numbers that only the other side says are its own. */
static enum fault move_numbers(const struct splitting *splitting, const struct child *kept,
                               const struct child *fresh)
{
    const struct split *split = splitting->split;
    struct person theirs, ours;
    enum fault fault;
    TRY(said_of(fresh, split->order->arena, &theirs));
    TRY(said_of(kept, split->order->arena, &ours));
    if (theirs.number_count < PERSON_NUMBERS_MAX)
        theirs.numbers[theirs.number_count++] =
            (struct person_number){NUMBER_contactpoint, {split->number, sizeof split->number}};
    for (size_t i = 0; i < theirs.number_count; i++) {
        const struct person_number *number = &theirs.numbers[i];
        if (has_number(&ours, number))
            continue;
        const struct tag tag = vault_tag(split->order->house->vault, policy_number_name(number->scheme),
                                         bytes_of(number->value));
        const struct value in[] = {[BIND_identifier_owner_put_tag] =
                                       value_bytes((struct bytes){tag.byte, TAG_BYTES}),
                                   [BIND_identifier_owner_put_child_id] = value_id(split->fresh.id)};
        TRY(db_run(splitting->tx, SQL_identifier_owner_put, in, NULL));
    }
done:
    return fault;
}

static bool has_moved(const struct splitting *splitting, struct claim_id claim)
{
    for (size_t i = 0; i < splitting->child->claim_count; i++)
        if (splitting->moves[i] && id_equal(splitting->child->claims[i].claim.id, claim.id))
            return true;
    return false;
}

/* What their sources say next is said of the new record. */
static enum fault move_links(const struct splitting *splitting)
{
    const struct split *split = splitting->split;
    struct buffer sealed = buffer_open(SEALED_BYTES_MAX);
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < split->link_count; i++) {
        const struct split_link *link = &split->links[i];
        struct record record = link->record;
        if (!has_moved(splitting, record.claim))
            continue;
        record.child = split->fresh;
        TRY(record_seal(split->order->house->vault, split->order->feed_key, link->source, &record, &sealed));
        const struct value in[] = {[BIND_source_record_put_source] = value_int(link->source),
                                   [BIND_source_record_put_number] = value_int(record.number),
                                   [BIND_source_record_put_sealed] = value_bytes(buffer_bytes(&sealed))};
        TRY(db_run(splitting->tx, SQL_source_record_put, in, NULL));
    }
done:
    buffer_close(&sealed);
    return fault;
}

static enum fault part_ways(const struct splitting *splitting)
{
    struct child kept, fresh;
    enum fault fault;
    TRY(side_of(splitting, false, &kept));
    TRY(side_of(splitting, true, &fresh));
    TRY(insert_fresh(splitting, &fresh));
    TRY(move_claims(splitting));
    TRY(move_numbers(splitting, &kept, &fresh));
    TRY(move_links(splitting));
    TRY(decision_never_same(splitting->tx, splitting->split->order->decider, who_child(kept.child),
                            who_child(fresh.child)));
done:
    return fault;
}

enum fault split_record(struct db_tx *tx, struct noting *noting, const struct split *split,
                        struct merge_outcome *ret_outcome)
{
    const struct split_order *order = split->order;
    must(order->permit->permit.operation == OP_child_split);
    struct splitting *splitting = arena_take(order->arena, sizeof *splitting);
    struct child *kept = NULL;
    enum fault fault;
    if (splitting == NULL)
        return FAULT_MEMORY;
    splitting->tx = tx;
    splitting->split = split;
    TRY(read_splitting(splitting));
    TRY(part_ways(splitting));
    TRY(family_rebundle(tx, purpose_of(order), order->child, order->arena, &kept));
    const struct child_id changed[] = {order->child, split->fresh};
    TRY(change_note(tx, noting, changed, sizeof changed / sizeof changed[0]));
    *ret_outcome =
        (struct merge_outcome){.survivor = order->child, .other = split->fresh, .state = kept->state};
done:
    return fault;
}
