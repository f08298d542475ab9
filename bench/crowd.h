/* The invented population that the benchmarks of matching work on: an index of it, a feed of another year,
 * and what people would type to find some of them.  No files: children come from the census. */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include "generate/census.h"
#include "generate/text.h"
#include "match/match.h"

enum { CROWD_THREADS_MAX = 16 };

/* How an interactive search is asked; the mixture is in crowd.c. */
enum question_kind {
    QUESTION_DATE = 1,       /* name and date of birth */
    QUESTION_YEAR_AUTHORITY, /* name, year of birth and authority */
    QUESTION_POSTCODE,       /* name and postcode */
    QUESTION_FAMILY_YEAR,    /* family name and year of birth */
    QUESTIONS_END
};

struct question {
    enum question_kind kind;
    uint32_t child;
    bool similar; /* similar names asked for */
    struct text family;
    struct text given;
    struct day birth;
    struct text postcode;
    struct text authority;
};

/* A row of the feed, packed as person_pack does. */
struct feed_row {
    uint32_t child;
    bool known; /* the child is in the index */
    size_t from;
    size_t len;
};

struct crowd_order {
    uint32_t children;
    uint64_t seed;
    const char *reference;
    uint32_t feed_rows; /* about */
    uint32_t questions; /* about */
    uint32_t threads;
};

struct crowd {
    size_t indexed; /* children in the index: of every twenty, nineteen */
    double fill_s;
    struct feed_row *feed;
    size_t feed_count;
    uint8_t *packed;
    size_t packed_bytes;
    struct question *questions;
    size_t question_count;
};

struct child_id crowd_id(uint32_t child);

/* Whether the index has the child, where any source has it. */
bool crowd_has(uint32_t child);

/* Who a child is by all its rows, merged as the registry merges claims.  Texts stay borrowed from the rows
 * and the arena. */
MUST_USE enum fault crowd_person(const struct census_child *child, struct arena *arena,
                                 struct person *ret_person);

/* Fills the index; the feed's rows and the questions stand in random order afterwards.  Ends the program on a
 * fault. */
void crowd_fill(const struct crowd_order *order, struct match_index *index, struct crowd *ret_crowd);
void crowd_close(struct crowd *crowd);

/* One row of the feed, with its numbers or without; borrowed from the crowd. */
void crowd_feed_person(const struct crowd *crowd, size_t row, bool numbered, struct person *ret_person);

/* What a practitioner would ask; texts stay borrowed from the question. */
struct match_query crowd_query(const struct question *question);
struct match_sight crowd_sight(void);

_Noreturn void crowd_fail(const char *what);

#endif
