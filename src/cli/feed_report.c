#include "cli/feed_report.h"

#include <inttypes.h>

enum { BAR_CELLS = 30, DRAW_US = 100000 };

struct feed_report feed_report_open(const char *file, FILE *progress, bool terminal)
{
    int64_t now_us = clock_monotonic_us();
    return (struct feed_report){
        .file = file, .progress = progress, .terminal = terminal, .started_us = now_us, .phase_us = now_us};
}

void feed_report_clear(struct feed_report *report)
{
    if (report->drawn)
        (void)fprintf(report->progress, "\r\033[K");
    report->drawn = false;
}

static int64_t rate(int64_t count, int64_t since_us)
{
    int64_t took_us = clock_monotonic_us() - since_us;
    return took_us <= 0 ? 0 : count * 1000000 / took_us;
}

static const char *phase_name(enum work_phase phase)
{
    return phase == PHASE_PLANNING ? "planning" : "applying";
}

static void draw_bar(struct feed_report *report, int64_t done, int64_t of)
{
    int64_t share = of <= 0 || done > of ? 100 : done * 100 / of;
    (void)fprintf(report->progress, "\r%s %s [", report->file, phase_name(report->phase));
    for (int64_t i = 0; i < BAR_CELLS; i++)
        (void)fputc(i * 100 < share * BAR_CELLS ? '#' : '.', report->progress);
    (void)fprintf(report->progress, "] %3" PRId64 " %% %" PRId64 " rows/s\033[K", share,
                  rate(done, report->phase_us));
    (void)fflush(report->progress);
    report->drawn = true;
}

static void on_progress(void *context, enum work_phase phase, int64_t done, int64_t of)
{
    struct feed_report *report = context;
    int64_t now_us = clock_monotonic_us();
    if (phase != report->phase) {
        report->phase = phase;
        report->phase_us = now_us;
        report->drawn_us = 0;
        if (!report->terminal)
            (void)fprintf(report->progress, "%s: %s %" PRId64 " %s\n", report->file, phase_name(phase), of,
                          phase == PHASE_PLANNING ? "rows" : "steps");
    }
    if (report->terminal && now_us - report->drawn_us >= DRAW_US) {
        report->drawn_us = now_us;
        draw_bar(report, done, of);
    }
}

static void on_problem(void *context, uint64_t line, enum row_problem problem)
{
    struct feed_report *report = context;
    if (report->problems < REPORT_LINES_MAX) {
        report->lines[report->problems] = line;
        report->found[report->problems] = problem;
    }
    report->problems++;
    report->reasons[problem]++;
}

static bool stays(void *context)
{
    (void)context;
    return false;
}

struct work_listener feed_report_listener(struct feed_report *report)
{
    return (struct work_listener){on_progress, on_problem, stays, report};
}

static void put_problems(const struct feed_report *report, FILE *to)
{
    int64_t shown = report->problems < REPORT_LINES_MAX ? report->problems : REPORT_LINES_MAX;
    for (int i = 0; i < ROW_PROBLEMS_END; i++)
        if (report->reasons[i] > 0)
            (void)fprintf(to, "  %" PRId64 " x %s: %s\n", report->reasons[i],
                          row_problem_name((enum row_problem)i), row_problem_text((enum row_problem)i));
    for (int64_t i = 0; i < shown; i++)
        (void)fprintf(to, "  line %" PRIu64 ": %s\n", report->lines[i], row_problem_name(report->found[i]));
    if (report->problems > shown)
        (void)fprintf(to, "  ... and %" PRId64 " lines more\n", report->problems - shown);
}

void feed_report_put(struct feed_report *report, const struct work_result *result, FILE *to)
{
    const struct batch_counts *counts = &result->counts;
    int64_t took_ms = (clock_monotonic_us() - report->started_us) / 1000;
    feed_report_clear(report);
    if (result->fault == FAULT_DUPLICATE) {
        (void)fprintf(to, "%s: %s %" PRId64 " was loaded before; nothing changed\n", report->file,
                      policy_source_name(result->source), result->sequence);
        return;
    }
    (void)fprintf(
        to, "%s: %s %" PRId64 " loaded, %" PRId64 " rows in %" PRId64 ".%" PRId64 " s (%" PRId64 " rows/s)\n",
        report->file, policy_source_name(result->source), result->sequence, result->rows, took_ms / 1000,
        took_ms % 1000 / 100, rate(result->rows, report->started_us));
    (void)fprintf(to,
                  "  created %" PRId64 ", updated %" PRId64 ", unchanged %" PRId64 ", ended %" PRId64
                  ", waiting for the data officer %" PRId64 ", quarantined %" PRId64 "\n",
                  counts->created, counts->updated, counts->unchanged, counts->ended, counts->waiting,
                  counts->quarantined);
    put_problems(report, to);
}
