/* The cluster of tools/postgres, which this program troubles: it runs beside one of its own. */
#include "postgres.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

/* after the four that it needs */
#include <cmocka.h>

static PGPing ping(const char *connection)
{
    char uri[1024];
    (void)snprintf(uri, sizeof uri, "%s&connect_timeout=2", connection);
    return PQping(uri);
}

static int64_t number_of(const char *connection, const char *sql)
{
    PGconn *raw = PQconnectdb(connection);
    if (PQstatus(raw) != CONNECTION_OK)
        fail_msg("%s", PQerrorMessage(raw));
    PGresult *result = PQexec(raw, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        fail_msg("%s", PQerrorMessage(raw));
    int64_t number = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    PQfinish(raw);
    return number;
}

static void the_role_is_no_superuser_and_speaks_tls(void **state)
{
    (void)state;
    const char *connection = postgres_fresh(), *local = postgres_fresh_local();
    assert_int_equal(number_of(connection, "SELECT count(*) FROM pg_user WHERE usename = current_user AND "
                                           "usename = 'contactpoint' AND NOT usesuper"),
                     1);
    assert_int_equal(
        number_of(connection, "SELECT count(*) FROM pg_stat_ssl WHERE ssl AND pid = pg_backend_pid()"), 1);
    assert_int_equal(
        number_of(local, "SELECT count(*) FROM pg_stat_ssl WHERE ssl AND pid = pg_backend_pid()"), 0);
    postgres_drop(connection);
    postgres_drop(local);
}

static void schemas_do_not_see_each_other(void **state)
{
    (void)state;
    const char *one = postgres_fresh(), *other = postgres_fresh();
    (void)postgres_execute(one, "CREATE TABLE thing AS SELECT 1 AS number");
    (void)postgres_execute(other, "CREATE TABLE thing AS SELECT 2 AS number");
    assert_int_equal(postgres_number(one, "SELECT number FROM thing"), 1);
    assert_int_equal(postgres_number(other, "SELECT number FROM thing"), 2);
    assert_int_equal(number_of(one, "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema"), 1);
    postgres_drop(one);
    assert_int_equal(postgres_number(other, "SELECT number FROM thing"), 2);
    postgres_drop(other);
    assert_int_equal(postgres_number(NULL, "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'test\\_%'"),
                     0);
}

static void a_restart_keeps_what_was_committed(void **state)
{
    (void)state;
    const char *connection = postgres_fresh();
    (void)postgres_execute(connection, "CREATE TABLE thing AS SELECT 1 AS number");
    PGconn *raw = PQconnectdb(connection);
    assert_int_equal(PQstatus(raw), CONNECTION_OK);
    postgres_restart();
    PQclear(PQexec(raw, "SELECT 1"));
    assert_int_equal(PQstatus(raw), CONNECTION_BAD);
    PQfinish(raw);
    assert_int_equal(postgres_number(connection, "SELECT number FROM thing"), 1);
    postgres_stop();
    assert_int_equal(ping(connection), PQPING_NO_RESPONSE);
    postgres_start();
    assert_int_equal(postgres_number(connection, "SELECT number FROM thing"), 1);
    postgres_drop(connection);
}

static void a_stalled_one_does_not_answer(void **state)
{
    (void)state;
    const char *connection = postgres_fresh();
    assert_int_equal(ping(connection), PQPING_OK);
    postgres_stall();
    assert_int_equal(ping(connection), PQPING_NO_RESPONSE);
    postgres_resume();
    assert_int_equal(ping(connection), PQPING_OK);
    postgres_drop(connection);
}

static void a_demoted_one_is_read_only(void **state)
{
    (void)state;
    const char *connection = postgres_fresh();
    (void)postgres_execute(connection, "CREATE TABLE thing AS SELECT 1 AS number");
    postgres_demote();
    assert_int_equal(postgres_number(connection, "SELECT count(*) FROM thing WHERE pg_is_in_recovery()"), 1);
    postgres_promote();
    assert_int_equal(postgres_execute(connection, "UPDATE thing SET number = 2"), 1);
    postgres_drop(connection);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_role_is_no_superuser_and_speaks_tls),
        cmocka_unit_test(schemas_do_not_see_each_other),
        cmocka_unit_test(a_restart_keeps_what_was_committed),
        cmocka_unit_test(a_stalled_one_does_not_answer),
        cmocka_unit_test(a_demoted_one_is_read_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
