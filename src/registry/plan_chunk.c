#include "registry/intake_struct.h"

enum { CHUNK_BYTES_MAX = PLAN_CHUNK_ROWS * 160 * 1024 };

enum fault plan_chunk_add(struct plan_chunk *chunk, int64_t row_number, enum waiting_queue queue,
                          enum row_problem reason, struct bytes sealed)
{
    must(chunk->count < PLAN_CHUNK_ROWS);
    if (chunk->sealed.cap_bytes == 0)
        chunk->sealed = buffer_open(CHUNK_BYTES_MAX);
    size_t from = chunk->sealed.len;
    buffer_put_bytes(&chunk->sealed, sealed);
    if (buffer_fault(&chunk->sealed) != FAULT_NONE)
        return buffer_fault(&chunk->sealed);
    chunk->rows[chunk->count].row_number = row_number;
    chunk->rows[chunk->count].queue = (uint8_t)queue;
    chunk->rows[chunk->count].reason = (uint8_t)reason;
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

static enum fault write_step(struct db_tx *tx, const struct plan_chunk *chunk, size_t i, struct bytes sealed)
{
    const struct value in[] = {[BIND_batch_plan_insert_source] = value_int(chunk->source),
                               [BIND_batch_plan_insert_sequence] = value_int(chunk->sequence),
                               [BIND_batch_plan_insert_row_number] = value_int(chunk->rows[i].row_number),
                               [BIND_batch_plan_insert_sealed] = value_bytes(sealed)};
    return db_run(tx, SQL_batch_plan_insert, in, NULL);
}

static enum fault write_waiting(struct db_tx *tx, const struct plan_chunk *chunk, size_t i,
                                struct bytes sealed)
{
    const struct value in[] = {[BIND_batch_waiting_insert_source] = value_int(chunk->source),
                               [BIND_batch_waiting_insert_sequence] = value_int(chunk->sequence),
                               [BIND_batch_waiting_insert_row_number] = value_int(chunk->rows[i].row_number),
                               [BIND_batch_waiting_insert_queue] = value_int(chunk->rows[i].queue),
                               [BIND_batch_waiting_insert_reason] = value_int(chunk->rows[i].reason),
                               [BIND_batch_waiting_insert_sealed] = value_bytes(sealed)};
    return db_run(tx, SQL_batch_waiting_insert, in, NULL);
}

enum fault plan_chunk_write(struct db_tx *tx, void *context)
{
    const struct plan_chunk *chunk = context;
    enum fault fault = FAULT_NONE;
    for (size_t i = 0; i < chunk->count; i++) {
        struct bytes sealed = {buffer_bytes(&chunk->sealed).at + chunk->rows[i].from, chunk->rows[i].len};
        TRY(chunk->rows[i].queue == 0 ? write_step(tx, chunk, i, sealed)
                                      : write_waiting(tx, chunk, i, sealed));
    }
done:
    return fault;
}
