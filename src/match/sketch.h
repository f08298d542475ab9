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

_Static_assert(sizeof(struct sketch) == 16, "a sketch is compared in one go");

/* A question's bytes, each wherever a sketch may have it: twelve times over. */
typedef uint8_t sketch_byte __attribute__((vector_size(16)));

struct sketch_asked {
    sketch_byte units[PERSON_PLACES_MAX];
    sketch_byte areas[PERSON_PLACES_MAX];
    sketch_byte lines[PERSON_PLACES_MAX];
    sketch_byte phones[PERSON_PHONES_MAX];
    uint8_t area_count; /* of units too */
    uint8_t line_count;
    uint8_t phone_count;
};

void sketch_ask(const struct description *asked, struct sketch_asked *ret_asked);

/* Whether one of the bytes asked for may be among those seen. */
static inline bool sketch_has(const struct sketch *held, const sketch_byte *asked, size_t count)
{
    const sketch_byte no_facts = {0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
    sketch_byte seen, equal = {0};
    uint64_t halves[2];
    memcpy(&seen, held, sizeof(seen));
    for (size_t i = 0; i < count; i++)
        equal |= (sketch_byte)(seen == asked[i]);
    equal &= no_facts;
    memcpy(halves, &equal, sizeof(halves));
    return ((halves[0] | halves[1]) != 0) | ((held->facts & SKETCH_CROWDED) != 0);
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
