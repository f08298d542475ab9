/* A thread that runs one background write after another, so that its caller prepares the next meanwhile. */
#ifndef REGISTRY_BACKGROUND_H
#define REGISTRY_BACKGROUND_H

#include "store/db.h"

struct background;

MUST_USE enum fault background_open(struct db *db, struct background **ret_background);

/* Waits for what runs, discards its fault, ends the thread. */
void background_close(struct background *background);

/* Waits for the job under way and returns its fault; where that is none, starts this one.  The context
 * belongs to the job until the next submit or wait. */
MUST_USE enum fault background_submit(struct background *background, db_job job, void *context);
MUST_USE enum fault background_wait(struct background *background);

#endif
