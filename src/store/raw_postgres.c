/* PostgreSQL past the packed statements. */
#include "store/raw_driver.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "store/postgres.h"

enum { RAW_PARAMETERS_MAX = 64, RAW_PATIENCE_US = 10000000 };

/* Object identifiers of types, fixed in pg_type.dat. */
enum { OID_BYTEA = 17, OID_BIGINT = 20, OID_TEXT = 25 };

struct raw_postgres {
    struct raw base;
    PGconn *pq;
};

static PGconn *pq_of(struct raw *raw)
{
    return ((struct raw_postgres *)raw)->pq;
}

static void close_raw(struct raw *raw)
{
    PQfinish(pq_of(raw));
    free(raw);
}

/* Keeps what the server said; frees the result. */
static enum fault told(struct raw *raw, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    enum fault fault = FAULT_NONE;
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        const struct failure failure = failure_of_result(result);
        const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
        raw_keep(raw, PQerrorMessage(pq_of(raw)));
        fault = failure.setback == SETBACK_RACE ? FAULT_CONFLICT : failure.fault;
        if (code != NULL && strcmp(code, "42501") == 0)
            fault = FAULT_REFUSED;
        fault = fault_note(fault, failure.note);
    }
    PQclear(result);
    return fault;
}

/* Parameters in the binary form; numbers must outlive the call. */
struct parameters {
    Oid types[RAW_PARAMETERS_MAX];
    const char *values[RAW_PARAMETERS_MAX];
    int sizes[RAW_PARAMETERS_MAX];
    int formats[RAW_PARAMETERS_MAX];
    uint64_t numbers[RAW_PARAMETERS_MAX];
};

static void fill(struct parameters *parameters, const struct value *in, size_t count)
{
    static const char nothing[1] = "";
    must(count <= RAW_PARAMETERS_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct bytes bytes = in[i].bytes;
        parameters->formats[i] = 1;
        parameters->types[i] = in[i].kind == VALUE_INT     ? OID_BIGINT
                               : in[i].kind == VALUE_BYTES ? OID_BYTEA
                               : in[i].kind == VALUE_TEXT  ? OID_TEXT
                                                           : 0;
        if (in[i].kind == VALUE_INT) {
            parameters->numbers[i] = htobe64((uint64_t)in[i].number);
            parameters->values[i] = (const char *)&parameters->numbers[i];
            parameters->sizes[i] = sizeof parameters->numbers[i];
        } else if (in[i].kind == VALUE_BYTES || in[i].kind == VALUE_TEXT) {
            parameters->values[i] = bytes.len == 0 ? nothing : (const char *)bytes.at;
            parameters->sizes[i] = (int)bytes.len;
        }
    }
}

static enum fault run(struct raw *raw, const char *sql, const struct value *in, size_t count,
                      struct buffer *text, int64_t *ret_rows)
{
    struct parameters parameters = {.types = {0}};
    fill(&parameters, in, count);
    PGresult *result = PQexecParams(pq_of(raw), sql, (int)count, parameters.types, parameters.values,
                                    parameters.sizes, parameters.formats, 0);
    bool rows_came = PQresultStatus(result) == PGRES_TUPLES_OK;
    int64_t rows = rows_came ? PQntuples(result) : strtoll(PQcmdTuples(result), NULL, 10);
    if (rows_came && rows > 0 && text != NULL)
        buffer_put(text, (struct str){PQgetvalue(result, 0, 0), (size_t)PQgetlength(result, 0, 0)});
    enum fault fault = told(raw, result);
    if (fault == FAULT_NONE)
        *ret_rows = rows;
    return fault;
}

static enum fault script(struct raw *raw, const char *sql)
{
    return told(raw, PQexec(pq_of(raw), sql));
}

static enum fault prepare(struct raw *raw, const char *sql)
{
    return told(raw, PQprepare(pq_of(raw), "", sql, 0, NULL));
}

static enum fault connect_raw(struct raw_postgres *raw, const char *uri)
{
    struct target target;
    enum fault fault = target_parse(uri, RAW_PATIENCE_US, &target);
    if (fault != FAULT_NONE)
        return fault;
    fault = target_connect(&target, clock_monotonic_us() + RAW_PATIENCE_US, &raw->pq);
    target_forget(&target);
    return fault;
}

static void keep_silent(void *context, const PGresult *result)
{
    (void)context, (void)result;
}

enum fault raw_postgres_open(const char *uri, bool writes, struct raw **ret_raw)
{
    static const struct raw_driver driver = {close_raw, run, script, prepare};
    struct raw_postgres *raw = calloc(1, sizeof *raw);
    if (raw == NULL)
        return FAULT_MEMORY;
    raw->base.driver = &driver;
    enum fault fault = connect_raw(raw, uri);
    if (fault != FAULT_NONE) {
        free(raw);
        return fault;
    }
    PQsetErrorVerbosity(raw->pq, PQERRORS_TERSE);
    (void)PQsetNoticeReceiver(raw->pq, keep_silent, NULL);
    if (!writes)
        fault = script(&raw->base, "SET default_transaction_read_only = on");
    if (fault != FAULT_NONE)
        close_raw(&raw->base);
    else
        *ret_raw = &raw->base;
    return fault;
}
