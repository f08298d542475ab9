/* What an engine gives to raw.c. */
#ifndef STORE_RAW_DRIVER_H
#define STORE_RAW_DRIVER_H

#include "store/raw.h"

enum { RAW_SAYS_BYTES = 400 };

struct raw_driver {
    void (*close)(struct raw *raw);
    /* `text` (may be NULL) gets the first column of the first row; *ret_rows, how many rows came. */
    enum fault (*run)(struct raw *raw, const char *sql, const struct value *in, size_t count,
                      struct buffer *text, int64_t *ret_rows);
    enum fault (*script)(struct raw *raw, const char *sql);
    enum fault (*prepare)(struct raw *raw, const char *sql);
};

struct raw {
    const struct raw_driver *driver;
    char says[RAW_SAYS_BYTES];
};

/* Keeps the first line of what the engine said. */
void raw_keep(struct raw *raw, const char *message);

MUST_USE enum fault raw_sqlite_open(const char *path, bool writes, struct raw **ret_raw);
MUST_USE enum fault raw_postgres_open(const char *uri, bool writes, struct raw **ret_raw);

#endif
