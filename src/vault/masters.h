/* The key file changed by the keeper that has read it.  Only src/vault/ includes this. */
#ifndef VAULT_MASTERS_H
#define VAULT_MASTERS_H

#include "vault/ring.h"

/* The text of the key file as it is now, in KEY_TEXT_BYTES of locked memory.  FAULT_KEY where it is not the
 * file that the ring is of. */
MUST_USE enum fault masters_text(const char *path, const struct ring *ring, char *at, size_t *ret_len);

/* Adds a master to the key file and to the ring, as vault_master_add. */
MUST_USE enum fault masters_add(const char *path, struct ring *ring, uint32_t *ret_number);

/* Takes those below `number` out of the key file; the ring keeps them. */
MUST_USE enum fault masters_drop(const char *path, const struct ring *ring, uint32_t number);

#endif
