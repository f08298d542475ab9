/* How fast children are found: the engine alone, on an invented population in memory.
 *
 *     match_bench [children] [seed] [reference folder]
 *
 * Prints `name value unit` lines; docs/benchmarks.md says what they mean.  Wall time: run it with a priority
 * where others work on the machine. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "bench/crowd.h"
#include "bench/scan.h"

enum {
    FEED_ROWS = 400000,
    QUESTIONS = 8000,
    SINGLES = 20000, /* records linked one by one */
    SLICE = 256,
    SCANS = 20,
    MANY_PAIRS = 200,
    AT_HAND = 32, /* of each slice's records, so many are linked a second time */
};

struct bench {
    struct match_index *index;
    struct crowd crowd;
    uint32_t threads;
    atomic_size_t next;
    _Atomic int64_t spent_ns; /* by all threads */
    bool numbered;
    atomic_size_t kinds[MATCH_HELD + 1];
    atomic_size_t right;    /* sure, and the right child */
    atomic_size_t compared; /* pairs that were weighed */
    uint32_t *compared_of;  /* by each row of the feed */
    int64_t *times_ns;
    size_t slowest; /* of the questions */
};

static clockid_t bench_clock = CLOCK_MONOTONIC;

static int64_t now_ns(void)
{
    struct timespec at;
    if (clock_gettime(bench_clock, &at) != 0)
        abort();
    return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* `unit_ns` nanoseconds are one of `unit`. */
static void print_times(const char *name, int64_t *times_ns, size_t count, double unit_ns, const char *unit)
{
    if (count == 0)
        return;
    qsort(times_ns, count, sizeof times_ns[0], ascending);
    (void)printf("%s.p50 %.3f %s\n", name, (double)times_ns[count / 2] / unit_ns, unit);
    (void)printf("%s.p99 %.3f %s\n", name, (double)times_ns[count * 99 / 100] / unit_ns, unit);
    (void)printf("%s.worst %.3f %s\n", name, (double)times_ns[count - 1] / unit_ns, unit);
}

/* Memory of this process that is in the machine's, without feed and questions. */
static double resident_bytes(const struct crowd *crowd)
{
    unsigned long long pages[2] = {0};
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%llu %llu", &pages[0], &pages[1]) != 2)
        pages[1] = 0;
    (void)fclose(file);
    size_t own = crowd->packed_bytes + crowd->feed_count * sizeof crowd->feed[0] +
                 crowd->question_count * sizeof crowd->questions[0];
    return (double)pages[1] * (double)sysconf(_SC_PAGESIZE) - (double)own;
}

/* How long all threads work side by side, in seconds. */
static double run_threads(struct bench *bench, void *(*work)(void *))
{
    pthread_t threads[CROWD_THREADS_MAX];
    atomic_store(&bench->next, 0);
    atomic_store(&bench->spent_ns, 0);
    for (uint32_t i = 0; i < bench->threads; i++)
        if (pthread_create(&threads[i], NULL, work, bench) != 0)
            crowd_fail("no thread");
    for (uint32_t i = 0; i < bench->threads; i++)
        (void)pthread_join(threads[i], NULL);
    return (double)atomic_load(&bench->spent_ns) / bench->threads / 1e9;
}

static void count_outcome(struct bench *bench, size_t row, const struct match_outcome *outcome)
{
    atomic_fetch_add_explicit(&bench->kinds[outcome->kind], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&bench->compared, outcome->compared, memory_order_relaxed);
    bench->compared_of[row] = outcome->compared;
    if (outcome->kind == MATCH_SURE &&
        id_equal(outcome->best[0].child.id, crowd_id(bench->crowd.feed[row].child).id))
        atomic_fetch_add_explicit(&bench->right, 1, memory_order_relaxed);
}

struct slice {
    struct person persons[SLICE];
    struct match_outcome outcomes[SLICE];
};

static void *link_slices(void *context)
{
    struct bench *bench = context;
    struct slice *slice = malloc(sizeof *slice);
    int64_t started = now_ns();
    size_t from;
    if (slice == NULL)
        crowd_fail("no memory");
    while ((from = atomic_fetch_add(&bench->next, SLICE)) < bench->crowd.feed_count) {
        size_t left = bench->crowd.feed_count - from, count = left < SLICE ? left : SLICE;
        for (size_t i = 0; i < count; i++)
            crowd_feed_person(&bench->crowd, from + i, bench->numbered, &slice->persons[i]);
        if (match_link_many(bench->index, slice->persons, count, slice->outcomes) != FAULT_NONE)
            crowd_fail("linking");
        for (size_t i = 0; i < count; i++)
            count_outcome(bench, from + i, &slice->outcomes[i]);
    }
    free(slice);
    atomic_fetch_add(&bench->spent_ns, now_ns() - started);
    return NULL;
}

static void forget_outcomes(struct bench *bench)
{
    for (size_t i = 0; i <= MATCH_HELD; i++)
        atomic_store(&bench->kinds[i], 0);
    atomic_store(&bench->right, 0);
    atomic_store(&bench->compared, 0);
}

static void print_outcomes(struct bench *bench, const char *name)
{
    static const char *const names[] = {[MATCH_SURE] = "match",
                                        [MATCH_POSSIBLE] = "possible",
                                        [MATCH_MANY] = "many",
                                        [MATCH_NONE] = "none",
                                        [MATCH_HELD] = "held"};
    const double rows = (double)bench->crowd.feed_count;
    for (size_t i = MATCH_SURE; i <= MATCH_HELD; i++)
        (void)printf("%s.%s %.4f share\n", name, names[i], (double)atomic_load(&bench->kinds[i]) / rows);
    (void)printf("%s.right %.6f of match\n", name,
                 (double)atomic_load(&bench->right) / (double)atomic_load(&bench->kinds[MATCH_SURE]));
}

/* A feed of another year, by all threads. */
static void bench_feed(struct bench *bench, const char *name, bool numbered)
{
    bench->numbered = numbered;
    forget_outcomes(bench);
    double took_s = run_threads(bench, link_slices);
    (void)printf("%s.rate %.0f records/s\n", name, (double)bench->crowd.feed_count / took_s);
    (void)printf("%s.pairs_per_record %.1f pairs\n", name,
                 (double)atomic_load(&bench->compared) / (double)bench->crowd.feed_count);
    print_outcomes(bench, name);
    (void)fflush(stdout);
}

/* How long it takes to link somebody a second time. */
static int64_t link_again(struct bench *bench, const struct person *person)
{
    struct match_outcome outcome;
    int64_t from = 0;
    for (int turn = 0; turn < 2; turn++) {
        from = now_ns();
        if (match_link(bench->index, person, &outcome) != FAULT_NONE)
            crowd_fail("linking");
    }
    return now_ns() - from;
}

/* What a pair costs where pairs are what there is to do: the rows with many candidates, by one thread.  First
 * as they come, memory fetched and all; then each alone once more, its candidates being at hand. */
static void bench_pairs(struct bench *bench)
{
    struct slice *slice = malloc(sizeof *slice);
    size_t pairs = 0, rows = 0, again = 0;
    int64_t took_ns = 0, again_ns = 0;
    if (slice == NULL)
        crowd_fail("no memory");
    for (size_t i = 0; i < bench->crowd.feed_count && rows < SINGLES;) {
        size_t count = 0;
        for (; i < bench->crowd.feed_count && count < SLICE; i++)
            if (bench->compared_of[i] >= MANY_PAIRS)
                crowd_feed_person(&bench->crowd, i, false, &slice->persons[count++]);
        int64_t from = now_ns();
        if (match_link_many(bench->index, slice->persons, count, slice->outcomes) != FAULT_NONE)
            crowd_fail("linking");
        took_ns += now_ns() - from;
        for (size_t k = 0; k < count; k++)
            pairs += slice->outcomes[k].compared;
        for (size_t k = 0; k < count && k < AT_HAND; k++) {
            again_ns += link_again(bench, &slice->persons[k]);
            again += slice->outcomes[k].compared;
        }
        rows += count;
    }
    free(slice);
    (void)printf("pairs.records %zu records\n", rows);
    if (rows > 0)
        (void)printf("pairs.rate_per_core %.2f million/s\npairs.scored_rate %.2f million/s\n",
                     (double)pairs / ((double)took_ns / 1e9) / 1e6,
                     (double)again / ((double)again_ns / 1e9) / 1e6);
    (void)fflush(stdout);
}

/* One record at a time, by one thread, each somewhere else in memory. */
static void bench_single_links(struct bench *bench)
{
    size_t count = bench->crowd.feed_count < SINGLES ? bench->crowd.feed_count : SINGLES;
    int64_t total_ns = 0;
    for (size_t i = 0; i < count; i++) {
        struct person person;
        struct match_outcome outcome;
        crowd_feed_person(&bench->crowd, i, i % 2 == 0, &person);
        int64_t from = now_ns();
        if (match_link(bench->index, &person, &outcome) != FAULT_NONE)
            crowd_fail("linking");
        bench->times_ns[i] = now_ns() - from;
        total_ns += bench->times_ns[i];
    }
    (void)printf("link.mean %.1f us\n", (double)total_ns / 1e3 / (double)(count == 0 ? 1 : count));
    print_times("link", bench->times_ns, count, 1e3, "us");
    (void)fflush(stdout);
}

static bool ask(struct bench *bench, const struct question *question, const struct match_sight *sight)
{
    struct match_results results;
    const struct match_query query = crowd_query(question);
    if (match_search(bench->index, &query, sight, &results) != FAULT_NONE)
        crowd_fail("searching");
    for (size_t i = 0; i < results.count; i++)
        if (id_equal(results.found[i].child.id, crowd_id(question->child).id))
            return true;
    return false;
}

/* The times of one kind of search, or of all (0), out of those measured. */
static void print_kind(const struct bench *bench, const char *name, enum question_kind kind, bool found[])
{
    static int64_t some_ns[QUESTIONS * 2];
    size_t count = 0, hits = 0;
    for (size_t i = 0; i < bench->crowd.question_count && count < QUESTIONS * 2; i++)
        if (kind == 0 || bench->crowd.questions[i].kind == kind) {
            some_ns[count++] = bench->times_ns[i];
            hits += found[i];
        }
    print_times(name, some_ns, count, 1e6, "ms");
    if (count > 0)
        (void)printf("%s.found %.4f share\n", name, (double)hits / (double)count);
}

static void *search_slices(void *context)
{
    struct bench *bench = context;
    const struct match_sight sight = crowd_sight();
    int64_t started = now_ns();
    size_t from;
    while ((from = atomic_fetch_add(&bench->next, SLICE)) < bench->crowd.question_count)
        for (size_t i = from; i < from + SLICE && i < bench->crowd.question_count; i++)
            (void)ask(bench, &bench->crowd.questions[i], &sight);
    atomic_fetch_add(&bench->spent_ns, now_ns() - started);
    return NULL;
}

static void bench_searches(struct bench *bench)
{
    static bool found[QUESTIONS * 2];
    const struct match_sight sight = crowd_sight();
    size_t count = bench->crowd.question_count;
    for (size_t i = 0; i < count && i < QUESTIONS * 2; i++) {
        int64_t from = now_ns();
        found[i] = ask(bench, &bench->crowd.questions[i], &sight);
        bench->times_ns[i] = now_ns() - from;
        if (bench->times_ns[i] > bench->times_ns[bench->slowest])
            bench->slowest = i;
    }
    print_kind(bench, "search", 0, found);
    print_kind(bench, "search.date", QUESTION_DATE, found);
    print_kind(bench, "search.year_authority", QUESTION_YEAR_AUTHORITY, found);
    print_kind(bench, "search.postcode", QUESTION_POSTCODE, found);
    print_kind(bench, "search.family_year", QUESTION_FAMILY_YEAR, found);
    (void)printf("search.rate %.0f searches/s\n", (double)count / run_threads(bench, search_slices));
    (void)fflush(stdout);
}

/* What no search may be slower than: everybody looked at, twelve bytes each; and everybody looked at so that
 * the slowest of the questions is answered. */
static void bench_scans(const struct bench *bench)
{
    const struct match_sight sight = crowd_sight();
    const struct match_query slowest = crowd_query(&bench->crowd.questions[bench->slowest]);
    void *signatures = scan_signatures(bench->crowd.indexed);
    int64_t best_ns = INT64_MAX;
    volatile size_t sink = 0;
    if (signatures == NULL)
        crowd_fail("no memory");
    for (uint32_t turn = 0; turn < SCANS; turn++) {
        int64_t from = now_ns();
        sink = sink + scan_bytes(signatures, bench->crowd.indexed, turn);
        int64_t took_ns = now_ns() - from;
        best_ns = took_ns < best_ns ? took_ns : best_ns;
    }
    free(signatures);
    (void)printf("scan.all %.3f ms\n", (double)best_ns / 1e6);
    int64_t from = now_ns();
    size_t found = scan_similar(bench->index, &slowest, &sight);
    (void)printf("scan.similar %.3f ms\nscan.similar.found %zu children\n", (double)(now_ns() - from) / 1e6,
                 found);
    (void)fflush(stdout);
}

static void print_index(const struct bench *bench, double resident)
{
    struct match_counts counts = match_counts(bench->index);
    double people = (double)(counts.people == 0 ? 1 : counts.people);
    (void)printf("index.children %llu children\n", (unsigned long long)counts.people);
    (void)printf("index.fill %.2f s\n", bench->crowd.fill_s);
    (void)printf("index.bytes_per_child %.0f B\n", (double)counts.bytes / people);
    (void)printf("index.resident_per_child %.0f B\n", resident / people);
    (void)fflush(stdout);
}

static bool read_arguments(int argc, char **argv, struct crowd_order *order)
{
    int64_t children = 1000000, seed = 1;
    if ((argc > 1 && !str_to_int(str_of(argv[1]), 1, 20000000, &children)) ||
        (argc > 2 && !str_to_int(str_of(argv[2]), 0, INT64_MAX, &seed)) || argc > 4)
        return false;
    *order = (struct crowd_order){.children = (uint32_t)children,
                                  .seed = (uint64_t)seed,
                                  .reference = argc > 3 ? argv[3] : NULL,
                                  .feed_rows = FEED_ROWS,
                                  .questions = QUESTIONS};
    long threads = sysconf(_SC_NPROCESSORS_ONLN);
    order->threads = threads < 1 ? 1 : threads > CROWD_THREADS_MAX ? CROWD_THREADS_MAX : (uint32_t)threads;
    return true;
}

int main(int argc, char **argv)
{
    static struct bench bench;
    struct crowd_order order;
    if (!read_arguments(argc, argv, &order)) {
        (void)fputs("usage: match_bench [children] [seed] [reference folder]\n", stderr);
        return 2;
    }
    const char *clock = getenv("CLOCK");
    if (clock != NULL && strcmp(clock, "processor") == 0)
        bench_clock = CLOCK_THREAD_CPUTIME_ID;
    if (match_open(&bench.index) != FAULT_NONE)
        crowd_fail("no index");
    double before = resident_bytes(&bench.crowd);
    crowd_fill(&order, bench.index, &bench.crowd);
    bench.threads = order.threads;
    print_index(&bench, resident_bytes(&bench.crowd) - before);
    size_t most = bench.crowd.question_count > SINGLES ? bench.crowd.question_count : SINGLES;
    bench.times_ns = calloc(most, sizeof bench.times_ns[0]);
    if (bench.times_ns == NULL)
        crowd_fail("no memory");
    bench_single_links(&bench);
    bench_searches(&bench);
    bench_scans(&bench);
    bench.compared_of = calloc(bench.crowd.feed_count + 1, sizeof bench.compared_of[0]);
    if (bench.compared_of == NULL)
        crowd_fail("no memory");
    bench_feed(&bench, "link", false);
    bench_pairs(&bench);
    bench_feed(&bench, "link.numbered", true);
    free(bench.times_ns);
    free(bench.compared_of);
    match_close(bench.index);
    crowd_close(&bench.crowd);
    return 0;
}
