#include "registry/child_open.h"
#include "registry/family.h"

/* How a record is read. */
struct reading {
    struct db_tx *tx;
    struct child_opening opening;
    bool shut;    /* nothing is opened */
    bool whole;   /* with its claims */
    bool follows; /* one that another has taken in need not be opened: that other will be */
};

/* The state in which the family stands is that of each of its records. */
static void take_state(struct reading *reading, const struct child *child)
{
    struct vault_purpose *purpose = &reading->opening.purpose;
    if (purpose->state == 0)
        *purpose = vault_for_record(*purpose, child->state);
}

static bool is_led_away(const struct reading *reading, const struct child *child)
{
    return reading->follows && !id_is_zero(child->columns.merged_into.id);
}

static enum fault read_head(struct reading *reading, struct child *child)
{
    enum fault fault;
    const struct value in[] = {[BIND_child_get_child_id] = value_id(child->child.id)};
    struct value out[GIVES_child_get];
    TRY(db_one(reading->tx, SQL_child_get, in, reading->opening.arena, out));
    const struct child_row row = {
        .state = out[GIVE_child_get_state].number,
        .shield = out[GIVE_child_get_shield].number,
        .version = out[GIVE_child_get_version].number,
        .authority = out[GIVE_child_get_authority],
        .merged_into = out[GIVE_child_get_merged_into],
        .parts = out[GIVE_child_get_parts],
        .linkage = out[GIVE_child_get_linkage].bytes,
        .wrapped = out[GIVE_child_get_wrapped].bytes,
    };
    TRY(child_take_standing(&row, reading->opening.arena, child));
    if (reading->shut || is_led_away(reading, child))
        goto done;
    if (reading->opening.purpose.purpose == PURPOSE_NONE)
        return fault_note(FAULT_SYSTEM, "a record is read for no purpose");
    take_state(reading, child);
    if (vault_opens_record(&reading->opening.purpose))
        TRY(child_open_bundle(&reading->opening, row.linkage, child));
done:
    return fault;
}

static enum fault read_claims(struct reading *reading, struct child *child)
{
    enum fault fault;
    struct db_rows *rows = NULL;
    const struct value in[] = {[BIND_claim_of_child_child_id] = value_id(child->child.id)};
    struct value out[GIVES_claim_of_child];
    struct claim_list list = {0};
    TRY(db_query(reading->tx, SQL_claim_of_child, in, &rows));
    while (list.count < CHILD_CLAIMS_MAX && db_next(rows, out)) {
        const struct claim_row row = {out[GIVE_claim_of_child_claim_id].bytes,
                                      out[GIVE_claim_of_child_superseded_month],
                                      out[GIVE_claim_of_child_sealed].bytes};
        TRY(claim_list_make_room(&list, reading->opening.arena));
        TRY(claim_list_add(&list, &reading->opening, child, &row));
    }
    claim_list_give(&list, child);
done:
    fault = db_rows_end(rows, fault);
    return fault;
}

/* The record alone is a family of one. */
static enum fault stand_alone(struct arena *arena, struct child *child)
{
    struct child_part *own = arena_take(arena, sizeof *own);
    if (own == NULL)
        return FAULT_MEMORY;
    *own = (struct child_part){child->child, child->key, child->number};
    child->parts = own;
    child->part_count = 1;
    return FAULT_NONE;
}

static enum fault read_record(struct reading reading, struct child_id id, struct child **ret_child)
{
    enum fault fault;
    struct arena *arena = reading.opening.arena;
    struct child *child = arena_take(arena, sizeof *child);
    if (child == NULL)
        return FAULT_MEMORY;
    child->child = id;
    struct buffer scratch = buffer_open(CHILD_SEALED_BYTES_MAX);
    reading.opening.scratch = &scratch;
    TRY(read_head(&reading, child));
    if (reading.whole) {
        if (child->opened)
            TRY(read_claims(&reading, child));
        TRY(stand_alone(arena, child));
    }
    *ret_child = child;
done:
    buffer_close(&scratch);
    return fault;
}

/* The record itself, or the one that shows it. */
static enum fault follow_record(struct reading reading, struct child_id id, struct child **ret_child)
{
    struct child *child = NULL;
    enum fault fault = read_record(reading, id, &child);
    for (int i = 0; fault == FAULT_NONE && !id_is_zero(child->columns.merged_into.id); i++)
        fault =
            i == FAMILY_DEPTH_MAX ? FAULT_CORRUPT : read_record(reading, child->columns.merged_into, &child);
    if (fault == FAULT_NONE)
        *ret_child = child;
    return fault;
}

enum fault child_read(struct db_tx *tx, struct vault_purpose purpose, struct child_id id, struct arena *arena,
                      struct child **ret_child)
{
    const struct reading reading = {
        .tx = tx, .opening = {.purpose = purpose, .arena = arena}, .follows = true};
    return follow_record(reading, id, ret_child);
}

enum fault child_read_shut(struct db_tx *tx, struct child_id id, bool alone, struct arena *arena,
                           struct child **ret_child)
{
    const struct reading reading = {.tx = tx, .opening = {.arena = arena}, .shut = true};
    return alone ? read_record(reading, id, ret_child) : follow_record(reading, id, ret_child);
}

enum fault child_read_alone(struct db_tx *tx, struct vault_purpose purpose, struct child_id id,
                            struct arena *arena, struct child **ret_child)
{
    const struct reading reading = {.tx = tx, .opening = {.purpose = purpose, .arena = arena}, .whole = true};
    return read_record(reading, id, ret_child);
}

enum fault child_read_whole(struct db_tx *tx, struct vault_purpose purpose, struct child_id id,
                            struct arena *arena, struct child **ret_child)
{
    struct child_standing standing;
    struct child *child = NULL;
    enum fault fault;
    TRY(family_standing(tx, id, arena, &standing));
    TRY(child_read_alone(tx, purpose, standing.child, arena, &child));
    if (child->opened && child->columns.parts > 0)
        TRY(family_gather(tx, vault_for_record(purpose, child->state), arena, child));
    *ret_child = child;
done:
    return fault;
}
