/* The first line of a feed file (docs/feeds.md). */
#ifndef FEED_FEED_HEADER_H
#define FEED_FEED_HEADER_H

#include "feed/feed_file.h"

enum { FEED_HEADER_BYTES_MAX = 4096 };

/* Reads the line without its LF.  FAULT_MALFORMED with the trouble that names what is wrong. */
MUST_USE enum fault feed_header_read(struct str line, struct batch_header *ret_header,
                                     struct feed_trouble *trouble);

#endif
