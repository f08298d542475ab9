#include <sodium.h>

#include "match/gather.h"
#include "match/model.h"
#include "match/score.h"

struct linker {
    const struct match_index *index;
    const struct description *asked;
    struct keys keys;
    bool usable; /* at least one key could be built */
};

static void want(struct linker *linker, enum key_kind kind, unsigned veil, uint64_t a, uint64_t b)
{
    if (a == 0 || b == 0 || linker->keys.count == BLOCK_KEYS_MAX)
        return;
    linker->keys.at[linker->keys.count++] = block_key(linker->index->key, kind, veil, a, b);
    linker->usable = true;
}

static size_t codes_of(const struct name *name)
{
    return name->placeholder ? 0 : name->code_count;
}

/* Day and month the other way round; 0 where that is no date or the same. */
static uint32_t swapped_date(struct day day)
{
    if (day.precision != DAY_EXACT || day.day > 12 || day.day == day.month)
        return 0;
    return (uint32_t)day.year * 10000 + (uint32_t)day.day * 100 + day.month;
}

/* A name with the whole date: few people, and nearly always the one who is meant. */
static void want_dated_name(struct linker *linker, unsigned veil, const struct described_name *name)
{
    uint32_t date = describe_date(linker->asked->birth);
    uint32_t swapped = swapped_date(linker->asked->birth);
    for (size_t i = 0; i < codes_of(&name->family); i++) {
        want(linker, KEY_DATE_FAMILY, veil, name->family.codes[i], date);
        want(linker, KEY_DATE_FAMILY, veil, name->family.codes[i], swapped);
    }
    for (size_t j = 0; j < codes_of(&name->given); j++) {
        want(linker, KEY_DATE_GIVEN, veil, name->given.codes[j], date);
        want(linker, KEY_DATE_GIVEN, veil, name->given.codes[j], swapped);
    }
}

static void want_name(struct linker *linker, unsigned veil, const struct described_name *name)
{
    const struct description *d = linker->asked;
    uint32_t date = describe_date(d->birth);
    for (size_t i = 0; i < codes_of(&name->family); i++) {
        uint32_t family = name->family.codes[i];
        for (size_t j = 0; j < d->place_count; j++) {
            if (d->places[j].postcode != 0)
                want(linker, KEY_FAMILY_DISTRICT, veil, family, postcode_district(d->places[j].postcode));
            if (date == 0)
                want(linker, KEY_FAMILY_AUTHORITY, veil, family, d->places[j].authority);
        }
        for (size_t j = 0; j < codes_of(&name->given); j++) {
            uint32_t given = name->given.codes[j];
            want(linker, KEY_NAMES_YEAR, veil, (uint64_t)family << 32 | given, d->birth.year);
            want(linker, KEY_NAMES_YEAR, veil, (uint64_t)given << 32 | family, d->birth.year);
            if (d->birth.year == 0)
                continue;
            want(linker, KEY_NAMES_YEAR, veil, (uint64_t)family << 32 | given, d->birth.year - 1u);
            want(linker, KEY_NAMES_YEAR, veil, (uint64_t)family << 32 | given, d->birth.year + 1u);
        }
    }
}

/* Every state and former names too: linkage sees all. */
static void want_near(struct linker *linker)
{
    const struct description *d = linker->asked;
    for (unsigned state = 0; state <= RECORD_STATES; state++) {
        if (linker->index->state_people[state] == 0)
            continue;
        unsigned plain = block_veil(state, 0);
        for (size_t i = 0; i < d->number_count; i++)
            want(linker, KEY_NUMBER, plain, d->numbers[i], 1);
        for (size_t i = 0; i < d->name_count; i++) {
            want_dated_name(linker, plain, &d->names[i]);
            want_dated_name(linker, block_veil(state, NEED_FORMER), &d->names[i]);
        }
    }
}

static void want_rest(struct linker *linker)
{
    const struct description *d = linker->asked;
    for (unsigned state = 0; state <= RECORD_STATES; state++) {
        if (linker->index->state_people[state] == 0)
            continue;
        unsigned plain = block_veil(state, 0);
        for (size_t i = 0; i < d->place_count; i++)
            want(linker, KEY_POSTCODE, plain, d->places[i].postcode, 1);
        for (size_t i = 0; i < d->name_count; i++) {
            want_name(linker, plain, &d->names[i]);
            want_name(linker, block_veil(state, NEED_FORMER), &d->names[i]);
        }
    }
    struct keys own;
    block_linkage_keys(linker->index->key, d, &own);
    for (size_t i = 0; i < own.count && linker->keys.count < BLOCK_KEYS_MAX; i++)
        linker->keys.at[linker->keys.count++] = own.at[i];
    linker->usable = linker->usable || own.count > 0;
}

/* Adds the blocks of the keys wanted since `from`. */
static void gather(const struct linker *linker, size_t from, struct gathered *gathered)
{
    uint32_t date = describe_date(linker->asked->birth);
    for (size_t i = from; i < linker->keys.count; i++)
        postings_fetch(linker->index->postings, linker->keys.at[i]);
    for (size_t i = from; i < linker->keys.count; i++)
        gather_block(linker->index, linker->keys.at[i], GATHER_BLOCK_MAX, date, gathered);
}

static bool is_real(enum part_level level)
{
    return level == PART_EXACT || level == PART_NICKNAME || level == PART_TYPO;
}

/* Two children of one household born on one day, each with a name of their own (R14.3). */
static bool is_twin(const struct score *score)
{
    return score->given == PART_NOT && score->birth_exact && !score->number_same &&
           (score->household || score->family == PART_EXACT);
}

/* No guard objects: by a number of the child's own that name and date do not gainsay, or by name, date and
 * something else besides.  Name and date alone never are enough (R14.3). */
static bool is_certain(const struct score *score)
{
    if (score->number_conflict || score->given == PART_NOT || !score->birth_fits)
        return false;
    if (score->number_same)
        return is_real(score->given) || is_real(score->family);
    return score->support && is_real(score->given) && score->family != PART_NOT;
}

struct linked {
    struct match_candidate best[MATCH_CANDIDATES_MAX]; /* twins left out */
    bool certain[MATCH_CANDIDATES_MAX];
    size_t count;
    struct match_candidate hidden; /* the best shielded or sealed one, twins too */
    bool any_hidden;
};

static bool goes_before(const struct match_candidate *a, const struct match_candidate *b)
{
    if (a->weight != b->weight)
        return a->weight > b->weight;
    return id_compare(a->child.id, b->child.id) < 0;
}

static struct match_candidate candidate_of(const struct slot *slot, const struct score *score)
{
    struct match_candidate candidate = {.child = slot->child,
                                        .state = (enum record_state)slot->state,
                                        .version = slot->version,
                                        .weight = score->weight,
                                        .reason_count = score->reason_count};
    memcpy(candidate.reasons, score->reasons, sizeof(candidate.reasons));
    return candidate;
}

static void keep(struct linked *linked, const struct match_candidate *candidate, bool certain)
{
    size_t at = linked->count;
    while (at > 0 && goes_before(candidate, &linked->best[at - 1]))
        at--;
    if (at == MATCH_CANDIDATES_MAX)
        return;
    size_t last = linked->count < MATCH_CANDIDATES_MAX ? linked->count++ : MATCH_CANDIDATES_MAX - 1;
    for (size_t i = last; i > at; i--) {
        linked->best[i] = linked->best[i - 1];
        linked->certain[i] = linked->certain[i - 1];
    }
    linked->best[at] = *candidate;
    linked->certain[at] = certain;
}

static bool is_hidden(enum record_state state)
{
    return state == RECORD_SHIELDED || state == RECORD_SEALED;
}

static void consider(struct linked *linked, const struct slot *slot, struct score *score)
{
    /* An agreeing number is never nothing, whatever else disagrees. */
    if (score->number_same && score->weight < MODEL_possible)
        score->weight = MODEL_possible;
    if (score->weight < MODEL_held)
        return;
    struct match_candidate candidate = candidate_of(slot, score);
    if (is_hidden(candidate.state) && (!linked->any_hidden || goes_before(&candidate, &linked->hidden))) {
        linked->hidden = candidate;
        linked->any_hidden = true;
    }
    if (!is_twin(score) && score->weight >= MODEL_possible - MODEL_margin)
        keep(linked, &candidate, is_certain(score));
}

static void give(struct match_outcome *outcome, enum match_outcome_kind kind, const struct linked *linked)
{
    *outcome = (struct match_outcome){.kind = kind};
    if (kind == MATCH_HELD)
        outcome->best[outcome->count++] = linked->hidden;
    for (size_t i = 0; i < linked->count && outcome->count < MATCH_CANDIDATES_MAX; i++) {
        if (linked->best[i].weight < MODEL_possible ||
            (kind == MATCH_HELD && id_equal(linked->best[i].child.id, linked->hidden.child.id)))
            continue;
        outcome->best[outcome->count++] = linked->best[i];
    }
}

static void decide_outcome(const struct linked *linked, bool complete, struct match_outcome *ret_outcome)
{
    const struct match_candidate *first = linked->count > 0 ? &linked->best[0] : NULL;
    const struct match_candidate *second = linked->count > 1 ? &linked->best[1] : NULL;
    bool rival = second != NULL && first->weight - second->weight < MODEL_margin;
    bool possible = first != NULL && first->weight >= MODEL_possible;
    /* R9.8: a sealed record never links. */
    if (possible && first->weight >= MODEL_sure && linked->certain[0] && !rival &&
        first->state != RECORD_SEALED) {
        give(ret_outcome, MATCH_SURE, linked);
        return;
    }
    /* R9.6: what resembles a hidden child makes no new record and no proposal that shows it. */
    if (linked->any_hidden && (!possible || linked->hidden.weight >= MODEL_possible)) {
        give(ret_outcome, MATCH_HELD, linked);
        return;
    }
    if (possible)
        give(ret_outcome, rival && second->weight >= MODEL_possible ? MATCH_MANY : MATCH_POSSIBLE, linked);
    else
        give(ret_outcome, complete ? MATCH_NONE : MATCH_POSSIBLE, linked);
}

static bool index_is_empty(const struct match_index *index)
{
    for (unsigned state = 0; state <= RECORD_STATES; state++) {
        if (index->state_people[state] != 0)
            return false;
    }
    return true;
}

/* The whole of it agrees: name, date, and more than the date and name that two children can share.  Whoever
 * has another date of birth is no rival then, and need not be looked for. */
static bool is_beyond_doubt(const struct score *score)
{
    return is_certain(score) && score->birth_exact && score->family == PART_EXACT &&
           (score->given == PART_EXACT || score->given == PART_NICKNAME) &&
           score->weight >= MODEL_sure + MODEL_margin;
}

static bool score_from(struct scorer *scorer, const struct gathered *gathered, size_t from,
                       struct linked *linked)
{
    bool beyond_doubt = false;
    for (size_t i = from; i < gathered->count; i++) {
        struct score score;
        score_candidate(scorer, gathered->slots[i], &score);
        beyond_doubt = beyond_doubt || is_beyond_doubt(&score);
        consider(linked, index_slot(scorer->index, gathered->slots[i]), &score);
    }
    return beyond_doubt;
}

static void link_description(const struct match_index *index, const struct description *asked,
                             struct match_outcome *ret_outcome)
{
    struct linker linker = {.index = index, .asked = asked};
    struct gathered gathered;
    struct scorer scorer;
    struct linked linked = {0};
    gather_open(&gathered);
    score_open(&scorer, index, asked);
    want_near(&linker);
    gather(&linker, 0, &gathered);
    size_t near_keys = linker.keys.count, near_slots = gathered.count;
    if (!score_from(&scorer, &gathered, 0, &linked)) {
        want_rest(&linker);
        gather(&linker, near_keys, &gathered);
        (void)score_from(&scorer, &gathered, near_slots, &linked);
    }
    /* In an empty index a name and a year are enough to know that there is nobody. */
    bool told = asked->name_count > 0 && asked->birth.year != 0;
    bool usable = linker.usable || (told && index_is_empty(index));
    decide_outcome(&linked, usable && !gathered.cut, ret_outcome);
}

enum fault match_link(struct match_index *index, const struct person *person,
                      struct match_outcome *ret_outcome)
{
    struct description description;
    describe_person(person, index->key, &description);
    (void)pthread_rwlock_rdlock(&index->lock);
    link_description(index, &description, ret_outcome);
    (void)pthread_rwlock_unlock(&index->lock);
    sodium_memzero(&description, sizeof(description));
    return FAULT_NONE;
}
