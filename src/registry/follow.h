/* Keeping the index of one server current with what others change, and knowing when all have it
 * (architecture.md, 6).
 *
 * A thread asks the database every FOLLOW_EVERY_MS how far each lane has come, reads the children of what is
 * new, and tells in the server's row what it has; it does so only once every request that may have looked
 * before has left.  So what another server says that it has seen, it shows to nobody in its old state.
 *
 * The thread also renews the server's lease.  A server that lost it is ended by whoever waits for it; all
 * that it still tries is FAULT_FENCED.  Where the database is not shared there is no thread, and nobody to
 * wait for but one's own requests. */
#ifndef REGISTRY_FOLLOW_H
#define REGISTRY_FOLLOW_H

#include "match/match.h"
#include "registry/change.h"
#include "registry/epoch.h"

struct follow;

enum { FOLLOW_EVERY_MS = 50 };

struct follow_house {
    struct match_index *index;
    const struct changes *changes; /* with the database and the vault; outlives the follower */
    int64_t lease_us;              /* of this server */
    void (*fenced)(void *context); /* another server has ended this one; from the follower's thread, once */
    void *context;
};

/* Before the index is filled: remembers how far everybody has come, and begins to renew. */
MUST_USE enum fault follow_open(const struct follow_house *house, struct follow **ret_follow);

/* The index is filled: catches up, and from now on others wait for this server. */
MUST_USE enum fault follow_begin(struct follow *follow);
void follow_close(struct follow *follow);

/* What is under way: from before it looks in the index until its answer has been released. */
void follow_enter(struct follow *follow, struct epoch_guest *guest);
void follow_leave(struct follow *follow, struct epoch_guest *guest);

/* The index has all that is committed by now.  FAULT_BUSY where it takes longer than FOLLOW_PATIENCE_MS. */
enum { FOLLOW_PATIENCE_MS = 2000 };
MUST_USE enum fault follow_now(struct follow *follow);

/* The index has that change.  FAULT_BUSY likewise. */
MUST_USE enum fault follow_to(struct follow *follow, const struct change_mark *mark);

/* Returns once nobody can be shown any more what was so before that change of this server, wherever they ask;
 * this server's own index has it already, and the caller is not under way itself.  Servers whose lease has
 * run out are ended.  FAULT_BUSY with a note where a server that is alive does not have it in time; it may be
 * asked again. */
MUST_USE enum fault follow_everywhere(struct follow *follow, const struct change_mark *mark);

/* Reads these children again, in the index's stead: who is gone is removed.  What cannot be read now is read
 * as soon as the database answers. */
MUST_USE enum fault follow_refresh(struct follow *follow, const struct child_id *children, size_t count);

/* Whether leases that have run out mean that servers are gone: not for a while after the database itself
 * stood still, when nobody could renew. */
bool follow_is_steady(struct follow *follow);

/* Ends a server whose lease has run out, and waits for what it has under way; *ret_ended is false where it
 * has renewed its lease. */
MUST_USE enum fault follow_end_late(struct db *db, struct id server, bool *ret_ended);

struct follow_counts {
    uint64_t polls;
    uint64_t changes;
    uint64_t children;
    uint64_t broken; /* children that did not open: left out of the index */
};
struct follow_counts follow_counts(struct follow *follow);

#endif
