#include "registry/duplicates.h"

#include <stdlib.h>

#include "match/cluster.h"
#include "match/duplicates.h"
#include "registry/background.h"

enum { PAIR_BYTES = 32, CLEAR_BYTES = PAIR_BYTES + 4 + 8 + 16, CLEAR_BYTES_MAX = 4096, PUT_AT_ONCE = 128 };

static struct seal_place place_of(const struct tag *tag)
{
    return (struct seal_place){"proposal", "sealed", {tag->byte, TAG_BYTES}, 1};
}

struct tag duplicates_tag(struct vault *vault, struct child_id one, struct child_id other)
{
    uint8_t at[PAIR_BYTES];
    bool right = id_compare(one.id, other.id) < 0;
    memcpy(at, right ? one.id.byte : other.id.byte, 16);
    memcpy(at + 16, right ? other.id.byte : one.id.byte, 16);
    return vault_tag(vault, "proposal", (struct bytes){at, sizeof at});
}

enum fault duplicates_put(struct db_tx *tx, const struct decider *decider, const struct proposal *proposal)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX), sealed = buffer_open(CLEAR_BYTES_MAX);
    const struct seal_place place = place_of(&proposal->tag);
    enum fault fault;
    buffer_put_bytes(&clear, id_bytes(&proposal->one.id));
    buffer_put_bytes(&clear, id_bytes(&proposal->other.id));
    buffer_put_u32(&clear, (uint32_t)proposal->weight);
    buffer_put_u64(&clear, (uint64_t)proposal->found.us);
    buffer_put_bytes(&clear, id_bytes(&proposal->first.id));
    TRY(buffer_fault(&clear));
    TRY(vault_seal(decider->vault, &decider->key, &place, buffer_bytes(&clear), &sealed));
    const struct value in[] = {[BIND_proposal_put_tag] =
                                   value_bytes((struct bytes){proposal->tag.byte, TAG_BYTES}),
                               [BIND_proposal_put_sealed] = value_bytes(buffer_bytes(&sealed))};
    TRY(db_run(tx, SQL_proposal_put, in, NULL));
done:
    buffer_close(&clear);
    buffer_close(&sealed);
    return fault;
}

static enum fault take_proposal(const struct decider *decider, struct bytes tag, struct bytes sealed,
                                struct proposal *proposal)
{
    struct buffer clear = buffer_open(CLEAR_BYTES_MAX);
    enum fault fault = FAULT_CORRUPT;
    if (tag.len != TAG_BYTES)
        goto done;
    memcpy(proposal->tag.byte, tag.at, TAG_BYTES);
    const struct seal_place place = place_of(&proposal->tag);
    TRY(vault_unseal(vault_for_own(decider->vault), &decider->key, &place, sealed, &clear));
    struct reader reader = reader_of(buffer_bytes(&clear));
    bool right = clear.len == CLEAR_BYTES && id_of_bytes(reader_take_bytes(&reader, 16), &proposal->one.id) &&
                 id_of_bytes(reader_take_bytes(&reader, 16), &proposal->other.id);
    proposal->weight = (int32_t)reader_take_u32(&reader);
    proposal->found.us = (int64_t)reader_take_u64(&reader);
    right = right && id_of_bytes(reader_take_bytes(&reader, 16), &proposal->first.id);
    fault = right ? FAULT_NONE : FAULT_CORRUPT;
done:
    buffer_close(&clear);
    return fault;
}

enum fault duplicates_get(struct db_tx *tx, const struct decider *decider, const struct tag *tag,
                          struct arena *arena, struct proposal *ret_proposal)
{
    struct value out[GIVES_proposal_get];
    enum fault fault;
    const struct value in[] = {[BIND_proposal_get_tag] = value_bytes((struct bytes){tag->byte, TAG_BYTES})};
    TRY(db_one(tx, SQL_proposal_get, in, arena, out));
    TRY(take_proposal(decider, (struct bytes){tag->byte, TAG_BYTES}, out[GIVE_proposal_get_sealed].bytes,
                      ret_proposal));
done:
    return fault;
}

enum fault duplicates_list(struct db_tx *tx, const struct decider *decider, const struct tag *after,
                           size_t most, struct proposal *ret_proposals, size_t *ret_count)
{
    struct value out[GIVES_proposal_list];
    struct db_rows *rows = NULL;
    size_t count = 0;
    enum fault fault;
    const struct value in[] = {[BIND_proposal_list_tag] = value_bytes((struct bytes){after->byte, TAG_BYTES}),
                               [BIND_proposal_list_most] = value_int((int64_t)most)};
    TRY(db_query(tx, SQL_proposal_list, in, &rows));
    while (count < most && db_next(rows, out))
        TRY(take_proposal(decider, out[GIVE_proposal_list_tag].bytes, out[GIVE_proposal_list_sealed].bytes,
                          &ret_proposals[count++]));
done:
    fault = db_rows_end(rows, fault);
    if (fault == FAULT_NONE)
        *ret_count = count;
    return fault;
}

enum fault duplicates_drop(struct db_tx *tx, const struct tag *tag)
{
    const struct value in[] = {[BIND_proposal_remove_tag] =
                                   value_bytes((struct bytes){tag->byte, TAG_BYTES})};
    return db_run(tx, SQL_proposal_remove, in, NULL);
}

/* Children who are in a pair, as nodes of a graph. */
struct graph {
    struct child_id *children; /* ascending */
    uint64_t *keys;
    uint32_t *cluster;
    uint32_t *root; /* of each node, while a forest grows */
    uint32_t count;
    struct cluster_edge *edges; /* side by side with the pairs */
};

static void graph_close(struct graph *graph)
{
    free(graph->children);
    free(graph->keys);
    free(graph->cluster);
    free(graph->root);
    free(graph->edges);
}

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct child_id));
}

static uint32_t node_of(const struct graph *graph, struct child_id child)
{
    const struct child_id *found = bsearch(&child, graph->children, graph->count, sizeof child, by_id);
    must(found != NULL);
    return (uint32_t)(found - graph->children);
}

static enum fault graph_open(const struct match_pairs *pairs, struct graph *graph)
{
    size_t room = 2 * pairs->count + 1;
    graph->children = calloc(room, sizeof *graph->children);
    graph->keys = calloc(room, sizeof *graph->keys);
    graph->cluster = calloc(room, sizeof *graph->cluster);
    graph->root = calloc(room, sizeof *graph->root);
    graph->edges = calloc(room, sizeof *graph->edges);
    if (graph->children == NULL || graph->keys == NULL || graph->cluster == NULL || graph->root == NULL ||
        graph->edges == NULL || room > UINT32_MAX)
        return FAULT_MEMORY;
    for (size_t i = 0; i < pairs->count; i++) {
        graph->children[2 * i] = pairs->at[i].one;
        graph->children[2 * i + 1] = pairs->at[i].other;
    }
    qsort(graph->children, 2 * pairs->count, sizeof *graph->children, by_id);
    for (size_t i = 0; i < 2 * pairs->count; i++)
        if (graph->count == 0 || !id_equal(graph->children[graph->count - 1].id, graph->children[i].id))
            graph->children[graph->count++] = graph->children[i];
    for (uint32_t i = 0; i < graph->count; i++) {
        memcpy(&graph->keys[i], graph->children[i].id.byte, sizeof graph->keys[i]);
        graph->root[i] = i;
    }
    return FAULT_NONE;
}

static void put_edges(const struct match_pairs *pairs, const struct decisions *decisions, struct graph *graph)
{
    for (size_t i = 0; i < pairs->count; i++) {
        const struct match_pair *pair = &pairs->at[i];
        graph->edges[i] = (struct cluster_edge){.a = node_of(graph, pair->one),
                                                .b = node_of(graph, pair->other),
                                                .weight = pair->weight,
                                                .ruling = decisions_are_two(decisions, pair->one, pair->other)
                                                              ? CLUSTER_NEVER
                                                          : pair->against ? CLUSTER_AGAINST
                                                                          : CLUSTER_WEIGHED};
    }
}

static uint32_t root_of(struct graph *graph, uint32_t node)
{
    while (graph->root[node] != node) {
        graph->root[node] = graph->root[graph->root[node]];
        node = graph->root[node];
    }
    return node;
}

struct ranked {
    int32_t weight;
    size_t pair;
};

static int heaviest_first(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return x->pair < y->pair ? -1 : 1;
}

/* Of each cluster as many pairs as make it one, the surest first: once these are decided so are the others.
 */
static enum fault choose(const struct match_pairs *pairs, struct graph *graph, struct match_pairs *ret_chosen)
{
    struct match_pairs chosen = {.people = pairs->people};
    struct ranked *ranked = calloc(pairs->count + 1, sizeof *ranked);
    chosen.at = calloc(pairs->count + 1, sizeof *chosen.at);
    if (ranked == NULL || chosen.at == NULL) {
        free(ranked);
        free(chosen.at);
        return FAULT_MEMORY;
    }
    for (size_t i = 0; i < pairs->count; i++)
        ranked[i] = (struct ranked){pairs->at[i].weight, i};
    qsort(ranked, pairs->count, sizeof *ranked, heaviest_first);
    for (size_t i = 0; i < pairs->count; i++) {
        const struct cluster_edge *edge = &graph->edges[ranked[i].pair];
        uint32_t one = root_of(graph, edge->a), other = root_of(graph, edge->b);
        if (edge->ruling != CLUSTER_WEIGHED || graph->cluster[edge->a] != graph->cluster[edge->b] ||
            one == other)
            continue;
        graph->root[other] = one;
        chosen.at[chosen.count++] = pairs->at[ranked[i].pair];
    }
    free(ranked);
    *ret_chosen = chosen;
    return FAULT_NONE;
}

static enum fault partition(const struct match_pairs *pairs, const struct decisions *decisions,
                            struct match_pairs *ret_chosen)
{
    struct graph graph = {0};
    const struct cluster_rule rule = cluster_rule();
    enum fault fault;
    TRY(graph_open(pairs, &graph));
    put_edges(pairs, decisions, &graph);
    const struct cluster_nodes nodes = {.count = graph.count, .keys = graph.keys};
    TRY(cluster_find(&nodes, graph.edges, pairs->count, &rule, graph.cluster, NULL));
    TRY(choose(pairs, &graph, ret_chosen));
done:
    graph_close(&graph);
    return fault;
}

/* Writing what was found, some at a time. */
struct storing {
    const struct decider *decider;
    const struct match_pairs *pairs;
    struct tag *tags; /* ascending */
    size_t from;
    struct tag after;
    struct tag last; /* of those looked at in this transaction, which may run again */
    bool more;
};

static int by_tag(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct tag));
}

/* The first of two who said "the same" is not forgotten by looking again. */
static enum fault put_found(struct db_tx *tx, const struct storing *storing, const struct match_pair *pair,
                            struct arena *arena)
{
    struct proposal old = {0};
    const struct tag tag = duplicates_tag(storing->decider->vault, pair->one, pair->other);
    enum fault fault = duplicates_get(tx, storing->decider, &tag, arena, &old);
    if (fault != FAULT_NONE && fault != FAULT_ABSENT)
        return fault;
    const struct proposal proposal = {.tag = tag,
                                      .one = pair->one,
                                      .other = pair->other,
                                      .weight = pair->weight,
                                      .found = fault == FAULT_NONE ? old.found : storing->decider->at,
                                      .first = old.first};
    return duplicates_put(tx, storing->decider, &proposal);
}

static enum fault store_some(struct db_tx *tx, void *context)
{
    struct storing *storing = context;
    enum { ARENA_BYTES = 1024 * 1024 };
    struct arena *arena = NULL;
    enum fault fault;
    TRY(arena_open(ARENA_BYTES, &arena));
    for (size_t i = storing->from; i < storing->pairs->count && i < storing->from + PUT_AT_ONCE; i++)
        TRY(put_found(tx, storing, &storing->pairs->at[i], arena));
done:
    arena_close(arena);
    return fault;
}

static enum fault forget_some(struct db_tx *tx, void *context)
{
    struct storing *storing = context;
    struct proposal old[PUT_AT_ONCE];
    size_t count = 0;
    enum fault fault;
    TRY(duplicates_list(tx, storing->decider, &storing->after, PUT_AT_ONCE, old, &count));
    for (size_t i = 0; i < count; i++)
        if (bsearch(&old[i].tag, storing->tags, storing->pairs->count, sizeof old[i].tag, by_tag) == NULL)
            TRY(duplicates_drop(tx, &old[i].tag));
    storing->more = count == PUT_AT_ONCE;
    if (count > 0)
        storing->last = old[count - 1].tag;
done:
    return fault;
}

static enum fault store(const struct intake_house *house, struct storing *storing)
{
    enum fault fault = FAULT_NONE;
    storing->tags = calloc(storing->pairs->count + 1, sizeof *storing->tags);
    if (storing->tags == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < storing->pairs->count; i++)
        storing->tags[i] =
            duplicates_tag(storing->decider->vault, storing->pairs->at[i].one, storing->pairs->at[i].other);
    qsort(storing->tags, storing->pairs->count, sizeof *storing->tags, by_tag);
    for (; storing->from < storing->pairs->count; storing->from += PUT_AT_ONCE)
        TRY(intake_write(house, DB_BACKGROUND, store_some, storing));
    do {
        TRY(intake_write(house, DB_BACKGROUND, forget_some, storing));
        storing->after = storing->last;
    } while (storing->more);
done:
    free(storing->tags);
    return fault;
}

static struct duplicates_counts count(const struct match_pairs *pairs)
{
    struct duplicates_counts counts = {.people = (int64_t)pairs->people};
    for (size_t i = 0; i < pairs->count; i++)
        counts.proposed += !pairs->at[i].hidden;
    return counts;
}

enum fault duplicates_seek(const struct intake_house *house, const struct decider *decider, int threads,
                           struct duplicates_counts *ret_counts)
{
    struct decisions *decisions = NULL;
    struct match_pairs pairs = {0}, chosen = {0};
    enum fault fault;
    TRY(decisions_read(house->db, house->vault, &decisions));
    TRY(match_duplicates(house->index, threads, &pairs));
    TRY(partition(&pairs, decisions, &chosen));
    struct storing storing = {.decider = decider, .pairs = &chosen};
    TRY(store(house, &storing));
    *ret_counts = count(&chosen);
done:
    decisions_close(decisions);
    free(pairs.at);
    free(chosen.at);
    return fault;
}
