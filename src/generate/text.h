/* Short text held in place, and the integer mixing that makes everything repeatable. */
#ifndef GENERATE_TEXT_H
#define GENERATE_TEXT_H

#include <stdint.h>

#include "base/str.h"
#include "base/time.h"

enum { TEXT_BYTES_MAX = 200 };

struct text {
    size_t len;
    char at[TEXT_BYTES_MAX];
};

static inline struct str text_str(const struct text *text)
{
    return (struct str){text->at, text->len};
}

/* Appends; what would pass the end is dropped from a whole code point on. */
void text_put(struct text *text, struct str more);
void text_put_literal(struct text *text, const char *more);

/* Decimal, with leading zeroes up to `digits`. */
void text_put_number(struct text *text, uint64_t value, int digits);
void text_put_day(struct text *text, struct day day);

/* Replaces the content. */
void text_set(struct text *text, struct str content);

/* Latin letters without their marks (ł gives l), ASCII only; other characters are dropped. */
void text_fold(struct text *text);

/* ASCII letters in upper case. */
void text_upper(struct text *text);

/* "o'brien-smith" as "O'Brien-Smith", "mcdonald" as "McDonald". */
void text_capitalise(struct text *text);

/* A well-mixed number that depends on all three. */
uint64_t text_mix(uint64_t a, uint64_t b, uint64_t c);

/* index moved within 0 … size - 1 so that no two meet: a Feistel network over the next power of four, walked
 * until it falls inside.  index < size, size <= 2^40. */
uint64_t shuffle_index(uint64_t index, uint64_t size, uint64_t key);

#endif
