#include "linkage/worth.h"

#include <math.h>

#include "linkage/room.h"
#include "linkage/team.h"

const struct worth_prior worth_priors[LINKAGE_KINDS_END] = {
#define PRIOR(kind, exact, floor, ...) [LINKAGE_##kind] = {exact, floor, {__VA_ARGS__}},
#include "linkage/priors.def"
#undef PRIOR
};

static int32_t bits(double ratio)
{
    return (int32_t)lround(log2(ratio) * EM_BIT);
}

enum fault worth_open(const struct comparisons *comparisons, struct scale *scale)
{
    for (size_t i = 0; i < comparisons->count; i++) {
        const struct comparison *comparison = &comparisons->at[i];
        if (comparison->kind == LINKAGE_NONE)
            continue;
        scale->agreed[i] = room_take((size_t)comparison->values->count + 1, sizeof *scale->agreed[i]);
        if (scale->agreed[i] == NULL)
            return FAULT_MEMORY;
        scale->agreed[i][0] = LEVEL_MISSING;
    }
    return FAULT_NONE;
}

void worth_close(struct scale *scale)
{
    for (size_t i = 0; i < EM_FIELDS_MAX; i++)
        room_give(scale->agreed[i]);
    *scale = (struct scale){.prior = 0};
}

static int32_t agreed_word(int32_t weight, unsigned level)
{
    return (int32_t)((uint32_t)weight << AGREED_BITS | level);
}

void worth_of_classes(const struct comparisons *comparisons, struct scale *scale)
{
    for (size_t i = 0; i < comparisons->count; i++) {
        const struct comparison *comparison = &comparisons->at[i];
        if (comparison->kind == LINKAGE_NONE)
            continue;
        for (uint32_t id = 1; id <= comparison->values->count; id++) {
            unsigned level = comparison->classes[id];
            scale->agreed[i][id] = agreed_word(scale->weights[i][level], level);
        }
    }
}

/* What values are weighed by. */
struct worth {
    const struct comparison *comparison;
    const struct field *field;
    const double *u;
    const int32_t *weights;
    double repeats;
    double least; /* the lowest share that counts */
};

/* Rows of the same person do not make their values common. */
static int32_t weigh_value(const struct worth *worth, uint32_t id)
{
    const struct field *field = worth->field;
    unsigned level = worth->comparison->classes[id];
    double share = (fmax(field->counts[id] - 1 - worth->repeats, 0) + 1) / fmax(field->filled, 1);
    double mass = worth->comparison->mass[level];
    int32_t weight = worth->weights[level];
    if (field->counts[id] > 0 && mass > 0)
        weight += bits(worth->u[level] / (mass * fmax(share, worth->least)));
    return agreed_word(weight, level);
}

/* Values that are as frequent weigh the same, so that most need not be worked out. */
static void weigh_values(const struct worth *worth, int32_t *agreed)
{
    enum { KNOWN = 1024 };
    int32_t known[KNOWN] = {0}; /* by count; no word is 0 */
    for (uint32_t id = 1; id <= worth->comparison->values->count; id++) {
        uint32_t count = worth->field->counts[id];
        if (count >= KNOWN) {
            agreed[id] = weigh_value(worth, id);
            continue;
        }
        if (known[count] == 0)
            known[count] = weigh_value(worth, id);
        agreed[id] = known[count];
    }
}

/* What the threads share that weigh values. */
struct weighing {
    const struct worth_basis *basis;
    struct scale *scale;
};

static enum fault weigh_field(void *context, size_t task, unsigned member)
{
    (void)member;
    const struct weighing *weighing = context;
    const struct comparisons *comparisons = weighing->basis->comparisons;
    const struct comparison *comparison = &comparisons->at[task];
    if (comparison->kind == LINKAGE_NONE)
        return FAULT_NONE;
    const struct worth worth = {.comparison = comparison,
                                .field = &comparisons->rows->fields[comparison->field],
                                .u = weighing->basis->model->u[task],
                                .weights = weighing->scale->weights[task],
                                .repeats = weighing->basis->repeats,
                                .least = exp2(-worth_priors[comparison->kind].floor_bits)};
    weigh_values(&worth, weighing->scale->agreed[task]);
    return FAULT_NONE;
}

enum fault worth_of_values(const struct worth_basis *basis, unsigned threads, struct scale *scale)
{
    struct weighing weighing = {basis, scale};
    return team_run(threads, basis->comparisons->count, weigh_field, &weighing);
}
