/* Fills the index from the store's linkage bundles. */
#ifndef REGISTRY_REBUILD_H
#define REGISTRY_REBUILD_H

#include "match/match.h"
#include "store/db.h"
#include "vault/vault.h"

/* Reads every child with `threads` threads at once, 2 more unless 1 is wanted, as far as there are
 * connections.  A bundle that does not open, or stands on a damaged page, is left out and counted in
 * *ret_broken: only that child is not found (case 71).  FAULT_CORRUPT with a note where nobody at all can be
 * read. */
MUST_USE enum fault rebuild_index(struct db *db, struct vault *vault, struct match_index *index, int threads,
                                  int64_t *ret_children, int64_t *ret_broken);

#endif
