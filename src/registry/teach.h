/* The records of an instance's sources, for training linkage (match/train.h): what each feed says of a child
 * is one record, since only where several speak of one child is there anything to learn. */
#ifndef REGISTRY_TEACH_H
#define REGISTRY_TEACH_H

#include "match/train.h"
#include "store/db.h"
#include "vault/vault.h"

enum { TEACH_CHILDREN_MAX = 200000 };

/* Adds the records of at most so many children, chosen by their ids, which mean nothing.  Children whose rows
 * do not open are left out.  Faults of the store; FAULT_MEMORY. */
MUST_USE enum fault teach_records(struct db *db, struct vault *vault, int64_t children_max,
                                  struct match_train *train);

#endif
