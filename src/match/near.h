/* The words near one that is asked for: equal, or written or sounding much like it, among those that the
 * searcher may see. */
#ifndef MATCH_NEAR_H
#define MATCH_NEAR_H

#include "match/intern.h"
#include "match/match.h"
#include "match/model.h"

enum { NEAR_EXACT_MAX = 16, NEAR_CODES_MAX = 64, NEAR_CLASSES_MAX = INTERN_CLASSES };

/* All of near_sight's classes. */
static const uint32_t NEAR_ALL = UINT32_MAX;

/* Where to look: the vocabulary, and who bears the words that may be seen (index_use_class). */
struct near_sight {
    const struct vocabulary *vocabulary;
    const struct match_model *model;
    uint32_t classes[NEAR_CLASSES_MAX];
    size_t class_count;
};

/* A blocking code under which near words stand, and what the best of them weighs, 1/1024 bit. */
struct near_code {
    uint32_t code;
    int32_t weight;
    uint32_t classes; /* bit i: somebody of near_sight's classes[i] may bear one of them */
};

struct near {
    uint32_t exact[NEAR_EXACT_MAX]; /* words that are equal but for spaces */
    size_t exact_count;
    struct near_code codes[NEAR_CODES_MAX]; /* the heaviest first, then the smaller code */
    size_t count;
    int32_t heaviest; /* the first code's weight; 0 where there is none */
};

/* The equal ones alone; `codes` is empty. */
void near_open(const struct near_sight *sight, const struct name *asked, struct match_work *work,
               struct near *ret_near);

/* The others too, after near_open.  Nothing is near a placeholder or an empty name. */
void near_find(const struct near_sight *sight, const struct name *asked, bool given, struct match_work *work,
               struct near *near);

/* What agreement, or none, of a name asked for with a word weighs; 0 where one of them is no evidence. */
int32_t near_weight(const struct near_sight *sight, const struct name *asked, bool given, uint32_t word);

#endif
