/* COPY, for feeds and rebuilds: rows by the thousand without a message each way for every one.  It cannot
 * stand in a pipeline, so that one is left and entered again. */
#include "store/postgres.h"

#include <poll.h>
#include <string.h>

enum {
    COPY_TEXT_BYTES_MAX = 16384,
    COPY_CHUNK_BYTES = 65536,
    COPY_CHUNK_BYTES_MAX = 64 << 20, /* a chunk and the row that filled it */
};

static bool no_memory(struct wire *wire)
{
    postgres_fail(wire, (struct failure){SETBACK_FAULT, FAULT_MEMORY,
                                         "there is no memory left for rows of the database"});
    return false;
}

static void put_pieces(struct buffer *text, enum statement statement, const struct value *in)
{
    const struct sql_statement *packed = &sql_statements[statement];
    for (size_t i = 0; i < packed->copy_piece_count; i++) {
        buffer_put(text, str_of(packed->copy_pieces[i].text));
        if (i + 1 == packed->copy_piece_count)
            break;
        const struct value *value = &in[packed->copy_pieces[i].bind];
        must(value->kind == VALUE_INT || value->kind == VALUE_BYTES);
        if (value->kind == VALUE_INT)
            buffer_put_int(text, value->number);
        else
            buffer_put_hex(text, value->bytes);
    }
}

/* The text of a bulk read: the pieces, and between them what they ask for, which cannot break out of them:
 * digits. A read of a whole table goes through it from end to end; what writes may not, as postgres_session.c
 * says. */
static bool run_pieces(struct wire *wire, enum statement statement, const struct value *in, bool reads)
{
    PGresult *result = NULL;
    struct buffer text = buffer_open(COPY_TEXT_BYTES_MAX);
    if (reads)
        buffer_put(&text, STR("SET LOCAL enable_seqscan = on; "));
    put_pieces(&text, statement, in);
    if (reads)
        buffer_put(&text, STR("; SET LOCAL enable_seqscan = off"));
    buffer_put_char(&text, '\0');
    bool ok = buffer_fault(&text) == FAULT_NONE ? postgres_run_text(wire, text.at, &result) : no_memory(wire);
    must(!ok || (PQresultStatus(result) == PGRES_COPY_OUT && PQbinaryTuples(result) == 1));
    PQclear(result);
    buffer_close(&text);
    return ok;
}

bool copy_out_begin(struct wire *wire, enum statement statement, const struct value *in, bool reads)
{
    if (!postgres_leave_pipeline(wire))
        return false;
    bool ok = run_pieces(wire, statement, in, reads);
    if (!ok && !wire->lost)
        postgres_enter_pipeline(wire);
    return ok;
}

/* What the server says at the end of COPY. */
static bool end_copy(struct wire *wire)
{
    PGresult *result = NULL;
    while (postgres_next_result(wire, &result) && result != NULL) {
        if (PQresultStatus(result) != PGRES_COMMAND_OK)
            postgres_fail(wire, failure_of_result(result));
        PQclear(result);
        if (wire->lost)
            break;
    }
    if (!wire->lost)
        postgres_enter_pipeline(wire);
    return wire->failure.setback == SETBACK_NONE;
}

bool copy_out_next(struct wire *wire, char **ret_message, size_t *ret_len)
{
    char *message = NULL;
    int len;
    while ((len = PQgetCopyData(wire->pq, &message, 1)) == 0) {
        if (!postgres_wait(wire, POLLIN))
            return false;
    }
    *ret_message = NULL;
    *ret_len = 0;
    if (len < 0)
        return end_copy(wire);
    *ret_message = message;
    *ret_len = (size_t)len;
    return true;
}

static void put_value(struct buffer *chunk, const struct value *value)
{
    if (value->kind == VALUE_NULL) {
        buffer_put_u32(chunk, UINT32_MAX);
    } else if (value->kind == VALUE_INT) {
        buffer_put_u32(chunk, 8);
        buffer_put_u64(chunk, (uint64_t)value->number);
    } else {
        buffer_put_field(chunk, value->bytes);
    }
}

static void put_tuple(struct buffer *chunk, const struct sql_statement *packed, const struct value *in)
{
    buffer_put_u16(chunk, (uint16_t)packed->copy_column_count);
    for (size_t i = 0; i < packed->copy_column_count; i++) {
        const struct sql_copy_column *column = &packed->copy_columns[i];
        switch (column->source) {
        case COPY_BIND:
            put_value(chunk, &in[column->bind]);
            break;
        case COPY_INT:
            put_value(chunk, &(struct value){.kind = VALUE_INT, .number = column->number});
            break;
        case COPY_NULL:
            put_value(chunk, &(struct value){.kind = VALUE_NULL});
            break;
        }
    }
}

static bool send_chunk(struct wire *wire, struct buffer *chunk)
{
    if (buffer_fault(chunk) != FAULT_NONE)
        return no_memory(wire);
    int taken;
    while ((taken = PQputCopyData(wire->pq, chunk->at, (int)chunk->len)) == 0) {
        if (!postgres_wait(wire, POLLIN | POLLOUT))
            return false;
    }
    chunk->len = 0;
    /* All of it, so that libpq's buffer stays small. */
    return taken == 1 ? postgres_flush(wire) : postgres_lose(wire);
}

static bool send_tuples(struct wire *wire, enum statement statement, const struct value *in, size_t count)
{
    static const char header[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0"; /* and the terminating zero: 19 bytes */
    const struct sql_statement *packed = &sql_statements[statement];
    struct buffer chunk = buffer_open(COPY_CHUNK_BYTES_MAX);
    bool ok = true;
    buffer_put_bytes(&chunk, (struct bytes){(const uint8_t *)header, sizeof header});
    for (size_t i = 0; i < count && ok; i++) {
        put_tuple(&chunk, packed, in + i * packed->bind_count);
        if (chunk.len >= COPY_CHUNK_BYTES)
            ok = send_chunk(wire, &chunk);
    }
    buffer_put_u16(&chunk, UINT16_MAX);
    ok = ok && send_chunk(wire, &chunk);
    buffer_close(&chunk);
    return ok;
}

bool copy_in(struct wire *wire, enum statement statement, const struct value *in, size_t count)
{
    PGresult *result = NULL;
    if (!postgres_leave_pipeline(wire))
        return false;
    bool ok = postgres_run_text(wire, sql_statements[statement].copy_in, &result);
    must(!ok || PQresultStatus(result) == PGRES_COPY_IN);
    PQclear(result);
    if (!ok) {
        if (!wire->lost)
            postgres_enter_pipeline(wire);
        return false;
    }
    bool sent = send_tuples(wire, statement, in, count);
    if (wire->lost)
        return false;
    int ended;
    while ((ended = PQputCopyEnd(wire->pq, sent ? NULL : "not all rows could be sent")) == 0) {
        if (!postgres_wait(wire, POLLIN | POLLOUT))
            return false;
    }
    if (ended != 1)
        return postgres_lose(wire);
    return postgres_flush(wire) && end_copy(wire);
}
