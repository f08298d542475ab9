/* contactpoint store copy */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/command.h"
#include "cli/say.h"
#include "store/copy.h"

/* A line on the terminal that is written over; nothing elsewhere. */
struct progress {
    bool terminal;
    bool shown;
};

static void clear_line(struct progress *progress)
{
    if (progress->shown)
        (void)fprintf(stderr, "\r\033[K");
    progress->shown = false;
}

static void show(void *context, enum copy_phase phase, const char *table, int64_t rows)
{
    struct progress *progress = context;
    if (!progress->terminal)
        return;
    (void)fprintf(stderr, "\r\033[K%s %s: %" PRId64 " rows",
                  phase == COPY_CARRYING ? "carrying" : "comparing", table, rows);
    progress->shown = true;
}

/* One line: which of the two databases it is about, what is wrong and what to do.  Connections are not
 * repeated: a password may stand in one. */
static int tell_fault(enum fault fault, const struct copy_report *report)
{
    const char *note = fault_last_note();
    const char *about = report->about_the_source ? "FROM: " : report->about_the_target ? "TO: " : "";
    (void)fprintf(stderr, "contactpoint: %s%s%s%s\n", about, report->differs == NULL ? "" : report->differs,
                  report->differs == NULL ? "" : ": ", note[0] == '\0' ? fault_text(fault) : note);
    return 1;
}

static void put_figures(const struct copy_report *report, int64_t took_us)
{
    int64_t rows = 0, written = 0;
    for (size_t i = 0; i < report->count; i++) {
        (void)printf("copy.%s.rows %" PRId64 " rows\n", report->tables[i].table, report->tables[i].rows);
        rows += report->tables[i].rows;
        written += report->tables[i].written;
    }
    (void)printf("copy.rows %" PRId64 " rows\n", rows);
    (void)printf("copy.written %" PRId64 " rows\n", written);
    (void)printf("copy.time %.1f s\n", (double)took_us / 1e6);
}

int command_store_copy(const struct args *args)
{
    struct progress progress = {.terminal = isatty(STDERR_FILENO) != 0};
    const struct copy_order order = {
        .from = args->plain[0], .to = args->plain[1], .listener = {show, &progress}};
    struct copy_report report;
    int64_t began_us = clock_monotonic_us();
    log_to(-1);
    enum fault fault = store_copy(&order, &report);
    clear_line(&progress);
    if (fault != FAULT_NONE)
        return tell_fault(fault, &report);
    put_figures(&report, clock_monotonic_us() - began_us);
    return 0;
}
