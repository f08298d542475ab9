/* Running a packed statement in a transaction: what fails, what may be asked again. */
#include "store/postgres.h"

#include <stdlib.h>
#include <string.h>

/* Below it pipelined inserts are the faster: COPY waits for the server twice more, and takes half as long for
 * a row. */
enum { COPY_ROWS_LEAST = 32 };

enum fault tx_ready(struct postgres_tx *tx)
{
    struct wire *wire = tx->wire;
    if (wire->failure.setback != SETBACK_NONE)
        return postgres_fault(wire);
    rows_move_away(wire);
    if (!tx->begun && postgres_send_own(wire, OWN_BEGIN_READ, AWAIT_RUN))
        tx->begun = true;
    return FAULT_NONE; /* what else went wrong is found when something is sent */
}

enum fault tx_failed(struct postgres_tx *tx)
{
    struct wire *wire = tx->wire;
    const struct failure failure = wire->failure;
    must(failure.setback != SETBACK_NONE);
    /* Case 71: where a page is damaged only what stands on it is refused.  PostgreSQL gives up the
     * transaction all the same, so what a reader asks next stands on a new snapshot. */
    if (tx->reads && failure.fault == FAULT_CORRUPT && !wire->lost) {
        postgres_roll_back(wire);
        tx->begun = false;
        if (!wire->lost)
            wire->failure = (struct failure){.setback = SETBACK_NONE};
    }
    return fault_note(failure.fault, failure.note);
}

bool tx_again(struct postgres_tx *tx)
{
    struct wire *wire = tx->wire;
    if (!tx->reads || tx->delivered || !wire->lost || clock_monotonic_us() >= tx->until_us)
        return false;
    wire_close(wire);
    wire->failure = (struct failure){.setback = SETBACK_NONE};
    tx->begun = false;
    enum fault fault = postgres_ready(wire, tx->until_us);
    if (fault != FAULT_NONE)
        postgres_fail(wire, (struct failure){SETBACK_LOST, fault, fault_last_note()});
    return fault == FAULT_NONE;
}

static bool ask_answer(struct wire *wire, enum statement statement, const struct value *in,
                       PGresult **ret_result)
{
    return postgres_send(wire, statement, in, AWAIT_ANSWER) && postgres_take_answer(wire, ret_result);
}

/* One statement and its whole answer, which is the caller's to clear. */
static enum fault answer_of(struct postgres_tx *tx, enum statement statement, const struct value *in,
                            PGresult **ret_result)
{
    bool ok;
    do {
        enum fault fault = tx_ready(tx);
        if (fault != FAULT_NONE)
            return fault;
        ok = ask_answer(tx->wire, statement, in, ret_result);
    } while (!ok && tx_again(tx));
    if (!ok)
        return tx_failed(tx);
    tx->delivered = true;
    return FAULT_NONE;
}

enum fault tx_run(struct db_tx *base, enum statement statement, const struct value *in, int64_t *ret_changes)
{
    struct postgres_tx *tx = (struct postgres_tx *)base;
    PGresult *result = NULL;
    enum fault fault;
    must(!tx->reads && sql_statements[statement].give_count == 0);
    if (ret_changes == NULL) {
        fault = tx_ready(tx);
        if (fault != FAULT_NONE)
            return fault;
        return postgres_send(tx->wire, statement, in, AWAIT_RUN) ? FAULT_NONE : tx_failed(tx);
    }
    fault = answer_of(tx, statement, in, &result);
    if (fault == FAULT_NONE)
        *ret_changes = strtoll(PQcmdTuples(result), NULL, 10);
    PQclear(result);
    return fault;
}

enum fault tx_run_many(struct db_tx *base, enum statement statement, const struct value *in, size_t count)
{
    struct postgres_tx *tx = (struct postgres_tx *)base;
    const struct sql_statement *packed = &sql_statements[statement];
    enum fault fault;
    must(!tx->reads && packed->give_count == 0);
    fault = tx_ready(tx);
    if (fault != FAULT_NONE)
        return fault;
    bool ok = true;
    if (packed->copy_in != NULL && count >= COPY_ROWS_LEAST) {
        ok = copy_in(tx->wire, statement, in, count);
    } else {
        for (size_t i = 0; i < count && ok; i++)
            ok = postgres_send(tx->wire, statement, in + i * packed->bind_count, AWAIT_RUN);
    }
    return ok ? FAULT_NONE : tx_failed(tx);
}

/* Moves a row's borrowed bytes into the arena. */
static enum fault keep_row(struct arena *arena, enum statement statement, struct value *row)
{
    for (size_t i = 0; i < sql_statements[statement].give_count; i++) {
        struct str copy;
        if (row[i].kind != VALUE_BYTES && row[i].kind != VALUE_TEXT)
            continue;
        enum fault fault = arena_copy(arena, str_of_bytes(row[i].bytes), &copy);
        if (fault != FAULT_NONE)
            return fault;
        row[i].bytes = bytes_of(copy);
    }
    return FAULT_NONE;
}

enum fault tx_one(struct db_tx *base, enum statement statement, const struct value *in, struct arena *arena,
                  struct value *out)
{
    const size_t give_count = sql_statements[statement].give_count;
    struct value row[POSTGRES_COLUMNS_MAX];
    PGresult *result = NULL;
    enum fault fault;
    must(give_count > 0 && give_count <= POSTGRES_COLUMNS_MAX);
    TRY(answer_of((struct postgres_tx *)base, statement, in, &result));
    if (PQntuples(result) == 0) {
        fault = FAULT_ABSENT;
        goto done;
    }
    must(PQntuples(result) == 1); /* at most one row */
    TRY(row_of_result(result, statement, row));
    TRY(keep_row(arena, statement, row));
    memcpy(out, row, give_count * sizeof row[0]);
done:
    PQclear(result);
    return fault;
}
