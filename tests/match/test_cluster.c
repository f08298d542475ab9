/* match/cluster.c: chains, constraints, orders and sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "match/cluster.h"

enum { BIT = 1024, NODES_MAX = 64, EDGES_MAX = 2048 };

struct graph {
    uint32_t nodes;
    uint64_t keys[NODES_MAX];
    struct cluster_edge edges[EDGES_MAX];
    size_t count;
};

static void add(struct graph *graph, uint32_t a, uint32_t b, int32_t bits, enum cluster_ruling ruling)
{
    must(graph->count < EDGES_MAX);
    graph->edges[graph->count++] =
        (struct cluster_edge){.a = a, .b = b, .weight = bits * BIT, .ruling = ruling};
}

static struct graph graph_of(uint32_t nodes)
{
    struct graph graph = {.nodes = nodes};
    for (uint32_t i = 0; i < nodes; i++)
        graph.keys[i] = 1000 + i;
    return graph;
}

static struct cluster_report find(const struct graph *graph, uint32_t *cluster)
{
    struct cluster_nodes nodes = {.count = graph->nodes, .keys = graph->keys};
    struct cluster_rule rule = cluster_rule();
    struct cluster_report report;
    assert_int_equal(cluster_find(&nodes, graph->edges, graph->count, &rule, cluster, &report), FAULT_NONE);
    return report;
}

static void assert_clusters(const struct graph *graph, const char *expected)
{
    uint32_t cluster[NODES_MAX];
    char text[NODES_MAX + 1] = "";
    (void)find(graph, cluster);
    for (uint32_t i = 0; i < graph->nodes; i++)
        text[i] = (char)('a' + cluster[i]);
    assert_string_equal(text, expected);
}

/* All pairs of from..to-1. */
static void add_clique(struct graph *graph, uint32_t from, uint32_t to, int32_t bits)
{
    for (uint32_t a = from; a < to; a++) {
        for (uint32_t b = a + 1; b < to; b++)
            add(graph, a, b, bits, CLUSTER_WEIGHED);
    }
}

static void test_nobody_and_nothing(void **state)
{
    (void)state;
    struct graph graph = graph_of(0);
    uint32_t cluster[NODES_MAX];
    assert_int_equal(find(&graph, cluster).clusters, 0);
    graph = graph_of(3);
    assert_clusters(&graph, "abc");
    add(&graph, 2, 0, 5, CLUSTER_WEIGHED);
    add(&graph, 1, 2, -5, CLUSTER_WEIGHED);
    assert_clusters(&graph, "aba");
    assert_int_equal(find(&graph, cluster).largest, 2);
}

static void test_a_weak_bridge_joins_no_two_people(void **state)
{
    (void)state;
    struct graph graph = graph_of(8);
    add_clique(&graph, 0, 4, 12);
    add_clique(&graph, 4, 8, 12);
    add(&graph, 3, 4, 9, CLUSTER_WEIGHED);
    assert_clusters(&graph, "aaaaeeee");
}

/* Each by itself, the pairs across say that it might be one person: a slip of the name.  But it is the same
 * slip in every record, and each twin's records agree. */
static void test_a_difference_that_repeats_is_no_slip(void **state)
{
    (void)state;
    struct graph graph = graph_of(6);
    for (uint32_t a = 0; a < 6; a++) {
        for (uint32_t b = a + 1; b < 6; b++)
            add(&graph, a, b, a % 2 == b % 2 ? 20 : 5, CLUSTER_WEIGHED);
    }
    assert_clusters(&graph, "ababab");
    graph = graph_of(4); /* the slip of one record alone */
    add_clique(&graph, 0, 3, 20);
    for (uint32_t a = 0; a < 3; a++)
        add(&graph, a, 3, 5, CLUSTER_WEIGHED);
    assert_clusters(&graph, "aaaa");
}

static void test_a_record_full_of_errors_is_carried_by_some(void **state)
{
    (void)state;
    struct graph graph = graph_of(5);
    add_clique(&graph, 0, 4, 14);
    add(&graph, 4, 0, 8, CLUSTER_WEIGHED);
    add(&graph, 4, 1, 7, CLUSTER_WEIGHED);
    add(&graph, 4, 2, -3, CLUSTER_WEIGHED);
    assert_clusters(&graph, "aaaaa");
}

static void test_evidence_against_splits_a_chain(void **state)
{
    (void)state;
    struct graph graph = graph_of(3);
    add(&graph, 0, 1, 10, CLUSTER_WEIGHED);
    add(&graph, 1, 2, 9, CLUSTER_WEIGHED);
    assert_clusters(&graph, "aaa");
    add(&graph, 0, 2, 4, CLUSTER_AGAINST);
    assert_clusters(&graph, "aac");     /* the stronger half stays */
    add(&graph, 2, 0, 4, CLUSTER_SAME); /* the same pair again, by decision */
    assert_clusters(&graph, "aaa");
}

static void test_people_decide(void **state)
{
    (void)state;
    struct graph graph = graph_of(4);
    uint32_t cluster[NODES_MAX];
    add(&graph, 0, 1, -20, CLUSTER_SAME);
    assert_clusters(&graph, "aacd");
    add(&graph, 1, 2, 20, CLUSTER_NEVER);
    add(&graph, 0, 2, 20, CLUSTER_WEIGHED);
    assert_clusters(&graph, "aacd");
    add(&graph, 2, 3, 3, CLUSTER_SAME);
    add(&graph, 3, 0, 3, CLUSTER_SAME); /* cannot be kept */
    struct cluster_report report = find(&graph, cluster);
    assert_int_not_equal(cluster[1], cluster[2]);
    assert_int_equal(report.contradicted, 1);
}

static void test_a_source_without_doubles_gives_one_each(void **state)
{
    (void)state;
    struct graph graph = graph_of(4);
    const uint32_t apart[4] = {1, 1, 2, 2};
    uint32_t cluster[4];
    struct cluster_nodes nodes = {.count = 4, .keys = graph.keys, .apart = apart};
    struct cluster_rule rule = cluster_rule();
    add(&graph, 0, 2, 9, CLUSTER_WEIGHED);
    add(&graph, 0, 3, 8, CLUSTER_WEIGHED);
    add(&graph, 1, 2, 8, CLUSTER_WEIGHED);
    add(&graph, 1, 3, 2, CLUSTER_WEIGHED);
    assert_int_equal(cluster_find(&nodes, graph.edges, graph.count, &rule, cluster, NULL), FAULT_NONE);
    assert_int_equal(cluster[2], 0);
    assert_int_equal(cluster[3], 1);
}

/* A graph of people with records that look more or less alike. */
static void draw(struct stream *stream, struct graph *graph)
{
    *graph = graph_of(4 + (uint32_t)stream_below(stream, NODES_MAX - 4));
    for (uint32_t i = 0; i < graph->nodes; i++)
        graph->keys[i] = stream_next(stream);
    for (int i = 0; i < 400; i++) {
        uint32_t a = (uint32_t)stream_below(stream, graph->nodes);
        uint32_t b = (uint32_t)stream_below(stream, graph->nodes);
        bool same_person = a % 7 == b % 7;
        int32_t bits = (int32_t)stream_below(stream, 16) - (same_person ? 4 : 13);
        uint64_t luck = stream_below(stream, 100);
        if (a != b && (same_person || luck < 40))
            add(graph, a, b, bits,
                luck == 1   ? CLUSTER_NEVER
                : luck == 2 ? CLUSTER_SAME
                : luck < 5  ? CLUSTER_AGAINST
                            : CLUSTER_WEIGHED);
    }
}

/* The same graph under other numbers, its pairs in another order and turned round. */
static void shuffle(struct stream *stream, const struct graph *from, struct graph *to, uint32_t *number)
{
    *to = *from;
    for (uint32_t i = 0; i < from->nodes; i++)
        number[i] = i;
    for (uint32_t i = from->nodes; i > 1; i--) {
        uint32_t j = (uint32_t)stream_below(stream, i), kept = number[i - 1];
        number[i - 1] = number[j];
        number[j] = kept;
    }
    for (uint32_t i = 0; i < from->nodes; i++)
        to->keys[number[i]] = from->keys[i];
    for (size_t i = 0; i < to->count; i++) {
        size_t j = stream_below(stream, i + 1);
        to->edges[i] = to->edges[j];
        to->edges[j] = (struct cluster_edge){.a = number[from->edges[i].b],
                                             .b = number[from->edges[i].a],
                                             .weight = from->edges[i].weight,
                                             .ruling = from->edges[i].ruling};
    }
}

static void test_any_order_gives_the_same(void **state)
{
    (void)state;
    struct stream stream = stream_of(11);
    for (int round = 0; round < 300; round++) {
        static struct graph graph, other;
        uint32_t number[NODES_MAX], cluster[NODES_MAX], again[NODES_MAX];
        draw(&stream, &graph);
        shuffle(&stream, &graph, &other, number);
        struct cluster_report first = find(&graph, cluster), second = find(&other, again);
        assert_memory_equal(&first, &second, sizeof first);
        for (uint32_t i = 0; i < graph.nodes; i++) {
            for (uint32_t j = 0; j < i; j++)
                assert_int_equal(cluster[i] == cluster[j], again[number[i]] == again[number[j]]);
        }
    }
}

static void test_decisions_hold_in_every_graph(void **state)
{
    (void)state;
    struct stream stream = stream_of(12);
    for (int round = 0; round < 300; round++) {
        static struct graph graph;
        uint32_t cluster[NODES_MAX];
        draw(&stream, &graph);
        struct cluster_report report = find(&graph, cluster);
        for (size_t i = 0; i < graph.count; i++) {
            const struct cluster_edge *edge = &graph.edges[i];
            if (edge->ruling == CLUSTER_NEVER)
                assert_int_not_equal(cluster[edge->a], cluster[edge->b]);
            if (edge->ruling == CLUSTER_SAME && report.contradicted == 0)
                assert_int_equal(cluster[edge->a], cluster[edge->b]);
        }
        for (uint32_t i = 0; i < graph.nodes; i++) {
            assert_true(cluster[i] <= i);
            assert_int_equal(cluster[cluster[i]], cluster[i]);
        }
    }
}

/* Big graphs: what `pair` says of number i. */
struct big {
    uint32_t nodes;
    uint64_t *keys;
    struct cluster_edge *edges;
    size_t count;
    uint32_t *cluster;
};

static struct big big_of(uint32_t nodes, size_t edges)
{
    struct big big = {.nodes = nodes,
                      .keys = calloc(nodes, sizeof *big.keys),
                      .edges = calloc(edges, sizeof *big.edges),
                      .cluster = calloc(nodes, sizeof *big.cluster)};
    assert_non_null(big.keys);
    assert_non_null(big.edges);
    assert_non_null(big.cluster);
    for (uint32_t i = 0; i < nodes; i++)
        big.keys[i] = i;
    return big;
}

static void big_add(struct big *big, uint32_t a, uint32_t b, int32_t bits)
{
    big->edges[big->count++] =
        (struct cluster_edge){.a = a, .b = b, .weight = bits * BIT, .ruling = CLUSTER_WEIGHED};
}

static struct cluster_report big_find(struct big *big, const struct cluster_rule *rule)
{
    struct cluster_nodes nodes = {.count = big->nodes, .keys = big->keys};
    struct cluster_report report;
    assert_int_equal(cluster_find(&nodes, big->edges, big->count, rule, big->cluster, &report), FAULT_NONE);
    return report;
}

static void big_close(struct big *big)
{
    free(big->keys);
    free(big->edges);
    free(big->cluster);
}

static void test_a_million_equal_rows(void **state)
{
    (void)state;
    enum { ROWS = 1000000 };
    struct big big = big_of(ROWS, ROWS);
    struct cluster_rule rule = cluster_rule();
    memset(big.keys, 0, ROWS * sizeof *big.keys);
    big.keys[ROWS - 1] = 7;
    for (uint32_t i = 1; i < 500; i++)
        big_add(&big, i, i - 1, 20);
    big_add(&big, 3, ROWS - 1, 2);
    struct cluster_report report = big_find(&big, &rule);
    assert_int_equal(report.clusters, 1);
    assert_int_equal(report.largest, ROWS);
    for (size_t i = 0; i < big.count; i++) /* equal names prove nothing */
        big.edges[i].weight = -BIT;
    assert_int_equal(big_find(&big, &rule).clusters, ROWS);
    big_close(&big);
}

/* A hub with many spokes is the worst for a queue that weighs anew whatever its ends have taken in. */
static void test_a_hub_costs_no_square(void **state)
{
    (void)state;
    enum { SPOKES = 100000 };
    struct big big = big_of(SPOKES + 1, (size_t)SPOKES * 2);
    struct cluster_rule rule = cluster_rule();
    rule.unscored = -8 * BIT;
    rule.best_share = 256;
    for (uint32_t i = 0; i < SPOKES; i++)
        big_add(&big, i, SPOKES, 20);
    struct cluster_report report = big_find(&big, &rule);
    assert_true(report.largest < 64);
    assert_true(report.links < (uint64_t)SPOKES * 64);
    rule.unscored = 0;
    rule.best_share = 1000;
    report = big_find(&big, &rule);
    assert_int_equal(report.largest, SPOKES + 1);
    assert_true(report.links < (uint64_t)SPOKES * 256);
    for (uint32_t i = 1; i < SPOKES; i++)
        big_add(&big, i, i - 1, 20);
    report = big_find(&big, &rule);
    assert_int_equal(report.largest, SPOKES + 1);
    assert_true(report.links < (uint64_t)SPOKES * 256);
    big_close(&big);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_and_nothing),
        cmocka_unit_test(test_a_weak_bridge_joins_no_two_people),
        cmocka_unit_test(test_a_difference_that_repeats_is_no_slip),
        cmocka_unit_test(test_a_record_full_of_errors_is_carried_by_some),
        cmocka_unit_test(test_evidence_against_splits_a_chain),
        cmocka_unit_test(test_people_decide),
        cmocka_unit_test(test_a_source_without_doubles_gives_one_each),
        cmocka_unit_test(test_any_order_gives_the_same),
        cmocka_unit_test(test_decisions_hold_in_every_graph),
        cmocka_unit_test(test_a_million_equal_rows),
        cmocka_unit_test(test_a_hub_costs_no_square),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
