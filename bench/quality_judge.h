/* Counts what came of the rows of a trial, and prints `name value unit` lines. */
#ifndef BENCH_QUALITY_JUDGE_H
#define BENCH_QUALITY_JUDGE_H

#include "generate/slip.h"
#include "quality_trial.h"

enum { JUDGE_ORIGINS_MAX = 16 };

/* Of rows whose child had a record already. */
struct share {
    uint64_t rows;
    uint64_t right;   /* linked to it without anybody's help */
    uint64_t waiting; /* possible or many */
};

struct judge {
    const struct people *people;
    uint64_t rows;
    uint64_t kinds[MATCH_HELD + 1];
    uint64_t wrong; /* linked without anybody's help to somebody else */
    uint64_t twins; /* rows of twins */
    uint64_t twins_merged;
    uint64_t siblings_merged;
    uint64_t namesakes_merged; /* same names and date of birth */
    uint64_t doubled;          /* nobody's, though the child had a record */
    uint64_t visible;          /* rows of children without a shield */
    uint64_t visible_held;
    uint64_t compared; /* candidates scored */
    double brier;
    struct share known;
    struct share clean; /* rows without a slip */
    struct share slips[SLIPS_END];
    struct {
        const char *name;
        struct share share;
    } origins[JUDGE_ORIGINS_MAX];
    struct {
        uint64_t asked;
        uint64_t caught; /* held, or linked to the shielded record itself */
        uint64_t wrong;  /* linked to somebody else */
    } lookalikes[2][4];  /* whole or bare; by errors */
};

/* For trial->tell. */
void judge_event(void *judge, const struct trial_event *event);

void judge_print(const struct judge *judge);

/* B-cubed precision and recall of what was linked without anybody's help; what waits stands alone.
 * FAULT_MEMORY. */
MUST_USE enum fault judge_print_bcubed(const struct trial *trial);

#endif
