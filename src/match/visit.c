#include "match/visit.h"

#include <stdlib.h>

#include "match/compare.h"

enum {
    PEOPLE_MAX = 30000, /* looked at in one search */
    KEYS_MAX = 6000,
    ROOM_LEAST = 4096,
    ROOM_STEP = 4,
    ROOM_MOST = ROOM_LEAST * ROOM_STEP * ROOM_STEP,
    ROOM_ALL = ROOM_LEAST + ROOM_LEAST * ROOM_STEP + ROOM_MOST,
    CHUNK = 64, /* people fetched at once */
};

/* Nobody stands in a state of which there are none; who may be seen may be counted. */
static bool is_open(const struct visitor *visitor, unsigned state, unsigned need)
{
    return visitor->eligible[state] && visitor->index->state_people[state] > 0 &&
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
    visitor->keys_left = KEYS_MAX;
    score_open(&visitor->scorer, index, asked);
    visitor->scorer.earliest = query->birth_earliest;
    visitor->scorer.latest = query->birth_latest;
    for (unsigned state = RECORD_LIVE; state <= RECORD_STATES; state++) {
        field_mask mask = sight->mask[state];
        struct score_sight *open = &visitor->sight[state];
        *open = (struct score_sight){.former = score_sees(mask, EVIDENCE_FORMER_NAME),
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
    uint32_t at = slot * 2654435761u % set->room;
    while (set->table[at] != 0 && set->table[at] != slot)
        at = (at + 1) % set->room;
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

static void keep_slot(struct visitor *visitor, const struct slot *held, const struct score *score)
{
    struct match_candidate candidate = {.child = held->child,
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
    keep_slot(visitor, index_slot(visitor->index, slot), &score);
}

/* A tag of the postings may, very rarely, cover two keys: what must not be found is passed over here too. */
static bool may_find(const struct visitor *visitor, const struct slot *held)
{
    return !held->pending && visitor->eligible[held->state];
}

static bool is_alike(enum part_level level)
{
    return level != PART_MISSING && level != PART_NOT;
}

/* Everything of those people on its way into the cache. */
static void fetch_people(const struct match_index *index, const uint32_t *slots, size_t count)
{
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch(index_slot(index, slots[i]));
    for (size_t i = 0; i < count; i++) {
        const uint32_t *words = match_pool_at(&index->pool, index_slot(index, slots[i])->words);
        __builtin_prefetch(words);
        __builtin_prefetch(words + 15);
    }
}

/* Whether somebody of at most that weight may still be kept. */
static bool may_be_kept(const struct visitor *visitor, const struct slot *held, int32_t most)
{
    const struct match_results *results = visitor->results;
    if (!visit_is_worth(visitor, most))
        return false;
    if (results->count < visitor->limit || most > results->found[results->count - 1].weight)
        return true;
    return id_compare(held->child.id, results->found[results->count - 1].child.id) < 0;
}

/* Somebody who may be found, of whom all but the names has been weighed. */
struct weighed {
    uint32_t slot;
    int32_t facts;
};

/* Who of those people may be kept if their names agree as well as may be. */
static size_t weigh_facts(struct visitor *visitor, const uint32_t *slots, size_t count,
                          struct weighed *ret_weighed)
{
    size_t weighed_count = 0;
    fetch_people(visitor->index, slots, count);
    for (size_t i = 0; i < count; i++) {
        const struct slot *held = index_slot(visitor->index, slots[i]);
        if (!may_find(visitor, held))
            continue;
        struct evidence_view view = index_view(visitor->index, slots[i]);
        visitor->scorer.sight = visitor->sight[held->state];
        int32_t facts = bound_facts(&visitor->scorer, &view);
        if (!may_be_kept(visitor, held, facts + visitor->most))
            continue;
        bound_fetch(visitor->bound, &view);
        ret_weighed[weighed_count++] = (struct weighed){slots[i], facts};
    }
    return weighed_count;
}

static void score_chunk(struct visitor *visitor, const uint32_t *slots, size_t count)
{
    struct weighed weighed[CHUNK];
    size_t weighed_count = weigh_facts(visitor, slots, count, weighed);
    for (size_t i = 0; i < weighed_count; i++) {
        const struct slot *held = index_slot(visitor->index, weighed[i].slot);
        struct evidence_view view = index_view(visitor->index, weighed[i].slot);
        struct score score;
        visitor->scorer.sight = visitor->sight[held->state];
        if (!may_be_kept(visitor, held, weighed[i].facts + bound_names(visitor->bound, &view)))
            continue;
        score_slot(visitor, weighed[i].slot, &score);
        if (visit_is_worth(visitor, score.weight) && (is_alike(score.family) || is_alike(score.given)))
            keep_slot(visitor, held, &score);
    }
}

static void look_at(struct visitor *visitor, const uint32_t *slots, size_t count)
{
    uint32_t chunk[CHUNK];
    size_t filled = 0;
    if (visitor->seen.count + count > PEOPLE_MAX) {
        visitor->results->work.passed_over++;
        return;
    }
    visitor->results->work.people += (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        if (!set_add(&visitor->seen, slots[i]))
            continue;
        chunk[filled++] = slots[i];
        if (filled == CHUNK) {
            score_chunk(visitor, chunk, filled);
            filled = 0;
        }
    }
    score_chunk(visitor, chunk, filled);
}

void visit_all(struct visitor *visitor)
{
    const struct postings *postings = visitor->index->postings;
    for (size_t i = 0; i < visitor->key_count; i++)
        postings_fetch_piece(postings, visitor->keys[i]);
    for (size_t i = 0; i < visitor->key_count; i++) {
        const uint32_t *slots;
        size_t count = postings_find(postings, visitor->keys[i], &slots);
        if (count > 0)
            look_at(visitor, slots, count);
    }
    visitor->key_count = 0;
}

/* The keys of those parts of a block that the caller's sight opens. */
struct opened {
    uint64_t at[NEAR_CLASSES_MAX];
    size_t count;
};

static void open_block(const struct visitor *visitor, enum key_kind kind, uint32_t classes, uint64_t a,
                       uint64_t b, struct opened *ret_opened)
{
    bool by_name = kind != KEY_NUMBER && kind != KEY_POSTCODE && kind != KEY_DATE;
    ret_opened->count = 0;
    if (a == 0 || b == 0)
        return;
    for (size_t c = 0; c < visitor->near.class_count; c++) {
        if ((classes >> c & 1) != 0 && (by_name || visitor->near.classes[c] % NEEDS == 0))
            ret_opened->at[ret_opened->count++] =
                block_key(visitor->index->key, kind, visitor->near.classes[c], a, b);
    }
}

void visit_block(struct visitor *visitor, enum key_kind kind, uint32_t classes, uint64_t a, uint64_t b)
{
    struct opened opened;
    open_block(visitor, kind, classes, a, b, &opened);
    if (opened.count > visitor->keys_left) {
        visitor->results->work.passed_over++;
        return;
    }
    visitor->keys_left -= (uint32_t)opened.count;
    visitor->results->work.blocks += (uint32_t)opened.count;
    for (size_t i = 0; i < opened.count; i++) {
        if (visitor->key_count == VISIT_KEYS)
            visit_all(visitor);
        postings_fetch(visitor->index->postings, opened.at[i]);
        visitor->keys[visitor->key_count++] = opened.at[i];
    }
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
        uint32_t given = view->names[i * 3 + 1];
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

void visit_exact(struct visitor *visitor, enum key_kind kind, uint64_t a, uint64_t b,
                 struct exact_search *search)
{
    struct opened opened;
    open_block(visitor, kind, NEAR_ALL, a, b, &opened);
    for (size_t k = 0; k < opened.count; k++)
        postings_fetch(visitor->index->postings, opened.at[k]);
    visitor->results->work.blocks += (uint32_t)opened.count;
    for (size_t k = 0; k < opened.count; k++) {
        const uint32_t *slots;
        size_t count = postings_find(visitor->index->postings, opened.at[k], &slots);
        visitor->results->work.people += (uint32_t)count;
        for (size_t i = 0; i < count && search->count <= visitor->limit; i++) {
            if (i % CHUNK == 0)
                fetch_people(visitor->index, slots + i, count - i < CHUNK ? count - i : CHUNK);
            check_exact(visitor, slots[i], search);
        }
    }
}
