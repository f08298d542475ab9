#include "registry/bulk.h"

enum fault bulk_open(struct bulk *bulk, enum statement statement, size_t binds, size_t room,
                     struct arena *arena)
{
    *bulk = (struct bulk){.statement = statement, .binds = binds, .room = room};
    bulk->values = arena_take_array(arena, room * binds, sizeof *bulk->values);
    return bulk->values == NULL ? FAULT_MEMORY : FAULT_NONE;
}

struct value *bulk_row(struct bulk *bulk)
{
    must(bulk->count < bulk->room);
    return bulk->values + bulk->binds * bulk->count++;
}

enum fault bulk_send(struct db_tx *tx, const struct bulk *bulk)
{
    return db_run_many(tx, bulk->statement, bulk->values, bulk->count);
}
