/* A case: something that waits for an officer to say who it is.  What case.c shows, decide_case.c decides. */
#ifndef SERVICE_CASE_H
#define SERVICE_CASE_H

#include "registry/duplicates.h"
#include "registry/family.h"
#include "service/identity.h"
#include "service/operations.h"

enum case_kind {
    CASE_ROW = 1,  /* a row that waits in the officer's own queue */
    CASE_SEEN = 2, /* a row of the data officer's queue that is like a child who has been hidden since */
    CASE_PAIR = 3, /* two records */
};

/* How an address names one: an id of ours.  A pair's is its keyed hash, a row's says where it waits, with a
 * mark that a hash has once in hundreds of millions. */
struct case_ref {
    enum case_kind kind;
    struct waiting_place place;
    struct tag tag;
};
bool case_ref_of(struct id id, struct case_ref *ret_ref);
struct id case_ref_id(const struct case_ref *ref);
MUST_USE enum fault case_ref_text(const struct case_ref *ref, struct arena *arena, struct str *ret_text);

/* Shows the case of the path, with its entries: its page, and again where something in its form is wrong. */
MUST_USE enum fault case_show(struct conduct *conduct);

enum { CASE_CARDS_MAX = MATCH_CANDIDATES_MAX };

/* One of those beside whom it is looked at. */
struct case_candidate {
    struct match_candidate match;
    struct child_standing standing;
};

/* A case as it stands now, for the officer who asks. */
struct officer_case {
    struct case_ref ref;
    struct waiting_row row;
    struct proposal proposal;
    enum match_outcome_kind outcome; /* of a row */
    struct case_candidate candidates[CASE_CARDS_MAX];
    size_t candidate_count;
    bool apart_authorities; /* of a pair: two authorities answer for them */
};

/* Inside a job.  FAULT_ABSENT where there is no such case, or it is not this officer's: another role's, or
 * another authority's (R2). */
MUST_USE enum fault case_read(struct db_tx *tx, struct conduct *conduct, const struct identity *identity,
                              const struct case_ref *ref, struct officer_case *ret_case);

/* Whether hidden children are this officer's matter, and only they. */
static inline bool case_hidden_matter(const struct conduct *conduct)
{
    return conduct->caller.role == ROLE_shielding_officer;
}

/* R2: a team acts on records that its authority answers for, and on those that none answers for. */
bool case_is_responsible(const struct conduct *conduct, struct str authority);

#endif
