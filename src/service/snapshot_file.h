/* The file of a snapshot: an index in sealed pieces.  Only service/snapshot.c and tests include this.
 *
 *     magic (8), format (4), wrapped key (80), length of the sealed head (4), sealed head, sealed pieces
 *
 * Numbers are big-endian.  The key is new with each file.  The head has the program's version, the model's
 * digest, the database's position, how many people, pieces and bytes.  Every piece is sealed to its number
 * and to how many there are; all but the last have SNAPSHOT_PIECE_BYTES. */
#ifndef SERVICE_SNAPSHOT_FILE_H
#define SERVICE_SNAPSHOT_FILE_H

#include "match/match.h"
#include "match/model_file.h"
#include "vault/vault.h"

/* With their padding to a class of the vault. */
enum { SNAPSHOT_PIECE_BYTES = 60 * 1024 - 1, SNAPSHOT_POSITION_BYTES_MAX = 48 * 1024 };

struct snapshot_file {
    const char *path;
    struct vault *vault;
    struct match_index *index;
    uint8_t digest[MODEL_DIGEST_BYTES]; /* of the index's model */
};

/* Writes the index, which nobody changes meanwhile, beside the file, then renames it; durable on return.
 * FAULT_STORAGE, FAULT_MEMORY, FAULT_TOO_LARGE for the position. */
MUST_USE enum fault snapshot_file_write(const struct snapshot_file *file, struct bytes position);

/* Reads into an empty index; the position replaces the content of `position`.  Where `expected` is not empty
 * and the position is another one, nothing more is read.  FAULT_ABSENT: there is no file; FAULT_CORRUPT or
 * FAULT_KEY where anything does not fit; FAULT_STORAGE, FAULT_MEMORY.  After a fault the index can only be
 * closed. */
MUST_USE enum fault snapshot_file_read(const struct snapshot_file *file, struct bytes expected,
                                       struct buffer *position);

#endif
