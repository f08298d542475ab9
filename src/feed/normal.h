/* Unicode normal form C (UAX #15), in which all text rests, so that equal names are equal bytes. */
#ifndef FEED_NORMAL_H
#define FEED_NORMAL_H

#include "base/arena.h"

/* `text` itself where it is in that form already, else a copy in the arena.  Text above 4 KiB is left as it
 * is: no column takes it.  FAULT_MEMORY; FAULT_MALFORMED where the text is not UTF-8. */
MUST_USE enum fault feed_normal(struct str text, struct arena *arena, struct str *ret_text);

#endif
