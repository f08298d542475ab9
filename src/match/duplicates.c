#include "match/duplicates.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "match/candidates.h"
#include "match/decide.h"

enum {
    THREADS_MAX = 64,
    SLOTS_AT_A_TIME = 32, /* under one lock: writers wait no longer than this takes */
    SLOTS_OF_A_SHARE = 4096,
    PAIRS_FIRST = 1024
};

static void recall_name(const struct match_index *index, uint32_t id, enum name_part part, struct name *name)
{
    if (id == 0) {
        *name = (struct name){0};
        return;
    }
    normalise_again(intern_text(&index->vocabulary, id), part, name);
    name->family_weight = intern_word(&index->vocabulary, id)->family_weight;
    name->given_weight = intern_word(&index->vocabulary, id)->given_weight;
}

static void recall_names(const struct match_index *index, const struct evidence_view *view,
                         struct description *description)
{
    for (size_t i = 0; i < view->name_count; i++) {
        struct described_name *name = &description->names[i];
        name->kind = view_name_kind(view, i);
        recall_name(index, view_family(view, i), PART_FAMILY, &name->family);
        recall_name(index, view_given(view, i), PART_GIVEN, &name->given);
        recall_name(index, view_other(view, i), PART_GIVEN, &name->other);
    }
    description->name_count = view->name_count;
}

static void recall_carers(const struct match_index *index, const struct evidence_view *view,
                          struct description *description)
{
    for (size_t i = 0; i < view->carer_count; i++) {
        recall_name(index, view->carers[i * 2], PART_FAMILY, &description->carers[i].family);
        recall_name(index, view->carers[i * 2 + 1], PART_GIVEN, &description->carers[i].given);
    }
    description->carer_count = view->carer_count;
}

/* What is held of somebody, as a question. */
static void recall(const struct match_index *index, uint32_t slot, struct description *description)
{
    const struct evidence_view view = index_view(index, slot);
    describe_person(&(struct person){.sex = view.sex, .birth = view.birth}, index->key, NULL, description);
    recall_names(index, &view, description);
    recall_carers(index, &view, description);
    for (size_t i = 0; i < view.place_count; i++)
        description->places[i] =
            (struct described_place){view.places[i * 3], view.places[i * 3 + 1], view.places[i * 3 + 2]};
    description->place_count = view.place_count;
    description->present_count = view.present_count;
    for (size_t i = 0; i < view.number_count; i++)
        if (number_scheme_of(view_number(&view, i)) != NUMBER_contactpoint) /* every record has its own */
            description->numbers[description->number_count++] = view_number(&view, i);
    for (size_t i = 0; i < view.phone_count; i++)
        description->phones[i] = view.phones[i];
    description->phone_count = view.phone_count;
}

static bool is_wanted(const struct slot *slot)
{
    return slot->words != 0 && !slot->pending && slot->state != RECORD_SEALED &&
           slot->state != RECORD_ARCHIVED;
}

/* One thread of the search. */
struct seeker {
    struct match_index *index;
    _Atomic uint32_t *next; /* slot, of all threads */
    struct match_pair *pairs;
    size_t count;
    size_t room;
    uint64_t people;
    uint64_t compared;
    enum fault fault;
    pthread_t thread;
    struct gathered gathered;
    struct description description;
    struct scorer scorer;
    struct linker linker;
};

static enum fault add_pair(struct seeker *seeker, const struct match_pair *pair)
{
    if (seeker->count == seeker->room) {
        size_t room = seeker->room == 0 ? PAIRS_FIRST : 2 * seeker->room;
        struct match_pair *more = reallocarray(seeker->pairs, room, sizeof *more);
        if (more == NULL)
            return FAULT_MEMORY;
        seeker->pairs = more;
        seeker->room = room;
    }
    seeker->pairs[seeker->count++] = *pair;
    return FAULT_NONE;
}

static bool is_hidden(const struct slot *slot)
{
    return slot->state == RECORD_SHIELDED;
}

/* Twins are never candidates for a link, so they are known by not being taken in. */
static enum fault weigh(struct seeker *seeker, uint32_t one, uint32_t slot)
{
    const struct match_model *model = seeker->index->model;
    struct linked linked = {0};
    const struct evidence_view view = index_view(seeker->index, slot);
    struct score score;
    seeker->compared++;
    if (score_at_most(&seeker->scorer, &view) < model->possible)
        return FAULT_NONE;
    score_candidate(&seeker->scorer, slot, &score);
    decide_consider(seeker->index, &linked, slot, &score);
    if (score.weight < model->possible)
        return FAULT_NONE;
    const struct match_pair pair = {.one = index_child(seeker->index, one),
                                    .other = index_child(seeker->index, slot),
                                    .weight = score.weight,
                                    .against = linked.count == 0 || score.number_conflict,
                                    .hidden = is_hidden(index_slot(seeker->index, one)) ||
                                              is_hidden(index_slot(seeker->index, slot))};
    return add_pair(seeker, &pair);
}

/* Each pair is weighed from the side of the lower id. */
static enum fault seek_one(struct seeker *seeker, const struct moment *moment, uint32_t slot)
{
    const struct match_index *index = seeker->index;
    enum fault fault = FAULT_NONE;
    if (!moment_sees(moment, slot) || !is_wanted(index_slot(index, slot)))
        return FAULT_NONE;
    const struct child_id one = index_child(index, slot);
    seeker->people++;
    recall(index, slot, &seeker->description);
    seeker->linker.index = index;
    seeker->linker.key = index->key;
    seeker->linker.moment = moment;
    seeker->linker.asked = &seeker->description;
    seeker->linker.keys.count = 0;
    gather_open(&seeker->gathered, moment);
    score_open(&seeker->scorer, index, &seeker->description);
    candidates_want_near(&seeker->linker);
    candidates_want_rest(&seeker->linker);
    for (size_t i = 0; i < seeker->linker.keys.count; i++)
        candidates_gather(&seeker->linker, i, &seeker->gathered);
    for (size_t i = 0; i < seeker->gathered.count; i++) {
        uint32_t other = seeker->gathered.slots[i];
        if (is_wanted(index_slot(index, other)) && id_compare(one.id, index_child(index, other).id) < 0)
            TRY(weigh(seeker, slot, other));
    }
done:
    return fault;
}

/* True as long as there are more. */
static bool seek_some(struct seeker *seeker, uint32_t from, uint32_t end)
{
    bool more = true;
    const struct moment *moment = index_enter(seeker->index);
    for (uint32_t slot = from; slot < end && seeker->fault == FAULT_NONE; slot++) {
        more = slot < moment->slot_end;
        if (!more)
            break;
        seeker->fault = seek_one(seeker, moment, slot);
    }
    index_leave(seeker->index, moment);
    return more && seeker->fault == FAULT_NONE;
}

static void *run(void *argument)
{
    struct seeker *seeker = argument;
    bool more = true;
    while (more) {
        uint32_t share = atomic_fetch_add(seeker->next, SLOTS_OF_A_SHARE);
        for (uint32_t at = share; more && at < share + SLOTS_OF_A_SHARE; at += SLOTS_AT_A_TIME)
            more = seek_some(seeker, at, at + SLOTS_AT_A_TIME);
    }
    describe_wipe(&seeker->description);
    return NULL;
}

static int by_children(const void *a, const void *b)
{
    const struct match_pair *x = a, *y = b;
    int one = id_compare(x->one.id, y->one.id);
    return one != 0 ? one : id_compare(x->other.id, y->other.id);
}

/* Somebody who moved to another slot meanwhile may have been met twice. */
static size_t drop_repeats(struct match_pair *pairs, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || by_children(&pairs[kept - 1], &pairs[i]) != 0)
            pairs[kept++] = pairs[i];
    return kept;
}

static enum fault collect(struct seeker *seekers, int threads, struct match_pairs *ret_pairs)
{
    struct match_pairs pairs = {0};
    size_t total = 0;
    for (int i = 0; i < threads; i++) {
        if (seekers[i].fault != FAULT_NONE)
            return seekers[i].fault;
        total += seekers[i].count;
        pairs.people += seekers[i].people;
        pairs.compared += seekers[i].compared;
    }
    pairs.at = calloc(total + 1, sizeof *pairs.at);
    if (pairs.at == NULL)
        return FAULT_MEMORY;
    for (int i = 0; i < threads; i++) {
        if (seekers[i].count > 0)
            memcpy(pairs.at + pairs.count, seekers[i].pairs, seekers[i].count * sizeof *pairs.at);
        pairs.count += seekers[i].count;
    }
    qsort(pairs.at, pairs.count, sizeof *pairs.at, by_children);
    pairs.count = drop_repeats(pairs.at, pairs.count);
    *ret_pairs = pairs;
    return FAULT_NONE;
}

enum fault match_duplicates(struct match_index *index, int threads, struct match_pairs *ret_pairs)
{
    _Atomic uint32_t next = 1; /* slot 0 is unused */
    int count = threads < 1 ? 1 : threads > THREADS_MAX ? THREADS_MAX : threads, started = 0;
    struct seeker *seekers = calloc((size_t)count, sizeof *seekers);
    enum fault fault = FAULT_NONE;
    if (seekers == NULL)
        return FAULT_MEMORY;
    for (; started < count; started++) {
        seekers[started].index = index;
        seekers[started].next = &next;
        if (pthread_create(&seekers[started].thread, NULL, run, &seekers[started]) != 0)
            break;
    }
    for (int i = 0; i < started; i++)
        (void)pthread_join(seekers[i].thread, NULL);
    fault = started == 0
                ? fault_note(FAULT_SYSTEM, "no thread could be started: raise the limit on processes")
                : collect(seekers, started, ret_pairs);
    for (int i = 0; i < count; i++)
        free(seekers[i].pairs);
    sodium_memzero(seekers, (size_t)count * sizeof *seekers);
    free(seekers);
    return fault;
}

/* Large: on the heap, like a seeker's. */
struct weighing {
    struct description description;
    struct scorer scorer;
};

enum fault match_pair_weigh(struct match_index *index, struct child_id one, struct child_id other,
                            struct match_candidate *ret_candidate)
{
    struct weighing *weighing = calloc(1, sizeof *weighing);
    enum fault fault = FAULT_ABSENT;
    if (weighing == NULL)
        return FAULT_MEMORY;
    const struct moment *moment = index_enter(index);
    uint32_t one_slot = index_find(index, moment, one), other_slot = index_find(index, moment, other);
    if (one_slot != 0 && other_slot != 0) {
        const struct slot *slot = index_slot(index, other_slot);
        struct score score;
        recall(index, one_slot, &weighing->description);
        score_open(&weighing->scorer, index, &weighing->description);
        score_candidate(&weighing->scorer, other_slot, &score);
        *ret_candidate = (struct match_candidate){.child = other,
                                                  .state = (enum record_state)slot->state,
                                                  .version = slot->version,
                                                  .weight = score.weight,
                                                  .reason_count = score.reason_count};
        memcpy(ret_candidate->reasons, score.reasons, sizeof ret_candidate->reasons);
        fault = FAULT_NONE;
    }
    index_leave(index, moment);
    sodium_memzero(weighing, sizeof *weighing);
    free(weighing);
    return fault;
}
