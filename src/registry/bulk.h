/* Rows of one statement, gathered while a transaction works and sent at once: one round trip instead of one
 * each. */
#ifndef REGISTRY_BULK_H
#define REGISTRY_BULK_H

#include "store/db.h"

struct bulk {
    enum statement statement;
    size_t binds;
    struct value *values;
    size_t count;
    size_t room;
};

/* Room for `room` rows of `binds` (BINDS_…) values, in the arena. */
MUST_USE enum fault bulk_open(struct bulk *bulk, enum statement statement, size_t binds, size_t room,
                              struct arena *arena);

/* The values of one more row, to be filled; at most `room` times. */
struct value *bulk_row(struct bulk *bulk);

MUST_USE enum fault bulk_send(struct db_tx *tx, const struct bulk *bulk);

#endif
