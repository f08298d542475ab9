/* The sealed pieces of a snapshot, read and opened by threads ahead of who takes them, in order.  Only
 * service/snapshot_file.c includes this. */
#ifndef SERVICE_SNAPSHOT_AHEAD_H
#define SERVICE_SNAPSHOT_AHEAD_H

#include "vault/vault.h"

struct ahead;

/* Where they stand: one behind the other from `from_bytes` on, all but the last of SNAPSHOT_PIECE_BYTES in
 * clear. */
struct ahead_order {
    struct vault *vault;
    struct wrapped_key key;
    int file;
    uint64_t from_bytes;
    uint64_t pieces;
    uint64_t bytes; /* in clear, of all of them */
};

/* FAULT_MEMORY; FAULT_SYSTEM where no thread can be started. */
MUST_USE enum fault ahead_open(const struct ahead_order *order, struct ahead **ret_ahead);
void ahead_close(struct ahead *ahead);

/* The next piece in clear, borrowed until the next call.  FAULT_CORRUPT behind the last one, and where a
 * piece is short, changed or in another's place; FAULT_KEY, FAULT_MEMORY, FAULT_STORAGE. */
MUST_USE enum fault ahead_next(struct ahead *ahead, struct bytes *ret_clear);

/* What a sealed piece is bound to: its number and how many there are. */
enum { PIECE_ROW_BYTES = 16, PIECE_FORMAT = 1 };
struct seal_place piece_place(uint64_t number, uint64_t pieces, uint8_t row[PIECE_ROW_BYTES]);

#endif
