/* How a feed writes: every transaction under the feed's lease, and a thread that runs one after another, so
 * that its caller prepares the next meanwhile. */
#ifndef REGISTRY_BACKGROUND_H
#define REGISTRY_BACKGROUND_H

#include "registry/intake.h"

/* db_write in the name of the feed: the job runs behind lease_hold.  FAULT_FENCED, and nothing is kept, where
 * another server has taken the feed over. */
MUST_USE enum fault intake_write(const struct intake_house *house, enum db_urgency urgency, db_job job,
                                 void *context);

struct background;

/* The house outlives it. */
MUST_USE enum fault background_open(const struct intake_house *house, struct background **ret_background);

/* Waits for what runs, discards its fault, ends the thread. */
void background_close(struct background *background);

/* Waits for the job under way and returns its fault; where that is none, starts this one by intake_write. The
 * context belongs to the job until the next submit or wait. */
MUST_USE enum fault background_submit(struct background *background, db_job job, void *context);
MUST_USE enum fault background_wait(struct background *background);

#endif
