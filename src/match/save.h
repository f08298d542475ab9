/* How an index is written and read back: flat memory, piece by piece. */
#ifndef MATCH_SAVE_H
#define MATCH_SAVE_H

#include "match/match.h"
#include "match/pool.h"

enum { SAVE_PIECE_BYTES = 1 << 20 };

/* Any length, as several pieces. */
MUST_USE enum fault save_bytes(const struct match_writer *writer, const void *at, size_t len);
MUST_USE enum fault load_bytes(const struct match_reader *reader, void *at, size_t len);

/* A region as far as it is used; into one that is empty. */
MUST_USE enum fault save_region(const struct match_writer *writer, const struct region *region);
MUST_USE enum fault load_region(const struct match_reader *reader, struct region *region);

#endif
