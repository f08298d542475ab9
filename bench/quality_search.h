/* How well searches find whom they mean, on the index that a trial has filled. */
#ifndef BENCH_QUALITY_SEARCH_H
#define BENCH_QUALITY_SEARCH_H

#include "quality_trial.h"

/* Asks for some children that are visible, and prints recall.* lines: name and date of birth with one or two
 * errors; name, year of birth and authority, as spelt and with one error.  The truth of a child must be among
 * what its record holds, or the question would be unfair: children whose sources all misspell them are left
 * out. */
MUST_USE enum fault search_print(const struct trial *trial, uint32_t questions, uint64_t seed);

#endif
