/* What becomes of a description once its candidates are scored: the outcome, the guards, the margin (R14.3,
 * R9.6). */
#ifndef MATCH_DECIDE_H
#define MATCH_DECIDE_H

#include "match/score.h"

struct linked {
    struct match_candidate best[MATCH_CANDIDATES_MAX]; /* twins left out */
    struct {
        bool certain; /* no guard objects */
        bool named;   /* the given name is the very same */
        bool twinned; /* of the household and day of birth, by a given name that is alike at best */
    } traits[MATCH_CANDIDATES_MAX];
    size_t count;
    struct match_candidate hidden; /* the best shielded or sealed one, twins too */
    bool any_hidden;
};

/* Takes one scored candidate in.  An agreeing number raises the score's weight to a possible one. */
void decide_consider(const struct match_index *index, struct linked *linked, uint32_t slot,
                     struct score *score);

/* The whole of it agrees: name, date, and more than the date and name that two children can share.  Whoever
 * has another date of birth is no rival then, and need not be looked for. */
bool decide_is_beyond_doubt(const struct match_model *model, const struct score *score);

/* `complete`: every usable key was searched, and no block was cut short. */
void decide_outcome(const struct match_model *model, const struct linked *linked, bool complete,
                    struct match_outcome *ret_outcome);

#endif
