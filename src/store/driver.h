/* What an engine's driver gives to db.c.  Only src/store and its tests include this. */
#ifndef STORE_DRIVER_H
#define STORE_DRIVER_H

#include "store/db.h"

struct db_driver {
    void (*close)(struct db *db);
    enum fault (*read)(struct db *db, db_job job, void *context);
    enum fault (*write)(struct db *db, enum db_urgency urgency, db_job job, void *context);
    enum fault (*run)(struct db_tx *tx, enum statement statement, const struct value *in,
                      int64_t *ret_changes);
    enum fault (*run_many)(struct db_tx *tx, enum statement statement, const struct value *in, size_t count);
    enum fault (*one)(struct db_tx *tx, enum statement statement, const struct value *in, struct arena *arena,
                      struct value *out);
    enum fault (*query)(struct db_tx *tx, enum statement statement, const struct value *in,
                        struct db_rows **ret_rows);
    bool (*next)(struct db_rows *rows, struct value *out);
    enum fault (*rows_close)(struct db_rows *rows);
    struct db_counts (*counts)(struct db *db);
};

/* Each begins its driver's own struct. */
struct db {
    const struct db_driver *driver;
    bool shared;
    struct id server;
    int lane_count;
    struct id lanes[DB_LANES_MAX];
};

struct db_tx {
    const struct db_driver *driver;
    int lane;                        /* -1 where it only reads */
    uint64_t numbers[DB_SERIES_END]; /* the last given of each series, in this lane */
};

struct db_rows {
    const struct db_driver *driver;
};

/* Opens what `settings->connection` names; the scheme has been taken off. */
MUST_USE enum fault sqlite_open(const char *path, const struct db_settings *settings, struct db **ret_db);
MUST_USE enum fault postgres_open(const char *uri, const struct db_settings *settings, struct db **ret_db);

/* Checks values against what the block declares: our own mistakes. */
void check_binds(enum statement statement, const struct value *in);

#endif
