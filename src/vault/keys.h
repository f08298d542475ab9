/* The key file: what stands in it, and how it is made and read.  Only src/vault/ includes this.
 *
 * Text, 0600, at most KEY_FILE_BYTES_MAX:
 *
 *     ContactPoint keys
 *     version 1
 *     hash HEX
 *     master 1 HEX
 *     check HEX
 *
 * HEX are 64 hexadecimal digits.  `hash` is the key of all keyed hashes, which never changes, or nothing
 * would be found again; masters are numbered upwards, and the last one wraps new keys; `check` is BLAKE2b-256
 * of all that stands before its line. */
#ifndef VAULT_KEYS_H
#define VAULT_KEYS_H

#include <stdint.h>

#include "base/fault.h"
#include "base/random.h"
#include "base/str.h"

enum { KEY_BYTES = 32, MASTERS_MAX = 16, KEY_FILE_BYTES_MAX = 4096, KEY_TEXT_BYTES = KEY_FILE_BYTES_MAX + 1 };

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

/* Its text, not yet parsed, into KEY_TEXT_BYTES of locked memory.  Refused where others could read the file.
 * Faults as keys_read. */
MUST_USE enum fault keys_read_text(const char *path, char *at, size_t *ret_len);

/* FAULT_KEY, with a note and `keys` filled with zeros, where the text is not a whole key file. */
MUST_USE enum fault keys_parse(struct str text, struct key_file *keys);

/* Makes a file of the text: 0600, whole or not at all, synced with its folder.  FAULT_DUPLICATE where the
 * name is taken; FAULT_STORAGE. */
MUST_USE enum fault keys_put_text(const char *path, struct str text);

/* Writes the text of a key file, as keys_parse reads it, at `at`, which has KEY_TEXT_BYTES of locked memory;
 * how long it is. */
size_t keys_write_text(const struct key_file *keys, char *at);

/* Puts the text in the place of the key file that stands there: whole or not at all, 0600, synced with its
 * folder.  FAULT_STORAGE. */
MUST_USE enum fault keys_replace_text(const char *path, struct str text);

/* Destroys what a replacing that was interrupted has left beside the key file. */
void keys_sweep(const char *path);

/* Makes what happened to names in a file's folder durable. */
bool keys_sync_folder(const char *path);

/* Makes a key file with one master key: written to a temporary neighbour, synced, then linked to its name.
 * FAULT_DUPLICATE; FAULT_STORAGE. */
MUST_USE enum fault keys_create(const char *path, struct entropy entropy);

#endif
