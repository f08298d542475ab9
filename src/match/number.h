/* People's numbers: forms and check digits (service.md §3). */
#ifndef MATCH_NUMBER_H
#define MATCH_NUMBER_H

#include "base/buffer.h"
#include "base/random.h"
#include "policy/policy.h"

enum { NUMBER_BYTES_MAX = 24, CONTACTPOINT_NUMBER_LEN = 11 };

/* The number without spaces and hyphens, upper case, in `at`; true where form and check digit are right for
 * `scheme`. ContactPoint numbers: "CP" dropped, I and L read as 1, O as 0. */
bool number_normalise(enum number_scheme scheme, struct str typed, char at[NUMBER_BYTES_MAX],
                      size_t *ret_len);

/* The one scheme whose check the typed number passes (the kinds exclude one another), or NUMBER_NONE. */
enum number_scheme number_recognise(struct str typed, char at[NUMBER_BYTES_MAX], size_t *ret_len);

/* R1.1: ten random characters of Crockford's base 32 and an ISO 7064 MOD 37,36 check character, drawn again
 * where the check would be I, L, O or U. */
void number_contactpoint_new(struct entropy entropy, char at[CONTACTPOINT_NUMBER_LEN]);

/* "CP-7K4M2-X9QRT-5" for a normalised ContactPoint number; an NHS number as "943 476 5919"; others as they
 * are. */
void number_put(struct buffer *buffer, enum number_scheme scheme, struct str normalised);

#endif
