/* One source's record of one child: what it knows, how well it knows it, and how it went wrong. */
#ifndef GENERATE_RECORD_H
#define GENERATE_RECORD_H

#include "generate/household.h"
#include "generate/slip.h"
#include "policy/policy.h"

enum column {
#define COLUMN(name, kind, longest, rows, help) COLUMN_##name,
#include "registry/layout.def"
#undef COLUMN
    COLUMNS
};

const char *column_name(enum column column);

/* Groups of columns that a source has or has not: profiles.def. */
enum knowledge {
    KNOWS_OTHER_NAMES = 1,
    KNOWS_KNOWN_AS,
    KNOWS_SEX,
    KNOWS_OWN_NUMBER,
    KNOWS_CARER_1,
    KNOWS_CARER_2,
    KNOWS_PHONES,
    KNOWLEDGE_END
};

/* Chances in ten thousand. */
struct slip_rates {
    uint16_t typing, ocr, phonetic, nickname, swap, date, omission, stale_address, stale_name, partial_date;
};

struct profile {
    int age_from;
    int age_to;
    uint32_t covered;        /* children in a thousand */
    uint32_t second_records; /* in a thousand */
    uint16_t knows[KNOWLEDGE_END];
    struct slip_rates slips;
};

const struct profile *profile_of(enum source source);

struct record {
    enum source source;
    bool second; /* another record of a child that the source already has */
    const struct household *household;
    const struct child *child;
    struct day today;
    int age;
    uint64_t year; /* of the feed: 0, the one that is written; others err otherwise */
    int dwelling;  /* which of the household's homes the source has */
    slip_set slips;
    struct stream stream;
    struct text columns[COLUMNS];
};

/* True where the source has the child at all; the same answer each time. */
bool record_is_held(enum source source, const struct household *household, const struct child *child,
                    int age);

/* Fills record->columns of a child row from what stands above `dwelling`; the rest is set. */
void record_fill(struct record *record, struct places *places, uint64_t seed);

#endif
