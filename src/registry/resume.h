/* How far the database had come when an index was put away, and following on from there.
 *
 * What a lane changed stays noted until every living server has it, so an index that was put away may lack
 * what nobody noted any more.  Only the holder of LEASE_CLOCK forgets notes: where that was this very server,
 * and nobody has taken the role since, all are still there. */
#ifndef REGISTRY_RESUME_H
#define REGISTRY_RESUME_H

#include "registry/follow.h"

/* Appends where the index of the follower is, this server's own changes included.  Everybody has stopped who
 * changes children here, and housekeeping is closed.  FAULT_BUSY where another server has LEASE_CLOCK;
 * FAULT_CORRUPT where children are missing from the index; FAULT_FENCED.  Shared databases only. */
MUST_USE enum fault resume_put(struct follow *follow, struct buffer *position);

/* Between follow_open and follow_begin: the index is where `position` says.  FAULT_CORRUPT where it is none,
 * FAULT_ABSENT where what was changed since cannot be told any more. */
MUST_USE enum fault resume_from(struct follow *follow, struct bytes position);

#endif
