/* What the database says of a rotation.  Only src/service/rotate*.c includes this. */
#ifndef SERVICE_ROTATE_STATE_H
#define SERVICE_ROTATE_STATE_H

#include "service/inside.h"
#include "service/rewrap.h"

enum rotation_phase { ROTATION_NONE = 1, ROTATION_ADD, ROTATION_WRAP };

struct rotation_state {
    uint32_t master; /* 0: none is named */
    enum rotation_phase phase;
    struct rewrap_place place;
};

/* FAULT_CORRUPT with a note where it says something else. */
MUST_USE enum fault rotation_read(struct db *db, struct rotation_state *ret_state);
MUST_USE enum fault rotation_write(struct db_tx *tx, const struct rotation_state *state);

/* What this server has, for the others to see. */
MUST_USE enum fault rotation_publish(struct db *db, const struct vault_masters *masters);
MUST_USE enum fault rotation_withdraw(struct db *db);

/* Do all other living servers have `master` (and wrap under it, where `wrapping`)? */
MUST_USE enum fault rotation_all_have(struct db *db, uint32_t master, bool wrapping, bool *ret_all);

#endif
