/* One connection from its beginning to its end: how it is set up, and leaving the pipeline for what cannot be
 * put into one. */
#include "store/postgres.h"

#include <stdio.h>
#include <string.h>

static void forget_notice(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

/* What every connection asks of its server.
 * No timeout of a statement: it would also cut short COMMIT's wait for a synchronous standby, which
 * PostgreSQL then answers as if it had been kept there; and who asks waits no longer than patience anyway. No
 * sequential scan where there is an index: under SERIALIZABLE it would claim the whole of a small table, and
 * every two transactions would be in each other's way.  No parallel workers: a penalised plan looks dear
 * enough for them, and starting their processes costs more than all the rows of a statement. The server ends
 * a transaction of a program that hangs for as long as its lease lasts, so that whoever takes over does not
 * wait for its locks, and a connection whose machine is gone. */
static const char settings[] =
    "SELECT set_config('statement_timeout', '0', false), set_config('lock_timeout', $1, false),"
    " set_config('idle_in_transaction_session_timeout', $2, false),"
    " set_config('client_connection_check_interval', CASE WHEN version() LIKE '%linux%' THEN '2000' ELSE '0' "
    "END, false),"
    " set_config('tcp_keepalives_idle', '5', false), set_config('tcp_keepalives_interval', '2', false),"
    " set_config('tcp_keepalives_count', '3', false),"
    " set_config('enable_seqscan', 'off', false), set_config('plan_cache_mode', 'force_generic_plan', false),"
    " set_config('jit', 'off', false), set_config('max_parallel_workers_per_gather', '0', false),"
    " set_config('synchronous_commit',"
    " CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE "
    "current_setting('synchronous_commit') END,"
    " false)";

static bool send_settings(struct wire *wire)
{
    char lock_ms[24];
    char idle_ms[24];
    const int64_t patience_us = wire->db->patience_us;
    const int64_t lease_us = wire->db->lease_us;
    const char *values[] = {lock_ms, idle_ms};
    snprintf(lock_ms, sizeof lock_ms, "%lld", (long long)(patience_us * 3 / 4 / 1000));
    snprintf(idle_ms, sizeof idle_ms, "%lld", (long long)(lease_us / 1000));
    if (PQsendQueryParams(wire->pq, settings, 2, NULL, values, NULL, NULL, 0) != 1)
        return postgres_lose(wire);
    postgres_await(wire, AWAIT_RUN, SQL_NONE);
    return true;
}

enum fault wire_open(struct wire *wire, int64_t until_us)
{
    must(wire->pq == NULL);
    enum fault fault = target_connect(&wire->db->target, until_us, &wire->pq);
    if (fault != FAULT_NONE)
        return fault;
    wire->lost = false;
    wire->settled = false;
    wire->failure = (struct failure){.setback = SETBACK_NONE};
    wire->wait_until_us = until_us;
    PQsetNoticeReceiver(wire->pq, forget_notice, NULL);
    bool ok = PQsetnonblocking(wire->pq, 1) == 0 && postgres_enter_pipeline(wire);
    ok = ok && send_settings(wire) && postgres_prepare_own(wire) && postgres_take_all(wire);
    if (ok)
        return FAULT_NONE;
    postgres_lose(wire);
    fault = postgres_fault(wire);
    wire_close(wire);
    return fault;
}

void wire_close(struct wire *wire)
{
    PQfinish(wire->pq);
    wire->pq = NULL;
    wire->lost = false;
    wire->awaited_count = 0;
    wire->unasked = false;
    memset(wire->prepared, 0, sizeof wire->prepared);
}

bool postgres_leave_pipeline(struct wire *wire)
{
    if (!postgres_take_all(wire))
        return false;
    return PQexitPipelineMode(wire->pq) == 1 || postgres_lose(wire);
}

bool postgres_enter_pipeline(struct wire *wire)
{
    return PQenterPipelineMode(wire->pq) == 1 || postgres_lose(wire);
}

bool postgres_run_text(struct wire *wire, const char *text, PGresult **ret_result)
{
    PGresult *last = NULL;
    PGresult *next = NULL;
    if (PQsendQuery(wire->pq, text) != 1)
        return postgres_lose(wire);
    if (!postgres_flush(wire))
        return false;
    bool ok;
    while ((ok = postgres_next_result(wire, &next)) && next != NULL) {
        const ExecStatusType status = PQresultStatus(next);
        PQclear(last);
        last = next;
        if (status == PGRES_FATAL_ERROR)
            postgres_fail(wire, failure_of_result(next));
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT)
            break;
    }
    ok = ok && wire->failure.setback == SETBACK_NONE;
    if (ok && ret_result != NULL)
        *ret_result = last;
    else
        PQclear(last);
    return ok;
}
