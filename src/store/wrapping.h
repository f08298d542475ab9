/* Under which master key the data keys of this database are wrapped (security.md §6): one number, on which
 * all its servers have agreed.
 *
 * It stands in `meta` as `master`: "NUMBER", or "NUMBER CHECK" (vault/rotation.h) once masters have been
 * exchanged.  Whatever inserts a wrapped key holds to it with wrapping_agree, in the same transaction: the
 * number is locked until that has been kept or given up, and is changed by a transaction that waits for the
 * lock.  So nothing under an earlier master appears once a later one has been agreed on, however long ago the
 * key was made, and however long its transaction took. */
#ifndef STORE_WRAPPING_H
#define STORE_WRAPPING_H

#include "store/db.h"
#include "vault/rotation.h"

struct wrapping {
    uint32_t master; /* 0: nobody has said so yet */
    bool checked;
    uint8_t check[VAULT_CHECK_BYTES];
};

enum { WRAPPING_KEYS_MAX = VAULT_REWRAP_MAX };

/* Keys that are about to be inserted, at most WRAPPING_KEYS_MAX: those that are under another master are
 * wrapped anew, in their place; what was sealed with them stays good.  FAULT_KEY with a note where this
 * server lacks the master, or a key does not open; FAULT_BUSY. */
MUST_USE enum fault wrapping_agree(struct db_tx *tx, struct vault *vault, struct wrapped_key *keys,
                                   size_t count);

/* What has been agreed on; locks nothing.  FAULT_CORRUPT with a note. */
MUST_USE enum fault wrapping_get(struct db_tx *tx, struct arena *arena, struct wrapping *ret_wrapping);

/* Agrees on another one: waits for the transactions that hold to the present one. */
MUST_USE enum fault wrapping_put(struct db_tx *tx, const struct wrapping *wrapping);

#endif
