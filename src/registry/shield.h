/* Hiding a child from searches by hidden fields, on every server (R9, architecture.md §6).
 *
 * This is what the operation, its permit and its page will stand on, which come with the life of a record;
 * until then tests alone call it. */
#ifndef REGISTRY_SHIELD_H
#define REGISTRY_SHIELD_H

#include "registry/child.h"
#include "registry/follow.h"

/* Sets the shield, of all records that are the child's, and notes the change, inside the transaction of its
 * audit entry.  FAULT_ABSENT where there is no such child.  Setting what is set already does no harm. */
MUST_USE enum fault shield_put(struct db_tx *tx, struct noting *noting, struct child_id child,
                               enum shield shield);

/* After its commit, by a request that is under way no more (conduct_leave): hides the child in this server's
 * index, and returns once no server shows it any more as it was before.  Only then may the shield be
 * acknowledged.  FAULT_BUSY with a note: it is set, and most servers have it; ask again until it is
 * confirmed. */
MUST_USE enum fault shield_confirm(struct follow *follow, struct child_id child,
                                   const struct change_mark *mark);

#endif
