/* What it takes to answer a search by looking at everybody, which no search may be slower than. */
#ifndef BENCH_SCAN_H
#define BENCH_SCAN_H

#include "match/match.h"

/* The least that can be done: twelve bytes of each of `people` compared for equality.  Returns how many are
 * equal; `turn` has each scan look for another. */
size_t scan_bytes(const void *signatures, size_t people, uint32_t turn);
void *scan_signatures(size_t people); /* for free(); NULL without memory */

/* A search's work without its blocks: everybody whom the engine's bounds do not rule out is scored, the best
 * `query->limit` kept.  Returns how many; they are not set beside the search's answer. */
size_t scan_similar(const struct match_index *index, const struct match_query *query,
                    const struct match_sight *sight);

#endif
