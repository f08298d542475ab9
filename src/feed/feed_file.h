/* A batch in a file (docs/feeds.md, R14.2): read once to the last byte before anything is done with it, then
 * again, row by row. */
#ifndef FEED_FEED_FILE_H
#define FEED_FEED_FILE_H

#include "service/load.h"

struct feed_file;

/* What is wrong with a file as a whole, for the person who sends it.  Quotes nothing but column names. */
struct feed_trouble {
    uint64_t line; /* 0: no line in particular */
    char text[400];
};

/* Checks header line, columns, quoting, row count and SHA-256 of a plain file; the descriptor stays the
 * caller's and must outlive the feed.  FAULT_MALFORMED, FAULT_INVALID (no plain file), FAULT_STORAGE: what
 * and where is in the trouble.  FAULT_MEMORY. */
MUST_USE enum fault feed_open(int fd, struct feed_file **ret_feed, struct feed_trouble *trouble);

/* feed_close(NULL) does nothing. */
void feed_close(struct feed_file *feed);

const struct batch_header *feed_header(const struct feed_file *feed);

/* Gives every row, in order and numbered from 1, to `take`: trimmed, in normal form C, with what is wrong
 * with it as CSV.  FAULT_CONFLICT where the file is no longer what feed_open has checked; a fault of `take`
 * ends it. */
MUST_USE enum fault feed_each(struct feed_file *feed, load_take take, void *take_context,
                              struct feed_trouble *trouble);

/* The line on which the row begins that `take` has been given. */
uint64_t feed_line(const struct feed_file *feed);

#endif
