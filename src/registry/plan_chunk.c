#include "registry/intake_struct.h"

enum { CHUNK_BYTES_MAX = PLAN_CHUNK_ROWS * 160 * 1024 };

enum fault plan_chunk_add(struct plan_chunk *chunk, int64_t row_number, const struct waiting_mark *mark,
                          struct bytes sealed)
{
    must(chunk->count < PLAN_CHUNK_ROWS);
    if (chunk->sealed.cap_bytes == 0)
        chunk->sealed = buffer_open(CHUNK_BYTES_MAX);
    size_t from = chunk->sealed.len;
    buffer_put_bytes(&chunk->sealed, sealed);
    if (buffer_fault(&chunk->sealed) != FAULT_NONE)
        return buffer_fault(&chunk->sealed);
    chunk->rows[chunk->count].row_number = row_number;
    chunk->rows[chunk->count].mark = *mark;
    chunk->rows[chunk->count].from = from;
    chunk->rows[chunk->count].len = sealed.len;
    chunk->count++;
    return FAULT_NONE;
}

void plan_chunk_clear(struct plan_chunk *chunk)
{
    buffer_clear(&chunk->sealed);
    chunk->count = 0;
}

void plan_chunk_close(struct plan_chunk *chunk)
{
    buffer_close(&chunk->sealed);
}

static void put_step(const struct plan_chunk *chunk, size_t i, struct bytes sealed, struct value *in)
{
    in[BIND_batch_plan_insert_source] = value_int(chunk->source);
    in[BIND_batch_plan_insert_sequence] = value_int(chunk->sequence);
    in[BIND_batch_plan_insert_row_number] = value_int(chunk->rows[i].row_number);
    in[BIND_batch_plan_insert_sealed] = value_bytes(sealed);
}

static struct value number_or_null(int64_t number)
{
    return number == 0 ? value_null() : value_int(number);
}

static void put_waiting(const struct plan_chunk *chunk, size_t i, struct bytes sealed, struct value *in)
{
    in[BIND_batch_waiting_insert_source] = value_int(chunk->source);
    in[BIND_batch_waiting_insert_sequence] = value_int(chunk->sequence);
    in[BIND_batch_waiting_insert_row_number] = value_int(chunk->rows[i].row_number);
    in[BIND_batch_waiting_insert_queue] = value_int(chunk->rows[i].mark.queue);
    in[BIND_batch_waiting_insert_reason] = value_int(chunk->rows[i].mark.reason);
    in[BIND_batch_waiting_insert_record] = number_or_null(chunk->rows[i].mark.record);
    in[BIND_batch_waiting_insert_follows] = number_or_null(chunk->rows[i].mark.follows);
    in[BIND_batch_waiting_insert_sealed] = value_bytes(sealed);
}

enum fault plan_chunk_write(struct db_tx *tx, void *context)
{
    const struct plan_chunk *chunk = context;
    struct value steps[PLAN_CHUNK_ROWS * BINDS_batch_plan_insert];
    struct value waiting[PLAN_CHUNK_ROWS * BINDS_batch_waiting_insert];
    size_t step_count = 0, waiting_count = 0;
    enum fault fault;
    for (size_t i = 0; i < chunk->count; i++) {
        struct bytes sealed = {buffer_bytes(&chunk->sealed).at + chunk->rows[i].from, chunk->rows[i].len};
        if (chunk->rows[i].mark.queue == 0)
            put_step(chunk, i, sealed, &steps[BINDS_batch_plan_insert * step_count++]);
        else
            put_waiting(chunk, i, sealed, &waiting[BINDS_batch_waiting_insert * waiting_count++]);
    }
    TRY(db_run_many(tx, SQL_batch_plan_insert, steps, step_count));
    TRY(db_run_many(tx, SQL_batch_waiting_insert, waiting, waiting_count));
done:
    return fault;
}
