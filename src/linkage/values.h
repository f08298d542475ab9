/* The different values of a field, once each, under 32-bit ids: what the inner loop compares. */
#ifndef LINKAGE_VALUES_H
#define LINKAGE_VALUES_H

#include "linkage/linkage.h"

/* Ids fit 28 bits, so that a pair of them and a level fit one word of a cache. */
enum { VALUES_MAX = (1 << 28) - 1, VALUE_BYTES_MAX = 96 };

/* Enough to see that two values are not alike. */
struct value_sign {
    uint64_t bigrams;   /* a bit by hash for each two neighbouring characters, blanks left out; of dates, the
                           digits, four bits each */
    uint32_t letters;   /* bit 0-25: that letter occurs; 26-29: a digit, by its remainder of 4; 30: something
                           else;   31: several words */
    uint32_t nicknames; /* a bit by hash for each name it may be short for */
    uint32_t number;    /* by kind: a British postcode (normalise.h), an age, a date as yyyymmdd, a phonetic
                         code;    else 0 */
};

struct values {
    struct value_sign *signs; /* by id; 0 is no value; once nothing more is taken */
    uint32_t *numbers;        /* of the signs, until then */
    uint64_t *texts;          /* offset × 256 + length */
    char *bytes;
    size_t byte_count;
    size_t byte_room;
    uint32_t count; /* ids are 1 to count */
    uint32_t room;
    bool dates;       /* of eight digits, mostly */
    bool names;       /* which may be short for others */
    uint64_t *places; /* open addressing by text: 36 bits of its hash, then the id; 0: empty */
    size_t place_room;
};

/* Empty values take no memory; values_close empties them again. */
void values_open(struct values *values);
void values_close(struct values *values);

/* The id of a text of 1 to VALUE_BYTES_MAX bytes, new where it was not seen before; `number` goes into the
 * sign of a new one.  FAULT_MEMORY, or FAULT_TOO_LARGE for too many. */
MUST_USE enum fault values_take(struct values *values, struct str text, uint32_t number, uint32_t *ret_id);

/* The same, where values_hash(text, 0) is known. */
MUST_USE enum fault values_take_hashed(struct values *values, struct str text, uint64_t hash, uint32_t number,
                                       uint32_t *ret_id);

/* Says beforehand which will be asked for: the processor fetches them all at once. */
void values_fetch_all(const struct values *values, const uint64_t *hashes, size_t count);

/* Takes over a range of another's values, from <= id < to; ids[id] is what each has here. */
MUST_USE enum fault values_take_range(struct values *values, const struct values *others, uint32_t from,
                                      uint32_t to, uint32_t *ids);

/* Makes room for so many more at once. */
MUST_USE enum fault values_expect(struct values *values, uint32_t more);

/* Nothing more will be taken: makes the signs, and gives back what taking needs.  FAULT_MEMORY. */
MUST_USE enum fault values_settle(struct values *values);

static inline struct str values_text(const struct values *values, uint32_t id)
{
    return (struct str){values->bytes + (values->texts[id] >> 8), values->texts[id] & 255};
}

/* A 64-bit hash of text, the same on every machine; not for secrets. */
uint64_t values_hash(struct str text, uint64_t seed);

/* How many bits are set, without the instruction that not every machine has. */
static inline int values_bits(uint64_t value)
{
    value -= value >> 1 & 0x5555555555555555u;
    value = (value & 0x3333333333333333u) + (value >> 2 & 0x3333333333333333u);
    value = (value + (value >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return (int)(value * 0x0101010101010101u >> 56);
}

/* SplitMix64's finisher: spreads a number over all bits. */
static inline uint64_t values_mix(uint64_t value)
{
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9u;
    value = (value ^ value >> 27) * 0x94D049BB133111EBu;
    return value ^ value >> 31;
}

#endif
