#include "linkage/people.h"

#include <stdlib.h>

#include "linkage/room.h"

enum fault linkage_people(const struct linkage_rows *rows, const struct linkage_pairs *pairs,
                          const struct cluster_rule *rule, uint32_t *cluster,
                          struct cluster_report *ret_report)
{
    uint32_t count = linkage_rows_count(rows);
    uint64_t *keys = room_take((size_t)count + 1, sizeof *keys);
    struct cluster_edge *edges = room_take(pairs->count + 1, sizeof *edges);
    enum fault fault = keys != NULL && edges != NULL ? FAULT_NONE : FAULT_MEMORY;
    TRY(fault);
    for (uint32_t i = 0; i < count; i++)
        keys[i] = linkage_rows_key(rows, i);
    for (size_t i = 0; i < pairs->count; i++) {
        const struct linkage_pair *pair = &pairs->at[i];
        /* What speaks against the pair is in its weight: where the rest outweighs it, it is an error in the
         * row. */
        bool forbids = pair->against && pair->weight < rule->threshold;
        edges[i] = (struct cluster_edge){.a = pair->a,
                                         .b = pair->b,
                                         .weight = pair->weight,
                                         .ruling = forbids ? CLUSTER_AGAINST : CLUSTER_WEIGHED};
    }
    struct cluster_nodes nodes = {.count = count, .keys = keys};
    fault = cluster_find(&nodes, edges, pairs->count, rule, cluster, ret_report);
done:
    room_give(keys);
    room_give(edges);
    return fault;
}
