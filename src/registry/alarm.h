/* Alarms (R17.7): what happened, whom it addresses, when an answer is due; raised in the transaction of its
 * cause. */
#ifndef REGISTRY_ALARM_H
#define REGISTRY_ALARM_H

#include "base/time.h"
#include "policy/policy.h"
#include "store/db.h"
#include "vault/vault.h"

enum alarm_kind {
    ALARM_LOG_GAP = 1,   /* entries below the keeper's highest number are missing */
    ALARM_REASON_COPIED, /* the same reason text again and again (case 47) */
    ALARM_OVERRIDE,      /* a shield was overridden: an investigation begins (R10) */
    ALARM_OVERDUE,       /* a matter is past its day: a shield's review, an override unanswered (R9.2) */
    ALARM_KEY_FROZEN,    /* a security key's counter fell (case 8) */
    ALARM_LOOKS,         /* nobody has answered who asked to see more children (case 45) */
    ALARM_GUESSING,      /* ids of children were guessed (case 39) */
    ALARM_OWN_CHILD,     /* somebody opened a child of their own (case 41) */
    ALARM_SANDBOX,       /* the server tried what it never does, and was stopped (case 76) */
};

struct alarm {
    struct id id; /* zero: one is drawn */
    enum alarm_kind kind;
    enum role addressed;
    struct str authority; /* GSS code; empty where national */
    struct duration due_in;
    struct str detail;
};

MUST_USE enum fault alarm_raise(struct db_tx *tx, struct vault *vault, const struct wrapped_key *key,
                                struct entropy entropy, struct instant now, const struct alarm *alarm);

/* How many of a kind nobody has acknowledged. */
MUST_USE enum fault alarm_open_count(struct db_tx *tx, enum alarm_kind kind, struct arena *arena,
                                     int64_t *ret_count);

/* FAULT_ABSENT where it does not exist or somebody acknowledged it before. */
MUST_USE enum fault alarm_acknowledge(struct db_tx *tx, struct id alarm, struct instant now);

/* Unanswered ones of `from` whose time has run out go to the next person. */
MUST_USE enum fault alarm_escalate(struct db_tx *tx, enum role from, enum role to, struct instant now,
                                   struct duration due_in, int64_t *ret_count);

#endif
