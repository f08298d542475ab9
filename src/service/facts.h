/* Facts about an instance, in the table `meta`: whose keys fit, whether it is a demonstration, whether it is
 * whole. */
#ifndef SERVICE_FACTS_H
#define SERVICE_FACTS_H

#include "store/db.h"
#include "vault/vault.h"

/* Whether this database is a whole instance whose keys are this vault's.  FAULT_ABSENT: never made to the
 * end; FAULT_KEY: the keys are another instance's; FAULT_CONFLICT: an unfinished copy.  The note says what to
 * do. */
MUST_USE enum fault facts_check(struct db *db, struct vault *vault, bool *ret_demonstration);

/* The first write to a new database: from here on it is this vault's.  FAULT_DUPLICATE with a note where it
 * is somebody's. */
MUST_USE enum fault facts_claim(struct db *db, struct vault *vault);

/* Writes one fact. */
MUST_USE enum fault fact_put(struct db_tx *tx, struct str name, struct str content);

#endif
