/* From pairs to people: the clusters of a table's rows. */
#ifndef LINKAGE_PEOPLE_H
#define LINKAGE_PEOPLE_H

#include "linkage/rows.h"
#include "match/cluster.h"

/* Sets cluster[i] to the lowest row of row i's person.  FAULT_MEMORY. */
MUST_USE enum fault linkage_people(const struct linkage_rows *rows, const struct linkage_pairs *pairs,
                                   const struct cluster_rule *rule, uint32_t *cluster,
                                   struct cluster_report *ret_report);

#endif
