/* One fixture, two engines: a database is named by the path that its file would have, and lives there or,
 * where CONTACTPOINT_TEST_ENGINE=postgres, in a schema of its own.  Each test on a database is registered
 * with meson twice.
 *
 * Every function fails the test where it does not succeed, and ends the program as skipped where PostgreSQL
 * is wanted and there is none.  One thread at a time. */
#ifndef TESTS_ENGINE_H
#define TESTS_ENGINE_H

#include <stddef.h>
#include <stdint.h>

/* What to give to db_open: `path`, or the same URI each time for the same path, until it is forgotten.
 * Borrowed until then; at most 64 paths of at most 255 bytes at a time.  Processes forked later know it too.
 */
const char *engine_connection(const char *path);

/* Drops what stands in PostgreSQL for that path; files are the fixture's to remove.  Close the database
 * first. */
void engine_forget(const char *path);

/* As a superuser would, past the program: how many rows changed; one number.  A single statement. */
int64_t engine_run(const char *path, const char *sql);
int64_t engine_number(const char *path, const char *sql);

/* The same as engine_run with $1 in `sql` as these bytes. */
int64_t engine_run_with(const char *path, const char *sql, const void *bytes, size_t size_bytes);

#endif
