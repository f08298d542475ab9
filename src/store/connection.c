/* One SQLite connection: how it is set up, and what its result codes mean. */
#include "store/sqlite.h"

#include <stdio.h>
#include <string.h>

static int busy_wait_ms(const struct connection *connection)
{
    /* The writer is alone (lock.c); a reader waits only while the log is being recovered. */
    return connection->writes ? 0 : 1000;
}

/* FAST or ON: ON, because it also wipes pages that become free, and erasing a child (R11) is destroying the
 * row that holds its key: that row must not live on in a free page. */
static const char writer_settings[] = "PRAGMA journal_mode=WAL;"
                                      "PRAGMA synchronous=FULL;"
                                      "PRAGMA secure_delete=ON;"
                                      "PRAGMA wal_autocheckpoint=0;"
                                      "PRAGMA journal_size_limit=67108864;"
                                      "PRAGMA cache_size=-131072;"; /* feeds walk through every table */
static const char reader_settings[] = "PRAGMA query_only=ON;"
                                      "PRAGMA wal_autocheckpoint=0;"
                                      "PRAGMA cache_size=-16384;";
static const char settings[] = "PRAGMA foreign_keys=ON;"
                               "PRAGMA cell_size_check=ON;"
                               "PRAGMA temp_store=MEMORY;" /* nothing of ours in temporary files */
                               "PRAGMA mmap_size=0;";

enum fault connection_fault(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return FAULT_NONE;
    case SQLITE_CONSTRAINT:
        if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY)
            return fault_note(FAULT_DUPLICATE, "a row with this key is there already");
        return fault_note(FAULT_INVALID, "a constraint of the schema refuses this row");
    case SQLITE_FULL:
        return fault_note(FAULT_STORAGE, "the disk of the database is full: make room on it");
    case SQLITE_CORRUPT:
        return fault_note(FAULT_CORRUPT, "the database file is damaged: restore the last backup");
    case SQLITE_NOTADB:
        return fault_note(FAULT_CORRUPT,
                          "the file is not an SQLite database, or is damaged: check the path, or restore "
                          "the last backup");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fault_note(FAULT_BUSY, "another program has the database locked: end it");
    case SQLITE_NOMEM:
        return fault_note(FAULT_MEMORY, "SQLite could get no memory");
    case SQLITE_CANTOPEN:
        return fault_note(FAULT_STORAGE,
                          "the database file or its -wal or -shm cannot be opened: check who owns them");
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return fault_note(FAULT_STORAGE,
                          "the database file cannot be written: check who owns it and its folder");
    case SQLITE_IOERR:
        return fault_note(FAULT_STORAGE,
                          "the disk of the database does not read or write: check the machine's log");
    default:
        return fault_note(FAULT_STORAGE, "SQLite could not do it");
    }
}

int connection_step(sqlite3_stmt *prepared)
{
    int code = sqlite3_step(prepared);
    sqlite3_reset(prepared);
    return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

static int remember_wal_pages(void *context, sqlite3 *sqlite, const char *name, int pages)
{
    (void)sqlite;
    (void)name;
    ((struct connection *)context)->wal_pages = pages;
    return SQLITE_OK;
}

static int configure(struct connection *connection)
{
    static const struct {
        int option;
        int value;
    } options[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},        {SQLITE_DBCONFIG_DQS_DML, 0},
    };
    sqlite3 *sqlite = connection->sqlite;
    int code = SQLITE_OK;
    for (size_t i = 0; i < sizeof options / sizeof options[0] && code == SQLITE_OK; i++)
        code = sqlite3_db_config(sqlite, options[i].option, options[i].value, NULL);
    if (code == SQLITE_OK && !connection->writes)
        code = sqlite3_db_config(sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_busy_timeout(sqlite, busy_wait_ms(connection));
    if (code == SQLITE_OK && connection->writes) {
        char page_size[40];
        snprintf(page_size, sizeof page_size, "PRAGMA page_size=%d", DB_PAGE_BYTES);
        code = sqlite3_exec(sqlite, page_size, NULL, NULL, NULL);
    }
    if (code == SQLITE_OK)
        code = sqlite3_exec(sqlite, connection->writes ? writer_settings : reader_settings, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(sqlite, settings, NULL, NULL, NULL);
    if (code == SQLITE_OK && connection->writes)
        sqlite3_wal_hook(sqlite, remember_wal_pages, connection);
    return code;
}

static int prepare_own(struct connection *connection)
{
    const struct {
        const char *text;
        sqlite3_stmt **ret_prepared;
    } own[] = {
        {connection->writes ? "BEGIN IMMEDIATE" : "BEGIN", &connection->begin},
        {"COMMIT", &connection->commit},
        {"ROLLBACK", &connection->rollback},
        {"SAVEPOINT job", &connection->savepoint},
        {"RELEASE job", &connection->release},
        {"ROLLBACK TO job", &connection->undo},
    };
    int code = SQLITE_OK;
    for (size_t i = 0; i < sizeof own / sizeof own[0] && code == SQLITE_OK; i++)
        code = sqlite3_prepare_v3(connection->sqlite, own[i].text, -1, SQLITE_PREPARE_PERSISTENT,
                                  own[i].ret_prepared, NULL);
    return code;
}

enum fault connection_open(const char *path, bool writes, struct connection *connection)
{
    *connection = (struct connection){.writes = writes};
    /* A reader opens for writing too: it must be able to make the -shm file; query_only keeps it from the
     * rest. */
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(path, &connection->sqlite, flags, NULL);
    if (code == SQLITE_OK)
        code = configure(connection);
    if (code == SQLITE_OK)
        code = prepare_own(connection);
    enum fault fault = connection_fault(code);
    if (fault != FAULT_NONE)
        connection_close(connection);
    return fault;
}

void connection_close(struct connection *connection)
{
    sqlite3_stmt *own[] = {connection->begin,     connection->commit,  connection->rollback,
                           connection->savepoint, connection->release, connection->undo};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        sqlite3_finalize(own[i]);
    for (size_t i = 0; i < STATEMENTS_END; i++)
        sqlite3_finalize(connection->prepared[i]);
    sqlite3_close(connection->sqlite);
    *connection = (struct connection){0};
}
