/* What an open vault is made of.  Only src/vault/ includes this. */
#ifndef VAULT_VAULT_STRUCT_H
#define VAULT_VAULT_STRUCT_H

#include <limits.h>

#include "vault/keeper.h"
#include "vault/keys.h"
#include "vault/vault.h"

/* One sub-key per purpose; the master keys themselves are forgotten once these are derived.  Lives in locked
 * memory that is read-only while the vault is open. */
struct vault {
    struct keeper_state *keeper;
    int keeper_file;
    uint32_t count;
    uint32_t number[MASTERS_MAX];
    uint8_t wrap[MASTERS_MAX][KEY_BYTES];
    uint8_t tag[KEY_BYTES];
    uint8_t derive[KEY_BYTES];
    char path[PATH_MAX]; /* of the key file: read again when the keys go to another server */
};

/* Are these the keys that the vault was opened with? */
bool vault_is_of(const struct vault *vault, const struct key_file *keys);

#endif
