/* One connection's pipeline: what is sent, what is awaited, and waiting itself. */
#include "store/postgres.h"

#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>

static bool loses(struct failure failure)
{
    return failure.setback == SETBACK_LOST || failure.setback == SETBACK_ENDED;
}

void postgres_fail(struct wire *wire, struct failure failure)
{
    if (loses(failure))
        wire->lost = true;
    if (wire->failure.setback == SETBACK_NONE)
        wire->failure = failure;
}

bool postgres_lose(struct wire *wire)
{
    postgres_fail(wire, failure_of_code("08000"));
    return false;
}

enum fault postgres_fault(const struct wire *wire)
{
    return wire->failure.setback == SETBACK_NONE ? FAULT_NONE
                                                 : fault_note(wire->failure.fault, wire->failure.note);
}

bool postgres_wait(struct wire *wire, short events)
{
    const struct failure silent = {SETBACK_LOST, FAULT_BUSY,
                                   "the database does not answer: see whether its machine is well"};
    int64_t now_us = clock_monotonic_us();
    int64_t until_us = wire->wait_until_us;
    wire->wait_until_us = 0;
    /* A caller who waited long for a connection waits the less for its first answer, but never too little for
     * a server that is well. */
    const int64_t whole_us = wire->db->patience_us;
    if (until_us == 0 || until_us < now_us + whole_us / 10)
        until_us = now_us + (until_us == 0 ? whole_us : whole_us / 10);
    struct pollfd file = {.fd = PQsocket(wire->pq), .events = events};
    for (;;) {
        int64_t left_us = until_us - now_us;
        int ready = left_us <= 0 ? 0 : poll(&file, 1, (int)(left_us / 1000) + 1);
        if (ready > 0 && (file.revents & (POLLIN | POLLHUP | POLLERR)) != 0 && PQconsumeInput(wire->pq) != 1)
            return postgres_lose(wire);
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return postgres_lose(wire);
        if (ready == 0) {
            postgres_fail(wire, silent);
            return false;
        }
        now_us = clock_monotonic_us();
    }
}

bool postgres_flush(struct wire *wire)
{
    int left;
    /* What comes back meanwhile is read, so that both sides go on. */
    while ((left = PQflush(wire->pq)) == 1) {
        if (!postgres_wait(wire, POLLIN | POLLOUT))
            return false;
    }
    return left == 0 || postgres_lose(wire);
}

void postgres_await(struct wire *wire, enum awaited_kind kind, enum statement statement)
{
    must(wire->awaited_count < POSTGRES_AWAITED_MAX);
    unsigned last = (wire->awaited_first + wire->awaited_count++) % POSTGRES_AWAITED_MAX;
    wire->awaited[last] = (struct awaited){.kind = kind, .statement = statement};
    wire->unasked = kind != AWAIT_SYNC;
}

bool postgres_ask(struct wire *wire)
{
    if (wire->unasked) {
        /* A Sync rather than a Flush: between Syncs the server does not count a transaction as idle, and
         * would not end one whose program hangs and holds rows. */
        if (PQpipelineSync(wire->pq) != 1)
            return postgres_lose(wire);
        postgres_await(wire, AWAIT_SYNC, SQL_NONE);
    }
    return postgres_flush(wire);
}

bool postgres_next_result(struct wire *wire, PGresult **ret_result)
{
    while (PQisBusy(wire->pq)) {
        if (!postgres_wait(wire, POLLIN))
            return false;
    }
    *ret_result = PQgetResult(wire->pq);
    return true;
}

static void read_failure(struct wire *wire, enum awaited_kind kind, const PGresult *result)
{
    struct failure failure = failure_of_result(result);
    if (PQstatus(wire->pq) == CONNECTION_BAD && !loses(failure))
        failure = failure_of_code("08000");
    if (kind != AWAIT_END || loses(failure))
        postgres_fail(wire, failure);
}

/* What a result says to whoever awaited it. */
static void read_result(struct wire *wire, const struct awaited *awaited, PGresult *result)
{
    static const struct failure fenced = {
        SETBACK_FAULT, FAULT_FENCED,
        "another server has ended this one, which was late to renew its lease: start it again"};
    const ExecStatusType status = PQresultStatus(result);
    if (awaited->kind == AWAIT_PREPARE && status != PGRES_COMMAND_OK)
        wire->prepared[awaited->statement] = false;
    switch (status) {
    case PGRES_COMMAND_OK:
        if (awaited->kind == AWAIT_LANE) {
            wire->lane_seen = true;
            if (strcmp(PQcmdTuples(result), "1") != 0)
                postgres_fail(wire, fenced);
        }
        if (awaited->kind == AWAIT_COMMIT && strcmp(PQcmdStatus(result), "COMMIT") == 0)
            wire->committed = true;
        break;
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE:
    case PGRES_PIPELINE_SYNC:
    case PGRES_PIPELINE_ABORTED: /* after a failure, which has been read */
        break;
    default:
        read_failure(wire, awaited->kind, result);
    }
    if (awaited->kind == AWAIT_COMMIT && !wire->lost)
        wire->unknown = false;
}

/* Takes what is awaited first; *ret_result may be NULL where nobody wants it.  False where the connection is
 * lost; a failure of the statement is only kept. */
static bool take(struct wire *wire, PGresult **ret_result)
{
    must(wire->awaited_count > 0);
    const struct awaited awaited = wire->awaited[wire->awaited_first];
    PGresult *result = NULL;
    PGresult *end = NULL;
    if (!postgres_next_result(wire, &result))
        return false;
    if (result == NULL)
        return postgres_lose(wire);
    read_result(wire, &awaited, result);
    bool ok = awaited.kind == AWAIT_SYNC || postgres_next_result(wire, &end);
    if (ok && end != NULL) {
        PQclear(end);
        ok = postgres_lose(wire);
    }
    wire->awaited_first = (wire->awaited_first + 1) % POSTGRES_AWAITED_MAX;
    wire->awaited_count--;
    ok = ok && !wire->lost;
    if (ok && ret_result != NULL)
        *ret_result = result;
    else
        PQclear(result);
    return ok;
}

bool postgres_take_all(struct wire *wire)
{
    bool ok = postgres_ask(wire);
    while (ok && wire->awaited_count > 0)
        ok = take(wire, NULL);
    return ok && wire->failure.setback == SETBACK_NONE;
}

bool postgres_reach_answer(struct wire *wire)
{
    bool ok = postgres_ask(wire);
    while (ok && wire->awaited[wire->awaited_first].kind != AWAIT_ANSWER)
        ok = take(wire, NULL);
    return ok && wire->failure.setback == SETBACK_NONE;
}

bool postgres_take_answer(struct wire *wire, PGresult **ret_result)
{
    PGresult *result = NULL;
    if (!postgres_reach_answer(wire) || !take(wire, &result))
        return false;
    if (wire->failure.setback == SETBACK_NONE)
        *ret_result = result;
    else
        PQclear(result);
    return wire->failure.setback == SETBACK_NONE;
}

void postgres_end_answer(struct wire *wire)
{
    must(wire->awaited[wire->awaited_first].kind == AWAIT_ANSWER);
    wire->awaited_first = (wire->awaited_first + 1) % POSTGRES_AWAITED_MAX;
    wire->awaited_count--;
}

/* Room for a statement, its preparation and a Sync. */
static bool make_room(struct wire *wire)
{
    bool ok = !wire->lost;
    if (ok && wire->awaited_count + 4 > POSTGRES_AWAITED_MAX) {
        ok = postgres_ask(wire);
        while (ok && wire->awaited_count > POSTGRES_AWAITED_MAX / 2)
            ok = take(wire, NULL);
    }
    return ok && wire->failure.setback == SETBACK_NONE;
}

static const struct {
    const char *name;
    const char *text;
} own_statements[] = {
    [OWN_BEGIN_WRITE] = {"begin write", "BEGIN ISOLATION LEVEL SERIALIZABLE"},
    [OWN_BEGIN_READ] = {"begin read", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"},
    [OWN_BEGIN_PLAIN] = {"begin plain", "BEGIN ISOLATION LEVEL READ COMMITTED"},
    [OWN_COMMIT] = {"commit", "COMMIT"},
    [OWN_ROLLBACK] = {"rollback", "ROLLBACK"},
};

bool postgres_prepare_own(struct wire *wire)
{
    for (size_t i = 0; i < OWN_END; i++) {
        if (PQsendPrepare(wire->pq, own_statements[i].name, own_statements[i].text, 0, NULL) != 1)
            return postgres_lose(wire);
        postgres_await(wire, AWAIT_PREPARE, SQL_NONE);
    }
    return true;
}

bool postgres_send_own(struct wire *wire, enum own own, enum awaited_kind kind)
{
    if (!make_room(wire))
        return false;
    if (PQsendQueryPrepared(wire->pq, own_statements[own].name, 0, NULL, NULL, NULL, 1) != 1)
        return postgres_lose(wire);
    postgres_await(wire, kind, SQL_NONE);
    return true;
}

bool postgres_prepare(struct wire *wire, enum statement statement)
{
    const struct sql_statement *packed = &sql_statements[statement];
    Oid types[POSTGRES_COLUMNS_MAX];
    must(packed->postgres != NULL && packed->bind_count <= POSTGRES_COLUMNS_MAX);
    if (!make_room(wire))
        return false;
    for (size_t i = 0; i < packed->bind_count; i++)
        types[i] = postgres_type(packed->binds[i].kind);
    if (PQsendPrepare(wire->pq, packed->name, packed->postgres, (int)packed->bind_count, types) != 1)
        return postgres_lose(wire);
    postgres_await(wire, AWAIT_PREPARE, statement);
    wire->prepared[statement] = true;
    return true;
}

bool postgres_send(struct wire *wire, enum statement statement, const struct value *in,
                   enum awaited_kind kind)
{
    const struct sql_statement *packed = &sql_statements[statement];
    const char *values[POSTGRES_COLUMNS_MAX];
    int lengths[POSTGRES_COLUMNS_MAX];
    int formats[POSTGRES_COLUMNS_MAX];
    uint64_t numbers[POSTGRES_COLUMNS_MAX];
    if (!wire->prepared[statement] && !postgres_prepare(wire, statement))
        return false;
    if (!make_room(wire))
        return false;
    for (size_t i = 0; i < packed->bind_count; i++) {
        const struct value *value = &in[i];
        formats[i] = 1;
        must(value->bytes.len <= INT_MAX);
        lengths[i] = (int)value->bytes.len;
        values[i] = value->kind == VALUE_NULL ? NULL : lengths[i] == 0 ? "" : (const char *)value->bytes.at;
        if (value->kind == VALUE_INT) {
            numbers[i] = htobe64((uint64_t)value->number);
            lengths[i] = sizeof numbers[i];
            values[i] = (const char *)&numbers[i];
        }
    }
    if (PQsendQueryPrepared(wire->pq, packed->name, (int)packed->bind_count, values, lengths, formats, 1) !=
        1)
        return postgres_lose(wire);
    postgres_await(wire, kind, statement);
    return true;
}

void postgres_roll_back(struct wire *wire)
{
    bool ok = !wire->lost && postgres_ask(wire) &&
              PQsendQueryPrepared(wire->pq, own_statements[OWN_ROLLBACK].name, 0, NULL, NULL, NULL, 1) == 1;
    if (!ok) {
        postgres_lose(wire);
        return;
    }
    postgres_await(wire, AWAIT_END, SQL_NONE);
    postgres_take_all(wire);
}
