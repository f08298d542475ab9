/* What is known of single words beforehand: how common a name is, nickname roots, placeholders, particles.
 *
 * The table is built once from lexicon.def and never changes: frequencies counted live would make results
 * depend on the order of arrival (linkage.md §8). */
#ifndef MATCH_LEXICON_H
#define MATCH_LEXICON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum { LEXICON_ROOTS_MAX = 3 };

struct lexicon_word {
    const char *text; /* not NUL-terminated */
    uint8_t len;
    bool placeholder;        /* no name: "baby", "not known" */
    bool particle;           /* "van", "al": no blocking key of its own */
    uint16_t surname_weight; /* -log2 of its share among surnames, 1/1024 bit; 0: not listed */
    uint16_t forename_weight;
    uint16_t roots[LEXICON_ROOTS_MAX]; /* nickname groups, from 1; 0: none */
};

/* NULL where nothing is known of the word (normalised; may hold spaces). */
const struct lexicon_word *lexicon_find(struct str word);

/* The first word of a nickname group: what the others are short for. */
struct str lexicon_root(uint16_t root);

/* Its phonetic code. */
uint32_t lexicon_root_code(uint16_t root);

#endif
