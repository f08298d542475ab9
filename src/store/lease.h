/* Roles that only one process may have at a time, through a row with an expiry and a fence (architecture.md,
 * 6).
 *
 * A holder that is late loses nothing by itself: whoever takes the role over raises its fence, and from then
 * on every transaction of the late one that leans on it is refused, because each begins with lease_hold,
 * which changes the same row.  Times are the database's own, so that no machine's clock matters.
 *
 * Where the database is not shared the same rows are kept, and a role that a dead process left is free. */
#ifndef STORE_LEASE_H
#define STORE_LEASE_H

#include "store/db.h"

enum lease_role {
    LEASE_FEED = 1,      /* plans and applies batches of feeds: decides who is who */
    LEASE_CLOCK = 2,     /* keeps house: forgets what everybody has, ends who is gone */
    LEASE_SEQUENCER = 3, /* orders the audit log; names the keeper that signs */
};

struct lease;

/* Takes a role for `length_us` at a time and keeps it, by a thread of its own, until lease_leave.  A process
 * asks for a role once at a time.  FAULT_BUSY where another has it. */
MUST_USE enum fault lease_take(struct db *db, enum lease_role role, int64_t length_us,
                               struct lease **ret_lease);

/* The first statement of a transaction that leans on the role.  FAULT_FENCED where it has passed to another:
 * nothing of the transaction may be kept. */
MUST_USE enum fault lease_hold(struct db_tx *tx, const struct lease *lease);

/* Gives it back before its time; lease_leave(NULL) does nothing. */
void lease_leave(struct lease *lease);

/* How long the role is still somebody's, in microseconds of the database's clock; 0 or less where it is free.
 */
MUST_USE enum fault lease_left(struct db *db, enum lease_role role, int64_t *ret_left_us);

/* One holding of a role.  Where the database is shared no other opening of it ever has the same. */
struct lease_mark {
    struct id holder;
    int64_t fence;
};
struct lease_mark lease_mark_of(const struct lease *lease);

/* Whether nobody else has taken the role since that holding, which may have ended.  Under db_write; where it
 * was the last, nobody else takes it before the transaction ends. */
MUST_USE enum fault lease_was_last(struct db_tx *tx, enum lease_role role, const struct lease_mark *mark,
                                   bool *ret_last);

#endif
