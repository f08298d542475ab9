/* Where a search looks, the likeliest first: who equals what is asked, then who may be meant. */
#ifndef MATCH_SEEK_H
#define MATCH_SEEK_H

#include "match/visit.h"

/* The words near those asked for. */
struct seek_names {
    struct near family;
    struct near given;
};

/* Looks up the words equal to those asked for. */
void seek_open(struct visitor *visitor, struct seek_names *ret_names);

/* Everybody who equals all that is asked, until there are more than may be answered. */
void seek_exact(struct visitor *visitor, struct exact_search *search);

/* Everybody who may be meant and can come among the best. */
void seek_similar(struct visitor *visitor, struct seek_names *names);

#endif
