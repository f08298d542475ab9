/* One arena per job: memory that is given back, and wiped, all at once.
 *
 * Everything allocated lives until arena_close or arena_reset.  An arena belongs to one thread.  A cap bounds
 * what a job can take: beyond it arena_take returns NULL and the job fails with FAULT_MEMORY. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/fault.h"
#include "base/str.h"

struct arena;

/* An arena that gives at most cap_bytes.  FAULT_MEMORY. */
MUST_USE enum fault arena_open(size_t cap_bytes, struct arena **ret_arena);

/* Wipes and frees all; arena_close(NULL) does nothing. */
void arena_close(struct arena *arena);

/* Wipes all that was taken and keeps the first block for the next job. */
void arena_reset(struct arena *arena);

/* size_bytes of zeroed memory aligned for any type, or NULL where the cap or the machine's memory is reached.
 */
void *arena_take(struct arena *arena, size_t size_bytes);

/* count × size_bytes, checked for overflow. */
void *arena_take_array(struct arena *arena, size_t count, size_t size_bytes);

/* A copy of text in the arena, with a NUL behind it that len does not count.  FAULT_MEMORY. */
MUST_USE enum fault arena_copy(struct arena *arena, struct str text, struct str *ret_copy);

/* Bytes taken so far. */
size_t arena_used_bytes(const struct arena *arena);

#endif
