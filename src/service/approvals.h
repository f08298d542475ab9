/* A second person's approval for opening more records than one may (R5.7). */
#ifndef SERVICE_APPROVALS_H
#define SERVICE_APPROVALS_H

#include "service/inside.h"

/* Reads, with the request, the matter of its path where it asks for an approval; fills the facts. */
MUST_USE enum fault approvals_read(struct db_tx *tx, struct conduct *conduct);
void approvals_facts(const struct conduct *conduct, struct facts *facts);

#endif
