/* Matters: what officers work on, one table for every kind (R8.5, R9, R10).
 *
 * A matter has an authority whose team works on it, a day by which it must be done, and numbered steps: who
 * did what, when, in which words.  Whom it is about stands sealed; a keyed hash finds the open one of a
 * child.  Steps about a child are sealed under the child's key: erasing the child leaves nothing of them. */
#ifndef REGISTRY_MATTER_H
#define REGISTRY_MATTER_H

#include "base/arena.h"
#include "base/time.h"
#include "policy/policy.h"
#include "registry/alarm.h"
#include "store/db.h"
#include "vault/vault.h"

/* Numbers in the database: append, never renumber. */
enum matter_kind {
    MATTER_SHIELD = 1, /* a shield asked for, decided, reviewed, lifted (R9) */
    MATTER_OVERRIDE,   /* a shield was overridden: why? (R10) */
    MATTER_BROKERING,  /* a practitioner wants to reach a sensitive service (R8.5) */
    MATTER_APPROVAL,   /* somebody asks a second person's approval (R5.7) */
    MATTER_SEALING,    /* a record is closed behind a new identity (R9.8) */
    MATTER_KINDS_END
};

enum matter_state {
    MATTER_OPEN = 1,
    MATTER_SECOND, /* somebody has decided; another person must say so too */
    MATTER_CLOSED
};

/* What a step says was done. */
enum step_verb {
    STEP_ASKED = 1, /* opens a matter, or asks again */
    STEP_CONFIRMED,
    STEP_REFUSED,
    STEP_REVIEWED,
    STEP_SECOND_ASKED, /* the first of two people has decided `outcome` */
    STEP_SECOND_GIVEN,
    STEP_SECOND_DECLINED,
    STEP_PASSED_ON, /* a message to the other side */
    STEP_ANSWERED,
    STEP_TOLD, /* somebody has been told of what became of it */
    STEP_ESCALATED,
    STEP_CLOSED,
    STEP_TRAVELLED, /* another authority answers for the child now */
    STEP_WITHDRAWN, /* the consent that it leant on was taken back */
    STEP_VERBS_END
};

struct matter_id {
    struct id id;
};

/* Texts live in the arena that it was read into. */
struct matter {
    struct matter_id matter;
    enum matter_kind kind;
    enum matter_state state;
    struct str authority; /* GSS code of whose team works on it; empty: every team's */
    struct instant opened;
    struct instant due;
    uint32_t version;
    struct child_id child;   /* whom it is about; zero: nobody */
    struct account_id asker; /* who opened it */
    struct account_id first; /* in MATTER_SECOND: who has decided, and may not be the second */
    uint8_t wanted; /* how far it is: a code of the kind's own; in MATTER_SECOND what the second confirms */
    struct account_id about; /* an account that it is about; zero: none */
    struct id other;         /* one more id of the kind's own: a service's involvement, a sealed entry */
};

/* One line of its timeline. */
struct matter_step {
    int64_t number; /* from 1, rising */
    struct instant at;
    enum step_verb verb;
    struct account_id account; /* zero: the service itself */
    enum role role;
    struct str name; /* of who did it, as it was then */
    uint8_t outcome; /* a code of the kind's own */
    struct str text; /* as written */
    struct str more; /* advice, evidence: a second text where the kind has one */
};
enum { MATTER_TEXT_BYTES_MAX = 8 * 1024, MATTER_STEPS_MAX = 256 };

/* What matters are read and written with; the key of the house is `matter`. */
struct matters {
    struct vault *vault;
    struct wrapped_key key;
};

/* A write of its own where the key is not there yet: never inside a job. */
MUST_USE enum fault matters_open(struct db *db, struct vault *vault, struct matters *ret_matters);

/* A new matter with its first step, inside the transaction of its audit entry.  Its version is 1 whatever
 * stands in `matter`.  FAULT_DUPLICATE where one of that id exists. */
MUST_USE enum fault matter_open(struct db_tx *tx, const struct matters *matters, const struct matter *matter,
                                const struct matter_step *step);

/* FAULT_ABSENT, FAULT_CORRUPT. */
MUST_USE enum fault matter_read(struct db_tx *tx, const struct matters *matters, struct matter_id id,
                                struct arena *arena, struct matter *ret_matter);

/* The newest of that kind that is not closed, about a child or any record that is the child's too
 * (registry/family.h).  FAULT_ABSENT. */
MUST_USE enum fault matter_of_child(struct db_tx *tx, const struct matters *matters, enum matter_kind kind,
                                    struct child_id child, struct arena *arena, struct matter *ret_matter);

/* The same, closed ones too. */
MUST_USE enum fault matter_last_of_child(struct db_tx *tx, const struct matters *matters,
                                         enum matter_kind kind, struct child_id child, struct arena *arena,
                                         struct matter *ret_matter);

/* Writes a matter as it stands in `matter` now (state, authority, due, first, wanted, other), with one more
 * step.  The version must still be the one that was read: FAULT_CONFLICT otherwise, and nothing is changed.
 * Afterwards matter->version is the new one. */
MUST_USE enum fault matter_advance(struct db_tx *tx, const struct matters *matters, struct matter *matter,
                                   const struct matter_step *step);

/* One more step without a change of anything else; the version rises. */
MUST_USE enum fault matter_add(struct db_tx *tx, const struct matters *matters, struct matter *matter,
                               const struct matter_step *step);

/* Its timeline, oldest first.  Steps whose child's key is gone are left out. */
MUST_USE enum fault matter_steps(struct db_tx *tx, const struct matters *matters, const struct matter *matter,
                                 struct arena *arena, struct matter_step **ret_steps, size_t *ret_count);

/* Those of a kind that are not closed, due first, behind a place in that order (`after` NULL: from the
 * first): an authority's own and those of none.  At most MATTER_LIST_MAX. */
enum { MATTER_LIST_MAX = 64 };
struct matter_place {
    struct instant due;
    struct matter_id matter;
};
MUST_USE enum fault matter_list(struct db_tx *tx, const struct matters *matters, enum matter_kind kind,
                                struct str authority, const struct matter_place *after, struct arena *arena,
                                struct matter *ret_matters, size_t *ret_count);

/* Those of a kind about that very record that are not closed, behind `after` (zero: from the first), in the
 * order of their ids.  At most MATTER_LIST_MAX. */
struct matter_search {
    enum matter_kind kind;
    struct child_id record;
    struct matter_id after;
};
MUST_USE enum fault matter_open_about(struct db_tx *tx, const struct matters *matters,
                                      const struct matter_search *search, struct arena *arena,
                                      struct matter *ret_matters, size_t *ret_count);

/* How many of a kind are not closed, and of those how many are past their day; authority as above. */
struct matter_counts {
    int64_t open;
    int64_t overdue;
};
MUST_USE enum fault matter_count(struct db_tx *tx, enum matter_kind kind, struct str authority,
                                 struct instant now, struct arena *arena, struct matter_counts *ret_counts);

/* Those past their day of which nobody has been told since they were due; and that somebody is told now,
 * which is FAULT_ABSENT where another server was faster. */
MUST_USE enum fault matter_list_overdue(struct db_tx *tx, const struct matters *matters, struct instant now,
                                        struct arena *arena, struct matter *ret_matters, size_t *ret_count);
MUST_USE enum fault matter_alarmed(struct db_tx *tx, struct matter_id matter, struct instant now);

/* R11.2: open matters travel with the child, to the authority that answers for it now.  Looks at
 * MATTER_LIST_MAX behind *from (zero: from the first), which then says where to go on, zero at the end;
 * *ret_moved counts those that travelled. */
MUST_USE enum fault matter_travel(struct db_tx *tx, const struct matters *matters, struct instant now,
                                  struct matter_id *from, int64_t *ret_moved);

/* The id of the alarm of that kind about a matter as it is due now: it is answered, by itself, by the step
 * that closes the matter or makes it due anew. */
struct id matter_alarm_id(const struct matters *matters, const struct matter *matter, enum alarm_kind kind,
                          enum role addressed);

const char *matter_kind_name(enum matter_kind kind); /* "shield" */
const char *step_verb_words(enum step_verb verb);    /* as people read it: "Confirmed" */

#endif
