/* How the keys reach a second server: asked for where they are missing, given where they are (operation
 * vault_give, an operator's command), taken where they were asked for.  Every fault comes with a note. */
#ifndef SERVICE_KEYS_H
#define SERVICE_KEYS_H

#include "service/service.h"

enum { KEYS_TEXT_BYTES_MAX = 4096 }; /* of a request, of sealed keys */

/* A request as it was made in a state folder. */
struct keys_asked {
    struct str request; /* in the arena */
    bool again;         /* an earlier request of this folder is void now */
    bool folder_made;
};

/* Asks in a new or empty state folder, which keeps what will open the keys.  FAULT_DUPLICATE where the folder
 * has keys or is in use; FAULT_INVALID; FAULT_STORAGE. */
MUST_USE enum fault service_keys_ask(const char *state, struct clock clock, struct entropy entropy,
                                     struct arena *arena, struct keys_asked *ret_asked);

/* Undoes it, because the request cannot leave the machine.  FAULT_STORAGE. */
MUST_USE enum fault service_keys_unask(const char *state, const struct keys_asked *asked);

/* What people read out to one another about a request or sealed keys; in the arena.  FAULT_MEMORY. */
MUST_USE enum fault service_keys_fingerprint(struct str text, struct arena *arena, struct str *ret_digits);

/* Is this a request that could be answered now?  FAULT_INVALID. */
MUST_USE enum fault service_keys_request_check(struct str request, struct clock clock);

/* Seals this instance's keys for a request, once its fingerprint has been typed; the sealed text lives in the
 * arena and leaves after its entry is durable.  FAULT_REFUSED, FAULT_SIGN_IN: this login is no operator's;
 * FAULT_INVALID: a wrong fingerprint, or not a request that holds; FAULT_KEY.  Every outcome leaves an entry.
 */
MUST_USE enum fault service_vault_give(struct service *service, const struct ask *ask, struct str request,
                                       struct str typed, struct arena *arena, struct str *ret_sealed);

/* Could these sealed keys be taken here?  Changes nothing; faults of service_keys_take. */
MUST_USE enum fault service_keys_check(const char *state, struct str sealed, struct clock clock);

/* Puts the key file into its place and destroys what opened it.  FAULT_ABSENT: nothing was asked here;
 * FAULT_DUPLICATE: there are keys already; FAULT_INVALID: a wrong fingerprint, or not the answer to this
 * folder's request; FAULT_KEY; FAULT_STORAGE. */
MUST_USE enum fault service_keys_take(const char *state, struct str sealed, struct str typed,
                                      struct clock clock);

#endif
