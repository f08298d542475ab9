/* Linkage: what a candidate weighs at most, as far as its slot tells (match/sketch.h): most candidates are
 * refused without a look at their evidence. */
#ifndef MATCH_SIFT_H
#define MATCH_SIFT_H

#include "match/score.h"

/* One question. */
struct sift {
    struct scorer *scorer;
    struct sketch_asked asked;
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

/* What is known of a candidate so far: no score of it weighs more. */
struct sifted {
    uint32_t slot;
    int32_t most; /* INT32_MAX: a number may agree */
    bool home;    /* it may be of the same household */
};

/* `scorer` is borrowed and has to be open. */
void sift_open(struct sift *sift, struct scorer *scorer);

/* By all but the names; the candidate shares no number with the question. */
struct sifted sift_facts(const struct sift *sift, uint32_t slot);

/* By the names too, as far as the first one tells; sift_fetch fetches its words into the cache. */
int32_t sift_names(const struct sift *sift, const struct sifted *sifted);
void sift_fetch(const struct sift *sift, uint32_t slot);

#endif
