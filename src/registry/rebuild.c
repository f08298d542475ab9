#include "registry/rebuild.h"

#include <pthread.h>
#include <stdlib.h>

#include "registry/child.h"

enum {
    THREADS_MAX = 12,
    THREADS_MORE = 2, /* while one waits for the disk, or for its turn to put people into the index */
    CLEAR_BYTES_MAX = 64 * 1024,
    PREFIX_BYTES = 8,
    BEYOND_BYTES = 17, /* longer than any id */
    DAMAGED_MAX = 1024,
};

/* Ids by their first 64 bits; `last` is one of them. */
struct range {
    uint64_t first;
    uint64_t last;
};

struct part {
    struct db *db;
    struct vault *vault;
    struct match_index *index;
    struct match_filler *filler;
    struct range range;
    int64_t read_children; /* in the range under way */
    int64_t read_broken;
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

static void put_prefix(uint8_t at[PREFIX_BYTES], uint64_t prefix)
{
    for (int i = 0; i < PREFIX_BYTES; i++)
        at[i] = (uint8_t)(prefix >> (56 - 8 * i));
}

static enum fault read_range(struct db_tx *tx, void *context)
{
    struct part *part = context;
    struct db_rows *rows = NULL;
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    struct value out[GIVES_child_all];
    uint8_t first[PREFIX_BYTES], beyond[BEYOND_BYTES];
    enum fault fault;
    put_prefix(first, part->range.first);
    memset(beyond, 0xFF, sizeof beyond);
    if (part->range.last < UINT64_MAX)
        put_prefix(beyond, part->range.last + 1);
    const struct value in[] = {[BIND_child_all_first] = value_bytes((struct bytes){first, sizeof first}),
                               [BIND_child_all_beyond] = value_bytes((struct bytes){
                                   beyond, part->range.last < UINT64_MAX ? PREFIX_BYTES : sizeof beyond})};
    part->read_children = 0; /* a job may run again */
    part->read_broken = 0;
    TRY(match_fill_open(part->index, &part->filler));
    TRY(db_query(tx, SQL_child_all, in, &rows));
    while (db_next(rows, out)) {
        fault = put_one(part, out, &clear);
        if (fault == FAULT_CORRUPT || fault == FAULT_KEY)
            part->read_broken++;
        else if (fault != FAULT_NONE)
            goto done;
        else
            part->read_children++;
    }
    fault = match_fill_end(part->filler);
done:
    fault = db_rows_end(rows, fault);
    match_fill_close(part->filler);
    part->filler = NULL;
    buffer_close(&clear);
    return fault;
}

/* Halves of ranges in which something was damaged, to be read next. */
struct damaged {
    struct range ranges[DAMAGED_MAX];
    size_t count;
};

static enum fault take_range(struct part *part, const struct range *range, struct damaged *damaged)
{
    part->range = *range;
    enum fault fault = db_read(part->db, read_range, part);
    if (fault == FAULT_NONE) {
        part->children += part->read_children;
        part->broken += part->read_broken;
    }
    if (fault != FAULT_CORRUPT)
        return fault;
    if (range->first == range->last || damaged->count + 2 > DAMAGED_MAX) {
        part->broken++;
        return FAULT_NONE;
    }
    uint64_t middle = range->first + (range->last - range->first) / 2;
    damaged->ranges[damaged->count++] = (struct range){range->first, middle};
    damaged->ranges[damaged->count++] = (struct range){middle + 1, range->last};
    return FAULT_NONE;
}

/* Case 71: where a page of the database is damaged, only the children are left out that stand on it.  All
 * ranges are halved before any is halved again, so that a page of an index, on which many stand side by side,
 * ends with DAMAGED_MAX narrow ranges. */
static enum fault read_part(struct part *part)
{
    struct damaged *now = calloc(2, sizeof *now);
    if (now == NULL)
        return FAULT_MEMORY;
    struct damaged *next = now + 1;
    enum fault fault;
    const struct range whole = part->range;
    TRY(take_range(part, &whole, now));
    while (now->count > 0) {
        next->count = 0;
        for (size_t i = 0; i < now->count; i++)
            TRY(take_range(part, &now->ranges[i], next));
        struct damaged *done_with = now;
        now = next;
        next = done_with;
    }
done:
    free(now < next ? now : next);
    return fault;
}

static void *run_part(void *argument)
{
    struct part *part = argument;
    part->fault = read_part(part);
    return NULL;
}

/* Ids are random: equal ranges are equal shares. */
static struct range share(int at, int of)
{
    const uint64_t width = UINT64_MAX / (uint64_t)of;
    return (struct range){(uint64_t)at * width, at + 1 == of ? UINT64_MAX : (uint64_t)(at + 1) * width - 1};
}

/* Over a network nobody waits for a connection for as long as a part takes: each thread has one, and one is
 * left for this server's own signs of life. */
static int threads_of(const struct db *db, int wanted)
{
    int count = wanted <= 1 ? 1 : wanted + THREADS_MORE;
    if (db_is_shared(db) && count > db_lanes(db) - 1)
        count = db_lanes(db) - 1;
    return count < 1 ? 1 : count > THREADS_MAX ? THREADS_MAX : count;
}

enum fault rebuild_index(struct db *db, struct vault *vault, struct match_index *index, int threads,
                         int64_t *ret_children, int64_t *ret_broken)
{
    struct part parts[THREADS_MAX] = {0};
    pthread_t handles[THREADS_MAX];
    const int count = threads_of(db, threads);
    int started = 0;
    enum fault fault = FAULT_NONE;
    for (int i = 0; i < count; i++) {
        parts[i] = (struct part){.db = db, .vault = vault, .index = index, .range = share(i, count)};
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
    if (fault == FAULT_NONE && children == 0 && broken > 0)
        fault = fault_note(FAULT_CORRUPT, "no child in the database can be read: restore the last backup");
    if (fault == FAULT_NONE) {
        *ret_children = children;
        *ret_broken = broken;
    }
    return fault;
}
