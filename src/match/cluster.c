#include "match/cluster.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "match/cluster_grow.h"

/* The work is done by connected component of the pairs that could join anything; what joins nothing only
 * counts where both its records are in one component. */
struct search {
    const struct cluster_nodes *nodes;
    const struct cluster_edge *edges;
    size_t edge_count;
    const struct cluster_rule *rule;
    uint32_t *fold;      /* of each record: the first record of equal content that stands for it */
    uint32_t *component; /* of each record: another of its component, itself for the root */
    size_t *starts;      /* of each component: where its pairs begin in `order` */
    uint32_t *order;     /* pairs by component */
    uint32_t *local;     /* of each record: its number within its component */
    struct grow grow;
    struct cluster_report *report;
};

/* Keys of which some pair was scored. */
struct twin {
    uint64_t key;
    uint32_t first; /* the first record of that key + 1; 0: none yet */
    bool used;
    bool joined;
    bool kept_apart;
};

struct twins {
    struct twin *at;
    size_t mask;
};

struct member {
    uint64_t key;
    uint32_t node;
};

struct cluster_rule cluster_rule(void)
{
    return (struct cluster_rule){.threshold = 0,
                                 .unscored = -6 * 1024,
                                 .ceiling = 16 * 1024,
                                 .floor = -16 * 1024,
                                 .best_share = 448,
                                 .cohesion_share = 448};
}

static bool may_join(const struct search *search, const struct cluster_edge *edge)
{
    return edge->ruling == CLUSTER_SAME ||
           (edge->ruling == CLUSTER_WEIGHED && edge->weight >= search->rule->threshold);
}

static struct twin *twin_of(const struct twins *twins, uint64_t key)
{
    size_t at = key * 0x9e3779b97f4a7c15U >> 20 & twins->mask;
    while (twins->at[at].used && twins->at[at].key != key)
        at = (at + 1) & twins->mask;
    return &twins->at[at];
}

static enum fault find_twins(const struct search *search, struct twins *twins)
{
    const uint64_t *keys = search->nodes->keys;
    size_t count = 0;
    for (size_t i = 0; i < search->edge_count; i++)
        count += keys[search->edges[i].a] == keys[search->edges[i].b];
    twins->mask = 1;
    while (twins->mask < count * 2)
        twins->mask = twins->mask * 2 + 1;
    twins->at = calloc(twins->mask + 1, sizeof *twins->at);
    if (twins->at == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < search->edge_count; i++) {
        const struct cluster_edge *edge = &search->edges[i];
        if (keys[edge->a] != keys[edge->b])
            continue;
        struct twin *twin = twin_of(twins, keys[edge->a]);
        twin->used = true;
        twin->key = keys[edge->a];
        if (may_join(search, edge))
            twin->joined = true;
        else if (edge->ruling != CLUSTER_WEIGHED)
            twin->kept_apart = true;
    }
    return FAULT_NONE;
}

/* Records of equal content, where that is proof enough, become one: a million equal rows cost no million
 * pairs. */
static enum fault fold_equals(struct search *search)
{
    struct twins twins = {0};
    enum fault fault = FAULT_NONE;
    for (uint32_t i = 0; i < search->nodes->count; i++)
        search->fold[i] = i;
    if (search->nodes->apart != NULL)
        return FAULT_NONE;
    TRY(find_twins(search, &twins));
    for (uint32_t i = 0; i < search->nodes->count; i++) {
        struct twin *twin = twin_of(&twins, search->nodes->keys[i]);
        if (!twin->joined || twin->kept_apart)
            continue;
        if (twin->first == 0)
            twin->first = i + 1;
        search->fold[i] = twin->first - 1;
    }
done:
    free(twins.at);
    return fault;
}

static uint32_t component_of(struct search *search, uint32_t node)
{
    uint32_t *component = search->component;
    while (component[node] != node) {
        component[node] = component[component[node]];
        node = component[node];
    }
    return node;
}

static void connect(struct search *search)
{
    for (uint32_t i = 0; i < search->nodes->count; i++)
        search->component[i] = i;
    for (size_t i = 0; i < search->edge_count; i++) {
        const struct cluster_edge *edge = &search->edges[i];
        if (!may_join(search, edge))
            continue;
        uint32_t a = component_of(search, search->fold[edge->a]);
        uint32_t b = component_of(search, search->fold[edge->b]);
        if (a < b)
            search->component[b] = a;
        else
            search->component[a] = b;
    }
}

/* The component that a pair lies in, or UINT32_MAX. */
static uint32_t place_of(struct search *search, const struct cluster_edge *edge)
{
    uint32_t a = search->fold[edge->a], b = search->fold[edge->b];
    uint32_t component = component_of(search, a);
    return a != b && component == component_of(search, b) ? component : UINT32_MAX;
}

/* Not set to anything; by large pages where it is large. */
static void *take_large(size_t count, size_t size_bytes)
{
    const size_t page_bytes = (size_t)2 << 20;
    size_t bytes = count * size_bytes;
    if (bytes < page_bytes)
        return malloc(bytes);
    bytes = (bytes + page_bytes - 1) / page_bytes * page_bytes;
    void *at = aligned_alloc(page_bytes, bytes);
    if (at != NULL)
        (void)madvise(at, bytes, MADV_HUGEPAGE); /* good, not needed */
    return at;
}

/* Counting sort of the pairs by component; *ret_most is the greatest number in one. */
static enum fault sort_pairs(struct search *search, uint32_t *ret_most)
{
    size_t total = 0, most = 0;
    for (size_t i = 0; i < search->edge_count; i++) {
        uint32_t place = place_of(search, &search->edges[i]);
        if (place != UINT32_MAX)
            search->starts[place + 1]++;
    }
    for (uint32_t i = 0; i < search->nodes->count; i++) {
        size_t here = search->starts[i + 1];
        most = here > most ? here : most;
        search->starts[i + 1] = total; /* the end, once the pairs are in */
        total += here;
    }
    search->order = take_large(total + 1, sizeof *search->order);
    if (search->order == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < search->edge_count; i++) {
        uint32_t place = place_of(search, &search->edges[i]);
        if (place != UINT32_MAX)
            search->order[search->starts[place + 1]++] = (uint32_t)i;
    }
    *ret_most = (uint32_t)most;
    return FAULT_NONE;
}

static int by_content(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->node < y->node ? -1 : x->node > y->node;
}

static void sort_members(struct member *members, uint32_t count)
{
    enum { FEW = 24 };
    if (count > FEW) {
        qsort(members, count, sizeof *members, by_content);
        return;
    }
    for (uint32_t i = 1; i < count; i++) {
        struct member moved = members[i];
        uint32_t to = i;
        for (; to > 0 && by_content(&members[to - 1], &moved) > 0; to--)
            members[to] = members[to - 1];
        members[to] = moved;
    }
}

/* Lists the records of a component by content and numbers them. */
static uint32_t list_members(struct search *search, size_t from, size_t to, struct member *members)
{
    uint32_t count = 0;
    for (size_t i = from; i < to; i++) {
        const struct cluster_edge *edge = &search->edges[search->order[i]];
        const uint32_t ends[2] = {search->fold[edge->a], search->fold[edge->b]};
        for (int j = 0; j < 2; j++) {
            if (search->local[ends[j]] != UINT32_MAX)
                continue;
            search->local[ends[j]] = 0;
            members[count++] = (struct member){.key = search->nodes->keys[ends[j]], .node = ends[j]};
        }
    }
    sort_members(members, count);
    for (uint32_t i = 0; i < count; i++)
        search->local[members[i].node] = i;
    return count;
}

/* Two records and one pair, as most components are: what their growing comes to. */
static bool join_two(struct search *search, size_t pair)
{
    const struct cluster_edge *edge = &search->edges[search->order[pair]];
    const struct cluster_rule *rule = search->rule;
    if (search->nodes->apart != NULL || edge->ruling != CLUSTER_WEIGHED || rule->ceiling < rule->threshold ||
        rule->floor > rule->ceiling)
        return false;
    uint32_t a = search->fold[edge->a], b = search->fold[edge->b];
    search->component[a] = search->component[b] = a < b ? a : b;
    search->grow.report->joins++;
    search->grow.report->links++;
    return true;
}

static void part_component(struct search *search, size_t from, size_t to, struct member *members)
{
    struct grow *grow = &search->grow;
    if (to - from == 1 && join_two(search, from))
        return;
    uint32_t count = list_members(search, from, to, members);
    grow_start(grow, (uint32_t)(to - from));
    for (uint32_t i = 0; i < count; i++)
        grow_add_part(grow, search->nodes->apart == NULL ? 0 : search->nodes->apart[members[i].node]);
    for (size_t i = from; i < to; i++) {
        const struct cluster_edge *edge = &search->edges[search->order[i]];
        grow_add_pair(grow, search->local[search->fold[edge->a]], search->local[search->fold[edge->b]], edge);
    }
    grow_join(grow);
    for (uint32_t i = 0; i < count; i++)
        grow->parts[i].first = UINT32_MAX; /* from here on the lowest record of the part, kept by its root */
    for (uint32_t i = 0; i < count; i++) {
        struct grow_part *root = &grow->parts[grow_root(grow, i)];
        root->first = members[i].node < root->first ? members[i].node : root->first;
    }
    for (uint32_t i = 0; i < count; i++)
        search->component[members[i].node] = grow->parts[grow_root(grow, i)].first;
}

/* One thread's components: those whose roots are from `from` to before `to`. */
struct share {
    struct search
        search; /* its own to grow in; the rest is everybody's, and no record is in two components */
    struct cluster_report report;
    uint32_t from;
    uint32_t to;
    uint32_t most; /* pairs of a component */
    enum fault fault;
    pthread_t thread;
    bool started;
};

static void *part_share(void *at)
{
    struct share *share = at;
    struct search *search = &share->search;
    search->grow.report = &share->report;
    struct member *members = calloc((size_t)share->most + 1, sizeof *members);
    share->fault = members == NULL ? FAULT_MEMORY : grow_open(&search->grow, share->most + 1, share->most);
    size_t from = share->from == 0 ? 0 : search->starts[share->from];
    for (uint32_t i = share->from; share->fault == FAULT_NONE && i < share->to; i++) {
        size_t to = search->starts[i + 1];
        if (to > from)
            part_component(search, from, to, members);
        from = to;
    }
    free(members);
    grow_close(&search->grow);
    return NULL;
}

/* The first root behind which at most so many pairs are left of all. */
static uint32_t root_at(const struct search *search, size_t pairs)
{
    uint32_t from = 0, to = search->nodes->count;
    while (from < to) {
        uint32_t at = from + (to - from) / 2;
        if (search->starts[at + 1] < pairs)
            from = at + 1;
        else
            to = at;
    }
    return from;
}

static enum fault part_all(struct search *search)
{
    enum { PAIRS_LEAST = 100 * 1000 }; /* that are worth a thread */
    uint32_t most = 0;
    uint32_t count = search->nodes->count;
    enum fault fault;
    TRY(sort_pairs(search, &most));
    memset(search->local, 0xff, count * sizeof *search->local);
    size_t pairs = count == 0 ? 0 : search->starts[count];
    unsigned threads = pairs < PAIRS_LEAST || search->nodes->threads < 1 ? 1 : search->nodes->threads;
    must(threads <= CLUSTER_THREADS_MAX);
    struct share *shares = calloc(threads, sizeof *shares);
    if (shares == NULL)
        return FAULT_MEMORY;
    for (unsigned i = 0; i < threads; i++)
        shares[i] =
            (struct share){.search = *search,
                           .from = i == 0 ? 0 : shares[i - 1].to,
                           .to = i + 1 == threads ? count : root_at(search, pairs * (i + 1) / threads),
                           .most = most};
    for (unsigned i = 1; i < threads; i++)
        shares[i].started = pthread_create(&shares[i].thread, NULL, part_share, &shares[i]) == 0;
    for (unsigned i = 0; i < threads; i++) {
        if (shares[i].started)
            (void)pthread_join(shares[i].thread, NULL);
        else
            (void)part_share(&shares[i]);
        search->report->joins += shares[i].report.joins;
        search->report->links += shares[i].report.links;
        search->report->contradicted += shares[i].report.contradicted;
        fault = fault == FAULT_NONE ? shares[i].fault : fault;
    }
    free(shares);
done:
    return fault;
}

/* `component` now names the lowest record of each part. */
static void tell(struct search *search, uint32_t *cluster)
{
    struct cluster_report *report = search->report;
    uint32_t *sizes = search->local;
    memset(sizes, 0, search->nodes->count * sizeof *sizes);
    for (uint32_t i = 0; i < search->nodes->count; i++) {
        cluster[i] = search->component[search->fold[i]];
        if (sizes[cluster[i]]++ == 0)
            report->clusters++;
        if (sizes[cluster[i]] > report->largest)
            report->largest = sizes[cluster[i]];
    }
}

static enum fault take_memory(struct search *search)
{
    size_t count = (size_t)search->nodes->count + 1;
    search->fold = take_large(count, sizeof *search->fold);
    search->component = take_large(count, sizeof *search->component);
    search->starts = take_large(count, sizeof *search->starts);
    search->local = take_large(count, sizeof *search->local);
    if (search->fold == NULL || search->component == NULL || search->starts == NULL || search->local == NULL)
        return FAULT_MEMORY;
    memset(search->starts, 0, count * sizeof *search->starts);
    return FAULT_NONE;
}

enum fault cluster_find(const struct cluster_nodes *nodes, const struct cluster_edge *edges,
                        size_t edge_count, const struct cluster_rule *rule, uint32_t *cluster,
                        struct cluster_report *ret_report)
{
    struct cluster_report report = {0};
    struct search search = {.nodes = nodes, .edges = edges, .edge_count = edge_count, .rule = rule};
    enum fault fault;
    search.grow.rule = *rule;
    search.report = &report;
    if (edge_count >= UINT32_MAX)
        return fault_note(FAULT_TOO_LARGE, "more than four thousand million pairs");
    TRY(take_memory(&search));
    TRY(fold_equals(&search));
    connect(&search);
    TRY(part_all(&search));
    tell(&search, cluster);
    if (ret_report != NULL)
        *ret_report = report;
done:
    free(search.fold);
    free(search.component);
    free(search.starts);
    free(search.order);
    free(search.local);
    return fault;
}
