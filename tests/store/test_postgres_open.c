/* Opening a PostgreSQL database that cannot be used: each time one clear line, and nothing is changed.  The
 * cluster is this program's own. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "postgres.h"
#include "proxy.h"
#include "scratch.h"

enum { URI_BYTES_MAX = 1500, SHORT_US = 700000, LONG_US = 12000000, OPENERS = 4 };

static const char *connection; /* through the socket */
static const char *by_tcp;     /* with TLS and a password */

static int set_up(void **state)
{
    (void)state;
    connection = postgres_fresh_local();
    by_tcp = postgres_fresh();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    postgres_drop(connection);
    postgres_drop(by_tcp);
    return 0;
}

static enum fault open_within(int64_t patience_us, const char *uri, bool create, struct db **ret_db)
{
    const struct db_settings settings = {.connection = uri,
                                         .create = create,
                                         .connections = 2,
                                         .patience_us = patience_us,
                                         .lease_us = SHORT_US};
    fault_clear_note();
    return db_open(&settings, ret_db);
}

static enum fault try_open(const char *uri, bool create, struct db **ret_db)
{
    return open_within(SHORT_US, uri, create, ret_db);
}

/* A database that has little patience; a busy machine is no fault. */
static struct db *opened(bool create)
{
    struct db *db = NULL;
    enum fault fault = try_open(connection, create, &db);
    for (int tries = 1; fault == FAULT_BUSY && tries < LONG_US / SHORT_US; tries++)
        fault = try_open(connection, create, &db);
    if (fault != FAULT_NONE)
        fail_msg("%s: %s", fault_name(fault), fault_last_note());
    return db;
}

static void assert_opens(const char *uri)
{
    struct db *db = NULL;
    enum fault fault = open_within(LONG_US, uri, true, &db); /* a busy machine is no fault */
    if (fault != FAULT_NONE)
        fail_msg("%s: %s", fault_name(fault), fault_last_note());
    db_close(db);
}

static void assert_refused(const char *uri, enum fault expected, const char *part_of_note)
{
    struct db *db = NULL;
    const int64_t before = postgres_number(connection, "SELECT count(*) FROM pg_class");
    enum fault fault = try_open(uri, true, &db);
    if (fault != expected || strstr(fault_last_note(), part_of_note) == NULL)
        fail_msg("%s: %s: %s", uri, fault_name(fault), fault_last_note());
    assert_null(db);
    assert_int_equal(postgres_number(connection, "SELECT count(*) FROM pg_class"), before);
}

/* `uri` with the first `from` in it replaced by `to`; borrowed until the next call but three. */
static const char *with(const char *uri, const char *from, const char *to)
{
    static char changed[4][URI_BYTES_MAX];
    static int turn;
    char *result = changed[turn++ % 4];
    const char *at = strstr(uri, from);
    assert_non_null(at);
    int len = snprintf(result, URI_BYTES_MAX, "%.*s%s%s", (int)(at - uri), uri, to, at + strlen(from));
    assert_in_range(len, 1, URI_BYTES_MAX - 1);
    return result;
}

static void what_is_no_connection_is_refused(void **state)
{
    (void)state;
    assert_refused("postgresql://[", FAULT_INVALID, "not a PostgreSQL URI");
    assert_refused(with(connection, "?", "?colour=blue&"), FAULT_INVALID, "not a PostgreSQL URI");
    assert_refused(with(connection, "?", "?replication=true&"), FAULT_INVALID, "does not pass on");
    assert_refused(with(connection, "?", "?connect_timeout=soon&"), FAULT_INVALID, "connect_timeout");
    assert_refused("mysql://localhost/contactpoint", FAULT_INVALID, "postgresql://");
    assert_refused("postgresql:///x?host=a,b,c&port=1,2", FAULT_INVALID, "ports");
    assert_refused("postgresql://a,b/x?hostaddr=127.0.0.1", FAULT_INVALID, "hostaddr");
    assert_refused("postgresql://1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17/x", FAULT_INVALID,
                   "too many hosts");
}

static void a_password_is_taken_from_a_file_alone(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    assert_opens(by_tcp);
    assert_refused(with(by_tcp, "contactpoint@", "contactpoint:secret@"), FAULT_INVALID, "passfile=PATH");
    assert_refused(with(connection, "?", "?password=secret&"), FAULT_INVALID, "passfile=PATH");
    assert_refused(with(by_tcp, "passfile=", "passfile=/nowhere"), FAULT_INVALID, "there is no passfile");
    char own[URI_BYTES_MAX];
    const char *start = strstr(by_tcp, "passfile=");
    scratch_write(&scratch, "passfile", "*:*:*:*:wrong\n");
    const char *path = scratch_path(&scratch, "passfile");
    (void)snprintf(own, sizeof own, "%.*spassfile=%s%s", (int)(start - by_tcp), by_tcp, path,
                   start + strcspn(start, "&"));
    assert_int_equal(chmod(path, 0640), 0);
    assert_refused(own, FAULT_REFUSED, "chmod 600");
    assert_int_equal(chmod(path, 0600), 0);
    assert_refused(own, FAULT_REFUSED, "refuses the password");
    scratch_write(&scratch, "passfile", "elsewhere:*:*:*:wrong\n");
    assert_refused(own, FAULT_REFUSED, "asks for a password");
    scratch_remove(&scratch);
}

static void who_is_not_known_is_refused(void **state)
{
    (void)state;
    assert_refused(with(connection, "contactpoint@", "nobody@"), FAULT_REFUSED, "does not let this user in");
    assert_refused(with(connection, "/contactpoint?", "/nothing?"), FAULT_ABSENT, "no database of this name");
    (void)postgres_execute(NULL, "ALTER ROLE contactpoint NOLOGIN");
    assert_refused(connection, FAULT_REFUSED, "does not let this user in");
    (void)postgres_execute(NULL, "ALTER ROLE contactpoint LOGIN");
    assert_opens(connection);
}

static void tls_that_is_not_the_one_asked_for_is_refused(void **state)
{
    (void)state;
    const char *start = strstr(by_tcp, "sslrootcert=");
    char other[URI_BYTES_MAX];
    assert_non_null(start);
    (void)snprintf(other, sizeof other, "%.*ssslrootcert=/nowhere%s", (int)(start - by_tcp), by_tcp,
                   start + strcspn(start, "&"));
    assert_refused(other, FAULT_REFUSED, "sslrootcert");
    (void)postgres_execute(NULL, "ALTER SYSTEM SET ssl = off");
    (void)postgres_number(NULL, "SELECT CAST(pg_reload_conf() AS int)");
    usleep(300000);
    assert_refused(by_tcp, FAULT_REFUSED, "sslmode");
    (void)postgres_execute(NULL, "ALTER SYSTEM RESET ssl");
    (void)postgres_number(NULL, "SELECT CAST(pg_reload_conf() AS int)");
    usleep(300000);
    assert_opens(by_tcp);
}

/* A socket that takes connections: it says nothing, or nonsense. */
struct stranger {
    int listening;
    pthread_t thread;
    int port;
};

static void *talk_nonsense(void *context)
{
    const struct stranger *stranger = context;
    static const char nonsense[] = "220 mail.example.org ESMTP\r\n";
    int client;
    while ((client = accept(stranger->listening, NULL, NULL)) >= 0) {
        (void)send(client, nonsense, sizeof nonsense - 1, MSG_NOSIGNAL);
        close(client);
    }
    return NULL;
}

static struct stranger listen_at(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct stranger stranger = {.listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    socklen_t len = sizeof at;
    assert_int_equal(bind(stranger.listening, (const struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(stranger.listening, 8), 0);
    assert_int_equal(getsockname(stranger.listening, (struct sockaddr *)&at, &len), 0);
    stranger.port = ntohs(at.sin_port);
    return stranger;
}

static void nobody_and_strangers_are_told_apart(void **state)
{
    (void)state;
    char uri[URI_BYTES_MAX];
    struct stranger stranger = listen_at();
    (void)snprintf(uri, sizeof uri, "postgresql://contactpoint@127.0.0.1:%d/contactpoint", stranger.port);
    const int64_t began_us = clock_monotonic_us();
    assert_refused(uri, FAULT_BUSY, "does not answer"); /* it listens, and says nothing */
    assert_in_range(clock_monotonic_us() - began_us, SHORT_US, 5 * SHORT_US);
    assert_int_equal(pthread_create(&stranger.thread, NULL, talk_nonsense, &stranger), 0);
    assert_refused(uri, FAULT_BUSY, "no PostgreSQL");
    shutdown(stranger.listening, SHUT_RDWR);
    close(stranger.listening);
    pthread_join(stranger.thread, NULL);
    assert_refused(uri, FAULT_BUSY, "cannot be reached"); /* nobody listens any more */
    assert_refused("postgresql://contactpoint@/x?host=/nowhere", FAULT_BUSY, "cannot be reached");
    assert_refused("postgresql://contactpoint@no.such.host.invalid/x", FAULT_BUSY, "cannot be reached");
}

static void of_several_hosts_one_that_may_be_written_is_enough(void **state)
{
    (void)state;
    struct stranger silent = listen_at();
    char hosts[200];
    (void)snprintf(hosts, sizeof hosts, "@127.0.0.1:1,127.0.0.1:%d,127.0.0.1", silent.port);
    assert_opens(with(by_tcp, "@127.0.0.1", hosts));
    close(silent.listening);
    (void)snprintf(hosts, sizeof hosts, "host=/nowhere,%s", postgres_folder());
    const char *start = strstr(connection, "host=");
    char uri[URI_BYTES_MAX];
    (void)snprintf(uri, sizeof uri, "%.*s%s%s", (int)(start - connection), connection, hosts,
                   start + strcspn(start, "&"));
    assert_opens(uri);
}

static void an_old_server_and_another_encoding_are_refused(void **state)
{
    (void)state;
    struct proxy *proxy = proxy_open(connection);
    proxy_set(proxy, PROXY_OLD);
    assert_refused(proxy_connection(proxy), FAULT_SCHEMA, "PostgreSQL 15 or later");
    proxy_close(proxy);
    (void)postgres_execute(NULL,
                           "CREATE DATABASE latin OWNER contactpoint TEMPLATE template0 ENCODING 'LATIN1'");
    assert_refused(with(connection, "/contactpoint?", "/latin?"), FAULT_SCHEMA, "--encoding=UTF8");
    (void)postgres_execute(NULL, "DROP DATABASE latin");
}

static void assert_busy(struct db *db, const char *part_of_note)
{
    struct fact fact = fact_of("fact", 1);
    enum fault fault = db_write(db, DB_FOREGROUND, fact_put, &fact);
    if (fault != FAULT_BUSY || strstr(fault_last_note(), part_of_note) == NULL)
        fail_msg("%s: %s", fault_name(fault), fault_last_note());
}

static void a_database_that_only_reads_is_refused(void **state)
{
    (void)state;
    struct db *db = NULL;
    struct fact fact = fact_of("fact", 1);
    (void)postgres_execute(NULL, "ALTER ROLE contactpoint SET default_transaction_read_only = on");
    assert_refused(connection, FAULT_BUSY, "default_transaction_read_only");
    (void)postgres_execute(NULL, "ALTER ROLE contactpoint RESET default_transaction_read_only");
    db = opened(true);
    assert_int_equal(db_write(db, DB_FOREGROUND, fact_put, &fact), FAULT_NONE);
    postgres_demote();
    assert_refused(connection, FAULT_BUSY, "standby");
    assert_busy(db, "standby");
    assert_int_equal(db_read(db, fact_get, &fact), FAULT_BUSY);
    postgres_promote();
    assert_int_equal(db_write(db, DB_FOREGROUND, fact_put, &fact), FAULT_NONE);
    assert_true(fact_is_kept(db, fact));
    db_close(db);
}

/* However slowly it answers: the last attempt to reach it is cut off, those before it were told. */
static void what_is_wrong_is_said_though_time_is_over(void **state)
{
    (void)state;
    struct db *db = NULL;
    struct proxy *proxy = proxy_open(connection);
    assert_int_equal(open_within(8LL * PROXY_SLOW_US, proxy_connection(proxy), true, &db), FAULT_NONE);
    (void)postgres_execute(NULL, "ALTER ROLE contactpoint SET default_transaction_read_only = on");
    proxy_set(proxy, PROXY_SHUT);
    assert_busy(db, ""); /* its connection is cut */
    proxy_set(proxy, PROXY_SLOW);
    assert_busy(db, "default_transaction_read_only");
    (void)postgres_execute(NULL, "ALTER ROLE contactpoint RESET default_transaction_read_only");
    db_close(db);
    proxy_close(proxy);
}

static void only_init_makes_tables(void **state)
{
    (void)state;
    struct db *db = NULL;
    assert_int_equal(try_open(connection, false, &db), FAULT_ABSENT);
    assert_non_null(strstr(fault_last_note(), "init"));
    assert_refused(with(connection, "search_path%3D", "search_path%3Dno_"), FAULT_SCHEMA, "search_path");
    assert_opens(connection);
    db = opened(false);
    db_close(db);
}

static void tables_of_others_and_changed_migrations_are_refused(void **state)
{
    (void)state;
    (void)postgres_execute(connection, "CREATE TABLE thing (number int)");
    assert_refused(connection, FAULT_SCHEMA, "another program's tables");
    (void)postgres_execute(connection, "DROP TABLE thing");
    assert_opens(connection);
    (void)postgres_execute(connection, "UPDATE migration SET checksum = '\\x00' WHERE number = 1");
    assert_refused(connection, FAULT_SCHEMA, "was changed since");
}

static void newer_tables_and_changed_ones_are_refused(void **state)
{
    (void)state;
    assert_opens(connection);
    (void)postgres_execute(connection, "INSERT INTO migration VALUES (1000, '\\x00', 0)");
    assert_refused(connection, FAULT_SCHEMA, "newer than this program");
    (void)postgres_execute(connection, "DELETE FROM migration WHERE number = 1000");
    assert_opens(connection);
    (void)postgres_execute(connection, "ALTER TABLE child ALTER COLUMN state TYPE int");
    assert_refused(connection, FAULT_SCHEMA, "as the log says");
    (void)postgres_execute(connection, "ALTER TABLE child ALTER COLUMN state TYPE bigint");
    assert_opens(connection);
    (void)postgres_execute(connection, "ALTER TABLE child DROP COLUMN shield");
    assert_refused(connection, FAULT_SCHEMA, "as the log says");
}

static void who_lacks_rights_is_refused(void **state)
{
    (void)state;
    char sql[200];
    const char *schema = strstr(connection, "search_path%3D") + strlen("search_path%3D");
    (void)snprintf(sql, sizeof sql, "ALTER SCHEMA %s OWNER TO postgres", schema);
    (void)postgres_execute(NULL, sql);
    (void)snprintf(sql, sizeof sql, "GRANT USAGE ON SCHEMA %s TO contactpoint", schema);
    (void)postgres_execute(NULL, sql);
    assert_refused(connection, FAULT_REFUSED, "CREATE");
    (void)snprintf(sql, sizeof sql, "ALTER SCHEMA %s OWNER TO contactpoint", schema);
    (void)postgres_execute(NULL, sql);
    assert_opens(connection);
    (void)postgres_execute(connection, "REVOKE UPDATE ON search FROM contactpoint");
    assert_refused(connection, FAULT_REFUSED, "grant it SELECT");
    (void)postgres_execute(connection, "REVOKE SELECT ON migration FROM contactpoint");
    assert_refused(connection, FAULT_REFUSED, "lacks rights");
}

static void no_connection_left_is_said(void **state)
{
    (void)state;
    struct db *db = opened(true);
    (void)postgres_execute(NULL, "ALTER ROLE contactpoint CONNECTION LIMIT 3");
    assert_refused(connection, FAULT_BUSY, "max_connections");
    (void)postgres_execute(NULL, "ALTER ROLE contactpoint CONNECTION LIMIT -1");
    db_close(db);
}

/* One of several that find an empty schema at the same moment. */
struct opener {
    pthread_t thread;
    enum fault fault;
    const char *note;
};

static void *open_and_close(void *context)
{
    struct opener *opener = context;
    struct db *db = NULL;
    const struct db_settings settings = {.connection = connection, .create = true, .connections = 1};
    opener->fault = db_open(&settings, &db);
    opener->note = fault_last_note();
    db_close(db);
    return NULL;
}

static void several_make_the_tables_once(void **state)
{
    (void)state;
    struct opener openers[OPENERS];
    for (int i = 0; i < OPENERS; i++)
        assert_int_equal(pthread_create(&openers[i].thread, NULL, open_and_close, &openers[i]), 0);
    for (int i = 0; i < OPENERS; i++)
        pthread_join(openers[i].thread, NULL);
    for (int i = 0; i < OPENERS; i++) {
        if (openers[i].fault != FAULT_NONE)
            fail_msg("%s: %s", fault_name(openers[i].fault), openers[i].note);
    }
    assert_int_equal(postgres_number(connection, "SELECT count(*) - max(number) FROM migration"), 1);
    assert_int_equal(postgres_number(connection, "SELECT count(*) FROM server WHERE ended = 1"), OPENERS);
}

/* The server's other bad days, raised by a trigger, since nobody fills a disk for a test. */
static void assert_said(const char *code, enum fault expected, const char *part_of_note)
{
    struct db *db = NULL;
    struct fact fact = fact_of("fact", 1);
    char sql[400];
    assert_opens(connection);
    (void)snprintf(sql, sizeof sql,
                   "CREATE OR REPLACE FUNCTION raise_it() RETURNS trigger LANGUAGE plpgsql AS "
                   "$$ BEGIN RAISE EXCEPTION 'it' USING ERRCODE = '%s'; END $$",
                   code);
    (void)postgres_execute(connection, sql);
    (void)postgres_execute(connection, "GRANT EXECUTE ON FUNCTION raise_it TO contactpoint");
    (void)postgres_execute(connection, "CREATE OR REPLACE TRIGGER raising BEFORE INSERT ON meta FOR EACH ROW "
                                       "EXECUTE FUNCTION raise_it()");
    db = opened(true);
    enum fault fault = db_write(db, DB_FOREGROUND, fact_put, &fact);
    if (fault != expected || strstr(fault_last_note(), part_of_note) == NULL)
        fail_msg("%s: %s: %s", code, fault_name(fault), fault_last_note());
    (void)postgres_execute(connection, "DROP TRIGGER raising ON meta");
    assert_int_equal(db_write(db, DB_FOREGROUND, fact_put, &fact), FAULT_NONE);
    db_close(db);
}

static void what_the_server_suffers_is_said(void **state)
{
    (void)state;
    assert_said("53100", FAULT_STORAGE, "disk of the database is full");
    assert_said("53200", FAULT_MEMORY, "no memory left");
    assert_said("58030", FAULT_STORAGE, "does not read or write");
    assert_said("42501", FAULT_STORAGE, "lacks rights");
    assert_said("23514", FAULT_INVALID, "constraint");
    assert_said("57014", FAULT_BUSY, "told to stop");
    assert_said("55P03", FAULT_BUSY, "held a row");
    assert_said("40001", FAULT_BUSY, "again and again");
    assert_said("XX000", FAULT_STORAGE, "see its log");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_no_connection_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_password_is_taken_from_a_file_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_is_not_known_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tls_that_is_not_the_one_asked_for_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_and_strangers_are_told_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(of_several_hosts_one_that_may_be_written_is_enough, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_old_server_and_another_encoding_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_database_that_only_reads_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_wrong_is_said_though_time_is_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_init_makes_tables, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tables_of_others_and_changed_migrations_are_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(newer_tables_and_changed_ones_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_lacks_rights_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_connection_left_is_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(several_make_the_tables_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_the_server_suffers_is_said, set_up, tear_down),
    };
    postgres_or_skip();
    log_to(-1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
