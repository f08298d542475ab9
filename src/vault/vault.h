/* The only floor that holds secret keys.  Callers hold wrapped keys and never see a key.
 *
 * The keys that wrap and hash live in a process of their own, the keeper (security.md §6), which vault_open
 * starts and vault_close ends.  It has no network and no database; this process asks it.  What comes out of
 * it are data keys of single records, which stay here for at most DATA_KEY_LIVES_S, in locked memory.  A
 * keeper that is gone does not come back: everything then answers FAULT_CLOSED until vault_open.
 *
 * XChaCha20-Poly1305 (libsodium) with random nonces; associated data bind a ciphertext to its table, column,
 * row and version; clear text is padded to size classes.  Safe from any thread once open. */
#ifndef VAULT_VAULT_H
#define VAULT_VAULT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/id.h"
#include "base/random.h"
#include "base/str.h"
#include "vault/purpose.h"

struct vault;

enum { WRAPPED_KEY_BYTES = 80, TAG_BYTES = 16, SEAL_OVERHEAD_BYTES = 1 + 24 + 16, DATA_KEY_LIVES_S = 30 };

/* A data key as it rests in the database: format, number of the master key, nonce, ciphertext. */
struct wrapped_key {
    uint8_t byte[WRAPPED_KEY_BYTES];
};

/* A keyed hash: finds an identifier or makes a link without naming it. */
struct tag {
    uint8_t byte[TAG_BYTES];
};

/* Where a ciphertext stands.  table and column are literals; row is its primary key. */
struct seal_place {
    const char *table;
    const char *column;
    struct bytes row;
    uint64_t version;
};

/* Makes a new key file at `path` (0600, must not exist, synced with its folder).  FAULT_DUPLICATE where it
 * exists; FAULT_STORAGE. */
MUST_USE enum fault vault_create(const char *path, struct entropy entropy);

/* Starts a keeper, which reads the key file and locks its memory, and opens the keeper's state file beside it
 * (`path` + ".state"), which one process at a time may have open.  FAULT_ABSENT; FAULT_KEY where it is
 * broken, of another version, or readable by others; FAULT_BUSY where another process has it; FAULT_SYSTEM.
 * To be called before there are secrets in this process, and at best before threads: the keeper is its copy.
 */
MUST_USE enum fault vault_open(const char *path, struct vault **ret_vault);
void vault_close(struct vault *vault);

/* False once the keeper is gone: no record can be shown any more.  Looks, which takes less than a
 * microsecond. */
bool vault_is_alive(struct vault *vault);

/* A new data key, wrapped under the newest master key. */
MUST_USE enum fault vault_key_new(struct vault *vault, struct wrapped_key *ret_key);

/* Every function below that gives a fault gives FAULT_CLOSED, with a note, where the keeper is gone.
 *
 * Seals clear text under a wrapped key; the ciphertext replaces the content of `sealed`.
 * FAULT_KEY where the key does not unwrap; FAULT_MEMORY; FAULT_TOO_LARGE above 64 KiB. */
MUST_USE enum fault vault_seal(struct vault *vault, const struct wrapped_key *key,
                               const struct seal_place *place, struct bytes clear, struct buffer *sealed);

/* How many bytes vault_seal makes of `clear_bytes`. */
size_t vault_sealed_bytes(size_t clear_bytes);

/* Opens what vault_seal made; the clear text replaces the content of `clear`.  FAULT_CORRUPT where it was
 * changed or stands elsewhere; FAULT_KEY; FAULT_TOO_LARGE where clear could not hold the padding too;
 * FAULT_SYSTEM where the purpose is not one for which that place is opened. */
MUST_USE enum fault vault_unseal(struct vault_purpose purpose, const struct wrapped_key *key,
                                 const struct seal_place *place, struct bytes sealed, struct buffer *clear);

/* How many keys the keeper has unwrapped since it began, by what they were for.  A key that was unwrapped for
 * one purpose is not at hand for another. */
struct vault_counts {
    uint64_t of[PURPOSES_END];
};
MUST_USE enum fault vault_counts(struct vault *vault, struct vault_counts *ret_counts);

/* Asks for keys that are about to be used, with one question: what follows need not wait for each.  At most
 * VAULT_AHEAD_MAX; one that does not unwrap is a fault of its own use only. */
enum { VAULT_AHEAD_MAX = 512 };
MUST_USE enum fault vault_unwrap_ahead(struct vault_linkage purpose, const struct wrapped_key *keys,
                                       size_t count);

/* Keys of many records, unwrapped with one question to the keeper: what reads millions of them uses. */
enum { VAULT_BUNDLE_MAX = 256 };
struct vault_bundle;
MUST_USE enum fault vault_bundle_open(struct vault_linkage purpose, struct vault_bundle **ret_bundle);
void vault_bundle_close(struct vault_bundle *bundle);

/* Forgets what the bundle held; `keys` are `count` ≤ VAULT_BUNDLE_MAX.  One that does not unwrap is a fault
 * of its own opening only. */
MUST_USE enum fault vault_bundle_fill(struct vault_bundle *bundle, const struct wrapped_key *keys,
                                      size_t count);

/* vault_unseal under the key at `index` of the bundle. */
MUST_USE enum fault vault_bundle_unseal(struct vault_bundle *bundle, size_t index,
                                        const struct seal_place *place, struct bytes sealed,
                                        struct buffer *clear);

/* The keyed hash of `value` under the sub-key for tags, bound to `scheme` (a literal, "number:nhs").  Where
 * the keeper is gone the tag is one that nothing has; what is to be written with it asks vault_is_alive last.
 */
struct tag vault_tag(struct vault *vault, const char *scheme, struct bytes value);

/* Many of them with one question; each as vault_tag. */
struct vault_tagging {
    const char *scheme;
    struct bytes value;
    struct tag tag; /* the answer */
};
void vault_tag_many(struct vault *vault, struct vault_tagging *taggings, size_t count);

/* Bytes that only this vault can make from `value`: decoys, form tokens.  At most 64 bytes.  Random ones
 * where the keeper is gone. */
void vault_derive(struct vault *vault, const char *scheme, struct bytes value, uint8_t *at,
                  size_t size_bytes);

/* What tells vaults apart without telling anything about their keys: it may stand in clear beside the
 * database that they seal, so that a server whose keys do not fit is told at its start.  The same in every
 * vault that got its keys from the same `vault_create`, also after master keys were added. */
void vault_fingerprint(struct vault *vault, struct tag *ret_tag);

/* The keeper's memory of the audit numbering (security.md §2): of each lane of this life of the process, the
 * highest entry number that it has committed.  Survives the death of the serving process.  Told after commit,
 * before the answer leaves; a lower number than the one remembered changes nothing. */
enum { KEEPER_LANES_MAX = 64 };
void vault_keeper_begin(struct vault *vault, const struct id *incarnations, size_t count);
void vault_keeper_tell(struct vault *vault, size_t lane, uint64_t number);

/* What the last life told before it ended: one incarnation and number per lane, at most KEEPER_LANES_MAX; 0
 * where there was none. */
size_t vault_keeper_last(struct vault *vault, struct id *ret_incarnations, uint64_t *ret_numbers);

#endif
