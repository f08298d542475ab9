/* contactpoint store copy, contactpoint store check */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/command.h"
#include "cli/say.h"
#include "store/check.h"
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
    if (phase == COPY_WAITING)
        (void)fprintf(stderr,
                      "\r\033[Kwaiting for a process that has the database, or was killed, to be gone");
    else
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

enum { FIGURES_MAX = 16 };

/* Figures come last, when the groups have been judged. */
struct findings {
    int groups[CHECK_FAILS + 1];
    struct {
        const char *name;
        double value;
        const char *unit;
    } figures[FIGURES_MAX];
    int figure_count;
};

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

/* The first Ctrl-C ends the check and clears up; a second one ends the program. */
static void catch_signals(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    const struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        (void)sigaction(signals[i], &action, NULL);
}

static bool was_interrupted(void *context)
{
    (void)context;
    return interrupted != 0;
}

static void put_engine(void *context, struct str name)
{
    (void)context;
    (void)printf("%.*s\n\n", (int)name.len, name.at);
    (void)fflush(stdout);
}

static void put_indented(const char *what, struct str text)
{
    struct str line;
    while (str_split(&text, '\n', &line)) {
        if (line.len > 0)
            (void)printf("         %s%.*s\n", what, (int)line.len, line.at);
    }
}

static void put_result(void *context, const struct check_result *result)
{
    static const char *const words[] = {
        [CHECK_PASSES] = "pass", [CHECK_WARNS] = "warns", [CHECK_LACKS] = "lacks", [CHECK_FAILS] = "FAIL"};
    struct findings *findings = context;
    findings->groups[result->verdict]++;
    (void)printf("%-7s  %s\n", words[result->verdict], result->title);
    put_indented("", result->seen);
    if (result->follows != NULL)
        put_indented("what follows: ", str_of(result->follows));
    (void)fflush(stdout);
}

static void keep_figure(void *context, const char *name, double value, const char *unit)
{
    struct findings *findings = context;
    must(findings->figure_count < FIGURES_MAX);
    findings->figures[findings->figure_count].name = name;
    findings->figures[findings->figure_count].value = value;
    findings->figures[findings->figure_count].unit = unit;
    findings->figure_count++;
}

static void put_findings(const struct findings *findings)
{
    (void)printf("\n");
    for (int i = 0; i < findings->figure_count; i++)
        (void)printf("%s %.0f %s\n", findings->figures[i].name, findings->figures[i].value,
                     findings->figures[i].unit);
    (void)printf("check.pass %d groups\n", findings->groups[CHECK_PASSES]);
    (void)printf("check.warns %d groups\n", findings->groups[CHECK_WARNS]);
    (void)printf("check.lacks %d groups\n", findings->groups[CHECK_LACKS]);
    (void)printf("check.fail %d groups\n", findings->groups[CHECK_FAILS]);
}

int command_store_check(const struct args *args)
{
    struct findings findings = {0};
    enum check_verdict verdict = CHECK_FAILS;
    const struct check_order order = {
        .connection = args->plain[0],
        .placement = args->option[OPT_placement],
        .listener = {put_engine, put_result, keep_figure, was_interrupted, &findings}};
    log_to(-1);
    catch_signals();
    enum fault fault = store_check(&order, &verdict);
    if (fault != FAULT_NONE)
        return say_fault(fault, STR(""));
    put_findings(&findings);
    return verdict <= CHECK_WARNS ? 0 : 1;
}
