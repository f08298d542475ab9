/* How many failed sign-ins a source, and an organisation's accounts together, have lately seen (security.md
 * §3).  Kept in the memory of each server: bounded, and forgotten as time passes.
 *
 * A source with too many failures waits.  An organisation with too many is under attack: from then on sources
 * that have failed at all wait before its accounts, while its own people, who have not, sign in as before: an
 * attack locks nobody out. */
#ifndef ACCESS_THROTTLE_H
#define ACCESS_THROTTLE_H

#include "base/random.h"
#include "base/str.h"
#include "base/time.h"
#include "policy/ids.h"

enum {
    THROTTLE_SOURCE_MAX = 100,       /* failures of one source before it waits … */
    THROTTLE_SOURCE_MINUTE = 10,     /* … and how many of them a minute forgives */
    THROTTLE_ORGANISATION_MAX = 200, /* likewise of an organisation */
    THROTTLE_ORGANISATION_MINUTE = 20,
    THROTTLE_SLOTS = 16384, /* remembered at once; whoever failed least is forgotten first */
};

struct throttle;

MUST_USE enum fault throttle_open(struct entropy entropy, struct throttle **ret_throttle);
void throttle_close(struct throttle *throttle);

/* True where an attempt from this source has to wait.  IPv6 addresses count by their first 64 bits.
 * `organisation` may be zero: not known. */
bool throttle_waits(struct throttle *throttle, struct str source, struct organisation_id organisation,
                    struct instant now);

/* Counts a failure against both. */
void throttle_failed(struct throttle *throttle, struct str source, struct organisation_id organisation,
                     struct instant now);

/* How much memory one takes, whatever happens. */
size_t throttle_bytes(void);

#endif
