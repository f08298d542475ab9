/* Feeds made by hand: their rows, the header of a batch, and how one is taken in. */
#ifndef TESTS_REGISTRY_FEEDING_H
#define TESTS_REGISTRY_FEEDING_H

#include "registry/intake.h"

/* The same row, with that in one more column. */
struct row row_with(struct row row, enum column column, const char *text);

struct feed {
    enum source source;
    enum batch_mode mode;
    const struct row *rows;
    size_t row_count;
    int64_t removals;
    int64_t sequence;
    const char *as_of;          /* NULL: today */
    enum row_problem *problems; /* NULL, or one per row */
};

/* An array of rows as a delta: a feed to point to. */
#define DELTA(feed_source, feed_sequence, feed_rows)                                                         \
    (&(struct feed){.source = SOURCE_##feed_source,                                                          \
                    .sequence = (feed_sequence),                                                             \
                    .mode = BATCH_DELTA,                                                                     \
                    .rows = (feed_rows),                                                                     \
                    .row_count = sizeof(feed_rows) / sizeof(feed_rows)[0]})

/* How far a batch goes before it is left. */
enum feed_end { FEED_PLANNED = 1, FEED_DECIDED, FEED_APPLIED };

struct permit_feed_load feed_permit(void);
struct batch_header feed_header(const struct feed *feed, struct day today);

/* Takes a batch in so far; the fault of the first step that fails, and then all of it is undone. `ret_counts`
 * may be NULL. */
enum fault feed_take_in(const struct intake_house *house, const struct batch_header *header,
                        const struct feed *feed, enum feed_end end, struct batch_counts *ret_counts);

#endif
