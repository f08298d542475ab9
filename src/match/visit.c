#include "match/visit.h"

#include <stdlib.h>

#include "match/compare.h"
#include "match/search.h"

enum {
    PEOPLE_MAX = 12000,   /* looked at in one search */
    FOUND_MAX = 36000,    /* and found in its blocks */
    KEYS_MAX = 3000,      /* blocks asked for */
    KEYS_LEFT_FULL = 300, /* of them, once as many as may be shown have been found */
    /* by how much memory is fetched ahead: evenly, as a processor drops what is asked for in a burst */
    SLOTS_AHEAD = 16,
    EVIDENCE_AHEAD = 6,
    PIECES_AHEAD = 8,
    ROOM_LEAST = 4096,
    ROOM_STEP = 4,
    ROOM_MOST = ROOM_LEAST * ROOM_STEP * ROOM_STEP,
    ROOM_ALL = ROOM_LEAST + ROOM_LEAST * ROOM_STEP + ROOM_MOST,
};

/* Nobody stands in a state of which there are none; who may be seen may be counted. */
static bool is_open(const struct visitor *visitor, unsigned state, unsigned need)
{
    return visitor->eligible[state] && visitor->moment->state_people[state] > 0 &&
           (need != NEED_FORMER || visitor->sight[state].former);
}

static void open_classes(struct visitor *visitor)
{
    struct near_sight *near = &visitor->near;
    *near = (struct near_sight){.vocabulary = &visitor->index->vocabulary, .model = visitor->index->model};
    for (unsigned state = RECORD_LIVE; state <= RECORD_STATES; state++) {
        for (unsigned need = 0; need < NEEDS; need++) {
            if (is_open(visitor, state, need))
                near->classes[near->class_count++] = block_veil(state, need);
        }
    }
}

enum fault visit_open(struct visitor *visitor, const struct match_index *index,
                      const struct match_query *query, const struct match_sight *sight,
                      const struct description *asked)
{
    struct bound *bound = malloc(sizeof(*bound) + ROOM_ALL * sizeof(uint32_t));
    if (bound == NULL)
        return FAULT_MEMORY;
    uint32_t *table = (uint32_t *)(void *)(bound + 1);
    memset(table, 0, ROOM_LEAST * sizeof(*table));
    bound_open(bound, &visitor->scorer);
    visitor->bound = bound;
    visitor->index = index;
    visitor->query = query;
    visitor->asked = asked;
    visitor->limit = query->limit == 0 ? MATCH_RESULTS_MAX : query->limit;
    visitor->seen = (struct slot_set){table, ROOM_LEAST, 0};
    sketch_ask(asked, &visitor->sketched);
    visitor->keys_left = KEYS_MAX;
    score_open(&visitor->scorer, index, asked);
    visitor->scorer.earliest = query->birth_earliest;
    visitor->scorer.latest = query->birth_latest;
    for (unsigned state = RECORD_LIVE; state <= RECORD_STATES; state++) {
        field_mask mask = sight->mask[state];
        struct score_sight *open = &visitor->sight[state];
        *open = (struct score_sight){.former = score_sees(mask, EVIDENCE_FORMER_NAME),
                                     .variant = block_name_needs(state, NAME_VARIANT) == 0 ||
                                                score_sees(mask, EVIDENCE_FORMER_NAME),
                                     .places = score_sees(mask, EVIDENCE_POSTCODE),
                                     .authority = score_sees(mask, EVIDENCE_AUTHORITY),
                                     .mask = mask,
                                     .own_scheme = sight->own_scheme};
        /* A question that names a hidden field misses the record, whatever it holds. */
        visitor->eligible[state] = score_sees(mask, EVIDENCE_NAME) &&
                                   (query->postcode.len == 0 || open->places) &&
                                   (query->authority.len == 0 || open->authority) &&
                                   (query->number.len == 0 || score_sees_number(open, query->number_scheme));
    }
    open_classes(visitor);
    return FAULT_NONE;
}

void visit_close(struct visitor *visitor)
{
    free(visitor->bound);
    visitor->bound = NULL;
    visitor->seen = (struct slot_set){0};
}

static bool set_has(const struct slot_set *set, uint32_t slot, uint32_t *ret_at)
{
    const uint32_t mask = set->room - 1;
    uint32_t at = slot * 2654435761u & mask;
    while (set->table[at] != 0 && set->table[at] != slot)
        at = (at + 1) & mask;
    *ret_at = at;
    return set->table[at] != 0;
}

/* Four times the room, behind the old one. */
static void grow(struct slot_set *set)
{
    const struct slot_set old = *set;
    set->table += old.room;
    set->room *= ROOM_STEP;
    memset(set->table, 0, set->room * sizeof(set->table[0]));
    for (uint32_t i = 0; i < old.room; i++) {
        uint32_t at;
        if (old.table[i] != 0 && !set_has(set, old.table[i], &at))
            set->table[at] = old.table[i];
    }
}

/* False where it was there. */
static bool set_add(struct slot_set *set, uint32_t slot)
{
    uint32_t at;
    if (set_has(set, slot, &at))
        return false;
    set->table[at] = slot;
    if (++set->count > set->room / 2 && set->room < ROOM_MOST)
        grow(set);
    return true;
}

static bool goes_before(const struct match_candidate *a, const struct match_candidate *b)
{
    if (a->exact != b->exact)
        return a->exact;
    if (a->weight != b->weight)
        return a->weight > b->weight;
    return id_compare(a->child.id, b->child.id) < 0;
}

static void keep(struct visitor *visitor, const struct match_candidate *candidate)
{
    struct match_results *results = visitor->results;
    size_t at = results->count;
    while (at > 0 && goes_before(candidate, &results->found[at - 1]))
        at--;
    if (at == visitor->limit)
        return;
    size_t last = results->count < visitor->limit ? results->count++ : visitor->limit - 1u;
    memmove(&results->found[at + 1], &results->found[at], (last - at) * sizeof(results->found[0]));
    results->found[at] = *candidate;
}

static void keep_slot(struct visitor *visitor, uint32_t slot, const struct score *score)
{
    const struct slot *held = index_slot(visitor->index, slot);
    struct match_candidate candidate = {.child = index_child(visitor->index, slot),
                                        .state = (enum record_state)held->state,
                                        .version = held->version,
                                        .weight = score->weight,
                                        .exact = score->exact,
                                        .reason_count = score->reason_count};
    memcpy(candidate.reasons, score->reasons, sizeof(candidate.reasons));
    keep(visitor, &candidate);
}

/* Scores one whom the caller may find, by what the caller may see of that state. */
static void score_slot(struct visitor *visitor, uint32_t slot, struct score *ret_score)
{
    visitor->scorer.sight = visitor->sight[index_slot(visitor->index, slot)->state];
    visitor->results->work.scored++;
    score_candidate(&visitor->scorer, slot, ret_score);
}

void visit_keep_exact(struct visitor *visitor, uint32_t slot)
{
    struct score score;
    (void)set_add(&visitor->seen, slot);
    score_slot(visitor, slot, &score);
    keep_slot(visitor, slot, &score);
}

/* A tag of the postings may, very rarely, cover two keys: what must not be found is passed over here too. */
static bool may_find(const struct visitor *visitor, const struct slot *held)
{
    return !held->pending && visitor->eligible[held->state];
}

/* Whether somebody of at most that weight may still be kept. */
static bool may_be_kept(const struct visitor *visitor, uint32_t slot, int32_t most)
{
    const struct match_results *results = visitor->results;
    if (!visit_is_worth(visitor, most))
        return false;
    if (results->count < visitor->limit || most > results->found[results->count - 1].weight)
        return true;
    return id_compare(index_child(visitor->index, slot).id, results->found[results->count - 1].child.id) < 0;
}

/* Somebody who may be found, of whom all but the names has been weighed. */
struct weighed {
    uint32_t slot;
    int32_t facts;
};

/* Leaves those of the chunk whom their block's bound and their slot's facts do not rule out, each once in a
 * search, their first name on its way into the cache. */
static void sift_chunk(struct visitor *visitor)
{
    size_t kept = 0;
    for (size_t i = 0; i < visitor->chunk_count; i++) {
        const struct visit_person person = visitor->chunk[i];
        const struct slot *held = index_slot(visitor->index, person.slot);
        if (!may_find(visitor, held) || !may_be_kept(visitor, person.slot, person.most))
            continue;
        visitor->scorer.sight = visitor->sight[held->state];
        int32_t facts = bound_sketched_facts(&visitor->scorer, held, &visitor->sketched);
        if (!may_be_kept(visitor, person.slot, facts + visitor->most) || visitor->seen.count == PEOPLE_MAX ||
            !set_add(&visitor->seen, person.slot))
            continue;
        bound_fetch_first(visitor->bound, held);
        visitor->chunk[kept++] = (struct visit_person){person.slot, facts};
    }
    visitor->chunk_count = kept;
}

/* Leaves those whom their first name does not rule out where it is the only one. */
static void sift_names(struct visitor *visitor)
{
    size_t kept = 0;
    for (size_t i = 0; i < visitor->chunk_count; i++) {
        const struct visit_person person = visitor->chunk[i];
        const struct slot *held = index_slot(visitor->index, person.slot);
        if ((held->sketch.facts & SKETCH_ONE_NAME) != 0 &&
            !may_be_kept(visitor, person.slot, person.most + bound_first_name(visitor->bound, held)))
            continue;
        visitor->chunk[kept++] = person;
    }
    visitor->chunk_count = kept;
}

/* Fetches the evidence of one of the chunk into the cache, where there are so many. */
static void fetch_evidence(const struct visitor *visitor, size_t at)
{
    if (at < visitor->chunk_count)
        index_fetch_evidence(visitor->index, visitor->chunk[at].slot);
}

/* Leaves those who may be kept if their names agree as well as may be; `most` is what all but these weighs.
 */
static void weigh_facts(struct visitor *visitor)
{
    size_t kept = 0;
    for (size_t i = 0; i < EVIDENCE_AHEAD; i++)
        fetch_evidence(visitor, i);
    for (size_t i = 0; i < visitor->chunk_count; i++) {
        uint32_t slot = visitor->chunk[i].slot;
        fetch_evidence(visitor, i + EVIDENCE_AHEAD);
        const struct slot *held = index_slot(visitor->index, slot);
        struct evidence_view view = index_view(visitor->index, slot);
        visitor->scorer.sight = visitor->sight[held->state];
        int32_t facts = bound_facts(&visitor->scorer, &view);
        if (!may_be_kept(visitor, slot, facts + visitor->most))
            continue;
        bound_fetch(visitor->bound, &view);
        visitor->chunk[kept++] = (struct visit_person){slot, facts};
    }
    visitor->chunk_count = kept;
}

static void score_chunk(struct visitor *visitor)
{
    sift_chunk(visitor);
    sift_names(visitor);
    weigh_facts(visitor);
    for (size_t i = 0; i < visitor->chunk_count; i++) {
        const struct visit_person person = visitor->chunk[i];
        const struct slot *held = index_slot(visitor->index, person.slot);
        struct evidence_view view = index_view(visitor->index, person.slot);
        struct score score;
        visitor->scorer.sight = visitor->sight[held->state];
        if (!may_be_kept(visitor, person.slot, person.most + bound_names(visitor->bound, &view)))
            continue;
        score_slot(visitor, person.slot, &score);
        if (visit_is_worth(visitor, score.weight) && search_shows(visitor->asked, &score))
            keep_slot(visitor, person.slot, &score);
    }
    visitor->chunk_count = 0;
}

static void look_at(struct visitor *visitor, const uint32_t *slots, size_t count, int32_t most)
{
    struct match_work *work = &visitor->results->work;
    if (work->people + count > FOUND_MAX || visitor->seen.count + VISIT_CHUNK > PEOPLE_MAX) {
        work->passed_over++;
        return;
    }
    work->people += (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        uint32_t at;
        if (!moment_sees(visitor->moment, slots[i]) || set_has(&visitor->seen, slots[i], &at))
            continue;
        index_fetch_slot(visitor->index, slots[i]);
        visitor->chunk[visitor->chunk_count++] = (struct visit_person){slots[i], most};
        if (visitor->chunk_count == VISIT_CHUNK)
            score_chunk(visitor);
    }
}

void visit_all(struct visitor *visitor)
{
    const struct postings *postings = visitor->index->postings;
    for (size_t i = 0; i < visitor->key_count && i < PIECES_AHEAD; i++)
        postings_fetch_piece(postings, visitor->keys[i].key);
    for (size_t i = 0; i < visitor->key_count; i++) {
        struct posted posted;
        if (i + PIECES_AHEAD < visitor->key_count)
            postings_fetch_piece(postings, visitor->keys[i + PIECES_AHEAD].key);
        size_t count = postings_find(postings, visitor->keys[i].key, &posted);
        if (count > 0)
            look_at(visitor, posted.slots, count, visitor->keys[i].most);
    }
    visitor->key_count = 0;
    score_chunk(visitor);
}

/* The keys of those parts of a block that the caller's sight opens. */
struct opened {
    uint64_t at[NEAR_CLASSES_MAX];
    uint32_t classes[NEAR_CLASSES_MAX]; /* one bit each */
    size_t count;
};

static void open_block(const struct visitor *visitor, const struct visit_block *block,
                       struct opened *ret_opened)
{
    bool by_name = block->kind != KEY_NUMBER && block->kind != KEY_POSTCODE && block->kind != KEY_DATE;
    ret_opened->count = 0;
    if (block->a == 0 || block->b == 0)
        return;
    for (size_t c = 0; c < visitor->near.class_count; c++) {
        uint32_t class = (uint32_t)1 << c;
        if ((block->classes & class) == 0 || (!by_name && visitor->near.classes[c] % NEEDS != 0))
            continue;
        ret_opened->classes[ret_opened->count] = class;
        ret_opened->at[ret_opened->count++] =
            block_key(visitor->index->key, block->kind, visitor->near.classes[c], block->a, block->b);
    }
}

/* Whether a search has patience left for so many keys. */
static bool spend(struct visitor *visitor, size_t keys)
{
    if (keys > visitor->keys_left) {
        visitor->results->work.passed_over++;
        return false;
    }
    visitor->keys_left -= (uint32_t)keys;
    visitor->results->work.blocks += (uint32_t)keys;
    return true;
}

void visit_hurry(struct visitor *visitor)
{
    if (visitor->results->count == visitor->limit && visitor->keys_left > KEYS_LEFT_FULL)
        visitor->keys_left = KEYS_LEFT_FULL;
}

static void want(struct visitor *visitor, uint64_t key, int32_t most)
{
    if (visitor->key_count == VISIT_KEYS)
        visit_all(visitor);
    visitor->keys[visitor->key_count++] = (struct visit_key){key, most};
}

void visit_block(struct visitor *visitor, struct visit_block block)
{
    struct opened opened;
    open_block(visitor, &block, &opened);
    if (!spend(visitor, opened.count))
        return;
    for (size_t i = 0; i < opened.count; i++) {
        postings_fetch(visitor->index->postings, opened.at[i]);
        want(visitor, opened.at[i], block.most);
    }
}

void visit_fetch(const struct visitor *visitor, struct visit_block block)
{
    struct opened opened;
    open_block(visitor, &block, &opened);
    for (size_t i = 0; i < opened.count; i++)
        postings_fetch(visitor->index->postings, opened.at[i]);
}

uint32_t visit_small(struct visitor *visitor, struct visit_block block, size_t people_max)
{
    struct opened opened;
    uint32_t large = 0;
    open_block(visitor, &block, &opened);
    if (!spend(visitor, opened.count))
        return 0;
    for (size_t i = 0; i < opened.count; i++) {
        struct posted posted;
        size_t count = postings_find(visitor->index->postings, opened.at[i], &posted);
        if (count > people_max)
            large |= opened.classes[i];
        else if (count > 0)
            want(visitor, opened.at[i], block.most);
    }
    return large;
}

static bool has_word(const struct near *near, uint32_t word)
{
    for (size_t i = 0; i < near->exact_count; i++) {
        if (near->exact[i] == word)
            return true;
    }
    return false;
}

/* A word that equals what was asked stands somewhere among the names: what is rare is told by few lines of
 * memory, and only then compared in full. */
static bool bears_word(const struct exact_search *search, const struct evidence_view *view)
{
    if (search->family->exact_count == 0 && search->given->exact_count == 0)
        return true;
    for (size_t i = 0; i < view->name_count; i++) {
        uint32_t family = view_family(view, i);
        uint32_t given = view_given(view, i);
        if (has_word(search->family, family) || has_word(search->given, given) ||
            has_word(search->family, given) || has_word(search->given, family))
            return true;
    }
    return false;
}

static void check_exact(struct visitor *visitor, uint32_t slot, struct exact_search *search)
{
    const struct slot *held = index_slot(visitor->index, slot);
    if (!may_find(visitor, held))
        return;
    struct evidence_view view = index_view(visitor->index, slot);
    visitor->scorer.sight = visitor->sight[held->state];
    if (!bears_word(search, &view) || !compare_exactly(&visitor->scorer, &view))
        return;
    for (size_t i = 0; i < search->count; i++) {
        if (search->found[i] == slot)
            return;
    }
    search->found[search->count++] = slot;
}

/* Somebody's evidence; of whom the moment does not see, a writer may be changing the slot. */
static void fetch_seen(const struct visitor *visitor, uint32_t slot)
{
    if (moment_sees(visitor->moment, slot))
        index_fetch_evidence(visitor->index, slot);
}

void visit_exact(struct visitor *visitor, enum key_kind kind, uint64_t a, uint64_t b,
                 struct exact_search *search)
{
    struct opened opened;
    open_block(visitor, &(struct visit_block){kind, NEAR_ALL, a, b, 0}, &opened);
    for (size_t k = 0; k < opened.count; k++)
        postings_fetch(visitor->index->postings, opened.at[k]);
    visitor->results->work.blocks += (uint32_t)opened.count;
    for (size_t k = 0; k < opened.count; k++) {
        struct posted posted;
        size_t count = postings_find(visitor->index->postings, opened.at[k], &posted);
        visitor->results->work.people += (uint32_t)count;
        for (size_t i = 0; i < count && i < SLOTS_AHEAD; i++)
            index_fetch_slot(visitor->index, posted.slots[i]);
        for (size_t i = 0; i < count && i < EVIDENCE_AHEAD; i++)
            fetch_seen(visitor, posted.slots[i]);
        for (size_t i = 0; i < count && search->count <= visitor->limit; i++) {
            if (i + SLOTS_AHEAD < count)
                index_fetch_slot(visitor->index, posted.slots[i + SLOTS_AHEAD]);
            if (i + EVIDENCE_AHEAD < count)
                fetch_seen(visitor, posted.slots[i + EVIDENCE_AHEAD]);
            if (moment_sees(visitor->moment, posted.slots[i]))
                check_exact(visitor, posted.slots[i], search);
        }
    }
}
