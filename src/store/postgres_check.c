/* Before anything is done with a database: its tables may be used, and every packed statement is what it
 * says. */
#include "store/postgres.h"

#include <stdatomic.h>
#include <string.h>

#include "base/log.h"

enum { CHECKED_AT_ONCE = 32, NAMES_BYTES_MAX = 8192 };

static const char rights_text[] =
    "SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace"
    " WHERE pg_namespace.nspname = current_schema() AND pg_class.relname = ANY (CAST($1 AS text[]))"
    " AND NOT (has_table_privilege(pg_class.oid, 'SELECT') AND has_table_privilege(pg_class.oid, 'INSERT')"
    " AND has_table_privilege(pg_class.oid, 'UPDATE') AND has_table_privilege(pg_class.oid, 'DELETE'))";

/* Preparing a statement does not ask whether it may be run. */
static enum fault check_rights(struct wire *wire)
{
    PGresult *result = NULL;
    struct buffer names = buffer_open(NAMES_BYTES_MAX);
    enum fault fault;
    buffer_put_char(&names, '{');
    for (size_t i = 0; i < sql_table_count; i++) {
        if (i > 0)
            buffer_put_char(&names, ',');
        buffer_put(&names, str_of(sql_tables[i].name));
    }
    buffer_put(&names, (struct str){"}", 2}); /* and its end */
    TRY(buffer_fault(&names));
    const char *values[] = {names.at};
    if (PQsendQueryParams(wire->pq, rights_text, 1, NULL, values, NULL, NULL, 0) != 1) {
        postgres_lose(wire);
        TRY(postgres_fault(wire));
    }
    postgres_await(wire, AWAIT_ANSWER, SQL_NONE);
    if (!postgres_take_answer(wire, &result))
        TRY(postgres_fault(wire));
    if (strcmp(PQgetvalue(result, 0, 0), "0") != 0)
        fault = fault_note(FAULT_REFUSED,
                           "the database user lacks rights: let it own the tables, or grant it SELECT, "
                           "INSERT, UPDATE and DELETE on all of them");
done:
    PQclear(result);
    buffer_close(&names);
    return fault;
}

static bool is_as_packed(const PGresult *described, const struct sql_statement *packed)
{
    bool same =
        PQnparams(described) == (int)packed->bind_count && PQnfields(described) == (int)packed->give_count;
    for (size_t i = 0; same && i < packed->bind_count; i++)
        same = PQparamtype(described, (int)i) == postgres_type(packed->binds[i].kind);
    for (size_t i = 0; same && i < packed->give_count; i++)
        same = PQftype(described, (int)i) == postgres_type(packed->gives[i].kind);
    return same;
}

static enum fault differs(const char *name)
{
    log_event("store.statement_differs", LOG_LITERAL("statement", name));
    return fault_note(FAULT_SCHEMA,
                      "the database's tables are not this program's, as the log says: restore them, or "
                      "install the program that they belong to");
}

static bool ask_description(struct wire *wire, enum statement statement)
{
    if (!wire->prepared[statement] && !postgres_prepare(wire, statement))
        return false;
    if (PQsendDescribePrepared(wire->pq, sql_statements[statement].name) != 1)
        return postgres_lose(wire);
    postgres_await(wire, AWAIT_ANSWER, statement);
    return true;
}

static enum fault check_some(struct wire *wire, size_t first, size_t end)
{
    bool ok = true;
    for (size_t i = first; i < end && ok; i++)
        ok = ask_description(wire, (enum statement)i);
    for (size_t i = first; i < end; i++) {
        const struct sql_statement *packed = &sql_statements[i];
        PGresult *described = NULL;
        ok = ok && postgres_take_answer(wire, &described);
        if (!ok && wire->failure.fault == FAULT_SCHEMA)
            return differs(packed->name);
        if (!ok)
            return postgres_fault(wire);
        bool same = is_as_packed(described, packed);
        PQclear(described);
        if (!same)
            return differs(packed->name);
    }
    return FAULT_NONE;
}

/* What the server does with what it has acknowledged; said once. */
static enum fault check_durability(struct wire *wire)
{
    static atomic_bool said;
    static const char text[] = "SELECT current_setting('fsync'), current_setting('full_page_writes')";
    PGresult *result = NULL;
    if (PQsendQueryParams(wire->pq, text, 0, NULL, NULL, NULL, NULL, 0) != 1) {
        postgres_lose(wire);
        return postgres_fault(wire);
    }
    postgres_await(wire, AWAIT_ANSWER, SQL_NONE);
    if (!postgres_take_answer(wire, &result))
        return postgres_fault(wire);
    const bool durable =
        strcmp(PQgetvalue(result, 0, 0), "on") == 0 && strcmp(PQgetvalue(result, 0, 1), "on") == 0;
    if (!durable && !atomic_exchange(&said, true))
        log_event("store.not_durable", LOG_LITERAL("set_to_on", "fsync and full_page_writes of PostgreSQL"));
    PQclear(result);
    return FAULT_NONE;
}

enum fault postgres_check(struct wire *wire)
{
    enum fault fault;
    wire->failure = (struct failure){.setback = SETBACK_NONE};
    TRY(check_rights(wire));
    TRY(check_durability(wire));
    for (size_t first = SQL_NONE + 1; first < STATEMENTS_END; first += CHECKED_AT_ONCE) {
        size_t end = first + CHECKED_AT_ONCE;
        TRY(check_some(wire, first, end < STATEMENTS_END ? end : STATEMENTS_END));
    }
done:
    return fault;
}
