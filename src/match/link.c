#include <stdlib.h>

#include "match/candidates.h"
#include "match/decide.h"
#include "match/sift.h"

/* How many descriptions are linked together (linkage.md §4). */
enum { IN_FLIGHT = 8 };

/* By how many steps memory is fetched ahead: evenly, as a processor drops what is asked for in a burst. */
enum { KEYS_AHEAD = 20, PIECES_AHEAD = 10, SLOTS_AHEAD = 24, EVIDENCE_AHEAD = 8 };

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

static bool may_count(const struct linking *linking, const struct sifted *sifted)
{
    const struct slot *held = index_slot(linking->scorer.index, sifted->slot);
    return sifted->most >= linking->least[block_is_hidden(held->state)];
}

/* A candidate on its way through the steps; memory for the next is on its way too. */
struct candidate {
    struct linking *linking;
    struct sifted sifted;
};

struct queue {
    struct candidate at[EVIDENCE_AHEAD];
    size_t in;
    size_t out;
};

struct pipe {
    struct queue named;  /* the first name's words are on their way */
    struct queue viewed; /* the evidence is */
    struct queue worded; /* all names' words are */
};

static void score_one(const struct candidate *candidate)
{
    struct linking *linking = candidate->linking;
    struct scorer *scorer = &linking->scorer;
    struct sifted sifted = candidate->sifted;
    struct evidence_view view = index_view(scorer->index, sifted.slot);
    struct score score;
    sifted.most = score_at_most_named(scorer, &view, score_at_most(scorer, &view));
    if (!may_count(linking, &sifted) || is_apart(linking, index_child(scorer->index, sifted.slot)))
        return;
    score_candidate(scorer, sifted.slot, &score);
    if (decide_is_beyond_doubt(scorer->model, &score))
        linking->beyond_doubt = true;
    decide_consider(scorer->index, &linking->linked, sifted.slot, &score);
}

/* Adds one; takes one out where there is no more room.  False where none came out. */
static bool pass_on(struct queue *queue, const struct candidate *in, struct candidate *ret_out)
{
    queue->at[queue->in++ % EVIDENCE_AHEAD] = *in;
    if (queue->in - queue->out < EVIDENCE_AHEAD)
        return false;
    *ret_out = queue->at[queue->out++ % EVIDENCE_AHEAD];
    return true;
}

static void to_words(struct pipe *pipe, struct candidate next)
{
    const struct linking *linking = next.linking;
    struct evidence_view view = index_view(linking->scorer.index, next.sifted.slot);
    score_fetch_words(&linking->scorer, &view);
    if (pass_on(&pipe->worded, &next, &next))
        score_one(&next);
}

static void to_evidence(struct pipe *pipe, struct candidate next)
{
    next.sifted.most = sift_names(&next.linking->sift, &next.sifted);
    if (!may_count(next.linking, &next.sifted))
        return;
    index_fetch_evidence(next.linking->scorer.index, next.sifted.slot);
    if (pass_on(&pipe->viewed, &next, &next))
        to_words(pipe, next);
}

static void to_names(struct pipe *pipe, struct linking *linking, size_t at)
{
    struct candidate next = {linking, sift_facts(&linking->sift, linking->gathered.slots[at])};
    if (at < linking->gathered.numbered)
        next.sifted.most = INT32_MAX;
    if (!may_count(linking, &next.sifted))
        return;
    sift_fetch(&linking->sift, next.sifted.slot);
    if (pass_on(&pipe->named, &next, &next))
        to_evidence(pipe, next);
}

static void empty(struct pipe *pipe)
{
    while (pipe->named.out < pipe->named.in)
        to_evidence(pipe, pipe->named.at[pipe->named.out++ % EVIDENCE_AHEAD]);
    while (pipe->viewed.out < pipe->viewed.in)
        to_words(pipe, pipe->viewed.at[pipe->viewed.out++ % EVIDENCE_AHEAD]);
    while (pipe->worded.out < pipe->worded.in)
        score_one(&pipe->worded.at[pipe->worded.out++ % EVIDENCE_AHEAD]);
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
    size_t steps; /* since the beginning */
};

static struct cursor first_key(struct linking *const *linkings, size_t count)
{
    return (struct cursor){0, count > 0 ? linkings[0]->keys_done : 0, 0};
}

static bool has_key(struct linking *const *linkings, size_t count, struct cursor *cursor)
{
    while (cursor->linking < count && cursor->at == linkings[cursor->linking]->linker.keys.count) {
        cursor->linking++;
        cursor->at = cursor->linking < count ? linkings[cursor->linking]->keys_done : 0;
    }
    return cursor->linking < count;
}

static void step(struct cursor *cursor)
{
    cursor->at++;
    cursor->steps++;
}

static void gather_wanted(struct linking *const *linkings, size_t count)
{
    struct cursor fetched = first_key(linkings, count), pieces = fetched, done = fetched;
    while (has_key(linkings, count, &done)) {
        for (; fetched.steps < done.steps + KEYS_AHEAD && has_key(linkings, count, &fetched); step(&fetched))
            candidates_fetch(&linkings[fetched.linking]->linker, fetched.at);
        for (; pieces.steps < done.steps + PIECES_AHEAD && has_key(linkings, count, &pieces); step(&pieces))
            candidates_fetch_piece(&linkings[pieces.linking]->linker, pieces.at);
        candidates_gather(&linkings[done.linking]->linker, done.at, &linkings[done.linking]->gathered);
        step(&done);
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

/* Every description looks up its keys, then all their blocks, then all candidates: while memory is on its way
 * to one, another is worked on. */
static void score_wanted(struct linking *const *linkings, size_t count)
{
    struct pipe pipe = {.named = {.in = 0}};
    gather_wanted(linkings, count);
    struct cursor done = {0, count > 0 ? linkings[0]->slots_done : 0, 0}, fetched = done;
    while (has_slot(linkings, count, &done)) {
        for (; fetched.steps < done.steps + SLOTS_AHEAD && has_slot(linkings, count, &fetched);
             step(&fetched))
            index_fetch_slot(linkings[fetched.linking]->scorer.index,
                             linkings[fetched.linking]->gathered.slots[fetched.at]);
        to_names(&pipe, linkings[done.linking], done.at);
        step(&done);
    }
    empty(&pipe);
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
