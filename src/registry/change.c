#include "registry/change.h"

#include "store/house_key.h"

enum fault changes_open(struct db *db, struct vault *vault, struct changes *ret_changes)
{
    struct changes changes = {.db = db, .vault = vault};
    enum fault fault = house_key_get(db, vault, STR("change"), &changes.key);
    if (fault == FAULT_NONE)
        *ret_changes = changes;
    return fault;
}

void change_mark_put(const struct change_mark *mark, uint8_t at[CHANGE_MARK_BYTES])
{
    memcpy(at, mark->lane.byte, sizeof mark->lane.byte);
    for (int i = 0; i < 8; i++)
        at[16 + i] = (uint8_t)(mark->number >> (8 * (7 - i)));
}

bool change_mark_of_bytes(struct bytes bytes, struct change_mark *ret_mark)
{
    struct reader reader = reader_of(bytes);
    struct change_mark mark = {{{0}}, 0};
    bool right = bytes.len == CHANGE_MARK_BYTES &&
                 id_of_bytes(reader_take_bytes(&reader, sizeof mark.lane.byte), &mark.lane);
    mark.number = reader_take_u64(&reader);
    if (right)
        *ret_mark = mark;
    return right;
}

/* Bound to its lane and number; `at` lives as long as the place. */
static struct seal_place place_of(const struct change_mark *mark, uint8_t at[CHANGE_MARK_BYTES])
{
    change_mark_put(mark, at);
    return (struct seal_place){"change", "sealed", {at, CHANGE_MARK_BYTES}, 1};
}

static enum fault write_change(struct db_tx *tx, const struct change_mark *mark, struct bytes sealed)
{
    enum fault fault;
    const struct value insert[] = {[BIND_change_insert_lane_id] = value_id(mark->lane),
                                   [BIND_change_insert_number] = value_int((int64_t)mark->number),
                                   [BIND_change_insert_sealed] = value_bytes(sealed)};
    TRY(db_run(tx, SQL_change_insert, insert, NULL));
    const struct value changed[] = {[BIND_lane_changed_lane_id] = value_id(mark->lane),
                                    [BIND_lane_changed_changes] = value_int((int64_t)mark->number)};
    TRY(db_run(tx, SQL_lane_changed, changed, NULL));
done:
    return fault;
}

enum fault change_note(struct db_tx *tx, struct noting *noting, const struct child_id *children, size_t count)
{
    const struct changes *changes = noting->changes;
    struct buffer sealed = buffer_open(2 * CHANGE_BYTES_MAX);
    uint8_t at[CHANGE_MARK_BYTES];
    enum fault fault = FAULT_NONE;
    must(count <= CHANGE_CHILDREN_MAX);
    if (count == 0 || !db_is_shared(changes->db))
        goto done;
    const struct change_mark mark = {db_lane_id(changes->db, db_lane(tx)),
                                     db_number_next(tx, DB_SERIES_CHANGE)};
    const struct seal_place place = place_of(&mark, at);
    const struct bytes clear = {(const uint8_t *)children, count * sizeof *children};
    TRY(vault_seal(changes->vault, &changes->key, &place, clear, &sealed));
    TRY(write_change(tx, &mark, buffer_bytes(&sealed)));
    noting->mark = mark;
done:
    buffer_close(&sealed);
    return fault;
}

enum fault change_unseal(const struct changes *changes, const struct change_mark *mark, struct bytes sealed,
                         struct buffer *clear, const struct child_id **ret_children, size_t *ret_count)
{
    uint8_t at[CHANGE_MARK_BYTES];
    const struct seal_place place = place_of(mark, at);
    enum fault fault = vault_unseal(vault_for_own(changes->vault), &changes->key, &place, sealed, clear);
    if (fault != FAULT_NONE)
        return fault;
    if (clear->len % sizeof(struct child_id) != 0)
        return FAULT_CORRUPT;
    *ret_children = (const struct child_id *)(const void *)clear->at;
    *ret_count = clear->len / sizeof(struct child_id);
    return FAULT_NONE;
}
