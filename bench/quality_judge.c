#include "quality_judge.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static struct share *origin_share(struct judge *judge, const char *name)
{
    size_t at = 0;
    while (judge->origins[at].name != NULL && strcmp(judge->origins[at].name, name) != 0)
        at++;
    must(at < JUDGE_ORIGINS_MAX - 1);
    judge->origins[at].name = name;
    return &judge->origins[at].share;
}

static bool same_text(const struct people *people, uint32_t a, uint32_t b, enum column column)
{
    struct row x = people_row(people, &people->children[a].truth);
    struct row y = people_row(people, &people->children[b].truth);
    return str_equal(x.at[column], y.at[column]);
}

static void count_wrong(struct judge *judge, uint32_t child, uint32_t meant)
{
    const struct people *people = judge->people;
    judge->wrong++;
    judge->namesakes_merged += same_text(people, child, meant, COLUMN_family) &&
                               same_text(people, child, meant, COLUMN_given) &&
                               same_text(people, child, meant, COLUMN_birth_date);
    if (people->children[child].twin == meant)
        judge->twins_merged++;
    else
        judge->siblings_merged += people->children[child].household == people->children[meant].household;
}

static void count_share(struct share *share, bool right, bool waiting)
{
    share->rows++;
    share->right += right;
    share->waiting += waiting;
}

static void count_known(struct judge *judge, const struct trial_event *event, bool right, bool waiting)
{
    count_share(&judge->known, right, waiting);
    count_share(origin_share(judge, judge->people->children[event->row->child].origin), right, waiting);
    if (event->row->slips == 0)
        count_share(&judge->clean, right, waiting);
    for (int slip = SLIP_NONE + 1; slip < SLIPS_END; slip++) {
        if ((event->row->slips & (uint32_t)1 << slip) != 0)
            count_share(&judge->slips[slip], right, waiting);
    }
}

static void count_lookalike(struct judge *judge, const struct trial_event *event)
{
    enum match_outcome_kind kind = event->outcome->kind;
    bool right = event->meant == event->row->child;
    size_t errors = event->errors;
    judge->lookalikes[event->bare][errors].asked++;
    judge->lookalikes[event->bare][errors].caught += kind == MATCH_HELD || (kind == MATCH_SURE && right);
    judge->lookalikes[event->bare][errors].wrong += kind == MATCH_SURE && !right;
}

void judge_event(void *at, const struct trial_event *event)
{
    struct judge *judge = at;
    if (event->errors > 0) {
        count_lookalike(judge, event);
        return;
    }
    enum match_outcome_kind kind = event->outcome->kind;
    bool right = event->meant == event->row->child;
    bool waiting = kind == MATCH_POSSIBLE || kind == MATCH_MANY;
    judge->rows++;
    judge->kinds[kind]++;
    judge->compared += event->outcome->compared;
    judge->twins += judge->people->children[event->row->child].twin != 0;
    if (kind == MATCH_SURE && !right)
        count_wrong(judge, event->row->child, event->meant);
    judge->doubled += kind == MATCH_NONE && event->known;
    judge->visible += !event->shielded;
    judge->visible_held += !event->shielded && kind == MATCH_HELD;
    if (event->known)
        count_known(judge, event, kind == MATCH_SURE && right, waiting);
    double forecast = 0;
    if (event->outcome->count > 0)
        forecast = 1 / (1 + exp2(-event->outcome->best[0].weight / 1024.0));
    double truth = (event->outcome->count > 0 ? right : event->known) ? 1 : 0;
    judge->brier += (forecast - truth) * (forecast - truth);
}

static double percent(uint64_t part, uint64_t whole)
{
    return whole == 0 ? 0 : 100 * (double)part / (double)whole;
}

static void print_share(const char *name, const char *which, const struct share *share)
{
    if (share->rows > 0)
        (void)printf("%s.%s %.3f %% of %" PRIu64 ", %.3f %% wait\n", name, which,
                     percent(share->right, share->rows), share->rows, percent(share->waiting, share->rows));
}

static void print_classes(const struct judge *judge)
{
    print_share("quality.generated.recall", "clean", &judge->clean);
    for (int slip = SLIP_NONE + 1; slip < SLIPS_END; slip++)
        print_share("quality.generated.recall", slip_name((enum slip)slip), &judge->slips[slip]);
    double least = 100;
    double most = 0;
    for (size_t i = 0; judge->origins[i].name != NULL; i++) {
        const struct share *share = &judge->origins[i].share;
        print_share("quality.origin.recall", judge->origins[i].name, share);
        least = fmin(least, percent(share->right, share->rows));
        most = fmax(most, percent(share->right, share->rows));
    }
    (void)printf("quality.origin.gap %.3f points\n", most - least);
}

static void print_shields(const struct judge *judge)
{
    static const char *const NAMES[] = {"shield.held_recall", "shield.held_recall.bare"};
    for (size_t bare = 0; bare < 2; bare++) {
        uint64_t asked = 0;
        uint64_t caught = 0;
        uint64_t wrong = 0;
        for (size_t errors = 1; errors < 4; errors++) {
            asked += judge->lookalikes[bare][errors].asked;
            caught += judge->lookalikes[bare][errors].caught;
            wrong += judge->lookalikes[bare][errors].wrong;
            (void)printf(
                "%s.errors_%zu %.3f %%\n", NAMES[bare], errors,
                percent(judge->lookalikes[bare][errors].caught, judge->lookalikes[bare][errors].asked));
        }
        (void)printf("%s %.3f %% of %" PRIu64 ", %" PRIu64 " linked to others\n", NAMES[bare],
                     percent(caught, asked), asked, wrong);
    }
    (void)printf("shield.held_false %.4f %% of %" PRIu64 "\n", percent(judge->visible_held, judge->visible),
                 judge->visible);
}

void judge_print(const struct judge *judge)
{
    double precision = percent(judge->kinds[MATCH_SURE] - judge->wrong, judge->kinds[MATCH_SURE]);
    double recall = percent(judge->known.right, judge->known.rows);
    uint64_t waiting = judge->kinds[MATCH_POSSIBLE] + judge->kinds[MATCH_MANY];
    (void)printf("quality.generated.rows %" PRIu64 " rows\n", judge->rows);
    (void)printf("quality.generated.precision %.4f %%\n", precision);
    (void)printf("quality.generated.recall %.3f %%\n", recall);
    (void)printf("quality.generated.f1 %.5f\n", 2 * precision * recall / (precision + recall) / 100);
    (void)printf("quality.generated.review %.3f %%\n", percent(waiting, judge->rows));
    (void)printf("quality.generated.review.possible %.3f %%\n",
                 percent(judge->kinds[MATCH_POSSIBLE], judge->rows));
    (void)printf("quality.generated.review.many %.3f %%\n", percent(judge->kinds[MATCH_MANY], judge->rows));
    (void)printf("quality.generated.doubled %.3f %%\n", percent(judge->doubled, judge->known.rows));
    (void)printf("quality.generated.wrong %" PRIu64 " rows\n", judge->wrong);
    (void)printf("quality.generated.brier %.6f\n", judge->brier / (double)judge->rows);
    (void)printf("quality.generated.candidates %.1f per row\n",
                 (double)judge->compared / (double)judge->rows);
    (void)printf("twins.merged %.4f %% of %" PRIu64 " rows of twins\n",
                 percent(judge->twins_merged, judge->twins), judge->twins);
    (void)printf("siblings.merged %" PRIu64 " rows\n", judge->siblings_merged);
    (void)printf("namesakes.merged %" PRIu64 " rows\n", judge->namesakes_merged);
    print_shields(judge);
    print_classes(judge);
}

struct placed {
    uint32_t cluster;
    uint32_t child;
};

static int by_cluster(const void *a, const void *b)
{
    const struct placed *x = a;
    const struct placed *y = b;
    if (x->cluster != y->cluster)
        return x->cluster < y->cluster ? -1 : 1;
    return (x->child > y->child) - (x->child < y->child);
}

/* Every row that waits is a cluster of its own. */
static void place_rows(const struct trial *trial, struct placed *placed, uint32_t *rows_of)
{
    uint32_t alone = trial->record_count;
    for (size_t i = 0; i < trial->people->row_count; i++) {
        uint32_t record = trial->assigned[i];
        placed[i] = (struct placed){record == 0 ? ++alone : record, trial->people->rows[i].child};
        rows_of[placed[i].child]++;
    }
    qsort(placed, trial->people->row_count, sizeof(placed[0]), by_cluster);
}

enum fault judge_print_bcubed(const struct trial *trial)
{
    size_t count = trial->people->row_count;
    struct placed *placed = calloc(count, sizeof(placed[0]));
    uint32_t *rows_of = calloc((size_t)trial->people->child_count + 1, sizeof(rows_of[0]));
    double precision = 0;
    double recall = 0;
    if (placed != NULL && rows_of != NULL)
        place_rows(trial, placed, rows_of);
    for (size_t from = 0, to; placed != NULL && rows_of != NULL && from < count; from = to) {
        for (to = from; to < count && placed[to].cluster == placed[from].cluster;)
            to++;
        for (size_t i = from, end; i < to; i = end) {
            for (end = i; end < to && placed[end].child == placed[i].child;)
                end++;
            double same = (double)(end - i);
            precision += same * same / (double)(to - from);
            recall += same * same / rows_of[placed[i].child];
        }
    }
    enum fault fault = placed == NULL || rows_of == NULL ? FAULT_MEMORY : FAULT_NONE;
    free(placed);
    free(rows_of);
    precision /= (double)count;
    recall /= (double)count;
    if (fault == FAULT_NONE)
        (void)printf("quality.generated.bcubed %.5f\n", 2 * precision * recall / (precision + recall));
    return fault;
}
