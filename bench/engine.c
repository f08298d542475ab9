/* The engine alone on a loaded index: how long it takes to fill, how large it is, how fast it answers.
 *
 *     engine STATE [QUERIES]
 *
 * Each line of QUERIES is "family,given,YYYY-MM-DD"; every fourth search is misspelt.  No server may run.
 * Where contactpoint.conf has `snapshot = yes`, the index is closed and opened once more, from its snapshot.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/log.h"
#include "service/inside.h"

enum { QUERIES_MAX = 20000, LINE_BYTES_MAX = 512 };

static char lines[QUERIES_MAX][LINE_BYTES_MAX];
static uint32_t samples[QUERIES_MAX];

static _Noreturn void fail(const char *what)
{
    (void)fprintf(stderr, "engine: %s %s\n", what, fault_last_note());
    exit(1);
}

static size_t read_lines(const char *path)
{
    size_t count = 0;
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail("cannot read the queries");
    while (count < QUERIES_MAX && fgets(lines[count], LINE_BYTES_MAX, file) != NULL)
        count++;
    (void)fclose(file);
    return count;
}

static bool read_query(char *line, bool misspelt, struct match_query *query)
{
    struct str rest = str_trim(str_of(line)), birth;
    if (!str_split(&rest, ',', &query->family) || !str_split(&rest, ',', &query->given) ||
        !str_split(&rest, ',', &birth) || !day_parse(birth, &query->birth))
        return false;
    if (misspelt && query->family.len > 3) { /* two letters change places */
        char *at = line + query->family.len / 2;
        char kept = at[0];
        at[0] = at[1];
        at[1] = kept;
    }
    return true;
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void search_all(struct service *service, size_t count)
{
    struct match_sight sight = {0};
    size_t found = 0, asked = 0;
    for (int state = 1; state <= RECORD_STATES; state++)
        sight.mask[state] = policy_sight(ROLE_practitioner, (enum record_state)state);
    for (size_t i = 0; i < count; i++) {
        struct match_query query = {0};
        struct match_results results;
        if (!read_query(lines[i], i % 4 == 3, &query))
            continue;
        int64_t started_us = clock_monotonic_us();
        if (match_search(service->index, &query, &sight, &results) != FAULT_NONE)
            fail("a search failed");
        samples[asked++] = (uint32_t)(clock_monotonic_us() - started_us);
        found += results.count > 0;
    }
    if (asked == 0)
        fail("the queries are empty");
    qsort(samples, asked, sizeof samples[0], ascending);
    (void)printf("search.p50 %.3f ms\n", samples[asked / 2] / 1000.0);
    (void)printf("search.p99 %.3f ms\n", samples[asked * 99 / 100] / 1000.0);
    (void)printf("search.worst %.3f ms\n", samples[asked - 1] / 1000.0);
    (void)printf("search.found %.4f share\n", (double)found / (double)asked);
}

/* Of all threads of this process, microseconds. */
static int64_t processor_us(void)
{
    struct rusage usage = {0};
    (void)getrusage(RUSAGE_SELF, &usage);
    return ((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec +
           usage.ru_stime.tv_usec;
}

/* How long the index takes to come back from its sealed snapshot, and how large that is.  Answers with the
 * service that was opened again. */
static struct service *reopen(struct service *service, const struct service_settings *settings)
{
    char path[STATE_PATH_BYTES];
    struct stat file;
    uint64_t people = match_counts(service->index).people;
    int64_t started_us = clock_monotonic_us();
    service_close(service);
    (void)printf("index.seal %.2f s\n", (double)(clock_monotonic_us() - started_us) / 1e6);
    int len = snprintf(path, sizeof path, "%s/match.snapshot", settings->state);
    if (len < 0 || (size_t)len >= sizeof path || stat(path, &file) != 0)
        fail("no snapshot was written");
    started_us = clock_monotonic_us();
    if (service_open(settings, &service) != FAULT_NONE)
        fail("cannot open the state folder again:");
    double took_s = (double)(clock_monotonic_us() - started_us) / 1e6;
    if (!service->from_snapshot || match_counts(service->index).people != people)
        fail("the snapshot was not used");
    (void)printf("index.snapshot %.0f bytes/child\n",
                 (double)file.st_size / (double)(people == 0 ? 1 : people));
    (void)printf("index.reopen %.2f s\n", took_s);
    return service;
}

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 3) {
        (void)fprintf(stderr, "usage: engine STATE [QUERIES]\n");
        return 2;
    }
    struct service *service = NULL;
    const struct service_settings settings = {
        .state = argv[1], .clock = clock_system(), .entropy = entropy_system()};
    size_t count = argc == 3 ? read_lines(argv[2]) : 0;
    log_to(-1);
    int64_t started_us = clock_monotonic_us(), spent_us = processor_us();
    if (service_open(&settings, &service) != FAULT_NONE)
        fail("cannot open the state folder:");
    double took_s = (double)(clock_monotonic_us() - started_us) / 1e6;
    spent_us = processor_us() - spent_us;
    struct match_counts counts = match_counts(service->index);
    double people = (double)(counts.people == 0 ? 1 : counts.people);
    (void)printf("index.start %.2f s\n", took_s);
    (void)printf("index.start.processor %.2f us/child\n", (double)spent_us / people);
    (void)printf("index.children %llu children\n", (unsigned long long)counts.people);
    (void)printf("index.bytes_per_child %.0f bytes\n", (double)counts.bytes / people);
    if (service->keeps_snapshot)
        service = reopen(service, &settings);
    if (argc == 3)
        search_all(service, count);
    service_close(service);
    return 0;
}
