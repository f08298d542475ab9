/* The people whom a search looks at: out of blocks that the caller's sight opens and nothing else (R5.5),
 * each once, scored, the best kept.
 *
 * Whoever cannot come among the best any more need not be looked at: every block is asked for with what its
 * people may weigh at most.  Blocks are looked at whole or not at all, so that the answer does not depend on
 * the order in which people arrived. */
#ifndef MATCH_VISIT_H
#define MATCH_VISIT_H

#include "match/block.h"
#include "match/bound.h"
#include "match/near.h"
#include "match/score.h"

enum { VISIT_KEYS = 64, VISIT_CHUNK = 64, VISIT_EXACT_MAX = MATCH_LIMIT_MAX + 1 };

/* A set of slots; the table grows as it fills. */
struct slot_set {
    uint32_t *table; /* of `room` slots; 0: empty */
    uint32_t room;
    uint32_t count;
};

/* What is on its way into the cache: a block, or somebody out of one, and what people of that block weigh at
 * most. */
struct visit_key {
    uint64_t key;
    int32_t most;
};

struct visit_person {
    uint32_t slot;
    int32_t most;
};

struct visitor {
    const struct match_index *index;
    const struct moment *moment; /* set by who opens */
    const struct match_query *query;
    const struct description *asked; /* one name, one place, one number at most */
    struct sketch_asked sketched;    /* its bytes */
    struct match_results *results;
    uint8_t limit;
    int32_t least;                    /* who weighs less is not shown */
    int32_t most;                     /* what the names may weigh */
    bool eligible[RECORD_STATES + 1]; /* states in which every field asked for may be seen */
    struct near_sight near;           /* where this caller's near words stand */
    struct score_sight sight[RECORD_STATES + 1];
    struct scorer scorer;
    struct bound *bound;
    struct slot_set seen;
    struct visit_key keys[VISIT_KEYS]; /* asked for, not yet looked at */
    size_t key_count;
    struct visit_person chunk[VISIT_CHUNK]; /* people found, not yet looked at */
    size_t chunk_count;
    uint32_t keys_left; /* a search's patience */
};

/* FAULT_MEMORY. */
MUST_USE enum fault visit_open(struct visitor *visitor, const struct match_index *index,
                               const struct match_query *query, const struct match_sight *sight,
                               const struct description *asked);
void visit_close(struct visitor *visitor);

/* Asks for the exact ones of a block: those, at most VISIT_EXACT_MAX, who equal all that is asked.  `family`
 * and `given` are the words equal to what was asked. */
struct exact_search {
    const struct near *family;
    const struct near *given;
    uint32_t found[VISIT_EXACT_MAX];
    size_t count;
};
void visit_exact(struct visitor *visitor, enum key_kind kind, uint64_t a, uint64_t b,
                 struct exact_search *search);

/* Keeps one that was found exactly. */
void visit_keep_exact(struct visitor *visitor, uint32_t slot);

/* Whether somebody of that weight could still come among the best. */
static inline bool visit_is_worth(const struct visitor *visitor, int32_t weight)
{
    const struct match_results *results = visitor->results;
    if (weight < visitor->least)
        return false;
    if (results->count < visitor->limit)
        return true;
    const struct match_candidate *last = &results->found[results->count - 1];
    return !last->exact && weight >= last->weight;
}

/* Asks for those classes (bits, as in struct near_code) of a block, unless a and b are not both known: its
 * people are looked at by the next visit_all at the latest. */
struct visit_block {
    enum key_kind kind;
    uint32_t classes;
    uint64_t a;
    uint64_t b;
    int32_t most; /* what its people may weigh, those apart who have been looked at before */
};
void visit_block(struct visitor *visitor, struct visit_block block);
void visit_all(struct visitor *visitor);

/* Where as many as may be shown have been found, little patience is left from here on. */
void visit_hurry(struct visitor *visitor);

/* Asks for those classes of which there are at most people_max people and tells which have more.  visit_fetch
 * some time before has their places fetched into the cache. */
uint32_t visit_small(struct visitor *visitor, struct visit_block block, size_t people_max);
void visit_fetch(const struct visitor *visitor, struct visit_block block);

#endif
