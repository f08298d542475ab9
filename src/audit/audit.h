/* The log of what was asked and shown.  Every entry is a salted commitment; the readable event and its salt
 * are sealed beside it, under the child's key where it names a child, else under the month's audit key
 * (security.md §2).
 *
 * An answer leaves only after its entries are durable: audit_seal in the asking thread, audit_append inside
 * the transaction that the answer depends on, audit_released after its commit and before the first byte
 * leaves. */
#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include "base/arena.h"
#include "base/time.h"
#include "policy/policy.h"
#include "store/db.h"
#include "vault/vault.h"

struct audit;

/* With its salt an event fills the largest text that the vault seals. */
enum {
    AUDIT_SALT_BYTES = 32,
    AUDIT_COMMITMENT_BYTES = 33,
    AUDIT_EVENT_BYTES_MAX = 64 * 1024 - AUDIT_SALT_BYTES
};

/* One readable entry.  Names at most one child.  Empty texts and zero ids are "none". */
struct audit_event {
    enum event event;
    enum operation operation;
    enum role role;
    struct account_id actor;
    struct account_id on_behalf_of; /* mediated access */
    struct str source;              /* where from: an address, or "local" */
    struct instant at;
    struct id act; /* one per request: ties its entries together */
    enum reason reason;
    struct str reason_text;
    struct str asked; /* the criteria, as asked */
    struct str shown; /* which fields were shown */
    struct child_id child;
    enum refusal refusal;
    enum fault fault;
};

struct audit_sealed; /* lives in the arena */

/* Starts an incarnation for each lane: adds their rows, tells the keeper, and checks the last ones' numbering
 * against the keeper's memory: *ret_missing is how many entries below the keeper's highest are gone (each an
 * alarm; 0 where all is well). FAULT_STORAGE and the database's faults. */
MUST_USE enum fault audit_open(struct db *db, struct vault *vault, struct clock clock, struct entropy entropy,
                               struct audit **ret_audit, uint64_t *ret_missing);
void audit_close(struct audit *audit);

/* Commits to an event and seals it, in the caller's thread.  child_key is the wrapped key of event->child, or
 * NULL where no child is named.  The first entry of a month may write the month's key: never call this inside
 * a job. FAULT_TOO_LARGE above AUDIT_EVENT_BYTES_MAX. */
MUST_USE enum fault audit_seal(struct audit *audit, const struct audit_event *event,
                               const struct wrapped_key *child_key, struct arena *arena,
                               const struct audit_sealed **ret_sealed);

/* Where an entry stands: each lane of the database is an incarnation with numbers of its own.  Number 0:
 * none. */
struct audit_place {
    int lane;
    uint64_t number;
};

/* Writes the entry with the next number of its lane, inside the transaction of what it records. */
MUST_USE enum fault audit_append(struct audit *audit, struct db_tx *tx, const struct audit_sealed *sealed,
                                 struct audit_place *ret_place);

/* After the commit, before the answer: tells the keeper the highest number. */
void audit_released(struct audit *audit, struct audit_place place);

/* The event as bytes (per field a big-endian uint32 length, then content) and back; the form that is
 * committed to. Fields are in the order of struct audit_event; codes stand as their names, so that a changed
 * table changes no old entry.  Texts of *ret_event are borrowed from `packed`.  FAULT_CORRUPT. */
void audit_event_pack(struct buffer *buffer, const struct audit_event *event);
MUST_USE enum fault audit_event_unpack(struct bytes packed, struct audit_event *ret_event);

/* The 33 bytes of security.md §2 for a packed event under salt k. */
void audit_commitment(struct bytes event, const uint8_t k[32],
                      uint8_t ret_commitment[AUDIT_COMMITMENT_BYTES]);

/* The caller's own last looks, newest first, at most `most` (of AUDIT_LOOKS_MAX): only entries of operations
 * on a child.  Texts live in the arena.  Entries whose key is gone, or that do not open, are left out. */
enum { AUDIT_LOOKS_MAX = 1000 };
MUST_USE enum fault audit_own_looks(struct audit *audit, struct db_tx *tx, struct account_id actor,
                                    size_t most, struct arena *arena, struct audit_event **ret_events,
                                    size_t *ret_count);

/* Re-reads every entry, opens it and recomputes its commitment.  For tests, recovery and (later) sequencing.
 */
struct audit_check {
    uint64_t entries;
    uint64_t broken;     /* does not open, or its commitment or a clear column differs */
    uint64_t unreadable; /* its key was destroyed; a blanked child stands as 16 zeros */
    uint64_t
        gaps; /* numbers missing within an incarnation, up to the highest released of those that run now */
};
MUST_USE enum fault audit_check_all(struct audit *audit, struct audit_check *ret_check);

#endif
