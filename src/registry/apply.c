/* Applying a batch's plan in short transactions, and finishing or undoing what a crash has left. */
#include <stdlib.h>

#include "registry/intake_struct.h"
#include "registry/plan.h"
#include "store/house_key.h"

enum {
    APPLY_ROWS_MAX = 128,
    APPLY_ROWS_FIRST = 16,
    APPLY_US_TARGET = 2500, /* of the 5 ms that R14.2 allows */
    UNDO_ROWS = 256,
    CLEAR_BYTES_MAX = 64 * 1024,
    ARENA_BYTES_MAX = 64 * 1024 * 1024,
};

/* One transaction's worth of the plan: filled by the writer, indexed afterwards. */
struct apply_chunk {
    const struct intake_house *house;
    const struct wrapped_key *feed_key;
    enum source source;
    int64_t sequence;
    const struct order_entry *entries; /* of this chunk */
    size_t entry_count;
    int64_t applied; /* steps carried out once this chunk is */
    int64_t took_us;
    struct arena *arena;
    struct buffer clear;
    size_t count; /* effects */
    struct plan_effect effects[APPLY_ROWS_MAX];
};

/* One step of the plan, opened. */
static enum fault take_step(struct db_tx *tx, struct apply_chunk *chunk, int64_t row_number,
                            struct plan_step *step)
{
    enum fault fault;
    struct value out[GIVES_batch_plan_get];
    const struct value in[] = {[BIND_batch_plan_get_source] = value_int(chunk->source),
                               [BIND_batch_plan_get_sequence] = value_int(chunk->sequence),
                               [BIND_batch_plan_get_row_number] = value_int(row_number)};
    TRY(db_one(tx, SQL_batch_plan_get, in, chunk->arena, out));
    *step = (struct plan_step){.source = chunk->source, .sequence = chunk->sequence};
    TRY(plan_unseal(chunk->house->vault, chunk->feed_key, out[GIVE_batch_plan_get_sealed].bytes, row_number,
                    &chunk->clear, step));
    for (size_t i = 0; i < COLUMNS_END; i++) /* the index reads them after `clear` has moved on */
        if (step->row.at[i].len > 0)
            TRY(arena_copy(chunk->arena, step->row.at[i], &step->row.at[i]));
done:
    return fault;
}

static enum fault apply_step(struct db_tx *tx, struct apply_chunk *chunk, int64_t row_number,
                             int64_t position)
{
    struct plan_step step;
    enum fault fault;
    TRY(take_step(tx, chunk, row_number, &step));
    step.position = position;
    TRY(plan_apply(tx, chunk->house, chunk->feed_key, &step, chunk->arena, &chunk->effects[chunk->count]));
    chunk->count++;
done:
    return fault;
}

static enum fault apply_chunk(struct db_tx *tx, void *context)
{
    struct apply_chunk *chunk = context;
    int64_t started_us = clock_monotonic_us();
    enum fault fault = FAULT_NONE;
    chunk->count = 0;
    arena_reset(chunk->arena);
    for (size_t i = 0; i < chunk->entry_count; i++)
        TRY(apply_step(tx, chunk, chunk->entries[i].row_number,
                       chunk->applied - (int64_t)(chunk->entry_count - i) + 1));
    const struct value in[] = {[BIND_batch_advance_source] = value_int(chunk->source),
                               [BIND_batch_advance_sequence] = value_int(chunk->sequence),
                               [BIND_batch_advance_applied] = value_int(chunk->applied)};
    TRY(db_run(tx, SQL_batch_advance, in, NULL));
    chunk->took_us = clock_monotonic_us() - started_us;
done:
    return fault;
}

static enum fault index_chunk(const struct apply_chunk *chunk)
{
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < chunk->count; i++) {
        const struct plan_effect *effect = &chunk->effects[i];
        if (effect->reindex)
            TRY(match_put(chunk->house->index, effect->child, effect->state, effect->version, false,
                          &effect->person));
    }
done:
    return fault;
}

struct batch_end {
    enum source source;
    int64_t sequence;
    struct instant at;
    int64_t applied; /* steps carried out before a crash */
};

static enum fault finish_batch(struct db_tx *tx, void *context)
{
    const struct batch_end *end = context;
    const struct value in[] = {[BIND_batch_finish_source] = value_int(end->source),
                               [BIND_batch_finish_sequence] = value_int(end->sequence),
                               [BIND_batch_finish_state] = value_int(BATCH_APPLIED),
                               [BIND_batch_finish_finished_us] = value_int(end->at.us)};
    return db_run(tx, SQL_batch_finish, in, NULL);
}

static enum fault chunk_open(struct apply_chunk *chunk, const struct intake_house *house,
                             const struct wrapped_key *feed_key, const struct batch_end *batch)
{
    *chunk = (struct apply_chunk){.house = house,
                                  .feed_key = feed_key,
                                  .source = batch->source,
                                  .sequence = batch->sequence,
                                  .clear = buffer_open(CLEAR_BYTES_MAX)};
    return arena_open(ARENA_BYTES_MAX, &chunk->arena);
}

/* The next chunk is as large as the last one's time allows. */
static size_t next_size(const struct apply_chunk *chunk)
{
    if (chunk->took_us <= 0)
        return APPLY_ROWS_FIRST;
    int64_t fits = (int64_t)chunk->entry_count * APPLY_US_TARGET / chunk->took_us;
    return fits < 1 ? 1 : fits > APPLY_ROWS_MAX ? APPLY_ROWS_MAX : (size_t)fits;
}

/* Who is told how far it has come. */
struct teller {
    void (*progress)(void *context, int64_t done);
    void *context;
};

/* Two chunks take turns: one is written while the other is indexed. */
static enum fault apply_all(struct background *background, struct apply_chunk chunks[2],
                            const struct plan_order *order, size_t from, const struct teller *teller)
{
    enum fault fault = FAULT_NONE;
    size_t taken = from, size = APPLY_ROWS_FIRST;
    for (int at = 0; taken < order->count; at ^= 1) {
        struct apply_chunk *next = &chunks[at], *done = &chunks[at ^ 1];
        next->entries = order->entries + taken;
        next->entry_count = order->count - taken < size ? order->count - taken : size;
        taken += next->entry_count;
        next->applied = (int64_t)taken;
        TRY(background_submit(background, apply_chunk, next));
        TRY(index_chunk(done));
        size = next_size(done);
        if (teller->progress != NULL)
            teller->progress(teller->context, (int64_t)(taken - next->entry_count));
        done->count = 0;
    }
    TRY(background_wait(background));
    for (int i = 0; i < 2; i++)
        TRY(index_chunk(&chunks[i]));
done:
    return fault;
}

struct undo {
    enum source source;
    int64_t sequence;
    int64_t changed;
};

static enum fault undo_rows(struct db_tx *tx, void *context)
{
    struct undo *undo = context;
    const struct value in[] = {[BIND_batch_plan_done_source] = value_int(undo->source),
                               [BIND_batch_plan_done_sequence] = value_int(undo->sequence),
                               [BIND_batch_plan_done_most] = value_int(UNDO_ROWS)};
    return db_run(tx, SQL_batch_plan_done, in, &undo->changed);
}

static enum fault begin_clearing(struct db_tx *tx, void *context)
{
    const struct batch_end *end = context;
    const struct value in[] = {[BIND_batch_state_put_source] = value_int(end->source),
                               [BIND_batch_state_put_sequence] = value_int(end->sequence),
                               [BIND_batch_state_put_state] = value_int(BATCH_CLEARING)};
    return db_run(tx, SQL_batch_state_put, in, NULL);
}

/* The plan is carried out: its steps go, in ranges, and the batch is applied. */
static enum fault clear_plan(const struct intake_house *house, const struct batch_end *batch)
{
    struct undo undo = {batch->source, batch->sequence, 0};
    struct batch_end end = {batch->source, batch->sequence, clock_now(house->clock), 0};
    enum fault fault;
    TRY(db_write(house->db, DB_BACKGROUND, begin_clearing, &end));
    do { /* from the lowest that is there: a crash may have stopped the last clearing half way */
        TRY(db_write(house->db, DB_BACKGROUND, undo_rows, &undo));
    } while (undo.changed > 0);
    TRY(db_write(house->db, DB_BACKGROUND, finish_batch, &end));
done:
    return fault;
}

static enum fault apply_batch(const struct intake_house *house, const struct wrapped_key *feed_key,
                              const struct batch_end *batch, struct plan_order *order,
                              const struct teller *teller)
{
    enum fault fault;
    struct background *background = NULL;
    struct apply_chunk *chunks = calloc(2, sizeof *chunks);
    if (chunks == NULL)
        return FAULT_MEMORY;
    plan_order_sort(order);
    for (int i = 0; i < 2; i++)
        TRY(chunk_open(&chunks[i], house, feed_key, batch));
    TRY(background_open(house->db, &background));
    TRY(apply_all(background, chunks, order, (size_t)batch->applied, teller));
    TRY(owners_write(house, feed_key, batch->source, batch->sequence));
    TRY(clear_plan(house, batch));
done:
    background_close(background);
    for (int i = 0; i < 2; i++) {
        buffer_close(&chunks[i].clear);
        arena_close(chunks[i].arena);
    }
    free(chunks);
    return fault;
}

enum fault intake_apply(struct intake *intake, void (*progress)(void *context, int64_t done), void *context)
{
    must(intake->decided);
    const struct batch_end batch = {intake->header.source, intake->header.sequence, {0}, 0};
    const struct teller teller = {progress, context};
    return apply_batch(&intake->house, &intake->feed_key, &batch, &intake->order, &teller);
}

struct decision_job {
    struct intake *intake;
    db_job decided;
    void *context;
};

static enum fault decide_batch(struct db_tx *tx, void *context)
{
    const struct decision_job *job = context;
    const struct intake *intake = job->intake;
    enum fault fault;
    const struct value in[] = {[BIND_batch_planned_source] = value_int(intake->header.source),
                               [BIND_batch_planned_sequence] = value_int(intake->header.sequence),
                               [BIND_batch_planned_state] = value_int(BATCH_APPLYING),
                               [BIND_batch_planned_created] = value_int(intake->counts.created),
                               [BIND_batch_planned_updated] = value_int(intake->counts.updated),
                               [BIND_batch_planned_unchanged] = value_int(intake->counts.unchanged),
                               [BIND_batch_planned_waiting] = value_int(intake->counts.waiting),
                               [BIND_batch_planned_quarantined] = value_int(intake->counts.quarantined),
                               [BIND_batch_planned_ended] = value_int(intake->counts.ended)};
    TRY(db_run(tx, SQL_batch_planned, in, NULL));
    TRY(job->decided(tx, job->context));
done:
    return fault;
}

enum fault intake_decide(struct intake *intake, db_job decided, void *context)
{
    struct decision_job job = {intake, decided, context};
    enum fault fault = db_write(intake->house.db, DB_FOREGROUND, decide_batch, &job);
    intake->decided = fault == FAULT_NONE;
    return fault;
}

static enum fault undo_batch(struct db_tx *tx, void *context)
{
    const struct undo *undo = context;
    enum fault fault;
    const struct value waiting[] = {[BIND_batch_waiting_forget_source] = value_int(undo->source),
                                    [BIND_batch_waiting_forget_sequence] = value_int(undo->sequence)};
    TRY(db_run(tx, SQL_batch_waiting_forget, waiting, NULL));
    const struct value in[] = {[BIND_batch_forget_source] = value_int(undo->source),
                               [BIND_batch_forget_sequence] = value_int(undo->sequence),
                               [BIND_batch_forget_state] = value_int(BATCH_PLANNING)};
    TRY(db_run(tx, SQL_batch_forget, in, NULL));
done:
    return fault;
}

enum fault intake_undo(const struct intake_house *house, enum source source, int64_t sequence)
{
    struct undo undo = {source, sequence, 0};
    enum fault fault;
    do {
        TRY(db_write(house->db, DB_BACKGROUND, undo_rows, &undo));
    } while (undo.changed > 0);
    TRY(db_write(house->db, DB_BACKGROUND, undo_batch, &undo));
done:
    return fault;
}

enum { OPEN_BATCHES_MAX = 64 };

struct open_batches {
    size_t count;
    struct {
        enum source source;
        int64_t sequence;
        enum batch_state state;
        int64_t applied;
    } batches[OPEN_BATCHES_MAX];
};

static enum fault list_open(struct db_tx *tx, void *context)
{
    struct open_batches *open = context;
    struct db_rows *rows = NULL;
    struct value out[GIVES_batch_open];
    enum fault fault;
    const struct value in[] = {[BIND_batch_open_applied_state] = value_int(BATCH_APPLIED)};
    TRY(db_query(tx, SQL_batch_open, in, &rows));
    while (open->count < OPEN_BATCHES_MAX && db_next(rows, out)) {
        open->batches[open->count].source = (enum source)out[GIVE_batch_open_source].number;
        open->batches[open->count].sequence = out[GIVE_batch_open_sequence].number;
        open->batches[open->count].state = (enum batch_state)out[GIVE_batch_open_state].number;
        open->batches[open->count].applied = out[GIVE_batch_open_applied].number;
        open->count++;
    }
    fault = db_rows_close(rows);
done:
    return fault;
}

struct order_job {
    const struct intake_house *house;
    const struct wrapped_key *feed_key;
    const struct batch_end *batch;
    struct plan_order order;
    struct buffer clear;
};

/* What a crash has left of a plan, opened far enough to know whose steps they are. */
static enum fault read_order(struct db_tx *tx, void *context)
{
    struct order_job *job = context;
    struct db_rows *rows = NULL;
    struct value out[GIVES_batch_plan_all];
    enum fault fault;
    const struct value in[] = {[BIND_batch_plan_all_source] = value_int(job->batch->source),
                               [BIND_batch_plan_all_sequence] = value_int(job->batch->sequence)};
    TRY(db_query(tx, SQL_batch_plan_all, in, &rows));
    while (db_next(rows, out)) {
        struct plan_step step = {.source = job->batch->source, .sequence = job->batch->sequence};
        int64_t row_number = out[GIVE_batch_plan_all_row_number].number;
        TRY(plan_unseal(job->house->vault, job->feed_key, out[GIVE_batch_plan_all_sealed].bytes, row_number,
                        &job->clear, &step));
        TRY(plan_order_add(&job->order, step.record.child, row_number));
    }
done:
    if (rows != NULL) {
        enum fault closed = db_rows_close(rows);
        if (fault == FAULT_NONE)
            fault = closed;
    }
    return fault;
}

static enum fault finish_plan(const struct intake_house *house, const struct batch_end *batch)
{
    struct wrapped_key feed_key;
    struct order_job job = {house, &feed_key, batch, {0}, buffer_open(CLEAR_BYTES_MAX)};
    const struct teller nobody = {NULL, NULL};
    enum fault fault;
    TRY(house_key_get(house->db, house->vault, STR("feed"), &feed_key));
    TRY(db_read(house->db, read_order, &job));
    TRY(apply_batch(house, &feed_key, batch, &job.order, &nobody));
done:
    buffer_close(&job.clear);
    plan_order_close(&job.order);
    return fault;
}

enum fault intake_recover(const struct intake_house *house, int64_t *ret_finished, int64_t *ret_undone)
{
    struct open_batches open = {0};
    int64_t finished = 0, undone = 0;
    enum fault fault;
    TRY(db_read(house->db, list_open, &open));
    for (size_t i = 0; i < open.count; i++) {
        const struct batch_end batch = {
            open.batches[i].source, open.batches[i].sequence, {0}, open.batches[i].applied};
        if (open.batches[i].state == BATCH_PLANNING) {
            TRY(intake_undo(house, batch.source, batch.sequence));
            undone++;
            continue;
        }
        TRY(open.batches[i].state == BATCH_CLEARING ? clear_plan(house, &batch) : finish_plan(house, &batch));
        finished++;
    }
    *ret_finished = finished;
    *ret_undone = undone;
done:
    return fault;
}
