/* Children who may have two records: looked for over the whole index, proposed in pairs, decided by officers
 * (R14.4).
 *
 * A pair with a shielded record is the shielding officer's alone to see; which pairs these are is worked out
 * whenever somebody looks, from the records' present state. */
#ifndef REGISTRY_DUPLICATES_H
#define REGISTRY_DUPLICATES_H

#include "registry/decision.h"
#include "registry/intake.h"

struct proposal {
    struct tag tag; /* of the pair */
    struct child_id one;
    struct child_id other;
    int32_t weight; /* 1/1024 bit, when it was found */
    struct instant found;
    struct account_id first; /* who has said "the same" already, of two who must (R14.4); zero: nobody */
};

struct duplicates_counts {
    int64_t people; /* who were looked at */
    int64_t
        proposed; /* pairs that the data officer sees: those with a hidden record are told to nobody here */
};

/* Looks for pairs anew, under the feed's lease: writes those that are found, forgets those that are no
 * longer. Pairs that were decided to be two are never proposed again. */
MUST_USE enum fault duplicates_seek(const struct intake_house *house, const struct decider *decider,
                                    int threads, struct duplicates_counts *ret_counts);

/* Proposals behind that tag, in an order of no meaning; at most `most`, of which *ret_count are there. */
MUST_USE enum fault duplicates_list(struct db_tx *tx, const struct decider *decider, const struct tag *after,
                                    size_t most, struct proposal *ret_proposals, size_t *ret_count);

/* The tag of a pair, whichever comes first. */
struct tag duplicates_tag(struct vault *vault, struct child_id one, struct child_id other);

/* FAULT_ABSENT where it was decided, or is no longer thought. */
MUST_USE enum fault duplicates_get(struct db_tx *tx, const struct decider *decider, const struct tag *tag,
                                   struct arena *arena, struct proposal *ret_proposal);

/* Writes it as it is now: that somebody was the first to say "the same". */
MUST_USE enum fault duplicates_put(struct db_tx *tx, const struct decider *decider,
                                   const struct proposal *proposal);
MUST_USE enum fault duplicates_drop(struct db_tx *tx, const struct tag *tag);

#endif
