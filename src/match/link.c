#include <stdlib.h>

#include "match/candidates.h"
#include "match/decide.h"

/* By how many candidates memory is fetched ahead of the one that is scored. */
enum { SLOTS_AHEAD = 16, EVIDENCE_AHEAD = 8, WORDS_AHEAD = 8 };

/* How many descriptions are linked together (linkage.md §4). */
enum { IN_FLIGHT = 8 };

/* One description that is being linked. */
struct linking {
    struct description asked;
    struct linker linker;
    struct gathered gathered;
    struct scorer scorer;
    struct linked linked;
    const struct child_id *apart; /* children that it is known not to be */
    size_t apart_count;
    size_t keys_done; /* of the linker's keys */
    size_t slots_done;
    bool beyond_doubt;
};

static bool index_is_empty(const struct match_index *index)
{
    for (unsigned state = 0; state <= RECORD_STATES; state++) {
        if (index->state_people[state] != 0)
            return false;
    }
    return true;
}

/* Below this a candidate's score changes nothing (decide.h). */
static int32_t least_weight(const struct match_model *model, enum record_state state)
{
    int32_t least = model->possible - model->margin;
    if (state == RECORD_SHIELDED || state == RECORD_SEALED || least < model->held)
        least = model->held;
    int32_t beyond_doubt = model->sure + model->margin;
    return least < beyond_doubt ? least : beyond_doubt;
}

static bool is_apart(const struct linking *linking, struct child_id child)
{
    for (size_t i = 0; i < linking->apart_count; i++) {
        if (id_equal(linking->apart[i].id, child.id))
            return true;
    }
    return false;
}

/* A candidate that may count; its words are on their way. */
struct waiting {
    uint32_t slot;
    int32_t at_most;
};

static bool score_waiting(struct linking *linking, const struct waiting *waiting)
{
    struct scorer *scorer = &linking->scorer;
    const struct slot *held = index_slot(scorer->index, waiting->slot);
    struct evidence_view view = index_view(scorer->index, waiting->slot);
    int32_t least = least_weight(scorer->model, (enum record_state)held->state);
    if (score_at_most_named(scorer, &view, waiting->at_most) < least || is_apart(linking, held->child))
        return false;
    struct score score;
    score_candidate(scorer, waiting->slot, &score);
    bool beyond_doubt = decide_is_beyond_doubt(scorer->model, &score);
    decide_consider(scorer->model, &linking->linked, held, &score);
    return beyond_doubt;
}

/* Fetches the first candidates since `from` into the cache; once they have come, their evidence. */
static void fetch_slots(const struct linking *linking, size_t from)
{
    const struct gathered *gathered = &linking->gathered;
    for (size_t i = from; i < gathered->count && i < from + SLOTS_AHEAD; i++)
        index_fetch_slot(linking->scorer.index, gathered->slots[i]);
}

static void fetch_evidence(const struct linking *linking, size_t from)
{
    const struct gathered *gathered = &linking->gathered;
    for (size_t i = from; i < gathered->count && i < from + EVIDENCE_AHEAD; i++)
        index_fetch_evidence(linking->scorer.index, gathered->slots[i]);
}

/* Whether the candidate may count, as far as numbers tell. */
static bool may_count(const struct linking *linking, uint32_t slot, struct waiting *ret_waiting)
{
    const struct scorer *scorer = &linking->scorer;
    struct evidence_view view = index_view(scorer->index, slot);
    int32_t at_most = score_at_most(scorer, &view);
    if (at_most < least_weight(scorer->model, (enum record_state)index_slot(scorer->index, slot)->state))
        return false;
    score_fetch_words(scorer, &view);
    *ret_waiting = (struct waiting){slot, at_most};
    return true;
}

/* Scores those gathered since `from`; whether one of them is beyond doubt. */
static bool score_from(struct linking *linking, size_t from)
{
    const struct match_index *index = linking->scorer.index;
    const struct gathered *gathered = &linking->gathered;
    struct waiting waiting[WORDS_AHEAD];
    size_t taken = 0, scored = 0;
    bool beyond_doubt = false;
    for (size_t i = from; i < gathered->count; i++) {
        if (i + SLOTS_AHEAD < gathered->count)
            index_fetch_slot(index, gathered->slots[i + SLOTS_AHEAD]);
        if (i + EVIDENCE_AHEAD < gathered->count)
            index_fetch_evidence(index, gathered->slots[i + EVIDENCE_AHEAD]);
        if (!may_count(linking, gathered->slots[i], &waiting[taken % WORDS_AHEAD]))
            continue;
        if (++taken - scored == WORDS_AHEAD && score_waiting(linking, &waiting[scored++ % WORDS_AHEAD]))
            beyond_doubt = true;
    }
    while (scored < taken) {
        if (score_waiting(linking, &waiting[scored++ % WORDS_AHEAD]))
            beyond_doubt = true;
    }
    return beyond_doubt;
}

static void begin(struct linking *linking, const struct match_index *index)
{
    struct linker *linker = &linking->linker;
    linker->index = index;
    linker->asked = &linking->asked;
    linker->keys.count = 0;
    linker->dated = false;
    linker->usable = false;
    linking->linked.count = 0;
    linking->linked.any_hidden = false;
    linking->keys_done = 0;
    linking->slots_done = 0;
    gather_open(&linking->gathered);
    score_open(&linking->scorer, index, &linking->asked);
    candidates_want_near(linker);
}

/* Every description looks up its keys, then all their blocks, then all candidates: while memory is on its way
 * to one, another is worked on. */
static void score_wanted(struct linking *const *linkings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        candidates_fetch(&linkings[i]->linker, linkings[i]->keys_done);
    for (size_t i = 0; i < count; i++)
        candidates_fetch_pieces(&linkings[i]->linker, linkings[i]->keys_done);
    for (size_t i = 0; i < count; i++) {
        candidates_gather(&linkings[i]->linker, linkings[i]->keys_done, &linkings[i]->gathered);
        fetch_slots(linkings[i], linkings[i]->slots_done);
    }
    for (size_t i = 0; i < count; i++)
        fetch_evidence(linkings[i], linkings[i]->slots_done);
    for (size_t i = 0; i < count; i++) {
        linkings[i]->beyond_doubt = score_from(linkings[i], linkings[i]->slots_done);
        linkings[i]->keys_done = linkings[i]->linker.keys.count;
        linkings[i]->slots_done = linkings[i]->gathered.count;
    }
}

static void conclude(const struct linking *linking, struct match_outcome *ret_outcome)
{
    const struct linker *linker = &linking->linker;
    /* In an empty index a name and a year are enough to know that there is nobody. */
    bool told = linking->asked.name_count > 0 && linking->asked.birth.year != 0;
    bool usable = linker->usable || (told && index_is_empty(linker->index));
    decide_outcome(linker->index->model, &linking->linked, usable && !linking->gathered.cut, ret_outcome);
    ret_outcome->compared = (uint32_t)linking->gathered.count;
}

/* Links what is described, all of it against the index as it is at this moment. */
static void link_described(struct match_index *index, struct linking *linkings, size_t count,
                           struct match_outcome *ret_outcomes)
{
    struct linking *open[IN_FLIGHT];
    size_t open_count = 0;
    gate_read(&index->lock);
    for (size_t i = 0; i < count; i++) {
        begin(&linkings[i], index);
        open[i] = &linkings[i];
    }
    score_wanted(open, count);
    for (size_t i = 0; i < count; i++) {
        if (linkings[i].beyond_doubt)
            continue;
        candidates_want_rest(&linkings[i].linker);
        open[open_count++] = &linkings[i];
    }
    score_wanted(open, open_count);
    for (size_t i = 0; i < count; i++)
        conclude(&linkings[i], &ret_outcomes[i]);
    gate_read_end(&index->lock);
}

enum fault match_link_apart(struct match_index *index, const struct person *person,
                            const struct child_id *apart, size_t count, struct match_outcome *ret_outcome)
{
    /* Too large to be zeroed for nothing: describe_person and begin set what is read. */
    struct linking linking __attribute__((uninitialized));
    linking.apart = apart;
    linking.apart_count = count;
    describe_person(person, index->key, index->trained, &linking.asked);
    link_described(index, &linking, 1, ret_outcome);
    describe_wipe(&linking.asked);
    return FAULT_NONE;
}

enum fault match_link(struct match_index *index, const struct person *person,
                      struct match_outcome *ret_outcome)
{
    return match_link_apart(index, person, NULL, 0, ret_outcome);
}

enum fault match_link_many(struct match_index *index, const struct person *persons, size_t count,
                           struct match_outcome *ret_outcomes)
{
    struct linking *linkings = malloc(IN_FLIGHT * sizeof(*linkings));
    if (linkings == NULL)
        return FAULT_MEMORY;
    for (size_t from = 0; from < count; from += IN_FLIGHT) {
        size_t some = count - from < IN_FLIGHT ? count - from : IN_FLIGHT;
        for (size_t i = 0; i < some; i++) {
            linkings[i].apart_count = 0;
            describe_person(&persons[from + i], index->key, index->trained, &linkings[i].asked);
        }
        link_described(index, linkings, some, &ret_outcomes[from]);
        for (size_t i = 0; i < some; i++)
            describe_wipe(&linkings[i].asked);
    }
    free(linkings);
    return FAULT_NONE;
}
