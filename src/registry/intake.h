/* Taking in a batch of a feed (R14): planned first, sealed and invisible; then applied in short transactions
 * between other people's work; finished or undone after a crash.
 *
 *     intake_open → intake_row … → intake_plan → intake_apply → intake_close
 *
 * One batch at a time, wherever it is loaded: whoever decides which child a row means holds the feed's lease,
 * and an index that has all that is committed.  Everything before intake_plan succeeds can be undone and is,
 * by intake_close. */
#ifndef REGISTRY_INTAKE_H
#define REGISTRY_INTAKE_H

#include "base/random.h"
#include "base/time.h"
#include "match/match.h"
#include "policy/permit.h"
#include "registry/follow.h"
#include "registry/row.h"
#include "store/lease.h"
#include "vault/vault.h"

enum batch_mode { BATCH_FULL = 1, BATCH_DELTA = 2 };
enum batch_state { BATCH_PLANNING = 1, BATCH_APPLYING = 2, BATCH_APPLIED = 3, BATCH_CLEARING = 4 };
enum waiting_queue { QUEUE_QUARANTINE = 1, QUEUE_DATA_OFFICER = 2, QUEUE_SHIELDING_OFFICER = 3 };

struct batch_header {
    enum source source;
    int64_t sequence; /* from 1; each batch of a source is higher than the last */
    enum batch_mode mode;
    struct day as_of;
    int64_t rows;
    int64_t removals;   /* announced by the supplier (R14.5) */
    uint8_t digest[32]; /* SHA-256 of all that follows the header line */
};

struct batch_counts {
    int64_t created; /* children and involvements, held rows counted too (R9.6) */
    int64_t updated;
    int64_t unchanged;
    int64_t waiting; /* for the data officer */
    int64_t quarantined;
    int64_t ended;
};

/* How rows are linked: whatever it is, the same rows make the same plan.  0 each: as fast as this machine
 * can.
 */
struct intake_pace {
    uint16_t rows_at_once; /* 1: one after the other */
    uint8_t threads;
};

struct intake_house {
    struct db *db;
    struct vault *vault;
    struct match_index *index;
    struct clock clock;
    struct entropy entropy;
    /* Where other servers write too; otherwise NULL. */
    const struct changes *changes;
    struct follow *follow;
    const struct lease *lease; /* LEASE_FEED, taken */
    struct intake_pace pace;
};

struct intake;

/* Checks the header against what the source sent before and opens the plan.
 * FAULT_DUPLICATE: this very batch was applied already, nothing needs to be done.
 * FAULT_CONFLICT with a note: an older sequence, a gap before a delta, or the same sequence with other
 * content. */
MUST_USE enum fault intake_open(const struct intake_house *house, const struct permit_feed_load *permit,
                                const struct batch_header *header, struct intake **ret_intake);

/* Undoes what was not planned to the end; intake_close(NULL) does nothing. */
void intake_close(struct intake *intake);

/* Who is told of rows that wait or are quarantined, in the order of the rows, at most INTAKE_BEHIND_MAX rows
 * later; never of held ones, whose receipt is that of any row. */
enum { INTAKE_BEHIND_MAX = 512 };
struct intake_listener {
    void (*problem)(void *context, int64_t row_number, enum row_problem problem);
    void *context;
};
void intake_listen(struct intake *intake, const struct intake_listener *listener);

/* Takes one row, which is planned by intake_plan at the latest.  `problem` is what the reader of the file
 * found already, or ROW_FINE. */
MUST_USE enum fault intake_row(struct intake *intake, int64_t row_number, const struct row *row,
                               enum row_problem problem);

/* All rows are in: in a full batch plans the end of what is absent.  FAULT_REFUSED with a note where more
 * would end than the supplier announced and 1 % of its records (R14.5). */
MUST_USE enum fault intake_plan(struct intake *intake);

/* `decided` runs inside the transaction that turns the plan into a promise: the audit entry goes there. */
MUST_USE enum fault intake_decide(struct intake *intake, db_job decided, void *context);

/* Applies the plan; `progress` (may be NULL) is told how many rows of the plan are done. */
MUST_USE enum fault intake_apply(struct intake *intake, void (*progress)(void *context, int64_t done),
                                 void *context);

struct batch_counts intake_counts(const struct intake *intake);
int64_t intake_planned(const struct intake *intake);

/* Finishes or undoes what a crash, or a server that is gone, has left; under the feed's lease. */
MUST_USE enum fault intake_recover(const struct intake_house *house, int64_t *ret_finished,
                                   int64_t *ret_undone);

/* Whether there is a batch before its end: under way, or left. */
MUST_USE enum fault intake_is_left(struct db *db, bool *ret_left);

#endif
