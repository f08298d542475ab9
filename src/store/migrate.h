/* What both drivers do with the table of migrations.  Only src/store includes this. */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "store/driver.h"
#include "store/statement.h"

/* Compares the migrations that the database has had with those that this program brings: *ret_applied is how
 * many it has.  FAULT_SCHEMA where it is newer, or one was changed since. */
MUST_USE enum fault migrations_check(struct db_tx *tx, size_t *ret_applied);

/* Enters a migration that the same transaction applies. */
MUST_USE enum fault migration_enter(struct db_tx *tx, const struct sql_migration *migration);

#endif
