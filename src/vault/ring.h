/* The keys themselves, which live in the keeper alone: wrapping, unwrapping, hashing.  Only src/vault/
 * includes this, and of its files only those that run in the keeper's process call it. */
#ifndef VAULT_RING_H
#define VAULT_RING_H

#include "vault/keys.h"
#include "vault/rotation.h"

/* One sub-key per purpose, derived from a key file; the master keys themselves are forgotten.  Lives in
 * locked memory. */
struct ring {
    uint32_t count;
    uint32_t wrapping; /* which of them wraps new keys */
    uint32_t number[MASTERS_MAX];
    uint8_t wrap[MASTERS_MAX][KEY_BYTES];
    uint8_t tag[KEY_BYTES];
    uint8_t derive[KEY_BYTES];
};

enum ring_hash { RING_TAG = 1, RING_DERIVE = 2 };

/* The newest master wraps. */
void ring_derive(const struct key_file *keys, struct ring *ret_ring);

/* Is this the key file that the ring is of, whatever rotation has done to it since?  The same key of hashes;
 * the ring's newest master; of others only such as the ring has too, or newer ones. */
bool ring_is_of(const struct ring *ring, const struct key_file *keys);

/* The place of a master's number; ring->count where the ring has none such. */
uint32_t ring_find(const struct ring *ring, uint32_t number);

/* What tells the master at that place from others of its number (rotation.h). */
void ring_check(const struct ring *ring, uint32_t at, uint8_t ret_check[VAULT_CHECK_BYTES]);

/* Which master a key is wrapped under. */
uint32_t ring_number_of(const struct wrapped_key *key);

/* Under the master that wraps. */
void ring_wrap(const struct ring *ring, const uint8_t key[KEY_BYTES], struct wrapped_key *ret_key);

/* The caller wipes ret_key, whatever is answered.  FAULT_KEY with a note. */
MUST_USE enum fault ring_unwrap(const struct ring *ring, const struct wrapped_key *key,
                                uint8_t ret_key[KEY_BYTES]);

/* BLAKE2b of length and scheme, then the value; at most 64 bytes. */
void ring_hash(const struct ring *ring, enum ring_hash kind, struct str scheme, struct bytes value,
               uint8_t *at, size_t size_bytes);

#endif
