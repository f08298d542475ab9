#include "registry/child_open.h"

enum { CLAIMS_USUAL = 16 };

/* Opens one ciphertext into the arena. */
static enum fault open_copy(const struct child_opening *opening, const struct wrapped_key *key,
                            const struct seal_place *place, struct bytes sealed, struct bytes *ret)
{
    struct str copy;
    enum fault fault;
    TRY(vault_unseal(opening->purpose, key, place, sealed, opening->scratch));
    TRY(arena_copy(opening->arena, buffer_str(opening->scratch), &copy));
    *ret = bytes_of(copy);
done:
    return fault;
}

static struct str contactpoint_number(const struct person *person)
{
    for (size_t i = 0; i < person->number_count; i++)
        if (person->numbers[i].scheme == NUMBER_contactpoint)
            return person->numbers[i].value;
    return (struct str){"", 0};
}

static enum fault take_columns(const struct child_row *row, struct child_columns *columns)
{
    columns->state = row->state;
    columns->shield = row->shield;
    columns->parts = row->parts.kind == VALUE_INT ? row->parts.number : 0;
    if (row->merged_into.kind == VALUE_BYTES &&
        !id_of_bytes(row->merged_into.bytes, &columns->merged_into.id))
        return FAULT_CORRUPT;
    return FAULT_NONE;
}

enum fault child_take_standing(const struct child_row *row, struct arena *arena, struct child *child)
{
    enum fault fault;
    if (row->wrapped.len != sizeof child->key.byte)
        return FAULT_CORRUPT;
    memcpy(child->key.byte, row->wrapped.at, row->wrapped.len);
    child->state = child_record_state(row->state, row->shield);
    child->version = (uint32_t)row->version;
    TRY(take_columns(row, &child->columns));
    if (row->authority.kind == VALUE_TEXT)
        TRY(arena_copy(arena, str_of_bytes(row->authority.bytes), &child->authority));
done:
    return fault;
}

enum fault child_open_bundle(const struct child_opening *opening, struct bytes sealed, struct child *child)
{
    const struct seal_place place = linkage_place(&child->child);
    struct bytes linkage;
    enum fault fault;
    TRY(open_copy(opening, &child->key, &place, sealed, &linkage));
    TRY(person_unpack(linkage, &child->person));
    child->number = contactpoint_number(&child->person);
    child->opened = true;
done:
    return fault;
}

enum fault claim_list_make_room(struct claim_list *list, struct arena *arena)
{
    if (list->count < list->room)
        return FAULT_NONE;
    size_t room = list->room == 0 ? CLAIMS_USUAL : CHILD_CLAIMS_MAX;
    struct claim *more = arena_take_array(arena, room, sizeof *more);
    if (more == NULL)
        return FAULT_MEMORY;
    if (list->count > 0)
        memcpy(more, list->at, list->count * sizeof *more);
    list->at = more;
    list->room = room;
    return FAULT_NONE;
}

enum fault claim_list_add(struct claim_list *list, const struct child_opening *opening,
                          const struct child *child, const struct claim_row *row)
{
    struct bytes packed;
    enum fault fault = FAULT_CORRUPT;
    struct claim *claim = &list->at[list->count];
    if (!id_of_bytes(row->claim_id, &claim->claim.id))
        goto done;
    claim->superseded = row->superseded_month.kind == VALUE_INT;
    if (claim->superseded)
        claim->superseded_month = (int32_t)row->superseded_month.number;
    const struct seal_place place = claim_place(&claim->claim);
    TRY(open_copy(opening, &child->key, &place, row->sealed, &packed));
    TRY(claim_unpack(packed, claim));
    list->count++;
done:
    return fault;
}

/* R8.2: what one of an involvement's claims withdraws, is withdrawn from all of them. */
static void judge_consents(const struct claim_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct claim *claim = &list->at[i];
        claim->consented = !id_is_zero(claim->consent.id);
        for (size_t k = 0; claim->consented && k < list->count; k++)
            if (list->at[k].consent.withdrawn && id_equal(list->at[k].consent.id, claim->consent.id))
                claim->consented = false;
    }
}

void claim_list_give(struct claim_list *list, struct child *child)
{
    judge_consents(list);
    child_sort_claims(list->at, list->count);
    child->claims = list->at;
    child->claim_count = list->count;
}
