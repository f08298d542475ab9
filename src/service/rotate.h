/* Exchanging the master key (security.md §6; operation vault_rotate, an operator's command): adds one to the
 * key file, wraps every key of the database anew under it, and takes the old ones out of the key file.
 *
 * It can be broken off anywhere, and goes on where it was: both masters are good until nothing is wrapped
 * under the old one.  That nothing will be from the switch on, whoever has had a key in hand for how long
 * ever, is store/wrapping.h's doing.  Where it is stands in `meta`, and each step is taken from the one
 * before it only:
 *
 *     master     the number under which every server wraps (store/wrapping.h)
 *     rotation   "add", "add CHECK" once a key file has the new master; "wrap", or "wrap HEX", the first
 *                bytes of the last child's id; absent where none is under way
 *     keys/ID    of a living server of a shared database: the newest master that it has, number and check */
#ifndef SERVICE_ROTATE_H
#define SERVICE_ROTATE_H

#include "service/service.h"

struct rotation_report {
    uint32_t master;   /* under which everything is wrapped now */
    int64_t seen;      /* keys */
    int64_t rewrapped; /* by this call */
    int64_t broken;    /* that open under no master */
};

/* Told after each step that is durable; may be NULL. */
struct rotation_teller {
    void (*told)(void *context, const char *step, int64_t done);
    void *context;
};

/* FAULT_CONFLICT with a note where another server lacks the new master, or has drawn it: what the note says,
 * then again; or where somebody else rotates.  FAULT_BUSY where a transaction that writes a key does not end.
 * FAULT_REFUSED, FAULT_SIGN_IN: this login is no operator's. */
MUST_USE enum fault service_vault_rotate(struct service *service, const struct ask *ask,
                                         const struct rotation_teller *teller, struct arena *arena,
                                         struct rotation_report *ret_report);

/* What the others have agreed on: this server wraps under that master, says which ones it has, and forgets
 * old ones when it starts.  FAULT_KEY with a note where it lacks it. */
MUST_USE enum fault rotate_follow(struct service *service, bool starting);

/* What servers said that are gone is forgotten; one server does it for all. */
MUST_USE enum fault rotate_sweep(struct service *service);

/* This server ends. */
void rotate_leave(struct service *service);

#endif
