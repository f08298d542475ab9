/* Rows of feeds that wait for an officer: the data officer's, who cannot be told apart or may be one of
 * several (R14.3), and the shielding officer's, which are like a shielded or sealed child (R9.6).
 *
 * A record waits with the row by which its source said it last; involvements wait with their child's record.
 */
#ifndef REGISTRY_QUEUE_H
#define REGISTRY_QUEUE_H

#include "registry/intake.h"
#include "registry/records.h"

struct waiting_place {
    enum source source;
    int64_t sequence;
    int64_t row_number;
};

struct waiting_row {
    struct waiting_place place;
    enum waiting_queue queue;
    enum row_problem reason;
    struct record record; /* stands for no child yet */
    struct row row;
};

/* What rows that wait are opened with. */
struct queue_keys {
    struct vault *vault;
    struct vault_purpose purpose; /* what rows are opened for: set by whoever holds a permit */
    struct wrapped_key feed_key;
};
MUST_USE enum fault queue_keys_open(struct db *db, struct vault *vault, struct queue_keys *ret_keys);

/* Children's rows of one queue behind a place in it (zero: from the first), at most `most`; texts in the
 * arena. */
enum { QUEUE_ROWS_MAX = 64 };
MUST_USE enum fault queue_list(struct db_tx *tx, const struct queue_keys *keys, enum waiting_queue queue,
                               const struct waiting_place *after, size_t most, struct arena *arena,
                               struct waiting_row *ret_rows, size_t *ret_count);

/* One of them.  FAULT_ABSENT where nothing waits there. */
MUST_USE enum fault queue_read(struct db_tx *tx, const struct queue_keys *keys,
                               const struct waiting_place *place, struct arena *arena,
                               struct waiting_row *ret_row);

/* The involvements that wait with a child's record: of each the row that was sent last. */
MUST_USE enum fault queue_followers(struct db_tx *tx, const struct queue_keys *keys,
                                    const struct waiting_row *child, struct arena *arena,
                                    struct waiting_row **ret_rows, size_t *ret_count);

/* Whether the record has been said anew behind that row. */
MUST_USE enum fault queue_is_newest(struct db_tx *tx, const struct waiting_row *row, bool *ret_newest);

#endif
