#include <stdlib.h>

#include "match/candidates.h"
#include "match/decide.h"
#include "match/sift.h"

/* How many descriptions are linked together (linkage.md §4). */
enum { IN_FLIGHT = 8 };

/* So many keys, or candidates, take a step together, one after the other, and memory for the next step is
 * asked for close together: a processor looks up several pages at a time. */
enum { KEYS_STEP = 32, SLOTS_STEP = 24 };

/* One description that is being linked. */
struct linking {
    struct description asked;
    struct linker linker;
    struct gathered gathered;
    struct scorer scorer;
    struct sift sift;
    struct linked linked;
    int32_t least[2];             /* weights, of open and of hidden ones */
    const struct child_id *apart; /* children that it is known not to be */
    size_t apart_count;
    size_t keys_done; /* of the linker's keys */
    size_t slots_done;
    bool beyond_doubt;
};

static bool is_empty(const struct moment *moment)
{
    for (unsigned state = 0; state <= RECORD_STATES; state++) {
        if (moment->state_people[state] != 0)
            return false;
    }
    return true;
}

/* Below this a candidate's score changes nothing (decide.h). */
static int32_t least_weight(const struct match_model *model, bool hidden)
{
    int32_t least = model->possible - model->margin;
    if (hidden || least < model->held)
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

/* A candidate on its way through the steps: its slot, its first name's words, its evidence. */
struct candidate {
    struct linking *linking;
    uint32_t slot;
    int32_t most; /* what it can weigh, as far as is known; INT32_MAX: a number may agree */
    bool home;    /* it may be of the same household */
};

/* Those that take a step together. */
struct candidates {
    struct candidate at[SLOTS_STEP];
    size_t count;
};

static const struct slot *slot_of(const struct candidate *candidate)
{
    return index_slot(candidate->linking->scorer.index, candidate->slot);
}

static bool may_count(const struct linking *linking, const struct slot *held, int32_t most)
{
    return most >= linking->least[block_is_hidden(held->state)];
}

static void score_one(const struct candidate *candidate)
{
    struct linking *linking = candidate->linking;
    struct scorer *scorer = &linking->scorer;
    struct evidence_view view = index_view(scorer->index, candidate->slot);
    struct score score;
    int32_t most = score_at_most_named(scorer, &view, score_at_most(scorer, &view));
    if (!may_count(linking, slot_of(candidate), most) ||
        is_apart(linking, index_child(scorer->index, candidate->slot)))
        return;
    score_candidate(scorer, candidate->slot, &score);
    if (decide_is_beyond_doubt(scorer->model, &score))
        linking->beyond_doubt = true;
    decide_consider(scorer->index, &linking->linked, candidate->slot, &score);
}

/* Their evidence is there. */
static void score_all(const struct candidates *candidates)
{
    for (size_t i = 0; i < candidates->count; i++) {
        const struct scorer *scorer = &candidates->at[i].linking->scorer;
        struct evidence_view view = index_view(scorer->index, candidates->at[i].slot);
        score_fetch_words(scorer, &view);
    }
    for (size_t i = 0; i < candidates->count; i++)
        score_one(&candidates->at[i]);
}

/* Keeps those that may count by all but their names. */
static void sift_by_facts(struct candidates *candidates)
{
    size_t kept = 0;
    for (size_t i = 0; i < candidates->count; i++) {
        struct linking *linking = candidates->at[i].linking;
        const uint32_t slot = candidates->at[i].slot;
        const struct slot *held = index_slot(linking->scorer.index, slot);
        const int32_t known = candidates->at[i].most;
        bool home;
        int32_t most = sift_facts(&linking->sift, held, &home);
        most = known > most ? known : most;
        if (!may_count(linking, held, most))
            continue;
        sift_fetch(&linking->sift, held);
        candidates->at[kept++] = (struct candidate){linking, slot, most, home};
    }
    candidates->count = kept;
}

/* Passes on those that may count by their first names too. */
static void sift_by_names(const struct candidates *candidates, struct candidates *ret_passed)
{
    ret_passed->count = 0;
    for (size_t i = 0; i < candidates->count; i++) {
        const struct candidate *candidate = &candidates->at[i];
        struct linking *linking = candidate->linking;
        const struct slot *held = slot_of(candidate);
        int32_t most = sift_letters(&linking->sift, held, candidate->most, candidate->home);
        if (!may_count(linking, held, most) ||
            !may_count(linking, held, sift_names(&linking->sift, held, candidate->most, candidate->home)))
            continue;
        ret_passed->at[ret_passed->count++] = *candidate;
    }
    for (size_t i = 0; i < ret_passed->count; i++)
        index_fetch_evidence(ret_passed->at[i].linking->scorer.index, ret_passed->at[i].slot);
}

static void begin(struct linking *linking, const struct match_index *index, const struct moment *moment)
{
    struct linker *linker = &linking->linker;
    linker->index = index;
    linker->key = index->key;
    linker->moment = moment;
    linker->asked = &linking->asked;
    linker->keys.count = 0;
    linker->dated = false;
    linker->usable = false;
    linking->linked.count = 0;
    linking->linked.any_hidden = false;
    linking->keys_done = 0;
    linking->slots_done = 0;
    linking->beyond_doubt = false;
    gather_open(&linking->gathered, moment);
    score_open(&linking->scorer, index, &linking->asked);
    sift_open(&linking->sift, &linking->scorer);
    linking->least[false] = least_weight(index->model, false);
    linking->least[true] = least_weight(index->model, true);
    candidates_want_near(linker);
}

/* A place in all keys, or all candidates, of the descriptions in flight. */
struct cursor {
    size_t linking;
    size_t at;
};

static struct cursor first_key(struct linking *const *linkings, size_t count)
{
    return (struct cursor){0, count > 0 ? linkings[0]->keys_done : 0};
}

static bool has_key(struct linking *const *linkings, size_t count, struct cursor *cursor)
{
    while (cursor->linking < count && cursor->at == linkings[cursor->linking]->linker.keys.count) {
        cursor->linking++;
        cursor->at = cursor->linking < count ? linkings[cursor->linking]->keys_done : 0;
    }
    return cursor->linking < count;
}

/* Keys that are looked up together. */
struct lookups {
    struct {
        struct linking *linking;
        size_t key;
    } at[KEYS_STEP];
    size_t count;
};

/* The next keys, whose places are asked for. */
static void list_keys(struct linking *const *linkings, size_t count, struct cursor *cursor,
                      struct lookups *ret_lookups)
{
    ret_lookups->count = 0;
    for (; ret_lookups->count < KEYS_STEP && has_key(linkings, count, cursor); cursor->at++) {
        struct linking *linking = linkings[cursor->linking];
        candidates_fetch(&linking->linker, cursor->at);
        ret_lookups->at[ret_lookups->count].linking = linking;
        ret_lookups->at[ret_lookups->count++].key = cursor->at;
    }
}

static void gather_wanted(struct linking *const *linkings, size_t count)
{
    struct lookups listed[2];
    struct cursor cursor = first_key(linkings, count);
    size_t turn = 0;
    list_keys(linkings, count, &cursor, &listed[turn]);
    while (listed[turn].count > 0) {
        const struct lookups *some = &listed[turn];
        for (size_t i = 0; i < some->count; i++)
            candidates_fetch_piece(&some->at[i].linking->linker, some->at[i].key);
        turn = 1 - turn;
        list_keys(linkings, count, &cursor, &listed[turn]);
        for (size_t i = 0; i < some->count; i++)
            candidates_gather(&some->at[i].linking->linker, some->at[i].key, &some->at[i].linking->gathered);
    }
    for (size_t i = 0; i < count; i++)
        linkings[i]->keys_done = linkings[i]->linker.keys.count;
}

static bool has_slot(struct linking *const *linkings, size_t count, struct cursor *cursor)
{
    while (cursor->linking < count && cursor->at == linkings[cursor->linking]->gathered.count) {
        cursor->linking++;
        cursor->at = cursor->linking < count ? linkings[cursor->linking]->slots_done : 0;
    }
    return cursor->linking < count;
}

/* The next candidates, whose slots are asked for. */
static void list_some(struct linking *const *linkings, size_t count, struct cursor *cursor,
                      struct candidates *ret_candidates)
{
    ret_candidates->count = 0;
    for (; ret_candidates->count < SLOTS_STEP && has_slot(linkings, count, cursor); cursor->at++) {
        struct linking *linking = linkings[cursor->linking];
        const uint32_t slot = linking->gathered.slots[cursor->at];
        const int32_t most = cursor->at < linking->gathered.numbered ? INT32_MAX : INT32_MIN;
        index_fetch_slot(linking->scorer.index, slot);
        ret_candidates->at[ret_candidates->count++] = (struct candidate){linking, slot, most, false};
    }
}

/* Every description looks up its keys, then all their blocks, then all candidates: while memory is on its way
 * to some, others are worked on. */
static void score_wanted(struct linking *const *linkings, size_t count)
{
    struct candidates listed[2], passed = {.count = 0};
    gather_wanted(linkings, count);
    struct cursor cursor = {0, count > 0 ? linkings[0]->slots_done : 0};
    size_t turn = 0;
    list_some(linkings, count, &cursor, &listed[turn]);
    while (listed[turn].count > 0) {
        struct candidates *some = &listed[turn];
        turn = 1 - turn;
        list_some(linkings, count, &cursor, &listed[turn]);
        sift_by_facts(some);
        score_all(&passed);
        sift_by_names(some, &passed);
    }
    score_all(&passed);
    for (size_t i = 0; i < count; i++)
        linkings[i]->slots_done = linkings[i]->gathered.count;
}

static void conclude(const struct linking *linking, struct match_outcome *ret_outcome)
{
    const struct linker *linker = &linking->linker;
    /* In an empty index a name and a year are enough to know that there is nobody. */
    bool told = linking->asked.name_count > 0 && linking->asked.birth.year != 0;
    bool usable = linker->usable || (told && is_empty(linker->moment));
    decide_outcome(linker->index->model, &linking->linked, usable && !linking->gathered.cut, ret_outcome);
    ret_outcome->compared = (uint32_t)linking->gathered.count;
}

/* Links what is described, all of it against the index as it is at this moment. */
static void link_described(struct match_index *index, struct linking *linkings, size_t count,
                           struct match_outcome *ret_outcomes)
{
    struct linking *open[IN_FLIGHT];
    size_t open_count = 0;
    const struct moment *moment = index_enter(index);
    for (size_t i = 0; i < count; i++) {
        begin(&linkings[i], index, moment);
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
    index_leave(index, moment);
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
