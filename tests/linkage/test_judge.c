/* linkage/judge.c: by hand, and against a plain count of every pair. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "linkage/judge.h"

enum { ROWS_MAX = 60, PAIRS_MAX = 1000 };

static void assert_near(double a, double b)
{
    assert_true(fabs(a - b) < 1e-12);
}

static struct judge_report report_of(const struct judge_input *input)
{
    struct judge_report report;
    assert_int_equal(linkage_judge(input, &report, NULL, NULL), FAULT_NONE);
    return report;
}

static void test_by_hand(void **state)
{
    (void)state;
    const uint32_t truth[6] = {1, 1, 1, 2, 2, 0};
    const uint32_t cluster[6] = {0, 0, 2, 2, 2, 2};
    const struct linkage_pair pairs[] = {
        {0, 1, 9 * 1024, false}, {2, 3, 4 * 1024, false}, {3, 4, -1024, false}, {4, 5, 9 * 1024, false}};
    struct judge_report report = report_of(&(struct judge_input){
        .count = 6, .first = 6, .truth = truth, .cluster = cluster, .pairs = pairs, .pair_count = 4});
    assert_int_equal(report.judged, 5);
    assert_int_equal(report.true_pairs, 4);
    assert_int_equal(report.claimed_pairs, 4);
    assert_near(report.linked.precision, 0.5);
    assert_near(report.linked.recall, 0.5);
    assert_near(report.linked.f1, 0.5);
    assert_near(report.bcubed.precision, (1 + 1 + 1.0 / 3 + 2.0 / 3 + 2.0 / 3) / 5);
    assert_near(report.bcubed.recall, (2.0 / 3 + 2.0 / 3 + 1.0 / 3 + 1 + 1) / 5);
    assert_int_equal(report.largest_false, 3);
    assert_near(report.even.precision, 0.5);
    assert_near(report.even.recall, 0.25);
    assert_int_equal(report.best.weight, -1024);
    assert_near(report.best.share.f1, 2 * (2.0 / 3) * 0.5 / (2.0 / 3 + 0.5));
    assert_near(report.completeness, 0.5);
}

static void test_two_files_are_judged_across(void **state)
{
    (void)state;
    const uint32_t truth[5] = {1, 1, 2, 1, 2}; /* two of the first file are one person: nobody asks */
    const uint32_t cluster[5] = {0, 1, 2, 0, 2};
    const struct linkage_pair pairs[] = {{0, 3, 2048, false}, {1, 3, -2048, false}, {2, 4, 2048, false}};
    struct judge_report report = report_of(&(struct judge_input){
        .count = 5, .first = 3, .truth = truth, .cluster = cluster, .pairs = pairs, .pair_count = 3});
    assert_int_equal(report.true_pairs, 3);
    assert_int_equal(report.claimed_pairs, 2);
    assert_near(report.linked.precision, 1);
    assert_near(report.linked.recall, 2.0 / 3);
    assert_near(report.completeness, 1);
    assert_int_equal(report.largest_false, 0);
}

static void test_nothing_to_judge(void **state)
{
    (void)state;
    const uint32_t none[2] = {0, 0};
    struct judge_report report =
        report_of(&(struct judge_input){.count = 2, .first = 2, .truth = none, .cluster = none});
    assert_int_equal(report.judged, 0);
    assert_near(report.linked.f1, 1);
    assert_near(report.bcubed.f1, 1);
    assert_near(report.brier, 0);
}

/* What the clusters claim, pair by pair. */
static void assert_as_counted(const struct judge_input *input, const struct judge_report *report)
{
    uint64_t right = 0, claimed = 0, wanted = 0;
    double precise = 0;
    for (uint32_t i = 0; i < input->count; i++) {
        uint64_t both = 0, together = 0;
        for (uint32_t j = 0; j < input->count; j++) {
            bool same = input->truth[i] == input->truth[j], said = input->cluster[i] == input->cluster[j];
            both += same && said;
            together += said;
            if (j <= i || (input->first < input->count && (i < input->first) == (j < input->first)))
                continue;
            right += same && said;
            claimed += said;
            wanted += same;
        }
        precise += (double)both / (double)together;
    }
    assert_int_equal(report->true_pairs, wanted);
    assert_int_equal(report->claimed_pairs, claimed);
    assert_near(report->linked.precision, claimed == 0 ? 1 : (double)right / (double)claimed);
    assert_near(report->linked.recall, wanted == 0 ? 1 : (double)right / (double)wanted);
    assert_near(report->bcubed.precision, precise / input->count);
}

static void test_as_counted_pair_by_pair(void **state)
{
    (void)state;
    struct stream stream = stream_of(21);
    for (int round = 0; round < 200; round++) {
        uint32_t truth[ROWS_MAX], cluster[ROWS_MAX];
        struct judge_input input = {
            .count = 1 + (uint32_t)stream_below(&stream, ROWS_MAX), .truth = truth, .cluster = cluster};
        input.first = round % 2 == 0 ? input.count : (uint32_t)stream_below(&stream, input.count);
        for (uint32_t i = 0; i < input.count; i++) {
            truth[i] = 1 + (uint32_t)stream_below(&stream, 12);
            cluster[i] = stream_below(&stream, 3) == 0 ? (uint32_t)stream_below(&stream, 12) : truth[i];
        }
        struct judge_report report = report_of(&input);
        assert_as_counted(&input, &report);
    }
}

static void test_a_curve_of_many_pairs(void **state)
{
    (void)state;
    static struct linkage_pair pairs[PAIRS_MAX * 3];
    static struct judge_point curve[JUDGE_POINTS_MAX];
    uint32_t rows[100];
    size_t points = 0;
    for (uint32_t i = 0; i < 100; i++)
        rows[i] = 1 + i % 50;
    for (uint32_t i = 0; i < PAIRS_MAX * 3; i++)
        pairs[i] =
            (struct linkage_pair){i % 50, 50 + i / 50 % 50, (int32_t)(i * 7919 % 3001) * 8 - 9000, false};
    struct judge_input input = {.count = 100,
                                .first = 100,
                                .truth = rows,
                                .cluster = rows,
                                .pairs = pairs,
                                .pair_count = PAIRS_MAX * 3};
    struct judge_report report;
    assert_int_equal(linkage_judge(&input, &report, curve, &points), FAULT_NONE);
    assert_true(points > JUDGE_POINTS_MAX / 2 && points <= JUDGE_POINTS_MAX);
    for (size_t i = 1; i < points; i++) {
        assert_true(curve[i].weight < curve[i - 1].weight);
        assert_true(curve[i].share.recall >= curve[i - 1].share.recall);
        assert_true(curve[i].share.f1 <= report.best.share.f1);
    }
    assert_true(report.brier > 0 && report.brier < 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_two_files_are_judged_across),
        cmocka_unit_test(test_nothing_to_judge),
        cmocka_unit_test(test_as_counted_pair_by_pair),
        cmocka_unit_test(test_a_curve_of_many_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
