#include "registry/child_open.h"

/* Children being read at once: as many as one statement names. */
enum { CHILDREN_AT_ONCE = BINDS_child_some };

struct crowd {
    struct vault_linkage linkage;
    struct child_opening opening; /* for that purpose */
    struct child_read *reads;
    size_t count;
    struct claim_list claims[CHILDREN_AT_ONCE];
};

/* What is wrong with one child is its own; what is wrong with the machine is everybody's. */
static enum fault keep_fault(struct child_read *read, enum fault fault)
{
    if (fault != FAULT_CORRUPT && fault != FAULT_KEY)
        return fault;
    read->fault = fault;
    read->child = NULL;
    return FAULT_NONE;
}

/* The ids of a statement that names CHILDREN_AT_ONCE: the last stands there for those that are missing. */
static void bind_ids(const struct crowd *crowd, bool whole, struct value in[CHILDREN_AT_ONCE],
                     size_t *ret_count)
{
    size_t count = 0;
    for (size_t i = 0; i < crowd->count; i++)
        if (!whole || (crowd->reads[i].whole && crowd->reads[i].child != NULL))
            in[count++] = value_id(crowd->reads[i].id.id);
    for (size_t i = count; count > 0 && i < CHILDREN_AT_ONCE; i++)
        in[i] = in[count - 1];
    *ret_count = count;
}

static bool is_of(const struct child_read *read, const struct value *child)
{
    return str_equal(str_of_bytes(id_bytes(&read->id.id)), str_of_bytes(child->bytes));
}

/* A head that was read and waits for its key: one question to the keeper is about many. */
struct waiting_head {
    struct child_read *read;
    struct child_row row;
};

static enum fault copy_bytes(struct arena *arena, struct bytes *bytes)
{
    struct str copy;
    enum fault fault = arena_copy(arena, str_of_bytes(*bytes), &copy);
    if (fault == FAULT_NONE)
        *bytes = bytes_of(copy);
    return fault;
}

/* Borrowed from the row before; kept from here on. */
static enum fault keep_head(const struct crowd *crowd, struct child_read *read, const struct value *out,
                            struct waiting_head *waiting)
{
    enum fault fault;
    *waiting = (struct waiting_head){.read = read,
                                     .row = {.state = out[GIVE_child_some_state].number,
                                             .shield = out[GIVE_child_some_shield].number,
                                             .version = out[GIVE_child_some_version].number,
                                             .authority = out[GIVE_child_some_authority],
                                             .merged_into = out[GIVE_child_some_merged_into],
                                             .parts = out[GIVE_child_some_parts],
                                             .linkage = out[GIVE_child_some_linkage].bytes,
                                             .wrapped = out[GIVE_child_some_wrapped].bytes}};
    struct child_row *row = &waiting->row;
    TRY(copy_bytes(crowd->opening.arena, &row->linkage));
    TRY(copy_bytes(crowd->opening.arena, &row->wrapped));
    if (row->authority.kind == VALUE_TEXT)
        TRY(copy_bytes(crowd->opening.arena, &row->authority.bytes));
    if (row->merged_into.kind == VALUE_BYTES)
        TRY(copy_bytes(crowd->opening.arena, &row->merged_into.bytes));
done:
    return fault;
}

static enum fault take_head_of(struct crowd *crowd, const struct waiting_head *waiting)
{
    struct child_read *read = waiting->read;
    struct child *child = arena_take(crowd->opening.arena, sizeof *child);
    if (child == NULL)
        return FAULT_MEMORY;
    child->child = read->id;
    read->fault = FAULT_NONE;
    read->child = child;
    enum fault fault = child_take_standing(&waiting->row, crowd->opening.arena, child);
    if (fault == FAULT_NONE)
        fault = child_open_bundle(&crowd->opening, waiting->row.linkage, child);
    return keep_fault(read, fault);
}

static enum fault take_heads(struct crowd *crowd, const struct waiting_head *waiting, size_t count)
{
    struct wrapped_key keys[CHILDREN_AT_ONCE];
    size_t whole = 0;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < count; i++)
        if (waiting[i].row.wrapped.len == sizeof keys[0].byte)
            memcpy(keys[whole++].byte, waiting[i].row.wrapped.at, sizeof keys[0].byte);
    if (whole > 1)
        TRY(vault_unwrap_ahead(crowd->linkage, keys, whole));
    for (size_t i = 0; i < count; i++)
        TRY(take_head_of(crowd, &waiting[i]));
done:
    return fault;
}

/* Its key may have been destroyed; and a record that another has taken in is not read alone. */
static bool is_head_of(const struct child_read *read, const struct value *out)
{
    return is_of(read, &out[GIVE_child_some_child_id]) && out[GIVE_child_some_wrapped].kind != VALUE_NULL &&
           (read->part || out[GIVE_child_some_merged_into].kind == VALUE_NULL);
}

static enum fault read_heads(struct db_tx *tx, struct crowd *crowd)
{
    struct value in[CHILDREN_AT_ONCE], out[GIVES_child_some];
    struct waiting_head waiting[CHILDREN_AT_ONCE];
    struct db_rows *rows = NULL;
    size_t count, found = 0;
    enum fault fault;
    bind_ids(crowd, false, in, &count);
    TRY(db_query(tx, SQL_child_some, in, &rows));
    while (db_next(rows, out))
        for (size_t i = 0; i < crowd->count; i++)
            if (found < CHILDREN_AT_ONCE && is_head_of(&crowd->reads[i], out))
                TRY(keep_head(crowd, &crowd->reads[i], out, &waiting[found++]));
    TRY(take_heads(crowd, waiting, found));
done:
    fault = db_rows_end(rows, fault);
    return fault;
}

static enum fault take_claim_of(struct crowd *crowd, size_t at, const struct value *out)
{
    struct child_read *read = &crowd->reads[at];
    struct claim_list *list = &crowd->claims[at];
    const struct claim_row row = {out[GIVE_claim_some_claim_id].bytes, out[GIVE_claim_some_superseded_month],
                                  out[GIVE_claim_some_sealed].bytes};
    enum fault fault = FAULT_NONE;
    if (!read->whole || read->child == NULL || list->count == CHILD_CLAIMS_MAX)
        return FAULT_NONE;
    TRY(claim_list_make_room(list, crowd->opening.arena));
    fault = keep_fault(read, claim_list_add(list, &crowd->opening, read->child, &row));
done:
    return fault;
}

static enum fault read_claims_of_all(struct db_tx *tx, struct crowd *crowd)
{
    struct value in[CHILDREN_AT_ONCE], out[GIVES_claim_some];
    struct db_rows *rows = NULL;
    size_t count;
    enum fault fault = FAULT_NONE;
    bind_ids(crowd, true, in, &count);
    if (count == 0)
        return FAULT_NONE;
    TRY(db_query(tx, SQL_claim_some, in, &rows));
    while (db_next(rows, out))
        for (size_t i = 0; i < crowd->count; i++)
            if (is_of(&crowd->reads[i], &out[GIVE_claim_some_child_id]))
                TRY(take_claim_of(crowd, i, out));
    for (size_t i = 0; i < crowd->count; i++)
        if (crowd->reads[i].child != NULL)
            claim_list_give(&crowd->claims[i], crowd->reads[i].child);
done:
    fault = db_rows_end(rows, fault);
    return fault;
}

enum fault child_read_some(struct db_tx *tx, struct vault_linkage linkage, struct child_read *reads,
                           size_t count, struct arena *arena)
{
    struct buffer scratch = buffer_open(CHILD_SEALED_BYTES_MAX);
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < count; i++) {
        reads[i].fault = FAULT_ABSENT;
        reads[i].child = NULL;
    }
    for (size_t done = 0; done < count; done += CHILDREN_AT_ONCE) {
        size_t left = count - done;
        struct crowd crowd = {.linkage = linkage,
                              .opening = {linkage.purpose, arena, &scratch},
                              .reads = reads + done,
                              .count = left < CHILDREN_AT_ONCE ? left : CHILDREN_AT_ONCE};
        TRY(read_heads(tx, &crowd));
        TRY(read_claims_of_all(tx, &crowd));
    }
done:
    buffer_close(&scratch);
    return fault;
}
