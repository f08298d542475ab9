/* Reaching a host that may be written, within a time, and knowing why one could not be reached.  Only libpq's
 * look-up of a host's name has no end of ours: the resolver's holds. */
#include "store/postgres.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

/* How far an attempt had come. */
enum reached { REACHED_NOBODY, REACHED_HOST, REACHED_TLS };

static void note_progress(const PGconn *pq, enum reached *reached)
{
    switch (PQstatus(pq)) {
    case CONNECTION_MADE:
    case CONNECTION_AWAITING_RESPONSE:
    case CONNECTION_AUTH_OK:
    case CONNECTION_SETENV:
    case CONNECTION_CONSUME:
    case CONNECTION_GSS_STARTUP:
    case CONNECTION_CHECK_WRITABLE:
    case CONNECTION_CHECK_TARGET:
    case CONNECTION_CHECK_STANDBY:
        *reached = REACHED_HOST;
        break;
    case CONNECTION_SSL_STARTUP:
        *reached = REACHED_TLS;
        break;
    case CONNECTION_OK:
    case CONNECTION_BAD:
    case CONNECTION_STARTED:
    case CONNECTION_NEEDED:
        break;
    }
}

/* False where the time is over. */
static bool wait_for(const PGconn *pq, PostgresPollingStatusType wanted, int64_t until_us)
{
    struct pollfd file = {.fd = PQsocket(pq), .events = wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT};
    int ready = -1;
    while (ready < 0) {
        int64_t left_us = until_us - clock_monotonic_us();
        if (left_us <= 0)
            return false;
        ready = poll(&file, 1, (int)(left_us / 1000) + 1);
        if (ready < 0 && errno != EINTR)
            return true; /* PQconnectPoll finds out what it is */
    }
    return ready > 0;
}

/* The code with which the server refused, "" where none: with PQERRORS_SQLSTATE it ends a line of the message
 * ("FATAL:  28P01"), behind which libpq may say from which file the password was.  There is no other way to
 * it. */
static void refusal_of(const PGconn *pq, char code[6])
{
    struct str text = str_of(PQerrorMessage(pq));
    struct str line;
    code[0] = '\0';
    while (code[0] == '\0' && str_split(&text, '\n', &line)) {
        if (line.len < 8 || memcmp(line.at + line.len - 8, ":  ", 3) != 0)
            continue;
        memcpy(code, line.at + line.len - 5, 5);
        code[5] = '\0';
        if (strspn(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 5)
            code[0] = '\0';
    }
}

/* Whether the connection insists on TLS; elsewhere libpq only tries it. */
static bool insists_on_tls(const struct target *target)
{
    for (size_t i = 0; i < target->count; i++) {
        if (strcmp(target->keywords[i], "sslmode") == 0)
            return strcmp(target->values[i], "require") == 0 ||
                   str_starts(str_of(target->values[i]), STR("verify"));
    }
    return false;
}

static enum fault refused(const struct target *target, const PGconn *pq, enum reached reached)
{
    char code[6];
    refusal_of(pq, code);
    if (code[0] != '\0') {
        const struct failure failure = failure_of_code(code);
        return fault_note(failure.fault, failure.note);
    }
    if (PQconnectionNeedsPassword(pq))
        return fault_note(
            FAULT_REFUSED,
            "the database asks for a password: write it to a file and name that with passfile=PATH");
    if (strstr(PQerrorMessage(pq), "out of memory") != NULL) /* libpq's own word, which has no code */
        return fault_note(FAULT_MEMORY, "there is no memory left for a connection to the database");
    if (reached == REACHED_TLS && insists_on_tls(target))
        return fault_note(
            FAULT_REFUSED,
            "the database's TLS is not what the connection asks for: check sslmode, sslrootcert and "
            "the server's certificate");
    if (reached != REACHED_NOBODY)
        return fault_note(FAULT_BUSY,
                          "what answers at this host and port is no PostgreSQL, or it is stopping");
    return fault_note(FAULT_BUSY, "the database cannot be reached: check host and port, and that it runs");
}

/* libpq follows these parameters itself from PostgreSQL 14 on. */
static bool is_on(const PGconn *pq, const char *parameter)
{
    const char *value = PQparameterStatus(pq, parameter);
    return value != NULL && strcmp(value, "on") == 0;
}

static enum fault check_server(const PGconn *pq)
{
    const char *encoding = PQparameterStatus(pq, "server_encoding");
    if (PQserverVersion(pq) < POSTGRES_VERSION_LEAST)
        return fault_note(FAULT_SCHEMA, "the database server is too old: PostgreSQL 15 or later is needed");
    if (encoding == NULL || strcmp(encoding, "UTF8") != 0)
        return fault_note(FAULT_SCHEMA,
                          "the database is not in UTF-8: make one with createdb --encoding=UTF8 "
                          "--template=template0");
    if (is_on(pq, "in_hot_standby"))
        return fault_note(FAULT_BUSY,
                          "the database is a standby, which can only be read: name the leader, or every "
                          "host of the cluster");
    if (is_on(pq, "default_transaction_read_only"))
        return fault_note(FAULT_BUSY,
                          "the database is set to be read only: unset default_transaction_read_only");
    return FAULT_NONE;
}

static enum fault connect_host(const struct target *target, size_t host, int64_t until_us, PGconn **ret_pq)
{
    const char *values[POSTGRES_OPTIONS_MAX] = {NULL};
    for (size_t i = 0; i < target->count; i++) {
        values[i] = target->values[i];
        if (target->host_count > 0 && strcmp(target->keywords[i], "host") == 0)
            values[i] = target->hosts[host];
        else if (target->host_count > 0 && strcmp(target->keywords[i], "hostaddr") == 0)
            values[i] = target->addresses[host];
        else if (target->host_count > 0 && strcmp(target->keywords[i], "port") == 0)
            values[i] = target->ports[host];
    }
    enum reached reached = REACHED_NOBODY;
    enum fault fault = FAULT_NONE;
    PGconn *pq = PQconnectStartParams(target->keywords, values, 0);
    if (pq == NULL)
        return fault_note(FAULT_MEMORY, "there is no memory left for a connection to the database");
    PQsetErrorVerbosity(pq, PQERRORS_SQLSTATE);
    PostgresPollingStatusType wanted =
        PQstatus(pq) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (fault == FAULT_NONE && wanted != PGRES_POLLING_OK) {
        note_progress(pq, &reached);
        if (wanted == PGRES_POLLING_FAILED)
            fault = refused(target, pq, reached);
        else if (!wait_for(pq, wanted, until_us))
            fault =
                fault_note(FAULT_BUSY, "the database does not answer: check host and port, and its machine");
        else
            wanted = PQconnectPoll(pq);
    }
    if (fault == FAULT_NONE)
        fault = check_server(pq);
    if (fault == FAULT_NONE)
        *ret_pq = pq;
    else
        PQfinish(pq);
    return fault;
}

enum fault target_connect(const struct target *target, int64_t until_us, PGconn **ret_pq)
{
    size_t count = target->host_count == 0 ? 1 : target->host_count;
    enum fault fault = FAULT_NONE;
    for (size_t host = 0; host < count; host++) {
        int64_t now_us = clock_monotonic_us();
        int64_t share_us = (until_us - now_us) / (int64_t)(count - host);
        if (target->timeout_us > 0 && target->timeout_us < share_us)
            share_us = target->timeout_us;
        fault = connect_host(target, host, now_us + share_us, ret_pq);
        if (fault == FAULT_NONE)
            return FAULT_NONE;
    }
    return fault;
}
