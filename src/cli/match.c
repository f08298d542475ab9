/* contactpoint match link */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "cli/command.h"
#include "cli/say.h"
#include "linkage/judge.h"
#include "linkage/link.h"
#include "linkage/out.h"
#include "linkage/people.h"
#include "linkage/rows.h"
#include "linkage/spec.h"

enum { EXIT_USAGE = 2, SPEC_IGNORED_MAX = 64 };

/* One run of the command. */
struct run {
    const struct args *args;
    struct linkage_spec spec;
    struct linkage_rows *rows;
    struct linkage_pairs pairs;
    uint32_t *truth;
    uint32_t *cluster;
    struct judge_point *curve;
    size_t point_count;
    struct linkage_report linked;
    struct cluster_report clusters;
    struct judge_report judged;
    uint64_t pairs_written;
    unsigned threads;
    enum fault clusters_fault;
    const char *clusters_note;
    int64_t read_us; /* how long each part took */
    int64_t cluster_us;
    int64_t write_us; /* judging included */
    int64_t all_us;
};

static bool read_threads(const struct args *args, unsigned *ret_threads)
{
    int64_t threads = sysconf(_SC_NPROCESSORS_ONLN);
    if (threads < 1 || threads > LINKAGE_THREADS_MAX)
        threads = threads < 1 ? 1 : LINKAGE_THREADS_MAX;
    if (args->option[OPT_threads] != NULL &&
        !str_to_int(str_of(args->option[OPT_threads]), 1, LINKAGE_THREADS_MAX, &threads)) {
        (void)fprintf(stderr, "contactpoint: --threads must be a whole number from 1 to %d\n",
                      LINKAGE_THREADS_MAX);
        return false;
    }
    *ret_threads = (unsigned)threads;
    return true;
}

/* One line for what is wrong with the spec or a file: file, line, what, word. */
static int say_wrong(const struct args *args, const struct linkage_error *error)
{
    const char *name = error->file == 0 ? args->option[OPT_spec] : args->plain[error->file - 1];
    (void)fprintf(stderr, "contactpoint: %s", name);
    if (error->line > 0)
        (void)fprintf(stderr, ": %s %" PRIu64, error->file == 0 ? "line" : "record", error->line);
    (void)fprintf(stderr, ": %s%s%s\n", error->message, error->word[0] == '\0' ? "" : ": ", error->word);
    return 1;
}

/* The whole of a spec, NUL-terminated, to be freed; NULL after saying why not. */
static char *read_spec(const char *path, size_t *ret_len)
{
    char *text = calloc(1, LINKAGE_SPEC_BYTES_MAX + 2);
    FILE *file = fopen(path, "re");
    if (file == NULL || text == NULL) {
        (void)fprintf(stderr, "contactpoint: %s: %s\n", path,
                      text == NULL ? fault_text(FAULT_MEMORY) : strerror(errno));
        free(text);
        text = NULL;
        goto done;
    }
    *ret_len =
        fread(text, 1, LINKAGE_SPEC_BYTES_MAX + 1, file); /* one more: the parser tells that it is too long */
    if (ferror(file)) {
        (void)fprintf(stderr, "contactpoint: %s: %s\n", path, strerror(errno));
        free(text);
        text = NULL;
    }
done:
    if (file != NULL)
        (void)fclose(file);
    return text;
}

static int ignore_columns(struct run *run)
{
    struct str rest = str_of(run->args->option[OPT_ignore]), name;
    struct linkage_error error = {0};
    while (str_split(&rest, ',', &name)) {
        if (linkage_spec_ignore(&run->spec, str_trim(name), &error) != FAULT_NONE) {
            (void)fprintf(stderr, "contactpoint: --ignore: %s%s%s\n", error.message,
                          error.word[0] == '\0' ? "" : ": ", error.word);
            return 1;
        }
    }
    return 0;
}

static int load(struct run *run)
{
    int64_t began = clock_monotonic_us();
    struct linkage_error error = {0};
    struct linkage_file files[LINKAGE_FILES_MAX] = {{0}};
    size_t len = 0;
    char *text = read_spec(run->args->option[OPT_spec], &len);
    if (text == NULL)
        return 1;
    enum fault fault = linkage_spec_parse((struct str){text, len}, &run->spec, &error);
    free(text);
    if (fault != FAULT_NONE)
        return say_wrong(run->args, &error);
    if (ignore_columns(run) != 0)
        return 1;
    for (int i = 0; i < run->args->plain_count; i++)
        files[i].path = run->args->plain[i];
    const struct linkage_source source = {.spec = &run->spec,
                                          .files = files,
                                          .file_count = (size_t)run->args->plain_count,
                                          .threads = run->threads};
    fault = linkage_rows_read(&source, &run->rows, &error);
    if (fault != FAULT_NONE)
        return error.message != NULL ? say_wrong(run->args, &error) : say_fault(fault, STR(""));
    if (run->args->option[OPT_curve] != NULL && !linkage_rows_has_truth(run->rows)) {
        (void)fprintf(stderr, "contactpoint: --curve needs a truth column: name it in the spec\n");
        return 1;
    }
    run->read_us = clock_monotonic_us() - began;
    return 0;
}

static enum fault judge_run(struct run *run)
{
    uint32_t count = linkage_rows_count(run->rows);
    run->truth = calloc((size_t)count + 1, sizeof *run->truth);
    run->curve = calloc(JUDGE_POINTS_MAX, sizeof *run->curve);
    if (run->truth == NULL || run->curve == NULL)
        return FAULT_MEMORY;
    for (uint32_t i = 0; i < count; i++)
        run->truth[i] = linkage_rows_truth(run->rows, i);
    struct judge_input input = {.count = count,
                                .first = linkage_rows_first(run->rows),
                                .truth = run->truth,
                                .cluster = run->cluster,
                                .pairs = run->pairs.at,
                                .pair_count = run->pairs.count};
    return linkage_judge(&input, &run->judged, run->curve, &run->point_count);
}

static enum fault link_rows(struct run *run)
{
    struct linkage_options options = linkage_options();
    struct cluster_rule rule = cluster_rule();
    enum fault fault;
    options.threads = run->threads;
    run->cluster = calloc((size_t)linkage_rows_count(run->rows) + 1, sizeof *run->cluster);
    if (run->cluster == NULL)
        return FAULT_MEMORY;
    TRY(linkage_run(run->rows, &options, &run->pairs, &run->linked));
    int64_t linked = clock_monotonic_us();
    TRY(linkage_people(run->rows, &run->pairs, &rule, run->cluster, &run->clusters));
    run->cluster_us = clock_monotonic_us() - linked;
done:
    return fault;
}

/* Meanwhile, by another thread: a fault's note is a thread's own. */
static void *write_clusters(void *at)
{
    struct run *run = at;
    const char *clusters = run->args->option[OPT_clusters];
    const struct linkage_out out = {.rows = run->rows, .pairs = &run->pairs, .cluster = run->cluster};
    if (clusters == NULL)
        return NULL;
    run->clusters_fault = linkage_out_clusters(&out, clusters);
    if (run->clusters_fault != FAULT_NONE)
        run->clusters_note = fault_last_note();
    return NULL;
}

/* The clusters, and how good it was. */
static enum fault write_and_judge(struct run *run)
{
    pthread_t writer;
    bool started = run->threads > 1 && pthread_create(&writer, NULL, write_clusters, run) == 0;
    if (!started)
        (void)write_clusters(run);
    enum fault fault = linkage_rows_has_truth(run->rows) ? judge_run(run) : FAULT_NONE;
    if (started)
        (void)pthread_join(writer, NULL);
    return fault;
}

static int say_written(const char *path, enum fault fault, const char *note)
{
    (void)fprintf(stderr, "contactpoint: %s: %s\n", path, note[0] != '\0' ? note : fault_text(fault));
    return 1;
}

/* Every file, the pairs last: where they stand, all stand. */
static int write_files(struct run *run)
{
    const struct linkage_out out = {
        .rows = run->rows, .pairs = &run->pairs, .cluster = run->cluster, .threads = run->threads};
    const char *curve = run->args->option[OPT_curve], *pairs = run->args->option[OPT_out];
    int64_t began = clock_monotonic_us();
    enum fault fault = write_and_judge(run);
    if (fault != FAULT_NONE)
        return say_fault(fault, STR(""));
    if (run->clusters_fault != FAULT_NONE)
        return say_written(run->args->option[OPT_clusters], run->clusters_fault, run->clusters_note);
    if (curve != NULL && (fault = linkage_out_curve(run->curve, run->point_count, curve)) != FAULT_NONE)
        return say_written(curve, fault, fault_last_note());
    fault = linkage_out_pairs(&out, pairs, &run->pairs_written);
    run->write_us = clock_monotonic_us() - began;
    return fault == FAULT_NONE ? 0 : say_written(pairs, fault, fault_last_note());
}

static void print_share(const char *name, const struct judge_share *share)
{
    (void)printf("%sprecision %.6f share\n%srecall %.6f share\n%sf1 %.6f share\n", name, share->precision,
                 name, share->recall, name, share->f1);
}

static void print_judgement(const struct run *run)
{
    const struct judge_report *judged = &run->judged;
    (void)printf("judged.rows %" PRIu64 " rows\njudged.pairs %" PRIu64 " pairs\n", judged->judged,
                 judged->true_pairs);
    print_share("", &judged->linked);
    print_share("bcubed.", &judged->bcubed);
    (void)printf("clusters.largest_false %" PRIu64 " rows\n", judged->largest_false);
    print_share("pairs.even.", &judged->even);
    print_share("pairs.best.", &judged->best.share);
    (void)printf("pairs.best.weight %.3f bits\n", (double)judged->best.weight / 1024);
    (void)printf("pairs.completeness %.6f share\npairs.brier %.6f 1\n", judged->completeness, judged->brier);
}

static double processor_seconds(void)
{
    struct timespec spent = {0};
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
    return (double)spent.tv_sec + (double)spent.tv_nsec / 1e9;
}

static void print_seconds(const char *name, int64_t spent_us)
{
    (void)printf("seconds%s %.3f s\n", name, (double)spent_us / 1e6);
}

static void print_figures(const struct run *run)
{
    uint32_t rows = linkage_rows_count(run->rows);
    double scoring = (double)(run->linked.score_us > 0 ? run->linked.score_us : 1) / 1e6;
    (void)printf("rows %" PRIu32 " rows\n", rows);
    (void)printf("pairs.compared %" PRIu64 " pairs\n", run->linked.pairs_compared);
    (void)printf("pairs.compared_per_row %.3f pairs\n",
                 (double)run->linked.pairs_compared / (rows == 0 ? 1 : rows));
    (void)printf("pairs.linked %" PRIu64 " pairs\n", run->pairs_written);
    (void)printf("clusters %" PRIu32 " people\n", run->clusters.clusters);
    (void)printf("clusters.largest %" PRIu32 " rows\n", run->clusters.largest);
    if (linkage_rows_has_truth(run->rows))
        print_judgement(run);
    print_seconds("", run->all_us);
    (void)printf("seconds.processor %.3f s\n", processor_seconds());
    print_seconds(".reading", run->read_us);
    print_seconds(".blocking", run->linked.index_us);
    print_seconds(".training", run->linked.train_us);
    print_seconds(".scoring", run->linked.score_us);
    print_seconds(".clustering", run->cluster_us);
    print_seconds(".writing", run->write_us);
    (void)printf("rows.rate %.0f rows/s\n", (double)rows * 1e6 / (double)(run->all_us > 0 ? run->all_us : 1));
    (void)printf("pairs.rate %.0f pairs/s\n", (double)run->linked.pairs_compared / scoring);
}

/* Whether two paths are one file: what is read must not be replaced. */
static bool is_same_file(const char *a, const char *b)
{
    struct stat one, other;
    return strcmp(a, b) == 0 || (stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
                                 one.st_ino == other.st_ino);
}

static bool check_paths(const struct args *args)
{
    const char *const written[] = {args->option[OPT_out], args->option[OPT_clusters],
                                   args->option[OPT_curve]};
    const char *const read[] = {args->option[OPT_spec], args->plain[0],
                                args->plain_count > 1 ? args->plain[1] : NULL};
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3 && written[i] != NULL; j++) {
            if ((read[j] == NULL || !is_same_file(written[i], read[j])) &&
                (j >= i || written[j] == NULL || !is_same_file(written[i], written[j])))
                continue;
            (void)fprintf(stderr, "contactpoint: %s is named twice: every file needs a name of its own\n",
                          written[i]);
            return false;
        }
    }
    return true;
}

int command_match_link(const struct args *args)
{
    struct run run = {.args = args};
    int64_t began = clock_monotonic_us();
    if (!read_threads(args, &run.threads) || !check_paths(args))
        return EXIT_USAGE;
    int status = load(&run);
    if (status == 0) {
        enum fault fault = link_rows(&run);
        status = fault == FAULT_NONE ? write_files(&run) : say_fault(fault, STR(""));
    }
    run.all_us = clock_monotonic_us() - began;
    if (status == 0)
        print_figures(&run);
    linkage_rows_close(run.rows);
    free(run.pairs.at);
    free(run.truth);
    free(run.cluster);
    free(run.curve);
    return status;
}
