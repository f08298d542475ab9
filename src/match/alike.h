/* How alike two names are, in ordered levels, best first (linkage.md §2). */
#ifndef MATCH_ALIKE_H
#define MATCH_ALIKE_H

#include "match/lexicon.h"

/* How well one part of a name agrees, best first. */
enum part_level {
    PART_MISSING = 0,
    PART_EXACT,
    PART_NICKNAME,
    PART_TYPO,    /* one edit inside, as people slip: same sound, same first letter */
    PART_CLOSE,   /* Jaro–Winkler 0.88 */
    PART_PARTLY,  /* a word in common, or the sound alone */
    PART_INITIAL, /* "J" for "James" */
    PART_NOT,
};

/* One part of a name, normalised (match/normalise.h). */
struct alike {
    struct str text;       /* words parted by one space */
    struct str flat;       /* the same without spaces */
    const uint16_t *roots; /* LEXICON_ROOTS_MAX nickname groups, 0 after the last; NULL: not compared */
    uint32_t letters;
    uint32_t code; /* phonetic, of the whole */
};

/* Of two parts, neither empty nor a placeholder: never PART_MISSING. */
enum part_level alike_level(const struct alike *a, const struct alike *b);

/* Letters, lengths, sounds and nicknames alone tell that alike_level is PART_NOT.  Of the texts only the
 * lengths are read; b is one word. */
bool alike_never(const struct alike *a, const struct alike *b);

#endif
