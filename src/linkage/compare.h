/* How well two rows agree: one level per comparison, best first (linkage.md §2). */
#ifndef LINKAGE_COMPARE_H
#define LINKAGE_COMPARE_H

#include "linkage/inside.h"
#include "match/em.h"

/* What a level means hangs on the kind; the order, best first, does not. */
enum level {
    LEVEL_MISSING = 0,
    LEVEL_RARE = 1, /* equal, and the value is rarer than most that agree by chance */
    LEVEL_MIDDLING, /* equal */
    LEVEL_COMMON,   /* equal, and common */
    LEVEL_FITS,     /* a nickname; the other line of the address; day and month swapped; the same mailbox */
    LEVEL_SLIP,     /* one edit, as fingers slip */
    LEVEL_CLOSE,    /* two, or as alike; the year of a date that says no more; a postcode's sector */
    LEVEL_PARTLY,   /* a part in common: a word, two of day, month and year, a postcode's district */
    LEVEL_HINT,     /* an initial; the year; a postcode's area */
    LEVEL_FAINT,    /* somewhat alike */
    LEVEL_NOT,
    LEVELS = LEVEL_NOT,
};

/* A weight and a level in one word. */
enum { AGREED_BITS = 4, AGREED_LEVEL = (1 << AGREED_BITS) - 1 };

enum { NO_FIELD = UINT8_MAX, ARRANGEMENT_STRAIGHT = 1, ARRANGEMENT_CROSSED = 2, COMPARE_AHEAD = 6 };

struct comparison {
    enum linkage_kind kind; /* LINKAGE_NONE: whether family and given stand in each other's place */
    uint8_t field;
    uint8_t crossed; /* another line of the address, or NO_FIELD */
    bool household;  /* compare_is_household */
    const struct values *values;
    uint8_t *matrix;         /* of few values, the level of any two: id × (count + 1) + id; NULL */
    uint64_t telling;        /* bigrams (values.h) that not many values have */
    uint8_t *classes;        /* by value id: LEVEL_RARE to LEVEL_COMMON */
    double u[LEVELS + 1];    /* exact levels: the chance that two random rows agree so, from counts */
    double mass[LEVELS + 1]; /* exact levels: the share of rows whose value is of the class */
};

struct comparisons {
    const struct linkage_rows *rows;
    struct comparison at[EM_FIELDS_MAX];
    size_t count;
    uint8_t given; /* numbers of comparisons; NO_FIELD: none */
    uint8_t family;
    uint8_t other;
    uint8_t birth;
    uint8_t arrangement;
};

/* By 1 to 64 threads. */
MUST_USE enum fault comparisons_open(const struct linkage_rows *rows, unsigned threads,
                                     struct comparisons *ret_comparisons);
void comparisons_close(struct comparisons *comparisons);

/* What levels weigh, 1/1024 bit. */
struct scale {
    int32_t prior;
    int32_t household; /* em.h: of one household against none */
    int32_t weights[EM_FIELDS_MAX][EM_LEVELS_MAX];
    int32_t unequal[EM_FIELDS_MAX]; /* the most that two different values may weigh */
    int32_t *agreed[EM_FIELDS_MAX]; /* by value id: what agreement on it weighs × 16 + its level */
    int32_t least;                  /* pairs below do not matter */
};

/* Compares; one per thread.  Remembers how alike two values are. */
struct comparer {
    const struct comparisons *comparisons;
    const struct scale *scale; /* NULL: every pair matters */
    uint64_t *cache;
};

MUST_USE enum fault comparer_open(const struct comparisons *comparisons, const struct scale *scale,
                                  struct comparer *ret_comparer);
void comparer_close(struct comparer *comparer);

/* The pattern (em.h; comparison n in bits 4n) of two rows, by their cells; the same either way round.  False,
 * and none, for a pair that, seen at a glance, cannot weigh scale->least. */
bool compare_rows(struct comparer *comparer, const uint32_t *a, const uint32_t *b, uint64_t *ret_pattern);

/* Fetches what compare_rows will look at. */
void compare_fetch(const struct comparer *comparer, const uint32_t *a, const uint32_t *b);

/* What a pattern weighs, the prior and the household's toll included. */
int32_t compare_weigh(const struct comparer *comparer, const uint32_t *a, const uint32_t *b,
                      uint64_t pattern);

/* People of one household agree in it. */
bool compare_is_household(enum linkage_kind kind);

#endif
