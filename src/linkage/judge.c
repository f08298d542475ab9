#include "linkage/judge.h"

#include <math.h>
#include <stdlib.h>

#include "linkage/order.h"
#include "linkage/room.h"

/* One judged row. */
struct seat {
    uint32_t cluster;
    uint32_t truth;
    uint32_t file; /* 0 or 1 */
};

/* How many rows of either file. */
struct crowd {
    uint64_t of[2];
};

static uint64_t crowd_size(struct crowd crowd)
{
    return crowd.of[0] + crowd.of[1];
}

static uint64_t pairs_of(const struct judge_input *input, struct crowd crowd)
{
    uint64_t size = crowd_size(crowd);
    if (input->first < input->count)
        return crowd.of[0] * crowd.of[1];
    return size < 2 ? 0 : size * (size - 1) / 2;
}

static struct judge_share share_of(uint64_t right, uint64_t claimed, uint64_t wanted)
{
    struct judge_share share = {.precision = claimed == 0 ? 1 : (double)right / (double)claimed,
                                .recall = wanted == 0 ? 1 : (double)right / (double)wanted};
    double sum = share.precision + share.recall;
    share.f1 = sum > 0 ? 2 * share.precision * share.recall / sum : 0;
    return share;
}

/* By one, then by the other. */
static enum fault sort_seats(struct seat *seats, size_t count, bool by_clusters)
{
    struct ordered *sorted = room_take(count + 1, sizeof *sorted);
    if (sorted == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < count; i++) {
        uint64_t first = by_clusters ? seats[i].cluster : seats[i].truth;
        uint64_t second = by_clusters ? seats[i].truth : seats[i].cluster;
        sorted[i] = (struct ordered){first << 32 | second, seats[i].file};
    }
    enum fault fault = order_sort(sorted, count);
    for (size_t i = 0; i < count && fault == FAULT_NONE; i++) {
        uint32_t first = (uint32_t)(sorted[i].key >> 32);
        uint32_t second = (uint32_t)sorted[i].key;
        seats[i] = (struct seat){by_clusters ? first : second, by_clusters ? second : first,
                                 (uint32_t)sorted[i].value};
    }
    room_give(sorted);
    return fault;
}

/* Where the run of rows that are equal in cluster or truth, as asked, ends. */
static size_t run_end(const struct seat *seats, size_t count, size_t from, bool cluster, bool truth)
{
    size_t to = from + 1;
    while (to < count && (!cluster || seats[to].cluster == seats[from].cluster) &&
           (!truth || seats[to].truth == seats[from].truth))
        to++;
    return to;
}

static struct crowd crowd_of(const struct seat *seats, size_t from, size_t to)
{
    struct crowd crowd = {{0, 0}};
    for (size_t i = from; i < to; i++)
        crowd.of[seats[i].file]++;
    return crowd;
}

/* Sum over the rows of the share of a row's group (a cluster or a person) that is of its person and cluster.
 */
static double agreement(const struct seat *seats, size_t count, bool by_clusters)
{
    double sum = 0;
    for (size_t from = 0, to; from < count; from = to) {
        to = run_end(seats, count, from, by_clusters, !by_clusters);
        for (size_t i = from, end; i < to; i = end) {
            end = run_end(seats, to, i, true, true);
            sum += (double)(end - i) * (double)(end - i) / (double)(to - from);
        }
    }
    return sum;
}

static enum fault judge_clusters(const struct judge_input *input, struct seat *seats, size_t count,
                                 struct judge_report *report)
{
    enum fault fault = FAULT_NONE;
    uint64_t right = 0;
    TRY(sort_seats(seats, count, false));
    for (size_t from = 0, to; from < count; from = to) {
        to = run_end(seats, count, from, false, true);
        report->true_pairs += pairs_of(input, crowd_of(seats, from, to));
    }
    double recalled = agreement(seats, count, false);
    TRY(sort_seats(seats, count, true));
    for (size_t from = 0, to; from < count; from = to) {
        to = run_end(seats, count, from, true, false);
        report->claimed_pairs += pairs_of(input, crowd_of(seats, from, to));
        if (run_end(seats, to, from, true, true) < to && to - from > report->largest_false)
            report->largest_false = to - from;
    }
    for (size_t from = 0, to; from < count; from = to) {
        to = run_end(seats, count, from, true, true);
        right += pairs_of(input, crowd_of(seats, from, to));
    }
    report->judged = count;
    report->linked = share_of(right, report->claimed_pairs, report->true_pairs);
    double precise = count == 0 ? 1 : agreement(seats, count, true) / (double)count;
    double recall = count == 0 ? 1 : recalled / (double)count;
    report->bcubed = (struct judge_share){precise, recall, 2 * precise * recall / (precise + recall)};
done:
    return fault;
}

double judge_probability(int32_t weight)
{
    return 1 / (1 + exp2(-(double)weight / 1024));
}

/* A judged pair: its weight, and whether it is of one person. */
struct verdict {
    int32_t weight;
    bool right;
};

/* From the highest weight down. */
static enum fault sort_verdicts(struct verdict *verdicts, size_t count)
{
    struct ordered *sorted = room_take(count + 1, sizeof *sorted);
    if (sorted == NULL)
        return FAULT_MEMORY;
    for (size_t i = 0; i < count; i++)
        sorted[i] = (struct ordered){(uint64_t)((int64_t)INT32_MAX - verdicts[i].weight), verdicts[i].right};
    enum fault fault = order_sort(sorted, count);
    for (size_t i = 0; i < count && fault == FAULT_NONE; i++)
        verdicts[i] =
            (struct verdict){(int32_t)((int64_t)INT32_MAX - (int64_t)sorted[i].key), sorted[i].value != 0};
    room_give(sorted);
    return fault;
}

static size_t take_verdicts(const struct judge_input *input, struct verdict *verdicts)
{
    size_t count = 0;
    for (size_t i = 0; i < input->pair_count; i++) {
        const struct linkage_pair *pair = &input->pairs[i];
        uint32_t a = input->truth[pair->a], b = input->truth[pair->b];
        bool across = (pair->a < input->first) != (pair->b < input->first);
        if (a != 0 && b != 0 && (across || input->first == input->count))
            verdicts[count++] = (struct verdict){.weight = pair->weight, .right = a == b};
    }
    return count;
}

/* A point of every step-th pair, and of the last. */
static void judge_thresholds(const struct verdict *verdicts, size_t count, struct judge_report *report,
                             struct judge_point *curve, size_t *ret_points)
{
    uint64_t right = 0;
    size_t points = 0, step = count / (JUDGE_POINTS_MAX - 1) + 1, next = 0;
    report->even = share_of(0, 0, report->true_pairs);
    for (size_t i = 0; i < count; i++) {
        right += verdicts[i].right;
        if (i + 1 < count && verdicts[i + 1].weight == verdicts[i].weight)
            continue;
        struct judge_point point = {.weight = verdicts[i].weight,
                                    .share = share_of(right, i + 1, report->true_pairs)};
        if (point.weight >= 0)
            report->even = point.share;
        if (point.share.f1 > report->best.share.f1)
            report->best = point;
        if (curve != NULL && i >= next) {
            curve[points++] = point;
            next = i + step;
        }
    }
    report->completeness = share_of(right, 0, report->true_pairs).recall;
    if (ret_points != NULL)
        *ret_points = points;
}

static double brier_of(const struct verdict *verdicts, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double miss = judge_probability(verdicts[i].weight) - (verdicts[i].right ? 1 : 0);
        sum += miss * miss;
    }
    return count == 0 ? 0 : sum / (double)count;
}

enum fault linkage_judge(const struct judge_input *input, struct judge_report *ret_report,
                         struct judge_point *ret_curve, size_t *ret_point_count)
{
    struct judge_report report = {0};
    struct seat *seats = room_take((size_t)input->count + 1, sizeof *seats);
    struct verdict *verdicts = room_take(input->pair_count + 1, sizeof *verdicts);
    enum fault fault = seats != NULL && verdicts != NULL ? FAULT_NONE : FAULT_MEMORY;
    size_t count = 0;
    TRY(fault);
    for (uint32_t i = 0; i < input->count; i++) {
        if (input->truth[i] != 0)
            seats[count++] = (struct seat){input->cluster[i], input->truth[i], i >= input->first};
    }
    TRY(judge_clusters(input, seats, count, &report));
    size_t judged = take_verdicts(input, verdicts);
    TRY(sort_verdicts(verdicts, judged));
    judge_thresholds(verdicts, judged, &report, ret_curve, ret_point_count);
    report.brier = brier_of(verdicts, judged);
    *ret_report = report;
done:
    room_give(seats);
    room_give(verdicts);
    return fault;
}
