#include "registry/rebuild.h"

#include <pthread.h>

#include "registry/child.h"

enum { THREADS_MAX = 16, CLEAR_BYTES_MAX = 64 * 1024, BEYOND_BYTES = 17 };

struct part {
    struct db *db;
    struct vault *vault;
    struct match_index *index;
    struct match_filler *filler;
    uint8_t first[16];
    uint8_t beyond[BEYOND_BYTES];
    size_t beyond_len;
    int64_t children;
    int64_t broken;
    enum fault fault;
};

static enum fault put_one(struct part *part, const struct value *out, struct buffer *clear)
{
    struct child_id child;
    struct wrapped_key key;
    struct person person;
    enum fault fault = FAULT_CORRUPT;
    struct bytes wrapped = out[GIVE_child_all_wrapped].bytes;
    if (!id_of_bytes(out[GIVE_child_all_child_id].bytes, &child.id) || wrapped.len != sizeof key.byte)
        goto done;
    memcpy(key.byte, wrapped.at, wrapped.len);
    struct seal_place place = linkage_place(&child);
    TRY(vault_unseal(part->vault, &key, &place, out[GIVE_child_all_linkage].bytes, clear));
    TRY(person_unpack(buffer_bytes(clear), &person));
    TRY(match_fill_put(
        part->filler, child,
        child_record_state(out[GIVE_child_all_state].number, out[GIVE_child_all_shield].number),
        (uint32_t)out[GIVE_child_all_version].number, &person));
done:
    return fault;
}

static enum fault read_part(struct db_tx *tx, void *context)
{
    struct part *part = context;
    struct db_rows *rows = NULL;
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    struct value out[GIVES_child_all];
    enum fault fault;
    const struct value in[] = {
        [BIND_child_all_first] = value_bytes((struct bytes){part->first, sizeof part->first}),
        [BIND_child_all_beyond] = value_bytes((struct bytes){part->beyond, part->beyond_len})};
    part->children = 0; /* a job may run again */
    part->broken = 0;
    TRY(match_fill_open(part->index, &part->filler));
    TRY(db_query(tx, SQL_child_all, in, &rows));
    while (db_next(rows, out)) {
        fault = put_one(part, out, &clear);
        if (fault == FAULT_CORRUPT || fault == FAULT_KEY)
            part->broken++;
        else if (fault != FAULT_NONE)
            goto done;
        else
            part->children++;
    }
    fault = match_fill_end(part->filler);
done:
    fault = db_rows_end(rows, fault);
    match_fill_close(part->filler);
    part->filler = NULL;
    buffer_close(&clear);
    return fault;
}

static void *run_part(void *argument)
{
    struct part *part = argument;
    part->fault = db_read(part->db, read_part, part);
    return NULL;
}

/* Ids are random: equal ranges of the first byte are equal shares. */
static void set_range(struct part *part, int at, int of)
{
    part->first[0] = (uint8_t)(256 * at / of);
    part->beyond_len = 16;
    if (at + 1 < of) {
        part->beyond[0] = (uint8_t)(256 * (at + 1) / of);
        return;
    }
    part->beyond_len = BEYOND_BYTES; /* longer than any id, and greater */
    memset(part->beyond, 0xFF, BEYOND_BYTES);
}

enum fault rebuild_index(struct db *db, struct vault *vault, struct match_index *index, int threads,
                         int64_t *ret_children, int64_t *ret_broken)
{
    struct part parts[THREADS_MAX] = {0};
    pthread_t handles[THREADS_MAX];
    int count = threads < 1 ? 1 : threads > THREADS_MAX ? THREADS_MAX : threads;
    int started = 0;
    enum fault fault = FAULT_NONE;
    for (int i = 0; i < count; i++) {
        parts[i] = (struct part){.db = db, .vault = vault, .index = index};
        set_range(&parts[i], i, count);
        if (pthread_create(&handles[i], NULL, run_part, &parts[i]) != 0) {
            fault = FAULT_SYSTEM;
            break;
        }
        started++;
    }
    int64_t children = 0, broken = 0;
    for (int i = 0; i < started; i++) {
        (void)pthread_join(handles[i], NULL);
        if (fault == FAULT_NONE)
            fault = parts[i].fault;
        children += parts[i].children;
        broken += parts[i].broken;
    }
    if (fault == FAULT_NONE) {
        *ret_children = children;
        *ret_broken = broken;
    }
    return fault;
}
