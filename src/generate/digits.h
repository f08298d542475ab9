/* Numbers that pass their checks (service.md §3), one for each child, never two alike.
 *
 * Made here from the sums, and checked in the tests by match/number.h, which was written apart. */
#ifndef GENERATE_DIGITS_H
#define GENERATE_DIGITS_H

#include "generate/text.h"

/* From the range beginning with 9, which no patient has. */
void digits_nhs(uint32_t child, uint64_t seed, struct text *ret_number);

/* Never an NHS number: the same sum leaves 10. */
void digits_uln(uint32_t child, uint64_t seed, struct text *ret_number);

/* place: three digits for the authority; year: of first registration. */
void digits_upn(uint32_t child, uint64_t seed, uint32_t place, int year, struct text *ret_number);

/* CHB, eight digits, two letters. */
void digits_child_benefit(uint32_t child, uint64_t seed, struct text *ret_number);

/* A prefix and nine digits without check. */
void digits_plain(uint32_t child, uint64_t seed, const char *prefix, struct text *ret_number);

/* A record's lasting identifier in its source: a prefix, a hyphen and eight characters. */
void digits_record(uint32_t child, uint64_t key, const char *prefix, struct text *ret_record);

#endif
