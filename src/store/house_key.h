/* Keys of the house: data keys that belong to no child (staff, searches, feeds, months of audit), kept
 * wrapped. */
#ifndef STORE_HOUSE_KEY_H
#define STORE_HOUSE_KEY_H

#include "store/db.h"
#include "vault/vault.h"

/* The key of that name, made on first use; a write of its own then.  Never inside a job. */
MUST_USE enum fault house_key_get(struct db *db, struct vault *vault, struct str name,
                                  struct wrapped_key *ret_key);

#endif
