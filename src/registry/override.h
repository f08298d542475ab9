/* Overriding a shield (R10): one session sees one record for at most 15 minutes; an investigation starts with
 * it. */
#ifndef REGISTRY_OVERRIDE_H
#define REGISTRY_OVERRIDE_H

#include "policy/permit.h"
#include "registry/alarm.h"
#include "registry/child.h"
#include "registry/matter.h"

enum { OVERRIDE_SECONDS = 15 * 60, OVERRIDE_REVIEW_DAYS = 5, OVERRIDE_ALARM_SECONDS = 3600 };

/* What an investigation comes to: the outcome of the step that closes it. */
enum override_outcome {
    OVERRIDE_NONE = 0,
#define OUTCOME(name, label) OVERRIDE_##name,
#include "registry/outcomes.def"
#undef OUTCOME
    OVERRIDE_OUTCOMES_END
};
const char *override_outcome_name(enum override_outcome outcome);
const char *override_outcome_label(enum override_outcome outcome);
enum override_outcome override_outcome_of(struct str name); /* OVERRIDE_NONE where unknown */

/* Who does what; texts are borrowed. */
struct override_order {
    const struct matters *matters;
    struct arena *arena;
    struct tag session;
    struct account_id account;
    enum role role;
    struct str name;
    struct instant now;
    struct str text; /* the reason, or what was found out */
    /* For the alarms. */
    const struct wrapped_key *alarm_key;
    struct entropy entropy;
};

/* From now on this session sees behind the shield of this record; an investigation of that id is opened, and
 * a shielding officer and an audit reviewer of the record's authority are told, all in the transaction of its
 * audit entry.  The same id again does nothing more.  FAULT_ABSENT where nothing is shielded. */
MUST_USE enum fault override_begin(struct db_tx *tx, const struct permit_shield_override *permit,
                                   const struct override_order *order, struct matter_id id,
                                   struct child_id child);

/* Which record this session sees so, until when.  FAULT_ABSENT where none, or its time has run out. */
MUST_USE enum fault override_live(struct db_tx *tx, struct tag session, struct instant now,
                                  struct arena *arena, struct child_id *ret_child, struct instant *ret_until);

/* It has left that record, or may override no longer. */
MUST_USE enum fault override_leave(struct db_tx *tx, struct tag session);

/* Forgets those whose time has run out. */
MUST_USE enum fault override_sweep(struct db_tx *tx, struct instant now);

/* The investigation is closed, by somebody else than who has overridden.  FAULT_CONFLICT where somebody was
 * faster; FAULT_REFUSED where it is the caller's own. */
MUST_USE enum fault override_decide(struct db_tx *tx, const struct permit_override_decide *permit,
                                    const struct override_order *order, enum override_outcome outcome,
                                    struct matter *matter);

#endif
