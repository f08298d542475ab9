/* Applying a batch's plan in short transactions. */
#include <stdlib.h>

#include "registry/carry.h"
#include "registry/intake_struct.h"
#include "registry/owners.h"

enum {
    APPLY_ROWS_MAX = 512,
    APPLY_ROWS_ALONE = 128,
    APPLY_ROWS_FIRST = 16,
    APPLY_US_TARGET = 2500, /* of the 5 ms that R14.2 allows */
    CLEAR_ROWS = 4096,
    CLEAR_ROWS_ALONE = 256,
    CLEAR_BYTES_MAX = 64 * 1024,
    ARENA_BYTES_MAX = 64 * 1024 * 1024,
    STEPS_AT_ONCE = BINDS_batch_plan_some - BIND_batch_plan_some_row_01,
};

/* One transaction's worth of the plan: opened before it, carried out in it, indexed after it.
 *
 * Where several servers share a database, a chunk of many children loses against people who write one of them
 * each, and would lose again and again: each run that has lost makes it half as long, each transaction that
 * was kept lets the next be twice as long, and what is left of the chunk follows in transactions of its own.
 */
struct apply_chunk {
    const struct intake_house *house;
    const struct wrapped_key *feed_key;
    const struct batch *batch;
    const struct order_entry *entries; /* of this chunk */
    size_t entry_count;
    int64_t applied; /* steps carried out once this chunk is */
    size_t done;     /* entries that transactions before have carried out */
    size_t taken;    /* entries of the transaction under way, or of the last */
    size_t most;     /* entries of a transaction */
    int runs;        /* of the transaction under way */
    int64_t took_us;
    struct arena *arena; /* of the steps */
    struct buffer clear;
    struct plan_step steps[APPLY_ROWS_MAX];
    struct carry carry;
    struct carried carried[APPLY_ROWS_MAX];
};

/* Opens one step; its texts are read after `clear` has moved on. */
static enum fault open_step(struct apply_chunk *chunk, size_t at, struct bytes sealed)
{
    struct plan_step *step = &chunk->steps[at];
    enum fault fault;
    *step = (struct plan_step){.source = chunk->batch->source, .sequence = chunk->batch->sequence};
    TRY(plan_unseal(chunk->house->vault, chunk->feed_key, sealed, chunk->entries[at].row_number,
                    &chunk->clear, step));
    for (size_t i = 0; i < COLUMNS_END; i++)
        if (step->row.at[i].len > 0)
            TRY(arena_copy(chunk->arena, step->row.at[i], &step->row.at[i]));
    step->position = chunk->applied - (int64_t)(chunk->entry_count - at) + 1;
done:
    return fault;
}

static enum fault take_step(struct apply_chunk *chunk, size_t from, size_t count, const struct value *out)
{
    for (size_t at = from; at < from + count; at++)
        if (chunk->entries[at].row_number == out[GIVE_batch_plan_some_row_number].number)
            return open_step(chunk, at, out[GIVE_batch_plan_some_sealed].bytes);
    return FAULT_CORRUPT;
}

/* The steps of a part of the chunk, as many as one statement names. */
static enum fault read_steps(struct db_tx *tx, struct apply_chunk *chunk, size_t from, size_t count)
{
    struct value in[BINDS_batch_plan_some], out[GIVES_batch_plan_some];
    struct db_rows *rows = NULL;
    size_t found = 0;
    enum fault fault;
    in[BIND_batch_plan_some_source] = value_int(chunk->batch->source);
    in[BIND_batch_plan_some_sequence] = value_int(chunk->batch->sequence);
    for (size_t i = 0; i < STEPS_AT_ONCE; i++)
        in[BIND_batch_plan_some_row_01 + i] =
            value_int(i < count ? chunk->entries[from + i].row_number : 0); /* steps count from 1 */
    TRY(db_query(tx, SQL_batch_plan_some, in, &rows));
    for (; db_next(rows, out); found++)
        TRY(take_step(chunk, from, count, out));
done:
    fault = db_rows_end(rows, fault);
    if (fault == FAULT_NONE && found != count)
        fault = fault_note(FAULT_CORRUPT, "steps of a plan are missing: restore the database");
    return fault;
}

/* A plan that stands is changed by nobody but the feed's holder: it is read outside the transaction. */
static enum fault read_chunk(struct db_tx *tx, void *context)
{
    struct apply_chunk *chunk = context;
    enum fault fault = FAULT_NONE;
    arena_reset(chunk->arena);
    for (size_t from = 0; from < chunk->entry_count; from += STEPS_AT_ONCE) {
        size_t left = chunk->entry_count - from;
        TRY(read_steps(tx, chunk, from, left < STEPS_AT_ONCE ? left : STEPS_AT_ONCE));
    }
done:
    return fault;
}

static enum fault note_changes(struct db_tx *tx, const struct apply_chunk *chunk)
{
    struct child_id children[APPLY_ROWS_MAX];
    struct noting noting = {.changes = chunk->house->changes};
    if (noting.changes == NULL)
        return FAULT_NONE;
    for (size_t i = 0; i < chunk->carry.carried_count; i++)
        children[i] = chunk->carried[i].child;
    return change_note(tx, &noting, children, chunk->carry.carried_count);
}

/* How far this run goes.  A child's steps may be parted: the later ones find the child in the store. */
static void take_entries(struct apply_chunk *chunk)
{
    size_t left = chunk->entry_count - chunk->done;
    if (chunk->runs++ > 0 && db_is_shared(chunk->house->db))
        chunk->most = (chunk->taken + 1) / 2;
    chunk->taken = left < chunk->most ? left : chunk->most;
    chunk->carry.steps = chunk->steps + chunk->done;
    chunk->carry.step_count = chunk->taken;
}

static enum fault write_chunk(struct db_tx *tx, void *context)
{
    struct apply_chunk *chunk = context;
    int64_t started_us = clock_monotonic_us();
    enum fault fault;
    take_entries(chunk);
    TRY(carry_out(tx, &chunk->carry));
    TRY(note_changes(tx, chunk));
    const int64_t applied = chunk->applied - (int64_t)(chunk->entry_count - chunk->done - chunk->taken);
    const struct value in[] = {[BIND_batch_advance_source] = value_int(chunk->batch->source),
                               [BIND_batch_advance_sequence] = value_int(chunk->batch->sequence),
                               [BIND_batch_advance_applied] = value_int(applied)};
    TRY(db_run(tx, SQL_batch_advance, in, NULL));
    chunk->took_us = clock_monotonic_us() - started_us;
done:
    return fault;
}

static enum fault index_chunk(struct apply_chunk *chunk)
{
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < chunk->carry.carried_count; i++) {
        const struct carried *child = &chunk->carried[i];
        if (child->reindex)
            TRY(match_put(chunk->house->index, child->child, child->state, child->version, false,
                          &child->person));
    }
    chunk->carry.carried_count = 0;
done:
    return fault;
}

static enum fault chunk_open(struct apply_chunk *chunk, const struct intake_house *house,
                             const struct wrapped_key *feed_key, const struct batch *batch)
{
    enum fault fault;
    chunk->house = house;
    chunk->feed_key = feed_key;
    chunk->batch = batch;
    chunk->clear = buffer_open(CLEAR_BYTES_MAX);
    chunk->most = APPLY_ROWS_MAX;
    chunk->carry = (struct carry){.house = house, .feed_key = feed_key, .carried = chunk->carried};
    TRY(arena_open(ARENA_BYTES_MAX, &chunk->arena));
    TRY(arena_open(ARENA_BYTES_MAX, &chunk->carry.arena));
done:
    return fault;
}

static void chunk_close(struct apply_chunk *chunk)
{
    buffer_close(&chunk->clear);
    arena_close(chunk->arena);
    arena_close(chunk->carry.arena);
}

/* The next chunk is as large as the last one's time allows.  Where several servers share a database nobody
 * waits for a chunk, and a commit costs as much as many rows. */
static size_t next_size(const struct apply_chunk *chunk)
{
    if (db_is_shared(chunk->house->db))
        return APPLY_ROWS_MAX;
    if (chunk->took_us <= 0)
        return APPLY_ROWS_FIRST;
    int64_t fits = (int64_t)chunk->entry_count * APPLY_US_TARGET / chunk->took_us;
    return fits < 1 ? 1 : fits > APPLY_ROWS_ALONE ? APPLY_ROWS_ALONE : (size_t)fits;
}

/* The rest of one plan on its way. */
struct application {
    const struct batch *batch;
    const struct plan_order *order;
    const struct teller *teller;
    struct background *background;
    struct owners *owners;
    struct apply_chunk chunks[2];
};

static enum fault nothing(struct db_tx *tx, void *context)
{
    (void)tx;
    (void)context;
    return FAULT_NONE;
}

/* Where steps are missing, another server may have taken the feed over and carried them out. */
static enum fault why_missing(const struct intake_house *house, enum fault fault)
{
    const char *note = fault_last_note();
    enum fault held = fault == FAULT_CORRUPT ? intake_write(house, DB_BACKGROUND, nothing, NULL) : FAULT_NONE;
    return held == FAULT_FENCED ? held : fault_note(fault, note);
}

/* Reads and opens the next chunk. */
static enum fault prepare_chunk(struct application *application, struct apply_chunk *chunk, size_t *taken,
                                size_t size)
{
    const struct plan_order *order = application->order;
    enum fault fault;
    chunk->entries = order->entries + *taken;
    chunk->entry_count = order->count - *taken < size ? order->count - *taken : size;
    *taken += chunk->entry_count;
    chunk->applied = (int64_t)*taken;
    chunk->done = chunk->taken = 0;
    chunk->runs = 0;
    fault = db_read(chunk->house->db, read_chunk, chunk);
    if (fault != FAULT_NONE)
        return why_missing(chunk->house, fault);
    TRY(owners_add(application->owners, chunk->house->vault, chunk->steps, chunk->entry_count));
done:
    return fault;
}

/* The transaction under way was kept. */
static void keep_entries(struct apply_chunk *chunk)
{
    chunk->done += chunk->taken;
    chunk->taken = 0;
    chunk->runs = 0;
    chunk->most = chunk->most < APPLY_ROWS_MAX / 2 ? 2 * chunk->most : APPLY_ROWS_MAX;
}

/* Waits for the chunk that was submitted, and carries out what it has left; the last part of it is still to
 * be indexed. */
static enum fault finish_chunk(struct application *application, struct apply_chunk *chunk)
{
    enum fault fault;
    TRY(background_wait(application->background));
    keep_entries(chunk);
    while (chunk->done < chunk->entry_count) {
        TRY(index_chunk(chunk));
        TRY(intake_write(chunk->house, DB_BACKGROUND, write_chunk, chunk));
        keep_entries(chunk);
    }
done:
    return fault;
}

/* Two chunks take turns: one is written while the other is indexed, filled again and opened. */
static enum fault apply_all(struct application *application)
{
    const struct teller *teller = application->teller;
    size_t taken = (size_t)application->batch->applied, size = APPLY_ROWS_FIRST;
    enum fault fault = FAULT_NONE;
    for (int at = 0; taken < application->order->count; at ^= 1) {
        struct apply_chunk *next = &application->chunks[at], *last = &application->chunks[at ^ 1];
        TRY(prepare_chunk(application, next, &taken, size));
        TRY(finish_chunk(application, last));
        next->most = last->most;
        TRY(background_submit(application->background, write_chunk, next));
        TRY(index_chunk(last));
        size = next_size(last);
        if (teller->progress != NULL)
            teller->progress(teller->context, (int64_t)(taken - next->entry_count));
    }
    for (int i = 0; i < 2; i++) {
        TRY(finish_chunk(application, &application->chunks[i]));
        TRY(index_chunk(&application->chunks[i]));
    }
done:
    return fault;
}

struct clearing {
    const struct batch *batch;
    int64_t most; /* rows of one transaction */
    struct instant at;
    int64_t changed;
};

static enum fault begin_clearing(struct db_tx *tx, void *context)
{
    const struct batch *batch = context;
    const struct value in[] = {[BIND_batch_state_put_source] = value_int(batch->source),
                               [BIND_batch_state_put_sequence] = value_int(batch->sequence),
                               [BIND_batch_state_put_state] = value_int(BATCH_CLEARING)};
    return db_run(tx, SQL_batch_state_put, in, NULL);
}

static enum fault clear_rows(struct db_tx *tx, void *context)
{
    struct clearing *clearing = context;
    const struct value in[] = {[BIND_batch_plan_done_source] = value_int(clearing->batch->source),
                               [BIND_batch_plan_done_sequence] = value_int(clearing->batch->sequence),
                               [BIND_batch_plan_done_most] = value_int(clearing->most)};
    return db_run(tx, SQL_batch_plan_done, in, &clearing->changed);
}

static enum fault finish_batch(struct db_tx *tx, void *context)
{
    const struct clearing *clearing = context;
    const struct value in[] = {[BIND_batch_finish_source] = value_int(clearing->batch->source),
                               [BIND_batch_finish_sequence] = value_int(clearing->batch->sequence),
                               [BIND_batch_finish_state] = value_int(BATCH_APPLIED),
                               [BIND_batch_finish_finished_us] = value_int(clearing->at.us)};
    return db_run(tx, SQL_batch_finish, in, NULL);
}

enum fault apply_clear(const struct intake_house *house, const struct batch *batch)
{
    struct batch own = *batch;
    struct clearing clearing = {.batch = batch,
                                .most = db_is_shared(house->db) ? CLEAR_ROWS : CLEAR_ROWS_ALONE,
                                .at = clock_now(house->clock)};
    enum fault fault;
    TRY(intake_write(house, DB_BACKGROUND, begin_clearing, &own));
    do { /* from the lowest that is there: a crash may have stopped the last clearing half way */
        TRY(intake_write(house, DB_BACKGROUND, clear_rows, &clearing));
    } while (clearing.changed > 0);
    TRY(intake_write(house, DB_BACKGROUND, finish_batch, &clearing));
done:
    return fault;
}

/* What a crash has cut off: the numbers of the steps before are read again, with all others. */
static enum fault gather_owners(const struct application *application, const struct intake_house *house,
                                const struct wrapped_key *feed_key)
{
    const struct batch *batch = application->batch;
    return batch->applied == 0
               ? FAULT_NONE
               : owners_read(application->owners, house, feed_key, batch->source, batch->sequence);
}

enum fault apply_batch(const struct intake_house *house, const struct wrapped_key *feed_key,
                       const struct batch *batch, struct plan_order *order, const struct teller *teller)
{
    enum fault fault = FAULT_NONE;
    struct application *application = calloc(1, sizeof *application);
    if (application == NULL)
        return FAULT_MEMORY;
    application->batch = batch;
    application->order = order;
    application->teller = teller;
    plan_order_sort(order);
    for (int i = 0; i < 2; i++)
        TRY(chunk_open(&application->chunks[i], house, feed_key, batch));
    TRY(owners_open(&application->owners));
    TRY(background_open(house, &application->background));
    TRY(apply_all(application));
    TRY(gather_owners(application, house, feed_key));
    TRY(owners_write(application->owners, house));
    TRY(apply_clear(house, batch));
done:
    background_close(application->background);
    owners_close(application->owners);
    for (int i = 0; i < 2; i++)
        chunk_close(&application->chunks[i]);
    free(application);
    return fault;
}
