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
    const struct blocks *blocks = shift->crew->blocks;
    bool lesson = blocks->pass_count > 0 && blocks->units[task].pass >= blocks->lessons;
    if (shift->crew->sample == NULL && lesson)
        return FAULT_NONE;
    return blocks_run(blocks, task, shift->crew->sample, shift->on_pairs, shift->contexts[member]);
}

enum fault crew_run(const struct crew *crew, blocks_on_pairs on_pairs, void **contexts)
{
    struct shift shift = {.crew = crew, .on_pairs = on_pairs, .contexts = contexts};
    return team_run(crew->threads, crew->blocks->unit_count, run_unit, &shift);
}
