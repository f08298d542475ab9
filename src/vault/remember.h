/* What the keeper has answered lately, so that it need not be asked again: data keys by the wrapped key,
 * keyed hashes by a hash of what was hashed.  In locked memory, for DATA_KEY_LIVES_S at most while anything
 * is asked. Safe from any thread.  Only src/vault/ includes this. */
#ifndef VAULT_REMEMBER_H
#define VAULT_REMEMBER_H

#include "vault/keys.h"
#include "vault/vault.h"
#include "vault/wire.h"

struct remembered;

MUST_USE enum fault remembered_open(struct remembered **ret_remembered);
void remembered_close(struct remembered *remembered);

/* A key is remembered for the purposes that the keeper has given it for; to seal, any of them will do. */
bool remembered_key(struct remembered *remembered, enum purpose purpose, const struct wrapped_key *wrapped,
                    uint8_t ret_key[KEY_BYTES]);
void remember_key(struct remembered *remembered, enum purpose purpose, const struct wrapped_key *wrapped,
                  const uint8_t key[KEY_BYTES]);

/* What was hashed, as a name that tells nothing. */
struct hash_name {
    uint8_t byte[16];
};
struct hash_name remembered_name(const struct remembered *remembered, uint32_t kind, const char *scheme,
                                 struct bytes value);
bool remembered_hash(struct remembered *remembered, const struct hash_name *name, uint8_t *at, size_t size);
void remember_hash(struct remembered *remembered, const struct hash_name *name, const uint8_t *at,
                   size_t size);

/* Everything. */
void remembered_forget(struct remembered *remembered);

#endif
