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
    BATCH = VAULT_BUNDLE_MAX,
    BATCH_BYTES_MAX = 1024 * 1024,
};

/* Ids by their first 64 bits; `last` is one of them. */
struct range {
    uint64_t first;
    uint64_t last;
};

/* A row that waits for its key: one question to the keeper is about many. */
struct waiting {
    struct child_id child;
    enum record_state state;
    uint32_t version;
    size_t at; /* of its bundle, in `sealed` */
    size_t len;
};

struct part {
    struct db *db;
    struct vault *vault;
    struct match_index *index;
    struct match_filler *filler;
    struct vault_bundle *keys;
    struct waiting waiting[BATCH];
    struct wrapped_key wrapped[BATCH];
    size_t count; /* of those that wait */
    struct buffer sealed;
    struct buffer clear;
    struct range range;
    int64_t read_children; /* in the range under way */
    int64_t read_broken;
    int64_t children;
    int64_t broken;
    enum fault fault;
};

static enum fault put_one(struct part *part, size_t index)
{
    const struct waiting *waiting = &part->waiting[index];
    const struct seal_place place = linkage_place(&waiting->child);
    const struct bytes sealed = {(const uint8_t *)part->sealed.at + waiting->at, waiting->len};
    struct person person;
    enum fault fault;
    TRY(vault_bundle_unseal(part->keys, index, &place, sealed, &part->clear));
    TRY(person_unpack(buffer_bytes(&part->clear), &person));
    TRY(match_fill_put(part->filler, waiting->child, waiting->state, waiting->version, &person));
done:
    return fault;
}

/* A child that is damaged is counted and left out. */
static enum fault count_one(struct part *part, enum fault fault)
{
    if (fault == FAULT_CORRUPT || fault == FAULT_KEY)
        part->read_broken++;
    else if (fault == FAULT_NONE)
        part->read_children++;
    else
        return fault;
    return FAULT_NONE;
}

static enum fault put_waiting(struct part *part)
{
    enum fault fault = FAULT_NONE;
    if (part->count > 0)
        TRY(vault_bundle_fill(part->keys, part->wrapped, part->count));
    for (size_t i = 0; i < part->count; i++)
        TRY(count_one(part, put_one(part, i)));
    part->count = 0;
    buffer_clear(&part->sealed);
done:
    return fault;
}

static enum fault let_wait(struct part *part, const struct value *out)
{
    struct waiting *waiting = &part->waiting[part->count];
    const struct bytes wrapped = out[GIVE_child_all_wrapped].bytes,
                       sealed = out[GIVE_child_all_linkage].bytes;
    if (!id_of_bytes(out[GIVE_child_all_child_id].bytes, &waiting->child.id) ||
        wrapped.len != sizeof part->wrapped[0].byte || sealed.len > CLEAR_BYTES_MAX)
        return count_one(part, FAULT_CORRUPT);
    waiting->state = child_record_state(out[GIVE_child_all_state].number, out[GIVE_child_all_shield].number);
    waiting->version = (uint32_t)out[GIVE_child_all_version].number;
    waiting->at = part->sealed.len;
    waiting->len = sealed.len;
    memcpy(part->wrapped[part->count].byte, wrapped.at, wrapped.len);
    buffer_put_bytes(&part->sealed, sealed);
    part->count++;
    if (part->count == BATCH || part->sealed.len > BATCH_BYTES_MAX - CLEAR_BYTES_MAX)
        return put_waiting(part);
    return buffer_fault(&part->sealed);
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
    part->count = 0;
    buffer_clear(&part->sealed);
    TRY(match_fill_open(part->index, &part->filler));
    TRY(db_query(tx, SQL_child_all, in, &rows));
    while (db_next(rows, out))
        TRY(let_wait(part, out));
    TRY(put_waiting(part));
    fault = match_fill_end(part->filler);
done:
    fault = db_rows_end(rows, fault);
    match_fill_close(part->filler);
    part->filler = NULL;
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
    enum fault fault;
    part->sealed = buffer_open(BATCH_BYTES_MAX);
    part->clear = buffer_open(CLEAR_BYTES_MAX);
    TRY(vault_bundle_open(vault_for_linkage(part->vault), &part->keys));
    TRY(read_part(part));
done:
    vault_bundle_close(part->keys);
    buffer_close(&part->sealed);
    buffer_close(&part->clear);
    part->fault = fault;
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
    pthread_t handles[THREADS_MAX];
    const int count = threads_of(db, threads);
    int started = 0;
    enum fault fault = FAULT_NONE;
    struct part *parts = calloc((size_t)count, sizeof *parts);
    if (parts == NULL)
        return FAULT_MEMORY;
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
    free(parts);
    return fault;
}
