/* Undoing a batch that was never decided, and finishing or undoing what a crash has left. */
#include "registry/intake_struct.h"
#include "registry/plan.h"
#include "store/house_key.h"

enum { UNDO_ROWS = 256, OPEN_BATCHES_MAX = 64, CLEAR_BYTES_MAX = 64 * 1024, ARENA_BYTES = 16 * 1024 };

struct undo {
    enum source source;
    int64_t sequence;
    int64_t changed;
};

/* Whether it was decided may be unknown where the database went away in the middle: a promise is kept. */
static enum fault check_undecided(struct db_tx *tx, void *context)
{
    const struct undo *undo = context;
    struct arena *arena = NULL;
    struct value out[GIVES_batch_get];
    enum fault fault;
    const struct value in[] = {[BIND_batch_get_source] = value_int(undo->source),
                               [BIND_batch_get_sequence] = value_int(undo->sequence)};
    TRY(arena_open(ARENA_BYTES, &arena));
    fault = db_one(tx, SQL_batch_get, in, arena, out);
    if (fault == FAULT_NONE && out[GIVE_batch_get_state].number != BATCH_PLANNING)
        fault = FAULT_CONFLICT;
    if (fault == FAULT_ABSENT)
        fault = FAULT_NONE;
done:
    arena_close(arena);
    return fault;
}

static enum fault undo_rows(struct db_tx *tx, void *context)
{
    struct undo *undo = context;
    const struct value in[] = {[BIND_batch_plan_done_source] = value_int(undo->source),
                               [BIND_batch_plan_done_sequence] = value_int(undo->sequence),
                               [BIND_batch_plan_done_most] = value_int(UNDO_ROWS)};
    return db_run(tx, SQL_batch_plan_done, in, &undo->changed);
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
    TRY(intake_write(house, DB_BACKGROUND, check_undecided, &undo));
    do {
        TRY(intake_write(house, DB_BACKGROUND, undo_rows, &undo));
    } while (undo.changed > 0);
    TRY(intake_write(house, DB_BACKGROUND, undo_batch, &undo));
done:
    return fault;
}

struct open_batches {
    size_t count;
    struct {
        struct batch batch;
        enum batch_state state;
    } at[OPEN_BATCHES_MAX];
};

static enum fault list_open(struct db_tx *tx, void *context)
{
    struct open_batches *open = context;
    struct db_rows *rows = NULL;
    struct value out[GIVES_batch_open];
    enum fault fault;
    const struct value in[] = {[BIND_batch_open_applied_state] = value_int(BATCH_APPLIED)};
    open->count = 0;
    TRY(db_query(tx, SQL_batch_open, in, &rows));
    while (open->count < OPEN_BATCHES_MAX && db_next(rows, out)) {
        open->at[open->count].batch =
            (struct batch){(enum source)out[GIVE_batch_open_source].number,
                           out[GIVE_batch_open_sequence].number, out[GIVE_batch_open_applied].number};
        open->at[open->count].state = (enum batch_state)out[GIVE_batch_open_state].number;
        open->count++;
    }
    fault = db_rows_close(rows);
done:
    return fault;
}

struct order_job {
    const struct intake_house *house;
    const struct wrapped_key *feed_key;
    const struct batch *batch;
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
    job->order.count = 0;
    TRY(db_query(tx, SQL_batch_plan_all, in, &rows));
    while (db_next(rows, out)) {
        struct plan_step step = {.source = job->batch->source, .sequence = job->batch->sequence};
        int64_t row_number = out[GIVE_batch_plan_all_row_number].number;
        TRY(plan_unseal(job->house->vault, job->feed_key, out[GIVE_batch_plan_all_sealed].bytes, row_number,
                        &job->clear, &step));
        TRY(plan_order_add(&job->order, step.record.child, row_number));
    }
done:
    fault = db_rows_end(rows, fault);
    return fault;
}

static enum fault finish_plan(const struct intake_house *house, const struct batch *batch)
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
    struct open_batches open;
    int64_t finished = 0, undone = 0;
    enum fault fault;
    TRY(db_read(house->db, list_open, &open));
    for (size_t i = 0; i < open.count; i++) {
        const struct batch *batch = &open.at[i].batch;
        if (open.at[i].state == BATCH_PLANNING) {
            TRY(intake_undo(house, batch->source, batch->sequence));
            undone++;
            continue;
        }
        TRY(open.at[i].state == BATCH_CLEARING ? apply_clear(house, batch) : finish_plan(house, batch));
        finished++;
    }
    *ret_finished = finished;
    *ret_undone = undone;
done:
    return fault;
}

enum fault intake_is_left(struct db *db, bool *ret_left)
{
    struct open_batches open;
    enum fault fault = db_read(db, list_open, &open);
    if (fault == FAULT_NONE)
        *ret_left = open.count > 0;
    return fault;
}
