/* Whose the numbers of a batch are: written when its plan is carried out, in the order of their keyed hashes,
 * so that one transaction touches few pages of the store.  Doing it again changes nothing. */
#include <stdlib.h>

#include "registry/intake_struct.h"
#include "registry/plan.h"

enum { OWNERS_ROWS = 256, ROOM_FIRST = 1024, CLEAR_BYTES_MAX = 64 * 1024, ARENA_BYTES = 64 * 1024 };

struct owner {
    struct tag tag;
    struct child_id child;
};

struct owners {
    const struct intake_house *house;
    const struct wrapped_key *feed_key;
    enum source source;
    int64_t sequence;
    struct owner *all;
    size_t count;
    size_t room;
    size_t done;
    struct arena *arena;
    struct buffer clear;
};

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

static enum fault add_step(struct owners *owners, const struct value *out)
{
    struct plan_step step = {.source = owners->source, .sequence = owners->sequence};
    struct tag tags[PLAN_TAGS_MAX];
    size_t count;
    enum fault fault;
    arena_reset(owners->arena);
    TRY(plan_unseal(owners->house->vault, owners->feed_key, out[GIVE_batch_plan_all_sealed].bytes,
                    out[GIVE_batch_plan_all_row_number].number, &owners->clear, &step));
    TRY(plan_tags(owners->house->vault, &step, owners->arena, tags, &count));
    for (size_t i = 0; i < count; i++)
        TRY(add_owner(owners, &tags[i], step.record.child));
done:
    return fault;
}

static enum fault read_plan(struct db_tx *tx, void *context)
{
    struct owners *owners = context;
    struct db_rows *rows = NULL;
    struct value out[GIVES_batch_plan_all];
    enum fault fault;
    const struct value in[] = {[BIND_batch_plan_all_source] = value_int(owners->source),
                               [BIND_batch_plan_all_sequence] = value_int(owners->sequence)};
    owners->count = 0;
    TRY(db_query(tx, SQL_batch_plan_all, in, &rows));
    while (db_next(rows, out))
        TRY(add_step(owners, out));
done:
    if (rows != NULL) {
        enum fault closed = db_rows_close(rows);
        if (fault == FAULT_NONE)
            fault = closed;
    }
    return fault;
}

static int by_tag(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct owner));
}

static enum fault write_some(struct db_tx *tx, void *context)
{
    const struct owners *owners = context;
    enum fault fault = FAULT_NONE;
    for (size_t i = owners->done; i < owners->count && i < owners->done + OWNERS_ROWS; i++) {
        const struct owner *owner = &owners->all[i];
        const struct value in[] = {[BIND_identifier_owner_insert_tag] =
                                       value_bytes((struct bytes){owner->tag.byte, TAG_BYTES}),
                                   [BIND_identifier_owner_insert_child_id] = value_id(owner->child.id)};
        TRY(db_run(tx, SQL_identifier_owner_insert, in, NULL));
    }
done:
    return fault;
}

enum fault owners_write(const struct intake_house *house, const struct wrapped_key *feed_key,
                        enum source source, int64_t sequence)
{
    struct owners owners = {.house = house,
                            .feed_key = feed_key,
                            .source = source,
                            .sequence = sequence,
                            .clear = buffer_open(CLEAR_BYTES_MAX)};
    enum fault fault;
    TRY(arena_open(ARENA_BYTES, &owners.arena));
    TRY(db_read(house->db, read_plan, &owners));
    if (owners.count > 0)
        qsort(owners.all, owners.count, sizeof *owners.all, by_tag);
    for (; owners.done < owners.count; owners.done += OWNERS_ROWS)
        TRY(db_write(house->db, DB_BACKGROUND, write_some, &owners));
done:
    free(owners.all);
    buffer_close(&owners.clear);
    arena_close(owners.arena);
    return fault;
}
