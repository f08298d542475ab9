/* Rows of a statement, one after the other, as they come.  A connection can be in the middle of one statement
 * only: when its transaction asks something else, the rest is moved into memory first. */
#include "store/postgres.h"

#include <string.h>

static void end(struct postgres_rows *rows, enum fault fault)
{
    rows->state = ROWS_ENDED;
    rows->fault = fault;
    rows->note = fault_last_note();
    if (rows->tx->wire->streaming == rows)
        rows->tx->wire->streaming = NULL;
}

/* The next row of a statement from the socket; NULL at its end. */
static bool step(struct wire *wire, PGresult **ret_row)
{
    PGresult *result = NULL;
    PGresult *nothing = NULL;
    if (!postgres_next_result(wire, &result))
        return false;
    if (result == NULL)
        return postgres_lose(wire);
    if (PQresultStatus(result) == PGRES_SINGLE_TUPLE) {
        *ret_row = result;
        return true;
    }
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        postgres_fail(wire, failure_of_result(result));
    PQclear(result);
    if (wire->lost || !postgres_next_result(wire, &nothing))
        return false;
    if (nothing != NULL) {
        PQclear(nothing);
        return postgres_lose(wire);
    }
    postgres_end_answer(wire);
    *ret_row = NULL;
    return wire->failure.setback == SETBACK_NONE;
}

static const uint8_t copy_header[] = {'P', 'G', 'C', 'O', 'P', 'Y', '\n', 0xff, '\r', '\n', 0};
enum { COPY_FLAGS_BYTES = 8, COPY_TRAILER_BYTES = 2 };

/* The tuples in a message of COPY, without the header before the first and the trailer behind the last. */
static enum fault tuples_of(struct postgres_rows *rows, struct bytes *message)
{
    const size_t header_bytes = sizeof copy_header + COPY_FLAGS_BYTES;
    if (!rows->header_seen) {
        if (message->len < header_bytes || memcmp(message->at, copy_header, sizeof copy_header) != 0)
            return fault_note(FAULT_SCHEMA,
                              "the database answers COPY in a form of its own: its engine is of no use");
        *message = (struct bytes){message->at + header_bytes, message->len - header_bytes};
        rows->header_seen = true;
    }
    if (message->len == COPY_TRAILER_BYTES && message->at[0] == 0xff && message->at[1] == 0xff)
        message->len = 0;
    return FAULT_NONE;
}

/* The next row, or tuples, from the socket; ends the rows where there is none. */
static void fetch(struct postgres_rows *rows, PGresult **ret_row, char **ret_message,
                  struct bytes *ret_tuples)
{
    struct wire *wire = rows->tx->wire;
    size_t len = 0;
    enum fault fault = FAULT_NONE;
    if (rows->state == ROWS_STREAM && !step(wire, ret_row))
        fault = tx_failed(rows->tx);
    if (rows->state == ROWS_COPY) {
        if (!copy_out_next(wire, ret_message, &len))
            fault = tx_failed(rows->tx);
        *ret_tuples = (struct bytes){(const uint8_t *)*ret_message, len};
        if (fault == FAULT_NONE && *ret_message != NULL)
            fault = tuples_of(rows, ret_tuples);
    }
    if (fault != FAULT_NONE || (*ret_row == NULL && *ret_message == NULL))
        end(rows, fault);
}

/* Throws away what still comes, so that the connection can be asked something else. */
static void skip_rest(struct postgres_rows *rows)
{
    while (rows->state == ROWS_STREAM || rows->state == ROWS_COPY) {
        PGresult *row = NULL;
        char *message = NULL;
        struct bytes tuples;
        fetch(rows, &row, &message, &tuples);
        PQclear(row);
        PQfreemem(message);
    }
}

static void keep_rest(struct postgres_rows *rows)
{
    rows->kept = buffer_open(POSTGRES_DRAIN_BYTES_MAX);
    if (rows->next != NULL)
        tuple_put(&rows->kept, rows->next);
    PQclear(rows->next);
    rows->next = NULL;
    buffer_put_bytes(&rows->kept, rows->rest);
    while (rows->state == ROWS_STREAM || rows->state == ROWS_COPY) {
        PGresult *row = NULL;
        char *message = NULL;
        struct bytes tuples = {.at = NULL};
        fetch(rows, &row, &message, &tuples);
        if (row != NULL)
            tuple_put(&rows->kept, row);
        else if (message != NULL)
            buffer_put_bytes(&rows->kept, tuples);
        PQclear(row);
        PQfreemem(message);
    }
    if (rows->fault == FAULT_NONE && buffer_fault(&rows->kept) != FAULT_NONE)
        rows->fault = fault_note(FAULT_MEMORY, "too many rows stand open while another statement runs");
    rows->note = fault_last_note();
    /* Of what did not fit the last row may be half there. */
    rows->rest =
        buffer_fault(&rows->kept) == FAULT_NONE ? buffer_bytes(&rows->kept) : (struct bytes){NULL, 0};
    rows->state = ROWS_KEPT;
}

void rows_move_away(struct wire *wire)
{
    if (wire->streaming != NULL)
        keep_rest(wire->streaming);
}

static bool begin(struct postgres_rows *rows, const struct value *in)
{
    struct wire *wire = rows->tx->wire;
    if (sql_statements[rows->statement].copy_pieces != NULL) {
        rows->state = ROWS_COPY;
        if (!copy_out_begin(wire, rows->statement, in, rows->tx->reads))
            return false;
    } else {
        rows->state = ROWS_STREAM;
        if (!postgres_send(wire, rows->statement, in, AWAIT_ANSWER) || !postgres_reach_answer(wire))
            return false;
        must(PQsetSingleRowMode(wire->pq) == 1);
    }
    wire->streaming = rows;
    return true;
}

static void read_first(struct postgres_rows *rows)
{
    fetch(rows, &rows->next, &rows->message, &rows->rest);
}

static void forget(struct postgres_rows *rows)
{
    PQclear(rows->given);
    PQclear(rows->next);
    PQfreemem(rows->message);
    buffer_close(&rows->kept);
    rows->given = NULL;
    rows->next = NULL;
    rows->message = NULL;
    rows->rest.len = 0;
}

enum fault rows_open(struct db_tx *base, enum statement statement, const struct value *in,
                     struct db_rows **ret_rows)
{
    struct postgres_tx *tx = (struct postgres_tx *)base;
    struct postgres_rows *rows = &tx->wire->rows[statement];
    must(!rows->open && sql_statements[statement].give_count > 0);
    bool ok;
    do {
        enum fault fault = tx_ready(tx);
        if (fault != FAULT_NONE)
            return fault;
        *rows =
            (struct postgres_rows){.base = {.driver = &postgres_driver}, .tx = tx, .statement = statement};
        ok = begin(rows, in);
        if (ok)
            read_first(rows);
        ok = ok && rows->fault == FAULT_NONE;
        if (!ok)
            forget(rows);
    } while (!ok && tx_again(tx));
    if (!ok)
        return rows->fault != FAULT_NONE ? fault_note(rows->fault, rows->note) : tx_failed(tx);
    tx->delivered = true;
    tx->open_rows++;
    rows->open = true;
    *ret_rows = &rows->base;
    return FAULT_NONE;
}

static enum fault give_streamed(struct postgres_rows *rows, struct value *out)
{
    PQclear(rows->given);
    rows->given = NULL;
    if (rows->next == NULL)
        fetch(rows, &rows->next, &rows->message, &rows->rest);
    if (rows->state == ROWS_ENDED)
        return FAULT_NONE;
    rows->given = rows->next;
    rows->next = NULL;
    return row_of_result(rows->given, rows->statement, out);
}

static enum fault give_tuple(struct postgres_rows *rows, struct value *out)
{
    PGresult *row = NULL;
    while (rows->rest.len == 0 && rows->state == ROWS_COPY) {
        PQfreemem(rows->message);
        rows->message = NULL;
        fetch(rows, &row, &rows->message, &rows->rest);
    }
    if (rows->state == ROWS_KEPT && rows->rest.len == 0)
        rows->state = ROWS_ENDED;
    if (rows->state == ROWS_ENDED)
        return FAULT_NONE;
    return row_of_tuple(&rows->rest, rows->statement, out);
}

bool rows_next(struct db_rows *base, struct value *out)
{
    struct postgres_rows *rows = (struct postgres_rows *)base;
    must(rows->open);
    if (rows->state == ROWS_ENDED)
        return false;
    enum fault fault = rows->state == ROWS_STREAM ? give_streamed(rows, out) : give_tuple(rows, out);
    if (fault == FAULT_NONE)
        return rows->state != ROWS_ENDED;
    const char *note = fault_last_note();
    skip_rest(rows);
    rows->state = ROWS_ENDED;
    rows->fault = fault;
    rows->note = note;
    return false;
}

enum fault rows_close(struct db_rows *base)
{
    struct postgres_rows *rows = (struct postgres_rows *)base;
    must(rows->open);
    const enum fault fault = rows->fault;
    const char *note = rows->note;
    skip_rest(rows);
    forget(rows);
    rows->open = false;
    rows->tx->open_rows--;
    return fault == FAULT_NONE ? FAULT_NONE : fault_note(fault, note);
}
