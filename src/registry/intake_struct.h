/* What intake.c plans and apply.c carries out share; nobody else includes it. */
#ifndef REGISTRY_INTAKE_STRUCT_H
#define REGISTRY_INTAKE_STRUCT_H

#include "base/log.h"
#include "registry/background.h"
#include "registry/decision.h"
#include "registry/intake.h"
#include "registry/intake_crew.h"
#include "registry/intake_newcomers.h"
#include "registry/records.h"

/* Rows of one transaction of a plan.  Where one thread writes, others wait for it (R14.2); where several
 * servers share a database nobody does, and a commit costs as much as many rows. */
enum { PLAN_CHUNK_ROWS = 1024, PLAN_CHUNK_ROWS_ALONE = 128 };

/* What stands in clear beside a sealed row that waits. */
struct waiting_mark {
    uint8_t queue;   /* enum waiting_queue; 0: no waiting row, but a step of the plan */
    uint8_t reason;  /* enum row_problem */
    int64_t record;  /* its number among those of its source; 0: it has none */
    int64_t follows; /* the number of the child's record that an involvement waits with; 0: none */
};

/* Sealed steps and waiting rows on their way to the store. */
struct plan_chunk {
    enum source source;
    int64_t sequence;
    size_t count;
    struct {
        int64_t row_number;
        struct waiting_mark mark;
        size_t from;
        size_t len;
    } rows[PLAN_CHUNK_ROWS];
    struct buffer sealed;
};

/* Steps are applied in the order of their children, so that one transaction touches few pages of the store.
 */
struct plan_order {
    struct order_entry {
        uint64_t child; /* the first bytes of the id */
        int64_t row_number;
    } * entries;
    size_t count;
    size_t room;
};

MUST_USE enum fault plan_order_add(struct plan_order *order, struct child_id child, int64_t row_number);
void plan_order_sort(struct plan_order *order);
void plan_order_close(struct plan_order *order);

/* A row that waits for its turn; its text is the handful's. */
struct handful_row {
    int64_t row_number;
    struct row row;
    enum row_problem problem;
    enum row_kind kind; /* from here on: of a row that is fine */
    size_t tagging;     /* its first one in the handful */
    struct tag tag;     /* of its record */
    struct tag digest;
    struct tag child_tag; /* of the record of the child whom an involvement is about */
    size_t person;        /* which of the handful's, where it is to be linked */
};

/* Rows that are linked together. */
enum { HANDFUL_ROWS_MAX = NEWCOMERS_MAX, TAGGINGS_OF_ROW = 3 };
_Static_assert((int)HANDFUL_ROWS_MAX <= (int)INTAKE_BEHIND_MAX, "rows are told of as promised");
struct handful {
    struct arena *arena;
    size_t rows_max;
    struct handful_row rows[HANDFUL_ROWS_MAX];
    size_t count;
    struct vault_tagging
        taggings[TAGGINGS_OF_ROW * HANDFUL_ROWS_MAX]; /* what is asked of the keeper at once */
    size_t tagging_count;
    struct person persons[HANDFUL_ROWS_MAX];
    struct match_outcome outcomes[HANDFUL_ROWS_MAX];
    bool linked;       /* there is an outcome for each person, as the index was before */
    bool some_pending; /* there were pending people in it: else their first one adds keys to every question */
    bool keyed;        /* there are keys for each person */
    struct newcomer_keys keys[HANDFUL_ROWS_MAX];
    struct newcomers *newcomers;
    struct crew *crew;
};

struct intake {
    struct intake_house house;
    struct intake_listener listener;
    struct handful *handful;
    struct batch_header header;
    struct batch_counts counts;
    struct wrapped_key feed_key;
    struct arena *arena; /* of the header's checks */
    struct buffer clear;
    struct buffer sealed;
    struct day today;
    struct records *records;
    struct decisions *decisions; /* who was decided not to be whom */
    int64_t records_before;
    struct child_id *pending;
    size_t pending_count;
    size_t pending_room;
    struct background *background;
    struct plan_chunk chunks[2]; /* one is filled while the other is written */
    uint8_t filling;
    int64_t steps;
    struct plan_order order;
    bool inserted;
    bool decided;
};

MUST_USE enum fault handful_open(struct intake *intake);
void handful_close(struct intake *intake);

/* Plans the rows at hand. */
MUST_USE enum fault intake_rows_end(struct intake *intake);

/* Adds a step to the plan; its number and the batch's are filled in. */
struct plan_step;
MUST_USE enum fault intake_step(struct intake *intake, struct plan_step *step);

/* Sends what was added on its way to the store. */
MUST_USE enum fault intake_flush(struct intake *intake);

MUST_USE enum fault plan_chunk_add(struct plan_chunk *chunk, int64_t row_number,
                                   const struct waiting_mark *mark, struct bytes sealed);
void plan_chunk_clear(struct plan_chunk *chunk);
void plan_chunk_close(struct plan_chunk *chunk);

/* A db_job whose context is a plan_chunk. */
MUST_USE enum fault plan_chunk_write(struct db_tx *tx, void *context);

/* A batch that is to be applied, or has been in part. */
struct batch {
    enum source source;
    int64_t sequence;
    int64_t applied; /* steps carried out before a crash */
};

/* Carries out the rest of a plan, in the order of its children; `told` (may be NULL) hears how far it has
 * come. */
struct teller {
    void (*progress)(void *context, int64_t done);
    void *context;
};
MUST_USE enum fault apply_batch(const struct intake_house *house, const struct wrapped_key *feed_key,
                                const struct batch *batch, struct plan_order *order,
                                const struct teller *teller);

/* The plan is carried out: its steps go, in ranges, and the batch is applied. */
MUST_USE enum fault apply_clear(const struct intake_house *house, const struct batch *batch);

/* Removes every trace of a batch that was never decided.  FAULT_CONFLICT where it was. */
MUST_USE enum fault intake_undo(const struct intake_house *house, enum source source, int64_t sequence);

#endif
