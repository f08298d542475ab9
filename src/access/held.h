/* What somebody signs in with beside their password, for those who manage them: what there is of it, one of
 * them taken away, and what too many failures have frozen (R3.2).  No secret, and nothing of one. */
#ifndef ACCESS_HELD_H
#define ACCESS_HELD_H

#include "access/access.h"
#include "access/key_view.h"

enum { FROZEN_MAX = 32 };

/* The keys and the app of an account, revoked ones left out. */
MUST_USE enum fault access_held(struct access *access, struct db_tx *tx, struct account_id account,
                                struct arena *arena, struct held_view *ret_view);

/* One of them opens nothing from here on, for good; whatever else the account has stays, and so does its
 * state.  Every session of the account ends, whatever it began with.  FAULT_ABSENT where the account holds no
 * such thing. */
MUST_USE enum fault access_held_revoke(struct access *access, struct db_tx *tx, const struct account *account,
                                       struct id held);

/* Whose keys or apps were frozen by too many failures and not told of yet, at most FROZEN_MAX; the same
 * account may stand there several times, and some are nobody's. */
MUST_USE enum fault access_frozen(struct access *access, struct db_tx *tx, enum held_kind kind,
                                  struct account_id at[FROZEN_MAX], size_t *ret_count);

/* They are told of from here on; *ret_first: and were not before. */
MUST_USE enum fault access_frozen_told(struct access *access, struct db_tx *tx, enum held_kind kind,
                                       struct account_id account, bool *ret_first);

#endif
