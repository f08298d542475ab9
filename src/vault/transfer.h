/* How the keys reach a second server: sealed by the vault that has them for a machine that asked.
 *
 * The new machine draws an X25519 key pair for this once, keeps the secret half and sends a request.  The
 * vault seals its whole key file for that request (libsodium's sealed box).  Neither file says who made it: a
 * sealed box keeps secrets, it proves no sender.  So each has a fingerprint, which its maker reads out to the
 * other side, and which the other side types. */
#ifndef VAULT_TRANSFER_H
#define VAULT_TRANSFER_H

#include "base/buffer.h"
#include "base/random.h"
#include "base/time.h"
#include "vault/vault.h"

enum {
    TRANSFER_BYTES_MAX = 4096,       /* of a request, of sealed keys */
    TRANSFER_HOURS_MAX = 24,         /* from the request to the keys in their place */
    TRANSFER_FINGERPRINT_BYTES = 36, /* six groups of five digits, NUL included */
};

/* Draws a key pair, keeps its secret half at `asking` (0600; an earlier one there is destroyed, and its
 * request is void) and appends the request to `request`.  FAULT_STORAGE, FAULT_MEMORY with a note. */
MUST_USE enum fault transfer_ask(const char *asking, struct instant now, struct entropy entropy,
                                 struct buffer *request);

/* Destroys the secret half where there is one. */
MUST_USE enum fault transfer_forget(const char *asking);

/* About 100 bits of BLAKE2b over the whole text: "12345 67890 …". */
void transfer_fingerprint(struct str text, char ret_digits[TRANSFER_FINGERPRINT_BYTES]);

/* Is this a whole request that may still be answered?  FAULT_INVALID with a note. */
MUST_USE enum fault transfer_request_check(struct str request, struct instant now);

/* Seals the vault's key file for a request, appended to `sealed`.  `typed` is the request's fingerprint as
 * somebody typed it; blanks and dashes in it do not count.  FAULT_INVALID with a note: a wrong fingerprint, a
 * request that is broken or too old; FAULT_KEY: the key file is no longer the one that was opened. */
MUST_USE enum fault transfer_give(struct vault *vault, struct str request, struct str typed,
                                  struct instant now, struct buffer *sealed);

/* Opens sealed keys with the secret half kept at `asking`, and throws them away again: what can be said
 * before anybody types.  Faults as transfer_take. */
MUST_USE enum fault transfer_check(const char *asking, const char *key_path, struct str sealed,
                                   struct instant now);

/* Opens sealed keys, makes the key file at `key_path` of them (0600, synced with its folder) and destroys the
 * secret half.  `typed` is the fingerprint of the sealed keys.  FAULT_ABSENT: nothing was asked here;
 * FAULT_DUPLICATE: there is a key file already; FAULT_INVALID: a wrong fingerprint, text that is broken, too
 * late, or the answer to another request; FAULT_KEY: the secret half is broken; FAULT_STORAGE.  Always with a
 * note, and no key file is made; but where only the secret half could not be destroyed, the keys are in place
 * and the note says what to remove. */
MUST_USE enum fault transfer_take(const char *asking, const char *key_path, struct str sealed,
                                  struct str typed, struct instant now);

#endif
