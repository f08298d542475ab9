/* Whom a description might be: the blocks of its keys, everybody's, whatever their state (linkage.md §2). */
#ifndef MATCH_CANDIDATES_H
#define MATCH_CANDIDATES_H

#include "match/gather.h"

struct linker {
    const struct match_index *index;
    const struct description *asked;
    struct keys keys;
    bool optional[BLOCK_KEYS_MAX]; /* needless where very many share the key: LARGE_OPTIONAL */
    bool dated;                    /* a name with the whole date is among the keys */
    bool usable;                   /* at least one key could be built */
};

/* Keys that few share and that nearly always hold the one who is meant: numbers, names with the whole date.
 */
void candidates_want_near(struct linker *linker);

/* All other keys. */
void candidates_want_rest(struct linker *linker);

/* Fetches the places of the keys wanted since `from` into the cache; once they have come, their pieces. */
void candidates_fetch(const struct linker *linker, size_t from);
void candidates_fetch_pieces(const struct linker *linker, size_t from);

/* Adds the blocks of the keys wanted since `from`. */
void candidates_gather(const struct linker *linker, size_t from, struct gathered *gathered);

#endif
