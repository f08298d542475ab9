/* What a slot tells of somebody by itself, so that most candidates are refused without a look at their
 * evidence: the date of birth, the sex, the first name, and a byte each of areas, address lines and
 * telephones.
 *
 * A sketch never says no where the evidence says yes: whoever is refused by it would be refused by it all. */
#ifndef MATCH_SKETCH_H
#define MATCH_SKETCH_H

#include <stdbool.h>

#include "match/describe.h"

/* As struct slot keeps them: year 12 bits, month 4, day 5, precision 3, sex 2, then a bit each: */
static const uint32_t SKETCH_ONE_NAME = (uint32_t)1 << 26; /* the first is the only name, and no former one */
static const uint32_t SKETCH_MIDDLE = (uint32_t)1 << 27;   /* the first has middle names */
static const uint32_t SKETCH_CARERS = (uint32_t)1 << 28;
static const uint32_t SKETCH_AREAS = (uint32_t)1 << 29; /* a postcode is known */
static const uint32_t SKETCH_PHONES = (uint32_t)1 << 30;
static const uint32_t SKETCH_CROWDED = (uint32_t)1
                                       << 31; /* more bytes than there is room for: none is kept */

struct sketch {
    uint32_t facts;
    uint8_t seen[12]; /* 0: none */
};

void sketch_make(const struct description *description, struct sketch *ret_sketch);

/* A question's bytes, each eight times over. */
struct sketch_asked {
    uint64_t units[PERSON_PLACES_MAX];
    uint64_t areas[PERSON_PLACES_MAX];
    uint64_t lines[PERSON_PLACES_MAX];
    uint64_t phones[PERSON_PHONES_MAX];
    uint8_t area_count; /* of units too */
    uint8_t line_count;
    uint8_t phone_count;
};

void sketch_ask(const struct description *asked, struct sketch_asked *ret_asked);

/* Whether one of the bytes asked for may be among those seen. */
static inline bool sketch_has(const struct sketch *held, const uint64_t *asked, size_t count)
{
    const uint64_t ones = 0x0101010101010101u;
    uint64_t zeros = 0, first;
    uint32_t last;
    memcpy(&first, held->seen, sizeof(first));
    memcpy(&last, held->seen + sizeof(first), sizeof(last));
    for (size_t i = 0; i < count; i++) {
        uint64_t one = first ^ asked[i], other = last ^ asked[i];
        zeros |= ((one - ones) & ~one) | ((other - ones) & ~other);
    }
    return (zeros & ones << 7) != 0 || (held->facts & SKETCH_CROWDED) != 0;
}

static inline struct day sketch_birth(uint32_t facts)
{
    return (struct day){.year = facts & 4095,
                        .month = facts >> 12 & 15,
                        .day = facts >> 16 & 31,
                        .precision = (enum day_precision)(facts >> 21 & 7)};
}

static inline enum sex sketch_sex(uint32_t facts)
{
    return (enum sex)(facts >> 24 & 3);
}

#endif
