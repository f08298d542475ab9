/* Filling the tables of places.h; for places.c and places_load.c alone. */
#ifndef GENERATE_PLACES_LOAD_H
#define GENERATE_PLACES_LOAD_H

#include "generate/places.h"

/* A word of a list, "_" read as a space, chosen by key. */
void places_put_word(struct text *text, struct str list, uint64_t key);

/* The postcode without its space, NUL-padded: as settings and postcodes are sorted. */
void places_sort_key(struct str postcode, char key[8]);

/* By postcode, then code. */
void places_sort_settings(struct setting_list *list);

/* Gives every authority its share of the homes and children. */
void places_share(struct places *places, const struct places_order *order);

/* How many authorities a population of this size lives in: a small one keeps together. */
uint32_t places_authorities_for(uint32_t children, uint32_t available);

/* The authorities, postcodes and settings of a reference folder. */
MUST_USE enum fault places_load_reference(struct arena *arena, const struct places_order *order,
                                          struct places *places);

/* The built-in authorities, and settings made up for them. */
MUST_USE enum fault places_load_built_in(struct arena *arena, const struct places_order *order,
                                         struct places *places);

#endif
