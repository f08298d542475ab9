/* judge_table ROWS PAIRS: judges what another program has linked, as `contactpoint match link` judges itself.
 *
 * ROWS has a line `file truth cluster` for each row, those of file 1 first: file 1 or 2, numbers of the true
 * and of the claimed person, truth 0 where not known.  PAIRS has a line `a b weight` for each scored pair:
 * rows counted from 0 and the log2 of the odds, in 1/1024 bit.  Prints `name value`. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "linkage/judge.h"

struct table {
    uint32_t *truth;
    uint32_t *cluster;
    uint32_t count;
    uint32_t first;
    struct linkage_pair *pairs;
    size_t pair_count;
};

static _Noreturn void refuse(const char *path, const char *what)
{
    (void)fprintf(stderr, "judge_table: %s: %s\n", path, what);
    exit(1);
}

/* Room for one more of `count` things, at powers of two. */
static void *grow(void *at, size_t count, size_t size)
{
    if (count != 0 && (count & (count - 1)) != 0)
        return at;
    void *more = realloc(at, (count == 0 ? 1 : count * 2) * size);
    if (more == NULL)
        refuse("", "out of memory");
    return more;
}

static void read_rows(const char *path, struct table *table)
{
    FILE *file = fopen(path, "re");
    uint32_t from, truth, cluster;
    int got;
    if (file == NULL)
        refuse(path, "cannot be read");
    while ((got = fscanf(file, "%" SCNu32 " %" SCNu32 " %" SCNu32, &from, &truth, &cluster)) == 3) {
        table->truth = grow(table->truth, table->count, sizeof *table->truth);
        table->cluster = grow(table->cluster, table->count, sizeof *table->cluster);
        table->truth[table->count] = truth;
        table->cluster[table->count++] = cluster;
        table->first += from == 1;
    }
    if (got != EOF || table->count == 0)
        refuse(path, "is not made of lines `file truth cluster`");
    (void)fclose(file);
}

static void read_pairs(const char *path, struct table *table)
{
    FILE *file = fopen(path, "re");
    struct linkage_pair pair = {0};
    int got;
    if (file == NULL)
        refuse(path, "cannot be read");
    while ((got = fscanf(file, "%" SCNu32 " %" SCNu32 " %" SCNd32, &pair.a, &pair.b, &pair.weight)) == 3) {
        if (pair.a >= table->count || pair.b >= table->count)
            refuse(path, "names a row that is not there");
        table->pairs = grow(table->pairs, table->pair_count, sizeof *table->pairs);
        table->pairs[table->pair_count++] = pair;
    }
    if (got != EOF)
        refuse(path, "is not made of lines `a b weight`");
    (void)fclose(file);
}

int main(int argc, char **argv)
{
    struct table table = {0};
    struct judge_report report;
    if (argc != 3)
        refuse("usage", "judge_table ROWS PAIRS");
    read_rows(argv[1], &table);
    read_pairs(argv[2], &table);
    struct judge_input input = {.count = table.count,
                                .first = table.first,
                                .truth = table.truth,
                                .cluster = table.cluster,
                                .pairs = table.pairs,
                                .pair_count = table.pair_count};
    if (linkage_judge(&input, &report, NULL, NULL) != FAULT_NONE)
        refuse("", "out of memory");
    (void)printf("precision %.6f\nrecall %.6f\nf1 %.6f\n", report.linked.precision, report.linked.recall,
                 report.linked.f1);
    (void)printf("bcubed %.6f\npairs.even.f1 %.6f\npairs.best.f1 %.6f\n", report.bcubed.f1, report.even.f1,
                 report.best.share.f1);
    (void)printf("pairs.best.probability %.6f\npairs.completeness %.6f\nlargest_false %" PRIu64 "\n",
                 judge_probability(report.best.weight), report.completeness, report.largest_false);
    free(table.truth);
    free(table.cluster);
    free(table.pairs);
    return 0;
}
