/* The index as a reader sees it, from entering to leaving: who is there, whatever a writer does meanwhile. */
#ifndef MATCH_MOMENT_H
#define MATCH_MOMENT_H

#include <stdbool.h>

#include "match/table.h"
#include "policy/policy.h"

enum { MOMENT_UNSEEN_MAX = 96, MOMENT_MARKS = 32 };

struct moment {
    uint32_t slot_end; /* slots from here on are not there yet */
    uint32_t unseen_count;
    uint32_t unseen[MOMENT_UNSEEN_MAX];       /* of who has gone, and empty ones that the next may take */
    uint64_t marks[MOMENT_MARKS];             /* a bit for each of these; others may share it */
    uint32_t state_people[RECORD_STATES + 1]; /* pending people under 0 */
    struct table ids;                         /* slots by child id, unseen ones too */
};

/* Begins one in which nothing is unseen; what else it tells is the caller's to set. */
void moment_begin(struct moment *moment, uint32_t slot_end);
void moment_hide(struct moment *moment, uint32_t slot);

bool moment_lists(const struct moment *moment, uint32_t slot);

static inline bool moment_sees(const struct moment *moment, uint32_t slot)
{
    bool marked = (moment->marks[slot >> 6 & (MOMENT_MARKS - 1)] >> (slot & 63) & 1) != 0;
    return slot < moment->slot_end && !(marked && moment_lists(moment, slot));
}

#endif
