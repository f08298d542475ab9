/* A stated reason (R5.1): it covers the search it was given with and the one record opened from it.  Criteria
 * are kept sealed and only as long as a session can use them. */
#ifndef REGISTRY_STATED_H
#define REGISTRY_STATED_H

#include "match/match.h"
#include "store/db.h"
#include "vault/vault.h"

/* As long as a session lives at most. */
enum { STATED_LIVES_S = 12 * 3600 };

struct stated {
    struct search_id search;
    struct tag session;
    struct account_id account; /* whose it is: set to insert it, not read back */
    struct instant at;
    struct child_id opened; /* zero: none yet */
    enum reason reason;
    struct str reason_text;
    bool has_query; /* false: a reason given for one record, without a search */
    struct match_query query;
};

MUST_USE enum fault stated_insert(struct db_tx *tx, struct vault *vault, const struct wrapped_key *key,
                                  const struct stated *stated);

/* One of this session's.  FAULT_ABSENT. Texts live in the arena. */
MUST_USE enum fault stated_get(struct db_tx *tx, struct vault *vault, const struct wrapped_key *key,
                               struct search_id search, struct tag session, struct arena *arena,
                               struct stated *ret_stated);

/* The newest of this session. */
MUST_USE enum fault stated_newest(struct db_tx *tx, struct vault *vault, const struct wrapped_key *key,
                                  struct tag session, struct arena *arena, struct stated *ret_stated);

/* From now on it covers this child: FAULT_REFUSED where it covers another already. */
MUST_USE enum fault stated_open(struct db_tx *tx, const struct stated *stated, struct child_id child);

/* Forgets what no session can use any more. */
MUST_USE enum fault stated_sweep(struct db_tx *tx, struct instant now);

#endif
