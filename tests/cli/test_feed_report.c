#include "cli/feed_report.h"

#include <stdio.h>
#include <stdlib.h>

#include "yard.h"

/* What was written to a stream in memory. */
struct paper {
    FILE *file;
    char *text;
    size_t len;
};

static void paper_open(struct paper *paper)
{
    paper->file = open_memstream(&paper->text, &paper->len);
    assert_non_null(paper->file);
}

static const char *paper_read(struct paper *paper)
{
    assert_int_equal(fflush(paper->file), 0);
    return paper->text;
}

static void paper_close(struct paper *paper)
{
    (void)fclose(paper->file);
    free(paper->text);
}

static void test_lines_where_there_is_no_terminal(void **state)
{
    (void)state;
    struct paper progress, report_paper;
    paper_open(&progress);
    paper_open(&report_paper);
    struct feed_report report = feed_report_open("health.csv", progress.file, false);
    const struct work_listener listener = feed_report_listener(&report);
    for (int64_t i = 0; i <= 10; i++)
        listener.progress(listener.context, PHASE_PLANNING, i, 10);
    for (int64_t i = 0; i <= 8; i++)
        listener.progress(listener.context, PHASE_APPLYING, i, 8);
    assert_string_equal(paper_read(&progress),
                        "health.csv: planning 10 rows\nhealth.csv: applying 8 steps\n");
    for (uint64_t line = 3; line < 10; line++)
        listener.problem(listener.context, line, line < 5 ? ROW_SEX : ROW_POSTCODE);
    const struct work_result result = {
        .source = SOURCE_health, .sequence = 7, .rows = 10, .counts = {.created = 3, .quarantined = 7}};
    feed_report_put(&report, &result, report_paper.file);
    const char *text = paper_read(&report_paper);
    assert_non_null(strstr(text, "health.csv: health 7 loaded, 10 rows in "));
    assert_non_null(strstr(text,
                           "created 3, updated 0, unchanged 0, ended 0, waiting for the data officer 0, "
                           "quarantined 7\n"));
    assert_non_null(strstr(text, "  2 x SEX: sex must be F, M, U or empty\n"));
    assert_non_null(strstr(text, "  5 x POSTCODE: "));
    assert_non_null(strstr(text, "  line 3: SEX\n"));
    assert_non_null(strstr(text, "  line 7: POSTCODE\n"));
    assert_null(strstr(text, "  line 8: "));
    assert_non_null(strstr(text, "  ... and 2 lines more\n"));
    assert_null(strchr(text, '\r'));
    paper_close(&progress);
    paper_close(&report_paper);
}

static void test_a_bar_on_a_terminal(void **state)
{
    (void)state;
    struct paper progress;
    paper_open(&progress);
    struct feed_report report = feed_report_open("x.csv", progress.file, true);
    const struct work_listener listener = feed_report_listener(&report);
    listener.progress(listener.context, PHASE_PLANNING, 5, 10);
    assert_non_null(
        strstr(paper_read(&progress), "\rx.csv planning [###############...............]  50 % "));
    listener.progress(listener.context, PHASE_APPLYING, 0, 0);
    assert_non_null(strstr(paper_read(&progress), "[##############################] 100 % "));
    feed_report_clear(&report);
    size_t len = strlen(paper_read(&progress));
    feed_report_clear(&report);
    assert_int_equal(strlen(paper_read(&progress)), len);
    assert_false(listener.gone(listener.context));
    paper_close(&progress);
}

static void test_nothing_to_do(void **state)
{
    (void)state;
    struct paper paper;
    paper_open(&paper);
    struct feed_report report = feed_report_open("x.csv", paper.file, false);
    const struct work_result result = {.fault = FAULT_DUPLICATE, .source = SOURCE_education, .sequence = 2};
    feed_report_put(&report, &result, paper.file);
    assert_string_equal(paper_read(&paper), "x.csv: education 2 was loaded before; nothing changed\n");
    paper_close(&paper);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_where_there_is_no_terminal),
        cmocka_unit_test(test_a_bar_on_a_terminal),
        cmocka_unit_test(test_nothing_to_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
