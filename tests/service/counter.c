#include "counter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <sqlite3.h>

/* after the four that it needs */
#include <cmocka.h>

#include "engine.h"

#define HIGHEST                                                                                              \
    "SELECT coalesce(sum(highest), 0) FROM (SELECT (SELECT max(number) FROM audit_entry"                     \
    " WHERE audit_entry.incarnation_id = incarnation.incarnation_id) AS highest FROM incarnation) AS each"

/* On PostgreSQL each reading is by a connection of its own. */
struct counter {
    const char *path;
    sqlite3 *database;
    sqlite3_stmt *statement;
};

struct counter *counter_open(const char *path)
{
    struct counter *counter = calloc(1, sizeof *counter);
    assert_non_null(counter);
    counter->path = path;
    if (engine_is_postgres())
        return counter;
    assert_int_equal(sqlite3_open_v2(path, &counter->database, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    /* The one writer of the program under test is who writes checkpoints. */
    (void)sqlite3_db_config(counter->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    (void)sqlite3_busy_timeout(counter->database, 5000);
    assert_int_equal(sqlite3_prepare_v2(counter->database, HIGHEST, -1, &counter->statement, NULL),
                     SQLITE_OK);
    return counter;
}

void counter_close(struct counter *counter)
{
    if (counter == NULL)
        return;
    assert_int_equal(sqlite3_finalize(counter->statement), SQLITE_OK);
    assert_int_equal(sqlite3_close(counter->database), SQLITE_OK);
    free(counter);
}

int64_t counter_read(struct counter *counter)
{
    if (engine_is_postgres())
        return engine_number(counter->path, HIGHEST);
    if (sqlite3_step(counter->statement) != SQLITE_ROW)
        fail_msg("%s", sqlite3_errmsg(counter->database));
    const int64_t number = sqlite3_column_int64(counter->statement, 0);
    assert_int_equal(sqlite3_reset(counter->statement), SQLITE_OK);
    return number;
}
