/* The key file: what stands in it, and how it is made and read.  Only src/vault/ includes this.
 *
 * Text, 0600, at most KEY_FILE_BYTES_MAX:
 *
 *     ContactPoint keys
 *     version 1
 *     hash <64 hexadecimal digits>       the key of all keyed hashes; never changes, or nothing would be
 * found again master 1 <64 hexadecimal digits>   numbered upwards; the last one wraps new keys check <64
 * hexadecimal digits>      BLAKE2b-256 of all that stands before this line */
#ifndef VAULT_KEYS_H
#define VAULT_KEYS_H

#include <stdint.h>

#include "base/fault.h"
#include "base/random.h"

enum { KEY_BYTES = 32, MASTERS_MAX = 16, KEY_FILE_BYTES_MAX = 4096 };

/* What a key file holds; lives in locked memory only. */
struct key_file {
    uint8_t hash[KEY_BYTES];
    uint32_t count;
    uint32_t number[MASTERS_MAX];
    uint8_t master[MASTERS_MAX][KEY_BYTES];
};

/* Memory that is locked, guarded, wiped when freed and left out of core dumps.  FAULT_MEMORY, with a note
 * where the limit on locked memory is too low.  Free with sodium_free. */
MUST_USE enum fault keys_memory(size_t size_bytes, void **ret_memory);

/* Reads the key file at `path` into `keys`, which is in locked memory.  FAULT_ABSENT; FAULT_KEY with a note.
 */
MUST_USE enum fault keys_read(const char *path, struct key_file *keys);

/* Makes a key file with one master key: written to a temporary neighbour, synced, then linked to its name.
 * FAULT_DUPLICATE; FAULT_STORAGE. */
MUST_USE enum fault keys_create(const char *path, struct entropy entropy);

#endif
