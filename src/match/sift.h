/* Linkage: what a candidate weighs at most, as far as its slot tells (match/sketch.h): most candidates are
 * refused without a look at their evidence. */
#ifndef MATCH_SIFT_H
#define MATCH_SIFT_H

#include "match/compare.h"

/* One name of the question. */
struct sift_name {
    const struct described_name *asked;
    struct name_most most;
    bool whole; /* both parts are there, and none stands for something else */
};

/* One question. */
struct sift {
    struct scorer *scorer;
    struct sketch_asked asked;
    struct sift_name names[PERSON_NAMES_MAX];
    int32_t names_apart;  /* what names can weigh outside the household */
    int32_t numbers_most; /* what numbers add that are told apart */
    int32_t postcode_most;
    int32_t elsewhere_most; /* of another postcode */
    int32_t authority_most; /* where a postcode is missing */
    int32_t line_most;
    int32_t phone_most; /* where a telephone may be the same */
    int32_t sex_same;
    int32_t sex_not;
};

/* `scorer` is borrowed and has to be open. */
void sift_open(struct sift *sift, struct scorer *scorer);

/* What a candidate weighs at most by all but its names; no number is shared with the question.  In *ret_home
 * whether it may be of the same household. */
int32_t sift_facts(const struct sift *sift, const struct slot *held, bool *ret_home);

/* By the first name too, `most` being what sift_facts gave: by its letters, and where that is not enough by
 * all that the slot tells.  sift_fetch fetches its words into the cache. */
int32_t sift_letters(const struct sift *sift, const struct slot *held, int32_t most, bool home);
int32_t sift_names(const struct sift *sift, const struct slot *held, int32_t most, bool home);
void sift_fetch(const struct sift *sift, const struct slot *held);

#endif
