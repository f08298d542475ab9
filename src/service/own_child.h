/* Whether somebody opens a child of their own (R17.3, case 41), by what they have declared themselves. */
#ifndef SERVICE_OWN_CHILD_H
#define SERVICE_OWN_CHILD_H

#include "service/inside.h"

/* On the request's snapshot: fills conduct->own.  Never says so of a record that is hidden. */
MUST_USE enum fault own_child_read(struct db_tx *tx, struct conduct *conduct);

/* Inside the transaction of the look: the audit reviewer is told, once a day for each child. */
MUST_USE enum fault own_child_alarm(struct db_tx *tx, struct conduct *conduct, struct child_id child);

#endif
