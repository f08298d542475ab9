#include "linkage/team.h"
#include "linkage/train.h"

struct shift {
    const struct crew *crew;
    blocks_on_pairs on_pairs;
    void **contexts;
};

static enum fault run_unit(void *context, size_t task, unsigned member)
{
    const struct shift *shift = context;
    return blocks_run(shift->crew->blocks, task, shift->crew->sample, shift->on_pairs,
                      shift->contexts[member]);
}

enum fault crew_run(const struct crew *crew, blocks_on_pairs on_pairs, void **contexts)
{
    struct shift shift = {.crew = crew, .on_pairs = on_pairs, .contexts = contexts};
    return team_run(crew->threads, crew->blocks->unit_count, run_unit, &shift);
}
