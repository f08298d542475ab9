/* Alarms (R17.7): what happened, whom it addresses, when an answer is due; raised in the transaction of its
 * cause. */
#ifndef REGISTRY_ALARM_H
#define REGISTRY_ALARM_H

#include "base/arena.h"
#include "base/time.h"
#include "policy/permit.h"
#include "policy/policy.h"
#include "store/db.h"
#include "vault/vault.h"

enum alarm_kind {
    ALARM_NONE = 0,
#define ALARM(name, of_matter, title, words) ALARM_##name,
#include "registry/alarms.def"
#undef ALARM
    ALARMS_END
};
const char *alarm_title(enum alarm_kind kind); /* as people read it */
const char *alarm_words(enum alarm_kind kind); /* what it means; names nobody */
bool alarm_is_of_matter(enum alarm_kind kind); /* working on a matter answers it */

/* What closing one comes to (R17.2). */
enum finding {
    FINDING_NONE = 0,
#define FINDING(name, label) FINDING_##name,
#include "registry/findings.def"
#undef FINDING
    FINDINGS_END
};
const char *finding_name(enum finding finding);
const char *finding_label(enum finding finding);
enum finding finding_of(struct str name); /* FINDING_NONE where unknown */

struct alarm {
    struct id id; /* zero: one is drawn */
    enum alarm_kind kind;
    enum role addressed;
    struct str authority; /* GSS code; empty where national */
    struct duration due_in;
    struct account_id account; /* whose doing raised it; zero: nobody's */
    struct child_id child;     /* whom it concerns; zero: nobody */
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

/* Those of no matter, as they are read.  Texts live in the arena. */
enum { ALARM_LIST_MAX = 64, FINDING_TEXT_BYTES_MAX = 8 * 1024 };
struct alarm_finding {
    struct instant at;
    struct account_id account; /* who has closed it */
    enum role role;
    struct str name;
    enum finding finding;
    struct str text;
};
struct raised_alarm {
    struct alarm alarm;
    struct instant raised;
    struct instant due;
    bool closed;
    struct alarm_finding finding; /* where closed with one */
};
struct alarm_reader {
    struct vault *vault;
    const struct wrapped_key *key;
    struct arena *arena;
};

/* The open ones of an authority and of none, due first; at most ALARM_LIST_MAX. */
MUST_USE enum fault alarm_list(struct db_tx *tx, const struct alarm_reader *reader, struct str authority,
                               struct raised_alarm *ret_alarms, size_t *ret_count);

/* FAULT_ABSENT where there is none, or it is of a matter. */
MUST_USE enum fault alarm_read(struct db_tx *tx, const struct alarm_reader *reader, struct id alarm,
                               struct raised_alarm *ret_alarm);

/* Closes it, inside the transaction of the audit entry.  FAULT_CONFLICT where somebody was faster;
 * FAULT_REFUSED of what one has raised oneself (R2). */
MUST_USE enum fault alarm_close(struct db_tx *tx, const struct permit_alarm_close *permit,
                                const struct alarm_reader *reader, const struct raised_alarm *alarm,
                                const struct alarm_finding *finding);

#endif
