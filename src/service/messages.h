/* What people are told, and by what (R7.4, R8.5, R9, R10). */
#ifndef SERVICE_MESSAGES_H
#define SERVICE_MESSAGES_H

#include "registry/involvement.h"
#include "service/operations.h"

/* How many messages of the caller's are unread: every page says so. */
MUST_USE enum fault messages_count(struct db_tx *tx, struct conduct *conduct);

/* R7.4: inside the transaction in which an involvement is recorded, those who work with the child already are
 * told that a further service is involved.  Nobody is of shielded records and sensitive services (R7.6). */
MUST_USE enum fault tell_further_service(struct db_tx *tx, const struct conduct *conduct,
                                         const struct child *child, const struct involvement_order *order);

/* Everybody who asked for a shield hears what became of it, and the timeline says that they do. */
MUST_USE enum fault tell_askers(struct db_tx *tx, const struct conduct *conduct, struct matter *matter,
                                enum message_kind kind);

/* Who has overridden a shield hears what the investigation has come to. */
MUST_USE enum fault tell_overrider(struct db_tx *tx, const struct conduct *conduct,
                                   const struct matter *matter, struct str outcome);

/* "7K4M-2X9Q": by which asker and team speak of a question. */
MUST_USE enum fault messages_reference(struct conduct *conduct, struct id matter, struct str *ret_text);

#endif
