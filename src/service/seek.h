/* Looking for records that may be one child's, over the whole index (operation duplicates_seek): an
 * operator's command.  What is found waits for officers. */
#ifndef SERVICE_SEEK_H
#define SERVICE_SEEK_H

#include "registry/duplicates.h"
#include "service/service.h"

/* The counts tell nothing of hidden records.  FAULT_BUSY with a note: a feed is being loaded.  FAULT_REFUSED,
 * FAULT_SIGN_IN: this login is no operator's.  Every outcome leaves an entry. */
MUST_USE enum fault service_duplicates_seek(struct service *service, const struct ask *ask,
                                            struct arena *arena, struct duplicates_counts *ret_counts);

#endif
