/* One child with two records: one takes the other in, and gives it back (R14.4, linkage.md §2).
 *
 * The record that the oldest source record stands with keeps its id; the other's leads there from then on, as
 * does its ContactPoint number.  Nothing is moved: each record keeps its claims, and whatever its sources say
 * of it later stands with it too, so that a split finds both as if they had never been one.
 *
 * Who merges or splits holds the feed's lease, so that no plan under way means the record otherwise. */
#ifndef REGISTRY_MERGE_H
#define REGISTRY_MERGE_H

#include "policy/permit.h"
#include "registry/change.h"
#include "registry/decision.h"
#include "registry/family.h"

/* What a merge or split needs; all is borrowed. */
struct merge_order {
    const struct permit *permit; /* of child_merge, case_decide or child_split */
    const struct decider *decider;
    struct arena *arena;
    bool hidden; /* shielded records may be touched: the shielding officer's order */
};

/* What became of it: to be indexed again after the commit (follow_refresh). */
struct merge_outcome {
    struct child_id survivor;
    struct child_id other;   /* the record that was taken in, or stands by itself again */
    enum record_state state; /* of the survivor */
    bool newly_hidden;       /* one that was shown is hidden now: to be confirmed everywhere */
};

/* Merges, inside the transaction of its audit entries.  R9.5: the result is as hidden as the more hidden of
 * both. FAULT_DUPLICATE: they are one already.  FAULT_ABSENT: there is no such record, or it is hidden from
 * who asks. FAULT_REFUSED with a note: a sealed record (R9.8), or too many records. */
MUST_USE enum fault merge_children(struct db_tx *tx, struct noting *noting, const struct merge_order *order,
                                   struct child_id one, struct child_id other,
                                   struct merge_outcome *ret_outcome);

/* Undoes the merge by which a record was taken in; it is remembered that the two are not the same.  R9.5:
 * where the record is hidden both stay so.  FAULT_ABSENT: it was not taken in, or is hidden from who asks. */
MUST_USE enum fault merge_undo(struct db_tx *tx, struct noting *noting, const struct merge_order *order,
                               struct child_id part, struct merge_outcome *ret_outcome);

#endif
