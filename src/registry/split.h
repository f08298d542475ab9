/* One record in which two children have been mixed up, though nobody ever merged them: what sources and
 * practitioners say of one of them is parted from the rest (R14.4, linkage.md §2).
 *
 * As with a merge, the side that the oldest source record stands with keeps the id and the ContactPoint
 * number; the other side moves to a new record, where its sources find it when they say it anew.  Both sides
 * are as hidden as the record was (R9.5), and are known to be two.  Merging the two takes it back.
 *
 * Who splits holds the feed's lease from split_look to the commit, so that no plan under way means the record
 * otherwise. */
#ifndef REGISTRY_SPLIT_H
#define REGISTRY_SPLIT_H

#include "match/number.h"
#include "registry/intake.h"
#include "registry/merge.h"

/* A claim stands for all that its source said of the same record, children's rows and involvements; a
 * practitioner's for all that they said of their service's involvement. */
enum { SPLIT_CHOSEN_MAX = 16 };

/* What a split needs; all is borrowed. */
struct split_order {
    const struct permit_child_split *permit;
    const struct intake_house *house;
    const struct decider *decider;
    const struct wrapped_key *feed_key;
    struct arena *arena;
    bool hidden; /* shielded records may be touched: the shielding officer's order */
    struct child_id child;
    const struct claim_id *chosen; /* what is the other child's */
    size_t chosen_count;
};

/* A split that is ready: the new record's id and key are known, so that its entry can be sealed. */
struct split {
    const struct split_order *order;
    struct child_id fresh;
    struct wrapped_key key;
    char number[CONTACTPOINT_NUMBER_LEN];
    struct split_link *links; /* of sources' records that stand for the child */
    size_t link_count;
};

/* Before the transaction: reads which records of sources stand for the child.  *split is borrowed from the
 * order's arena.  FAULT_ABSENT: there is no such record, or it is hidden from who asks. */
MUST_USE enum fault split_look(const struct split_order *order, struct split *ret_split);

/* Splits, inside the transaction of its audit entries.  `other` of the outcome is the new record.
 * FAULT_ABSENT as split_look, and where the record has no such claim.  FAULT_REFUSED with a note: a sealed
 * record (R9.8), one that has taken others in, one with more claims than can be read at once, or a side that
 * nothing would name. */
MUST_USE enum fault split_record(struct db_tx *tx, struct noting *noting, const struct split *split,
                                 struct merge_outcome *ret_outcome);

#endif
