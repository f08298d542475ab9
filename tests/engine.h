/* One fixture, two engines: a database is named by the path that its file would have, and lives there or,
 * where CONTACTPOINT_TEST_ENGINE=postgres, in a schema of its own.  Each test on a database is registered
 * with meson twice.
 *
 * Every function fails the test where it does not succeed, and ends the program as skipped where PostgreSQL
 * is wanted and there is none.  One thread at a time. */
#ifndef TESTS_ENGINE_H
#define TESTS_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether this run of the test is the one on PostgreSQL. */
bool engine_is_postgres(void);

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

/* All values of all rows in their order, as the engine keeps them, each behind its size in 8 bytes; to be
 * compared with another reading on the same engine.  free() them. */
void *engine_rows(const char *path, const char *sql, size_t *ret_size_bytes);

/* The only value there is, of that many bytes. */
void engine_value(const char *path, const char *sql, void *ret_value, size_t size_bytes);

/* Bytes as they stand in a statement: x'00' or '\x00'.  At most 64 of them; borrowed until the next call. */
const char *engine_literal(const void *bytes, size_t size_bytes);

/* Turns over a bit of the byte at `at` of the one value that it names. */
struct engine_cell {
    const char *table;
    const char *column;
    const char *where;
    size_t at;
};
void engine_flip(const char *path, const struct engine_cell *cell);

/* Everything that rests: the file and its log; or all rows, and the files of tables and indexes.  free() it.
 */
void *engine_resting(const char *path, size_t *ret_size_bytes);

#endif
