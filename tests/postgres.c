#include "postgres.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libpq-fe.h>

/* after the four that it needs */
#include <cmocka.h>

enum {
    CONNECTIONS_MAX = 64,
    CONNECTION_BYTES_MAX = 1024,
    SCHEMA_BYTES_MAX = 32,
    SQL_BYTES_MAX = 256,
    REASON_BYTES_MAX = 512,
    TYPE_BYTEA = 17,   /* pg_type.dat */
    EXIT_SKIPPED = 77, /* what meson takes for skipped */
};

/* Percent-encoded as URIs want it. */
static const char path_option[] = "options=-csearch_path%3D";

static char connections[CONNECTIONS_MAX][CONNECTION_BYTES_MAX];

bool postgres_wanted(void)
{
    const char *engine = getenv("CONTACTPOINT_TEST_ENGINE");
    return engine != NULL && strcmp(engine, "postgres") == 0;
}

bool postgres_present(void)
{
    return getenv("CONTACTPOINT_POSTGRES") != NULL;
}

void postgres_or_skip(void)
{
    if (postgres_present())
        return;
    printf("skipped: %s: no PostgreSQL; `tools/postgres with COMMAND` starts one\n",
           program_invocation_short_name);
    (void)fflush(stdout);
    _exit(EXIT_SKIPPED);
}

static const char *told(const char *name)
{
    postgres_or_skip();
    const char *value = getenv(name);
    if (value == NULL)
        fail_msg("%s is not set", name);
    return value;
}

/* A URI of tools/postgres, with that schema as the whole search_path. */
static void write_connection(char *to, const char *uri, const char *schema)
{
    int len = snprintf(to, CONNECTION_BYTES_MAX, "%s%c%s%s", uri, strchr(uri, '?') == NULL ? '?' : '&',
                       path_option, schema);
    assert_true(len > 0 && len < CONNECTION_BYTES_MAX);
}

static const char *schema_of(const char *connection)
{
    if (connection == NULL)
        return "public";
    const char *option = strstr(connection, path_option);
    assert_non_null(option);
    return option + strlen(path_option);
}

static PGconn *connect_to(const char *uri)
{
    char reason[REASON_BYTES_MAX];
    PGconn *raw = PQconnectdb(uri);
    if (PQstatus(raw) == CONNECTION_OK)
        return raw;
    (void)snprintf(reason, sizeof reason, "%s", PQerrorMessage(raw));
    PQfinish(raw); /* so that the reason is not lost among leaks */
    fail_msg("%s", reason);
    return NULL;
}

/* The superuser's connection, kept for the next call. */
static struct {
    PGconn *raw;
    PGconn *inherited; /* of the process that this one was forked from, and not to be touched */
    pid_t process;
    char schema[SCHEMA_BYTES_MAX]; /* its search_path */
} superuser;

static void leave_superuser(void)
{
    PQfinish(superuser.raw);
    superuser.raw = NULL;
}

static PGresult *check(PGresult *result)
{
    char reason[REASON_BYTES_MAX];
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return result;
    (void)snprintf(reason, sizeof reason, "%s", PQresultErrorMessage(result));
    PQclear(result);
    leave_superuser();
    fail_msg("%s", reason);
    return NULL;
}

/* The server has hung up, or has something to say that this connection need not hear. */
static bool is_stale(PGconn *raw)
{
    struct pollfd socket = {.fd = PQsocket(raw), .events = POLLIN};
    return socket.fd < 0 || poll(&socket, 1, 0) != 0;
}

/* A wait without end would hide why: locks are waited for 20 s. */
static void connect_superuser(void)
{
    superuser.raw = connect_to(told("CONTACTPOINT_POSTGRES_ADMIN"));
    superuser.process = getpid();
    superuser.schema[0] = '\0';
    PQclear(check(PQexec(superuser.raw, "SET client_min_messages = warning; SET lock_timeout = '20s'")));
}

static PGconn *superuser_in(const char *connection)
{
    char sql[SQL_BYTES_MAX];
    const char *schema = schema_of(connection);
    if (superuser.raw != NULL && superuser.process != getpid()) {
        superuser.inherited = superuser.raw;
        superuser.raw = NULL;
    }
    if (superuser.raw != NULL && is_stale(superuser.raw))
        leave_superuser();
    if (superuser.raw == NULL)
        connect_superuser();
    if (strcmp(superuser.schema, schema) != 0) {
        (void)snprintf(sql, sizeof sql, "SET search_path TO %s", schema);
        PQclear(check(PQexec(superuser.raw, sql)));
        (void)snprintf(superuser.schema, sizeof superuser.schema, "%s", schema);
    }
    return superuser.raw;
}

static int64_t changes_of(PGresult *result)
{
    int64_t changes = strtoll(PQcmdTuples(check(result)), NULL, 10);
    PQclear(result);
    return changes;
}

int64_t postgres_execute(const char *connection, const char *sql)
{
    return changes_of(PQexec(superuser_in(connection), sql));
}

int64_t postgres_execute_with(const char *connection, const char *sql, const void *bytes, size_t size_bytes)
{
    const char *values[] = {bytes};
    const int sizes[] = {(int)size_bytes};
    const int formats[] = {1}; /* binary */
    const Oid types[] = {TYPE_BYTEA};
    return changes_of(PQexecParams(superuser_in(connection), sql, 1, types, values, sizes, formats, 0));
}

int64_t postgres_number(const char *connection, const char *sql)
{
    PGresult *result = check(PQexec(superuser_in(connection), sql));
    assert_int_equal(PQntuples(result), 1);
    int64_t number = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return number;
}

/* Appends a size and that many bytes. */
static void put_value(FILE *to, const void *value, size_t size_bytes)
{
    uint64_t size = size_bytes;
    assert_int_equal(fwrite(&size, sizeof size, 1, to), 1);
    assert_int_equal(fwrite(value, 1, size_bytes, to), size_bytes);
}

static void put_rows(FILE *to, PGconn *raw, const char *sql)
{
    PGresult *result = check(PQexecParams(raw, sql, 0, NULL, NULL, NULL, NULL, 1));
    for (int row = 0; row < PQntuples(result); row++) {
        for (int column = 0; column < PQnfields(result); column++)
            put_value(to, PQgetvalue(result, row, column), (size_t)PQgetlength(result, row, column));
    }
    PQclear(result);
}

void *postgres_rows(const char *connection, const char *sql, size_t *ret_size_bytes)
{
    char *rows = NULL;
    FILE *to = open_memstream(&rows, ret_size_bytes);
    assert_non_null(to);
    put_rows(to, superuser_in(connection), sql);
    assert_int_equal(fclose(to), 0);
    return rows;
}

/* Rows too, for long values may be compressed in the files. */
void *postgres_resting(const char *connection, size_t *ret_size_bytes)
{
    char *resting = NULL, sql[SQL_BYTES_MAX];
    FILE *to = open_memstream(&resting, ret_size_bytes);
    assert_non_null(to);
    PGconn *raw = superuser_in(connection);
    PGresult *tables =
        check(PQexec(raw, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"));
    for (int i = 0; i < PQntuples(tables); i++) {
        (void)snprintf(sql, sizeof sql, "SELECT * FROM \"%s\"", PQgetvalue(tables, i, 0));
        put_rows(to, raw, sql);
    }
    PQclear(tables);
    PQclear(check(PQexec(raw, "CHECKPOINT")));
    put_rows(to, raw,
             "WITH own AS (SELECT oid, reltoastrelid FROM pg_class WHERE relnamespace = "
             "current_schema()::regnamespace AND relkind IN ('r', 'i')) "
             "SELECT pg_read_binary_file(pg_relation_filepath(oid)) FROM "
             "(SELECT oid FROM own UNION SELECT reltoastrelid FROM own WHERE reltoastrelid <> 0) AS files");
    assert_int_equal(fclose(to), 0);
    return resting;
}

/* A name that no other program that runs now has. */
static const char *fresh_from(const char *uri)
{
    uint64_t number;
    char schema[SCHEMA_BYTES_MAX], sql[SQL_BYTES_MAX];
    size_t i = 0;
    while (i < CONNECTIONS_MAX && connections[i][0] != '\0')
        i++;
    assert_true(i < CONNECTIONS_MAX);
    assert_int_equal(getrandom(&number, sizeof number, 0), sizeof number);
    (void)snprintf(schema, sizeof schema, "test_%016llx", (unsigned long long)number);
    (void)snprintf(sql, sizeof sql, "CREATE SCHEMA %s AUTHORIZATION contactpoint", schema);
    PQclear(check(PQexec(superuser_in(NULL), sql)));
    write_connection(connections[i], uri, schema);
    return connections[i];
}

const char *postgres_fresh(void)
{
    return fresh_from(told("CONTACTPOINT_POSTGRES"));
}

const char *postgres_fresh_local(void)
{
    return fresh_from(told("CONTACTPOINT_POSTGRES_SOCKET"));
}

void postgres_drop(const char *connection)
{
    char sql[SQL_BYTES_MAX];
    (void)snprintf(sql, sizeof sql, "DROP SCHEMA %s CASCADE", schema_of(connection));
    (void)postgres_execute(NULL, sql);
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (connection == connections[i])
            connections[i][0] = '\0';
    }
}

const char *postgres_folder(void)
{
    return told("CONTACTPOINT_POSTGRES_DIR");
}

static void tell_tool(const char *verb)
{
    const char *tool = told("CONTACTPOINT_POSTGRES_TOOL"), *folder = postgres_folder();
    int status = 0;
    (void)fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)dup2(STDERR_FILENO, STDOUT_FILENO);
        (void)execl(tool, tool, verb, folder, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (status != 0)
        fail_msg("tools/postgres %s: status %d", verb, status);
}

void postgres_restart(void)
{
    tell_tool("restart");
}

void postgres_stop(void)
{
    tell_tool("stop");
}

void postgres_start(void)
{
    tell_tool("start");
}

void postgres_stall(void)
{
    tell_tool("stall");
}

void postgres_resume(void)
{
    tell_tool("resume");
}

void postgres_demote(void)
{
    tell_tool("demote");
}

void postgres_promote(void)
{
    tell_tool("promote");
}
