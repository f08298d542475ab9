/* Which engine a connection names, and the way to its driver. */
#include "store/db.h"

#include <sodium.h>
#include <string.h>

#include "store/driver.h"
#include "store/statement.h"

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

enum fault db_open(const struct db_settings *settings, struct db **ret_db)
{
    const char *connection = settings->connection;
    if (sodium_init() < 0)
        return fault_note(FAULT_SYSTEM, "libsodium does not start");
    if (begins(connection, "postgresql://") || begins(connection, "postgres://"))
        return postgres_open(connection, settings, ret_db);
    if (begins(connection, "sqlite:"))
        return sqlite_open(connection + strlen("sqlite:"), settings, ret_db);
    if (strstr(connection, "://") != NULL)
        return fault_note(FAULT_INVALID,
                          "the database is of no known kind: give sqlite:PATH or postgresql://HOST/NAME");
    return sqlite_open(connection, settings, ret_db);
}

void db_close(struct db *db)
{
    if (db != NULL)
        db->driver->close(db);
}

bool db_is_shared(const struct db *db)
{
    return db->shared;
}

struct id db_server_id(const struct db *db)
{
    return db->server;
}

int db_lanes(const struct db *db)
{
    return db->lane_count;
}

int db_lane(const struct db_tx *tx)
{
    must(tx->lane >= 0);
    return tx->lane;
}

struct id db_lane_id(const struct db *db, int lane)
{
    must(lane >= 0 && lane < db->lane_count);
    return db->lanes[lane];
}

uint64_t db_number_next(struct db_tx *tx, enum db_series series)
{
    must(tx->lane >= 0 && series < DB_SERIES_END);
    return ++tx->numbers[series];
}

enum fault db_read(struct db *db, db_job job, void *context)
{
    return db->driver->read(db, job, context);
}

enum fault db_write(struct db *db, enum db_urgency urgency, db_job job, void *context)
{
    must(urgency == DB_FOREGROUND || urgency == DB_BACKGROUND);
    return db->driver->write(db, urgency, job, context);
}

void check_binds(enum statement statement, const struct value *in)
{
    const struct sql_statement *packed = &sql_statements[statement];
    must(packed->bind_count == 0 || in != NULL);
    for (size_t i = 0; i < packed->bind_count; i++) {
        must(in[i].kind != VALUE_UNSET);
        must(in[i].kind == packed->binds[i].kind || (in[i].kind == VALUE_NULL && packed->binds[i].nullable));
    }
}

enum fault db_run(struct db_tx *tx, enum statement statement, const struct value *in, int64_t *ret_changes)
{
    check_binds(statement, in);
    return tx->driver->run(tx, statement, in, ret_changes);
}

enum fault db_run_many(struct db_tx *tx, enum statement statement, const struct value *in, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check_binds(statement, in + i * sql_statements[statement].bind_count);
    return count == 0 ? FAULT_NONE : tx->driver->run_many(tx, statement, in, count);
}

enum fault db_one(struct db_tx *tx, enum statement statement, const struct value *in, struct arena *arena,
                  struct value *out)
{
    check_binds(statement, in);
    return tx->driver->one(tx, statement, in, arena, out);
}

enum fault db_query(struct db_tx *tx, enum statement statement, const struct value *in,
                    struct db_rows **ret_rows)
{
    check_binds(statement, in);
    return tx->driver->query(tx, statement, in, ret_rows);
}

bool db_next(struct db_rows *rows, struct value *out)
{
    return rows->driver->next(rows, out);
}

enum fault db_rows_close(struct db_rows *rows)
{
    return rows == NULL ? FAULT_NONE : rows->driver->rows_close(rows);
}

enum fault db_rows_end(struct db_rows *rows, enum fault fault)
{
    const char *note = fault_last_note();
    enum fault closed = db_rows_close(rows);
    return fault == FAULT_NONE ? closed : fault_note(fault, note);
}

struct db_counts db_counts(struct db *db)
{
    return db->driver->counts(db);
}
