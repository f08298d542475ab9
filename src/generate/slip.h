/* How people and machines get things wrong.  The tables are this floor's own and owe nothing to the
 * matcher's: what it knows how to forgive is not what is done to it here. */
#ifndef GENERATE_SLIP_H
#define GENERATE_SLIP_H

#include "base/random.h"
#include "base/time.h"
#include "generate/text.h"

enum slip {
    SLIP_NONE = 0,
#define SLIP(name) SLIP_##name,
#include "generate/slips.def"
#undef SLIP
    SLIPS_END
};

/* Set of slips: bit (1 << SLIP_x). */
typedef uint32_t slip_set;

const char *slip_name(enum slip slip);

/* Each changes the text where it can and tells whether it did. */
bool slip_typing(struct text *text, struct stream *stream);
bool slip_ocr(struct text *text, struct stream *stream);
bool slip_phonetic(struct text *text, struct stream *stream);

/* Another postcode of the same shape: other shapes would be refused at the door. */
bool slip_postcode(struct text *text, struct stream *stream);

/* Day and month swapped, a digit misread, a neighbouring day, the wrong year or decade; always a real date,
 * no later than `today`. */
bool slip_date(struct day *day, struct day today, struct stream *stream);

#endif
