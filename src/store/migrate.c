/* Brings the schema up to this program's: forward only, each migration whole or not at all.
 *
 * The lock file (lock.c) is what keeps a second process from migrating the same SQLite database. */
#include "store/migrate.h"
#include "store/sqlite.h"
#include "store/statement.h"

#include <sodium.h>

struct checksum {
    uint8_t byte[crypto_hash_sha256_BYTES];
};

static struct checksum checksum_of(const char *source)
{
    struct checksum checksum;
    crypto_hash_sha256(checksum.byte, (const uint8_t *)source, strlen(source));
    return checksum;
}

static int count_of(struct connection *connection, const char *query, int *ret_count)
{
    sqlite3_stmt *prepared = NULL;
    int code = sqlite3_prepare_v2(connection->sqlite, query, -1, &prepared, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(prepared);
    if (code == SQLITE_ROW)
        *ret_count = sqlite3_column_int(prepared, 0);
    sqlite3_finalize(prepared);
    return code == SQLITE_ROW ? SQLITE_OK : code;
}

enum fault migrations_check(struct db_tx *tx, size_t *ret_applied)
{
    struct db_rows *rows = NULL;
    struct value row[GIVES_migration_list];
    size_t applied = 0;
    enum fault fault;
    TRY(db_query(tx, SQL_migration_list, NULL, &rows));
    while (db_next(rows, row)) {
        if (applied == sql_migration_count) {
            fault = fault_note(FAULT_SCHEMA,
                               "the database is newer than this program: install the newer program");
            goto done;
        }
        const struct checksum checksum = checksum_of(sql_migrations[applied].source);
        const struct bytes stored = row[GIVE_migration_list_checksum].bytes;
        if (row[GIVE_migration_list_number].number != sql_migrations[applied].number ||
            stored.len != sizeof checksum.byte || memcmp(stored.at, checksum.byte, stored.len) != 0) {
            fault = fault_note(FAULT_SCHEMA,
                               "a migration that this database has had was changed since: run the program "
                               "that it was made with, or restore that migration");
            goto done;
        }
        applied++;
    }
done:;
    enum fault ended = db_rows_close(rows);
    if (fault == FAULT_NONE)
        fault = ended;
    if (fault == FAULT_NONE)
        *ret_applied = applied;
    return fault;
}

enum fault migration_enter(struct db_tx *tx, const struct sql_migration *migration)
{
    const struct checksum checksum = checksum_of(migration->source);
    const struct value in[BINDS_migration_add] = {
        [BIND_migration_add_number] = value_int(migration->number),
        [BIND_migration_add_checksum] = value_bytes((struct bytes){checksum.byte, sizeof checksum.byte}),
        [BIND_migration_add_applied_us] = value_int(clock_now(clock_system()).us),
    };
    return db_run(tx, SQL_migration_add, in, NULL);
}

static enum fault apply(struct connection *connection, const struct sql_migration *migration)
{
    struct sqlite_tx tx = sqlite_tx_of(connection, 0);
    enum fault fault;
    TRY(connection_fault(connection_step(connection->begin)));
    int code = sqlite3_exec(connection->sqlite, migration->sqlite, NULL, NULL, NULL);
    TRY((code & 0xff) == SQLITE_ERROR
            ? fault_note(FAULT_SCHEMA,
                         "a migration does not fit what stands in the database: restore the last backup")
            : connection_fault(code));
    TRY(migration_enter(&tx.base, migration));
    TRY(connection_fault(connection_step(connection->commit)));
done:
    if (!sqlite3_get_autocommit(connection->sqlite))
        connection_step(connection->rollback);
    return fault;
}

enum fault migrate(struct connection *connection)
{
    int tables = 0;
    int ours = 0;
    size_t applied = 0;
    enum fault fault;
    TRY(connection_fault(count_of(connection, "SELECT count(*) FROM sqlite_schema", &tables)));
    TRY(connection_fault(
        count_of(connection, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'migration'",
                 &ours)));
    if (tables > 0 && ours == 0)
        return fault_note(FAULT_SCHEMA, "this is another program's database: check the path");
    struct sqlite_tx tx = sqlite_tx_of(connection, 0);
    if (ours > 0)
        TRY(migrations_check(&tx.base, &applied));
    for (; applied < sql_migration_count; applied++)
        TRY(apply(connection, &sql_migrations[applied]));
done:
    return fault;
}
