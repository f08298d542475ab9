/* Why two records would be linked, or not: every field's weight, and what would be decided of one if it came
 * as a row and only the other were here (linkage.md §1). */
#ifndef MATCH_EXPLAIN_H
#define MATCH_EXPLAIN_H

#include "match/match.h"

struct match_explained {
    enum match_outcome_kind kind;
    struct match_candidate pair; /* weight and reasons */
    int32_t prior;
    int32_t rest; /* of the weight that no reason tells: a household's ceiling, a claim's number */
};

/* The child that bears a number, whom linkage may show: neither pending, nor shielded, nor sealed.
 * FAULT_ABSENT. */
MUST_USE enum fault match_number_child(struct match_index *index, enum number_scheme scheme,
                                       struct str number, struct child_id *ret_child);

/* FAULT_ABSENT where one of them is not here, or pending, shielded or sealed: nothing tells which. */
MUST_USE enum fault match_explain(struct match_index *index, struct child_id one, struct child_id other,
                                  struct match_explained *ret_explained);

const char *match_outcome_name(enum match_outcome_kind kind);
const char *match_evidence_name(enum evidence evidence);
const char *match_agreement_name(enum agreement agreement);

#endif
