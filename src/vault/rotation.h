/* Exchanging the master key while everything goes on (security.md §6): a new one is added to the key file,
 * keys are wrapped anew under it, and when nothing is wrapped under the old ones they leave the key file. */
#ifndef VAULT_ROTATION_H
#define VAULT_ROTATION_H

#include "vault/vault.h"

enum { VAULT_MASTERS_MAX = 16, VAULT_REWRAP_MAX = 512, VAULT_CHECK_BYTES = 16 };

/* Numbers of the master keys, oldest first, and of the one that wraps.  The checks tell apart two masters of
 * one number, which two servers drew; nothing of a master follows from its check. */
struct vault_masters {
    uint32_t count;
    uint32_t number[VAULT_MASTERS_MAX];
    uint8_t check[VAULT_MASTERS_MAX][VAULT_CHECK_BYTES];
    uint32_t wrapping;
};

MUST_USE enum fault vault_masters(struct vault *vault, struct vault_masters *ret_masters);

/* Draws a new master and puts it into the key file, whole or not at all; it does not wrap yet.  Where the key
 * file has a newer one than the keeper already, as an interrupted call leaves it, that one is taken in.
 * FAULT_KEY: the key file is another than the one opened; FAULT_TOO_MANY: it is full; FAULT_STORAGE. */
MUST_USE enum fault vault_master_add(struct vault *vault, uint32_t *ret_number);

/* From now on new keys are wrapped under that master.  FAULT_KEY where the keeper does not have it. */
MUST_USE enum fault vault_wrap_under(struct vault *vault, uint32_t number);

enum vault_fate {
    FATE_REWRAPPED = 1,
    FATE_CURRENT, /* under the master that wraps already */
    FATE_BROKEN,  /* does not open; left as it was */
};

/* Which master a key is wrapped under; it need not be one that the keeper has. */
uint32_t vault_master_of(const struct wrapped_key *key);

/* Wraps `count` keys anew, in their place. */
MUST_USE enum fault vault_rewrap(struct vault *vault, struct wrapped_key *keys, enum vault_fate *ret_fates,
                                 size_t count);

/* Takes masters below `number` out of the key file, whole or not at all.  This keeper goes on unwrapping
 * under them until it ends, for those who still hold what it wrapped.  FAULT_KEY, FAULT_STORAGE. */
MUST_USE enum fault vault_masters_drop(struct vault *vault, uint32_t number);

#endif
