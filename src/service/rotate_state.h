/* What the database says of a rotation.  Only src/service/rotate*.c includes this. */
#ifndef SERVICE_ROTATE_STATE_H
#define SERVICE_ROTATE_STATE_H

#include "service/inside.h"
#include "service/rewrap.h"
#include "store/wrapping.h"

enum rotation_phase { ROTATION_NONE = 1, ROTATION_ADD, ROTATION_WRAP };

struct rotation_state {
    struct wrapping wrapping;
    enum rotation_phase phase;
    bool drawn;                       /* ADD: a key file has the new master */
    uint8_t check[VAULT_CHECK_BYTES]; /* of that */
    struct rewrap_place place;        /* WRAP */
};

/* FAULT_CORRUPT with a note where it says something else. */
MUST_USE enum fault rotation_read(struct db *db, struct rotation_state *ret_state);

/* The next state, in the transaction that it goes with.  FAULT_CONFLICT with a note where the database is not
 * in the state `from` any more: somebody else rotates too. */
MUST_USE enum fault rotation_step(struct db_tx *tx, const struct rotation_state *from,
                                  const struct rotation_state *to);

/* What this server has, for the others to see. */
MUST_USE enum fault rotation_publish(struct db *db, const struct vault_masters *masters);
MUST_USE enum fault rotation_withdraw(struct db *db);

/* Forgets what servers have said that are gone: those that crashed have not withdrawn it. */
MUST_USE enum fault rotation_sweep(struct db *db);

/* What the other living servers have. */
struct rotation_others {
    bool all;   /* have the newest master of `masters` as their newest */
    bool drawn; /* one has the master of that check as its newest */
};
MUST_USE enum fault rotation_others(struct db *db, const struct vault_masters *masters,
                                    const uint8_t check[VAULT_CHECK_BYTES],
                                    struct rotation_others *ret_others);

#endif
