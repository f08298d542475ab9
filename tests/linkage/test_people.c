/* Clusters of many components: the same by any number of threads, and under whatever numbers rows go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "linkage/values.h"
#include "match/cluster.h"

enum { PEOPLE = 60 * 1000, ROWS_EACH = 3, ROWS = PEOPLE * ROWS_EACH };

/* Every pair within a person, strong or weak or against, and some between two. */
static size_t invent(struct cluster_edge *edges, uint64_t *keys)
{
    size_t count = 0;
    for (uint32_t i = 0; i < ROWS; i++)
        keys[i] = values_mix(i / (i % 10 == 0 ? 2 : 1));
    for (uint32_t person = 0; person < PEOPLE; person++) {
        uint32_t first = person * ROWS_EACH;
        for (uint32_t i = 0; i < ROWS_EACH; i++) {
            uint64_t drawn = values_mix(first + i);
            struct cluster_edge edge = {.a = first + i,
                                        .b = first + (i + 1) % ROWS_EACH,
                                        .weight = (int32_t)(drawn % 24000) - 6000,
                                        .ruling =
                                            (drawn >> 40) % 50 == 0 ? CLUSTER_AGAINST : CLUSTER_WEIGHED};
            edges[count++] = edge;
            edge.b = (uint32_t)(values_mix(drawn) % ROWS);
            if (drawn >> 50 == 0 && edge.a != edge.b)
                edges[count++] = edge;
        }
    }
    return count;
}

static void threads_change_nothing(void **state)
{
    (void)state;
    struct cluster_edge *edges = calloc((size_t)ROWS * 2, sizeof *edges);
    uint64_t *keys = calloc(ROWS, sizeof *keys);
    uint32_t *one = calloc(ROWS, sizeof *one), *many = calloc(ROWS, sizeof *many);
    assert_true(edges != NULL && keys != NULL && one != NULL && many != NULL);
    size_t count = invent(edges, keys);
    struct cluster_rule rule = cluster_rule();
    struct cluster_nodes nodes = {.count = ROWS, .keys = keys};
    struct cluster_report report, other;
    assert_int_equal(cluster_find(&nodes, edges, count, &rule, one, &report), FAULT_NONE);
    assert_true(report.joins > PEOPLE && report.clusters < ROWS - PEOPLE);
    static const unsigned threads[] = {1, 2, 5, CLUSTER_THREADS_MAX};
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        nodes.threads = threads[i];
        assert_int_equal(cluster_find(&nodes, edges, count, &rule, many, &other), FAULT_NONE);
        assert_memory_equal(one, many, ROWS * sizeof *one);
        assert_memory_equal(&report, &other, sizeof report);
    }
    free(edges);
    free(keys);
    free(one);
    free(many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(threads_change_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
