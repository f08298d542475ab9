/* The index from one run to the next, where contactpoint.conf has `snapshot = yes`: match.snapshot in the
 * state folder.
 *
 * It is written when a process closes in order, and is gone as soon as the next one opens, used or not: while
 * anybody changes children through this state folder there is none.  It is used only where it is whole, of
 * this program, this model and this vault, and the database is where it was (SQLite: the very same file,
 * untouched) or all changes since can still be told (PostgreSQL: registry/resume.h).  On any doubt the index
 * is rebuilt.
 *
 * The vault is open, and so no other process on this state folder (vault.h), from before snapshot_place until
 * after snapshot_use, and from before the database is closed until after snapshot_end. */
#ifndef SERVICE_SNAPSHOT_H
#define SERVICE_SNAPSHOT_H

#include "base/buffer.h"
#include "base/fault.h"

struct service;

/* Before the database is opened: where it is, appended; empty where only the database itself can say
 * (PostgreSQL), or where it is not at rest. */
void snapshot_place(const char *connection, struct buffer *place);

/* Fills the empty index and has the open follower go on from there.  `place` is what snapshot_place gave.
 * False where there is none that can be used: the index and the follower can only be closed then. */
bool snapshot_use(struct service *service, struct bytes place);

/* Destroys it.  Whoever erases a child calls this. */
void snapshot_forget(const char *state);

/* While the service closes.  First, with the database still open, and housekeeping closed: whether there
 * shall be one, and where the follower is.  Then, with the database closed and the index and the vault still
 * open. */
bool snapshot_begin(struct service *service, struct buffer *position);
void snapshot_end(struct service *service, struct buffer *position);

#endif
