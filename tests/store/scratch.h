/* A folder of a test's own, and small jobs on tables that every database has. */
#ifndef TESTS_STORE_SCRATCH_H
#define TESTS_STORE_SCRATCH_H

#include "store/db.h"

enum { SCRATCH_PATH_BYTES = 256 };

struct scratch {
    char folder[SCRATCH_PATH_BYTES];
    char database[SCRATCH_PATH_BYTES + 16];
};

/* Makes and removes the folder with all files in it (no folders), and what stands for it on PostgreSQL. */
struct scratch scratch_make(void);
void scratch_remove(const struct scratch *scratch);

/* The path of a file in the folder; borrowed until the next call. */
const char *scratch_path(const struct scratch *scratch, const char *name);
void scratch_write(const struct scratch *scratch, const char *name, const char *content);

/* Opens the folder's database, or what stands for it on PostgreSQL (engine.h), made where missing; the test
 * fails where it does not open. */
struct db *scratch_open(const struct scratch *scratch);

/* db_open with little patience, as a test may want it, on a machine that may be busy: asked again while it
 * is. */
enum fault scratch_open_again(const struct db_settings *settings, struct db **ret_db);

/* A fact to write or to look for. */
struct fact {
    char name[32];
    enum fault answer; /* what the job answers after it has written */
};

struct fact fact_of(const char *noun, long number);

/* Jobs with a struct fact as context. */
enum fault fact_put(struct db_tx *tx, void *context);
enum fault fact_get(struct db_tx *tx, void *context);

/* Whether the fact stands in the database; asked again where a busy machine is slower than patience. */
bool fact_is_kept(struct db *db, struct fact fact);

#endif
