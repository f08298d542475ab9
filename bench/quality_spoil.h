/* Errors made on purpose in a row: the generator's slips, which owe nothing to the matcher's tables. */
#ifndef BENCH_QUALITY_SPOIL_H
#define BENCH_QUALITY_SPOIL_H

#include "base/random.h"
#include "generate/slip.h"
#include "registry/row.h"

enum spoilt { SPOILT_FAMILY = 1, SPOILT_GIVEN, SPOILT_BIRTH, SPOILT_POSTCODE, SPOILT_OTHER, SPOILT_END };

struct spoiler {
    struct row row; /* its spoilt texts lie in `texts`, the others where they were */
    struct text texts[SPOILT_END];
    struct stream stream;
};

void spoil_open(struct spoiler *spoiler, const struct row *row, uint64_t seed);

/* One error more: a letter wrong, a sound or shape taken for another, another date, another postcode; the
 * rest are names exchanged and things left out.  False where that place could not be spoilt. */
bool spoil(struct spoiler *spoiler, enum spoilt where);

/* As many errors as asked for, wherever they fall. */
void spoil_anywhere(struct spoiler *spoiler, unsigned errors);

#endif
