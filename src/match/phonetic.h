/* How names sound and how alike they are written.  All text is normalised: a-z, digits and single spaces. */
#ifndef MATCH_PHONETIC_H
#define MATCH_PHONETIC_H

#include <stdint.h>

#include "base/str.h"

/* A code of up to seven consonant groups, spaces skipped; 0 where nothing sounds.  Groups are coarse so that
 * they hold across languages' spellings (k/c/q, f/ph/v, s/z/x, y/j), vowels count at the beginning only. */
uint32_t phonetic_code(struct str name);

/* Jaro–Winkler similarity in thousandths of the first 64 characters; 1000 for equal texts, 0 where one is
 * empty. */
unsigned phonetic_similarity(struct str a, struct str b);

/* Edits between two texts of at most 64 characters, a transposition of neighbours counting as one; `most` + 1
 * where there are more. */
unsigned phonetic_edits(struct str a, struct str b, unsigned most);

#endif
