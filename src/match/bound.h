/* What somebody may weigh in a search at most: as match/score.h weighs, but fast, and never less. */
#ifndef MATCH_BOUND_H
#define MATCH_BOUND_H

#include "match/score.h"

enum { BOUND_WORDS = 1024 };

/* What a held word weighs beside the family and the given name asked for: the same words meet again and
 * again. */
struct bound_word {
    uint32_t word; /* 0: empty */
    int32_t family;
    int32_t given;
};

struct bound {
    const struct scorer *scorer;
    struct bound_word words[BOUND_WORDS];
};

/* `scorer` is borrowed; it asks for one name and one place at most.  Its sight counts when people are
 * weighed. */
void bound_open(struct bound *bound, const struct scorer *scorer);

/* What birth and all else but the names weigh. */
int32_t bound_facts(const struct scorer *scorer, const struct evidence_view *view);

/* By what the slot tells (sketch.h): no less than bound_facts, and no less than bound_names where it is told
 * that there is one name alone. */
int32_t bound_sketched_facts(const struct scorer *scorer, const struct slot *held,
                             const struct sketch_asked *asked);
int32_t bound_first_name(struct bound *bound, const struct slot *held);

/* What the names weigh at most; bound_fetch has their words fetched into the cache. */
int32_t bound_names(struct bound *bound, const struct evidence_view *view);
void bound_fetch(const struct bound *bound, const struct evidence_view *view);
void bound_fetch_first(const struct bound *bound, const struct slot *held);

#endif
