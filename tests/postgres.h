/* A test's own corner of the cluster that tools/postgres started, and the means to trouble that cluster.
 *
 * Every function but the first two fails the test where it does not succeed.  One thread at a time. */
#ifndef TESTS_POSTGRES_H
#define TESTS_POSTGRES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether this run of the test is the one on PostgreSQL: CONTACTPOINT_TEST_ENGINE=postgres. */
bool postgres_wanted(void);

/* Whether there is a cluster: CONTACTPOINT_POSTGRES is set. */
bool postgres_present(void);

/* Ends the program as skipped, with the reason, where there is none. */
void postgres_or_skip(void);

/* A connection string (URI) for role contactpoint and an empty schema of its own, which is its whole
 * search_path. Borrowed until it is dropped; at most 64 at a time. */
const char *postgres_fresh(void);

/* The same through the socket of the cluster: neither TLS nor password. */
const char *postgres_fresh_local(void);

/* Drops the schema with all that is in it; nobody may be in a transaction there. */
void postgres_drop(const char *connection);

/* As the superuser, in the schema of `connection`, past the program: how many rows changed; one number.
 * NULL stands for no schema at all (public). */
int64_t postgres_execute(const char *connection, const char *sql);
int64_t postgres_number(const char *connection, const char *sql);

/* The same as postgres_execute with $1 in `sql` as these bytes. */
int64_t postgres_execute_with(const char *connection, const char *sql, const void *bytes, size_t size_bytes);

/* The same as engine_rows and engine_resting. */
void *postgres_rows(const char *connection, const char *sql, size_t *ret_size_bytes);
void *postgres_resting(const char *connection, size_t *ret_size_bytes);

/* The cluster's folder: data/postmaster.pid, log, passfile, server.crt. */
const char *postgres_folder(void);

/* What an operator's bad day does to the cluster.  Others' tests use it too: a program that calls these runs
 * beside a cluster of its own, as meson starts it by postgres_tool with the arguments 'with', '--', program.
 */
void postgres_restart(void); /* at once, as after a crash; returns when it takes connections again */
void postgres_stop(void);    /* at once */
void postgres_start(void);   /* with the same data and port */
void postgres_stall(void);   /* every process stands still; connections hang */
void postgres_resume(void);
void postgres_demote(void); /* a restart as a read-only standby */
void postgres_promote(void);

#endif
