#include "registry/merge.h"

enum { DETAIL_BYTES_MAX = 4096, PLACE_BYTES = 32 };

/* How a record stands; and how it stood before it took the first of its parts in, which each of them knows.
 */
struct standing {
    int64_t state;
    int64_t shield;
    struct str authority;
};

static struct seal_place place_of(struct child_id child, struct child_id part, uint8_t at[PLACE_BYTES])
{
    memcpy(at, child.id.byte, 16);
    memcpy(at + 16, part.id.byte, 16);
    return (struct seal_place){"part", "sealed", {at, PLACE_BYTES}, 1};
}

/* The record that its oldest source record stands with; practitioners' words do not count where a source has
 * said anything. */
static int64_t oldest_us(const struct child *child)
{
    int64_t oldest[2] = {INT64_MAX, INT64_MAX};
    for (size_t i = 0; i < child->claim_count; i++) {
        const struct claim *claim = &child->claims[i];
        int64_t *least = &oldest[claim->source == SOURCE_NONE ? 1 : 0];
        if (claim->recorded.us < *least)
            *least = claim->recorded.us;
    }
    return oldest[0] != INT64_MAX ? oldest[0] : oldest[1];
}

static bool goes_before(const struct child *one, const struct child *other)
{
    int64_t one_us = oldest_us(one), other_us = oldest_us(other);
    return one_us != other_us ? one_us < other_us : id_compare(one->child.id, other->child.id) < 0;
}

/* The two records on their way to be one. */
struct merging {
    struct db_tx *tx;
    const struct merge_order *order;
    struct child *survivor;
    struct child *part;
    struct family family; /* of both */
};

static bool is_out_of_reach(const struct merge_order *order, enum record_state state)
{
    return state == RECORD_SHIELDED && !order->hidden;
}

static struct vault_purpose purpose_of(const struct merge_order *order)
{
    return vault_for_writing(order->decider->vault, order->permit);
}

static enum fault read_both(struct merging *merging, struct child_id one, struct child_id other)
{
    const struct vault_purpose purpose = purpose_of(merging->order);
    struct child *first = NULL, *second = NULL;
    struct family more;
    enum fault fault;
    TRY(child_read_whole(merging->tx, purpose, one, merging->order->arena, &first));
    TRY(child_read_whole(merging->tx, purpose, other, merging->order->arena, &second));
    if (is_out_of_reach(merging->order, first->state) || is_out_of_reach(merging->order, second->state))
        return FAULT_ABSENT;
    if (first->state == RECORD_SEALED || second->state == RECORD_SEALED)
        return fault_note(FAULT_REFUSED, "a sealed record is closed: it is never merged (R9.8)");
    if (id_equal(first->child.id, second->child.id))
        return fault_note(FAULT_DUPLICATE, "these are one record already");
    merging->survivor = goes_before(first, second) ? first : second;
    merging->part = merging->survivor == first ? second : first;
    TRY(family_read(merging->tx, merging->survivor->child, &merging->family));
    TRY(family_read(merging->tx, merging->part->child, &more));
    if (merging->family.count + more.count > FAMILY_MAX)
        return fault_note(FAULT_REFUSED, "too many records have been merged into one: split some first");
    memcpy(merging->family.ids + merging->family.count, more.ids, more.count * sizeof more.ids[0]);
    merging->family.count += more.count;
done:
    return fault;
}

static enum fault take_base(const struct merge_order *order, const struct child *parent,
                            const struct value *out, struct standing *base)
{
    struct buffer clear = buffer_open(2 * DETAIL_BYTES_MAX);
    struct child_id part;
    uint8_t at[PLACE_BYTES];
    enum fault fault = FAULT_CORRUPT;
    if (!id_of_bytes(out[GIVE_part_of_child_part_id].bytes, &part.id))
        goto done;
    const struct seal_place place = place_of(parent->child, part, at);
    TRY(vault_unseal(vault_for_own(order->decider->vault), &parent->key, &place,
                     out[GIVE_part_of_child_sealed].bytes, &clear));
    struct reader reader = reader_of(buffer_bytes(&clear));
    (void)reader_take_bytes(&reader, sizeof(struct account_id)); /* who merged, and when: for whoever asks */
    (void)reader_take_u64(&reader);
    base->state = (int64_t)reader_take_u64(&reader);
    struct str authority = str_of_bytes(reader_take_field(&reader));
    fault = reader.ok ? arena_copy(order->arena, authority, &base->authority) : FAULT_CORRUPT;
done:
    buffer_close(&clear);
    return fault;
}

/* How a record stood before it took anybody in: as it stands, where it has not. */
static enum fault read_base(struct db_tx *tx, const struct merge_order *order, const struct child *parent,
                            struct standing *ret_base)
{
    struct standing base = {.state = parent->columns.state, .authority = parent->authority};
    const struct value in[] = {[BIND_part_of_child_child_id] = value_id(parent->child.id)};
    struct value out[GIVES_part_of_child];
    struct db_rows *rows = NULL;
    enum fault fault;
    TRY(db_query(tx, SQL_part_of_child, in, &rows));
    if (db_next(rows, out))
        TRY(take_base(order, parent, out, &base));
done:
    fault = db_rows_end(rows, fault);
    if (fault == FAULT_NONE)
        *ret_base = base;
    return fault;
}

static enum fault insert_part(const struct merging *merging, const struct standing *base)
{
    const struct child *survivor = merging->survivor, *part = merging->part;
    const struct decider *decider = merging->order->decider;
    struct buffer clear = buffer_open(DETAIL_BYTES_MAX), sealed = buffer_open(2 * DETAIL_BYTES_MAX);
    uint8_t at[PLACE_BYTES];
    const struct seal_place place = place_of(survivor->child, part->child, at);
    enum fault fault;
    buffer_put_bytes(&clear, id_bytes(&decider->account.id));
    buffer_put_u64(&clear, (uint64_t)decider->at.us);
    buffer_put_u64(&clear, (uint64_t)base->state);
    buffer_put_field(&clear, bytes_of(base->authority));
    TRY(buffer_fault(&clear));
    TRY(vault_seal(decider->vault, &survivor->key, &place, buffer_bytes(&clear), &sealed));
    const struct value in[] = {[BIND_part_insert_child_id] = value_id(survivor->child.id),
                               [BIND_part_insert_part_id] = value_id(part->child.id),
                               [BIND_part_insert_sealed] = value_bytes(buffer_bytes(&sealed))};
    TRY(db_run(merging->tx, SQL_part_insert, in, NULL));
done:
    buffer_close(&clear);
    buffer_close(&sealed);
    return fault;
}

static enum fault put_family(struct db_tx *tx, const struct child_id *child,
                             const struct child_id *merged_into, int64_t parts)
{
    const struct value in[] = {[BIND_child_family_put_child_id] = value_id(child->id),
                               [BIND_child_family_put_merged_into] =
                                   merged_into == NULL ? value_null() : value_id(merged_into->id),
                               [BIND_child_family_put_parts] = parts == 0 ? value_null() : value_int(parts)};
    return db_run(tx, SQL_child_family_put, in, NULL);
}

static enum fault put_standing(struct db_tx *tx, struct child_id child, const struct standing *standing)
{
    const struct value in[] = {[BIND_child_standing_put_child_id] = value_id(child.id),
                               [BIND_child_standing_put_state] = value_int(standing->state),
                               [BIND_child_standing_put_shield] = value_int(standing->shield),
                               [BIND_child_standing_put_authority] = standing->authority.len == 0
                                                                         ? value_null()
                                                                         : value_text(standing->authority)};
    return db_run(tx, SQL_child_standing_put, in, NULL);
}

/* R9.5: a shield is the person's: all records have it. */
static enum fault spread_shield(struct db_tx *tx, const struct family *family, int64_t shield,
                                struct arena *arena)
{
    struct value out[GIVES_child_shield_put];
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < family->count && shield != SHIELD_NONE; i++) {
        const struct value in[] = {[BIND_child_shield_put_child_id] = value_id(family->ids[i].id),
                                   [BIND_child_shield_put_shield] = value_int(shield)};
        TRY(db_one(tx, SQL_child_shield_put, in, arena, out));
    }
done:
    return fault;
}

static int64_t greater(int64_t one, int64_t other)
{
    return one > other ? one : other;
}

/* The more closed of both: archived hides more than dead, dead shows less than live. */
static int64_t stricter_state(int64_t one, int64_t other)
{
    static const int strictness[] = {
        [CHILD_LIVE] = 1, [CHILD_DEAD] = 2, [CHILD_ARCHIVED] = 3, [CHILD_SEALED] = 4};
    must(one >= CHILD_LIVE && one <= CHILD_SEALED && other >= CHILD_LIVE && other <= CHILD_SEALED);
    return strictness[one] >= strictness[other] ? one : other;
}

static enum fault join(const struct merging *merging)
{
    const struct child *survivor = merging->survivor, *part = merging->part;
    const struct standing standing = {.state = stricter_state(survivor->columns.state, part->columns.state),
                                      .shield = greater(survivor->columns.shield, part->columns.shield),
                                      .authority = survivor->authority};
    struct standing base;
    enum fault fault;
    TRY(read_base(merging->tx, merging->order, survivor, &base));
    TRY(insert_part(merging, &base));
    TRY(put_family(merging->tx, &part->child, &survivor->child, part->columns.parts));
    TRY(put_family(merging->tx, &survivor->child, NULL, survivor->columns.parts + 1));
    TRY(put_standing(merging->tx, survivor->child, &standing));
    TRY(spread_shield(merging->tx, &merging->family, standing.shield, merging->order->arena));
    TRY(decision_forget(merging->tx, merging->order->decider, who_child(survivor->child),
                        who_child(part->child)));
done:
    return fault;
}

enum fault merge_children(struct db_tx *tx, struct noting *noting, const struct merge_order *order,
                          struct child_id one, struct child_id other, struct merge_outcome *ret_outcome)
{
    must(order->permit->operation == OP_child_merge || order->permit->operation == OP_case_decide);
    struct merging merging = {.tx = tx, .order = order};
    struct child *whole = NULL;
    enum fault fault;
    TRY(read_both(&merging, one, other));
    TRY(join(&merging));
    TRY(family_rebundle(tx, purpose_of(order), merging.survivor->child, order->arena, &whole));
    const struct child_id changed[] = {merging.survivor->child, merging.part->child};
    TRY(change_note(tx, noting, changed, sizeof changed / sizeof changed[0]));
    *ret_outcome = (struct merge_outcome){.survivor = changed[0],
                                          .other = changed[1],
                                          .state = whole->state,
                                          .newly_hidden = whole->state == RECORD_SHIELDED &&
                                                          (merging.survivor->state != RECORD_SHIELDED ||
                                                           merging.part->state != RECORD_SHIELDED)};
done:
    return fault;
}

/* A record that leaves, and the one that had taken it in. */
struct parting {
    struct db_tx *tx;
    const struct merge_order *order;
    struct child *part;
    struct child *parent;
    struct child_standing survivor;
    struct family family; /* all, as long as they are one */
};

static enum fault read_parting(struct parting *parting, struct child_id part)
{
    struct db_tx *tx = parting->tx;
    const struct vault_purpose purpose = purpose_of(parting->order);
    struct arena *arena = parting->order->arena;
    enum fault fault;
    TRY(child_read_alone(tx, purpose, part, arena, &parting->part));
    if (id_is_zero(parting->part->columns.merged_into.id))
        return FAULT_ABSENT;
    TRY(child_read_alone(tx, purpose, parting->part->columns.merged_into, arena, &parting->parent));
    TRY(family_standing(tx, part, arena, &parting->survivor));
    if (is_out_of_reach(parting->order, parting->survivor.state))
        return FAULT_ABSENT;
    if (parting->survivor.state == RECORD_SEALED)
        return fault_note(FAULT_REFUSED, "a sealed record is closed: it is never split (R9.8)");
    TRY(family_read(tx, parting->survivor.child, &parting->family));
done:
    return fault;
}

/* The state of a record and all that it has taken in itself, but for one of these; NULL: for none. */
static enum fault merged_state(const struct parting *parting, const struct standing *base,
                               const struct child *without, int64_t *ret_state)
{
    struct family parts = {{parting->parent->child}, 1};
    int64_t state = base->state;
    enum fault fault;
    TRY(family_add_parts(parting->tx, parting->parent->child, &parts));
    for (size_t i = 1; i < parts.count; i++) {
        struct child_standing part;
        if (without != NULL && id_equal(parts.ids[i].id, without->child.id))
            continue;
        TRY(family_standing_alone(parting->tx, parts.ids[i], parting->order->arena, &part));
        state = stricter_state(state, part.columns.state);
    }
    *ret_state = state;
done:
    return fault;
}

/* As the parent would stand had the part never been there; a state that somebody has decided since stays. */
static enum fault restore_parent(const struct parting *parting, int64_t shield)
{
    const struct child *parent = parting->parent;
    struct standing base;
    int64_t with = 0, without = 0;
    enum fault fault;
    TRY(read_base(parting->tx, parting->order, parent, &base));
    TRY(merged_state(parting, &base, NULL, &with));
    TRY(merged_state(parting, &base, parting->part, &without));
    const struct standing standing = {.state =
                                          parent->columns.state == with ? without : parent->columns.state,
                                      .shield = shield,
                                      .authority = base.authority};
    TRY(put_standing(parting->tx, parent->child, &standing));
done:
    return fault;
}

static enum fault part_ways(const struct parting *parting)
{
    const struct child *part = parting->part, *parent = parting->parent;
    int64_t shield =
        greater(parting->survivor.columns.shield, greater(part->columns.shield, parent->columns.shield));
    enum fault fault;
    TRY(restore_parent(parting, shield));
    const struct value in[] = {[BIND_part_remove_child_id] = value_id(parent->child.id),
                               [BIND_part_remove_part_id] = value_id(part->child.id)};
    TRY(db_run(parting->tx, SQL_part_remove, in, NULL));
    TRY(put_family(parting->tx, &part->child, NULL, part->columns.parts));
    TRY(put_family(parting->tx, &parent->child,
                   id_is_zero(parent->columns.merged_into.id) ? NULL : &parent->columns.merged_into,
                   parent->columns.parts - 1));
    TRY(spread_shield(parting->tx, &parting->family, shield, parting->order->arena));
    TRY(decision_never_same(parting->tx, parting->order->decider, who_child(parent->child),
                            who_child(part->child)));
done:
    return fault;
}

enum fault merge_undo(struct db_tx *tx, struct noting *noting, const struct merge_order *order,
                      struct child_id part, struct merge_outcome *ret_outcome)
{
    must(order->permit->operation == OP_child_split);
    struct parting parting = {.tx = tx, .order = order};
    const struct vault_purpose purpose = purpose_of(order);
    struct child *survivor = NULL, *own = NULL;
    enum fault fault;
    TRY(read_parting(&parting, part));
    TRY(part_ways(&parting));
    TRY(family_rebundle(tx, purpose, parting.survivor.child, order->arena, &survivor));
    TRY(family_rebundle(tx, purpose, part, order->arena, &own));
    const struct child_id changed[] = {parting.survivor.child, part};
    TRY(change_note(tx, noting, changed, sizeof changed / sizeof changed[0]));
    *ret_outcome = (struct merge_outcome){.survivor = changed[0], .other = part, .state = survivor->state};
done:
    return fault;
}
