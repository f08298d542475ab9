/* Whom a description might be: the blocks of its keys, everybody's, whatever their state (linkage.md §2). */
#ifndef MATCH_CANDIDATES_H
#define MATCH_CANDIDATES_H

#include "match/gather.h"

struct linker {
    const struct match_index *index; /* only gathering looks at it */
    const uint8_t *key;              /* its 16 bytes */
    const struct moment *moment;
    const struct description *asked;
    struct keys keys;
    size_t number_keys; /* of them, the first, are of numbers */
    enum gather_large large[BLOCK_KEYS_MAX];
    bool dated;  /* a name with the whole date is among the keys */
    bool usable; /* at least one key could be built */
};

/* Keys that few share and that nearly always hold the one who is meant: numbers, names with the whole date.
 */
void candidates_want_near(struct linker *linker);

/* All other keys. */
void candidates_want_rest(struct linker *linker);

/* Fetches the place of a wanted key into the cache; once that has come, its piece. */
void candidates_fetch(const struct linker *linker, size_t key);
void candidates_fetch_piece(const struct linker *linker, size_t key);

/* Adds the block of a wanted key; keys in their order, so that who shares a number comes first. */
void candidates_gather(const struct linker *linker, size_t key, struct gathered *gathered);

#endif
