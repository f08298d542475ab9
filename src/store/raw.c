/* A connection past the packed statements: the way to its engine. */
#include "store/raw_driver.h"

#include <stdio.h>
#include <string.h>

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

bool raw_is_postgres(const char *connection)
{
    return begins(connection, "postgresql://") || begins(connection, "postgres://");
}

enum fault raw_open(const char *connection, bool writes, struct raw **ret_raw)
{
    if (raw_is_postgres(connection))
        return raw_postgres_open(connection, writes, ret_raw);
    if (begins(connection, "sqlite:"))
        connection += strlen("sqlite:");
    else if (strstr(connection, "://") != NULL)
        return fault_note(FAULT_INVALID,
                          "the database is of no known kind: give sqlite:PATH or postgresql://HOST/NAME");
    return raw_sqlite_open(connection, writes, ret_raw);
}

void raw_close(struct raw *raw)
{
    if (raw != NULL)
        raw->driver->close(raw);
}

void raw_keep(struct raw *raw, const char *message)
{
    size_t len = strcspn(message, "\r\n");
    (void)snprintf(raw->says, sizeof raw->says, "%.*s",
                   (int)(len < sizeof raw->says ? len : sizeof raw->says), message);
}

const char *raw_says(const struct raw *raw)
{
    return raw->says;
}

enum fault raw_run(struct raw *raw, const char *sql, const struct value *in, size_t count,
                   int64_t *ret_changes)
{
    int64_t rows = 0;
    enum fault fault = raw->driver->run(raw, sql, in, count, NULL, &rows);
    if (fault == FAULT_NONE && ret_changes != NULL)
        *ret_changes = rows;
    return fault;
}

enum fault raw_ask(struct raw *raw, const char *sql, struct buffer *text)
{
    int64_t rows = 0;
    enum fault fault = raw->driver->run(raw, sql, NULL, 0, text, &rows);
    if (fault == FAULT_NONE && rows == 0)
        return FAULT_ABSENT;
    return fault == FAULT_NONE ? buffer_fault(text) : fault;
}

enum fault raw_number(struct raw *raw, const char *sql, int64_t *ret_number)
{
    struct buffer text = buffer_open(64);
    enum fault fault = raw_ask(raw, sql, &text);
    if (fault == FAULT_NONE && !str_to_int(buffer_str(&text), INT64_MIN, INT64_MAX, ret_number))
        fault = FAULT_MALFORMED;
    buffer_close(&text);
    return fault;
}

enum fault raw_script(struct raw *raw, const char *sql)
{
    return raw->driver->script(raw, sql);
}

enum fault raw_prepare(struct raw *raw, const char *sql)
{
    return raw->driver->prepare(raw, sql);
}
