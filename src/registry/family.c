#include "registry/family.h"

enum { CLEAR_BYTES_MAX = 64 * 1024, SEALED_BYTES_MAX = 128 * 1024 };

enum fault family_standing_alone(struct db_tx *tx, struct child_id id, struct arena *arena,
                                 struct child_standing *ret_standing)
{
    struct child_standing standing;
    const struct value in[] = {[BIND_child_state_get_child_id] = value_id(id.id)};
    struct value out[GIVES_child_state_get];
    enum fault fault;
    TRY(db_one(tx, SQL_child_state_get, in, arena, out));
    const struct value *merged = &out[GIVE_child_state_get_merged_into];
    const struct value *parts = &out[GIVE_child_state_get_parts];
    standing = (struct child_standing){.child = id,
                                       .state = child_record_state(out[GIVE_child_state_get_state].number,
                                                                   out[GIVE_child_state_get_shield].number),
                                       .version = (uint32_t)out[GIVE_child_state_get_version].number,
                                       .columns = {.state = out[GIVE_child_state_get_state].number,
                                                   .shield = out[GIVE_child_state_get_shield].number,
                                                   .parts = parts->kind == VALUE_INT ? parts->number : 0}};
    if (out[GIVE_child_state_get_authority].kind == VALUE_TEXT)
        standing.authority = str_of_bytes(out[GIVE_child_state_get_authority].bytes);
    if (merged->kind == VALUE_BYTES && !id_of_bytes(merged->bytes, &standing.columns.merged_into.id))
        fault = FAULT_CORRUPT;
    else
        *ret_standing = standing;
done:
    return fault;
}

enum fault family_standing(struct db_tx *tx, struct child_id id, struct arena *arena,
                           struct child_standing *ret_standing)
{
    struct child_standing standing;
    enum fault fault = family_standing_alone(tx, id, arena, &standing);
    for (int i = 0; fault == FAULT_NONE && !id_is_zero(standing.columns.merged_into.id); i++)
        fault = i == FAMILY_DEPTH_MAX
                    ? FAULT_CORRUPT
                    : family_standing_alone(tx, standing.columns.merged_into, arena, &standing);
    if (fault == FAULT_NONE)
        *ret_standing = standing;
    return fault;
}

enum fault family_add_parts(struct db_tx *tx, struct child_id of, struct family *family)
{
    const struct value in[] = {[BIND_part_of_child_child_id] = value_id(of.id)};
    struct value out[GIVES_part_of_child];
    struct db_rows *rows = NULL;
    enum fault fault;
    TRY(db_query(tx, SQL_part_of_child, in, &rows));
    while (db_next(rows, out)) {
        if (family->count == FAMILY_MAX ||
            !id_of_bytes(out[GIVE_part_of_child_part_id].bytes, &family->ids[family->count].id)) {
            fault = FAULT_CORRUPT;
            goto done;
        }
        family->count++;
    }
done:
    fault = db_rows_end(rows, fault);
    return fault;
}

enum fault family_read(struct db_tx *tx, struct child_id survivor, struct family *ret_family)
{
    struct family family = {{survivor}, 1};
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < family.count; i++)
        TRY(family_add_parts(tx, family.ids[i], &family));
    *ret_family = family;
done:
    return fault;
}

enum fault family_gather(struct db_tx *tx, struct vault_purpose purpose, struct arena *arena,
                         struct child *child)
{
    struct child *members[FAMILY_MAX] = {child};
    struct family family;
    size_t claim_count = child->claim_count;
    enum fault fault;
    TRY(family_read(tx, child->child, &family));
    for (size_t i = 1; i < family.count; i++) {
        TRY(child_read_alone(tx, purpose, family.ids[i], arena, &members[i]));
        claim_count += members[i]->claim_count;
    }
    struct child_part *parts = arena_take_array(arena, family.count, sizeof *parts);
    struct claim *claims = arena_take_array(arena, claim_count + 1, sizeof *claims);
    if (parts == NULL || claims == NULL)
        return FAULT_MEMORY;
    size_t taken = 0;
    for (size_t i = 0; i < family.count; i++) {
        parts[i] = (struct child_part){members[i]->child, members[i]->key, members[i]->number};
        for (size_t k = 0; k < members[i]->claim_count; k++) {
            claims[taken] = members[i]->claims[k];
            claims[taken++].part = (uint8_t)i;
        }
    }
    child_sort_claims(claims, taken);
    child->parts = parts;
    child->part_count = family.count;
    child->claims = claims;
    child->claim_count = taken;
done:
    return fault;
}

const struct child_part *family_part(const struct child *child, const struct claim *claim)
{
    must(child->parts != NULL && claim->part < child->part_count);
    return &child->parts[claim->part];
}

struct value family_authority(const struct child *child)
{
    const struct claim *claim = child_authoritative(child, GROUP_WHEREABOUTS, COLUMN_authority);
    struct str authority = claim == NULL ? child->authority : claim->row.at[COLUMN_authority];
    return authority.len == 0 ? value_null() : value_text(authority);
}

enum fault family_rebundle(struct db_tx *tx, struct vault_purpose purpose, struct child_id id,
                           struct arena *arena, struct child **ret_child)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX), sealed = buffer_open(SEALED_BYTES_MAX);
    struct child *child = NULL;
    enum fault fault;
    TRY(child_read_whole(tx, purpose, id, arena, &child));
    TRY(child_person(child, arena, &child->person));
    person_pack(&clear, &child->person);
    TRY(buffer_fault(&clear));
    const struct seal_place place = linkage_place(&child->child);
    TRY(vault_seal(purpose.vault, &child->key, &place, buffer_bytes(&clear), &sealed));
    const struct value in[] = {[BIND_child_update_child_id] = value_id(child->child.id),
                               [BIND_child_update_authority] = family_authority(child),
                               [BIND_child_update_linkage] = value_bytes(buffer_bytes(&sealed)),
                               [BIND_child_update_version] = value_int(child->version)};
    int64_t changed = 0;
    TRY(db_run(tx, SQL_child_update, in, &changed));
    if (changed != 1)
        return fault_note(FAULT_CORRUPT, "a record changed while it was written");
    child->version++;
    *ret_child = child;
done:
    buffer_close(&clear);
    buffer_close(&sealed);
    return fault;
}
