/* Words drawn by weight. */
#ifndef GENERATE_LOTTERY_H
#define GENERATE_LOTTERY_H

#include "base/arena.h"
#include "base/random.h"
#include "base/str.h"

struct lottery {
    struct str *words;
    uint64_t *upto; /* sum of weights up to and with each word */
    uint32_t count;
    uint32_t room;
};

/* Words stay borrowed; the table itself grows in the arena.  FAULT_MEMORY.  A weight of 0 adds nothing. */
MUST_USE enum fault lottery_add(struct lottery *lottery, struct arena *arena, struct str word,
                                uint64_t weight);

/* By weight; the lottery must hold a word. */
struct str lottery_draw(const struct lottery *lottery, struct stream *stream);

/* Every word of a list separated by spaces ("_" stands for a space inside a word), copied into the arena,
 * weighted by rank.  FAULT_MEMORY. */
MUST_USE enum fault lottery_add_list(struct lottery *lottery, struct arena *arena, const char *list,
                                     uint64_t scale);

#endif
