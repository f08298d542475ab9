#include "linkage/people.h"

#include <string.h>

#include "linkage/inside.h"
#include "linkage/room.h"

/* Rows under numbers of their own, in which those of one person lie together: in the order of pairs, then the
 * rest. */
struct numbered {
    uint32_t *numbers; /* by row, from 1 */
    uint64_t *keys;    /* by number, from 0 */
    uint32_t *cluster; /* by number */
    uint32_t count;
};

static uint32_t number_of(struct numbered *numbered, const struct linkage_rows *rows, uint32_t row)
{
    if (numbered->numbers[row] == 0) {
        numbered->keys[numbered->count] = linkage_rows_key(rows, row);
        numbered->numbers[row] = ++numbered->count;
    }
    return numbered->numbers[row] - 1;
}

static struct cluster_edge *make_edges(const struct linkage_rows *rows, const struct linkage_pairs *pairs,
                                       const struct cluster_rule *rule, struct numbered *numbered)
{
    struct cluster_edge *edges = room_take(pairs->count + 1, sizeof *edges);
    uint32_t count = linkage_rows_count(rows);
    memset(numbered->numbers, 0, ((size_t)count + 1) * sizeof *numbered->numbers);
    for (size_t i = 0; edges != NULL && i < pairs->count; i++) {
        const struct linkage_pair *pair = &pairs->at[i];
        /* What speaks against the pair is in its weight: where the rest outweighs it, it is an error in the
         * row. */
        bool forbids = pair->against && pair->weight < rule->threshold;
        uint32_t a = number_of(numbered, rows, pair->a), b = number_of(numbered, rows, pair->b);
        edges[i] = (struct cluster_edge){
            .a = a, .b = b, .weight = pair->weight, .ruling = forbids ? CLUSTER_AGAINST : CLUSTER_WEIGHED};
    }
    for (uint32_t row = 0; row < count; row++)
        (void)number_of(numbered, rows, row);
    return edges;
}

/* By row again, and by the lowest row of each cluster. */
static void name_clusters(const struct numbered *numbered, uint32_t *cluster)
{
    uint32_t *lowest = (uint32_t *)(void *)numbered->keys; /* not needed any more */
    memset(lowest, 0xFF, numbered->count * sizeof *lowest);
    for (uint32_t row = 0; row < numbered->count; row++) {
        uint32_t *first = &lowest[numbered->cluster[numbered->numbers[row] - 1]];
        if (*first == UINT32_MAX)
            *first = row;
        cluster[row] = *first;
    }
}

enum fault linkage_people(const struct linkage_rows *rows, const struct linkage_pairs *pairs,
                          const struct cluster_rule *rule, uint32_t *cluster,
                          struct cluster_report *ret_report)
{
    size_t count = (size_t)linkage_rows_count(rows) + 1;
    struct numbered numbered = {.numbers = room_take(count, sizeof *numbered.numbers),
                                .keys = room_take(count, sizeof *numbered.keys),
                                .cluster = room_take(count, sizeof *numbered.cluster)};
    struct cluster_edge *edges = NULL;
    enum fault fault = FAULT_NONE;
    if (numbered.numbers != NULL && numbered.keys != NULL && numbered.cluster != NULL)
        edges = make_edges(rows, pairs, rule, &numbered);
    if (edges == NULL)
        TRY(FAULT_MEMORY);
    struct cluster_nodes nodes = {.count = numbered.count, .keys = numbered.keys, .threads = rows->threads};
    TRY(cluster_find(&nodes, edges, pairs->count, rule, numbered.cluster, ret_report));
    name_clusters(&numbered, cluster);
done:
    room_give(numbered.numbers);
    room_give(numbered.keys);
    room_give(numbered.cluster);
    room_give(edges);
    return fault;
}
