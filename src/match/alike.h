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

enum { ALIKE_LETTERS_APART_MAX = 6, ALIKE_TWO_EDITS_LEN_LEAST = 7 };

/* Letters that pass for others: c d h i l m n r u v w. */
static const uint32_t ALIKE_SHAPE_LETTERS = 0x72398c;

/* Bits set, of two words at once: the processor's own instruction is not in every x86-64. */
struct alike_counts {
    uint32_t a;
    uint32_t b;
};

static inline struct alike_counts alike_count(uint32_t a, uint32_t b)
{
    uint64_t sets = (uint64_t)a << 32 | b;
    sets -= sets >> 1 & 0x5555555555555555;
    sets = (sets & 0x3333333333333333) + (sets >> 2 & 0x3333333333333333);
    sets = ((sets + (sets >> 4)) & 0x0F0F0F0F0F0F0F0F) * 0x01010101;
    return (struct alike_counts){(uint32_t)(sets >> 56), (uint32_t)(sets >> 24 & 255)};
}

/* More than one group sounds alike. */
static inline bool alike_long_sound(const struct alike *a, const struct alike *b)
{
    return (a->code == b->code) & (a->code > 15);
}

/* Whether two different texts may be written alike, as far as letters and lengths tell: each letter that the
 * other has not is one that cannot agree.  Jaro–Winkler of 0.88 takes a Jaro of 0.8, two thirds of which are
 * the shares of letters that agree. */
static inline bool alike_may_be_written(const struct alike *a, const struct alike *b)
{
    const uint32_t len_a = (uint32_t)a->flat.len, len_b = (uint32_t)b->flat.len;
    const struct alike_counts only = alike_count(a->letters & ~b->letters, b->letters & ~a->letters);
    const uint32_t apart = only.a + only.b;
    const uint32_t shorter = len_a < len_b ? len_a : len_b;
    const uint32_t in_a = len_a - only.a, in_b = len_b - only.b;
    const uint32_t agree = in_a < in_b ? in_a : in_b;
    const bool edited = (apart <= 2) | ((apart <= 4) & (shorter >= ALIKE_TWO_EDITS_LEN_LEAST));
    const bool odd = (len_a > 64) | (len_b > 64) | (only.a >= len_a) | (only.b >= len_b);
    const bool shaped = ((a->letters ^ b->letters) & ~ALIKE_SHAPE_LETTERS) == 0;
    const bool similar = 10 * agree * (len_a + len_b) >= 14 * len_a * len_b;
    return (apart <= ALIKE_LETTERS_APART_MAX) & (edited | odd | shaped | similar);
}

static inline bool alike_roots_shared(const uint16_t *a, const uint16_t *b)
{
    bool shared = false;
    if (a == NULL || b == NULL || a[0] == 0 || b[0] == 0)
        return false;
    for (size_t i = 0; i < LEXICON_ROOTS_MAX; i++) {
        for (size_t j = 0; j < LEXICON_ROOTS_MAX; j++)
            shared |= (a[i] == b[j]) & (a[i] != 0);
    }
    return shared;
}

/* Letters, lengths, sounds and nicknames alone tell that alike_level is PART_NOT.  Of the texts only the
 * lengths are read; b is one word, and a is too, or one that b is not among.  Asked of every candidate's
 * name, and as often true as not: no branch waits for any of it but the nicknames'. */
static inline bool alike_never(const struct alike *a, const struct alike *b)
{
    const bool parted = (a->text.len == a->flat.len) | ((b->letters & ~a->letters) != 0);
    const bool maybe = (a->flat.len == 1) | (b->flat.len == 1) | alike_long_sound(a, b) |
                       alike_may_be_written(a, b) | !parted;
    return !maybe && !alike_roots_shared(a->roots, b->roots);
}

#endif
