#include "registry/teach.h"

#include <stdlib.h>

#include "registry/child.h"

enum {
    SLICES = 4096,
    SLICE_CHILDREN_MAX = 16384,
    AT_ONCE = 64,
    ARENA_BYTES_MAX = 64 * 1024 * 1024,
    PREFIX_BYTES = 2
};

struct slice {
    struct db *db;
    struct vault *vault;
    struct match_train *train;
    struct arena *arena;
    uint32_t number; /* of SLICES */
    struct child_id ids[SLICE_CHILDREN_MAX];
    size_t count;
    size_t done;
    struct child_read reads[AT_ONCE];
    size_t read_count;
};

static void put_prefix(uint8_t at[PREFIX_BYTES + 1], uint32_t slice)
{
    uint32_t prefix = slice * (65536 / SLICES);
    at[0] = (uint8_t)(prefix >> 8);
    at[1] = (uint8_t)prefix;
}

static enum fault read_ids(struct db_tx *tx, void *context)
{
    struct slice *slice = context;
    struct db_rows *rows = NULL;
    struct value out[GIVES_child_all];
    uint8_t first[PREFIX_BYTES + 1], beyond[17];
    memset(beyond, 0xFF, sizeof beyond);
    put_prefix(first, slice->number);
    bool last = slice->number + 1 == SLICES;
    if (!last)
        put_prefix(beyond, slice->number + 1);
    const struct value in[] = {[BIND_child_all_first] = value_bytes((struct bytes){first, PREFIX_BYTES}),
                               [BIND_child_all_beyond] =
                                   value_bytes((struct bytes){beyond, last ? sizeof beyond : PREFIX_BYTES})};
    enum fault fault = db_query(tx, SQL_child_all, in, &rows);
    slice->count = 0; /* a job may run again */
    while (fault == FAULT_NONE && slice->count < SLICE_CHILDREN_MAX && db_next(rows, out)) {
        if (id_of_bytes(out[GIVE_child_all_child_id].bytes, &slice->ids[slice->count].id))
            slice->count++;
    }
    return db_rows_end(rows, fault);
}

static enum fault read_children(struct db_tx *tx, void *context)
{
    struct slice *slice = context;
    slice->read_count = 0;
    arena_reset(slice->arena);
    for (size_t i = slice->done; i < slice->count && slice->read_count < AT_ONCE; i++)
        slice->reads[slice->read_count++] = (struct child_read){.id = slice->ids[i], .whole = true};
    return child_read_some(tx, vault_for_linkage(slice->vault), slice->reads, slice->read_count,
                           slice->arena);
}

static enum fault add_claims(struct slice *slice, const struct child *child)
{
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < child->claim_count && fault == FAULT_NONE; i++) {
        const struct claim *claim = &child->claims[i];
        struct person person = {0};
        if (claim->kind != ROW_CHILD || claim->superseded || claim->source == SOURCE_NONE)
            continue;
        fault = row_to_person(&claim->row, slice->arena, &person);
        if (fault == FAULT_NONE)
            fault = train_add(slice->train, &person);
    }
    return fault;
}

static enum fault add_slice(struct slice *slice, int64_t *children_left)
{
    enum fault fault;
    TRY(db_read(slice->db, read_ids, slice));
    for (slice->done = 0; slice->done<slice->count && * children_left> 0; slice->done += slice->read_count) {
        TRY(db_read(slice->db, read_children, slice));
        for (size_t i = 0; i<slice->read_count && * children_left> 0; i++) {
            if (slice->reads[i].fault != FAULT_NONE)
                continue;
            TRY(add_claims(slice, slice->reads[i].child));
            --*children_left;
        }
    }
done:
    return fault;
}

enum fault teach_records(struct db *db, struct vault *vault, int64_t children_max, struct match_train *train)
{
    struct slice *slice = calloc(1, sizeof *slice);
    enum fault fault = FAULT_MEMORY;
    if (slice == NULL)
        goto done;
    slice->db = db;
    slice->vault = vault;
    slice->train = train;
    TRY(arena_open(ARENA_BYTES_MAX, &slice->arena));
    for (slice->number = 0; slice->number < SLICES && children_max > 0; slice->number++)
        TRY(add_slice(slice, &children_max));
done:
    if (slice != NULL)
        arena_close(slice->arena);
    free(slice);
    return fault;
}
