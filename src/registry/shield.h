/* Shields (R9): asked for, so at once; decided, reviewed and lifted by the shielding officer; lifted by two.
 *
 * R9.5: a shield is the person's.  The statements that everybody else writes a child with can only raise it
 * (store/sql/child.sql); shield_second, with the permit of the second of two people, alone lowers it. */
#ifndef REGISTRY_SHIELD_H
#define REGISTRY_SHIELD_H

#include "policy/permit.h"
#include "registry/child.h"
#include "registry/follow.h"
#include "registry/matter.h"

/* R9.1: why a record is shielded; never because somebody objects to it in principle. */
enum shield_ground {
    GROUND_NONE = 0,
#define GROUND(name, label) GROUND_##name,
#include "registry/grounds.def"
#undef GROUND
    GROUNDS_END
};
const char *shield_ground_name(enum shield_ground ground);  /* "harm" */
const char *shield_ground_label(enum shield_ground ground); /* as people read it */
enum shield_ground shield_ground_of(struct str name);       /* GROUND_NONE where unknown */

/* How far a matter of MATTER_SHIELD is: its `wanted`. */
enum shield_phase {
    SHIELD_ASKED = 1, /* provisional, to be decided */
    SHIELD_KEPT,      /* decided; due is its next review */
    SHIELD_REFUSING,  /* one officer would refuse the request: another must say so too */
    SHIELD_LIFTING,   /* one officer would lift it: another must say so too */
};

/* R9.2 */
enum { SHIELD_DECIDE_DAYS = 5, SHIELD_REVIEW_DAYS = 182 };

/* Who does what to a shield, in which words; texts are borrowed. */
struct shield_order {
    const struct matters *matters;
    struct arena *arena;
    struct account_id account;
    enum role role;
    struct str name; /* of the person who acts, for the timeline */
    struct instant now;
    enum shield_ground ground;
    struct str text; /* reason, evidence */
    struct str more; /* advice taken, from whom */
};

/* Raises the shield of all records that are the child's, and notes the change, inside the transaction of its
 * audit entry.  FAULT_ABSENT where there is no such child.  A record that is shielded more strictly stays so,
 * and setting what is set already does no harm. */
MUST_USE enum fault shield_put(struct db_tx *tx, struct noting *noting, struct child_id child,
                               enum shield shield);

/* After its commit, by a request that is under way no more (conduct_leave): hides the child in this server's
 * index, and returns once no server shows it any more as it was before.  Only then may the shield be
 * acknowledged.  FAULT_BUSY with a note: it is set, and most servers have it; ask again until it is
 * confirmed. */
MUST_USE enum fault shield_confirm(struct follow *follow, struct child_id child,
                                   const struct change_mark *mark);

/* Somebody asks that a child be shielded: it is, provisionally, from now on.  Opens the matter of that id, or
 * adds to the one that is open already; the same id again does nothing more.  FAULT_ABSENT; FAULT_REFUSED
 * with a note where the record is closed. */
MUST_USE enum fault shield_request(struct db_tx *tx, struct noting *noting,
                                   const struct permit_shield_request *permit,
                                   const struct shield_order *order, struct matter_id id,
                                   struct child_id child);

/* The officer's decisions on a matter as it was read; FAULT_CONFLICT where somebody was faster, or the matter
 * is not that far; FAULT_REFUSED of what the officer has asked for (R2). */
MUST_USE enum fault shield_keep(struct db_tx *tx, struct noting *noting,
                                const struct permit_shield_decide *permit, const struct shield_order *order,
                                struct matter *matter);
MUST_USE enum fault shield_refuse(struct db_tx *tx, const struct permit_shield_decide *permit,
                                  const struct shield_order *order, struct matter *matter);
MUST_USE enum fault shield_review(struct db_tx *tx, const struct permit_shield_review *permit,
                                  const struct shield_order *order, struct matter *matter);
MUST_USE enum fault shield_lift(struct db_tx *tx, const struct permit_shield_lift *permit,
                                const struct shield_order *order, struct matter *matter);

/* What the second of two people says (R9.7).  Where they agree the matter is closed, and the shield goes from
 * all records that are the child's; *ret_shown is false where it stays, since another matter keeps it.
 * FAULT_REFUSED where the second is the first. */
MUST_USE enum fault shield_second(struct db_tx *tx, struct noting *noting,
                                  const struct permit_shield_second *permit, const struct shield_order *order,
                                  struct matter *matter, bool agreed, bool *ret_shown);

/* No shield without somebody who reviews it: opens a matter for a shielded record that has none, after a
 * split (R9.5).  Does nothing for others. */
MUST_USE enum fault shield_watch(struct db_tx *tx, const struct shield_order *order, struct id fresh,
                                 struct child_id child);

#endif
