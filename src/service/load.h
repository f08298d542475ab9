/* Loading a feed (operation feed_load): an operator's command, wherever the rows come from. */
#ifndef SERVICE_LOAD_H
#define SERVICE_LOAD_H

#include "registry/intake.h"
#include "service/service.h"

/* Takes one row; `problem` is what the reader of the file found already. */
typedef enum fault (*load_take)(void *context, int64_t row_number, const struct row *row,
                                enum row_problem problem);

/* Where the rows come from.  `open` is called once the caller may load: it checks count and digest to the
 * last byte (R14.2) and gives the header, which stays the source's.  All are called from one thread at a
 * time, which is not the caller's. */
struct load_source {
    enum fault (*open)(void *context, const struct batch_header **ret_header);
    enum fault (*each)(void *context, load_take take, void *take_context);
    void (*progress)(void *context, const char *phase, int64_t done, int64_t of); /* may be NULL */
    void (*problem)(void *context, int64_t row_number, enum row_problem problem); /* may be NULL */
    void *context;
};

/* Plans, decides (with its audit entry) and applies.  FAULT_DUPLICATE: loaded before, nothing changed.
 * FAULT_BUSY: another feed is being loaded.  FAULT_REFUSED, FAULT_SIGN_IN: this login is no operator's.
 * Faults of the source come back as they are; others carry a note.  Every outcome leaves an entry. */
MUST_USE enum fault service_load(struct service *service, const struct ask *ask,
                                 const struct load_source *source, struct batch_counts *ret_counts);

#endif
