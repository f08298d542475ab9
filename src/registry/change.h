/* Noting which children a transaction changed, so that the indexes of other servers can follow
 * (architecture.md, 6).
 *
 * Each lane numbers its changes densely in the order of its commits: whoever knows the last number that it
 * has of every lane misses none, whichever commits first.  Where the database is not shared nothing is noted.
 */
#ifndef REGISTRY_CHANGE_H
#define REGISTRY_CHANGE_H

#include "policy/ids.h"
#include "store/db.h"
#include "vault/vault.h"

/* How a server notes and reads changes; the key of the house is `change`. */
struct changes {
    struct db *db;
    struct vault *vault;
    struct wrapped_key key;
};

MUST_USE enum fault changes_open(struct db *db, struct vault *vault, struct changes *ret_changes);

/* One change of one lane; number 0: none. */
struct change_mark {
    struct id lane;
    uint64_t number;
};

/* A mark as it stands in a row: lane, then number, big-endian. */
enum { CHANGE_MARK_BYTES = 24 };
void change_mark_put(const struct change_mark *mark, uint8_t at[CHANGE_MARK_BYTES]);
bool change_mark_of_bytes(struct bytes bytes, struct change_mark *ret_mark);

/* What one transaction notes. */
struct noting {
    const struct changes *changes;
    struct change_mark mark; /* of the last note; number 0: none */
};

/* Notes children whom this transaction changed, in the transaction; sealed, since they may come from one
 * source. */
enum { CHANGE_CHILDREN_MAX = 1024 };
MUST_USE enum fault change_note(struct db_tx *tx, struct noting *noting, const struct child_id *children,
                                size_t count);

/* Opens one.  The ids are borrowed from `clear`, which holds up to CHANGE_BYTES_MAX. */
enum { CHANGE_BYTES_MAX = 64 * 1024 };
MUST_USE enum fault change_unseal(const struct changes *changes, const struct change_mark *mark,
                                  struct bytes sealed, struct buffer *clear,
                                  const struct child_id **ret_children, size_t *ret_count);

#endif
