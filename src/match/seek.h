/* Where a search looks: the blocks that the caller's sight opens, and nothing else (R5.5). */
#ifndef MATCH_SEEK_H
#define MATCH_SEEK_H

#include "match/gather.h"
#include "match/score.h"

struct seeker {
    const struct match_index *index;
    const struct description *asked; /* one name, one place, one number at most */
    const struct match_query *query;
    bool eligible[RECORD_STATES + 1]; /* states in which every field asked for may be seen */
    struct score_sight sight[RECORD_STATES + 1];
};

void seek_open(struct seeker *seeker, const struct match_index *index, const struct match_query *query,
               const struct match_sight *sight, const struct description *asked);

/* Years of birth asked for, widened by `by`; first > last where none. */
void seek_years(const struct seeker *seeker, uint16_t by, uint16_t *ret_first, uint16_t *ret_last);

/* Keys under which everybody stands who equals all that is asked. */
void seek_exact(const struct seeker *seeker, struct keys *ret_keys);

/* Candidates who may be meant. */
void seek_similar(const struct seeker *seeker, struct gathered *gathered);

#endif
