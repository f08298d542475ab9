/* What officers have decided once and for all: who is not whom (R9.6).
 *
 * A decision names two: a record of a source, by the keyed hash of the source's own identifier, or a child.
 * It outlives what becomes of them: where a child's record was taken in by another, it holds for that one,
 * and where that is undone, for the child's own again. */
#ifndef REGISTRY_DECISION_H
#define REGISTRY_DECISION_H

#include "policy/ids.h"
#include "registry/records.h"
#include "store/db.h"

enum who_kind { WHO_RECORD = 1, WHO_CHILD = 2 };

struct who {
    enum who_kind kind;
    uint8_t byte[16]; /* the tag of a record, or the id of a child */
};
struct who who_record(const struct tag *tag);
struct who who_child(struct child_id child);

/* Who decides, with what. */
struct decider {
    struct vault *vault;
    struct wrapped_key key; /* of the house, `decision` */
    struct account_id account;
    struct instant at;
};

/* The key; a write of its own where it is not there yet, so never inside a job. */
MUST_USE enum fault decider_open(struct db *db, struct vault *vault, struct account_id account,
                                 struct instant at, struct decider *ret_decider);

/* Remembers that the two are never the same, inside the transaction of its audit entry; again does no harm.
 */
MUST_USE enum fault decision_never_same(struct db_tx *tx, const struct decider *decider, struct who one,
                                        struct who other);

/* Takes that back: they were merged after all. */
MUST_USE enum fault decision_forget(struct db_tx *tx, const struct decider *decider, struct who one,
                                    struct who other);

/* All decisions, as of one moment, with merges followed. */
struct decisions;
MUST_USE enum fault decisions_read(struct db *db, struct vault *vault, struct decisions **ret_decisions);
void decisions_close(struct decisions *decisions);

/* The children whom a record is not, in the order of their ids: *ret_apart is borrowed. */
size_t decisions_apart(const struct decisions *decisions, const struct tag *record,
                       const struct child_id **ret_apart);

/* Whether two children were decided to be two. */
bool decisions_are_two(const struct decisions *decisions, struct child_id one, struct child_id other);

/* The record that has a child's own in it: the child's, where nobody has taken it in. */
struct child_id decisions_survivor(const struct decisions *decisions, struct child_id child);

#endif
