/* What is told while a feed loads, and after: a bar on a terminal, lines elsewhere; counts, each reason, the
 * first lines that failed. */
#ifndef CLI_FEED_REPORT_H
#define CLI_FEED_REPORT_H

#include <stdio.h>

#include "cli/work.h"

enum { REPORT_LINES_MAX = 5 };

struct feed_report {
    const char *file;
    FILE *progress; /* standard error */
    bool terminal;  /* progress is one */
    bool drawn;     /* a bar stands there */
    int64_t started_us;
    int64_t drawn_us;
    enum work_phase phase;
    int64_t phase_us; /* when the phase began */
    int64_t problems;
    int64_t reasons[ROW_PROBLEMS_END];
    uint64_t lines[REPORT_LINES_MAX];
    enum row_problem found[REPORT_LINES_MAX];
};

struct feed_report feed_report_open(const char *file, FILE *progress, bool terminal);
struct work_listener feed_report_listener(struct feed_report *report);

/* After the result: one line of outcome, then the report. */
void feed_report_put(struct feed_report *report, const struct work_result *result, FILE *to);

/* Takes a bar away, so that a message can stand there. */
void feed_report_clear(struct feed_report *report);

#endif
