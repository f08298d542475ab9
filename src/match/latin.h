/* Text of any script in Latin letters, for comparison. */
#ifndef MATCH_LATIN_H
#define MATCH_LATIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* Input beyond this is not read: every name that fits a form is shorter. */
enum { LATIN_TYPED_BYTES_MAX = 512, LATIN_BYTES_MAX = 6144 };

static inline bool latin_is_ascii(struct str text)
{
    uint8_t all = 0;
    for (size_t i = 0; i < text.len; i++)
        all |= (uint8_t)text.at[i];
    return all < 0x80;
}

/* At most LATIN_TYPED_BYTES_MAX bytes of UTF-8, a character cut at the end included, transliterated, without
 * marks; ASCII letters may be of either case.  False where ICU cannot.  Safe from any thread. */
bool latin_of(struct str typed, char at[LATIN_BYTES_MAX], size_t *ret_len);

#endif
