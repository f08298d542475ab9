#include "registry/owners.h"

#include <stdlib.h>

#include "registry/background.h"

enum {
    OWNERS_ROWS = 2048,
    OWNERS_ROWS_ALONE = 256,
    ROOM_FIRST = 1024,
    CLEAR_BYTES_MAX = 64 * 1024,
    ARENA_BYTES = 1024 * 1024,
    STEPS_AT_ONCE = 64
};

struct owner {
    struct tag tag;
    struct child_id child;
};

struct owners {
    struct owner *all;
    size_t count;
    size_t room;
    size_t done;
    size_t most;         /* of one transaction */
    struct arena *arena; /* of the step at hand */
};

enum fault owners_open(struct owners **ret_owners)
{
    struct owners *owners = calloc(1, sizeof *owners);
    if (owners == NULL)
        return FAULT_MEMORY;
    enum fault fault = arena_open(ARENA_BYTES, &owners->arena);
    if (fault != FAULT_NONE) {
        free(owners);
        return fault;
    }
    *ret_owners = owners;
    return FAULT_NONE;
}

void owners_close(struct owners *owners)
{
    if (owners == NULL)
        return;
    arena_close(owners->arena);
    free(owners->all);
    free(owners);
}

static enum fault add_owner(struct owners *owners, const struct tag *tag, struct child_id child)
{
    if (owners->count == owners->room) {
        size_t room = owners->room == 0 ? ROOM_FIRST : 2 * owners->room;
        struct owner *more = reallocarray(owners->all, room, sizeof *more);
        if (more == NULL)
            return FAULT_MEMORY;
        owners->all = more;
        owners->room = room;
    }
    owners->all[owners->count++] = (struct owner){*tag, child};
    return FAULT_NONE;
}

/* As many steps as are asked about at once. */
static enum fault add_some(struct owners *owners, struct vault *vault, const struct plan_step *steps,
                           size_t count)
{
    struct vault_tagging taggings[STEPS_AT_ONCE * PLAN_TAGS_MAX];
    struct child_id children[STEPS_AT_ONCE * PLAN_TAGS_MAX];
    size_t all = 0;
    enum fault fault = FAULT_NONE;
    arena_reset(owners->arena);
    for (size_t i = 0; i < count; i++) {
        size_t more = 0;
        TRY(plan_taggings(&steps[i], owners->arena, taggings + all, &more));
        for (size_t k = 0; k < more; k++)
            children[all + k] = steps[i].record.child;
        all += more;
    }
    vault_tag_many(vault, taggings, all);
    for (size_t i = 0; i < all; i++)
        TRY(add_owner(owners, &taggings[i].tag, children[i]));
done:
    return fault;
}

enum fault owners_add(struct owners *owners, struct vault *vault, const struct plan_step *steps, size_t count)
{
    enum fault fault = FAULT_NONE;
    for (size_t from = 0; from < count; from += STEPS_AT_ONCE)
        TRY(add_some(owners, vault, steps + from,
                     count - from < STEPS_AT_ONCE ? count - from : STEPS_AT_ONCE));
    if (!vault_is_alive(vault))
        TRY(fault_note(FAULT_CLOSED, "the keeper, which has the keys, is gone: restart the server"));
done:
    return fault;
}

struct plan_reading {
    struct owners *owners;
    const struct intake_house *house;
    const struct wrapped_key *feed_key;
    enum source source;
    int64_t sequence;
    struct buffer clear;
};

static enum fault read_step(struct plan_reading *reading, const struct value *out)
{
    struct plan_step step = {.source = reading->source, .sequence = reading->sequence};
    enum fault fault;
    TRY(plan_unseal(reading->house->vault, reading->feed_key, out[GIVE_batch_plan_all_sealed].bytes,
                    out[GIVE_batch_plan_all_row_number].number, &reading->clear, &step));
    TRY(owners_add(reading->owners, reading->house->vault, &step, 1));
done:
    return fault;
}

static enum fault read_plan(struct db_tx *tx, void *context)
{
    struct plan_reading *reading = context;
    struct db_rows *rows = NULL;
    struct value out[GIVES_batch_plan_all];
    enum fault fault;
    const struct value in[] = {[BIND_batch_plan_all_source] = value_int(reading->source),
                               [BIND_batch_plan_all_sequence] = value_int(reading->sequence)};
    reading->owners->count = 0;
    TRY(db_query(tx, SQL_batch_plan_all, in, &rows));
    while (db_next(rows, out))
        TRY(read_step(reading, out));
done:
    fault = db_rows_end(rows, fault);
    return fault;
}

enum fault owners_read(struct owners *owners, const struct intake_house *house,
                       const struct wrapped_key *feed_key, enum source source, int64_t sequence)
{
    struct plan_reading reading = {owners, house, feed_key, source, sequence, buffer_open(CLEAR_BYTES_MAX)};
    enum fault fault = db_read(house->db, read_plan, &reading);
    buffer_close(&reading.clear);
    return fault;
}

static int by_tag(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct owner));
}

static enum fault write_some(struct db_tx *tx, void *context)
{
    const struct owners *owners = context;
    struct value in[OWNERS_ROWS * BINDS_identifier_owner_insert];
    size_t count = 0;
    for (size_t i = owners->done; i < owners->count && count < owners->most; i++) {
        struct value *row = &in[BINDS_identifier_owner_insert * count++];
        const struct owner *owner = &owners->all[i];
        row[BIND_identifier_owner_insert_tag] = value_bytes((struct bytes){owner->tag.byte, TAG_BYTES});
        row[BIND_identifier_owner_insert_child_id] = value_id(owner->child.id);
    }
    return db_run_many(tx, SQL_identifier_owner_insert, in, count);
}

enum fault owners_write(struct owners *owners, const struct intake_house *house)
{
    enum fault fault = FAULT_NONE;
    if (owners->count > 0)
        qsort(owners->all, owners->count, sizeof *owners->all, by_tag);
    owners->most = db_is_shared(house->db) ? OWNERS_ROWS : OWNERS_ROWS_ALONE;
    for (owners->done = 0; owners->done < owners->count; owners->done += owners->most)
        TRY(intake_write(house, DB_BACKGROUND, write_some, owners));
done:
    return fault;
}
