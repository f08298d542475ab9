#include "bench/scan.h"

#include <stdlib.h>

#include "match/bound.h"
#include "match/search.h"

struct signature {
    uint32_t family;
    uint32_t given;
    uint32_t birth;
};

void *scan_signatures(size_t people)
{
    struct signature *all = calloc(people + 1, sizeof *all);
    for (size_t i = 0; all != NULL && i < people; i++)
        all[i] = (struct signature){(uint32_t)i * 2654435761U, (uint32_t)i * 40503U, (uint32_t)i % 6574};
    return all;
}

size_t scan_bytes(const void *signatures, size_t people, uint32_t turn)
{
    const struct signature *all = signatures;
    size_t hits = 0;
    for (size_t i = 0; i < people; i++)
        hits += (all[i].family ^ turn) % 8192 == 77 || (all[i].given == turn && all[i].birth == turn);
    return hits;
}

/* The weights of the best so far, the best first. */
struct best {
    int32_t weight[MATCH_LIMIT_MAX];
    size_t count;
    size_t limit;
    int32_t least;
};

static int32_t least_of(const struct best *best)
{
    return best->count < best->limit ? best->least : best->weight[best->count - 1] + 1;
}

static void keep(struct best *best, int32_t weight)
{
    size_t at = best->count < best->limit ? best->count++ : best->limit - 1;
    for (; at > 0 && best->weight[at - 1] < weight; at--)
        best->weight[at] = best->weight[at - 1];
    best->weight[at] = weight;
}

struct scan {
    const struct match_index *index;
    struct scorer scorer;
    struct description asked;
    struct sketch_asked sketched;
    struct bound bound;
    struct best best;
};

/* In the order of a search: what the slot tells, the first name, the evidence, the names, the score. */
static void look_at(struct scan *scan, uint32_t slot)
{
    const struct slot *held = index_slot(scan->index, slot);
    const int32_t least = least_of(&scan->best);
    const int32_t facts = bound_sketched_facts(&scan->scorer, held, &scan->sketched);
    struct score score;
    if (facts + 2 * scan->scorer.model->name_ceiling < least ||
        ((held->sketch.facts & SKETCH_ONE_NAME) != 0 && facts + bound_first_name(&scan->bound, held) < least))
        return;
    const struct evidence_view view = index_view(scan->index, slot);
    if (bound_facts(&scan->scorer, &view) + bound_names(&scan->bound, &view) < least)
        return;
    score_candidate(&scan->scorer, slot, &score);
    if (score.exact || (score.weight >= least && search_shows(&scan->asked, &score)))
        keep(&scan->best, score.weight);
}

size_t scan_similar(const struct match_index *index, const struct match_query *query,
                    const struct match_sight *sight)
{
    struct scan *scan = calloc(1, sizeof *scan);
    size_t count = 0;
    if (scan == NULL || !search_describe(index, query, &scan->asked)) {
        free(scan);
        return 0;
    }
    scan->index = index;
    scan->best = (struct best){.limit = query->limit == 0 ? MATCH_RESULTS_MAX : query->limit,
                               .least = search_least(index, query, &scan->asked)};
    score_open(&scan->scorer, index, &scan->asked);
    scan->scorer.earliest = query->birth_earliest;
    scan->scorer.latest = query->birth_latest;
    bound_open(&scan->bound, &scan->scorer);
    sketch_ask(&scan->asked, &scan->sketched);
    for (uint32_t slot = 1; slot < index->slot_next; slot++) {
        const enum record_state state = (enum record_state)index_slot(index, slot)->state;
        const field_mask mask = sight->mask[state];
        if (!score_sees(mask, EVIDENCE_NAME))
            continue;
        scan->scorer.sight = (struct score_sight){.former = score_sees(mask, EVIDENCE_FORMER_NAME),
                                                  .variant = score_sees(mask, EVIDENCE_FORMER_NAME),
                                                  .places = score_sees(mask, EVIDENCE_POSTCODE),
                                                  .authority = score_sees(mask, EVIDENCE_AUTHORITY),
                                                  .mask = mask,
                                                  .own_scheme = sight->own_scheme};
        look_at(scan, slot);
    }
    count = scan->best.count;
    free(scan);
    return count;
}
